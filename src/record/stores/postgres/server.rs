//! What is asked of the server?

use std::error::Error;
use std::time::Duration;

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, Transaction,
};
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Config, Row as Line, Socket};

use crate::clock::Timestamp;
use crate::id::{ArtefactId, ReceiptId};
use crate::record::artefact::Artefact;
use crate::record::head::{Entry, Head};
use crate::record::log::{Erased, Held, LogError, Purged};
use crate::record::row::{Row, Stored};
use crate::record::seal::Seal;
use crate::record::stores::query::{columns, rows};

/// How many connections answer questions at most, besides the one that writes.
const ASKING: usize = 7;
/// How long a connection may take to come about, unless the site says otherwise.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many rows one step of a purge removes, so that choices get their turn.
const STEP: i64 = 2000;

pub(super) const STAND: &str = "SELECT head, archive FROM consent_head FOR UPDATE";
pub(super) const STANDS: &str = "
INSERT INTO consent_head (one, head, archive) VALUES (1, $1, $2)
ON CONFLICT (one) DO UPDATE SET head = excluded.head, archive = excluded.archive";

/// The connections. All of them belong to the log's own runtime.
pub(super) struct Server {
    /// One alone, so that questions never keep choices waiting.
    writing: Pool,
    asking: Pool,
    seal: Seal,
}

/// What the server holds besides rows, locked until the transaction ends. So
/// all changes come one after the other, whatever machine makes them.
pub(super) struct Standing {
    head: Option<Head>,
    /// Counts removals from the archive.
    pub(super) archive: i64,
}

impl Standing {
    /// What `STAND` found.
    pub(super) fn of(line: Option<&Line>) -> Self {
        Self {
            head: line.map(|line| Head::from_bytes(&bytes(line, 0))),
            archive: line.map_or(0, |line| number(line, 1)),
        }
    }
}

/// The rows that a transaction added and removed.
#[derive(Default)]
pub(super) struct Moved<'a> {
    pub(super) added: Vec<Entry<'a>>,
    pub(super) removed: Vec<Stored>,
    /// Whether something may have gone from the archive.
    pub(super) swept: bool,
}

