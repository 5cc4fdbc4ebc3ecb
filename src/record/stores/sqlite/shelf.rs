//! What is asked of the file?

use std::sync::Arc;

use rusqlite::{
    Connection, OptionalExtension, Params, Row as Line, Transaction, TransactionBehavior, params,
};

use super::error::failed;
use crate::clock::Timestamp;
use crate::id::{ArtefactId, ReceiptId};
use crate::record::artefact::Artefact;
use crate::record::head::{Entry, Head};
use crate::record::log::{Batch, Erased, Held, LogError, Purged};
use crate::record::row::{Row, Stored};
use crate::record::seal::Seal;
use crate::record::stores::desk::{self, Step};
use crate::record::stores::prepared::{NamedSet, Sets, prepared};
use crate::record::stores::query::{columns, rows};

/// How many rows one step of a purge removes, so that choices get their turn.
const STEP: u64 = 2000;

/// The open file.
pub(super) struct Shelf {
    connection: Connection,
    seal: Seal,
    sets: Sets,
    /// What the archive's counter stood at when they were noted.
    archive: i64,
}

/// What a transaction did.
#[derive(Default)]
struct Done<'a, T> {
    /// The rows that came in, and where.
    added: Vec<Entry<'a>>,
    /// The rows that went.
    removed: Vec<Stored>,
    /// Whether something may have gone from the archive.
    swept: bool,
    outcome: T,
}

impl desk::Shelf for Shelf {
    fn prepare(batch: Batch) -> Batch {
        prepared(batch)
    }

    fn append(&mut self, batches: &[Batch]) -> Result<(), LogError> {
        self.change(|transaction, sets| {
            let mut added = Vec::new();
            let mut insert = transaction.prepare_cached(
                "INSERT INTO consent_rows (id, receipt, at, text, tag, named)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO NOTHING",
            )?;
            for batch in batches {
                for row in &batch.rows {
                    let set = NamedSet::of(row, batch);
                    let named = match sets.number(&set) {
                        Some(named) => named,
                        None => {
                            let named = archive(transaction, &set, &batch.artefacts)?;
                            sets.note(set, named);
                            named
                        }
                    };
                    let new = insert.execute(params![
                        row.id.as_bytes(),
                        row.receipt.as_bytes(),
                        seconds(row.at),
                        row.text,
                        row.tag,
                        named
                    ])?;
                    if new > 0 {
                        let position = transaction.last_insert_rowid().unsigned_abs();
                        added.push(Entry::new(position, row));
                    }
                }
            }
            Ok(Done {
                added,
                ..Done::default()
            })
        })
    }

    fn purge(&mut self, before: Timestamp) -> Result<Step, LogError> {
        let rows = self.purge_some(before)?;
        if rows == STEP {
            return Ok(Step::Rows(rows));
        }
        let (artefacts, kept) = self.finish_purge(before)?;
        Ok(Step::Done(Purged::new(rows, artefacts, kept)))
    }

    fn by_receipt(&mut self, receipt: ReceiptId) -> Result<Vec<Stored>, LogError> {
        self.rows(
            rows!("WHERE consent_rows.receipt = ?1 ORDER BY position"),
            [receipt.as_bytes()],
        )
    }

