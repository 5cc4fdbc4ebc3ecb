//! A log is opened as what it is, or not at all.

use std::fs::{self, OpenOptions};
use std::io::Write;

use rusqlite::Connection;
use tokio::task::JoinSet;
use tower_consent::record::{ConsentLog, PostgresLog, SqliteLog, verify};

use crate::place::{JsonLines, Place, Postgres, Sqlite};
use crate::rows::{Click, keys};

#[tokio::test]
async fn a_file_that_is_something_else_is_left_alone() {
    let place = Sqlite::fresh();
    let connection = Connection::open(place.path()).unwrap();
    connection.execute_batch("CREATE TABLE shop (id)").unwrap();
    let refused = SqliteLog::open(place.path(), &keys()).unwrap_err();
    assert!(refused.to_string().contains("something else"), "{refused}");
    let tables: u32 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |line| line.get(0))
        .unwrap();
    assert_eq!(tables, 1);
    fs::write(
        place.path(),
        "not a database at all, but long enough to be read as one",
    )
    .unwrap();
    assert!(
        !SqliteLog::open(place.path(), &keys())
            .unwrap_err()
            .is_passing()
    );
    assert!(SqliteLog::open("/nowhere/at/all/consent.db", &keys()).is_err());
}

#[tokio::test]
async fn a_log_of_a_later_version_is_left_alone() {
    let place = Sqlite::fresh();
    drop(place.open(&keys()).await.unwrap());
    let connection = Connection::open(place.path()).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    let refused = place.open(&keys()).await.unwrap_err();
    assert!(refused.to_string().contains("later version"), "{refused}");
    let Some(place) = Postgres::fresh().await else {
        return;
    };
    drop(place.open(&keys()).await.unwrap());
    place
        .run("INSERT INTO consent_schema (steps) VALUES (99)")
        .await;
    let refused = place.open(&keys()).await.unwrap_err();
    assert!(refused.to_string().contains("later version"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_that_start_at_once_make_the_tables_once() {
    let Some(place) = Postgres::fresh().await else {
        return;
    };
    let mut running = JoinSet::new();
    for _ in 0..8 {
        let url = place.url().to_owned();
        running.spawn(async move { PostgresLog::connect(&url, &keys()).await });
    }
    while let Some(log) = running.join_next().await {
        let log = log.unwrap().unwrap();
        log.append(Click::by(1).batch()).await.unwrap();
    }
    let log = place.open(&keys()).await.unwrap();
    assert!(verify(&log, &keys(), |_| ()).await.unwrap().is_clean());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_without_the_password() {
    let url = "postgres://consent:s3cret@127.0.0.1:1/none";
    let refused = PostgresLog::connect(url, &keys()).await.unwrap_err();
    assert!(refused.is_passing(), "{refused}");
    for url in [url, "postgres://consent:s3cret@127.0.0.1:port/none"] {
        let refused = PostgresLog::connect(url, &keys()).await.unwrap_err();
        assert!(
            !format!("{refused} {refused:?}").contains("s3cret"),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn lines_half_written_at_the_end_are_cut_off_and_nothing_else() {
    let place = JsonLines::fresh();
    let log = place.open(&keys()).await.unwrap();
    for visitor in 0..3 {
        log.append(Click::by(visitor).batch()).await.unwrap();
    }
    drop(log);
    let whole = fs::read(place.path()).unwrap();
    let row = whole
        .split(|byte| *byte == b'\n')
        .find(|line| line.starts_with(b"{\"row\""))
        .unwrap();
    // Every length of a last row, and the row without the head that makes it count.
    for cut in (1..=row.len()).step_by(37).chain([row.len()]) {
        let mut file = OpenOptions::new().append(true).open(place.path()).unwrap();
        file.write_all(&row[..cut]).unwrap();
        if cut == row.len() {
            file.write_all(b"\n").unwrap();
        }
        let log = place.open(&keys()).await.unwrap();
        let clean = verify(&log, &keys(), |_| ()).await.unwrap();
        assert!(clean.is_clean() && clean.rows == 3, "{cut}: {clean:?}");
        drop(log);
    }
    let log = place.open(&keys()).await.unwrap();
    log.append(Click::by(9).batch()).await.unwrap();
    drop(log);
    let log = place.open(&keys()).await.unwrap();
    let clean = verify(&log, &keys(), |_| ()).await.unwrap();
    assert!(clean.is_clean() && clean.rows == 4, "{clean:?}");
    assert!(fs::read(place.path()).unwrap().starts_with(&whole));
}

#[tokio::test]
async fn lines_cut_off_with_their_heads_are_missed() {
    let place = JsonLines::fresh();
    let log = place.open(&keys()).await.unwrap();
    log.append(Click::by(1).batch()).await.unwrap();
    let early = fs::metadata(place.path()).unwrap().len();
    log.append(Click::by(2).batch()).await.unwrap();
    drop(log);
    let file = OpenOptions::new().write(true).open(place.path()).unwrap();
    file.set_len(early).unwrap();
    let log = place.open(&keys()).await.unwrap();
    let found = verify(&log, &keys(), |_| ()).await.unwrap();
    assert!(!found.is_clean() && found.rows == 1, "{found:?}");
}

#[tokio::test]
async fn a_file_of_lines_has_one_process() {
    let place = JsonLines::fresh();
    let log = place.open(&keys()).await.unwrap();
    let refused = place.open(&keys()).await.unwrap_err();
    assert!(refused.to_string().contains("another process"), "{refused}");
    drop(log);
    place.open(&keys()).await.unwrap();
}
