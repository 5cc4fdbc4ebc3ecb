//! Proves that caches between a site and its visitors never hand one state's page to another, in any cache mode.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod html_common;

use html_common::{Pieces, Site, builder, exchange, get_with, layer, read};
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, COOKIE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, SET_COOKIE,
    VARY,
};
use http::{HeaderMap, Request, Response, StatusCode};
use proptest::prelude::*;
use tower_consent::{CacheMode, Category, Choice, Consent, ManualClock, Timestamp};

/// What the page holds of each vendor.
const VENDORS: [&str; 4] = ["stats", "heat", "ads", "video"];

/// A page of this version of the app.
fn page(version: u32) -> String {
    let mut html = format!("<!doctype html><title>v{version}</title><body>");
    for vendor in VENDORS {
        html += &format!("<img src=\"//{vendor}.test/x\">");
    }
    html + "<iframe src=\"//video.test/e\"></iframe></body>"
}

/// The vendors that a page of the layer would contact.
fn live(page: &[u8]) -> Vec<&'static str> {
    let text = std::str::from_utf8(page).unwrap();
    let mut live = VENDORS.to_vec();
    live.retain(|vendor| text.contains(&format!("<img src=\"//{vendor}.test")));
    live
}

/// An app that compares validators, as any static file server does.
#[derive(Clone, Copy, Debug)]
struct App {
    version: u32,
    says: &'static str,
    tagged: bool,
}

impl App {
    fn answer(self, request: &Request<Pieces>) -> Response<Pieces> {
        let tag = format!("\"v{}\"", self.version);
        let known = request.headers().get_all(IF_NONE_MATCH).iter().any(|line| {
            let mut tags = line.to_str().unwrap().split(',').map(str::trim);
            tags.any(|known| known == "*" || known.trim_start_matches("W/") == tag)
        });
        let mut response = Response::builder().header(CACHE_CONTROL, self.says);
        if self.tagged {
            response = response.header(ETAG, &tag);
        }
        if known && self.tagged {
            let response = response.status(StatusCode::NOT_MODIFIED);
            return response.body(Pieces::default()).unwrap();
        }
        let response = response.header(CONTENT_TYPE, "text/html; charset=utf-8");
        response.body(Pieces::of(&[page(self.version)])).unwrap()
    }
}

// ---- A cache by the book (RFC 9111) ----

struct Stored {
    request: HeaderMap,
    headers: HeaderMap,
    body: Vec<u8>,
    at: u64,
}

#[derive(Default)]
struct Cache {
    shared: bool,
    /// Keeps what it may not keep, as a rule of "cache everything" makes a CDN do.
    rash: bool,
    stored: Vec<Stored>,
}

type Fetched = (StatusCode, HeaderMap, Vec<u8>);

fn list(headers: &HeaderMap, name: HeaderName) -> Vec<String> {
    let lines = headers.get_all(name).iter();
    lines
        .flat_map(|line| line.to_str().unwrap().split(','))
        .map(|part| part.trim().to_ascii_lowercase())
        .filter(|part| !part.is_empty())
        .collect()
}

impl Stored {
    /// Whether the response may answer a request with these headers (section 4.1).
    fn fits(&self, request: &HeaderMap) -> bool {
        let values = |headers: &HeaderMap, field: &str| {
            let values = headers.get_all(field).iter().cloned();
            values.collect::<Vec<_>>()
        };
        list(&self.headers, VARY)
            .iter()
            .all(|field| field != "*" && values(request, field) == values(&self.request, field))
    }

    fn says(&self, directive: &str) -> Option<String> {
        let directives = list(&self.headers, CACHE_CONTROL);
        directives.into_iter().find_map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((&part, ""));
            (name == directive).then(|| value.to_owned())
        })
    }

    /// For how long it is fresh (section 4.2.1).
    fn lifetime(&self, shared: bool) -> u64 {
        if self.says("no-cache").is_some() {
            return 0;
        }
        let lifetime = shared.then(|| self.says("s-maxage")).flatten();
        let lifetime = lifetime.or_else(|| self.says("max-age"));
        lifetime.map_or(0, |seconds| seconds.parse().unwrap())
    }
}

impl Cache {
    fn rash() -> Self {
        Self {
            shared: true,
            rash: true,
            stored: Vec::new(),
        }
    }

