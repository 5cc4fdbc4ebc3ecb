//! How much may records cost the site?

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::erased::AnyLog;
use super::log::ConsentLog;

/// A wait of some length.
pub(crate) type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;
pub(crate) type Timer = Arc<dyn Fn(Duration) -> Wait + Send + Sync>;

const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_IN_FLIGHT: usize = 1024;
const MAX_WAITING: usize = 10_000;

/// Where records go and what the layer does while they cannot go there. See
/// [`with_records`](crate::ConsentLayer::with_records).
#[derive(Clone)]
#[must_use]
pub struct Recording {
    pub(crate) log: Arc<dyn AnyLog>,
    pub(crate) timeout: Duration,
    pub(crate) max_in_flight: usize,
    pub(crate) max_waiting: usize,
    pub(crate) timer: Timer,
}

impl Recording {
    /// Records go into `log`.
    pub fn new(log: impl ConsentLog) -> Self {
        Self {
            log: Arc::new(log),
            timeout: TIMEOUT,
            max_in_flight: MAX_IN_FLIGHT,
            max_waiting: MAX_WAITING,
            timer: Arc::new(|length| Box::pin(futures_timer::Delay::new(length))),
        }
    }

    /// How long a visitor waits for the log, until a grant is told as not
    /// stored and a withdrawal is put back to be tried again. Default: 5 seconds.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many choices may wait for the log at a time. One more grant is
    /// answered with 503 and `Retry-After`, one more withdrawal takes effect
    /// and is recorded later. Default: 1024.
    pub fn with_max_in_flight(mut self, choices: usize) -> Self {
        self.max_in_flight = choices;
        self
    }

    /// How many rows may be kept in memory until the log takes them, about two
    /// kilobytes each. Half of the room is for withdrawals alone, so that a
    /// flood of refusals pushes none out. A row that finds no room is lost,
    /// and [counted](crate::record::RecordStats::lost). Default: 10 000.
    pub fn with_max_waiting(mut self, rows: usize) -> Self {
        self.max_waiting = rows;
        self
    }

    /// Waits with `timer` instead of a thread of its own: for tests, or for an
    /// app that has timers already, where each choice then costs less. With
    /// tokio that is `.with_timer(tokio::time::sleep)`. Default: the
    /// `futures-timer` crate.
    pub fn with_timer<F>(mut self, timer: impl Fn(Duration) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.timer = Arc::new(move |length| Box::pin(timer(length)));
        self
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("timeout", &self.timeout)
            .field("max_in_flight", &self.max_in_flight)
            .field("max_waiting", &self.max_waiting)
            .finish_non_exhaustive()
    }
}
