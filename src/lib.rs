//! A tower layer that keeps the promise in a site's cookie policy.
//!
//! For every request it works out which of four categories the visitor has
//! explicitly granted, from signed cookies, and holds the app to it wherever
//! the server has a say:
//!
//! | surface | while a category is not granted |
//! | --- | --- |
//! | request `Cookie` | its cookies are **stripped** before the app can read them |
//! | response `Set-Cookie` | **suppressed**; after a refusal the stored ones are **expired** |
//! | response HTML, streamed | scripts, pixels, embeds, hints are **blocked**, reversibly |
//! | what scripts insert | a guard in the page **parks** it, as the gate does markup |
//! | response headers | `Link` hints, `Refresh`, reporting to trackers are **filtered** |
//! | routes | declared collection routes are **refused**; handlers can demand a proof of consent |
//!
//! It renders the banner that asks, on the server, so that it is there at
//! first paint and works without scripts.
//!
//! # Quick start
//!
//! ```
//! use axum::{Router, routing::get};
//! use tower_consent::{ConsentLayer, Keyring, Policy, catalog};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = Policy::builder("2026-09-01")          // change it to ask everybody again
//!     .vendor(catalog::google_analytics())            // waits for "analytics"
//!     .vendor(catalog::youtube())                     // waits for "marketing"
//!     .necessary("session", "Keeps you signed in")    // always on
//!     .build()?;                                      // tells every problem at once
//! let app: Router = Router::new()
//!     .route("/", get(|| async { axum::response::Html("<!doctype html><h1>Shop</h1>") }))
//!     .layer(ConsentLayer::new(policy, Keyring::ephemeral()?));
//! # Ok(())
//! # }
//! ```
//!
//! [`Keyring::ephemeral`] is for a first try. In production use
//! [`Keyring::from_env`], and on plain http
//! [`with_insecure_cookies`](ConsentLayer::with_insecure_cookies).
//!
//! Known trackers are gated from the start, declared or not: see [`catalog`].
//!
//! # Asking in a handler
//!
//! [`Consent`] says what this visitor granted. [`Granted`] is a proof: a
//! handler that takes one is not called without consent, and a function that
//! takes one cannot be called by mistake.
//!
//! ```
//! use axum::{Router, routing::{get, post}};
//! use tower_consent::{Category, Consent, Granted, marker::Analytics};
//!
//! async fn home(consent: Consent) -> String {
//!     format!("analytics: {}", consent.allows(Category::Analytics))
//! }
//!
//! async fn collect(proof: Granted<Analytics>, body: String) {
//!     store(&proof, &body);
//! }
//!
//! fn store(_: &Granted<Analytics>, _event: &str) { /* ... */ }
//!
//! let app: Router = Router::new().route("/", get(home)).route("/collect", post(collect));
//! ```
//!
//! [`RequireConsent`] does the same for a route on any tower stack.
//!
//! # What visitors get
//!
//! The banner asks about the categories that the policy has entries in, with
//! equal buttons. A refusal is remembered like a grant, for 184 days, and
//! nobody is asked again before that unless what was asked has changed. Every
//! page has a link to the preferences, where each service can be refused alone
//! and everything can be withdrawn; the very next response obeys. Deleting one
//! category's cookie in the browser withdraws that category alone.
//!
//! # Features
//!
//! `axum`, on by default, adds the extractors and needs `axum-core` alone.
//! Without it the crate works on any tower stack.
//!
//! `decompress`, off by default, gates pages that the app compressed with gzip,
//! deflate, Brotli or Zstandard, and sends them on uncompressed. Without it
//! they are treated as [`Unrewritable`] says. An app seldom compresses a page
//! behind the layer, which asks it not to.
//!
//! `filter-lists`, off by default, adds `FilterLists`: lists in the format of
//! EasyList and EasyPrivacy as a further classifier. It brings the `adblock`
//! crate, which is under the MPL-2.0.
//!
//! `sqlite`, `postgres` and `json-lines`, off by default, each add a log for
//! records of consent: see [`manual::stores`]. `sqlite` compiles SQLite in and
//! needs a C compiler; `postgres` brings tokio, on a thread of its own.
//!
//! `strict-third-parties`, off by default, adds
//! `PolicyBuilder::strict_third_parties`: other sites' active content waits for
//! consent unless the policy declares it. It brings the public suffix list.
//!
//! # Further reading
//!
//! The [manual]: [deployment](manual::deployment),
//! [caches and proxies](manual::caching), [languages](manual::languages), [look](manual::look),
//! [markup](manual::markup), [places and signals](manual::places), [records](manual::records) and
//! [stores](manual::stores), [scripting](manual::scripting), [vendors](manual::vendors),
//! [threats](manual::threats), [promises](manual::promises).

mod answer;
mod asset;
#[cfg(feature = "axum")]
mod axum;
mod banner;
mod body;
mod category;
mod choice;
mod clock;
mod config;
mod consent;
mod cookie;
mod decide;
mod edition;
mod endpoint;
mod exchange;
mod future;
mod gate;
mod hooks;
mod id;
mod journal;
mod jurisdiction;
mod keys;
mod layer;
mod mac;
pub mod manual;
mod policy;
pub mod record;
mod require;
mod rights;
mod rule;
mod service;
mod settle;
mod signal;
mod standing;
mod token;

#[cfg(feature = "axum")]
pub use crate::axum::ConsentRejection;
pub use banner::{OwnBanner, banner_html, banner_html_in};
pub use body::{BodyError, ConsentBody};
pub use category::{Category, CategorySet, UnknownCategory, marker};
pub use choice::Choice;
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use consent::{Consent, Granted};
pub use endpoint::look::{BannerPlacement, BannerShape, ColorScheme, GuardMode, SettingsEntry};
pub use endpoint::statement::PolicyText;
pub use endpoint::template::{BannerParts, TemplateError};
pub use future::ResponseFuture;
pub use gate::cache::CacheMode;
pub use gate::media::Unrewritable;
pub use gate::response::CookieRule;
pub use hooks::Change;
pub use jurisdiction::{CountryHeader, Jurisdiction, RequestHead, UsRule};
pub use keys::{KeyError, Keyring, SigningKey};
pub use layer::ConsentLayer;
pub use policy::{
    Audience, Controller, Dnt, ExemptStatistics, Policy, PolicyBuilder, PolicyError, PolicyVersion,
    RecordTerms, SiteCookie, StatisticsRegime, Texts, Vendor, catalog,
};
pub use policy::{ConsentMode, GoogleAdvancedConsentMode, GoogleConsentMode};
#[cfg(feature = "filter-lists")]
pub use policy::{FilterListError, FilterLists, FilterListsBuilder};
pub use require::{RequireConsent, RequireConsentService};
pub use service::ConsentService;
pub use signal::{Objection, SignalSource};
pub use standing::{Reason, State};
