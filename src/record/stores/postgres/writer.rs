//! How do many choices share one transaction?

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use deadpool_postgres::Object;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row as Line};

use super::server::{Failure, Moved, STAND, STANDS, Server, Standing, number, seconds};
use crate::record::artefact::Artefact;
use crate::record::head::Entry;
use crate::record::log::{Batch, LogError};
use crate::record::row::Row;
use crate::record::stores::prepared::{NamedSet, Sets};

/// How many batches are written in one transaction at most.
const TOGETHER: usize = 1024;
/// How long one transaction may take before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long those whose rows are stored wait at most until the server is busy again.
const GRACE: Duration = Duration::from_millis(2);
/// How many transactions look for rows that are stored already after one that met some.
const WARY: u32 = 64;

/// Reads and locks the head, and then takes as many positions as there are rows: the last of them.
const STAND_AND_TAKE: &str = "
WITH stand AS MATERIALIZED (SELECT head, archive FROM consent_head FOR UPDATE),
     numbers AS MATERIALIZED (SELECT pg_get_serial_sequence('consent_rows', 'position')::regclass AS name)
SELECT head, archive, setval(name, nextval(name) + $1 - 1) FROM stand, numbers";

/// For rows that are new, as nearly all are, from the position behind `$7` on.
const INSERT: &str = "
INSERT INTO consent_rows (id, receipt, at, text, tag, named, position) OVERRIDING SYSTEM VALUE
SELECT id, receipt, at, text, tag, named, $7 + nth FROM unnest(
    $1::bytea[], $2::bytea[], $3::bigint[], $4::text[], $5::bytea[], $6::bigint[]
) WITH ORDINALITY AS new (id, receipt, at, text, tag, named, nth)";

/// For rows that may be stored already: what was not has got a position.
const INSERT_NEW: &str = "
INSERT INTO consent_rows (id, receipt, at, text, tag, named)
SELECT id, receipt, at, text, tag, named FROM unnest(
    $1::bytea[], $2::bytea[], $3::bigint[], $4::text[], $5::bytea[], $6::bigint[]
) WITH ORDINALITY AS new (id, receipt, at, text, tag, named, nth)
ORDER BY nth ON CONFLICT (id) DO NOTHING RETURNING position, id";

/// A batch and who waits for it, to whom it goes back to be freed.
pub(super) struct Job {
    batch: Batch,
    reply: oneshot::Sender<Done>,
}

type Done = (Result<(), LogError>, Batch);

impl Job {
    pub(super) fn new(batch: Batch) -> (Self, oneshot::Receiver<Done>) {
        let (reply, answer) = oneshot::channel();
        (Self { batch, reply }, answer)
    }
}

/// Writes what comes in until nobody can send any more.
pub(super) async fn write(server: Arc<Server>, mut waiting: mpsc::Receiver<Job>) {
    let mut writer = Writer {
        server,
        stored: Vec::new(),
        sets: Sets::default(),
        archive: -1,
        wary: 0,
    };
    let mut jobs = Vec::new();
    while waiting.recv_many(&mut jobs, TOGETHER).await > 0 {
        let (batches, replies): (Vec<_>, Vec<_>) =
            jobs.drain(..).map(|job| (job.batch, job.reply)).unzip();
        let result = writer.append_or_again(&batches).await;
        writer.answer();
        let Err(why) = result else {
            writer.stored.extend(batches.into_iter().zip(replies));
            if waiting.is_empty() {
                writer.answer();
            }
            continue;
        };
        // One that the server will not take must not take the others with it.
        let alone = batches.len() > 1 && !why.is_passing();
        for (batch, reply) in batches.into_iter().zip(replies) {
            let result = if alone {
                let again = writer.append_or_again(std::slice::from_ref(&batch)).await;
                again.map_err(LogError::from)
            } else {
                Err(why.to_log_error())
            };
            let _ = reply.send((result, batch));
        }
    }
}

struct Writer {
    server: Arc<Server>,
    /// What the last transaction stored, and who still has to hear of it. Those
    /// wake up while the server is busy with the next one: all at once they
    /// would keep it waiting for its rows, and for a processor.
    stored: Vec<(Batch, oneshot::Sender<Done>)>,
    sets: Sets,
    /// What the archive's counter stood at when they were noted.
    archive: i64,
    /// How many transactions still expect rows that are stored already.
    wary: u32,
}

