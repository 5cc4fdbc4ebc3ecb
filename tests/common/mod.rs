//! One app, one clock, fixed keys and a browser's cookie jar: what the tests share.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "each test file uses a part of this, and a broken fixture fails its test"
)]

pub(crate) mod jar;
pub(crate) mod mint;
pub(crate) mod records;
pub(crate) mod roles;

use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST, HeaderMap, LOCATION, SET_COOKIE};
use http::{HeaderValue, Method, Request, Response, StatusCode, request};
use http_body_util::{BodyExt, Full};
use tower::{ServiceExt, service_fn};
use tower_consent::{
    Category, Consent, ConsentLayer, Keyring, ManualClock, Policy, PolicyBuilder, Reason,
    SigningKey, SiteCookie, State, Timestamp, Vendor, catalog,
};
use tower_layer::Layer;

use jar::Jar;

/// Where the test site lives.
pub(crate) const SITE_HOST: &str = "www.shop.example";
/// When the tests begin, in seconds since 1970.
pub(crate) const NOW: u64 = 1_790_000_000;
/// For how long a choice counts by default.
pub(crate) const LIFETIME: u64 = 184 * 86_400;

pub(crate) const FIRST_KEY: [u8; 32] = *b"first key: 32 bytes, never real!";
pub(crate) const OTHER_KEY: [u8; 32] = *b"other key: 32 bytes, never real!";
pub(crate) const THIRD_KEY: [u8; 32] = *b"third key: 32 bytes, never real!";

pub(crate) const SITE: &str = "shop.example";
pub(crate) const REVISION: &str = "2026-09-01";

/// The names of the four consent cookies, in the order in which they are written.
pub(crate) const CONSENT_COOKIES: [&str; 4] = [
    "__Host-Http-consent-necessary",
    "__Host-Http-consent-functional",
    "__Host-Http-consent-analytics",
    "__Host-Http-consent-marketing",
];

pub(crate) fn keyring(bytes: [u8; 32]) -> Keyring {
    Keyring::new(signing_key(bytes))
}

pub(crate) fn signing_key(bytes: [u8; 32]) -> SigningKey {
    SigningKey::from_bytes(&bytes).unwrap()
}

pub(crate) fn clock() -> ManualClock {
    ManualClock::new(Timestamp::from_unix_seconds(NOW))
}

/// A vendor of the site's own, with a collection route.
pub(crate) fn shop_stats() -> Vendor {
    Vendor::new("shop-stats", Category::Analytics)
        .with_purpose("Counts page views")
        .with_retention("13 months")
        .first_party()
        .cookies(["_stats_*"])
        .paths(["/collect"])
}

/// A shop: session, cart and CSRF token are necessary, the theme is functional,
/// two vendors of analytics, one of marketing.
pub(crate) fn shop() -> PolicyBuilder {
    Policy::builder(REVISION)
        .site(SITE)
        .necessary("sid", "Keeps you signed in")
        .necessary("cart", "Holds your cart")
        .necessary("csrf", "Protects forms")
        .functional("theme", "Remembers light or dark")
        .cookie(
            SiteCookie::new("lang", Category::Functional, "Remembers your language")
                .with_retention("1 year")
                .user_requested("Set when you pick a language"),
        )
        .vendor(catalog::google_analytics())
        .vendor(shop_stats())
        .vendor(catalog::meta_pixel())
}

pub(crate) fn shop_policy() -> Policy {
    static SHOP: OnceLock<Policy> = OnceLock::new();
    SHOP.get_or_init(|| shop().build().unwrap()).clone()
}

/// A page that is whole and loads a tracker of each vendor.
pub(crate) const PAGE: &str = "<!doctype html><html><head><title>Shop</title>\
<script src=\"https://www.googletagmanager.com/gtag/js?id=G-1\"></script>\
<script src=\"https://connect.facebook.net/en_US/fbevents.js\"></script>\
</head><body><main>Welcome to the shop</main></body></html>";

type Handler = dyn Fn(Request<Full<Bytes>>) -> Response<Full<Bytes>> + Send + Sync;

/// What reached the app.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) headers: HeaderMap,
    pub(crate) consent: Option<Consent>,
}

impl Seen {
    /// The `Cookie` lines as bytes.
    pub(crate) fn cookies(&self) -> Vec<&[u8]> {
        self.headers
            .get_all(COOKIE)
            .iter()
            .map(HeaderValue::as_bytes)
            .collect()
    }
}

