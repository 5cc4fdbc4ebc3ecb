//! Many choices at once cost few syncs and disturb each other in nothing.

use std::sync::Arc;

use tokio::task::JoinSet;
use tower_consent::record::{Batch, ConsentLog, Row, verify};

use crate::on_every_store;
use crate::place::Place;
use crate::rows::{Click, keys, receipt, rows};

on_every_store! {
    choices_at_the_same_time_share_transactions,
    two_processes_write_one_log,
    what_comes_twice_through_two_processes_stands_once_and_behind_what_was_there,
    what_the_store_cannot_take_takes_nothing_else_with_it,
    no_runtime_is_needed,
}

async fn choices_at_the_same_time_share_transactions<P: Place>(place: P) {
    const CHOICES: u64 = 2000;
    let log = place.open(&keys()).await.unwrap();
    let clicks: Arc<Vec<Click>> = Arc::new((0..CHOICES).map(Click::by).collect());
    let mut running = JoinSet::new();
    for at in 0..CHOICES as usize {
        let (log, clicks) = (log.clone(), clicks.clone());
        running.spawn(async move { log.append(clicks[at].batch()).await });
    }
    while let Some(result) = running.join_next().await {
        result.unwrap().unwrap();
    }
    let head = log.head().await.unwrap().unwrap();
    assert_eq!(head.rows(), CHOICES);
    // A generation is a transaction, and a transaction is a sync.
    assert!(head.generation() < CHOICES / 10, "{}", head.generation());
    assert!(verify(&log, &keys(), |_| ()).await.unwrap().is_clean());
}

async fn two_processes_write_one_log<P: Place>(place: P) {
    let first = place.open(&keys()).await.unwrap();
    // A file of JSON lines has one process, and says so.
    let Ok(second) = place.open(&keys()).await else {
        return;
    };
    let logs = [first.clone(), second];
    let mut running = JoinSet::new();
    for visitor in 0..400 {
        let log = logs[visitor % 2].clone();
        running.spawn(async move { log.append(Click::by(visitor as u64).batch()).await });
    }
    while let Some(result) = running.join_next().await {
        result.unwrap().unwrap();
    }
    let clean = verify(&first, &keys(), |_| ()).await.unwrap();
    assert!(clean.is_clean() && clean.rows == 400, "{clean:?}");
}

async fn what_comes_twice_through_two_processes_stands_once_and_behind_what_was_there<P: Place>(
    place: P,
) {
    const CHOICES: u64 = 300;
    let first = place.open(&keys()).await.unwrap();
    let Ok(second) = place.open(&keys()).await else {
        return;
    };
    let clicks: Arc<Vec<Click>> = Arc::new((0..CHOICES).map(Click::by).collect());
    let mut newest = 0;
    // Alone, so that nothing is there twice; then most of them again, among new ones.
    for (from, to) in [(0, 100), (50, 200), (0, CHOICES as usize)] {
        let mut running = JoinSet::new();
        for at in from..to {
            for log in [&first, &second].into_iter().skip(at % 2) {
                let (log, clicks) = (log.clone(), clicks.clone());
                running.spawn(async move { log.append(clicks[at].batch()).await });
            }
        }
        while let Some(result) = running.join_next().await {
            result.unwrap().unwrap();
        }
        let stored = first.page(newest, 1000).await.unwrap();
        assert!(stored.is_sorted_by(|one, next| one.position < next.position));
        newest = stored.last().unwrap().position;
        let all = first.page(0, 1000).await.unwrap();
        assert_eq!((all.len(), all.last().unwrap().position), (to, newest));
        let clean = verify(&first, &keys(), |_| ()).await.unwrap();
        assert!(clean.is_clean() && clean.rows == to as u64, "{clean:?}");
    }
}

async fn what_the_store_cannot_take_takes_nothing_else_with_it<P: Place>(place: P) {
    let log = place.open(&keys()).await.unwrap();
    let mut running = JoinSet::new();
    for visitor in 0..100 {
        let log = log.clone();
        running.spawn(async move {
            if visitor == 50 {
                // PostgreSQL stores no text with a zero byte in it.
                let bad = Row::from_columns(&[9; 16], &[9; 16], 1, b"no\0text", b"tag");
                let _ = log.append(Batch::new(vec![bad], Vec::new())).await;
                return Ok(());
            }
            log.append(Click::by(visitor).batch()).await
        });
    }
    while let Some(result) = running.join_next().await {
        result.unwrap().unwrap();
    }
    for visitor in (0..100).filter(|visitor| *visitor != 50) {
        assert_eq!(log.by_receipt(receipt(visitor)).await.unwrap().len(), 1);
    }
}

async fn no_runtime_is_needed<P: Place>(place: P) {
    let log = place.open(&keys()).await.unwrap();
    let click = Click::by(1);
    let batch = click.batch();
    let stored = std::thread::spawn(move || {
        futures_executor(log.append(batch)).unwrap();
        futures_executor(log.by_receipt(receipt(1))).unwrap()
    });
    let stored = tokio::task::spawn_blocking(|| stored.join().unwrap());
    assert_eq!(rows(&stored.await.unwrap()), [click.row()]);
}

/// A thread that knows nothing of any runtime.
fn futures_executor<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        std::thread::park();
    }
}
