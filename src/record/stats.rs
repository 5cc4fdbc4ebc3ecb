//! How is the log doing?

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! stats {
    ($($(#[$doc:meta])* $field:ident,)*) => {
        /// What became of choices since the layer was made. The numbers name nobody.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct RecordStats {
            $($(#[$doc])* pub $field: u64,)*
            /// Rows in memory that wait for the log now.
            pub waiting: u64,
            /// Choices that wait for the log now.
            pub in_flight: u64,
        }

        /// The same while they are counted.
        #[derive(Debug, Default)]
        pub(crate) struct Counters {
            $(pub(crate) $field: AtomicU64,)*
        }

        impl Counters {
            pub(crate) fn read(&self, waiting: usize, in_flight: usize) -> RecordStats {
                RecordStats {
                    $($field: self.$field.load(Ordering::Relaxed),)*
                    waiting: waiting as u64,
                    in_flight: in_flight as u64,
                }
            }
        }
    };
}

stats! {
    /// Rows that the log took.
    stored,
    /// Rows among them that had waited in memory.
    retried,
    /// Grants that took no effect because they could not be stored.
    grants_refused,
    /// Choices among all that came while too many others waited for the log.
    turned_away,
    /// Times that the log failed.
    failures,
    /// Times among them that it did not answer in time.
    timeouts,
    /// Rows that are not in the log and never will be. Raise an alarm.
    lost,
}

pub(crate) fn count(counter: &AtomicU64, by: usize) {
    counter.fetch_add(by as u64, Ordering::Relaxed);
}
