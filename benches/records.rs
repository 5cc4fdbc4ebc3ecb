//! Proves what records cost, each figure as a ratio within one run.
//!
//! Choices per second, stored durably, against a bare batched INSERT of the
//! same rows into the same tables through the same library, with as many rows
//! in a transaction as the store wrote. SQLite is measured against two: one as
//! the library opens a file, and one with the store's own page cache and
//! checkpoints. That is wall time, for most of it is
//! the disk's. An ordinary page, which never waits for the log, is measured in
//! the thread's CPU time with records on and off. The cases take turns in every
//! round; a ratio is the median of the rounds' ratios.
//!
//! What visitors cost the bench itself does not count: each has a task that
//! waits already, as a server has one for a connection before a request comes,
//! and the baseline's rows are made before its clock starts.
//!
//! Words on the command line choose what is measured: `sqlite`, `postgres`, `pages`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench prints, and panics where its set-up is wrong"
)]

mod common;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, process};

use bytes::Bytes;
use common::{is_bench, median, wait};
use cpu_time::ThreadTime;
use http::header::{ACCEPT, CONTENT_TYPE, HOST};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use rusqlite::{Connection, params};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, NoTls};
use tower::{Layer, ServiceExt, service_fn};
use tower_consent::record::{
    Artefact, Batch, ConsentLog, Event, EventId, EventKind, Outcome, PostgresLog, ReceiptId,
    Recording, Row, Seal, SqliteLog,
};
use tower_consent::{
    Category, ConsentLayer, Controller, Keyring, Policy, RecordTerms, State, Timestamp, catalog,
};

/// Choices in one round, all of them at once.
const CHOICES: usize = 4000;
const SERVER: &str = "TOWER_CONSENT_POSTGRES";

fn main() {
    let whole = is_bench();
    let rounds = if whole { 15 } else { 1 };
    let folder = env::temp_dir().join(format!("tower-consent-bench-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    println!(
        "{:<60} {:>10} {:>8} {:>8}",
        "", "per second", "ratio", "target"
    );
    let runtime = Runtime::new().unwrap();
    let chosen: Vec<String> = env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let is_chosen = |what: &str| chosen.is_empty() || chosen.iter().any(|word| word == what);
    if is_chosen("sqlite") {
        sqlite(&runtime, &folder, rounds);
    }
    if is_chosen("postgres") {
        match env::var(SERVER) {
            Ok(server) => postgres(&runtime, &server, rounds),
            Err(_) => println!("left out: PostgreSQL, for {SERVER} names no server"),
        }
    }
    if is_chosen("pages") {
        pages(if whole { 301 } else { 3 }, &folder);
    }
    fs::remove_dir_all(&folder).unwrap();
}

// ---- Stores ----

fn keys() -> Keyring {
    Keyring::ephemeral().unwrap()
}

/// Rows as a click in the banner makes them.
fn rows(seal: &Seal) -> Vec<Row> {
    let row = |_| {
        let id = EventId::random().unwrap();
        let receipt = ReceiptId::random().unwrap();
        let at = Timestamp::from_unix_seconds(1_790_000_000);
        let mut event = Event::new(id, receipt, at, EventKind::Given);
        event.site = "shop.example".to_owned();
        event.revision = "2026-09-01".to_owned();
        event.locale = "en".to_owned();
        event.variant = "body-start".to_owned();
        event.layer = "banner".to_owned();
        event.method = "form".to_owned();
        event.outcomes = Category::OPTIONAL
            .into_iter()
            .map(|category| {
                let mut outcome = Outcome::new(category, State::Granted);
                outcome.change = Some(EventKind::Given);
                outcome.asked = "0123456789abcdef".to_owned();
                outcome
            })
            .collect();
        Row::seal(&event, seal)
    };
    (0..CHOICES).map(row).collect()
}

/// Seconds from the word to go until all of these are done, and what came of
/// them. Each is made in its own task, before that word.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    visits: impl Iterator<Item = impl FnOnce() -> F + Send + 'static>,
) -> (f64, Vec<T>) {
    let (go, _) = watch::channel(false);
    let waiting = Arc::new(AtomicUsize::new(0));
    let visits = visits.map(|visit| {
        let (mut go, waiting) = (go.subscribe(), waiting.clone());
        tokio::spawn(async move {
            let visit = visit();
            waiting.fetch_add(1, Ordering::Relaxed);
            go.wait_for(|go| *go).await.unwrap();
            visit.await
        })
    });
    let mut visits: Vec<_> = visits.collect();
    while waiting.load(Ordering::Relaxed) < visits.len() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut done = Vec::with_capacity(visits.len());
    let start = Instant::now();
    go.send(true).unwrap();
    for visit in &mut visits {
        done.push(visit.await.unwrap());
    }
    (start.elapsed().as_secs_f64(), done)
}

