//! Where a test's rows are, and how somebody without the keys gets at them.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

use rusqlite::Connection;
use serde_json::Value;
use tokio_postgres::{NoTls, Row};
use tower_consent::Keyring;
use tower_consent::record::{ConsentLog, JsonLinesLog, LogError, PostgresLog, SqliteLog};

/// Names the server that the tests may use.
pub(crate) const SERVER: &str = "TOWER_CONSENT_POSTGRES";

/// What somebody does to the rows behind the log's back.
#[derive(Clone, Debug)]
pub(crate) enum Meddling {
    /// Another word in the text of the row at this position.
    Text(u64),
    /// The text ends early.
    CutText(u64),
    /// The rows trade texts and tags.
    Swap(u64, u64),
    /// The rows trade places as they are.
    Trade(u64, u64),
    /// Another time in the column alone.
    Time(u64),
    /// Another record in the column alone.
    Receipt(u64),
    /// Another tag.
    Tag(u64),
    /// A row is gone.
    Drop(u64),
    /// A row is there twice, the second time with another id.
    Copy(u64),
    /// Another byte in the head.
    Head,
    /// The head is gone.
    DropHead,
    /// Another byte in every artefact.
    Artefacts,
    /// All artefacts are gone.
    DropArtefacts,
}

pub(crate) trait Place: Send + Sync + 'static {
    type Log: ConsentLog + Clone;

    /// Opens the log, which is made where need be.
    async fn open(&self, keys: &Keyring) -> Result<Self::Log, LogError>;

    /// Changes what is stored, with the log closed.
    async fn meddle(&self, how: Meddling);
}

/// A directory that goes with the test.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn fresh() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tower-consent-stores-{}-{number}", process::id());
        let path = env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) struct Sqlite(Directory);

impl Sqlite {
    pub(crate) fn fresh() -> Self {
        Self(Directory::fresh())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.file("consent.db")
    }
}

impl Place for Sqlite {
    type Log = SqliteLog;

    async fn open(&self, keys: &Keyring) -> Result<SqliteLog, LogError> {
        SqliteLog::open(self.path(), keys)
    }

    async fn meddle(&self, how: Meddling) {
        let connection = Connection::open(self.path()).unwrap();
        connection
            .busy_timeout(std::time::Duration::from_secs(5))
            .unwrap();
        connection.execute_batch(&how.sql("X'")).unwrap();
    }
}

pub(crate) struct Postgres {
    url: String,
}

impl Postgres {
    /// Tables in a schema of their own; `None` where there is no server.
    pub(crate) async fn fresh() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = env::var(SERVER) else {
            say_left_out();
            return None;
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let schema = format!("t{}_{number}", process::id());
        run(&server, &format!("CREATE SCHEMA {schema}")).await;
        Some(Self {
            url: format!("{server}?options=-csearch_path%3D{schema}"),
        })
    }
}

impl Postgres {
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Sends statements to the server, past the log.
    pub(crate) async fn run(&self, statements: &str) {
        run(&self.url, statements).await;
    }

    /// Asks the server, over a connection of its own, for one line.
    pub(crate) async fn one(&self, question: &str) -> Row {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await.unwrap();
        let driver = tokio::spawn(connection);
        let line = client.query_one(question, &[]).await.unwrap();
        drop(client);
        driver.await.unwrap().unwrap();
        line
    }
}

impl Place for Postgres {
    type Log = PostgresLog;

    async fn open(&self, keys: &Keyring) -> Result<PostgresLog, LogError> {
        PostgresLog::connect(&self.url, keys).await
    }

    async fn meddle(&self, how: Meddling) {
        self.run(&how.sql("'\\x")).await;
    }
}

pub(crate) struct JsonLines(Directory);

impl JsonLines {
    pub(crate) fn fresh() -> Self {
        Self(Directory::fresh())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.file("consent.jsonl")
    }

    pub(crate) fn head_path(&self) -> PathBuf {
        self.0.file("consent.jsonl.head")
    }
}

impl Place for JsonLines {
    type Log = JsonLinesLog;

    async fn open(&self, keys: &Keyring) -> Result<JsonLinesLog, LogError> {
        JsonLinesLog::open(self.path(), keys)
    }

