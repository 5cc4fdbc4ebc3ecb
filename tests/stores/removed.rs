//! Rows go when they are due or when the visitor says so, and not before.

use tower_consent::record::{ConsentLog, Erased, Held, verify};
use tower_consent::{Clock, ManualClock, Timestamp};

use crate::on_every_store;
use crate::place::Place;
use crate::rows::{Click, DAY, NOW, keys, receipt, rows};

on_every_store! {
    a_purge_removes_day_n_keeps_day_n_minus_one_and_says_why_it_keeps_more,
    a_purge_of_many_rows_removes_them_all,
    what_is_erased_is_gone_from_every_answer,
    a_hold_keeps_a_record_until_it_is_released,
}

// covers S14, S51, L09
async fn a_purge_removes_day_n_keeps_day_n_minus_one_and_says_why_it_keeps_more<P: Place>(
    place: P,
) {
    const RETENTION: u64 = 90;
    let clock = ManualClock::new(Timestamp::from_unix_seconds(NOW));
    let log = place.open(&keys()).await.unwrap();
    // Three visitors on day 0, one a day later; the third is in a dispute.
    for visitor in [1, 2, 3] {
        log.append(Click::at(visitor, NOW).batch()).await.unwrap();
    }
    let later = Click::at(4, NOW + DAY);
    log.append(later.batch()).await.unwrap();
    assert_eq!(
        log.hold(receipt(3), "complaint 7 of 2026").await.unwrap(),
        1
    );

    let due = |clock: &ManualClock| {
        Timestamp::from_unix_seconds(clock.now().unix_seconds() - RETENTION * DAY)
    };
    // On day 90 what is 90 days old is not yet older than that.
    clock.advance(RETENTION * DAY);
    let purged = log.purge(due(&clock)).await.unwrap();
    assert_eq!((purged.rows, purged.kept.len()), (0, 0), "{purged:?}");

    clock.advance(DAY);
    let purged = log.purge(due(&clock)).await.unwrap();
    assert_eq!((purged.rows, purged.artefacts), (2, 0), "{purged:?}");
    let why = "complaint 7 of 2026".to_owned();
    assert_eq!(purged.kept, [Held::new(receipt(3), 1, why.clone())]);
    for gone in [1, 2] {
        assert!(log.by_receipt(receipt(gone)).await.unwrap().is_empty());
    }
    let held = log.by_receipt(receipt(3)).await.unwrap();
    assert_eq!(held[0].held.as_ref(), Some(&why));
    let kept = log.by_receipt(receipt(4)).await.unwrap();
    assert_eq!(rows(&kept), [later.row()]);
    assert!(verify(&log, &keys(), |_| ()).await.unwrap().is_clean());
}

async fn a_purge_of_many_rows_removes_them_all<P: Place>(place: P) {
    let log = place.open(&keys()).await.unwrap();
    let clicks: Vec<Click> = (0..4500).map(Click::by).collect();
    for some in clicks.chunks(500) {
        let mut batch = some[0].batch();
        batch.rows = some.iter().map(Click::row).collect();
        log.append(batch).await.unwrap();
    }
    let late = Click::at(9999, NOW + DAY).shown("new words", "newer words");
    log.append(late.batch()).await.unwrap();
    let purged = log
        .purge(Timestamp::from_unix_seconds(NOW + 1))
        .await
        .unwrap();
    // The words that only the rows of old showed go with them.
    assert_eq!((purged.rows, purged.artefacts), (4500, 2));
    assert_eq!(rows(&log.page(0, 10).await.unwrap()), [late.row()]);
    let clean = verify(&log, &keys(), |_| ()).await.unwrap();
    assert!(clean.is_clean() && clean.rows == 1, "{clean:?}");
}

// covers S09, S11, L10, L19
async fn what_is_erased_is_gone_from_every_answer<P: Place>(place: P) {
    let log = place.open(&keys()).await.unwrap();
    for at in 0..6 {
        log.append(Click::by(at % 2).batch()).await.unwrap();
    }
    assert_eq!(log.erase(receipt(0)).await.unwrap(), Erased::rows(3));
    assert_eq!(log.erase(receipt(0)).await.unwrap(), Erased::rows(0));
    assert_eq!(log.erase(receipt(77)).await.unwrap(), Erased::rows(0));
    drop(log);
    let log = place.open(&keys()).await.unwrap();
    assert!(log.by_receipt(receipt(0)).await.unwrap().is_empty());
    let page = log.page(0, 100).await.unwrap();
    assert_eq!(page.len(), 3);
    assert!(page.iter().all(|stored| stored.row.receipt == receipt(1)));
    assert!(verify(&log, &keys(), |_| ()).await.unwrap().is_clean());
}

// covers S51
async fn a_hold_keeps_a_record_until_it_is_released<P: Place>(place: P) {
    let log = place.open(&keys()).await.unwrap();
    log.append(Click::by(1).batch()).await.unwrap();
    log.hold(receipt(1), "first").await.unwrap();
    assert_eq!(log.hold(receipt(1), "second").await.unwrap(), 1);
    assert_eq!(log.hold(receipt(2), "no rows yet").await.unwrap(), 0);
    drop(log);
    let log = place.open(&keys()).await.unwrap();
    // New rows of a record on hold are held as well.
    log.append(Click::by(1).batch()).await.unwrap();
    log.append(Click::by(2).batch()).await.unwrap();
    assert_eq!(
        log.erase(receipt(1)).await.unwrap(),
        Erased::held("second".to_owned())
    );
    let end = Timestamp::from_unix_seconds(NOW + DAY);
    let purged = log.purge(end).await.unwrap();
    let kept: Vec<(u64, &str)> = purged
        .kept
        .iter()
        .map(|held| (held.rows, held.reason.as_str()))
        .collect();
    assert_eq!(kept, [(2, "second"), (1, "no rows yet")]);
    assert!(log.release(receipt(1)).await.unwrap());
    assert!(!log.release(receipt(1)).await.unwrap());
    assert_eq!(log.purge(end).await.unwrap().rows, 2);
    assert_eq!(log.by_receipt(receipt(2)).await.unwrap().len(), 1);
    assert!(verify(&log, &keys(), |_| ()).await.unwrap().is_clean());
}
