//! What happens between a request and its response?
//!
//! The data flow of the whole crate in two functions: [`enter`] works out the
//! consent and holds the request to it, [`leave`] holds the response to it.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri};

use crate::answer::answer;
use crate::banner::OwnBanner;
use crate::body::ConsentBody;
use crate::choice::{Choice, Recorded, record};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::consent::{Consent, Decision};
use crate::endpoint::look::{BannerPlacement, GuardMode};
use crate::endpoint::reply::{self, Answer};
use crate::endpoint::target::is_safe;
use crate::endpoint::{self, Route, page};
use crate::gate::address::Base;
use crate::gate::csp::{self, Allowance, LOCKDOWN};
use crate::gate::expire::expire;
use crate::gate::html::{HtmlGate, Injection, Plan};
use crate::gate::media::{self, Body};
use crate::gate::request::{self, Leftover};
use crate::gate::response::SetCookieGate;
use crate::gate::warn::printable;
use crate::gate::{cache, header};
use crate::signal::Glance;

/// What becomes of a request.
#[allow(
    clippy::large_enum_variant,
    reason = "the largest is the usual one, and a box would cost every request an allocation"
)]
pub(crate) enum Entry {
    /// It goes to the app.
    Pass(Consent, Passage),
    /// It goes to the app without any gate; its consent allows nothing optional.
    Bypass(Consent),
    /// The layer answers it.
    Answer(Answer),
    /// It brings a choice, which is still to be read.
    Choice,
}

/// What the response to a passed request is held to.
#[derive(Debug)]
pub(crate) struct Passage {
    config: Arc<Config>,
    decision: Decision,
    is_head: bool,
    /// Only where the response may be a page or may expire a cookie.
    trail: Option<Box<Trail>>,
}

/// What a request leaves behind for the sake of its response.
#[derive(Debug, Default)]
struct Trail {
    uri: Uri,
    host: Option<HeaderValue>,
    /// The `Cookie` headers as they came in.
    cookies: Vec<HeaderValue>,
    /// What was stripped from them.
    leftovers: Vec<Leftover>,
}

impl Trail {
    fn host(&self) -> &str {
        self.uri
            .authority()
            .map(http::uri::Authority::as_str)
            .or_else(|| self.host.as_ref()?.to_str().ok())
            .unwrap_or_default()
    }

    fn base(&self) -> Base {
        Base::new(self.host(), self.uri.path())
    }

    /// What the request's cookies leave over under a choice made since.
    fn leftovers_under(&self, config: &Config, consent: &Consent) -> Vec<Leftover> {
        let mut headers = HeaderMap::new();
        for cookie in &self.cookies {
            headers.append(COOKIE, cookie.clone());
        }
        request::find(&headers, consent, config.style.naming, None).leftovers
    }
}

/// Works out what a request may do and takes away what it may not bring.
pub(crate) fn enter(
    config: &Arc<Config>,
    method: &Method,
    uri: &Uri,
    headers: &mut HeaderMap,
) -> Entry {
    let path = uri.path();
    if endpoint::is_own(path, config.policy.prefix()) {
        return match endpoint::route(method, path, &config.policy) {
            Route::Choice => Entry::Choice,
            route => Entry::Answer(answer(config, route, method, uri, headers)),
        };
    }
    if let Some(bypass) = &config.bypass
        && bypass(method, uri, headers)
    {
        return Entry::Bypass(config.decide(&HeaderMap::new()));
    }
    let glance = Glance::at(headers);
    let consent = config.decide_at(glance, headers);
    if let Some(owner) = config.policy.path_owner(path)
        && !consent.permits(owner)
    {
        tracing::debug!(
            target: "tower_consent::gate",
            act = "refuse",
            path = %printable(path.as_bytes()),
            category = %owner.category(),
            "refused a route"
        );
        return Entry::Answer(reply::refused(&config.policy));
    }
    let may_be_page = glance.may_be_page();
    let mut found = request::Found::default();
    let mut cookies = Vec::new();
    if glance.has_cookies {
        found = request::find(headers, &consent, config.style.naming, Some(&config.told));
        if may_be_page && found.gated {
            // A page may make a choice, which then needs the cookies as they came in.
            cookies = headers.get_all(COOKIE).iter().cloned().collect();
        }
        request::strip(headers, &found.leftovers);
    }
    let trail = (may_be_page || !found.leftovers.is_empty()).then(|| {
        Box::new(Trail {
            uri: uri.clone(),
            host: headers.get(HOST).cloned(),
            cookies,
            leftovers: found.leftovers,
        })
    });
    if may_be_page && edits_documents(config, &consent) {
        cache::ask_for_plain_document(headers);
    }
    let passage = Passage {
        config: config.clone(),
        decision: consent.decision(),
        is_head: method == Method::HEAD,
        trail,
    };
    Entry::Pass(consent, passage)
}

/// Whether a document for this visitor would be changed in any way.
fn edits_documents(config: &Config, consent: &Consent) -> bool {
    !consent.permits_everything()
        || (config.look.settings_link && !config.policy.asked().is_empty())
}

