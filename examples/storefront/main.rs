//! What does tower-consent do, seen in a browser?
//!
//! A small shop behind a `ConsentLayer`, with third parties of its own that
//! count what they really receive. Nothing leaves the machine:
//!
//! ```text
//! cargo run --example storefront
//! ```
//!
//! `shop/policy.rs` is the part to copy.

#![allow(clippy::print_stdout, reason = "it is a command")]

mod shop;

use std::error::Error;
use std::io;
use std::process::ExitCode;

use shop::journal::Journal;
use shop::{Options, Records, Running};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

const HELP: &str = "\
A small shop behind a ConsentLayer, with third parties of its own.

Usage: cargo run --example storefront -- [--port N] [--real-tags]
       cargo run --example storefront --features sqlite -- --records FILE

  --port N      the port to listen on (default 3000; a free one if it is taken)
  --real-tags   puts the tags of Google Analytics and of Meta into /product/1.
                Only useful with a browser whose resolver maps every host to a
                sink: with any other, accepting contacts Google and Meta.
  --records FILE
                keeps records of consent in this SQLite file instead of in
                memory. Needs the feature sqlite, and keys that last:
                export CONSENT_KEYS=$(openssl rand -base64 32)
  --help        prints this
";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let Some(options) = options(std::env::args().skip(1))? else {
        print!("{HELP}");
        return Ok(());
    };
    let journal = Journal::default();
    let warnings = Targets::new().with_target("tower_consent", LevelFilter::WARN);
    tracing_subscriber::registry()
        .with(journal.layer())
        .with(fmt::layer().with_filter(warnings))
        .init();
    let running = open(options, journal).await?;
    introduce(&running);
    tokio::signal::ctrl_c().await?;
    match running.close().await {
        0 => Ok(()),
        lost => Err(format!("{lost} records could not be stored").into()),
    }
}

#[cfg(feature = "sqlite")]
fn kept_in(file: String) -> Result<Records, String> {
    match std::env::var_os("CONSENT_KEYS") {
        Some(_) => Ok(Records::File(file.into())),
        None => Err(
            "--records needs keys that last: export CONSENT_KEYS=$(openssl rand -base64 32)"
                .to_owned(),
        ),
    }
}

#[cfg(not(feature = "sqlite"))]
fn kept_in(_: String) -> Result<Records, String> {
    Err("--records needs SQLite: cargo run --example storefront --features sqlite".to_owned())
}

/// Opens the shop, on another port if the wanted one is taken.
async fn open(options: Options, journal: Journal) -> Result<Running, Box<dyn Error>> {
    match shop::start(&options, journal.clone()).await {
        Err(error) if is_taken(&*error) => {
            println!(
                "Port {} is taken, so the shop opens on a free one.",
                options.port
            );
            shop::start(&Options { port: 0, ..options }, journal).await
        }
        other => other,
    }
}

fn is_taken(error: &(dyn Error + 'static)) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

fn introduce(running: &Running) {
    println!("\nThe shop is open:  {}\n", running.url);
    println!("  1. Open it. The panel shows that no third party has received anything.");
    println!("  2. \"Accept all\": everything comes alive, without a reload.");
    println!("  3. \"Privacy settings\", then \"Reject all\": the next page sends nothing,");
    println!("     the trackers' cookies are gone, cart and login are still there.\n");
    println!("\"Privacy settings\" also shows what was recorded, gives it out and erases it.\n");
    println!("Its third parties, all on this machine:");
    for partner in &running.shop.partners.0 {
        println!("  {:<11} {}", partner.name, partner.url);
    }
    println!("\nCtrl-C closes it.");
}

/// Reads the command line; `None` asks for help.
fn options(arguments: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options {
        port: 3000,
        records: Records::Memory,
        ..Options::default()
    };
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--help" | "-h" => return Ok(None),
            "--real-tags" => options.real_tags = true,
            "--port" => {
                let port = arguments.next().and_then(|port| port.parse().ok());
                options.port = port.ok_or("--port takes a number from 0 to 65535")?;
            }
            "--records" => {
                let file = arguments.next().ok_or("--records takes a file")?;
                options.records = kept_in(file)?;
            }
            other => return Err(format!("There is no option {other}.\n\n{HELP}")),
        }
    }
    Ok(Some(options))
}
