//! Where do the rows go?

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use super::artefact::Artefact;
use super::head::Head;
use super::row::{Row, Stored};
use crate::clock::Timestamp;
use crate::id::{ArtefactId, ReceiptId};

/// What is stored together or not at all.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Batch {
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// All that the rows name. Most are in the archive already.
    pub artefacts: Arc<[Arc<Artefact>]>,
}

impl Batch {
    /// These rows and all that they name.
    #[must_use]
    pub fn new(rows: Vec<Row>, artefacts: impl Into<Arc<[Arc<Artefact>]>>) -> Self {
        Self {
            rows,
            artefacts: artefacts.into(),
        }
    }
}

/// Where the proof of consent is kept.
///
/// The layer appends; a visitor reads and erases the own record through the
/// layer; the rest is for whoever runs the site. Futures need no particular
/// runtime of the layer's: they are polled where the app's responses are.
///
/// Write plain `async fn`s:
///
/// ```
/// use tower_consent::Timestamp;
/// use tower_consent::record::{
///     Artefact, ArtefactId, Batch, ConsentLog, Erased, LogError, Purged, ReceiptId, Stored,
/// };
///
/// struct MyLog(/* a connection */);
///
/// impl ConsentLog for MyLog {
///     async fn append(&self, batch: Batch) -> Result<(), LogError> {
///         /* one transaction; return when it is on disk */
/// #       Ok(())
///     }
///     async fn by_receipt(&self, receipt: ReceiptId) -> Result<Vec<Stored>, LogError> {
/// #       Ok(Vec::new())
///     }
///     async fn artefact(&self, id: ArtefactId) -> Result<Option<Artefact>, LogError> {
/// #       Ok(None)
///     }
///     async fn erase(&self, receipt: ReceiptId) -> Result<Erased, LogError> {
/// #       Ok(Erased::default())
///     }
///     async fn purge(&self, before: Timestamp) -> Result<Purged, LogError> {
/// #       Ok(Purged::default())
///     }
/// }
/// ```
pub trait ConsentLog: Send + Sync + 'static {
    /// Stores the rows and what they name, all or nothing. They are durable
    /// when this returns `Ok`: they outlive the process and the machine's power.
    ///
    /// A row whose id is stored already is left out, so that a batch can be
    /// sent again after an error that left open whether it arrived. Each
    /// artefact is stored once, and never later than the rows that name it.
    /// What a receipt's hold says also holds for its new rows.
    ///
    /// # Errors
    ///
    /// [`LogError`]: then the choice grants nothing.
    fn append(&self, batch: Batch) -> impl Future<Output = Result<(), LogError>> + Send;

    /// The rows of one record, oldest first; empty where there is none.
    ///
    /// # Errors
    ///
    /// [`LogError`] where the log cannot be read.
    fn by_receipt(
        &self,
        receipt: ReceiptId,
    ) -> impl Future<Output = Result<Vec<Stored>, LogError>> + Send;

    /// What is in the archive under this name.
    ///
    /// # Errors
    ///
    /// [`LogError`] where the archive cannot be read.
    fn artefact(
        &self,
        id: ArtefactId,
    ) -> impl Future<Output = Result<Option<Artefact>, LogError>> + Send;

    /// Removes the rows of one record, unless it is on hold.
    ///
    /// # Errors
    ///
    /// [`LogError`] where nothing could be removed.
    fn erase(&self, receipt: ReceiptId) -> impl Future<Output = Result<Erased, LogError>> + Send;

    /// Removes the rows from before `before` that are not on hold, and then
    /// all artefacts that no row names any more.
    ///
    /// # Errors
    ///
    /// [`LogError`] where not everything that was due could be removed.
    fn purge(&self, before: Timestamp) -> impl Future<Output = Result<Purged, LogError>> + Send;

    /// Keeps a record from being purged and erased, for this reason; a later
    /// reason takes the place of an earlier one. Says how many rows it has.
    ///
    /// # Errors
    ///
    /// [`LogError`]; by default that the log does not know holds.
    fn hold(
        &self,
        receipt: ReceiptId,
        reason: &str,
    ) -> impl Future<Output = Result<u64, LogError>> + Send {
        let _ = (receipt, reason);
        async { Err(LogError::unsupported("hold")) }
    }

    /// Ends a hold. Says whether there was one.
    ///
    /// # Errors
    ///
    /// [`LogError`]; by default that the log does not know holds.
    fn release(&self, receipt: ReceiptId) -> impl Future<Output = Result<bool, LogError>> + Send {
        let _ = receipt;
        async { Err(LogError::unsupported("release")) }
    }

    /// Up to `limit` rows at positions greater than `after`, in order of their
    /// positions; fewer only at the end. Start with zero.
    ///
    /// # Errors
    ///
    /// [`LogError`]; by default that the log cannot be exported.
    fn page(
        &self,
        after: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Stored>, LogError>> + Send {
        let _ = (after, limit);
        async { Err(LogError::unsupported("page")) }
    }

    /// The head, where the log keeps one. See [`Head`].
    ///
    /// # Errors
    ///
    /// [`LogError`] where it cannot be read. Default: no head.
    fn head(&self) -> impl Future<Output = Result<Option<Head>, LogError>> + Send {
        async { Ok(None) }
    }

    /// Removes one artefact. Says whether it was there.
    ///
    /// # Errors
    ///
    /// [`LogError::is_referenced`] while a row names it; by default that the
    /// log removes none.
    fn remove_artefact(
        &self,
        id: ArtefactId,
    ) -> impl Future<Output = Result<bool, LogError>> + Send {
        let _ = id;
        async { Err(LogError::unsupported("remove_artefact")) }
    }
}