/// Seconds for all of them at once, and how many were written together.
async fn append<L: ConsentLog + Clone>(log: &L, rows: Vec<Row>) -> (f64, usize) {
    let artefact = Arc::new(Artefact::new("text/plain", ""));
    let before = log.head().await.unwrap().unwrap().generation();
    let artefacts: Arc<[_]> = [artefact].into();
    let appends = rows.into_iter().map(|row| {
        let (log, batch) = (log.clone(), Batch::new(vec![row], artefacts.clone()));
        || async move { log.append(batch).await }
    });
    let (time, results) = at_once(appends).await;
    assert!(results.iter().all(Result::is_ok));
    let after = log.head().await.unwrap().unwrap().generation();
    (time, CHOICES / (after - before) as usize)
}

/// Seconds for as many visitors that click at once, from the request's head to
/// the answer with its cookies.
async fn click(layer: &ConsentLayer) -> f64 {
    let request = || {
        Request::post("/_consent/choice")
            .header(HOST, "shop.example")
            .header("sec-fetch-site", "same-origin")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from("choice=accept"))
            .unwrap()
    };
    let clicks = (0..CHOICES).map(|_| {
        let layer = layer.clone();
        move || {
            let answer = site(&layer, request());
            async move { answer.await.status() }
        }
    });
    let (time, statuses) = at_once(clicks).await;
    assert!(statuses.iter().all(|status| *status == 303));
    time
}

/// The medians of what each round took.
#[derive(Clone, Default)]
struct Rounds {
    bare: Vec<f64>,
    store: Vec<f64>,
    layer: Vec<f64>,
    together: Vec<usize>,
}

impl Rounds {
    fn print(mut self, name: &str) {
        let ratio = |of: &[f64]| {
            median(
                self.bare
                    .iter()
                    .zip(of)
                    .map(|(bare, of)| bare / of)
                    .collect(),
            )
        };
        let (store, layer) = (ratio(&self.store), ratio(&self.layer));
        let line = |what: &str, times: Vec<f64>, ratio: String, target: &str| {
            let per_second = CHOICES as f64 / median(times);
            let name = format!("{name}: {what}");
            println!("{name:<60} {per_second:>10.0} {ratio:>8} {target:>8}");
        };
        self.together.sort_unstable();
        let together = self.together[self.together.len() / 2];
        let bare = format!("bare INSERT, {together} in a transaction");
        line(&bare, self.bare, String::new(), "");
        line(
            "rows appended",
            self.store,
            format!("{store:.2}"),
            ">= 0.70",
        );
        line(
            "clicks in the banner",
            self.layer,
            format!("{layer:.2}"),
            ">= 0.70",
        );
    }
}

fn sqlite(runtime: &Runtime, folder: &Path, rounds: usize) {
    let keys = keys();
    let seal = Seal::new(&keys);
    let file = |name: &str| -> PathBuf { folder.join(name) };
    let log = SqliteLog::open(file("store.db"), &keys).unwrap();
    let layered = SqliteLog::open(file("layer.db"), &keys).unwrap();
    let layer = layer(&keys, Some(Recording::new(layered)));
    let bare = |name: &str| {
        drop(SqliteLog::open(file(name), &keys).unwrap());
        let bare = Connection::open(file(name)).unwrap();
        bare.pragma_update(None, "synchronous", "full").unwrap();
        bare.pragma_update(None, "secure_delete", true).unwrap();
        bare
    };
    let mut plain = bare("plain.db");
    let mut tuned = bare("tuned.db");
    // `CACHE` and `CHECKPOINT` of src/record/stores/sqlite/schema.rs, which are no part of the public API.
    tuned.pragma_update(None, "cache_size", -16_384).unwrap();
    tuned
        .pragma_update(None, "wal_autocheckpoint", 4000)
        .unwrap();
    let mut times = Rounds::default();
    let mut against_tuned = Vec::new();
    for _ in 0..rounds {
        let (time, together) = runtime.block_on(append(&log, rows(&seal)));
        times.store.push(time);
        times.together.push(together);
        times.layer.push(runtime.block_on(click(&layer)));
        against_tuned.push(insert_plainly(&mut tuned, &rows(&seal), together));
        let time = insert_plainly(&mut plain, &rows(&seal), together);
        times.bare.push(time);
    }
    let strict = Rounds {
        bare: against_tuned,
        ..times.clone()
    };
    times.print("SQLite");
    strict.print("SQLite, both set up alike");
}

fn insert_plainly(bare: &mut Connection, rows: &[Row], together: usize) -> f64 {
    let start = Instant::now();
    for some in rows.chunks(together) {
        let transaction = bare.transaction().unwrap();
        let mut insert = transaction
            .prepare_cached(
                "INSERT INTO consent_rows (id, receipt, at, text, tag, named)
                 VALUES (?1, ?2, ?3, ?4, ?5, 1)",
            )
            .unwrap();
        for row in some {
            insert
                .execute(params![
                    row.id.as_bytes(),
                    row.receipt.as_bytes(),
                    1_790_000_000,
                    row.text,
                    row.tag
                ])
                .unwrap();
        }
        drop(insert);
        transaction.commit().unwrap();
    }
    start.elapsed().as_secs_f64()
}

