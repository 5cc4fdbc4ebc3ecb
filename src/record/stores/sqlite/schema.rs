//! What does the file look like?

use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::error::failed;
use crate::record::head::Head;
use crate::record::log::LogError;
use crate::record::seal::Seal;
use crate::record::stores::query::tables;

/// How long a process waits for another that is writing.
const PATIENCE: Duration = Duration::from_secs(5);

/// The page cache, in KiB below zero. Ids are random, so a batch touches a page
/// of each index for nearly every row, and what finds no room is written to the
/// write-ahead log and read back before the batch is done.
const CACHE: i32 = -16_384;

/// After how many pages (4 KiB) the write-ahead log goes into the file. Until
/// then a page that many batches touch goes there once.
const CHECKPOINT: i32 = 4000;

/// Marks the file as one of ours: "cons".
const APPLICATION: i32 = 0x636f_6e73;

/// Each step once, in order; how many were taken stands in `user_version`.
/// What stands here has been released and stays as it is.
const STEPS: &[&str] = &[tables!(
    "BLOB",
    "INTEGER",
    "INTEGER PRIMARY KEY AUTOINCREMENT",
    " WITHOUT ROWID"
)];

/// Sets the connection up and takes the steps that are due.
pub(super) fn prepare(connection: &mut Connection, seal: &Seal) -> Result<(), LogError> {
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    let tables: u32 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(failed)?;
    let application: i32 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(failed)?;
    if application != APPLICATION && (application != 0 || tables != 0) {
        return Err(LogError::rejected("the file is something else's database"));
    }
    let settings = || {
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "cache_size", CACHE)?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?;
        // What is erased is overwritten, too.
        connection.pragma_update(None, "secure_delete", true)
    };
    settings().map_err(failed)?;
    migrate(connection, seal)
}

fn migrate(connection: &mut Connection, seal: &Seal) -> Result<(), LogError> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    let taken = transaction
        .pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))
        .map_err(failed)? as usize;
    if taken > STEPS.len() {
        return Err(LogError::rejected(
            "the file was made by a later version of tower-consent",
        ));
    }
    let steps = STEPS.get(taken..).unwrap_or_default();
    if steps.is_empty() {
        return Ok(());
    }
    for step in steps {
        transaction.execute_batch(step).map_err(failed)?;
    }
    if taken == 0 {
        transaction
            .execute(
                "INSERT INTO consent_head (one, head, archive) VALUES (1, ?1, 0)",
                [Head::new(seal).to_bytes()],
            )
            .map_err(failed)?;
    }
    let finish = || {
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", STEPS.len() as u32)
    };
    finish().map_err(failed)?;
    transaction.commit().map_err(failed)
}