    fn fetch(
        &mut self,
        now: u64,
        request: &HeaderMap,
        origin: &mut dyn FnMut(HeaderMap) -> Fetched,
    ) -> Fetched {
        let fitting = self.stored.iter().rev().find(|one| one.fits(request));
        if let Some(one) = fitting
            && (self.rash || now < one.at + one.lifetime(self.shared))
        {
            return answer(request, one);
        }
        // It may ask about everything that it has of this page (section 4.3.1).
        let mut asked = request.clone();
        for tag in self.stored.iter().filter_map(|one| one.headers.get(ETAG)) {
            asked.append(IF_NONE_MATCH, tag.clone());
        }
        let (status, headers, body) = origin(asked);
        if status == StatusCode::NOT_MODIFIED {
            let tag = headers.get(ETAG);
            let same = |one: &&mut Stored| tag.is_some() && one.headers.get(ETAG) == tag;
            let Some(one) = self.stored.iter_mut().rev().find(same) else {
                return (status, headers, body);
            };
            for (name, value) in &headers {
                one.headers.insert(name, value.clone());
            }
            one.at = now;
            return answer(request, one);
        }
        let stored = Stored {
            request: request.clone(),
            headers: headers.clone(),
            body: body.clone(),
            at: now,
        };
        let forbidden =
            stored.says("no-store").is_some() || self.shared && (stored.says("private").is_some());
        if self.rash || !forbidden {
            self.stored.retain(|one| !one.fits(request));
            self.stored.push(stored);
        }
        (status, headers, body)
    }
}

/// Answers from the cache, with "not modified" to who has it already.
fn answer(request: &HeaderMap, one: &Stored) -> Fetched {
    let tag = one.headers.get(ETAG).map(|tag| tag.to_str().unwrap());
    let tag = tag.map(str::to_ascii_lowercase);
    if tag.is_some_and(|tag| list(request, IF_NONE_MATCH).contains(&tag)) {
        return (StatusCode::NOT_MODIFIED, one.headers.clone(), Vec::new());
    }
    (StatusCode::OK, one.headers.clone(), one.body.clone())
}

// ---- A site behind a browser's cache and a shared one ----

const MODES: [CacheMode; 3] = [CacheMode::PerState, CacheMode::Uniform, CacheMode::EdgeKey];

fn site(mode: CacheMode, link: bool) -> Site {
    Site {
        layer: layer(builder())
            .with_settings_link(link)
            .with_cache_mode(mode),
    }
}

/// Every state that a visitor can be in: cookies, and whether the browser sends a signal.
fn states(site: &Site) -> Vec<(String, &'static str)> {
    let choices = [
        Choice::reject_all(),
        Choice::only([Category::Analytics]),
        Choice::only([Category::Marketing, Category::Functional]),
        Choice::accept_all().refusing_vendor("heat"),
        Choice::accept_all(),
    ];
    let mut states = vec![(String::new(), ""), ("theme=dark".to_owned(), "")];
    states.extend(choices.iter().map(|choice| (site.cookies(choice), "")));
    states.push((site.granted(), "1"));
    states.push((site.granted().replace("__Host-Http-consent-m", "x"), ""));
    states
}

fn headers_of((cookies, gpc): &(String, &'static str)) -> HeaderMap {
    let headers = [
        ("cookie", &**cookies),
        ("sec-gpc", gpc),
        ("accept", "text/html"),
    ];
    get_with("/", &headers).headers().clone()
}

/// What the site itself answers.
fn origin(site: &Site, app: App, headers: HeaderMap) -> Fetched {
    let mut request = get_with("/", &[]);
    *request.headers_mut() = headers;
    let response = exchange(&site.layer, request, |request| app.answer(&request));
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, read(body).unwrap())
}

/// What the edge learns of a visitor's state by asking for it.
fn edge_key(site: &Site, visitor: &HeaderMap) -> HeaderValue {
    let mut request = get_with("/_consent/state", &[]);
    request.headers_mut().extend(visitor.clone());
    let answer = exchange(&site.layer, request, |_| panic!("the layer answers itself"));
    answer.headers()["x-consent-state"].clone()
}

/// The page that a visitor in this state gets where no cache is.
fn alone(site: &Site, app: App, visitor: &HeaderMap, edge: bool) -> Vec<u8> {
    let mut headers = visitor.clone();
    if edge {
        headers.insert("x-consent-state", edge_key(site, visitor));
    }
    origin(site, app, headers).2
}

