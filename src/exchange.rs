//! What happens between a request and its response?
//!
//! The data flow of the whole crate in two functions: [`enter`] works out the
//! consent and holds the request to it, [`leave`] holds the response to it.

mod added;
mod trail;
mod treatment;
mod unreadable;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_SECURITY_POLICY, COOKIE, HOST, SET_COOKIE};
use http::{Extensions, HeaderMap, Response, StatusCode, Uri};

use self::trail::Trail;
use self::treatment::Treatment;
use crate::answer::answer;
use crate::banner::OwnBanner;
use crate::body::ConsentBody;
use crate::choice::{Choice, Recorded};
use crate::config::Config;
use crate::consent::{Consent, Decision};
use crate::edition::Edition;
use crate::endpoint::reply::{self, Answer};
use crate::endpoint::{self, Route, gpc};
use crate::gate::cache::{self, CacheMode};
use crate::gate::expire::expire;
use crate::gate::head::Head;
use crate::gate::media::Body;
use crate::gate::request::{self, Leftover};
use crate::gate::response::{Gated, SetCookieGate};
use crate::gate::warn::printable;
use crate::gate::{edge, header, statistics, validator};
use crate::journal::write::Method;
use crate::jurisdiction::RequestHead;
use crate::rights::Wanted;
use crate::settle::{self, Settled};
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
    /// It closes a bar.
    Dismiss,
    /// It asks about the visitor's record, which is still to be fetched.
    Record(Wanted),
    /// It asks to erase that record.
    Erase,
    /// It asks about addresses, which are still to be read.
    #[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
    Verdict,
}

/// What the response to a passed request is held to.
#[derive(Debug)]
pub(crate) struct Passage {
    config: Arc<Config>,
    decision: Decision,
    is_head: bool,
    /// Whether the request changes nothing.
    only_reads: bool,
    /// Only where the response may be a page or may expire a cookie.
    trail: Option<Box<Trail>>,
}

/// Works out what a request may do and takes away what it may not bring.
pub(crate) fn enter(
    config: &Arc<Config>,
    method: &http::Method,
    uri: &Uri,
    headers: &mut HeaderMap,
    extensions: &Extensions,
) -> Entry {
    let path = uri.path();
    if path == gpc::RESOURCE
        && let Some(answer) = gpc::resource(&config.policy, method)
    {
        return Entry::Answer(answer);
    }
    if endpoint::is_own(path, config.policy.prefix()) {
        let verdicts = config.gives_verdicts();
        let head = RequestHead::new(uri, headers, extensions);
        return match endpoint::route(method, path, &config.policy, verdicts) {
            Route::Choice => Entry::Choice,
            Route::Dismiss => Entry::Dismiss,
            Route::Erase => Entry::Erase,
            Route::Record { linked: false } => Entry::Record(Wanted::Json),
            Route::Record { linked: true } => Entry::Record(Wanted::JsonLd),
            Route::Preferences if config.journal.is_some() => Entry::Record(Wanted::Preferences),
            #[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
            Route::Verdict => Entry::Verdict,
            route => Entry::Answer(answer(config, route, method, uri, &head)),
        };
    }
    if let Some(bypass) = &config.bypass
        && bypass(method, uri, headers)
    {
        return Entry::Bypass(Consent::undecided(&config.policy));
    }
    let glance = Glance::at(headers);
    let mut at = config.circumstances(glance, &RequestHead::new(uri, headers, extensions));
    at.never = config.policy.never_at(path);
    let mut consent = config.decide_at(glance, at, headers);
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
    if may_be_page && config.cache_mode == CacheMode::PerState {
        // What others get too is written in the page's language alone.
        consent = consent.speaking(config.locale_in(at.jurisdiction, None, headers));
    }
    let only_reads = matches!(*method, http::Method::GET | http::Method::HEAD);
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
    let held = if glance.has_cookies {
        statistics::held(headers, &consent)
    } else {
        Vec::new()
    };
    let overruled = (may_be_page && only_reads && gpc::is_to_be_stored(&consent, headers))
        .then(|| Box::new(config.decide_at(glance, at.without_gpc(), headers)));
    if may_be_page {
        let notice = config.notice(&consent, glance, headers);
        consent = consent.telling(notice);
    }
    let decision = consent.decision();
    let watch = (may_be_page && config.cache_mode == CacheMode::Uniform).then(|| consent.watch());
    let claimed = match config.cache_mode {
        CacheMode::EdgeKey => edge::claimed(headers),
        CacheMode::PerState | CacheMode::Uniform => None,
    };
    // Whatever is granted, every page is changed, if only by the banner's script.
    if may_be_page && glance.takes_codings {
        headers.remove(ACCEPT_ENCODING);
    }
    let renews = may_be_page
        && glance.is_conditional
        && validator::ask_for_page(headers, only_reads, || {
            Edition::of(config.cache_mode, &consent, claimed.as_ref()).scope(config)
        });
    let shows_document = glance.shows_document();
    let trail = (may_be_page || shows_document || !found.leftovers.is_empty() || !held.is_empty())
        .then(|| {
            Box::new(Trail {
                uri: uri.clone(),
                host: headers.get(HOST).cloned(),
                cookies,
                leftovers: found.leftovers,
                may_be_page,
                shows_document,
                renews,
                claimed,
                held,
                overruled,
                watch,
            })
        });
    let passage = Passage {
        config: config.clone(),
        decision,
        is_head: method == http::Method::HEAD,
        only_reads,
        trail,
    };
    Entry::Pass(consent, passage)
}

