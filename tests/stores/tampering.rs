//! Whoever changes what is stored without the keys is found out, and the row is named.

use std::fs;

use tower_consent::record::{ConsentLog, Finding, Stored, verify};

use crate::on_every_store;
use crate::place::{JsonLines, Meddling, Place};
use crate::rows::{Click, NOW, keys, other_keys, receipt};

on_every_store! {
    an_altered_row_is_named,
    rows_that_traded_places_are_named,
    a_row_cut_short_is_named,
    a_missing_row_is_named_also_after_later_writes,
    a_row_taken_out_of_the_middle_is_named,
    a_tail_that_was_cut_off_is_named_row_by_row,
    of_too_many_missing_rows_the_newest_and_the_gaps_are_named,
    rows_that_traded_positions_are_named,
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

/// What is said of a row that is gone.
fn missing(positions: impl IntoIterator<Item = u64>, stored: &[Stored]) -> Vec<Finding> {
    let find = |at: u64| stored.iter().find(|stored| stored.position == at).unwrap();
    let missing = |at| Finding::Missing {
        position: at,
        id: find(at).row.id,
        receipt: find(at).row.receipt,
        at: find(at).row.at,
    };
    positions.into_iter().map(missing).collect()
}

/// `many` rows, some of which somebody takes out: what was there, what is found.
async fn found_without<P: Place>(
    place: &P,
    many: u64,
    gone: impl IntoIterator<Item = u64>,
) -> (Vec<Stored>, Vec<Finding>) {
    let log = place.open(&keys()).await.unwrap();
    for visitor in 0..many {
        let at = NOW + visitor;
        log.append(Click::at(visitor, at).batch()).await.unwrap();
    }
    let stored = log.page(0, 1000).await.unwrap();
    drop(log);
    for position in gone {
        place.meddle(Meddling::Drop(position)).await;
    }
    (stored, again(place).await)
}

async fn a_missing_row_is_named_also_after_later_writes<P: Place>(place: P) {
    // The last one, which no neighbour misses.
    let (stored, findings) = found_without(&place, 5, [5]).await;
    let count = |expected, found| Finding::RowCount { expected, found };
    let named = missing([5], &stored);
    assert_eq!(findings, [&[count(5, 4)], &*named].concat());
    let words = findings[1].to_string();
    assert_eq!(stored[4].row.at.unix_seconds(), 1_790_000_004);
    assert!(words.starts_with("row 5 (") && words.ends_with("of 2026-09-21T14:13:24Z is missing"));
    let log = place.open(&keys()).await.unwrap();
    log.append(Click::by(7).batch()).await.unwrap();
    log.erase(receipt(1)).await.unwrap();
    drop(log);
    assert_eq!(again(&place).await, [&[count(5, 4)], &*named].concat());
}

async fn a_row_taken_out_of_the_middle_is_named<P: Place>(place: P) {
    let (stored, findings) = found_without(&place, 9, [4]).await;
    assert_eq!(findings[1..], missing([4], &stored));
    assert_eq!(findings.len(), 2, "{findings:?}");
}

async fn a_tail_that_was_cut_off_is_named_row_by_row<P: Place>(place: P) {
    let (stored, findings) = found_without(&place, 20, 15..=20).await;
    assert_eq!(findings[1..], missing(15..=20, &stored));
}

async fn of_too_many_missing_rows_the_newest_and_the_gaps_are_named<P: Place>(place: P) {
    let gone = (21..=60).chain(101..=130);
    let (stored, findings) = found_without(&place, 130, gone).await;
    let expected = Finding::RowCount {
        expected: 130,
        found: 60,
    };
    assert_eq!(findings[0], expected);
    assert!(
        findings.contains(&missing([130], &stored)[0]),
        "{findings:?}"
    );
    let at = |position: u64| (position, stored[position as usize - 1].row.at);
    let gap = |after, before| Finding::Gap {
        after: at(after),
        before: at(before),
    };
    assert_eq!(
        findings[findings.len() - 2..],
        [gap(20, 61), gap(100, 130)],
        "{findings:?}"
    );
    // None is named that is there.
    for finding in &findings {
        if let Finding::Missing { position, .. } = finding {
            assert!((21..=60).contains(position) || *position > 100);
        }
    }
}

async fn rows_that_traded_positions_are_named<P: Place>(place: P) {
    let findings = found(&place, Meddling::Trade(2, 4)).await;
    let moved: Vec<(u64, u64)> = findings
        .iter()
        .filter_map(|finding| match finding {
            Finding::Moved { position, from, .. } => Some((*position, *from)),
            _ => None,
        })
        .collect();
    assert_eq!(moved, [(4, 2), (2, 4)], "{findings:?}");
    assert_eq!(findings.len(), 2, "{findings:?}");
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

#[tokio::test]
async fn whoever_cuts_the_file_of_lines_and_spoils_what_stands_beside_it_is_noticed() {
    let place = JsonLines::fresh();
    let log = place.open(&keys()).await.unwrap();
    for visitor in 0..5 {
        log.append(Click::by(visitor).batch()).await.unwrap();
    }
    drop(log);
    let text = fs::read_to_string(place.path()).unwrap();
    let kept = text.match_indices("{\"head\"").nth(2).unwrap().0;
    let kept = kept + text[kept..].find('\n').unwrap() + 1;
    fs::write(place.path(), &text[..kept]).unwrap();
    for spoilt in ["00", "zz", "\n"] {
        fs::write(place.head_path(), spoilt).unwrap();
        assert_eq!(again(&place).await, [Finding::HeadAltered], "{spoilt:?}");
    }
}

#[tokio::test]
async fn a_head_whose_sketch_was_torn_still_counts_and_names() {
    let place = JsonLines::fresh();
    let log = place.open(&keys()).await.unwrap();
    for visitor in 0..5 {
        log.append(Click::by(visitor).batch()).await.unwrap();
    }
    drop(log);
    let beside = fs::read_to_string(place.head_path()).unwrap();
    fs::write(place.head_path(), &beside[..1500]).unwrap();
    // Opened once, it takes the sketch from the rows, and keeps it.
    let log = place.open(&keys()).await.unwrap();
    log.append(Click::by(6).batch()).await.unwrap();
    let stored = log.page(0, 10).await.unwrap();
    drop(log);
    place.meddle(Meddling::Drop(3)).await;
    let findings = again(&place).await;
    assert_eq!(findings[1..], missing([3], &stored), "{findings:?}");
}
