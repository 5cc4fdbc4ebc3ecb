//! A site outgrows its log: rows move to another one as they are, sealed.

use std::collections::BTreeSet;
use std::sync::Arc;

use tower_consent::record::{Batch, ConsentLog, verify};

use crate::place::{JsonLines, Place, Postgres, Sqlite};
use crate::rows::{Click, keys};

#[tokio::test]
async fn rows_move_from_lines_to_sqlite_and_on_to_postgres_sealed_as_they_are() {
    let lines = JsonLines::fresh().open(&keys()).await.unwrap();
    for visitor in 0..30 {
        lines.append(Click::by(visitor).batch()).await.unwrap();
    }
    let sqlite = Sqlite::fresh().open(&keys()).await.unwrap();
    moved(&lines, &sqlite).await;
    // A second pass, as after an interruption.
    moved(&lines, &sqlite).await;
    if let Some(place) = Postgres::fresh().await {
        moved(&sqlite, &place.open(&keys()).await.unwrap()).await;
    }
}

async fn moved<A: ConsentLog, B: ConsentLog>(from: &A, to: &B) {
    let mut after = 0;
    loop {
        let page = from.page(after, 7).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.position;
        let events = page.iter().map(|stored| stored.row.event().unwrap());
        let named: BTreeSet<_> = events.flat_map(|event| event.artefacts()).collect();
        let mut artefacts = Vec::new();
        for id in named {
            artefacts.push(Arc::new(from.artefact(id).await.unwrap().unwrap()));
        }
        let rows = page.into_iter().map(|stored| stored.row).collect();
        to.append(Batch::new(rows, artefacts)).await.unwrap();
    }
    let clean = verify(to, &keys(), |_| ()).await.unwrap();
    assert!(clean.is_clean() && clean.rows == 30, "{clean:?}");
}