impl Server {
    pub(super) fn new<T>(mut config: Config, tls: &T, seal: Seal) -> Result<Self, LogError>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + Sync,
        T::TlsConnect: Send + Sync,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        if config.get_application_name().is_none() {
            config.application_name("tower-consent");
        }
        let pool = |most| {
            let settings = ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            };
            let manager = Manager::from_config(config.clone(), tls.clone(), settings);
            Pool::builder(manager)
                .max_size(most)
                .runtime(Runtime::Tokio1)
                .wait_timeout(Some(PATIENCE))
                .create_timeout(Some(2 * PATIENCE))
                .recycle_timeout(Some(PATIENCE))
                .build()
                .map_err(LogError::unavailable)
        };
        Ok(Self {
            writing: pool(1)?,
            asking: pool(ASKING)?,
            seal,
        })
    }

    pub(super) const fn seal(&self) -> &Seal {
        &self.seal
    }

    /// A connection for questions.
    pub(super) async fn client(&self) -> Result<Object, LogError> {
        Ok(self.asking.get().await.map_err(Failure::from)?)
    }

    /// The connection that writes choices.
    pub(super) async fn writer(&self) -> Result<Object, Failure> {
        Ok(self.writing.get().await?)
    }

    pub(super) async fn by_receipt(&self, receipt: ReceiptId) -> Result<Vec<Stored>, LogError> {
        let receipt = receipt.as_bytes().as_slice();
        self.rows(
            rows!("WHERE consent_rows.receipt = $1 ORDER BY position"),
            &[(&receipt, Type::BYTEA)],
        )
        .await
    }

    pub(super) async fn page(&self, after: u64, limit: usize) -> Result<Vec<Stored>, LogError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.rows(
            rows!("WHERE position > $1 ORDER BY position LIMIT $2"),
            &[(&after, Type::INT8), (&limit, Type::INT8)],
        )
        .await
    }

    async fn rows(
        &self,
        query: &str,
        values: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<Stored>, LogError> {
        let lines = self.client().await?.query_typed(query, values).await;
        let lines = lines.map_err(Failure::from)?;
        Ok(lines.iter().map(stored).collect())
    }

    pub(super) async fn artefact(&self, id: ArtefactId) -> Result<Option<Artefact>, LogError> {
        let line = self
            .client()
            .await?
            .query_typed_opt(
                "SELECT type, bytes FROM consent_artefacts WHERE id = $1",
                &[(&id.as_bytes().as_slice(), Type::BYTEA)],
            )
            .await
            .map_err(Failure::from)?;
        Ok(line.map(|line| Artefact::new(text(&line, 0), bytes(&line, 1))))
    }

    pub(super) async fn head(&self) -> Result<Option<Head>, LogError> {
        let line = self
            .client()
            .await?
            .query_typed_opt("SELECT head FROM consent_head", &[])
            .await
            .map_err(Failure::from)?;
        Ok(line.map(|line| Head::from_bytes(&bytes(&line, 0))))
    }

    pub(super) async fn erase(&self, receipt: ReceiptId) -> Result<Erased, LogError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(Failure::from)?;
        let standing = stand(&transaction).await?;
        let of = receipt.as_bytes().as_slice();
        let held = transaction
            .query_typed_opt(
                "SELECT reason FROM consent_holds WHERE receipt = $1",
                &[(&of, Type::BYTEA)],
            )
            .await
            .map_err(Failure::from)?;
        if let Some(line) = held {
            return Ok(Erased::held(text(&line, 0)));
        }
        let lines = transaction
            .query_typed(
                concat!(
                    "DELETE FROM consent_rows WHERE receipt = $1 RETURNING ",
                    columns!()
                ),
                &[(&of, Type::BYTEA)],
            )
            .await
            .map_err(Failure::from)?;
        let erased = Erased::rows(lines.len() as u64);
        self.finish(transaction, standing, removed(&lines)).await?;
        Ok(erased)
    }

    pub(super) async fn purge(&self, before: Timestamp) -> Result<Purged, LogError> {
        let mut client = self.client().await?;
        let mut rows = 0;
        loop {
            let transaction = client.transaction().await.map_err(Failure::from)?;
            let standing = stand(&transaction).await?;
            let lines = transaction
                .query_typed(
                    concat!(
                        "DELETE FROM consent_rows WHERE position IN (
                             SELECT position FROM consent_rows WHERE at < $1
                             AND receipt NOT IN (SELECT receipt FROM consent_holds) LIMIT $2
                         ) RETURNING ",
                        columns!()
                    ),
                    &[(&seconds(before), Type::INT8), (&STEP, Type::INT8)],
                )
                .await
                .map_err(Failure::from)?;
            rows += lines.len() as u64;
            self.finish(transaction, standing, removed(&lines)).await?;
            if lines.len() < STEP as usize {
                break;
            }
        }
        let transaction = client.transaction().await.map_err(Failure::from)?;
        let standing = stand(&transaction).await?;
        sweep_sets(&transaction).await?;
        let artefacts = transaction
            .execute_typed(
                "DELETE FROM consent_artefacts WHERE NOT EXISTS
                     (SELECT 1 FROM consent_members WHERE artefact = consent_artefacts.id)",
                &[],
            )
            .await
            .map_err(Failure::from)?;
        let kept = transaction
            .query_typed(
                "SELECT consent_rows.receipt, count(*), reason FROM consent_rows
                 JOIN consent_holds ON consent_holds.receipt = consent_rows.receipt
                 WHERE at < $1 GROUP BY consent_rows.receipt, reason ORDER BY consent_rows.receipt",
                &[(&seconds(before), Type::INT8)],
            )
            .await
            .map_err(Failure::from)?;
        let kept = kept.iter().map(|line| {
            let receipt = ReceiptId::from_column(&bytes(line, 0));
            Held::new(receipt, number(line, 1).unsigned_abs(), text(line, 2))
        });
        let purged = Purged::new(rows, artefacts, kept.collect());
        self.finish(transaction, standing, Moved::swept()).await?;
        Ok(purged)
    }

    pub(super) async fn hold(&self, receipt: ReceiptId, reason: &str) -> Result<u64, LogError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(Failure::from)?;
        // An erasure that has not ended yet goes first.
        let standing = stand(&transaction).await?;
        let of = receipt.as_bytes().as_slice();
        transaction
            .execute_typed(
                "INSERT INTO consent_holds (receipt, reason) VALUES ($1, $2)
                 ON CONFLICT (receipt) DO UPDATE SET reason = excluded.reason",
                &[(&of, Type::BYTEA), (&reason, Type::TEXT)],
            )
            .await
            .map_err(Failure::from)?;
        let line = transaction
            .query_typed_one(
                "SELECT count(*) FROM consent_rows WHERE receipt = $1",
                &[(&of, Type::BYTEA)],
            )
            .await
            .map_err(Failure::from)?;
        let rows = number(&line, 0).unsigned_abs();
        self.finish(transaction, standing, Moved::default()).await?;
        Ok(rows)
    }

    pub(super) async fn release(&self, receipt: ReceiptId) -> Result<bool, LogError> {
        let ended = self
            .client()
            .await?
            .execute_typed(
                "DELETE FROM consent_holds WHERE receipt = $1",
                &[(&receipt.as_bytes().as_slice(), Type::BYTEA)],
            )
            .await
            .map_err(Failure::from)?;
        Ok(ended > 0)
    }

    pub(super) async fn remove_artefact(&self, id: ArtefactId) -> Result<bool, LogError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(Failure::from)?;
        let standing = stand(&transaction).await?;
        sweep_sets(&transaction).await?;
        let of = id.as_bytes().as_slice();
        let named = transaction
            .query_typed_opt(
                "SELECT 1 FROM consent_members WHERE artefact = $1 LIMIT 1",
                &[(&of, Type::BYTEA)],
            )
            .await
            .map_err(Failure::from)?;
        if named.is_some() {
            return Err(LogError::referenced());
        }
        let gone = transaction
            .execute_typed(
                "DELETE FROM consent_artefacts WHERE id = $1",
                &[(&of, Type::BYTEA)],
            )
            .await
            .map_err(Failure::from)?;
        self.finish(transaction, standing, Moved::swept()).await?;
        Ok(gone > 0)
    }

    /// Ends a transaction with the head that follows from it.
    pub(super) async fn finish(
        &self,
        transaction: Transaction<'_>,
        standing: Standing,
        moved: Moved<'_>,
    ) -> Result<(), Failure> {
        if let Some((head, archive)) = self.after(standing, moved) {
            transaction
                .execute_typed(STANDS, &[(&head, Type::BYTEA), (&archive, Type::INT8)])
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// The head and the archive's counter after all that; `None` where they stay as they are.
    pub(super) fn after(&self, standing: Standing, moved: Moved<'_>) -> Option<(Vec<u8>, i64)> {
        let Moved {
            added,
            removed,
            swept,
        } = moved;
        let rows_moved = !added.is_empty() || !removed.is_empty();
        if !rows_moved && !swept {
            return None;
        }
        let mut head = standing.head.unwrap_or_else(|| Head::lost(&self.seal));
        if rows_moved {
            head = head.changed(&self.seal, added, removed.iter().map(Entry::of));
        }
        Some((head.to_bytes(), standing.archive + i64::from(swept)))
    }
}

impl Moved<'_> {
    const fn swept() -> Self {
        Self {
            added: Vec::new(),
            removed: Vec::new(),
            swept: true,
        }
    }
}

