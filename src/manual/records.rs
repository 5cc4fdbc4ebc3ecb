//! How is consent proved?
//!
//! Without records the layer keeps nothing about anybody: a visitor's choice is
//! in their own signed cookies alone, which name no one. That is enough to
//! *keep* a choice, and not to *prove* one: GDPR Article 7(1) wants a site to
//! demonstrate that a visitor consented. Records do that.
//!
//! ```
//! use std::error::Error;
//! use tower_consent::record::{MemoryLog, Recording};
//! use tower_consent::{ConsentLayer, Controller, Keyring, Policy, RecordTerms, catalog};
//!
//! # fn main() -> Result<(), Box<dyn Error>> {
//! let policy = Policy::builder("2026-09-01")
//!     .vendor(catalog::google_analytics())
//!     .controller(Controller::new("Shop Ltd", "1 Main Street, Dublin", "privacy@shop.example", "IE"))
//!     .records(RecordTerms::new(184 + 730, ["IE"]))   // kept for so many days, in Ireland
//!     .build()?;
//! let keys = Keyring::ephemeral()?;
//! let log = MemoryLog::new(&keys);                     // a real site takes one that lasts
//! let layer = ConsentLayer::new(policy, keys).with_records(Recording::new(log))?;
//! // tokio::spawn(layer.record_worker());
//! // once a day: layer.purge_records().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Keep a clone of the layer for [`flush_records`](crate::ConsentLayer::flush_records)
//! before the process ends, [`purge_records`](crate::ConsentLayer::purge_records) once a
//! day, and [`record_stats`](crate::ConsentLayer::record_stats) for the site's metrics.
//!
//! # What a row says
//!
//! | field of [`Event`](crate::record::Event) | what it holds |
//! | --- | --- |
//! | `receipt` | the visitor's record: 128 random bits, also in their signed anchor cookie |
//! | `id`, `at`, `kind` | the event's own name, the server's time, given / refused / withdrawn / expired / invalidated / objected / signal |
//! | `outcomes` | for each category: where it stands now, what changed, a digest of what was asked, vendors that stand otherwise |
//! | `banner`, `preferences`, `policy` | SHA-256 of the exact words shown and of all that was declared; the texts are in the archive |
//! | `locale`, `variant`, `layer`, `method` | language, placement, where the click was, form or script |
//! | `signals`, `jurisdiction`, `site`, `revision` | what the browser signalled, which rules applied, whose policy |
//!
//! `expired` and `invalidated` are noted with the next choice in the same
//! record; until then the browser alone knows. `objected` is a refusal of what
//! ran without consent, such as exempt statistics. `signal` is noted where Global
//! Privacy Control is stored in place of a grant: once a day at most, however
//! many pages a browser asks for before it has the new cookies.
//!
//! # What not to store
//!
//! No address, no user agent, no page, no account. A log that also names its
//! visitors is a profile of them, and proves no more: whoever shows the receipt
//! is the visitor. An app that must link the two (for a signed-in customer who
//! asks) keeps [`Consent::receipt`](crate::Consent::receipt) with the account, as
//! a secret, and deletes it with the account.
//!
//! # In which order things happen
//!
//! A grant takes effect only once its row is durable: the layer waits for the
//! log, at most [five seconds](crate::record::Recording::with_timeout), and only
//! then sends the cookies. If the log fails, the visitor is told so (503, with
//! `Retry-After`) and nothing is granted. After a time-out a row may be there of
//! a grant that never took effect; the reverse never happens.
//!
//! A refusal or withdrawal takes effect whatever the log does. Its row is tried
//! at once; where that fails it waits in memory, at most 10 000 rows, and goes
//! along with a later choice, or sooner with
//! [`record_worker`](crate::ConsentLayer::record_worker). Rows that wait are lost
//! with the process, so flush before it ends; `lost` in
//! [`RecordStats`](crate::record::RecordStats) counts those that found no room.
//! Of a choice that gives and takes, only the taking survives a broken log.
//!
//! In an app on tokio give [`Recording`](crate::record::Recording) its timers,
//! `.with_timer(tokio::time::sleep)`, so that no thread is woken for each choice.
//!
//! No page ever waits for the log. The same choice again writes no second row.
//! Over 1024 choices that wait at a time, further grants are turned away with
//! 503. A client that throws its cookies away makes a new record with each
//! choice, so put a rate limit in front of the layer's addresses as of any form.
//!
//! # The visitor's rights
//!
//! All without staff, account or script, on the preferences page, with the
//! signed cookie as the only key: the history; the record as JSON
//! (`/record.json`) and as JSON-LD in the DPV's profile of ISO/IEC TS 27560
//! (`/record.jsonld`); and its erasure (`POST /erase`, same origin). An address
//! names no record, so a guessed one leads nowhere.
//!
//! To erase is to withdraw: without proof nothing may stay granted. The refusal
//! is kept in the cookies, without a receipt, so that nobody is asked again. The
//! answer says that backups may still hold a copy: purge them on their own
//! schedule, and erase again after restoring one.
//!
//! # Retention and holds
//!
//! There is no "for ever": [`RecordTerms`](crate::RecordTerms) takes a number of
//! days, no fewer than a choice counts. Purging removes the rows that are older and
//! then the texts that no row names; a text that one names cannot be removed.
//! [`hold`](crate::record::ConsentLog::hold) keeps a record that a dispute needs from
//! being purged and erased, and the visitor's export says why.
//!
//! # Is the log as it was written?
//!
//! Each row is sealed with a key derived from the keyring's, and the log counts
//! its rows in a sealed [`Head`](crate::record::Head), which also holds a sketch of
//! them all in under two kilobytes. [`verify`](crate::record::verify) names rows that
//! were changed, cut short, swapped, moved, copied or sealed by a foreign key,
//! texts that were changed or are gone, and rows that are missing or were put
//! back: position, event and time of each, up to about a dozen. Of more it says
//! how many, the newest, and between which rows they stood. A whole log put back to an
//! earlier state is noticed only by whoever noted the head's generation
//! elsewhere. Keep a key that verifies in the operator's ring as long as rows are kept
//! that it sealed; the site's own ring may drop it earlier.
//!
//! # Who else must hear of it
//!
//! [`on_withdraw`](crate::ConsentLayer::on_withdraw),
//! [`on_opt_out`](crate::ConsentLayer::on_opt_out) and
//! [`on_policy_change`](crate::ConsentLayer::on_policy_change) call the app, with or
//! without records, on a thread of their own.
//!
//! # What the layer logs
//!
//! Target `tower_consent::record`: an error when the log begins to fail and when
//! rows are lost, an information when it works again. Never a receipt.
