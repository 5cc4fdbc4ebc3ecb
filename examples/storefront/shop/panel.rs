//! What really happened?
//!
//! The panel beside every page: what each third party received, by its own
//! count, and what the layer says it did. The page carries it as it stood when
//! the page was made, and `shop.js` keeps it up to date from `/panel.json`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, COOKIE, REFERER};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;
use tower_consent::Consent;

use super::Shop;
use super::pages::escape;
use super::visit::Visit;

/// How many lines each list shows.
const SHOWN: usize = 2;
/// The acts in the order in which they are shown: blocked elements are many, so they come last.
const ORDER: [&str; 5] = ["expire", "strip", "suppress", "refuse", "block"];

/// The panel's own addresses, which are no part of the shop.
pub(crate) fn router() -> Router<Arc<Shop>> {
    Router::new()
        .route("/panel.json", get(json))
        .route("/panel/reset", post(reset))
}

/// The numbers and lists of the panel, by the name of the place that shows them.
#[derive(Debug, Default, Serialize)]
struct Snapshot {
    counts: BTreeMap<&'static str, usize>,
    lists: BTreeMap<&'static str, Vec<String>>,
}

impl Snapshot {
    fn of(shop: &Shop) -> Self {
        let mut snapshot = Self::default();
        let collected = ("collect", &shop.collected);
        let partners = shop
            .partners
            .0
            .iter()
            .map(|partner| (partner.id, &partner.received));
        for (id, received) in partners.chain([collected]) {
            snapshot.counts.insert(id, received.count());
            let last = received.last().into_iter().take(SHOWN).collect();
            snapshot.lists.insert(id, last);
        }
        let mut acts = shop.journal.acts();
        acts.sort_by_key(|act| ORDER.iter().position(|verb| *verb == act.verb));
        let acts = acts.iter().map(ToString::to_string).collect();
        snapshot.lists.insert("journal", acts);
        snapshot
    }
}

/// The panel as it stands. This is outside of the layer, so it also sees the
/// cookies that the shop's own code is not given.
async fn json(State(shop): State<Arc<Shop>>, headers: HeaderMap) -> impl IntoResponse {
    let mut snapshot = Snapshot::of(&shop);
    let held = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split("; "))
        .filter_map(|pair| Some(pair.split_once('=')?.0.to_owned()))
        .collect();
    snapshot.lists.insert("held", held);
    ([(CACHE_CONTROL, "no-store")], Json(snapshot))
}

async fn reset(State(shop): State<Arc<Shop>>, headers: HeaderMap) -> Redirect {
    for partner in &shop.partners.0 {
        partner.received.clear();
    }
    shop.collected.clear();
    shop.journal.clear();
    let referer = headers
        .get(REFERER)
        .and_then(|referer| referer.to_str().ok());
    let path = referer
        .and_then(|referer| referer.split_once("://")?.1.split_once('/'))
        .map_or_else(
            || "/".to_owned(),
            |(_, path)| format!("/{}", path.trim_start_matches('/')),
        );
    Redirect::to(&path)
}

/// The panel's HTML.
pub(crate) fn render(visit: &Visit) -> String {
    let snapshot = Snapshot::of(&visit.shop);
    let mut counters = String::new();
    for partner in &visit.shop.partners.0 {
        let host = partner.url.trim_start_matches("http://");
        counters += &counter(&snapshot, partner.id, partner.name, host);
    }
    counters += &counter(
        &snapshot,
        "collect",
        "This shop's own statistics",
        "/collect",
    );
    let read: Vec<String> = visit
        .cookie_names()
        .into_iter()
        .map(str::to_owned)
        .collect();
    format!(
        r#"<aside id="panel" aria-label="What really happened">
<h2>What really happened</h2>
{hints}
<section><h3>What each server received</h3>
<ul class="counters">{counters}</ul></section>
<section><h3>What the layer did</h3>{journal}</section>
<section><h3>Cookies that this page's code could read</h3>{read}</section>
<section data-live hidden><h3>Cookies that this browser holds for the shop</h3><ul class="chips" data-list="held"></ul></section>
<form method="post" action="/panel/reset"><button class="quiet">Reset the panel</button>
<noscript><small>Without scripts the panel is as old as the page: reload to bring it up to date.</small></noscript></form>
</aside>"#,
        hints = hints(&visit.consent),
        read = list("chips", "read", &read),
        journal = list(
            "journal",
            "journal",
            snapshot.lists.get("journal").map_or(&[], Vec::as_slice)
        ),
    )
}

/// One sentence on what to try next. All three are there, and one shows.
fn hints(consent: &Consent) -> String {
    let now = if consent.needs_banner() {
        "open"
    } else if consent.policy().asked().is_subset(consent.granted()) {
        "granted"
    } else {
        "refused"
    };
    let hints = [
        (
            "open",
            "This shop carries the tags of three companies, and none of them has heard of you. \
             Press <b>Accept all</b>: they come alive, without a reload.",
        ),
        (
            "granted",
            "Now take it back: <b>Privacy settings</b> in the corner, then <b>Reject all</b>. \
             The counters stand still and the trackers' cookies go; cart and login stay.",
        ),
        (
            "refused",
            "What you refused stays silent, on every page. Grant <b>Analytics</b> alone in the \
             <b>privacy settings</b> and see who is heard.",
        ),
    ];
    hints
        .into_iter()
        .map(|(when, hint)| {
            let hidden = if when == now { "" } else { " hidden" };
            format!(r#"<p class="hint" data-when="{when}"{hidden}>{hint}</p>"#)
        })
        .collect()
}

fn counter(snapshot: &Snapshot, id: &str, name: &str, place: &str) -> String {
    let count = snapshot.counts.get(id).copied().unwrap_or_default();
    let lines = snapshot.lists.get(id).map_or(&[][..], Vec::as_slice);
    format!(
        r#"<li><output data-count="{id}">{count}</output><div><b>{name}</b> <small>{place}</small>{}</div></li>"#,
        list("paths", id, lines)
    )
}

fn list(class: &str, id: &str, lines: &[String]) -> String {
    let items: String = lines
        .iter()
        .map(|line| format!("<li>{}</li>", escape(line)))
        .collect();
    format!(r#"<ul class="{class}" data-list="{id}">{items}</ul>"#)
}