    async fn meddle(&self, how: Meddling) {
        let text = fs::read_to_string(self.path()).unwrap();
        let mut lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let find = |lines: &[Value], position: u64| {
            let at = |line: &Value| line["row"]["position"] == position;
            lines.iter().position(at).unwrap()
        };
        let row = |lines: &mut Vec<Value>, position: u64, change: &dyn Fn(&mut Value)| {
            let at = find(lines, position);
            change(&mut lines[at]["row"]);
        };
        match how {
            Meddling::Text(at) => row(&mut lines, at, &|row| {
                row["text"] = row["text"]
                    .as_str()
                    .unwrap()
                    .replace("\"given\"", "\"refused\"")
                    .into();
            }),
            Meddling::CutText(at) => row(&mut lines, at, &|row| {
                row["text"] = row["text"].as_str().unwrap()[..40].into();
            }),
            Meddling::Swap(a, b) => {
                let (a, b) = (find(&lines, a), find(&lines, b));
                for field in ["text", "tag"] {
                    let (one, other) = (
                        lines[a]["row"][field].clone(),
                        lines[b]["row"][field].clone(),
                    );
                    lines[a]["row"][field] = other;
                    lines[b]["row"][field] = one;
                }
            }
            Meddling::Trade(a, b) => {
                let (at, other) = (find(&lines, a), find(&lines, b));
                lines[at]["row"]["position"] = b.into();
                lines[other]["row"]["position"] = a.into();
            }
            Meddling::Time(at) => row(&mut lines, at, &|row| {
                row["at"] = (row["at"].as_i64().unwrap() + 86_400).into();
            }),
            Meddling::Receipt(at) => row(&mut lines, at, &|row| {
                row["receipt"] = "ab".repeat(16).into()
            }),
            Meddling::Tag(at) => row(&mut lines, at, &|row| row["tag"] = "ab".repeat(36).into()),
            Meddling::Drop(at) => {
                let at = find(&lines, at);
                lines.remove(at);
            }
            Meddling::Copy(at) => {
                let at = find(&lines, at);
                let mut copy = lines[at].clone();
                copy["row"]["id"] = "ab".repeat(16).into();
                lines.insert(at + 1, copy);
            }
            Meddling::Head => fs::write(self.head_path(), "ab".repeat(86)).unwrap(),
            Meddling::DropHead => fs::remove_file(self.head_path()).unwrap(),
            Meddling::Artefacts => {
                for line in &mut lines {
                    if line.get("artefact").is_some() {
                        line["artefact"]["bytes"] = "q6ur".into();
                    }
                }
            }
            Meddling::DropArtefacts => lines.retain(|line| line.get("artefact").is_none()),
        }
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(self.path(), text).unwrap();
    }
}

/// Sends statements to the server, past the log.
async fn run(url: &str, statements: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    client.batch_execute(statements).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
}

/// Said where the test harness does not swallow it, once.
fn say_left_out() {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        let line = format!(
            "left out: everything about PostgreSQL, for {SERVER} names no server (tests/run.sh starts one)\n"
        );
        let _ = std::io::stderr().write_all(line.as_bytes());
    });
}

impl Meddling {
    /// As SQL, which differs in how bytes are written.
    fn sql(&self, hex: &str) -> String {
        let other = |bytes: usize| format!("{hex}{}'", "ab".repeat(bytes));
        match self {
            Self::Text(at) => format!(
                "UPDATE consent_rows SET text = replace(text, '\"given\"', '\"refused\"') WHERE position = {at}"
            ),
            Self::CutText(at) => {
                format!("UPDATE consent_rows SET text = substr(text, 1, 40) WHERE position = {at}")
            }
            Self::Swap(a, b) => format!(
                "CREATE TABLE swapped AS SELECT position, text, tag FROM consent_rows;
                 UPDATE consent_rows SET text = (SELECT text FROM swapped WHERE position = {b}),
                    tag = (SELECT tag FROM swapped WHERE position = {b}) WHERE position = {a};
                 UPDATE consent_rows SET text = (SELECT text FROM swapped WHERE position = {a}),
                    tag = (SELECT tag FROM swapped WHERE position = {a}) WHERE position = {b};
                 DROP TABLE swapped"
            ),
            Self::Trade(a, b) => {
                let columns = "id, receipt, at, text, tag, named";
                // PostgreSQL lets nobody write the column without being told so.
                let overriding = if hex.starts_with('X') {
                    ""
                } else {
                    "OVERRIDING SYSTEM VALUE"
                };
                format!(
                    "CREATE TABLE traded AS SELECT position, {columns} FROM consent_rows
                        WHERE position IN ({a}, {b});
                     DELETE FROM consent_rows WHERE position IN ({a}, {b});
                     INSERT INTO consent_rows (position, {columns}) {overriding}
                        SELECT {a} + {b} - position, {columns} FROM traded;
                     DROP TABLE traded"
                )
            }
            Self::Time(at) => {
                format!("UPDATE consent_rows SET at = at + 86400 WHERE position = {at}")
            }
            Self::Receipt(at) => format!(
                "UPDATE consent_rows SET receipt = {} WHERE position = {at}",
                other(16)
            ),
            Self::Tag(at) => format!(
                "UPDATE consent_rows SET tag = {} WHERE position = {at}",
                other(36)
            ),
            Self::Drop(at) => format!("DELETE FROM consent_rows WHERE position = {at}"),
            Self::Copy(at) => format!(
                "INSERT INTO consent_rows (id, receipt, at, text, tag, named)
                 SELECT {}, receipt, at, text, tag, named FROM consent_rows WHERE position = {at}",
                other(16)
            ),
            Self::Head => format!("UPDATE consent_head SET head = {}", other(86)),
            Self::DropHead => "DELETE FROM consent_head".to_owned(),
            Self::Artefacts => format!("UPDATE consent_artefacts SET bytes = {}", other(9)),
            Self::DropArtefacts => "DELETE FROM consent_artefacts".to_owned(),
        }
    }
}
