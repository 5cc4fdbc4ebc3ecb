//! How does whoever runs a site look after its records of consent?
//!
//! ```text
//! cargo run --example records --features sqlite -- list sqlite:consent.db
//! ```
//!
//! Each command is one call of the `ConsentLog` trait, so the same lines do for
//! a store of your own.

#![allow(clippy::print_stdout, reason = "it is a command")]

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tower_consent::record::{
    ConsentLog, Held, JsonLinesLog, PostgresLog, ReceiptId, SqliteLog, Stored, verify,
};
use tower_consent::{Clock, Keyring, SystemClock, Timestamp};

const HELP: &str = "\
Looks after the records of consent in a database.

Usage: cargo run --example records --features json-lines,postgres,sqlite -- COMMAND LOG [options]

Commands:
  list LOG [RECEIPT]          one line for each event, or for those of one record
  export LOG [RECEIPT]        everything about them, as JSON, one event a line
  verify LOG                  holds every row to its seal and all of them to the count
  purge LOG --days N          removes what is older than N days and not on hold, and the
                              texts that no record names any more
  erase LOG RECEIPT           removes one record
  hold LOG RECEIPT REASON     keeps a record from being purged and erased
  release LOG RECEIPT         ends that

LOG is sqlite:FILE, jsonl:FILE or postgres://USER@HOST/DATABASE.
RECEIPT is the 32 hexadecimal digits that `list` shows.

  --help                      prints this

Environment:
  CONSENT_KEYS    the site's keys, as the site has them; for verify, purge and erase

Exit codes: 0 done; 1 it could not be done; 2 the command line is wrong;
3 verify found something, or erase found the record on hold.
";

/// How many rows are read at a time.
const PAGE: usize = 1000;
const DAY: u64 = 86_400;
/// In how many steps a purge goes that somebody looks at.
const STEPS: u64 = 20;

/// Why it ends early.
enum Stop {
    /// The command line is wrong.
    Usage(String),
    /// It could not be done.
    Failed(String),
    /// It was done, and what came of it is not good news.
    Found,
}

impl<E: std::error::Error> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.to_string())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Found) => ExitCode::from(3),
        Err(Stop::Failed(why)) => {
            eprintln!("records: {why}");
            ExitCode::FAILURE
        }
        Err(Stop::Usage(why)) => {
            eprintln!("records: {why}; --help says how");
            ExitCode::from(2)
        }
    }
}