fn postgres(runtime: &Runtime, server: &str, rounds: usize) {
    let keys = keys();
    let seal = Seal::new(&keys);
    runtime.block_on(async {
        let schema = |name: &str| format!("bench_{}_{name}", process::id());
        let url = |name: &str| format!("{server}?options=-csearch_path%3D{}", schema(name));
        let names = ["store", "layer", "bare"];
        let client = connect(server).await;
        for name in names {
            let make = format!("CREATE SCHEMA {}", schema(name));
            client.batch_execute(&make).await.unwrap();
        }
        let open = async |name| PostgresLog::connect(&url(name), &keys).await.unwrap();
        let log = open("store").await;
        let layer = layer(&keys, Some(Recording::new(open("layer").await)));
        drop(open("bare").await);
        let mut bare = connect(&url("bare")).await;
        let mut times = Rounds::default();
        for _ in 0..rounds {
            let (time, together) = append(&log, rows(&seal)).await;
            times.store.push(time);
            times.together.push(together);
            times.layer.push(click(&layer).await);
            times
                .bare
                .push(insert(&mut bare, rows(&seal), together).await);
        }
        times.print("PostgreSQL");
        for name in names {
            let drop = format!("DROP SCHEMA {} CASCADE", schema(name));
            client.batch_execute(&drop).await.unwrap();
        }
    });
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn insert(client: &mut Client, rows: Vec<Row>, together: usize) -> f64 {
    let start = Instant::now();
    for some in rows.chunks(together) {
        let column = |of: fn(&Row) -> &[u8]| -> Vec<&[u8]> { some.iter().map(of).collect() };
        let times = vec![1_790_000_000_i64; some.len()];
        let texts: Vec<&str> = some.iter().map(|row| &*row.text).collect();
        let transaction = client.transaction().await.unwrap();
        transaction
            .execute_typed(
                "INSERT INTO consent_rows (id, receipt, at, text, tag, named)
                 SELECT *, 1 FROM
                     unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::text[], $5::bytea[])",
                &[
                    (&column(|row| row.id.as_bytes()), Type::BYTEA_ARRAY),
                    (&column(|row| row.receipt.as_bytes()), Type::BYTEA_ARRAY),
                    (&times, Type::INT8_ARRAY),
                    (&texts, Type::TEXT_ARRAY),
                    (&column(|row| &row.tag), Type::BYTEA_ARRAY),
                ],
            )
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }
    start.elapsed().as_secs_f64()
}

// ---- Pages ----

fn layer(keys: &Keyring, recording: Option<Recording>) -> ConsentLayer {
    let policy = Policy::builder("2026-09-01")
        .site("shop.example")
        .vendor(catalog::google_analytics())
        .vendor(catalog::meta_pixel())
        .controller(Controller::new(
            "Shop Ltd",
            "1 Main Street, Dublin",
            "privacy@shop.example",
            "IE",
        ))
        .records(RecordTerms::new(914, ["IE"]))
        .build()
        .unwrap();
    let layer = ConsentLayer::new(policy, keys.clone());
    match recording {
        Some(recording) => {
            let recording = recording
                .with_timer(tokio::time::sleep)
                .with_max_in_flight(2 * CHOICES)
                .with_timeout(Duration::from_secs(60));
            layer.with_records(recording).unwrap()
        }
        None => layer,
    }
}

fn site(
    layer: &ConsentLayer,
    request: Request<Full<Bytes>>,
) -> impl Future<Output = Response<Bytes>> + Send + use<> {
    let app = service_fn(|_: Request<Full<Bytes>>| async {
        let page = Bytes::from_static(
            b"<!doctype html><html><head><title>Shop</title></head><body><h1>Shop</h1></body></html>",
        );
        let response = Response::builder().header(CONTENT_TYPE, "text/html; charset=utf-8");
        Ok::<_, Infallible>(response.body(Full::<Bytes>::from(page)).unwrap())
    });
    let service = layer.layer(app);
    async move {
        let response = service.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
    }
}

fn pages(rounds: usize, folder: &Path) {
    const AT_ONCE: usize = 200;
    let keys = keys();
    let log = SqliteLog::open(folder.join("pages.db"), &keys).unwrap();
    let layers = [layer(&keys, None), layer(&keys, Some(Recording::new(log)))];
    let mut times: [Vec<f64>; 2] = Default::default();
    for round in 0..rounds {
        for turn in 0..2 {
            let which = (round + turn) % 2;
            let start = ThreadTime::now();
            for _ in 0..AT_ONCE {
                let request = Request::get("/")
                    .header(HOST, "shop.example")
                    .header(ACCEPT, "text/html")
                    .body(Full::default())
                    .unwrap();
                wait(site(&layers[which], request));
            }
            times[which].push(start.elapsed().as_secs_f64() / AT_ONCE as f64);
        }
    }
    let ratio = median(
        times[1]
            .iter()
            .zip(&times[0])
            .map(|(on, off)| on / off)
            .collect(),
    );
    let [off, on] = times.map(median);
    println!("{:<60} {:>10.0}", "page, records off", 1.0 / off);
    let name = "page, records on: time";
    println!(
        "{name:<60} {:>10.0} {ratio:>8.3} {:>8}",
        1.0 / on,
        "<= 1.02"
    );
}