/// What becomes of a choice that the app put into the response, where that takes
/// time because choices are recorded.
pub(crate) fn settling(
    passage: &Passage,
    extensions: &mut Extensions,
) -> Option<impl Future<Output = Settled> + Send + use<>> {
    let config = &passage.config;
    config.journal.as_ref()?;
    let choice = extensions.remove::<Choice>()?;
    let consent = Consent::from_decision(&config.policy, passage.decision.clone());
    let config = config.clone();
    Some(settle::settle(
        config,
        choice,
        consent,
        None,
        Method::Application,
    ))
}

/// Holds the app's response to the consent of its request.
///
/// `settled` is what the choice came to that the app had put into the response.
pub(crate) fn leave<B>(
    passage: Passage,
    response: Response<B>,
    settled: Option<Settled>,
) -> Response<ConsentBody<B>> {
    // "Not modified" gives its caching to the page that is stored already.
    let renews_page = response.status() == StatusCode::NOT_MODIFIED && passage.trail.is_some();
    let left = passage.trail.as_ref();
    let shown = left.is_some_and(|trail| trail.shows_document);
    let (status, headers) = (response.status(), response.headers());
    let head = Head::of(headers, status, passage.is_head, shown);
    let untouched = !renews_page
        && settled.is_none()
        && response.extensions().is_empty()
        && !head.concerns()
        && left.is_none_or(|trail| trail.leftovers.is_empty());
    if untouched {
        return response.map(ConsentBody::passthrough);
    }
    let Passage {
        config,
        decision,
        is_head,
        only_reads,
        trail,
    } = passage;
    let mut trail = trail.unwrap_or_default();
    let mut consent = Consent::from_decision(&config.policy, decision);
    let (mut parts, body) = response.into_parts();
    let recorded = settled
        .or_else(|| {
            let choice = parts.extensions.remove::<Choice>()?;
            Some(settle::at_once(&config, &choice, &consent))
        })
        .map(|settled| settled.recorded);
    if let Some(recorded) = &recorded {
        consent = recorded.consent.clone();
        trail.leftovers = trail.leftovers_under(&config, &consent);
    }
    let gated = if head.cookies {
        let gate = SetCookieGate {
            consent: &consent,
            naming: config.style.naming,
            rule: config.rule.as_deref(),
            told: &config.told,
            now: config.clock.now(),
            held: &trail.held,
        };
        gate.apply(&mut parts.headers)
    } else {
        Gated(false)
    };
    let treated = head.body;
    let is_page = match treated {
        Body::Html { .. } => trail.may_be_page,
        Body::Opaque(_) | Body::Other => renews_page && trail.renews,
    };
    // What cannot be edited is told apart by its headers alone, and belongs to its visitor.
    let mode = if is_page {
        config.cache_mode
    } else {
        CacheMode::PerState
    };
    let overruled = trail.overruled.as_ref();
    let signalled = overruled
        .filter(|_| is_page && recorded.is_none())
        .map(|held| settle::signalled(&config, &consent, held));
    let recorded = recorded.or(signalled);
    let edition = Edition::of(mode, &consent, trail.claimed.as_ref());
    let judged = head.fetches
        && header::filter(&mut parts.headers, &edition.consent, || trail.base(&config));
    let personal = gated.0
        || recorded.is_some()
        || head.cookies && parts.headers.contains_key(SET_COOKIE)
        || trail
            .watch
            .as_ref()
            .is_some_and(|asked| asked.load(Ordering::Relaxed));
    if treated != Body::Other || renews_page {
        edition.tell_caches(&mut parts.headers, personal);
        for source in &config.sources {
            cache::vary_by(&mut parts.headers, &source.headers());
        }
    } else if gated.0 || judged {
        cache::make_private(&mut parts.headers);
    }
    sweep(&config, &consent, &trail, &mut parts.headers);
    if let Some(recorded) = &recorded {
        store(recorded, &mut parts.headers);
    }
    if renews_page && trail.renews {
        validator::renew(&mut parts.headers, &edition.scope(&config));
    }
    let treatment = Treatment {
        config: &config,
        edition: &edition,
        trail: &trail,
        only_reads,
        own_banner: parts.extensions.get::<OwnBanner>().is_some(),
        has_policy: head.policy,
    };
    if let Some(answer) = treatment.blocked(&parts.headers, treated) {
        return answer.map(|page| ConsentBody::full(if is_head { Bytes::new() } else { page }));
    }
    if renews_page && parts.headers.contains_key(CONTENT_SECURITY_POLICY) {
        // The app's policies replace all that are stored with the page (RFC 9111, section 3.2).
        let look = treatment.look(&mut parts.headers);
        treatment.confine(&mut parts.headers, &look);
    }
    let body = treatment.apply(&mut parts.headers, treated, body);
    Response::from_parts(parts, body)
}

/// Expires the denied cookies that the request showed, on a response that no cache shares.
fn sweep(config: &Config, consent: &Consent, trail: &Trail, headers: &mut HeaderMap) {
    let due: Vec<Leftover> = trail
        .leftovers
        .iter()
        .filter(|leftover| consent.expires(leftover.owner))
        .cloned()
        .collect();
    if due.is_empty() || !cache::is_unshared(headers) {
        return;
    }
    let place = config.place(trail.host(), trail.uri.path());
    expire(headers, &due, place, &config.policy, config.clock.now());
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