/// A response with what the app saw of its request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// `None` where the app was not called.
    pub(crate) seen: Option<Seen>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .unwrap_or_else(|| panic!("no header {name} in {:?}", self.headers))
            .to_str()
            .unwrap()
    }

    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        self.headers
            .get_all(SET_COOKIE)
            .iter()
            .map(|line| line.to_str().unwrap())
            .collect()
    }

    /// The lines that store something, as opposed to the deletions.
    pub(crate) fn stored(&self) -> Vec<&str> {
        let mut lines = self.set_cookies();
        lines.retain(|line| !line.contains("Max-Age=0"));
        lines
    }

    /// The names that some line deletes, each once.
    pub(crate) fn expired(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .set_cookies()
            .into_iter()
            .filter(|line| line.contains("Max-Age=0"))
            .filter_map(|line| line.split('=').next())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(crate) fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    /// The consent that the app was given.
    pub(crate) fn consent(&self) -> &Consent {
        let seen = self.seen.as_ref().expect("the app was called");
        seen.consent.as_ref().expect("the layer adds a consent")
    }

    /// The `Cookie` lines that the app was given.
    pub(crate) fn cookies_seen(&self) -> Vec<&[u8]> {
        self.seen.as_ref().expect("the app was called").cookies()
    }
}

/// A layer around an app, without a socket.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) layer: ConsentLayer,
    pub(crate) clock: ManualClock,
    handler: Arc<Handler>,
}

impl App {
    /// The shop behind its layer.
    pub(crate) fn shop() -> Self {
        Self::new(shop_policy())
    }

    pub(crate) fn new(policy: Policy) -> Self {
        Self::with_keys(policy, keyring(FIRST_KEY))
    }

    pub(crate) fn with_keys(policy: Policy, keys: Keyring) -> Self {
        let clock = clock();
        Self {
            layer: ConsentLayer::new(policy, keys).with_clock(clock.clone()),
            clock,
            handler: Arc::new(|_| page(PAGE)),
        }
    }

    /// Sets a knob of the layer.
    pub(crate) fn set(mut self, change: impl FnOnce(ConsentLayer) -> ConsentLayer) -> Self {
        self.layer = change(self.layer);
        self
    }

    /// Replaces what the app answers. Default: one HTML page everywhere.
    pub(crate) fn answering(
        mut self,
        handler: impl Fn(Request<Full<Bytes>>) -> Response<Full<Bytes>> + Send + Sync + 'static,
    ) -> Self {
        self.handler = Arc::new(handler);
        self
    }

    pub(crate) fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let seen = Arc::new(Mutex::new(None));
        let (handler, noted) = (self.handler.clone(), seen.clone());
        let service = self
            .layer
            .layer(service_fn(move |request: Request<Full<Bytes>>| {
                *noted.lock().unwrap() = Some(Seen {
                    headers: request.headers().clone(),
                    consent: request.extensions().get().cloned(),
                });
                let response = handler(request);
                async move { Ok::<_, Infallible>(response) }
            }));
        let (parts, body) = block_on(async {
            let response = service.oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            (parts, body.collect().await.unwrap().to_bytes())
        });
        let seen = seen.lock().unwrap().take();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
            seen,
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(get(path))
    }

    /// Sends `GET /` with these `Cookie` lines.
    pub(crate) fn with_cookies<C: AsRef<[u8]>>(
        &self,
        lines: impl IntoIterator<Item = C>,
    ) -> Answer {
        let mut request = get("/");
        for line in lines {
            let line = HeaderValue::from_bytes(line.as_ref()).unwrap();
            request.headers_mut().append(COOKIE, line);
        }
        self.send(request)
    }

    /// The consent that these `Cookie` lines amount to.
    pub(crate) fn consent_of<C: AsRef<[u8]>>(&self, lines: impl IntoIterator<Item = C>) -> Consent {
        self.with_cookies(lines).consent().clone()
    }

    pub(crate) fn visitor(&self) -> Visitor {
        Visitor {
            app: self.clone(),
            jar: Jar::default(),
            gpc: false,
            host: SITE_HOST.to_owned(),
        }
    }
}

/// A browser that keeps cookies and comes back.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) app: App,
    pub(crate) jar: Jar,
    pub(crate) gpc: bool,
    pub(crate) host: String,
}

impl Visitor {
    pub(crate) fn send(&mut self, mut request: Request<Full<Bytes>>) -> Answer {
        let path = request.uri().path().to_owned();
        let host = HeaderValue::from_str(&self.host).unwrap();
        request.headers_mut().insert(HOST, host);
        if let Some(cookies) = self.jar.header(&self.host, &path) {
            let cookies = HeaderValue::from_bytes(&cookies).unwrap();
            request.headers_mut().insert(COOKIE, cookies);
        }
        if self.gpc {
            let on = HeaderValue::from_static("1");
            request.headers_mut().insert("sec-gpc", on);
        }
        let answer = self.app.send(request);
        for line in answer.headers.get_all(SET_COOKIE) {
            self.jar.store(line.as_bytes(), &self.host, &path);
        }
        answer
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send(get(path))
    }

    /// Posts the banner's form.
    pub(crate) fn choose(&mut self, form: &str) -> Answer {
        self.send(post_form(form))
    }

    pub(crate) fn accept(&mut self) -> Answer {
        let answer = self.choose("choice=accept");
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        answer
    }

