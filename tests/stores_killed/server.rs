//! The database is killed and started again under load.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::{env, process};

use http::StatusCode;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tower_consent::record::{ConsentLog, EventKind, PostgresLog, ReceiptId, verify};

use crate::common::{FIRST_KEY, keyring};
use crate::shop::Shop;

const VISITORS_AT_ONCE: usize = 64;
const KILLS: usize = 3;

/// What was answered while the server came and went.
#[derive(Default)]
struct Seen {
    granted: AtomicUsize,
    not_stored: AtomicUsize,
    /// What the log must hold in the end.
    due: Mutex<HashMap<ReceiptId, Vec<EventKind>>>,
    news: Notify,
    done: AtomicBool,
}

impl Seen {
    async fn until(&self, counter: &AtomicUsize, more: usize) {
        let goal = counter.load(Ordering::SeqCst) + more;
        while counter.load(Ordering::SeqCst) < goal {
            self.news.notified().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_database_killed_pages_go_on_grants_wait_and_withdrawals_arrive() {
    let folder = env::temp_dir().join(format!("tower-consent-server-{}", process::id()));
    let Some(url) = server("start", &folder) else {
        let line = "left out: the database killed under load, for PostgreSQL is not installed\n";
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    };
    let keys = keyring(FIRST_KEY);
    let log = PostgresLog::connect(&url, &keys).await.unwrap();
    let shop = Shop::new(log.clone());
    let worker = tokio::spawn(shop.layer.record_worker());
    let seen = Arc::new(Seen::default());
    let mut visitors = JoinSet::new();
    for _ in 0..VISITORS_AT_ONCE {
        let (shop, seen) = (shop.clone(), seen.clone());
        visitors.spawn(async move {
            while !seen.done.load(Ordering::SeqCst) {
                visit(&shop, &seen).await;
                seen.news.notify_one();
            }
        });
    }
    for _ in 0..KILLS {
        seen.until(&seen.granted, 300).await;
        server("kill", &folder).unwrap();
        seen.until(&seen.not_stored, 300).await;
        server("start", &folder).unwrap();
    }
    seen.until(&seen.granted, 300).await;
    seen.done.store(true, Ordering::SeqCst);
    while let Some(visitor) = visitors.join_next().await {
        visitor.unwrap();
    }
    assert_eq!(shop.layer.flush_records().await, 0);
    worker.abort();

    let stats = shop.layer.record_stats().unwrap();
    println!("{stats:?}");
    assert_eq!((stats.lost, stats.waiting), (0, 0));
    let due = std::mem::take(&mut *seen.due.lock().unwrap());
    let mut rows = 0;
    for (receipt, kinds) in &due {
        let stored = log.by_receipt(*receipt).await.unwrap();
        let found: Vec<EventKind> = stored
            .iter()
            .map(|stored| stored.row.event().unwrap().kind)
            .collect();
        assert_eq!(&found, kinds);
        rows += found.len() as u64;
    }
    let verified = verify(&log, &keys, |_| ()).await.unwrap();
    assert!(verified.is_clean(), "{verified:?}");
    println!("{} rows of {} visitors", rows, due.len());
    drop(log);
    server("drop", &folder).unwrap();
}

/// Accepts, looks at a page, and takes it all back.
async fn visit(shop: &Shop, seen: &Seen) {
    let accepted = shop.choose("accept", "").await;
    let (allowed, receipt) = shop.open(&accepted).await;
    let mut due = Vec::new();
    if accepted.status == StatusCode::SEE_OTHER {
        assert!(allowed);
        due.push(EventKind::Given);
        seen.granted.fetch_add(1, Ordering::SeqCst);
    } else {
        assert_eq!(accepted.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!allowed && receipt.is_none(), "granted without proof");
        seen.not_stored.fetch_add(1, Ordering::SeqCst);
    }
    // Whatever the log says, taking it back counts at once.
    let refused = shop.choose("reject", accepted.cookies()).await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER);
    let (allowed, same) = shop.open(&refused).await;
    assert!(!allowed);
    assert!(receipt.is_none() || receipt == same);
    due.push(if due.is_empty() {
        EventKind::Refused
    } else {
        EventKind::Withdrawn
    });
    seen.due.lock().unwrap().insert(same.unwrap(), due);
}

/// Starts, kills or drops the server; `None` where there is none to start.
fn server(act: &str, folder: &Path) -> Option<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres.sh");
    let output = Command::new(script).arg(act).arg(folder).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    match output.status.code() {
        Some(0) => Some(told.trim().to_owned()),
        Some(3) => None,
        _ => panic!("{}", String::from_utf8_lossy(&output.stderr)),
    }
}
