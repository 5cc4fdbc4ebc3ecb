//! How does a site in any language get a consent gate?
//!
//! It stands behind this: a streaming reverse proxy with a `ConsentLayer`
//! around it.
//!
//! ```text
//! cargo run --example gateway -- --upstream http://127.0.0.1:8080 --listen 127.0.0.1:8000 --insecure-cookies
//! ```
//!
//! `proxy/site.rs` makes the layer, `proxy/relay.rs` hands requests on; the
//! rest is what HTTP asks of whoever stands in between.

#![allow(clippy::print_stdout, reason = "it is a command")]

mod proxy;

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use proxy::options::{Command, HELP, Options};
use proxy::{Problems, options, pack, relay::Relay, serve, site};
use tokio::net::TcpListener;
use tower_layer::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What it says unless `RUST_LOG` wants something else.
const LOG: &str = "gateway=info,tower_consent=warn";

#[tokio::main]
async fn main() -> ExitCode {
    log();
    match options::read(std::env::args().skip(1)) {
        (Command::Help, _) => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        (Command::Run(options), problems) => run(options, problems).await,
    }
}

async fn run(options: Options, problems: Problems) -> ExitCode {
    let consent = match site::layer(&options, problems) {
        Ok(consent) => consent,
        Err(problems) => {
            eprintln!("{problems}");
            return ExitCode::from(2);
        }
    };
    let listener = match TcpListener::bind(&options.listen).await {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("gateway: cannot listen on {}: {error}", options.listen);
            return ExitCode::FAILURE;
        }
    };
    tracing::info!(
        "http://{} stands in front of http://{}; Ctrl-C ends it",
        options.listen,
        options.upstream
    );
    let site = pack::packed(consent.layer(Relay::new(&options)));
    serve::serve(listener, site, stopped()).await;
    ExitCode::SUCCESS
}

fn log() {
    let wanted = std::env::var("RUST_LOG").ok();
    let targets = wanted
        .and_then(|text| text.parse::<Targets>().ok())
        .or_else(|| LOG.parse().ok())
        .unwrap_or_default();
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    tracing_subscriber::registry()
        .with(lines)
        .with(targets)
        .init();
}

/// Ends with the first SIGINT or SIGTERM.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