    pub(crate) fn reject(&mut self) -> Answer {
        let answer = self.choose("choice=reject");
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        answer
    }

    /// Saves a choice of single categories.
    pub(crate) fn save(&mut self, granted: &[Category]) -> Answer {
        let mut form = "choice=save".to_owned();
        for category in granted {
            form.push_str(&format!("&{category}=on"));
        }
        let answer = self.choose(&form);
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        answer
    }

    /// The consent of the next page.
    pub(crate) fn consent(&mut self) -> Consent {
        self.get("/").consent().clone()
    }

    pub(crate) fn granted(&mut self) -> Vec<Category> {
        self.consent().granted().iter().collect()
    }

    /// Puts a cookie into the jar, as a script of the site would.
    pub(crate) fn plant(&mut self, line: &str) {
        let host = self.host.clone();
        self.jar.store(line.as_bytes(), &host, "/");
    }

    /// The value of a stored cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.jar.value(name)
    }

    /// The value of a category's consent cookie.
    pub(crate) fn token(&self, category: Category) -> String {
        self.cookie(&consent_cookie(category))
            .unwrap_or_else(|| panic!("no consent cookie of {category}"))
    }
}

pub(crate) fn consent_cookie(category: Category) -> String {
    format!("__Host-Http-consent-{category}")
}

/// A `Cookie` line with the four consent cookies.
pub(crate) fn cookie_line(tokens: &[(Category, &str)]) -> String {
    let pairs: Vec<String> = tokens
        .iter()
        .map(|(category, token)| format!("{}={token}", consent_cookie(*category)))
        .collect();
    pairs.join("; ")
}

pub(crate) fn request(method: Method, path: &str) -> request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, SITE_HOST)
}

pub(crate) fn empty(request: request::Builder) -> Request<Full<Bytes>> {
    request.body(Full::default()).unwrap()
}

pub(crate) fn get(path: &str) -> Request<Full<Bytes>> {
    empty(request(Method::GET, path))
}

/// The start of a choice that a page of the site posts.
pub(crate) fn choice_request() -> request::Builder {
    request(Method::POST, "/_consent/choice").header("sec-fetch-site", "same-origin")
}

pub(crate) fn post_form(form: &str) -> Request<Full<Bytes>> {
    choice_request()
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::from(form.to_owned()))
        .unwrap()
}

pub(crate) fn post_json(json: &str) -> Request<Full<Bytes>> {
    choice_request()
        .header(CONTENT_TYPE, "application/json")
        .body(Full::from(json.to_owned()))
        .unwrap()
}

/// What a visitor without a choice receives of a page.
pub(crate) fn gated(app: &App, markup: &'static str) -> String {
    let app = app.clone().answering(move |_| page(markup));
    app.get("/").text().to_owned()
}

/// Asserts that something in the markup waits for `wanted`.
#[track_caller]
pub(crate) fn assert_waits(app: &App, markup: &'static str, wanted: &str) {
    let text = gated(app, markup);
    assert!(text.contains(&format!(" data-tc=\"{wanted}\"")), "{text}");
}

/// Asserts that the markup comes out as it went in.
#[track_caller]
pub(crate) fn assert_untouched(app: &App, markup: &'static str) {
    assert_eq!(gated(app, markup), markup);
}

pub(crate) fn page(html: &str) -> Response<Full<Bytes>> {
    Response::builder()
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .body(Full::from(html.to_owned()))
        .unwrap()
}

pub(crate) fn json(body: &str) -> Response<Full<Bytes>> {
    Response::builder()
        .header(CONTENT_TYPE, "application/json")
        .body(Full::from(body.to_owned()))
        .unwrap()
}

/// Whether the tag that names this address would fetch it: it still has its
/// `src` and is not a script put to sleep.
pub(crate) fn loads(html: &str, address: &str) -> bool {
    let at = html
        .find(address)
        .unwrap_or_else(|| panic!("no {address} in {html}"));
    let start = html[..at].rfind('<').unwrap();
    let end = at + html[at..].find('>').unwrap();
    let tag = &html[start..end];
    tag.contains(&format!(" src=\"{address}")) && !tag.contains("type=\"text/plain\"")
}

/// Adds `Set-Cookie` lines to a response.
pub(crate) fn setting<L: AsRef<[u8]>>(
    mut response: Response<Full<Bytes>>,
    lines: impl IntoIterator<Item = L>,
) -> Response<Full<Bytes>> {
    for line in lines {
        let line = HeaderValue::from_bytes(line.as_ref()).unwrap();
        response.headers_mut().append(SET_COOKIE, line);
    }
    response
}

/// State and reason of one category.
pub(crate) fn standing(consent: &Consent, category: Category) -> (State, Reason) {
    (consent.state(category), consent.reason(category))
}

/// Polls until the future is done. Nothing here waits for the outside world.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
