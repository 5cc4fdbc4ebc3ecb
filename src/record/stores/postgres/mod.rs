//! How is the record kept on a server that many machines share?
//!
//! Any server that speaks PostgreSQL's protocol. A thread of the log's own
//! drives the connections, so that the app may run on any runtime: one
//! connection writes whatever has come in meanwhile in one transaction, and a
//! pool answers questions.

mod schema;
mod server;
mod writer;

use std::fmt;
use std::sync::Arc;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Config, NoTls, Socket};

use self::server::Server;
use self::writer::Job;
use super::prepared::prepared;
use crate::clock::Timestamp;
use crate::id::{ArtefactId, ReceiptId};
use crate::keys::Keyring;
use crate::record::artefact::Artefact;
use crate::record::head::Head;
use crate::record::log::{Batch, ConsentLog, Erased, LogError, Purged};
use crate::record::row::Stored;
use crate::record::seal::Seal;

/// How many batches wait at most, about two kilobytes each.
const WAITING: usize = 16_384;

/// A log in PostgreSQL, or in any database that speaks its protocol, for a site
/// on several machines. Needs the feature `postgres`.
///
/// Connections that break are made anew. Clones share the connections, and the
/// thread that drives them.
///
/// ```no_run
/// use tower_consent::Keyring;
/// use tower_consent::record::PostgresLog;
///
/// # async fn open() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = Keyring::from_env("CONSENT_KEYS")?;
/// let log = PostgresLog::connect("postgres://consent@127.0.0.1/site", &keys).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresLog {
    jobs: mpsc::Sender<Job>,
    runtime: Handle,
    server: Arc<Server>,
}

impl PostgresLog {
    /// Connects, and makes or upgrades the tables where need be. `url` is a
    /// connection string as libpq takes it; for tables in a schema of their own
    /// add `?options=-csearch_path%3Dname`. Without TLS: for a server on the
    /// same machine or network. Reading alone needs no particular keys;
    /// whatever adds or removes rows needs those of the site.
    ///
    /// # Errors
    ///
    /// [`LogError`] where the server cannot be reached, does not let this user
    /// in or make tables, or the tables were made by a later version of this crate.
    pub async fn connect(url: &str, keys: &Keyring) -> Result<Self, LogError> {
        Self::connect_with(url, NoTls, keys).await
    }

    /// The same with TLS, by any connector for `tokio-postgres`, such as the
    /// one in `tokio-postgres-rustls`. Whether TLS is a must is up to the
    /// `sslmode` in `url`: write `require`.
    ///
    /// # Errors
    ///
    /// Those of [`connect`](Self::connect).
    pub async fn connect_with<T>(url: &str, tls: T, keys: &Keyring) -> Result<Self, LogError>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + Sync,
        T::TlsConnect: Send + Sync,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        // The parser's words may hold the password.
        let config: Config = url
            .parse()
            .map_err(|_| LogError::rejected("this is no connection string of PostgreSQL"))?;
        let server = Arc::new(Server::new(config, &tls, Seal::new(keys))?);
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(LogError::unavailable)?;
        let handle = runtime.handle().clone();
        let (jobs, waiting) = mpsc::channel(WAITING);
        let writing = writer::write(server.clone(), waiting);
        thread::Builder::new()
            .name("consent-log".to_owned())
            .spawn(move || runtime.block_on(writing))
            .map_err(LogError::unavailable)?;
        let log = Self {
            jobs,
            runtime: handle,
            server,
        };
        log.ask(|server| async move { schema::prepare(&server).await })
            .await?;
        Ok(log)
    }
}

impl PostgresLog {
    /// Asks on the log's own runtime, whatever runtime the caller has.
    async fn ask<T, F>(&self, question: impl FnOnce(Arc<Server>) -> F) -> Result<T, LogError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, LogError>> + Send + 'static,
    {
        let asked = self.runtime.spawn(question(self.server.clone()));
        asked.await.map_err(LogError::unavailable)?
    }
}

impl ConsentLog for PostgresLog {
    async fn append(&self, batch: Batch) -> Result<(), LogError> {
        let (job, answer) = Job::new(prepared(batch));
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => LogError::unavailable("too many choices are waiting"),
            TrySendError::Closed(_) => LogError::unavailable("the log's thread has ended"),
        })?;
        let (result, _batch) = answer.await.map_err(LogError::unavailable)?;
        result
    }

    async fn by_receipt(&self, receipt: ReceiptId) -> Result<Vec<Stored>, LogError> {
        self.ask(|server| async move { server.by_receipt(receipt).await })
            .await
    }

    async fn artefact(&self, id: ArtefactId) -> Result<Option<Artefact>, LogError> {
        self.ask(|server| async move { server.artefact(id).await })
            .await
    }

    async fn erase(&self, receipt: ReceiptId) -> Result<Erased, LogError> {
        self.ask(|server| async move { server.erase(receipt).await })
            .await
    }

    async fn purge(&self, before: Timestamp) -> Result<Purged, LogError> {
        self.ask(|server| async move { server.purge(before).await })
            .await
    }

    async fn hold(&self, receipt: ReceiptId, reason: &str) -> Result<u64, LogError> {
        let reason = reason.to_owned();
        self.ask(|server| async move { server.hold(receipt, &reason).await })
            .await
    }

    async fn release(&self, receipt: ReceiptId) -> Result<bool, LogError> {
        self.ask(|server| async move { server.release(receipt).await })
            .await
    }

    async fn page(&self, after: u64, limit: usize) -> Result<Vec<Stored>, LogError> {
        self.ask(|server| async move { server.page(after, limit).await })
            .await
    }

    async fn head(&self) -> Result<Option<Head>, LogError> {
        self.ask(|server| async move { server.head().await }).await
    }

    async fn remove_artefact(&self, id: ArtefactId) -> Result<bool, LogError> {
        self.ask(|server| async move { server.remove_artefact(id).await })
            .await
    }
}

impl fmt::Debug for PostgresLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresLog").finish_non_exhaustive()
    }
}
