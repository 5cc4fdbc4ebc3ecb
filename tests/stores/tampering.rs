//! Whoever changes what is stored without the keys is found out, and the row is named.

use tower_consent::record::{ConsentLog, Finding, verify};

use crate::on_every_store;
use crate::place::{Meddling, Place};
use crate::rows::{Click, keys, other_keys};

on_every_store! {
    an_altered_row_is_named,
    rows_that_traded_places_are_named,
    a_row_cut_short_is_named,
    a_missing_row_is_missed_also_after_later_writes,
    a_repeated_row_is_named,
    an_altered_or_missing_head_is_noticed_and_stays_noticed,
    artefacts_that_are_gone_or_not_what_they_were_are_named,
    a_log_under_other_keys_is_noticed,
}

/// What is found after five rows were meddled with.
async fn found<P: Place>(place: &P, how: Meddling) -> Vec<Finding> {
    let log = place.open(&keys()).await.unwrap();
    for visitor in 0..5 {
        log.append(Click::by(visitor).batch()).await.unwrap();
    }
    assert!(verify(&log, &keys(), |_| ()).await.unwrap().is_clean());
    drop(log);
    place.meddle(how).await;
    again(place).await
}

async fn again<P: Place>(place: &P) -> Vec<Finding> {
    let log = place.open(&keys()).await.unwrap();
    verify(&log, &keys(), |_| ()).await.unwrap().findings
}

/// The positions that the findings name.
fn named(findings: &[Finding]) -> Vec<u64> {
    let position = |finding: &Finding| match finding {
        Finding::Altered { position, .. }
        | Finding::Swapped { position, .. }
        | Finding::Repeated { position, .. }
        | Finding::UnknownKey { position, .. } => Some(*position),
        _ => None,
    };
    findings.iter().filter_map(position).collect()
}

// covers L02
async fn an_altered_row_is_named<P: Place>(place: P) {
    let findings = found(&place, Meddling::Text(2)).await;
    assert_eq!(named(&findings), [2], "{findings:?}");
    place.meddle(Meddling::Time(4)).await;
    let findings = again(&place).await;
    assert_eq!(named(&findings), [2, 4], "{findings:?}");
    place.meddle(Meddling::Receipt(1)).await;
    place.meddle(Meddling::Tag(5)).await;
    let findings = again(&place).await;
    assert_eq!(named(&findings), [1, 2, 4, 5], "{findings:?}");
}

async fn rows_that_traded_places_are_named<P: Place>(place: P) {
    let findings = found(&place, Meddling::Swap(2, 4)).await;
    assert!(
        findings
            .iter()
            .all(|finding| matches!(finding, Finding::Swapped { .. }))
    );
    assert_eq!(named(&findings), [2, 4], "{findings:?}");
}

async fn a_row_cut_short_is_named<P: Place>(place: P) {
    let findings = found(&place, Meddling::CutText(3)).await;
    assert_eq!(named(&findings), [3], "{findings:?}");
}

async fn a_missing_row_is_missed_also_after_later_writes<P: Place>(place: P) {
    // The last one, which no neighbour misses.
    let findings = found(&place, Meddling::Drop(5)).await;
    let expected = [Finding::RowCount {
        expected: 5,
        found: 4,
    }];
    assert_eq!(findings, expected);
    let log = place.open(&keys()).await.unwrap();
    log.append(Click::by(7).batch()).await.unwrap();
    drop(log);
    let expected = [Finding::RowCount {
        expected: 6,
        found: 5,
    }];
    assert_eq!(again(&place).await, expected);
}

async fn a_repeated_row_is_named<P: Place>(place: P) {
    let findings = found(&place, Meddling::Copy(3)).await;
    assert!(
        findings
            .iter()
            .any(|finding| matches!(finding, Finding::Swapped { .. })),
        "{findings:?}"
    );
    assert!(
        findings.contains(&Finding::RowCount {
            expected: 5,
            found: 6
        }),
        "{findings:?}"
    );
}

async fn an_altered_or_missing_head_is_noticed_and_stays_noticed<P: Place>(place: P) {
    let findings = found(&place, Meddling::Head).await;
    assert_eq!(findings, [Finding::HeadAltered]);
    place.meddle(Meddling::DropHead).await;
    let findings = again(&place).await;
    assert!(
        matches!(findings[..], [Finding::HeadAltered | Finding::HeadMissing]),
        "{findings:?}"
    );
    let log = place.open(&keys()).await.unwrap();
    log.append(Click::by(8).batch()).await.unwrap();
    drop(log);
    assert_eq!(again(&place).await, [Finding::HeadAltered]);
}

async fn artefacts_that_are_gone_or_not_what_they_were_are_named<P: Place>(place: P) {
    let findings = found(&place, Meddling::Artefacts).await;
    assert_eq!(findings.len(), 3);
    assert!(
        findings
            .iter()
            .all(|finding| matches!(finding, Finding::ArtefactAltered { position: 1, .. })),
        "{findings:?}"
    );
    place.meddle(Meddling::DropArtefacts).await;
    let findings = again(&place).await;
    assert_eq!(findings.len(), 3);
    assert!(
        findings
            .iter()
            .all(|finding| matches!(finding, Finding::ArtefactMissing { position: 1, .. })),
        "{findings:?}"
    );
}

async fn a_log_under_other_keys_is_noticed<P: Place>(place: P) {
    let log = place.open(&keys()).await.unwrap();
    log.append(Click::by(1).batch()).await.unwrap();
    let foreign = verify(&log, &other_keys(), |_| ()).await.unwrap();
    assert!(
        foreign
            .findings
            .iter()
            .any(|finding| matches!(finding, Finding::UnknownKey { position: 1, .. }))
    );
    // A key that was replaced still vouches for what it sealed.
    let both = other_keys().with_previous(
        tower_consent::SigningKey::from_bytes(b"first key: 32 bytes, never real!").unwrap(),
    );
    drop(log);
    let log = place.open(&both).await.unwrap();
    log.append(Click::by(2).batch()).await.unwrap();
    let clean = verify(&log, &both, |_| ()).await.unwrap();
    assert!(clean.is_clean() && clean.rows == 2, "{clean:?}");
}
