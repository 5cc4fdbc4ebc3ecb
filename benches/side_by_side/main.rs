//! Proves what the banner costs a visitor, beside the two best-known libraries
//! and beside the same page without any banner.
//!
//! `cargo bench --bench side_by_side` fetches the libraries from npm into
//! `target/`, loads each page by turns in one Chromium with four times slower
//! CPU and slow 4G, and prints medians. A number behind `--` sets the rounds,
//! a name runs that page alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench prints, and panics where its set-up is wrong"
)]

mod measure;
mod pages;

#[allow(dead_code, reason = "the browser tests use the rest")]
#[path = "../../tests/browser/driver.rs"]
mod driver;

use driver::{Browser, Programs, Scripts};
use measure::Figures;
use pages::PAGES;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Ok(programs) = Programs::find() else {
        println!("no browser: nothing measured");
        return;
    };
    // `cargo test --benches` only wants to know that everything runs.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("for `cargo bench --bench side_by_side`");
        return;
    }
    let rounds = arguments.iter().find_map(|argument| argument.parse().ok());
    let rounds: usize = rounds.unwrap_or(9);
    let shown: Vec<usize> = (0..PAGES.len())
        .filter(|at| {
            let named = |name: &str| arguments.iter().any(|argument| argument == name);
            let any = PAGES.iter().any(|page| named(page.name));
            *at == 0 || !any || named(PAGES[*at].name)
        })
        .collect();
    let server = pages::serve().await;
    let browser = Browser::open(&programs, Scripts::On, server.port).await;
    measure::prepare(&browser).await;
    let mut all: Vec<Vec<Figures>> = vec![Vec::new(); PAGES.len()];
    for round in 0..=rounds {
        for turn in 0..shown.len() {
            let at = shown[(turn + round) % shown.len()];
            let figures = measure::visit(&browser, &server, &PAGES[at]).await;
            // The first round fills what the browser and the server keep for ever.
            if round > 0 {
                all[at].push(figures);
            }
        }
    }
    measure::print(&shown, &all);
}
