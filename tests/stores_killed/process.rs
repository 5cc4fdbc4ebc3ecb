//! The site's own process is killed.
//!
//! The test starts its own program again as the site, which makes ten thousand
//! choices at once and says of each that was answered as granted whose it is.
//! After so many lines it is killed, without a chance to finish anything.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::{env, fs, process};

use tokio::task::JoinSet;
use tokio_postgres::NoTls;
use tower_consent::record::{ConsentLog, PostgresLog, ReceiptId, SqliteLog, verify};

use crate::common::{FIRST_KEY, keyring};
use crate::shop::Shop;

const CHOICES: usize = 10_000;
const KILLS: usize = 20;
/// Where the program started again has its log.
const LOG: &str = "TOWER_CONSENT_KILLED_LOG";
/// Names the server that the tests may use.
const SERVER: &str = "TOWER_CONSENT_POSTGRES";

#[test]
fn killed_with_sqlite_the_log_has_every_choice_answered_as_granted_once() {
    let folder = env::temp_dir().join(format!("tower-consent-killed-{}", process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for kill in 0..KILLS {
        let path = folder.join(format!("consent-{kill}.db"));
        let granted = answered_until_killed(path.to_str().unwrap(), kill);
        block_on(async {
            let log = SqliteLog::open(&path, &keyring(FIRST_KEY)).unwrap();
            look(kill, &granted, &log).await;
        });
        fs::remove_file(&path).unwrap();
    }
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn killed_with_postgres_the_log_has_every_choice_answered_as_granted_once() {
    let Ok(server) = env::var(SERVER) else {
        let line = format!("left out: kills with PostgreSQL, for {SERVER} names no server\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    };
    for kill in 0..KILLS {
        let schema = format!("killed_{}_{kill}", process::id());
        block_on(run(&server, &format!("CREATE SCHEMA {schema}")));
        let url = format!("{server}?options=-csearch_path%3D{schema}");
        let granted = answered_until_killed(&url, kill);
        block_on(async {
            let log = PostgresLog::connect(&url, &keyring(FIRST_KEY)).await;
            look(kill, &granted, &log.unwrap()).await;
        });
        block_on(run(&server, &format!("DROP SCHEMA {schema} CASCADE")));
    }
}

async fn run(server: &str, statement: &str) {
    let (client, connection) = tokio_postgres::connect(server, NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
}

/// Holds the log to what was answered.
async fn look<L: ConsentLog>(kill: usize, granted: &HashSet<ReceiptId>, log: &L) {
    let mut found = HashSet::new();
    let mut last = 0;
    loop {
        let page = log.page(last, 1000).await.unwrap();
        let Some(end) = page.last() else { break };
        last = end.position;
        for stored in page {
            // Each visitor chose once.
            let new = found.insert(stored.row.receipt);
            assert!(new, "kill {kill}: a choice is there twice");
        }
    }
    let missing = granted.difference(&found).count();
    assert_eq!(missing, 0, "kill {kill}: granted without proof");
    let verified = verify(log, &keyring(FIRST_KEY), |_| ()).await.unwrap();
    assert!(verified.is_clean(), "kill {kill}: {verified:?}");
    assert_eq!(verified.rows, found.len() as u64);
    println!(
        "kill {kill}: {} answered as granted, {} in the log",
        granted.len(),
        found.len()
    );
}

/// Starts the site, kills it, and gives the grants that it told of. The kills
/// are spread from the first choice that is sent to nearly the last that is answered.
fn answered_until_killed(place: &str, kill: usize) -> HashSet<ReceiptId> {
    let mut left = 1 + kill * 2 * CHOICES / KILLS;
    let mut site = Command::new(env::current_exe().unwrap())
        .args(["--exact", "process::the_site", "--ignored", "--nocapture"])
        .env(LOG, place)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut granted = HashSet::new();
    let lines = BufReader::new(site.stdout.take().unwrap()).lines();
    for line in lines {
        let line = line.unwrap();
        if let Some(receipt) = line.strip_prefix("granted ") {
            // The last one may have been cut short, and then it was told to nobody.
            granted.extend(ReceiptId::from_hex(receipt));
        }
        left = left.saturating_sub(1);
        if left == 0 {
            // What it still said before it died counts, too.
            site.kill().unwrap();
        }
    }
    assert!(!site.wait().unwrap().success(), "it came to its end");
    granted
}

#[test]
#[ignore = "the program that is killed, and nothing by itself"]
fn the_site() {
    let place = env::var(LOG).unwrap();
    block_on(async {
        let keys = keyring(FIRST_KEY);
        let shop = if place.starts_with("postgres:") {
            Shop::new(PostgresLog::connect(&place, &keys).await.unwrap())
        } else {
            Shop::new(SqliteLog::open(&place, &keys).unwrap())
        };
        let mut visitors = JoinSet::new();
        for _ in 0..CHOICES {
            let shop = shop.clone();
            visitors.spawn(async move {
                say("sent\n");
                let answer = shop.choose("accept", "").await;
                if let (true, Some(receipt)) = shop.open(&answer).await {
                    say(&format!("granted {}\n", receipt.to_hex()));
                }
            });
        }
        while visitors.join_next().await.is_some() {}
        // The last ones are still to be killed.
        std::future::pending::<()>().await;
    });
}

/// In one call, so that lines do not mix.
fn say(line: &str) {
    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Runtime::new().unwrap().block_on(future)
}
