//! Who are the third parties, and what do they receive?
//!
//! Three small servers on loopback ports of their own stand for the services
//! that a shop embeds. Browsers resolve every name below `localhost` to the
//! machine itself, so `stats.localhost` is another site than the shop, and
//! nothing leaves the machine. Each behaves like the real thing: it sets
//! cookies of its own, and its script sets cookies on the shop's pages, writes
//! them again when a page is left, and reports back.

use std::collections::VecDeque;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, SET_COOKIE};
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// How many requests are shown and kept.
const KEPT: usize = 200;

/// What a server received since it was last cleared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Received(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    count: usize,
    last: VecDeque<String>,
}

impl Received {
    pub(crate) fn note(&self, what: impl Into<String>) {
        let mut kept = self.lock();
        kept.count += 1;
        kept.last.push_back(what.into());
        if kept.last.len() > KEPT {
            kept.last.pop_front();
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.lock().count
    }

    /// The last requests, the latest first.
    pub(crate) fn last(&self) -> Vec<String> {
        self.lock().last.iter().rev().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        *self.lock() = Kept::default();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One third party.
#[derive(Clone, Debug)]
pub(crate) struct Partner {
    /// Its id in the policy.
    pub(crate) id: &'static str,
    /// How the panel names it.
    pub(crate) name: &'static str,
    /// Where it is, as browsers reach it.
    pub(crate) url: String,
    pub(crate) received: Received,
}

/// The shop's third parties: statistics, advertising, video.
#[derive(Clone, Debug)]
pub(crate) struct Partners(pub(crate) [Partner; 3]);

impl Partners {
    pub(crate) async fn start(servers: &mut JoinSet<io::Result<()>>) -> io::Result<Self> {
        Ok(Self([
            Partner::start("shop-stats", "Shop Stats", "stats", servers).await?,
            Partner::start("shop-ads", "Shop Ads", "ads", servers).await?,
            Partner::start("shop-video", "Shop Video", "video", servers).await?,
        ]))
    }
}

impl Partner {
    async fn start(
        id: &'static str,
        name: &'static str,
        label: &str,
        servers: &mut JoinSet<io::Result<()>>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let partner = Self {
            id,
            name,
            url: format!("http://{label}.localhost:{}", listener.local_addr()?.port()),
            received: Received::default(),
        };
        let router = Router::new().fallback(answer).with_state(partner.clone());
        servers.spawn(async move { axum::serve(listener, router).await });
        Ok(partner)
    }
}

/// Answers whatever is asked, and counts it.
async fn answer(State(partner): State<Partner>, method: Method, uri: Uri) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    partner.received.note(format!("{method} {path}"));
    let id = partner.id;
    let (kind, body) = match uri.path() {
        "/tag.js" => ("text/javascript", script(STATS_TAG, &partner.url)),
        "/pixel.js" => ("text/javascript", script(ADS_TAG, &partner.url)),
        "/privacy" => ("text/html; charset=utf-8", page(PRIVACY, partner.name)),
        path if path.starts_with("/embed/") => {
            ("text/html; charset=utf-8", page(PLAYER, partner.name))
        }
        _ => ("image/gif", PIXEL.to_vec()),
    };
    let cookie = format!("{id}-uid=1; Path=/; Max-Age=31536000; SameSite=None; Secure; HttpOnly");
    let headers = [
        (CONTENT_TYPE, kind),
        (SET_COOKIE, &cookie),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, body).into_response()
}

fn script(source: &str, url: &str) -> Vec<u8> {
    source.replace("{url}", url).into_bytes()
}

fn page(source: &str, name: &str) -> Vec<u8> {
    source.replace("{name}", name).into_bytes()
}

/// Like an analytics tag: one id in a first-party cookie, one hit for each page.
const STATS_TAG: &str = r#"(() => {
  const known = document.cookie.match(/(?:^|; )_stats_id=([^;]*)/);
  const id = known ? known[1] : 's.' + Math.random().toString(36).slice(2);
  const remember = () => { document.cookie = '_stats_id=' + id + '; path=/; max-age=34000000; samesite=lax'; };
  remember();
  addEventListener('pagehide', remember);
  navigator.sendBeacon('{url}/hit?event=page_view&page=' + encodeURIComponent(location.pathname) + '&id=' + id);
})();
"#;

/// Like an advertising pixel: takes the calls that were queued for it.
const ADS_TAG: &str = r#"(() => {
  const remember = () => { document.cookie = '_ads_id=a.1; path=/; max-age=7776000; samesite=lax'; };
  remember();
  addEventListener('pagehide', remember);
  for (const [act, what] of window.ads.queue) {
    if (act === 'track') new Image().src = '{url}/tr?event=' + what + '&page=' + encodeURIComponent(location.pathname);
  }
})();
"#;

const PLAYER: &str = r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title>
<style>
  body { margin: 0; height: 100vh; display: grid; place-items: center; color: #fff; font: 600 1rem system-ui, sans-serif; background: linear-gradient(120deg, #274046, #7b4397) }
  i { width: 4em; height: 4em; border: 3px solid; border-radius: 50%; display: grid; place-items: center; margin: auto auto .7em }
  i::after { content: ''; border: .8em solid transparent; border-left: 1.3em solid #fff; margin-left: 1.1em }
</style>
<p><i></i>A film by {name}</p>
"#;

const PRIVACY: &str = r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title>
<p>{name} is made up. It runs on your machine as a part of the storefront example and keeps what it receives until the example ends.</p>
"#;

/// The smallest transparent picture.
const PIXEL: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