/// The vendors that a visitor in this state has granted.
fn granted(site: &Site, visitor: &HeaderMap) -> Vec<&'static str> {
    let consent = site.layer.consent(visitor);
    let mut granted = VENDORS.to_vec();
    granted.retain(|vendor| consent.allows_vendor(vendor));
    granted
}

fn version_of(page: &[u8]) -> u32 {
    let text = std::str::from_utf8(page).unwrap();
    let rest = text.split_once("<title>v").unwrap().1;
    rest.split_once('<').unwrap().0.parse().unwrap()
}

const SAYS: [&str; 6] = [
    "public, max-age=600",
    "public, max-age=60, s-maxage=600",
    "s-maxage=600, stale-while-revalidate=600",
    "no-cache",
    "private, max-age=600",
    "no-store",
];

/// A visit: by whom, in which state, and what happened to app and time before it.
#[derive(Clone, Debug)]
struct Visit {
    browser: usize,
    state: usize,
    waits: u64,
    deploys: bool,
}

fn visits() -> impl Strategy<Value = Vec<Visit>> {
    let visit = (
        0..3usize,
        0..9usize,
        prop_oneof![Just(0), Just(30), Just(900)],
        any::<bool>(),
    );
    let visit = visit.prop_map(|(browser, state, waits, deploys)| Visit {
        browser,
        state,
        waits,
        deploys: deploys && waits > 0,
    });
    prop::collection::vec(visit, 1..14)
}

