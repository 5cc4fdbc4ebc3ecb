//! The words that were shown outlive the rows that name them, and no longer.

use tower_consent::Timestamp;
use tower_consent::record::ConsentLog;

use crate::on_every_store;
use crate::place::Place;
use crate::rows::{Click, DAY, NOW, artefact, keys, receipt};

on_every_store! {
    an_artefact_that_a_row_names_cannot_be_removed,
    artefacts_go_with_the_last_row_that_names_them_and_come_back_with_the_next,
    another_process_may_have_cleared_the_archive,
}

// covers L02, L09, behaviour 9
async fn an_artefact_that_a_row_names_cannot_be_removed<P: Place>(place: P) {
    let log = place.open(&keys()).await.unwrap();
    let click = Click::by(1);
    log.append(click.batch()).await.unwrap();
    for artefact in click.artefacts() {
        let refused = log.remove_artefact(artefact.id()).await.unwrap_err();
        assert!(refused.is_referenced(), "{refused}");
        assert!(log.artefact(artefact.id()).await.unwrap().is_some());
    }
    log.erase(receipt(1)).await.unwrap();
    for artefact in click.artefacts() {
        assert!(log.remove_artefact(artefact.id()).await.unwrap());
        assert!(!log.remove_artefact(artefact.id()).await.unwrap());
        assert!(log.artefact(artefact.id()).await.unwrap().is_none());
    }
}

async fn artefacts_go_with_the_last_row_that_names_them_and_come_back_with_the_next<P: Place>(
    place: P,
) {
    let log = place.open(&keys()).await.unwrap();
    log.append(Click::at(1, NOW).shown("old", "kept").batch())
        .await
        .unwrap();
    log.append(Click::at(2, NOW + DAY).shown("new", "kept").batch())
        .await
        .unwrap();
    let purged = log
        .purge(Timestamp::from_unix_seconds(NOW + 1))
        .await
        .unwrap();
    assert_eq!((purged.rows, purged.artefacts), (1, 1));
    let (old, kept) = (artefact("old").id(), artefact("kept").id());
    assert!(log.artefact(old).await.unwrap().is_none());
    assert!(log.artefact(kept).await.unwrap().is_some());
    // The store remembered that it had those words; it must know that they went.
    log.append(Click::at(3, NOW + DAY).shown("old", "kept").batch())
        .await
        .unwrap();
    assert_eq!(log.artefact(old).await.unwrap().unwrap().bytes(), b"old");
}

async fn another_process_may_have_cleared_the_archive<P: Place>(place: P) {
    let log = place.open(&keys()).await.unwrap();
    log.append(Click::by(1).batch()).await.unwrap();
    // A file of JSON lines has one process.
    let Ok(other) = place.open(&keys()).await else {
        return;
    };
    other.erase(receipt(1)).await.unwrap();
    let end = Timestamp::from_unix_seconds(NOW + DAY);
    assert_eq!(other.purge(end).await.unwrap().artefacts, 3);
    let click = Click::by(2);
    log.append(click.batch()).await.unwrap();
    for artefact in click.artefacts() {
        assert!(other.artefact(artefact.id()).await.unwrap().is_some());
    }
}