    fn page(&mut self, after: u64, limit: usize) -> Result<Vec<Stored>, LogError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.rows(
            rows!("WHERE position > ?1 ORDER BY position LIMIT ?2"),
            [after, limit],
        )
    }

    fn artefact(&mut self, id: ArtefactId) -> Result<Option<Artefact>, LogError> {
        self.connection
            .query_row(
                "SELECT type, bytes FROM consent_artefacts WHERE id = ?1",
                [id.as_bytes()],
                |line| {
                    Ok(Artefact::new(
                        text(line, 0)?,
                        line.get_ref(1)?.as_bytes().unwrap_or_default(),
                    ))
                },
            )
            .optional()
            .map_err(failed)
    }

    fn head(&mut self) -> Result<Option<Head>, LogError> {
        self.connection
            .query_row("SELECT head FROM consent_head", [], |line| {
                Ok(Head::from_bytes(
                    line.get_ref(0)?.as_bytes().unwrap_or_default(),
                ))
            })
            .optional()
            .map_err(failed)
    }

    fn erase(&mut self, receipt: ReceiptId) -> Result<Erased, LogError> {
        let erased = self.change(|transaction, _| {
            if let Some(reason) = reason(transaction, receipt)? {
                return Ok(Done {
                    outcome: Erased::held(reason),
                    ..Done::default()
                });
            }
            let removed: Vec<Stored> = transaction
                .prepare_cached(concat!(
                    "DELETE FROM consent_rows WHERE receipt = ?1 RETURNING ",
                    columns!()
                ))?
                .query_map([receipt.as_bytes()], stored)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(Done {
                outcome: Erased::rows(removed.len() as u64),
                removed,
                ..Done::default()
            })
        })?;
        self.forget();
        Ok(erased)
    }

    fn hold(&mut self, receipt: ReceiptId, reason: &str) -> Result<u64, LogError> {
        self.change(|transaction, _| {
            transaction.execute(
                "INSERT INTO consent_holds (receipt, reason) VALUES (?1, ?2)
                 ON CONFLICT (receipt) DO UPDATE SET reason = excluded.reason",
                params![receipt.as_bytes(), reason],
            )?;
            let rows: i64 = transaction.query_row(
                "SELECT count(*) FROM consent_rows WHERE receipt = ?1",
                [receipt.as_bytes()],
                |line| line.get(0),
            )?;
            Ok(Done {
                outcome: rows.unsigned_abs(),
                ..Done::default()
            })
        })
    }

    fn release(&mut self, receipt: ReceiptId) -> Result<bool, LogError> {
        self.change(|transaction, _| {
            let ended = transaction.execute(
                "DELETE FROM consent_holds WHERE receipt = ?1",
                [receipt.as_bytes()],
            )?;
            Ok(Done {
                outcome: ended > 0,
                ..Done::default()
            })
        })
    }

    fn remove_artefact(&mut self, id: ArtefactId) -> Result<bool, LogError> {
        let removed = self.change(|transaction, _| {
            sweep_sets(transaction)?;
            let named: bool = transaction.query_row(
                "SELECT EXISTS (SELECT 1 FROM consent_members WHERE artefact = ?1)",
                [id.as_bytes()],
                |line| line.get(0),
            )?;
            let removed = !named
                && transaction.execute(
                    "DELETE FROM consent_artefacts WHERE id = ?1",
                    [id.as_bytes()],
                )? > 0;
            Ok(Done {
                swept: true,
                outcome: (!named).then_some(removed),
                ..Done::default()
            })
        })?;
        removed.ok_or_else(LogError::referenced)
    }
}

impl Shelf {
    pub(super) fn new(connection: Connection, seal: Seal) -> Self {
        Self {
            connection,
            seal,
            sets: Sets::default(),
            archive: -1,
        }
    }

    fn rows(&self, query: &str, values: impl Params) -> Result<Vec<Stored>, LogError> {
        let rows = || {
            let mut statement = self.connection.prepare_cached(query)?;
            statement
                .query_map(values, stored)?
                .collect::<rusqlite::Result<_>>()
        };
        rows().map_err(failed)
    }

    /// Removes some of the rows that are due, and says how many.
    fn purge_some(&mut self, before: Timestamp) -> Result<u64, LogError> {
        self.change(|transaction, _| {
            let removed: Vec<Stored> = transaction
                .prepare_cached(concat!(
                    "DELETE FROM consent_rows WHERE position IN (
                         SELECT position FROM consent_rows WHERE at < ?1
                         AND receipt NOT IN (SELECT receipt FROM consent_holds) LIMIT ?2
                     ) RETURNING ",
                    columns!()
                ))?
                .query_map([seconds(before), STEP.cast_signed()], stored)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(Done {
                outcome: removed.len() as u64,
                removed,
                ..Done::default()
            })
        })
    }

    /// Removes what no row names any more. Says how many artefacts, and what
    /// was due and is on hold.
    fn finish_purge(&mut self, before: Timestamp) -> Result<(u64, Vec<Held>), LogError> {
        let outcome = self.change(|transaction, _| {
            sweep_sets(transaction)?;
            let gone = transaction.execute(
                "DELETE FROM consent_artefacts WHERE NOT EXISTS
                     (SELECT 1 FROM consent_members WHERE artefact = consent_artefacts.id)",
                [],
            )?;
            let kept = transaction
                .prepare_cached(
                    "SELECT consent_rows.receipt, count(*), reason FROM consent_rows
                     JOIN consent_holds ON consent_holds.receipt = consent_rows.receipt
                     WHERE at < ?1 GROUP BY consent_rows.receipt",
                )?
                .query_map([seconds(before)], |line| {
                    let receipt = ReceiptId::from_column(&bytes(line, 0)?);
                    let rows: i64 = line.get(1)?;
                    Ok(Held::new(receipt, rows.unsigned_abs(), text(line, 2)?))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(Done {
                swept: true,
                outcome: (gone as u64, kept),
                ..Done::default()
            })
        })?;
        self.forget();
        Ok(outcome)
    }

    /// Does something in one transaction, with the head that follows from it.
    fn change<'a, T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &mut Sets) -> rusqlite::Result<Done<'a, T>>,
    ) -> Result<T, LogError> {
        let Self {
            connection,
            seal,
            sets,
            archive,
        } = self;
        let result = (|| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let stands = transaction
                .prepare_cached("SELECT head, archive FROM consent_head")?
                .query_row([], |line| Ok((bytes(line, 0)?, line.get(1)?)))
                .optional()?;
            // Another process may have taken from the archive what this one put there.
            let counter = stands.as_ref().map_or(0, |(_, counter)| *counter);
            if counter != *archive {
                sets.clear();
                *archive = counter;
            }
            let done = work(&transaction, sets)?;
            if done.swept {
                sets.clear();
            }
            if done.swept || !done.added.is_empty() || !done.removed.is_empty() {
                let head =
                    stands.map_or_else(|| Head::lost(seal), |(bytes, _)| Head::from_bytes(&bytes));
                let head = if done.added.is_empty() && done.removed.is_empty() {
                    head
                } else {
                    head.changed(seal, done.added, done.removed.iter().map(Entry::of))
                };
                transaction
                    .prepare_cached(
                        "INSERT INTO consent_head (one, head, archive) VALUES (1, ?1, ?2)
                         ON CONFLICT (one) DO UPDATE
                         SET head = excluded.head, archive = excluded.archive",
                    )?
                    .execute(params![head.to_bytes(), counter + i64::from(done.swept)])?;
            }
            transaction.commit()?;
            Ok(done.outcome)
        })();
        if result.is_err() {
            // A set that was put there was taken back with everything else.
            sets.clear();
        }
        result.map_err(failed)
    }

    /// Moves what was overwritten out of the write-ahead log, where it would
    /// still be read; another process that reads just now puts this off.
    fn forget(&self) {
        let truncated = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |line| {
                line.get::<_, i64>(0)
            });
        if !matches!(truncated, Ok(0)) {
            tracing::info!(
                target: "tower_consent::record",
                "erased rows stay in the write-ahead log until its next checkpoint"
            );
        }
    }
}

