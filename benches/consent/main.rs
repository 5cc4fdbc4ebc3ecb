//! Proves what the layer costs, each figure as a ratio within one run.
//!
//! Time is the thread's CPU time. The cases of a group take turns in every
//! round, in rotated order, so that what slows the machine slows all of them; a
//! ratio is the median of the rounds' ratios. `cargo bench` prints the table.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench prints, and panics where its set-up is wrong"
)]

mod decision;
mod long_pages;
mod measure;
mod pages;
mod responses;
mod served;
mod signal;
mod site;

#[path = "../common/mod.rs"]
mod common;

use common::is_bench;
use decision::decision;
use long_pages::long_pages;
use pages::pages;
use responses::responses;
use served::served;
use signal::signal;

/// Cases that are measured together, over so many rounds.
type Group = fn(usize);

fn main() {
    let rounds = if is_bench() { 201 } else { 3 };
    println!("{:<58} {:>9} {:>8} {:>8}", "", "ns", "ratio", "target");
    let groups: [(&str, Group); 6] = [
        ("decision", decision),
        ("responses", responses),
        ("signal", signal),
        ("pages", pages),
        ("served", served),
        ("long", long_pages),
    ];
    // `cargo bench --bench consent -- pages served` runs those alone.
    let named: Vec<String> = std::env::args().skip(1).collect();
    let all = !groups
        .iter()
        .any(|(name, _)| named.iter().any(|one| one == name));
    for (name, run) in groups {
        if all || named.iter().any(|one| one == name) {
            run(rounds);
        }
    }
}