/// Lets these visits happen and holds each page to the state of its visitor.
fn happen(site: &Site, mode: CacheMode, mut app: App, visits: &[Visit]) {
    let states = states(site);
    let edge = mode == CacheMode::EdgeKey;
    let mut shared = Cache {
        shared: true,
        ..Cache::default()
    };
    let mut browsers = [Cache::default(), Cache::default(), Cache::default()];
    // A browser clears its cache when its visitor takes something back.
    let mut last: [Vec<&str>; 3] = Default::default();
    let mut now = 0;
    for visit in visits {
        now += visit.waits;
        app.version += u32::from(visit.deploys);
        let visitor = headers_of(&states[visit.state]);
        let may = granted(site, &visitor);
        if last[visit.browser]
            .iter()
            .any(|vendor| !may.contains(vendor))
        {
            browsers[visit.browser] = Cache::default();
        }
        last[visit.browser].clone_from(&may);
        let mut at_origin = |headers| origin(site, app, headers);
        let (status, headers, page) =
            browsers[visit.browser].fetch(now, &visitor, &mut |mut asked| {
                if edge {
                    asked.insert("x-consent-state", edge_key(site, &visitor));
                }
                shared.fetch(now, &asked, &mut at_origin)
            });
        assert_eq!(status, 200, "{visit:?}");
        let wide = live(&page);
        assert!(
            wide.iter().all(|vendor| may.contains(vendor)),
            "{visit:?} of {visits:?}: {wide:?} but granted {may:?}"
        );
        let expected = App {
            version: version_of(&page),
            ..app
        };
        assert_eq!(
            String::from_utf8(page).unwrap(),
            String::from_utf8(alone(site, expected, &visitor, edge)).unwrap(),
            "{visit:?} of {visits:?} {headers:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    // covers behaviours 81, 82, 83, 86, T30, T31
    #[test]
    fn no_sequence_of_visits_shows_one_state_to_another(
        visits in visits(),
        mode in prop::sample::select(&MODES[..]),
        says in prop::sample::select(&SAYS[..]),
        tagged in any::<bool>(),
        link in any::<bool>(),
    ) {
        let app = App { version: 1, says, tagged };
        happen(&site(mode, link), mode, app, &visits);
    }
}

// covers behaviours 81, 86, T30
#[test]
fn two_visitors_in_every_order_get_their_own_pages() {
    for mode in MODES {
        let site = site(mode, true);
        for says in SAYS {
            for first in 0..9 {
                for second in 0..9 {
                    let visit = |browser, state, waits| Visit {
                        browser,
                        state,
                        waits,
                        deploys: false,
                    };
                    // Fresh, then after everything went stale and is asked about again.
                    let visits = [
                        visit(0, first, 0),
                        visit(1, second, 1),
                        visit(0, first, 900),
                        visit(1, second, 0),
                        visit(1, first, 0),
                    ];
                    let app = App {
                        version: 1,
                        says,
                        tagged: true,
                    };
                    happen(&site, mode, app, &visits);
                }
            }
        }
    }
}

#[test]
fn the_cache_above_keeps_pages_where_it_may_so_that_the_tests_mean_something() {
    let app = App {
        version: 1,
        says: "public, max-age=600",
        tagged: true,
    };
    for mode in MODES {
        let site = site(mode, true);
        let mut cache = Cache {
            shared: true,
            ..Cache::default()
        };
        let mut asked = 0;
        for state in states(&site).iter().chain(&states(&site)) {
            let mut visitor = headers_of(state);
            if mode == CacheMode::EdgeKey {
                let key = edge_key(&site, &visitor);
                visitor.insert("x-consent-state", key);
            }
            cache.fetch(0, &visitor, &mut |headers| {
                asked += 1;
                origin(&site, app, headers)
            });
        }
        let expected = match mode {
            CacheMode::Uniform => 1,
            // Without a cookie, with another, and with a broken one visitors stand alike, but
            // where the banner asks it shows the signal.
            CacheMode::EdgeKey => 8,
            _ => 18,
        };
        assert_eq!(asked, expected, "{mode:?}");
    }
}

// covers behaviour 86
#[test]
fn a_page_for_everybody_has_the_same_bytes_and_headers_for_all() {
    let app = App {
        version: 1,
        says: "public, max-age=600",
        tagged: true,
    };
    for link in [true, false] {
        let site = site(CacheMode::Uniform, link);
        let first = origin(&site, app, headers_of(&states(&site)[0]));
        assert_eq!(first.1[CACHE_CONTROL], app.says);
        assert!(!first.1.contains_key(VARY) && !first.1.contains_key(SET_COOKIE));
        assert_eq!(live(&first.2), [""; 0]);
        let text = std::str::from_utf8(&first.2).unwrap();
        assert!(text.contains("data-tc-state=\"*\"") && !text.contains("data-tc-banner"));
        for state in states(&site) {
            assert_eq!(origin(&site, app, headers_of(&state)), first, "{state:?}");
        }
        // And at any time, on whichever server.
        let clock = ManualClock::new(Timestamp::from_unix_seconds(html_common::NOW + 99));
        let later = Site {
            layer: site.layer.with_clock(clock),
        };
        assert_eq!(origin(&later, app, headers_of(&states(&later)[0])), first);
    }
}

// covers behaviours 83, T31
#[test]
fn a_page_is_renewed_in_its_own_state_and_in_no_other() {
    for mode in MODES {
        for link in [true, false] {
            let site = site(mode, link);
            let app = App {
                version: 1,
                says: "max-age=0",
                tagged: true,
            };
            let visitors: Vec<HeaderMap> = states(&site)
                .iter()
                .map(|state| {
                    let mut visitor = headers_of(state);
                    if mode == CacheMode::EdgeKey {
                        let key = edge_key(&site, &visitor);
                        visitor.insert("x-consent-state", key);
                    }
                    visitor
                })
                .collect();
            for first in &visitors {
                let (_, headers, page) = origin(&site, app, first.clone());
                let tag = headers[ETAG].clone();
                for second in &visitors {
                    let mut again = second.clone();
                    again.insert(IF_NONE_MATCH, tag.clone());
                    let (status, renewed, body) = origin(&site, app, again);
                    let same = origin(&site, app, second.clone()).2 == page;
                    let expected = if same { 304 } else { 200 };
                    assert_eq!(
                        status, expected,
                        "{mode:?} {link} {tag:?} {first:?} {second:?}"
                    );
                    if same {
                        assert_eq!(renewed[ETAG], tag);
                        assert_eq!(renewed[CACHE_CONTROL], headers[CACHE_CONTROL]);
                        assert_eq!(list(&renewed, VARY), list(&headers, VARY));
                        assert!(body.is_empty());
                    }
                    // Every other word for it is no word at all.
                    for other in ["*", "\"v1\"", "W/\"v1\"", "\"v1;tc-s-0123456789abcdef\""] {
                        let mut again = second.clone();
                        again.insert(IF_NONE_MATCH, HeaderValue::from_static(other));
                        assert_eq!(origin(&site, app, again).0, 200, "{other}");
                    }
                }
            }
        }
    }
}

// ---- Edges that err ----

/// All keys that an edge may send, right or wrong.
const CLAIMS: [&str; 12] = [
    "", "0", "?", "a", "m", "am", "fam", "fam!heat", "?fam", "nonsense", "fam, 0", "A",
];

fn as_claimed(visitor: &HeaderMap, claim: &str) -> HeaderMap {
    let mut headers = visitor.clone();
    if !claim.is_empty() {
        headers.insert("x-consent-state", HeaderValue::from_str(claim).unwrap());
    }
    headers
}

// covers behaviour 86, T30
#[test]
fn an_edge_that_errs_widens_nothing_and_is_told_to_keep_nothing() {
    let site = site(CacheMode::EdgeKey, true);
    let app = App {
        version: 1,
        says: "public, max-age=600",
        tagged: true,
    };
    for state in states(&site) {
        let visitor = headers_of(&state);
        let right = edge_key(&site, &visitor);
        for claim in CLAIMS {
            let (_, headers, page) = origin(&site, app, as_claimed(&visitor, claim));
            let may = granted(&site, &visitor);
            assert!(
                live(&page).iter().all(|vendor| may.contains(vendor)),
                "{claim}"
            );
            let said = headers[CACHE_CONTROL].to_str().unwrap();
            assert!(list(&headers, VARY).contains(&"x-consent-state".to_owned()));
            if claim == right {
                assert_eq!(said, "public, s-maxage=600, max-age=0, must-revalidate");
                assert_eq!(headers["x-consent-state"], right);
                assert!(!list(&headers, VARY).contains(&"cookie".to_owned()));
            } else {
                assert!(said.starts_with("private, no-"), "{claim}: {said}");
                assert!(list(&headers, VARY).contains(&"cookie".to_owned()));
            }
        }
    }
}

// covers behaviour 86, T30
#[test]
fn even_an_edge_that_keeps_everything_hands_out_nothing_wider_than_its_key() {
    let site = site(CacheMode::EdgeKey, true);
    let app = App {
        version: 1,
        says: "public, max-age=600",
        tagged: true,
    };
    let visitors: Vec<HeaderMap> = states(&site).iter().map(headers_of).collect();
    for first in &visitors {
        for claim in CLAIMS {
            let mut cache = Cache::rash();
            // It forgets what else the response depends on.
            let mut at_origin = |headers: HeaderMap| {
                let mut fetched = origin(&site, app, headers);
                fetched
                    .1
                    .insert(VARY, HeaderValue::from_static("x-consent-state"));
                fetched
            };
            cache.fetch(0, &as_claimed(first, claim), &mut at_origin);
            for second in &visitors {
                let key = edge_key(&site, second);
                let mut request = second.clone();
                request.insert("x-consent-state", key);
                let (_, _, page) = cache.fetch(0, &request, &mut at_origin);
                let may = granted(&site, second);
                assert!(
                    live(&page).iter().all(|vendor| may.contains(vendor)),
                    "{claim}"
                );
            }
        }
    }
}

// ---- What makes a page personal all the same ----

// covers behaviours 84, 87
#[test]
fn a_page_with_a_cookie_is_kept_by_its_visitor_alone() {
    for mode in MODES {
        let site = site(mode, true);
        for cookie in ["sid=1; Path=/", "_ads=1; Path=/"] {
            for state in states(&site) {
                let mut visitor = headers_of(&state);
                if mode == CacheMode::EdgeKey {
                    let key = edge_key(&site, &visitor);
                    visitor.insert("x-consent-state", key);
                }
                let mut request = get_with("/", &[]);
                *request.headers_mut() = visitor;
                let response = site.respond(request, || {
                    Response::builder()
                        .header(CONTENT_TYPE, "text/html")
                        .header(CACHE_CONTROL, "public, max-age=600")
                        .header(SET_COOKIE, cookie)
                        .body(Pieces::of(&[page(1)]))
                        .unwrap()
                });
                let said = &response.headers()[CACHE_CONTROL];
                assert_eq!(said, "private, no-cache", "{mode:?} {cookie}");
            }
        }
    }
}

// covers behaviours 84, 87
#[test]
fn no_page_that_caches_share_expires_a_cookie() {
    for mode in [CacheMode::Uniform, CacheMode::EdgeKey] {
        let site = site(mode, true);
        for (says, expires) in [
            ("public, max-age=600", false),
            ("private, no-cache", true),
            ("no-store", true),
        ] {
            let app = App {
                version: 1,
                says,
                tagged: true,
            };
            let state = (format!("_ads=1; {}", site.refused()), "");
            let mut visitor = headers_of(&state);
            if mode == CacheMode::EdgeKey {
                let key = edge_key(&site, &visitor);
                visitor.insert("x-consent-state", key);
            }
            let (_, headers, _) = origin(&site, app, visitor);
            assert_eq!(headers.contains_key(SET_COOKIE), expires, "{mode:?} {says}");
        }
    }
}

#[test]
fn a_choice_made_by_a_page_keeps_it_out_of_every_cache() {
    for mode in MODES {
        let site = site(mode, true);
        let mut request = get_with("/", &[("accept", "text/html")]);
        request
            .headers_mut()
            .insert("x-consent-state", HeaderValue::from_static("?"));
        let response = site.respond(request, || {
            let app = App {
                version: 1,
                says: "public, max-age=600",
                tagged: true,
            };
            let mut response = app.answer(&get_with("/", &[]));
            response.extensions_mut().insert(Choice::accept_all());
            response
        });
        assert_eq!(response.headers()[CACHE_CONTROL], "private, no-store");
        assert!(!response.headers().contains_key(ETAG), "{mode:?}");
    }
}

// covers behaviour 84
#[test]
fn a_page_that_was_not_asked_for_as_one_is_kept_by_nobody_else() {
    // An image's request gets HTML: its conditions and ranges went to the app as they were.
    for mode in MODES {
        let site = site(mode, true);
        let request = get_with(
            "/",
            &[
                ("sec-fetch-dest", "image"),
                (COOKIE.as_str(), &site.granted()),
            ],
        );
        let app = App {
            version: 1,
            says: "public, max-age=600",
            tagged: true,
        };
        let response = site.respond(request, || app.answer(&get_with("/", &[])));
        assert_eq!(response.headers()[CACHE_CONTROL], "private, no-cache");
        assert!(!response.headers().contains_key(ETAG), "{mode:?}");
    }
}

#[test]
fn only_the_edge_mode_tells_a_state_by_header() {
    for mode in MODES {
        let site = site(mode, true);
        let answer = exchange(&site.layer, get_with("/_consent/state", &[]), |_| panic!());
        let tells = answer.headers().contains_key("x-consent-state");
        assert_eq!(tells, mode == CacheMode::EdgeKey);
        assert_eq!(answer.headers()[CACHE_CONTROL], "private, no-store");
        let app = App {
            version: 1,
            says: "public, max-age=600",
            tagged: true,
        };
        let claimed = as_claimed(&headers_of(&(String::new(), "")), "?");
        let (_, headers, _) = origin(&site, app, claimed);
        assert_eq!(
            headers.contains_key("x-consent-state"),
            mode == CacheMode::EdgeKey
        );
    }
}

// covers behaviours 82, 86
#[test]
fn a_page_for_which_the_app_asked_about_the_visitor_is_kept_by_that_visitor_alone() {
    type Asks = fn(&Consent) -> bool;
    let asks: [(Asks, bool); 6] = [
        (|consent| consent.allows(Category::Analytics), true),
        (|consent| consent.clone().allows_vendor("ads"), true),
        (Consent::needs_banner, true),
        (|consent| serde_json::to_string(consent).is_ok(), true),
        (|consent| consent.policy().revision() == "1", false),
        (|_| true, false),
    ];
    let site = site(CacheMode::Uniform, true);
    let app = App {
        version: 1,
        says: "public, max-age=600",
        tagged: true,
    };
    for state in states(&site) {
        for (ask, personal) in asks {
            let mut request = get_with("/", &[]);
            *request.headers_mut() = headers_of(&state);
            let response = exchange(&site.layer, request, |request| {
                ask(request.extensions().get().unwrap());
                app.answer(&request)
            });
            let said = &response.headers()[CACHE_CONTROL];
            let expected = if personal {
                "private, no-cache"
            } else {
                app.says
            };
            assert_eq!(said, expected);
        }
    }
}