impl Writer {
    /// Tells of what the last transaction stored.
    fn answer(&mut self) {
        for (batch, reply) in self.stored.drain(..) {
            // Nobody waits any more where this fails.
            let _ = reply.send((Ok(()), batch));
        }
    }

    /// Waits for something that is nearly always there at once. Where it is
    /// not, nobody whose row is stored waits for it.
    async fn soon<T>(&mut self, what: impl Future<Output = T>) -> T {
        let mut what = pin!(what);
        match timeout(GRACE, &mut what).await {
            Ok(output) => output,
            Err(_) => {
                self.answer();
                what.await
            }
        }
    }

    /// Tries once more where the connection turns out to have broken, or a row
    /// to be stored already: whatever of it is there is left out the second time.
    async fn append_or_again(&mut self, batches: &[Batch]) -> Result<(), Failure> {
        match self.append(batches).await {
            Err(Failure::Database(why)) if why.is_closed() => {
                self.wary = self.wary.max(1);
                self.append(batches).await
            }
            Err(Failure::Database(why))
                if why.code() == Some(&SqlState::UNIQUE_VIOLATION) && self.wary == 0 =>
            {
                self.wary = WARY;
                self.append(batches).await
            }
            result => result,
        }
    }

    async fn append(&mut self, batches: &[Batch]) -> Result<(), Failure> {
        let server = self.server.clone();
        let client = self.soon(server.writer()).await?;
        let filled = self.fill(&server, &client, batches);
        let result = timeout(PATIENCE, filled).await;
        let result = result.unwrap_or(Err(Failure::TimedOut));
        match &result {
            Ok(()) => self.wary = self.wary.saturating_sub(1),
            Err(_) => {
                // A set that was put there was taken back with everything else.
                self.sets.clear();
                // It is in the middle of a transaction, or of an answer.
                drop(Object::take(client));
            }
        }
        result
    }

    /// One transaction. Nothing is sent that has to be undone should what was
    /// sent before it fail, so whatever else can go together does.
    async fn fill(
        &mut self,
        server: &Server,
        client: &Client,
        batches: &[Batch],
    ) -> Result<(), Failure> {
        let rows = || batches.iter().flat_map(|batch| &batch.rows);
        let count = i64::try_from(rows().count()).unwrap_or(i64::MAX);
        let takes = self.wary == 0 && count > 0;
        let count_value: [Value<'_>; 1] = [(&count, Type::INT8)];
        let (query, values) = if takes {
            (STAND_AND_TAKE, &count_value[..])
        } else {
            (STAND, &[][..])
        };
        let stand = client.query_typed_opt(query, values);
        let begun = both(client.batch_execute("BEGIN"), stand);
        let (begun, line) = self.soon(begun).await;
        begun?;
        let line = line?;
        let standing = Standing::of(line.as_ref());
        // Without its head, or the sequence behind its rows, the log has no positions to give away.
        let last = line.filter(|_| takes);
        let last: Option<i64> = last.and_then(|line| line.try_get(2).ok());
        // Another machine may have taken from the archive what this one put there.
        if standing.archive != self.archive {
            self.sets.clear();
            self.archive = standing.archive;
        }
        let mut columns = Columns::default();
        for batch in batches {
            for row in &batch.rows {
                let set = NamedSet::of(row, batch);
                let named = match self.sets.number(&set) {
                    Some(named) => named,
                    None => {
                        self.answer();
                        let named = archive(client, &set, &batch.artefacts).await?;
                        self.sets.note(set, named);
                        named
                    }
                };
                columns.ids.push(row.id.as_bytes());
                columns.receipts.push(row.receipt.as_bytes());
                columns.times.push(seconds(row.at));
                columns.texts.push(&row.text);
                columns.tags.push(&row.tag);
                columns.named.push(named);
            }
        }
        let Some(last) = last else {
            self.answer();
            let lines = client.query_typed(INSERT_NEW, &columns.values()).await?;
            let added = added(&lines, batches);
            return finish(server, client, standing, added).await;
        };
        let before = last - count;
        let mut values = columns.values();
        values.push((&before, Type::INT8));
        let insert = client.execute_typed(INSERT, &values);
        let added = (before..last).zip(rows());
        let added = added.map(|(at, row)| Entry::new((at + 1).unsigned_abs(), row));
        let rest = async {
            // The server gets the rows first, and takes them in while their head is worked out.
            tokio::task::yield_now().await;
            let finish = finish(server, client, standing, added.collect());
            let answer = async {
                tokio::task::yield_now().await;
                self.answer();
            };
            both(finish, answer).await.0
        };
        let (inserted, finished) = both(insert, rest).await;
        inserted?;
        finished
    }
}

/// What was not stored already, out of what the server said of it.
fn added<'a>(lines: &[Line], batches: &'a [Batch]) -> Vec<Entry<'a>> {
    let rows = || batches.iter().flat_map(|batch| &batch.rows);
    let mut next = rows();
    let added = lines.iter().filter_map(|line| {
        let id: &[u8] = line.try_get(1).ok()?;
        let is_it = |row: &&Row| row.id.as_bytes() == id;
        // They come back in order, though no server promises that.
        let row = next.find(is_it).or_else(|| rows().find(is_it))?;
        Some(Entry::new(number(line, 0).unsigned_abs(), row))
    });
    added.collect()
}