/// Reads and locks the head: what follows comes after every other change.
async fn stand(transaction: &Transaction<'_>) -> Result<Standing, Failure> {
    let line = transaction.query_typed_opt(STAND, &[]).await?;
    Ok(Standing::of(line.as_ref()))
}

/// Removes sets that no row has.
async fn sweep_sets(transaction: &Transaction<'_>) -> Result<(), Failure> {
    transaction
        .execute_typed(
            "DELETE FROM consent_sets WHERE NOT EXISTS
                 (SELECT 1 FROM consent_rows WHERE consent_rows.named = consent_sets.named)",
            &[],
        )
        .await?;
    Ok(())
}

fn removed(lines: &[Line]) -> Moved<'static> {
    Moved {
        removed: lines.iter().map(stored).collect(),
        ..Moved::default()
    }
}

/// A row as it stands there, whatever somebody made of it.
fn stored(line: &Line) -> Stored {
    let row = Row::from_columns(
        &bytes(line, 1),
        &bytes(line, 2),
        number(line, 3),
        text(line, 4).as_bytes(),
        &bytes(line, 5),
    );
    let reason = line.try_get(6).unwrap_or_default();
    Stored::new(number(line, 0).unsigned_abs(), row).with_hold(reason)
}

fn bytes(line: &Line, at: usize) -> Vec<u8> {
    line.try_get(at).unwrap_or_default()
}

fn text(line: &Line, at: usize) -> String {
    line.try_get(at).unwrap_or_default()
}

pub(super) fn number(line: &Line, at: usize) -> i64 {
    line.try_get(at).unwrap_or_default()
}

pub(super) fn seconds(at: Timestamp) -> i64 {
    i64::try_from(at.unix_seconds()).unwrap_or(i64::MAX)
}

/// Why the server did not do something.
pub(super) enum Failure {
    Database(tokio_postgres::Error),
    Pool(PoolError),
    TimedOut,
    Other(LogError),
}

impl Failure {
    /// Whether the server, as opposed to what it was given, is at fault.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Database(error) => error.code().is_none_or(is_passing),
            Self::Pool(_) | Self::TimedOut => true,
            Self::Other(error) => error.is_passing(),
        }
    }

    /// The same for each of those who waited for it. The server's detail may
    /// quote a row; its message and state do not.
    pub(super) fn to_log_error(&self) -> LogError {
        let why = match self {
            Self::Database(error) => error.as_db_error().map_or_else(
                || match error.source() {
                    Some(why) => format!("{error}: {why}"),
                    None => error.to_string(),
                },
                |told| format!("{} ({})", told.message(), told.code().code()),
            ),
            Self::Pool(error) => error.to_string(),
            Self::TimedOut => "the server did not answer in time".to_owned(),
            Self::Other(error) => error.to_string(),
        };
        if self.is_passing() {
            LogError::unavailable(why)
        } else {
            LogError::rejected(why)
        }
    }
}

/// Whether trying again may help (PostgreSQL manual, appendix A).
fn is_passing(state: &SqlState) -> bool {
    // Connection, rollback, resources, operator, system; a server that only reads has lost its primary.
    let classes = ["08", "40", "53", "57", "58", "XX"];
    classes.iter().any(|class| state.code().starts_with(class))
        || *state == SqlState::READ_ONLY_SQL_TRANSACTION
        || *state == SqlState::LOCK_NOT_AVAILABLE
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => Self::Database(error),
            error => Self::Pool(error),
        }
    }
}

impl From<Failure> for LogError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Other(error) => error,
            failure => failure.to_log_error(),
        }
    }
}
