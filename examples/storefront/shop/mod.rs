//! How do the pieces of the demonstration stand together?
//!
//! [`start`] opens the shop and its third parties on loopback ports of their
//! own, and puts the shop behind a [`ConsentLayer`]. Everything else here is
//! an ordinary small shop:
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`policy`] | what the shop declares: the part to copy |
//! | [`routes`], [`visit`] | the shop's handlers, and what they know of a visitor |
//! | [`pages`], [`tags`], [`goods`] | HTML, the third parties' tags, the goods |
//! | [`partners`] | the third parties, which count what they really receive |
//! | [`journal`], [`panel`] | what the layer said it did, and the panel that shows it all |

mod goods;
pub(crate) mod journal;
mod pages;
mod panel;
pub(crate) mod partners;
mod policy;
mod routes;
mod tags;
mod visit;

use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
#[cfg(feature = "sqlite")]
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::middleware::map_response;
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
#[cfg(feature = "sqlite")]
use tower_consent::record::SqliteLog;
use tower_consent::record::{LogError, MemoryLog, Recording};
use tower_consent::{CacheMode, ConsentLayer, CountryHeader, KeyError, Keyring, UsRule};

use journal::Journal;
use partners::{Partners, Received};

/// How to open the shop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The port to listen on; 0 takes any that is free.
    pub(crate) port: u16,
    /// Puts the tags of Google Analytics and Meta into one product page.
    pub(crate) real_tags: bool,
    /// Writes consent cookies as on https. Browsers take them from loopback addresses too.
    pub(crate) secure_cookies: bool,
    /// Keeps records of consent.
    pub(crate) records: Records,
    /// Lets every cache keep the pages, which are then the same for everybody.
    pub(crate) uniform: bool,
    /// Asks visitors from the United States first, too, instead of letting them opt out.
    pub(crate) strict_us: bool,
}

/// Where records of consent are kept.
#[derive(Clone, Debug, Default)]
pub(crate) enum Records {
    #[default]
    Nowhere,
    /// Until the shop closes.
    Memory,
    /// In a file of SQLite, under the keys in `CONSENT_KEYS`, so that what is
    /// written today still verifies tomorrow.
    #[cfg(feature = "sqlite")]
    File(PathBuf),
}

impl Records {
    fn keys(&self) -> Result<Keyring, KeyError> {
        match self {
            Self::Nowhere | Self::Memory => Keyring::ephemeral(),
            #[cfg(feature = "sqlite")]
            Self::File(_) => Keyring::from_env("CONSENT_KEYS"),
        }
    }

    fn recording(&self, keys: &Keyring) -> Result<Option<Recording>, LogError> {
        Ok(match self {
            Self::Nowhere => None,
            Self::Memory => Some(Recording::new(MemoryLog::new(keys))),
            #[cfg(feature = "sqlite")]
            Self::File(path) => Some(Recording::new(SqliteLog::open(path, keys)?)),
        })
    }
}

/// What the shop's handlers share.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) partners: Partners,
    /// What the shop's own `/collect` was given.
    pub(crate) collected: Received,
    pub(crate) journal: Journal,
    /// Who is signed in, by the value of the session cookie.
    pub(crate) sessions: Mutex<HashMap<String, String>>,
    pub(crate) real_tags: bool,
}

/// An open shop. It closes when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    /// Where the shop is, without a trailing slash.
    pub(crate) url: String,
    pub(crate) shop: Arc<Shop>,
    consent: ConsentLayer,
    _servers: JoinSet<io::Result<()>>,
}

impl Running {
    /// Stores the records that still wait. How many could not be.
    pub(crate) async fn close(self) -> usize {
        self.consent.flush_records().await
    }
}

/// Opens the shop and its third parties.
///
/// `journal` shows what it was subscribed to; see [`Journal::layer`].
pub(crate) async fn start(options: &Options, journal: Journal) -> Result<Running, Box<dyn Error>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let mut servers = JoinSet::new();
    let partners = Partners::start(&mut servers).await?;

    // Nobody stands in front of the demonstration, so whoever asks says where they are:
    // curl -H 'CF-IPCountry: US' -H 'Sec-GPC: 1' ...
    let countries = CountryHeader::cloudflare().with_us(match options.strict_us {
        true => UsRule::Strict,
        false => UsRule::OptOut,
    });
    let keys = options.records.keys()?;
    let recording = options.records.recording(&keys)?;
    let consent = ConsentLayer::new(policy::policy(&partners)?, keys)
        .with_jurisdiction(move |request| countries.jurisdiction(request))
        .with_insecure_cookies(!options.secure_cookies)
        .with_cache_mode(match options.uniform {
            true => CacheMode::Uniform,
            false => CacheMode::PerState,
        });
    let consent = match recording {
        Some(recording) => {
            let consent = consent.with_records(recording)?;
            let worker = consent.record_worker();
            servers.spawn(async move {
                worker.await;
                Ok(())
            });
            consent
        }
        None => consent,
    };
    let shop = Arc::new(Shop {
        partners,
        collected: Received::default(),
        journal,
        sessions: Mutex::default(),
        real_tags: options.real_tags,
    });
    // The panel is the instrument and no part of the shop, so it stays outside of the layer.
    let kept = options.uniform.then_some("public, max-age=600");
    let app = routes::router()
        .layer(map_response(move |mut response: Response| async move {
            if let Some(kept) = kept {
                let headers = response.headers_mut();
                headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
            }
            response
        }))
        .layer(consent.clone())
        .merge(panel::router())
        .with_state(shop.clone());
    servers.spawn(async move { axum::serve(listener, app).await });
    Ok(Running {
        url,
        shop,
        consent,
        _servers: servers,
    })
}