/// Ends the transaction with the head that follows from what was added.
async fn finish(
    server: &Server,
    client: &Client,
    standing: Standing,
    added: Vec<Entry<'_>>,
) -> Result<(), Failure> {
    let moved = Moved {
        added,
        ..Moved::default()
    };
    let Some((head, archive)) = server.after(standing, moved) else {
        return Ok(client.batch_execute("COMMIT").await?);
    };
    // Without its rows or its head the transaction fails, and is then rolled back whatever it is told.
    let values: [(&(dyn ToSql + Sync), Type); 2] = [(&head, Type::BYTEA), (&archive, Type::INT8)];
    let stands = client.execute_typed(STANDS, &values);
    let (stands, committed) = both(stands, client.batch_execute("COMMIT")).await;
    stands?;
    Ok(committed?)
}

/// Asks both questions at once, the first one first, and waits for both answers.
async fn both<A, B>(first: impl Future<Output = A>, second: impl Future<Output = B>) -> (A, B) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut one, mut other) = (None, None);
    std::future::poll_fn(|cx| {
        if one.is_none()
            && let Poll::Ready(answer) = first.as_mut().poll(cx)
        {
            one = Some(answer);
        }
        if other.is_none()
            && let Poll::Ready(answer) = second.as_mut().poll(cx)
        {
            other = Some(answer);
        }
        match (one.take(), other.take()) {
            (Some(first), Some(second)) => Poll::Ready((first, second)),
            answers => {
                (one, other) = answers;
                Poll::Pending
            }
        }
    })
    .await
}

type Value<'a> = (&'a (dyn ToSql + Sync), Type);

#[derive(Default)]
struct Columns<'a> {
    ids: Vec<&'a [u8]>,
    receipts: Vec<&'a [u8]>,
    times: Vec<i64>,
    texts: Vec<&'a str>,
    tags: Vec<&'a [u8]>,
    named: Vec<i64>,
}

impl Columns<'_> {
    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.ids, Type::BYTEA_ARRAY),
            (&self.receipts, Type::BYTEA_ARRAY),
            (&self.times, Type::INT8_ARRAY),
            (&self.texts, Type::TEXT_ARRAY),
            (&self.tags, Type::BYTEA_ARRAY),
            (&self.named, Type::INT8_ARRAY),
        ]
    }
}

/// Puts a set and its members into the archive, where they are not yet; its number.
async fn archive(
    client: &Client,
    set: &NamedSet,
    artefacts: &[Arc<Artefact>],
) -> Result<i64, Failure> {
    for artefact in artefacts {
        client
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
    let digest = set.id();
    let digest = digest.as_slice();
    client
        .execute_typed(
            "INSERT INTO consent_sets (digest) VALUES ($1) ON CONFLICT (digest) DO NOTHING",
            &[(&digest, Type::BYTEA)],
        )
        .await?;
    let line = client
        .query_typed_one(
            "SELECT named FROM consent_sets WHERE digest = $1",
            &[(&digest, Type::BYTEA)],
        )
        .await?;
    let named = number(&line, 0);
    let members = set.members();
    let members: Vec<&[u8]> = members.iter().map(|id| id.as_bytes().as_slice()).collect();
    client
        .execute_typed(
            "INSERT INTO consent_members (named, artefact) SELECT $1, unnest($2::bytea[])
             ON CONFLICT DO NOTHING",
            &[(&named, Type::INT8), (&members, Type::BYTEA_ARRAY)],
        )
        .await?;
    Ok(named)
}