/// Puts a set and its members into the archive, where they are not yet; its number.
fn archive(
    transaction: &Transaction<'_>,
    set: &NamedSet,
    artefacts: &[Arc<Artefact>],
) -> rusqlite::Result<i64> {
    for artefact in artefacts {
        transaction
            .prepare_cached(
                "INSERT INTO consent_artefacts (id, type, bytes) VALUES (?1, ?2, ?3)
                 ON CONFLICT (id) DO NOTHING",
            )?
            .execute(params![
                artefact.id().as_bytes(),
                artefact.content_type(),
                artefact.bytes()
            ])?;
    }
    let digest = set.id();
    transaction.execute(
        "INSERT INTO consent_sets (digest) VALUES (?1) ON CONFLICT (digest) DO NOTHING",
        [digest],
    )?;
    let named = transaction.query_row(
        "SELECT named FROM consent_sets WHERE digest = ?1",
        [digest],
        |line| line.get(0),
    )?;
    for artefact in set.members() {
        transaction.execute(
            "INSERT INTO consent_members (named, artefact) VALUES (?1, ?2)
             ON CONFLICT DO NOTHING",
            params![named, artefact.as_bytes()],
        )?;
    }
    Ok(named)
}

/// Removes sets that no row has.
fn sweep_sets(transaction: &Transaction<'_>) -> rusqlite::Result<usize> {
    transaction.execute(
        "DELETE FROM consent_sets WHERE NOT EXISTS
             (SELECT 1 FROM consent_rows WHERE consent_rows.named = consent_sets.named)",
        [],
    )
}

/// Why a record is on hold; `None` where it is not.
fn reason(transaction: &Transaction<'_>, receipt: ReceiptId) -> rusqlite::Result<Option<String>> {
    transaction
        .prepare_cached("SELECT reason FROM consent_holds WHERE receipt = ?1")?
        .query_row([receipt.as_bytes()], |line| text(line, 0))
        .optional()
}

/// A row as it stands there, whatever somebody made of it.
fn stored(line: &Line<'_>) -> rusqlite::Result<Stored> {
    let position: i64 = line.get(0)?;
    let row = Row::from_columns(
        &bytes(line, 1)?,
        &bytes(line, 2)?,
        line.get_ref(3)?.as_i64().unwrap_or_default(),
        &bytes(line, 4)?,
        &bytes(line, 5)?,
    );
    let reason = line.get_ref(6)?.as_str().ok().map(str::to_owned);
    Ok(Stored::new(position.unsigned_abs(), row).with_hold(reason))
}

/// The bytes of a column, be it text or not; nothing where it is neither.
fn bytes(line: &Line<'_>, at: usize) -> rusqlite::Result<Vec<u8>> {
    Ok(line.get_ref(at)?.as_bytes().unwrap_or_default().to_vec())
}

fn text(line: &Line<'_>, at: usize) -> rusqlite::Result<String> {
    Ok(String::from_utf8_lossy(&bytes(line, at)?).into_owned())
}

fn seconds(at: Timestamp) -> i64 {
    i64::try_from(at.unix_seconds()).unwrap_or(i64::MAX)
}
