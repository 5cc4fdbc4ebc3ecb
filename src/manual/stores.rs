//! Which log, and how it is looked after.
//!
//! # Which one
//!
//! | log | feature | for |
//! | --- | --- | --- |
//! | `SqliteLog` | `sqlite` | one machine: one file, nothing to run beside the site |
//! | `PostgresLog` | `postgres` | several machines, or a PostgreSQL that is there anyway |
//! | `JsonLinesLog` | `json-lines` | small sites, and tools that read lines |
//! | [`MemoryLog`](crate::record::MemoryLog) | | tests; it proves nothing |
//!
//! Each is a [`ConsentLog`](crate::record::ConsentLog), so a site can write its
//! own and hand it to the same command and the same
//! [`verify`](crate::record::verify).
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = std::env::temp_dir().join(format!("tower-consent-manual-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let path = folder.join("consent.db");
//! use tower_consent::record::{Recording, SqliteLog};
//! use tower_consent::{ConsentLayer, Controller, Keyring, Policy, RecordTerms, catalog};
//!
//! let keys = Keyring::ephemeral()?; // in production: Keyring::from_env("CONSENT_KEYS")?
//! let policy = Policy::builder("2026-09-01")
//!     .vendor(catalog::google_analytics())
//!     .controller(Controller::new("Shop Ltd", "1 Main Street, Dublin", "privacy@shop.example", "IE"))
//!     .records(RecordTerms::new(914, ["IE"]))
//!     .build()?;
//! let log = SqliteLog::open(path, &keys)?;
//! let layer = ConsentLayer::new(policy, keys).with_records(Recording::new(log))?;
//! # drop(layer);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sqlite"))]
//! # fn main() {}
//! ```
//!
//! # When a choice is durable
//!
//! A log answers when the row is on disk: SQLite with its write-ahead log and
//! `synchronous=FULL`, PostgreSQL with its `COMMIT`, lines with `fdatasync`.
//! Leave PostgreSQL's `synchronous_commit` and `fsync` on, or a power cut takes
//! proofs with it. One thread writes, and whatever has come in while it wrote
//! goes into the next transaction, up to 1024 choices: the busier the site, the
//! fewer syncs a choice costs. At most 16 384 wait; what comes on top is turned
//! away, which the layer answers as it does a log that is down.
//!
//! `cargo bench --bench records` measures what that costs: 4000 choices at once
//! against a bare batched INSERT of the same rows, on two cores that the
//! database shares. Medians of three and of ten runs:
//!
//! | | SQLite | PostgreSQL |
//! | --- | --- | --- |
//! | rows appended, sealing, counting and archiving included | 0.88 | 0.89 |
//! | clicks in the banner, from the request's head to the answer | 0.74 | 0.71 |
//!
//! One run differs from the next by up to 0.06. Against a SQLite that is set up
//! as the log sets up its own it is 0.82 and 0.73. Pages cost the same with
//! records on as off (0.997).
//!
//! A SQLite log keeps up to 16 MiB of the file in memory, and its write-ahead
//! log grows to about as much between two checkpoints.
//!
//! The logs bring their own threads, so they work under any runtime and under none.
//!
//! # Tables
//!
//! The same in SQLite and PostgreSQL, made and upgraded when the log is opened;
//! several machines that start at once make them once. For a schema of its own
//! in PostgreSQL add `?options=-csearch_path%3Dname` to the address.
//!
//! | table | holds |
//! | --- | --- |
//! | `consent_rows` | one row for each event: `position`, `id`, `receipt`, `at` (seconds since 1970), `text` (the event as JSON), `tag` (its seal), `named` |
//! | `consent_artefacts` | the texts and declarations that rows name, by SHA-256, once |
//! | `consent_sets`, `consent_members` | which artefacts a row names together, so that `named` is one number |
//! | `consent_holds` | records that must be kept, and why |
//! | `consent_head` | how many rows there are and which, sealed, and how often the archive was cleared |
//! | `consent_schema` | which version the tables are (PostgreSQL; SQLite has `user_version`) |
//!
//! Reading the tables with other tools is fine. Writing is not: every row is sealed and the head counts them.
//! Give reports a user of the database that can only read.
//!
//! # What `verify` notices
//!
//! | what was done without the keys | what it says |
//! | --- | --- |
//! | a text or a tag changed, a text cut short | the row, by position and id |
//! | rows that traded texts, a column changed, a row copied under another id | the row |
//! | rows that traded places, rows put back | the row, and where it stood |
//! | rows removed, the last ones too | how many, and up to about a dozen by position, id and time; of more the newest and the gaps |
//! | the head changed or removed | that, also after later writes |
//! | an artefact changed or removed | the artefact and the first row that names it |
//!
//! It does not notice a whole log put back to an earlier state, head and all.
//! Against that, keep the head's generation elsewhere, such as in the site's
//! monitoring: it only ever grows.
//!
//! # Looking after it
//!
//! `examples/records.rs` is a command for all three; `--help` says what it
//! takes.
//!
//! ```text
//! cargo run --example records --features json-lines,postgres,sqlite -- verify sqlite:consent.db
//! ```
//!
//! * **Purge** every day, by [`purge_records`](crate::ConsentLayer::purge_records)
//!   or the command: rows older than the policy's retention go, then texts that
//!   nothing names. What is on hold stays and is listed with its reason. Large
//!   purges go in steps of 2000 rows, so that choices get their turn.
//! * **Hold** a record in a dispute, with a reason; it is neither purged nor
//!   erased, and later rows of it are held as well.
//! * **Verify** every week, and after each restore.
//!
//! # Backups
//!
//! * SQLite: `sqlite3 consent.db ".backup 'copy.db'"` or `VACUUM INTO`, while the
//!   site runs. Do not copy the file alone: the newest rows are in the
//!   write-ahead log beside it.
//! * PostgreSQL: as the rest of the database. With replication, a grant is as
//!   durable as `synchronous_commit` makes it.
//! * Lines: copy `name` and `name.head`, the head first.
//!
//! The keys are not in the log. Back them up apart from it, and keep a replaced
//! key in the ring as long as rows are kept that it sealed.
//!
//! What is erased or purged is gone from the log at once: SQLite overwrites it
//! and clears its write-ahead log, PostgreSQL frees it with the next vacuum,
//! lines are written anew without it. Backups hold it until they are replaced,
//! so keep them no longer than the privacy notice says, and after a restore run
//! the erasures since then again.
//!
//! # Growing out of one machine
//!
//! Move from SQLite to PostgreSQL by opening both and handing each
//! [`page`](crate::record::ConsentLog::page) of the one to the other's
//! [`append`](crate::record::ConsentLog::append) with the artefacts that the
//! rows name; rows stay sealed as they are, and a second pass stores none
//! twice.
//!
//! Every machine writes through one locked row, the head, so that the count is
//! right; each locks it once for up to 1024 choices. Queries are sent without
//! named statements, so a pooler in front may hand connections from one
//! transaction to the next. What the log needs of a server is transactions,
//! `SELECT ... FOR UPDATE`, `INSERT ... ON CONFLICT ... RETURNING`, identity
//! columns whose sequence `setval` moves, and `pg_advisory_xact_lock`: a managed
//! or distributed database that has those will do, and only PostgreSQL itself,
//! from version 12 on, is tested.
//!
//! A managed database is reached over TLS: `PostgresLog::connect_with` takes a
//! connector, such as `MakeRustlsConnect` of `tokio-postgres-rustls` with the
//! provider's certificate authority as its only root, and `sslmode=require` in
//! the address. A certificate of another authority or for another host is
//! refused, and so is a server without TLS; the error says which.
//!
//! A server that is down refuses grants, and nothing else: pages go on, and
//! withdrawals count and are stored when it is back.
//!
//! # What not to store
//!
//! No address, no user agent, no page, no account: the event has no field for
//! them. Do not add columns that link a receipt to a person. The receipt alone
//! makes the record personal data, which is why it is made only where records
//! are on, and why a visitor can export and erase it.
