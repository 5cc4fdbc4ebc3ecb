//! What does a choice come to?
//!
//! Without records it takes effect at once. With them a grant takes effect only
//! once its row is durable, and whatever takes something away takes effect
//! regardless.

use std::sync::Arc;

use crate::choice::{Choice, Recorded, record};
use crate::config::Config;
use crate::consent::Consent;
use crate::id::fresh;
use crate::journal::Journal;
use crate::journal::write::{Circumstances, Method};
use crate::record::{Batch, EventId, ReceiptId, Row};

/// What a choice came to.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) recorded: Recorded,
    /// Whether something was to be granted and could not be stored, so that it is not.
    pub(crate) unstored: bool,
}

impl Settled {
    const fn done(recorded: Recorded) -> Self {
        Self {
            recorded,
            unstored: false,
        }
    }
}

/// Settles a choice where no records are kept.
pub(crate) fn at_once(config: &Config, choice: &Choice, before: &Consent) -> Settled {
    let recorded = weighed(config, choice, before, before, None);
    tell(config, before, &recorded);
    Settled::done(recorded)
}

/// Stores the browser's signal in place of what it overrules: `held` is what
/// would hold without it. It takes nothing away that counted, so nobody waits
/// for its row.
pub(crate) fn signalled(config: &Config, before: &Consent, held: &Consent) -> Recorded {
    let choice = Choice::signalled();
    let Config {
        keys, style, clock, ..
    } = config;
    let now = clock.now();
    let recorded = record(&choice, before, keys, style, before.receipt(), now);
    if recorded.cookies.is_empty() {
        return recorded;
    }
    config.hooks.tell_signal(held, &recorded.consent, now);
    if let (Some(journal), Some(receipt)) = (&config.journal, before.receipt()) {
        let case = Case {
            config,
            journal,
            before,
            held,
            method: Method::Signal,
        };
        match case.batch(&choice, &recorded, receipt, None) {
            Some(batch) => journal.note_later(batch, true),
            None => journal.lose(),
        }
    }
    recorded
}

/// Settles a choice. `held` is what held as long as nobody had heard the
/// browser's signal, where only a page's script could tell of it.
pub(crate) async fn settle(
    config: Arc<Config>,
    choice: Choice,
    before: Consent,
    held: Option<Consent>,
    method: Method,
) -> Settled {
    let held = held.as_ref().unwrap_or(&before);
    let settled = match &config.journal {
        None => Settled::done(weighed(&config, &choice, &before, held, None)),
        Some(journal) => {
            let case = Case {
                config: &config,
                journal,
                before: &before,
                held,
                method,
            };
            case.settle(&choice).await
        }
    };
    let recorded = &settled.recorded;
    match method {
        Method::Signal if !before.is_overruled() => tell(&config, &before, recorded),
        Method::Signal if recorded.cookies.is_empty() => {}
        Method::Signal => {
            let now = config.clock.now();
            config.hooks.tell_signal(held, &recorded.consent, now);
        }
        Method::Form | Method::Script | Method::Application => tell(&config, held, recorded),
    }
    settled
}

/// What a choice comes to. What it took is told by `held`, and nothing where it
/// is stored already: a page comes anew where something was taken away, and
/// its script then tells of the signal again.
fn weighed(
    config: &Config,
    choice: &Choice,
    before: &Consent,
    held: &Consent,
    receipt: Option<ReceiptId>,
) -> Recorded {
    let Config {
        keys, style, clock, ..
    } = config;
    let mut recorded = record(choice, before, keys, style, receipt, clock.now());
    recorded.narrows = !recorded.cookies.is_empty() && held.is_narrowed_by(&recorded.consent);
    recorded
}

/// Tells whoever else must hear of a choice that changed something.
pub(crate) fn tell(config: &Config, before: &Consent, recorded: &Recorded) {
    if !recorded.cookies.is_empty() {
        let now = config.clock.now();
        config.hooks.tell(before, &recorded.consent, now);
    }
}

struct Case<'a> {
    config: &'a Config,
    journal: &'a Journal,
    before: &'a Consent,
    /// The same, or what held before the signal was heard: rows compare with it.
    held: &'a Consent,
    method: Method,
}

impl Case<'_> {
    async fn settle(&self, choice: &Choice) -> Settled {
        let Self {
            config,
            journal,
            before,
            held,
            ..
        } = *self;
        let (receipt, name) = match before.receipt() {
            Some(receipt) => (Some(receipt), None),
            None => fresh().unzip(),
        };
        let recorded = weighed(config, choice, before, held, receipt);
        if recorded.cookies.is_empty() {
            return Settled::done(recorded);
        }
        let clock = &*config.clock;
        let widens = recorded.consent.is_narrowed_by(before);
        let batch = receipt.and_then(|receipt| self.batch(choice, &recorded, receipt, name));
        if !widens {
            match batch {
                Some(batch) => journal.note(batch, recorded.narrows, clock).await,
                None => journal.lose(),
            }
            return Settled::done(recorded);
        }
        let stored = match batch {
            Some(batch) => journal.grant(batch, clock).await.is_ok(),
            None => {
                journal.refuse();
                false
            }
        };
        if stored {
            return Settled::done(recorded);
        }
        // What it takes away goes all the same.
        let recorded = if recorded.narrows {
            let rest = choice.without_grants(before, &recorded.consent);
            let recorded = weighed(config, &rest, before, held, receipt);
            // The row of what was not granted may be stored yet, so this one has a name of its own.
            match receipt.and_then(|receipt| self.batch(&rest, &recorded, receipt, None)) {
                Some(batch) => journal.note_later(batch, true),
                None => journal.lose(),
            }
            recorded
        } else {
            Recorded {
                consent: before.clone(),
                cookies: Vec::new(),
                narrows: false,
            }
        };
        Settled {
            recorded,
            unstored: true,
        }
    }

    /// The rows of a choice; `None` without random bytes.
    fn batch(
        &self,
        choice: &Choice,
        recorded: &Recorded,
        receipt: ReceiptId,
        name: Option<EventId>,
    ) -> Option<Batch> {
        let naming = self.config.style.naming;
        let look = &self.config.look;
        // Only a page that was made under the signal tells of it.
        let page = if choice.is_told() {
            self.before
        } else {
            self.held
        };
        let shown = self.journal.archive.shown(page, naming, look);
        let circumstances = Circumstances {
            receipt,
            name,
            now: self.config.clock.now(),
            shown: &shown,
            look,
            layer: choice.layer(),
            method: self.method,
        };
        let events = circumstances.events(self.held, &recorded.consent)?;
        let rows = events
            .iter()
            .map(|event| Row::seal(event, &self.journal.seal));
        Some(Journal::batch(rows.collect(), &shown))
    }
}