/// Holds the app's response to the consent of its request.
pub(crate) fn leave<B>(passage: Passage, response: Response<B>) -> Response<ConsentBody<B>> {
    // "Not modified" gives its caching to the page that is stored already.
    let renews_page = response.status() == StatusCode::NOT_MODIFIED && passage.trail.is_some();
    let untouched = !renews_page
        && response.extensions().is_empty()
        && !header::concerns(response.headers())
        && passage
            .trail
            .as_ref()
            .is_none_or(|trail| trail.leftovers.is_empty());
    if untouched {
        return response.map(ConsentBody::passthrough);
    }
    let Passage {
        config,
        decision,
        is_head,
        trail,
    } = passage;
    let mut trail = trail.unwrap_or_default();
    let mut consent = Consent::from_decision(&config.policy, decision);
    let (mut parts, body) = response.into_parts();
    let now = config.clock.now();
    let recorded = parts
        .extensions
        .remove::<Choice>()
        .map(|choice| record(&choice, &consent, &config.keys, &config.style, now));
    if let Some(recorded) = &recorded {
        consent = recorded.consent.clone();
        trail.leftovers = trail.leftovers_under(&config, &consent);
    }
    let gated = SetCookieGate {
        consent: &consent,
        naming: config.style.naming,
        rule: config.rule.as_deref(),
        told: &config.told,
        now,
    }
    .apply(&mut parts.headers);
    header::filter(&mut parts.headers, &consent, || trail.base());

    let treated = media::body_of(is_head, parts.status, &parts.headers);
    let is_html = treated != Body::Other;
    if is_html || renews_page || gated.0 {
        cache::make_private(&mut parts.headers);
    }
    sweep(&config, &consent, &trail, &mut parts.headers, is_html);
    if let Some(recorded) = &recorded {
        store(recorded, &mut parts.headers);
    }
    let treatment = Treatment {
        config: &config,
        consent: &consent,
        trail: &trail,
        own_banner: parts.extensions.get::<OwnBanner>().is_some(),
        now,
    };
    let body = treatment.apply(&mut parts.headers, treated, body);
    Response::from_parts(parts, body)
}

/// Everything that a page's treatment depends on.
struct Treatment<'a> {
    config: &'a Config,
    consent: &'a Consent,
    trail: &'a Trail,
    own_banner: bool,
    now: Timestamp,
}

impl Treatment<'_> {
    /// Gates or completes a response's body, and corrects the headers that describe it.
    fn apply<B>(&self, headers: &mut HeaderMap, treated: Body, body: B) -> ConsentBody<B> {
        let (config, consent) = (self.config, self.consent);
        match treated {
            Body::Other => ConsentBody::passthrough(body),
            Body::Opaque(why) => {
                if !consent.permits_everything() {
                    if config.told.is_first(why.as_bytes()) {
                        tracing::warn!(
                            target: "tower_consent::gate",
                            "a page could not be gated, so it was confined to the site itself by a Content-Security-Policy: {why}"
                        );
                    }
                    headers.append(CONTENT_SECURITY_POLICY, LOCKDOWN);
                }
                ConsentBody::passthrough(body)
            }
            Body::Html {
                encoding,
                declared,
                head,
            } => {
                let injection = self.injection(headers);
                let open = consent.permits_everything();
                if open && injection.is_empty() {
                    return ConsentBody::passthrough(body);
                }
                cache::forget_bytes(headers);
                if head {
                    ConsentBody::passthrough(body)
                } else if open {
                    ConsentBody::append(body, injection.whole())
                } else {
                    let plan = Plan {
                        consent: consent.clone(),
                        base: self.trail.base(),
                        encoding,
                        charset_declared: declared,
                        injection,
                        told: config.told.clone(),
                        frame_name: frame_name(consent, self.now),
                    };
                    ConsentBody::rewrite(body, HtmlGate::new(plan))
                }
            }
        }
    }

    fn injection(&self, headers: &mut HeaderMap) -> Injection {
        let policy = &self.config.policy;
        let mut look = self.config.look;
        if look.admits {
            let digests = page::script_digests(policy);
            csp::admit_own_scripts(headers, self.trail.host(), policy.prefix(), &digests);
        } else if !csp::lets_own_script(headers, self.trail.host()) {
            // What cannot run must not be relied on.
            look.guard = GuardMode::Off;
            if look.placement == BannerPlacement::Script {
                look.placement = BannerPlacement::BodyStart;
            }
        }
        let next = self
            .trail
            .uri
            .path_and_query()
            .map_or("/", http::uri::PathAndQuery::as_str);
        let next = if is_safe(next) { next } else { "/" };
        page::injection(
            self.consent,
            &Allowance::read(headers),
            next,
            look,
            self.own_banner,
        )
    }
}

/// A name for blocked frames that differs from every page of the same visitor
/// before: by the choice it was made for, and without one by the time.
fn frame_name(consent: &Consent, now: Timestamp) -> String {
    let chosen = consent.decided_at().map_or(0, Timestamp::unix_seconds);
    format!("tc-{:x}-{chosen:x}", now.unix_seconds())
}

/// Expires the denied cookies that the request showed, on a response that no cache shares.
fn sweep(
    config: &Config,
    consent: &Consent,
    trail: &Trail,
    headers: &mut HeaderMap,
    is_html: bool,
) {
    let due: Vec<Leftover> = trail
        .leftovers
        .iter()
        .filter(|leftover| consent.expires(leftover.owner))
        .cloned()
        .collect();
    if due.is_empty() || !(is_html || is_unshared(headers)) {
        return;
    }
    let place = config.place(trail.host(), trail.uri.path());
    expire(headers, &due, place, &config.policy, config.clock.now());
}

fn is_unshared(headers: &HeaderMap) -> bool {
    headers.get_all(CACHE_CONTROL).iter().any(|value| {
        value
            .as_bytes()
            .split(|byte| *byte == b',')
            .map(<[u8]>::trim_ascii)
            .any(|part| {
                part.eq_ignore_ascii_case(b"no-store") || part.eq_ignore_ascii_case(b"private")
            })
    })
}

fn store(recorded: &Recorded, headers: &mut HeaderMap) {
    if recorded.cookies.is_empty() {
        return;
    }
    for cookie in &recorded.cookies {
        headers.append(SET_COOKIE, cookie.clone());
    }
    cache::forbid_storing(headers);
}