async fn run(words: &[String]) -> Result<(), Stop> {
    if words.iter().any(|word| word == "--help" || word == "-h") {
        print!("{HELP}");
        return Ok(());
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let command = Command::read(&words)?;
    let [_, place, ..] = words[..] else {
        return Err(Stop::Usage("which log?".to_owned()));
    };
    let keys = if command.needs_keys() {
        Keyring::from_env("CONSENT_KEYS")?
    } else {
        // Reading needs none.
        Keyring::ephemeral()?
    };
    match place.split_once(':') {
        Some(("sqlite", file)) => {
            command
                .run(&SqliteLog::open(there(file)?, &keys)?, &keys)
                .await
        }
        Some(("jsonl", file)) => {
            command
                .run(&JsonLinesLog::open(there(file)?, &keys)?, &keys)
                .await
        }
        Some(("postgres" | "postgresql", _)) => {
            command
                .run(&PostgresLog::connect(place, &keys).await?, &keys)
                .await
        }
        _ => Err(Stop::Usage(format!("`{place}` names no log"))),
    }
}

/// A log that is not there is a wrong name here, and not a new log.
fn there(file: &str) -> Result<&str, Stop> {
    match std::fs::metadata(file) {
        Ok(_) => Ok(file),
        Err(error) => Err(Stop::Failed(format!("{file}: {error}"))),
    }
}

enum Command<'a> {
    List(Option<ReceiptId>),
    Export(Option<ReceiptId>),
    Verify,
    Purge(u64),
    Erase(ReceiptId),
    Hold(ReceiptId, &'a str),
    Release(ReceiptId),
}

impl<'a> Command<'a> {
    fn read(words: &[&'a str]) -> Result<Self, Stop> {
        let wrong = |why: &str| Err(Stop::Usage(why.to_owned()));
        match *words {
            ["list", _] => Ok(Self::List(None)),
            ["list", _, whose] => Ok(Self::List(Some(receipt(whose)?))),
            ["export", _] => Ok(Self::Export(None)),
            ["export", _, whose] => Ok(Self::Export(Some(receipt(whose)?))),
            ["verify", _] => Ok(Self::Verify),
            ["purge", _, "--days", days] => match days.parse() {
                Ok(days) if days > 0 => Ok(Self::Purge(days)),
                _ => wrong("--days wants a whole number of days, from 1"),
            },
            ["purge", ..] => wrong("purge wants --days, and knows no default"),
            ["erase", _, whose] => Ok(Self::Erase(receipt(whose)?)),
            ["hold", _, whose, reason] if !reason.trim().is_empty() => {
                Ok(Self::Hold(receipt(whose)?, reason))
            }
            ["release", _, whose] => Ok(Self::Release(receipt(whose)?)),
            [] => wrong("what is to be done?"),
            [command, ..] => wrong(&format!("`{command}` cannot be done with these words")),
        }
    }

    /// Whether it seals something, or holds something to its seal.
    const fn needs_keys(&self) -> bool {
        matches!(self, Self::Verify | Self::Purge(_) | Self::Erase(_))
    }

    async fn run<L: ConsentLog>(self, log: &L, keys: &Keyring) -> Result<(), Stop> {
        match self {
            Self::List(whose) => each(log, whose, list_line).await,
            Self::Export(whose) => each(log, whose, export_line).await,
            Self::Verify => check(log, keys).await,
            Self::Purge(days) => {
                let now = SystemClock::default().now().unix_seconds();
                let before = now.saturating_sub(days.saturating_mul(DAY));
                let (rows, artefacts, kept) = purge(log, before).await?;
                say(&format!("{rows} rows and {artefacts} texts are gone"))?;
                for held in kept {
                    say(&format!(
                        "kept {} of {}: {}",
                        held.rows,
                        held.receipt.to_hex(),
                        held.reason
                    ))?;
                }
                Ok(())
            }
            Self::Erase(whose) => {
                let erased = log.erase(whose).await?;
                if let Some(reason) = erased.held {
                    say(&format!("nothing is gone, the record is on hold: {reason}"))?;
                    return Err(Stop::Found);
                }
                say(&format!(
                    "{} rows are gone; backups hold them until they are replaced",
                    erased.rows
                ))
            }
            Self::Hold(whose, reason) => {
                let rows = log.hold(whose, reason).await?;
                say(&format!("{rows} rows are on hold, and all that follow"))
            }
            Self::Release(whose) => {
                let ended = log.release(whose).await?;
                say(if ended { "released" } else { "was not on hold" })
            }
        }
    }
}

fn receipt(text: &str) -> Result<ReceiptId, Stop> {
    ReceiptId::from_hex(text)
        .ok_or_else(|| Stop::Usage(format!("`{text}` is no receipt of 32 hexadecimal digits")))
}

/// Prints a line for each row, of one record or of all.
async fn each<L: ConsentLog>(
    log: &L,
    whose: Option<ReceiptId>,
    line: fn(&Stored) -> String,
) -> Result<(), Stop> {
    if let Some(whose) = whose {
        for stored in log.by_receipt(whose).await? {
            say(&line(&stored))?;
        }
        return Ok(());
    }
    // Where the lines go into a file.
    let shows = io::stderr().is_terminal() && !io::stdout().is_terminal();
    let all = log.head().await?.map_or(0, |head| head.rows());
    let (mut after, mut rows) = (0, 0);
    loop {
        let page = log.page(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.position;
        for stored in &page {
            say(&line(stored))?;
        }
        rows += page.len();
        if shows {
            eprint!("\r{rows} of {all} rows");
        }
    }
    if shows {
        eprintln!();
    }
    Ok(())
}

/// Removes what is due. Where somebody looks on, in steps, and says how far it is.
async fn purge<L: ConsentLog>(log: &L, before: u64) -> Result<(u64, u64, Vec<Held>), Stop> {
    let first = log.page(0, 1).await?;
    let oldest = first
        .first()
        .map_or(before, |stored| stored.row.at.unix_seconds());
    let steps = if io::stderr().is_terminal() { STEPS } else { 1 };
    let (mut rows, mut artefacts, mut kept) = (0, 0, Vec::new());
    for step in 1..=steps {
        let until = oldest + before.saturating_sub(oldest) * step / steps;
        let until = if step == steps { before } else { until };
        let purged = log.purge(Timestamp::from_unix_seconds(until)).await?;
        rows += purged.rows;
        artefacts += purged.artefacts;
        kept = purged.kept;
        if steps > 1 {
            eprint!("\r{:>3} %, {rows} rows gone", step * 100 / steps);
        }
    }
    if steps > 1 {
        eprintln!();
    }
    Ok((rows, artefacts, kept))
}

fn list_line(stored: &Stored) -> String {
    let row = &stored.row;
    let kind = row
        .event()
        .map_or("unreadable", |event| event.kind.as_str());
    let held = stored
        .held
        .as_deref()
        .map_or(String::new(), |reason| format!("  on hold: {reason}"));
    format!(
        "{:>9}  {}  {}  {kind}{held}",
        stored.position,
        date(row.at),
        row.receipt.to_hex(),
    )
}

fn date(at: Timestamp) -> String {
    let seconds = i64::try_from(at.unix_seconds()).unwrap_or_default();
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_else(|| seconds.to_string())
}

fn export_line(stored: &Stored) -> String {
    let event = serde_json::from_str(&stored.row.text)
        .unwrap_or_else(|_| serde_json::Value::from(stored.row.text.as_str()));
    serde_json::json!({
        "position": stored.position,
        "event": event,
        "held": stored.held,
    })
    .to_string()
}

async fn check<L: ConsentLog>(log: &L, keys: &Keyring) -> Result<(), Stop> {
    let all = log.head().await?.map_or(0, |head| head.rows());
    let shows = io::stderr().is_terminal();
    let found = verify(log, keys, |rows| {
        if shows {
            eprint!("\r{rows} of {all} rows");
        }
    })
    .await?;
    if shows {
        eprintln!();
    }
    for finding in &found.findings {
        say(&finding.to_string())?;
    }
    if found.unsettled {
        say("rows kept coming, so that they could not be counted: try again when it is quiet")?;
    }
    if !found.is_clean() {
        return Err(Stop::Found);
    }
    say(&format!(
        "{} rows and {} texts are as they were written, generation {}",
        found.rows,
        found.artefacts,
        found.generation.unwrap_or_default()
    ))
}

/// Prints a line. Where nobody reads on, as in `| head`, it ends without a word.
fn say(line: &str) -> Result<(), Stop> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        result => Ok(result?),
    }
}