/// What [`ConsentLog::erase`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Erased {
    /// How many rows are gone.
    pub rows: u64,
    /// Why the record is kept, where it is on hold. Then no row is gone.
    pub held: Option<String>,
}

impl Erased {
    /// So many rows are gone.
    #[must_use]
    pub const fn rows(rows: u64) -> Self {
        Self { rows, held: None }
    }

    /// Nothing is gone, for this reason.
    #[must_use]
    pub const fn held(reason: String) -> Self {
        Self {
            rows: 0,
            held: Some(reason),
        }
    }
}

/// What [`ConsentLog::purge`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Purged {
    /// How many rows are gone.
    pub rows: u64,
    /// How many artefacts are gone that nothing names any more.
    pub artefacts: u64,
    /// The records of which rows were due and are kept.
    pub kept: Vec<Held>,
}

impl Purged {
    /// So many are gone, and these are kept.
    #[must_use]
    pub const fn new(rows: u64, artefacts: u64, kept: Vec<Held>) -> Self {
        Self {
            rows,
            artefacts,
            kept,
        }
    }
}

/// A record on hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Held {
    /// Whose.
    pub receipt: ReceiptId,
    /// How many of its rows were due.
    pub rows: u64,
    /// Why it is kept.
    pub reason: String,
}

impl Held {
    /// So many rows of this record, for this reason.
    #[must_use]
    pub const fn new(receipt: ReceiptId, rows: u64, reason: String) -> Self {
        Self {
            receipt,
            rows,
            reason,
        }
    }
}

/// Why a log did not do what it was asked.
///
/// Its words may end up in the site's own logs, so they must name no receipt.
#[derive(Debug)]
pub struct LogError {
    kind: Kind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

#[derive(Debug)]
enum Kind {
    Unavailable,
    Rejected,
    Referenced,
    Unsupported(&'static str),
    TimedOut,
}

impl LogError {
    /// The log cannot be reached, or is out of space: the same may work later.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Kind::Unavailable, Some(source.into()))
    }

    /// The log will never take this: it is damaged, or contradicts what is stored.
    pub fn rejected(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Kind::Rejected, Some(source.into()))
    }

    /// The artefact is named by a row.
    #[must_use]
    pub const fn referenced() -> Self {
        Self::new(Kind::Referenced, None)
    }

    /// The log cannot do this.
    #[must_use]
    pub const fn unsupported(what: &'static str) -> Self {
        Self::new(Kind::Unsupported(what), None)
    }

    pub(crate) const fn timed_out() -> Self {
        Self::new(Kind::TimedOut, None)
    }

    pub(crate) const fn is_timeout(&self) -> bool {
        matches!(self.kind, Kind::TimedOut)
    }

    const fn new(kind: Kind, source: Option<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source }
    }

    /// Whether the same may work later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self.kind, Kind::Unavailable | Kind::TimedOut)
    }

    /// Whether an artefact could not be removed because a row names it.
    #[must_use]
    pub const fn is_referenced(&self) -> bool {
        matches!(self.kind, Kind::Referenced)
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Unavailable => f.write_str("the consent log cannot be reached"),
            Kind::Rejected => f.write_str("the consent log rejects this"),
            Kind::Referenced => f.write_str("a record still names this artefact"),
            Kind::Unsupported(what) => write!(f, "this consent log does not know `{what}`"),
            Kind::TimedOut => f.write_str("the consent log did not answer in time"),
        }?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl Error for LogError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}
