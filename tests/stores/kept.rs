//! What a log was given is there, once, in order, also after it was closed.

use tower_consent::record::{Batch, ConsentLog, verify};

use crate::on_every_store;
use crate::place::Place;
use crate::rows::{Click, keys, receipt, rows};

on_every_store! {
    a_row_is_given_back_as_it_was_also_after_the_log_was_closed,
    a_batch_sent_again_is_stored_once,
    a_record_holds_its_own_rows_alone_oldest_first,
    pages_give_every_row_once_in_the_order_of_positions,
    a_log_that_nothing_happened_to_is_clean,
}

// covers L02, T38
async fn a_row_is_given_back_as_it_was_also_after_the_log_was_closed<P: Place>(place: P) {
    let clicks: Vec<Click> = (0..5).map(Click::by).collect();
    {
        let log = place.open(&keys()).await.unwrap();
        for click in &clicks {
            log.append(click.batch()).await.unwrap();
        }
    }
    let log = place.open(&keys()).await.unwrap();
    for (visitor, click) in clicks.iter().enumerate() {
        let stored = log.by_receipt(receipt(visitor as u64)).await.unwrap();
        assert_eq!(rows(&stored), [click.row()]);
        for artefact in click.artefacts() {
            let kept = log.artefact(artefact.id()).await.unwrap().unwrap();
            assert_eq!(&kept, &**artefact);
        }
    }
    assert!(log.by_receipt(receipt(99)).await.unwrap().is_empty());
}

async fn a_batch_sent_again_is_stored_once<P: Place>(place: P) {
    let log = place.open(&keys()).await.unwrap();
    let (one, other) = (Click::by(1), Click::by(1));
    log.append(one.batch()).await.unwrap();
    log.append(one.batch()).await.unwrap();
    let twice = Batch::new(
        vec![one.row(), other.row(), other.row()],
        one.artefacts().to_vec(),
    );
    log.append(twice).await.unwrap();
    drop(log);
    let log = place.open(&keys()).await.unwrap();
    log.append(other.batch()).await.unwrap();
    let stored = log.by_receipt(receipt(1)).await.unwrap();
    assert_eq!(rows(&stored), [one.row(), other.row()]);
    assert_eq!(log.head().await.unwrap().unwrap().rows(), 2);
    assert!(verify(&log, &keys(), |_| ()).await.unwrap().is_clean());
}

async fn a_record_holds_its_own_rows_alone_oldest_first<P: Place>(place: P) {
    let log = place.open(&keys()).await.unwrap();
    let clicks: Vec<Click> = (0..9).map(|at| Click::by(at % 3)).collect();
    for click in &clicks {
        log.append(click.batch()).await.unwrap();
    }
    let stored = log.by_receipt(receipt(1)).await.unwrap();
    let own = [clicks[1].row(), clicks[4].row(), clicks[7].row()];
    assert_eq!(rows(&stored), own);
    assert!(
        stored
            .windows(2)
            .all(|pair| pair[0].position < pair[1].position)
    );
}

async fn pages_give_every_row_once_in_the_order_of_positions<P: Place>(place: P) {
    let log = place.open(&keys()).await.unwrap();
    let clicks: Vec<Click> = (0..25).map(Click::by).collect();
    let all: Vec<_> = clicks.iter().map(Click::row).collect();
    let artefacts = clicks[0].artefacts().to_vec();
    log.append(Batch::new(all.clone(), artefacts))
        .await
        .unwrap();
    let (mut after, mut found) = (0, Vec::new());
    loop {
        let page = log.page(after, 10).await.unwrap();
        assert!(page.iter().all(|stored| stored.position > after));
        found.extend(rows(&page));
        let Some(last) = page.last() else { break };
        after = last.position;
    }
    assert_eq!(found, all);
    // What comes later stands later, also where the last row was taken out.
    log.erase(receipt(24)).await.unwrap();
    drop(log);
    let log = place.open(&keys()).await.unwrap();
    log.append(Click::by(30).batch()).await.unwrap();
    assert_eq!(log.page(after, 10).await.unwrap().len(), 1);
}

async fn a_log_that_nothing_happened_to_is_clean<P: Place>(place: P) {
    let log = place.open(&keys()).await.unwrap();
    let empty = verify(&log, &keys(), |_| ()).await.unwrap();
    assert!(empty.is_clean() && empty.rows == 0, "{empty:?}");
    for visitor in 0..20 {
        log.append(Click::by(visitor % 7).batch()).await.unwrap();
    }
    drop(log);
    let log = place.open(&keys()).await.unwrap();
    let full = verify(&log, &keys(), |_| ()).await.unwrap();
    assert!(full.is_clean(), "{full:?}");
    assert_eq!((full.rows, full.artefacts), (20, 3));
}
