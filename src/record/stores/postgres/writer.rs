//! How do many choices share one transaction?

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Object, Transaction};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_postgres::types::Type;

use super::server::{Failure, Moved, Server, bytes, number, seconds, stand};
use crate::id::EventId;
use crate::record::artefact::Artefact;
use crate::record::head::Entry;
use crate::record::log::LogError;
use crate::record::row::Row;
use crate::record::stores::prepared::{NamedSet, Prepared, SetId};

/// How many batches are written in one transaction at most.
const TOGETHER: usize = 1024;
/// How long one transaction may take before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(10);

const INSERT: &str = "
INSERT INTO consent_rows (id, receipt, at, text, tag, named)
SELECT id, receipt, at, text, tag, named
FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::text[], $5::bytea[], $6::bigint[])
    WITH ORDINALITY AS new (id, receipt, at, text, tag, named, nth)
ORDER BY nth
ON CONFLICT (id) DO NOTHING
RETURNING position, id";

/// A batch and who waits for it.
pub(super) struct Job {
    batch: Prepared,
    reply: oneshot::Sender<Result<(), LogError>>,
}

impl Job {
    pub(super) fn new(batch: Prepared) -> (Self, oneshot::Receiver<Result<(), LogError>>) {
        let (reply, answer) = oneshot::channel();
        (Self { batch, reply }, answer)
    }
}

/// Writes what comes in until nobody can send any more.
pub(super) async fn write(server: Arc<Server>, mut waiting: mpsc::Receiver<Job>) {
    let mut writer = Writer {
        server,
        sets: HashMap::new(),
        archive: -1,
    };
    let mut jobs = Vec::new();
    while waiting.recv_many(&mut jobs, TOGETHER).await > 0 {
        let (batches, replies): (Vec<_>, Vec<_>) =
            jobs.drain(..).map(|job| (job.batch, job.reply)).unzip();
        let result = writer.append_or_again(&batches).await;
        // One that the server will not take must not take the others with it.
        let alone = batches.len() > 1 && result.as_ref().is_err_and(|why| !why.is_passing());
        for (batch, reply) in batches.iter().zip(replies) {
            let result = match &result {
                Ok(()) => Ok(()),
                Err(_) if alone => {
                    let again = writer.append_or_again(std::slice::from_ref(batch)).await;
                    again.map_err(LogError::from)
                }
                Err(why) => Err(why.to_log_error()),
            };
            // Nobody waits any more where this fails.
            let _ = reply.send(result);
        }
    }
}

struct Writer {
    server: Arc<Server>,
    /// The numbers of sets that are in the archive with all their members.
    sets: HashMap<SetId, i64>,
    /// What the archive's counter stood at when they were.
    archive: i64,
}

impl Writer {
    /// Tries once more where the connection turns out to have broken: whatever
    /// of it arrived is left out the second time.
    async fn append_or_again(&mut self, batches: &[Prepared]) -> Result<(), Failure> {
        match self.append(batches).await {
            Err(Failure::Database(why)) if why.is_closed() => self.append(batches).await,
            result => result,
        }
    }

    async fn append(&mut self, batches: &[Prepared]) -> Result<(), Failure> {
        let server = self.server.clone();
        let mut client = server.writer().await?;
        let result = timeout(PATIENCE, async {
            let transaction = client.transaction().await?;
            self.fill(&server, transaction, batches).await
        })
        .await
        .unwrap_or(Err(Failure::TimedOut));
        if result.is_err() {
            // A set that was put there was taken back with everything else.
            self.sets.clear();
        }
        if let Err(Failure::TimedOut) = &result {
            // It may be in the middle of an answer.
            drop(Object::take(client));
        }
        result
    }

    async fn fill(
        &mut self,
        server: &Server,
        transaction: Transaction<'_>,
        batches: &[Prepared],
    ) -> Result<(), Failure> {
        let standing = stand(&transaction).await?;
        // Another machine may have taken from the archive what this one put there.
        if standing.archive != self.archive {
            self.sets.clear();
            self.archive = standing.archive;
        }
        let mut columns = Columns::default();
        for batch in batches {
            for naming in &batch.rows {
                let named = match self.sets.get(&naming.set.id) {
                    Some(named) => *named,
                    None => {
                        let named = archive(&transaction, &naming.set, &batch.artefacts).await?;
                        self.sets.insert(naming.set.id, named);
                        named
                    }
                };
                columns.ids.push(naming.row.id.as_bytes());
                columns.receipts.push(naming.row.receipt.as_bytes());
                columns.times.push(seconds(naming.row.at));
                columns.texts.push(&naming.row.text);
                columns.tags.push(&naming.row.tag);
                columns.named.push(named);
            }
        }
        let lines = transaction
            .query_typed(
                INSERT,
                &[
                    (&columns.ids, Type::BYTEA_ARRAY),
                    (&columns.receipts, Type::BYTEA_ARRAY),
                    (&columns.times, Type::INT8_ARRAY),
                    (&columns.texts, Type::TEXT_ARRAY),
                    (&columns.tags, Type::BYTEA_ARRAY),
                    (&columns.named, Type::INT8_ARRAY),
                ],
            )
            .await?;
        // What was stored already is left out.
        let rows = batches.iter().flat_map(|batch| &batch.rows);
        let rows: HashMap<EventId, &Row> =
            rows.map(|naming| (naming.row.id, &naming.row)).collect();
        let added = lines.iter().filter_map(|line| {
            let row = rows.get(&EventId::from_column(&bytes(line, 1)))?;
            Some(Entry::new(number(line, 0).unsigned_abs(), row))
        });
        let moved = Moved {
            added: added.collect(),
            ..Moved::default()
        };
        server.finish(transaction, standing, moved).await
    }
}

#[derive(Default)]
struct Columns<'a> {
    ids: Vec<&'a [u8]>,
    receipts: Vec<&'a [u8]>,
    times: Vec<i64>,
    texts: Vec<&'a str>,
    tags: Vec<&'a [u8]>,
    named: Vec<i64>,
}

/// Puts a set and its members into the archive, where they are not yet; its number.
async fn archive(
    transaction: &Transaction<'_>,
    set: &NamedSet,
    artefacts: &[Arc<Artefact>],
) -> Result<i64, Failure> {
    for artefact in artefacts {
        transaction
            .execute_typed(
                "INSERT INTO consent_artefacts (id, type, bytes) VALUES ($1, $2, $3)
                 ON CONFLICT (id) DO NOTHING",
                &[
                    (&artefact.id().as_bytes().as_slice(), Type::BYTEA),
                    (&artefact.content_type(), Type::TEXT),
                    (&artefact.bytes(), Type::BYTEA),
                ],
            )
            .await?;
    }
    let digest = set.id.as_slice();
    transaction
        .execute_typed(
            "INSERT INTO consent_sets (digest) VALUES ($1) ON CONFLICT (digest) DO NOTHING",
            &[(&digest, Type::BYTEA)],
        )
        .await?;
    let line = transaction
        .query_typed_one(
            "SELECT named FROM consent_sets WHERE digest = $1",
            &[(&digest, Type::BYTEA)],
        )
        .await?;
    let named = number(&line, 0);
    let members: Vec<&[u8]> = set
        .artefacts
        .iter()
        .map(|id| id.as_bytes().as_slice())
        .collect();
    transaction
        .execute_typed(
            "INSERT INTO consent_members (named, artefact) SELECT $1, unnest($2::bytea[])
             ON CONFLICT DO NOTHING",
            &[(&named, Type::INT8), (&members, Type::BYTEA_ARRAY)],
        )
        .await?;
    Ok(named)
}
