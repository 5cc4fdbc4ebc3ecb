//! What happens between a request and its response?
//!
//! The data flow of the whole crate in two functions: [`enter`] works out the
//! consent and holds the request to it, [`leave`] holds the response to it.

mod trail;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, COOKIE, ETAG, HOST, SET_COOKIE,
};
use http::{Extensions, HeaderMap, Response, StatusCode, Uri};

use self::trail::Trail;
use crate::answer::answer;
use crate::banner::OwnBanner;
use crate::body::ConsentBody;
use crate::choice::{Choice, Recorded};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::consent::{Consent, Decision};
use crate::edition::Edition;
use crate::endpoint::look::{BannerPlacement, GuardMode, Look};
#[cfg(feature = "strict-third-parties")]
use crate::endpoint::origin::without_port;
use crate::endpoint::reply::{self, Answer};
use crate::endpoint::target::is_safe;
use crate::endpoint::{self, Route, gpc, modes, page};
use crate::gate::cache::{self, CacheMode};
use crate::gate::csp::{self, Allowance, LOCKDOWN, PageMarks};
use crate::gate::expire::expire;
use crate::gate::header::Concerns;
use crate::gate::html::{Home, HtmlGate, Injection, Plan};
use crate::gate::media::{self, Body, Unrewritable, language};
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
    Some(settle::settle(config, choice, consent, Method::Application))
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
    let concerns = Concerns::of(response.headers());
    let untouched = !renews_page
        && settled.is_none()
        && response.extensions().is_empty()
        && !concerns.any()
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
    let gated = if concerns.cookies {
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
    let treated = media::body_of(is_head, trail.shows_document, parts.status, &parts.headers);
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
    let judged = concerns.fetches
        && header::filter(&mut parts.headers, &edition.consent, || trail.base(&config));
    let personal = gated.0
        || recorded.is_some()
        || concerns.cookies && parts.headers.contains_key(SET_COOKIE)
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
        has_policy: concerns.policy,
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

/// Everything that a page's treatment depends on.
struct Treatment<'a> {
    config: &'a Config,
    edition: &'a Edition,
    trail: &'a Trail,
    only_reads: bool,
    own_banner: bool,
    /// Whether the app sent a Content-Security-Policy.
    has_policy: bool,
}

impl Treatment<'_> {
    /// Gates or completes a response's body, and corrects the headers that describe it.
    fn apply<B>(&self, headers: &mut HeaderMap, treated: Body, body: B) -> ConsentBody<B> {
        let (config, consent) = (self.config, &self.edition.consent);
        match treated {
            Body::Other => ConsentBody::passthrough(body),
            Body::Opaque(why) => {
                if !consent.permits_everything() {
                    self.warn(why);
                    if config.unrewritable != Unrewritable::Pass {
                        headers.append(CONTENT_SECURITY_POLICY, LOCKDOWN);
                    }
                }
                ConsentBody::passthrough(body)
            }
            Body::Html {
                codings,
                encoding,
                declared,
                head,
            } => {
                let look = self.look(headers);
                let locked = self.confine(headers, &look);
                let injection = self.injection(headers, &look, locked);
                let open = consent.permits_everything();
                if open && injection.is_empty() {
                    return ConsentBody::passthrough(body);
                }
                self.describe(headers);
                if !codings.is_empty() {
                    headers.remove(CONTENT_ENCODING);
                }
                let max = config.max_decompressed;
                if head {
                    ConsentBody::passthrough(body)
                } else if open && injection.first.is_empty() {
                    let home = Home {
                        host: self.trail.host_value(),
                        secure: config.style.is_secure(),
                        policy: config.policy.clone(),
                    };
                    ConsentBody::append(body, injection, language(headers), home)
                        .decoding(codings, max)
                } else {
                    let frames = csp::lets_own_frame(headers, self.trail.host());
                    let plan = Plan {
                        consent: consent.clone(),
                        base: self.trail.base(config),
                        encoding,
                        charset_declared: declared,
                        injection,
                        language: language(headers),
                        told: config.told.clone(),
                        secure: config.style.is_secure(),
                        frame_name: self.frame_name(),
                        placeholders: frames.then(|| self.next().to_owned()),
                    };
                    ConsentBody::rewrite(body, HtmlGate::new(plan)).decoding(codings, max)
                }
            }
        }
    }

    /// The answer in place of a page that cannot be read, where that is wanted.
    fn blocked(&self, headers: &HeaderMap, treated: Body) -> Option<Answer> {
        let Body::Opaque(why) = treated else {
            return None;
        };
        if self.config.unrewritable != Unrewritable::Block
            || self.edition.consent.permits_everything()
        {
            return None;
        }
        self.warn(why);
        let message = "This page cannot be shown, because it cannot be checked for services that you have not agreed to.";
        let mut answer = reply::error(
            &self.config.policy,
            self.edition.consent.texts(),
            StatusCode::BAD_GATEWAY,
            message,
            false,
        );
        for cookie in headers.get_all(SET_COOKIE) {
            answer.headers_mut().append(SET_COOKIE, cookie.clone());
        }
        Some(answer)
    }

    fn warn(&self, why: &str) {
        if !self.config.told.is_first(why.as_bytes()) {
            return;
        }
        let outcome = match self.config.unrewritable {
            Unrewritable::Block => "its visitor got an error instead",
            Unrewritable::CspOnly => {
                "it was confined to the site itself by a Content-Security-Policy"
            }
            Unrewritable::Pass => "it passed with everything that it loads",
        };
        tracing::warn!(
            target: "tower_consent::gate",
            "a page could not be gated, so {outcome}: {why}"
        );
    }

    /// Tells the browser, too, that other sites wait; whether there was something to tell.
    #[cfg(feature = "strict-third-parties")]
    fn confine(&self, headers: &mut HeaderMap, look: &Look) -> bool {
        if !self.config.policy.is_strict_about_third_parties() {
            return false;
        }
        let host = without_port(self.trail.host());
        let guarded = look.guard != GuardMode::Off;
        let policy = crate::gate::confine::policy(&self.edition.consent, host, guarded);
        let locked = policy.is_some();
        if let Some(policy) = policy {
            headers.append(CONTENT_SECURITY_POLICY, policy);
        }
        locked
    }

    #[cfg(not(feature = "strict-third-parties"))]
    #[allow(clippy::unused_self, reason = "there is nothing to tell")]
    fn confine(&self, _: &mut HeaderMap, _: &Look) -> bool {
        false
    }

    /// Takes away what described the app's bytes, and puts a tag on the new page
    /// where some cache may keep it.
    fn describe(&self, headers: &mut HeaderMap) {
        let keeps = self.trail.may_be_page
            && self.only_reads
            && headers.contains_key(ETAG)
            && !cache::forbids_storing(headers);
        let tag = keeps
            .then(|| validator::scoped(headers, &self.edition.scope(self.config)))
            .flatten();
        cache::forget_bytes(headers);
        if let Some(tag) = tag {
            headers.insert(ETAG, tag);
        }
    }

    /// A name for blocked frames that differs from every page of the same visitor
    /// before: by the choice it was made for, and without one by the time. Where
    /// the page is the same for others, so is the name; the script gives each frame
    /// that it wakes a place of its own in the browser's history.
    fn frame_name(&self) -> String {
        if self.edition.is_shared() {
            return "tc-0".to_owned();
        }
        let chosen = self.edition.consent.decided_at();
        let chosen = chosen.map_or(0, Timestamp::unix_seconds);
        let now = self.config.clock.now();
        format!("tc-{:x}-{chosen:x}", now.unix_seconds())
    }

    /// The path of the page, to come back to after a choice.
    fn next(&self) -> &str {
        let next = self.trail.uri.path_and_query();
        let next = next.map_or("/", http::uri::PathAndQuery::as_str);
        if is_safe(next) { next } else { "/" }
    }

    /// How much of what was asked for this page lets in.
    fn look(&self, headers: &mut HeaderMap) -> Look {
        let policy = &self.config.policy;
        let mut look = self.config.look.clone();
        if !self.has_policy {
            // Everything is let in.
        } else if look.admits {
            let digests = page::script_digests(policy);
            csp::admit_own_scripts(headers, self.trail.host(), policy.prefix(), &digests);
        } else if !csp::lets_own_script(headers, self.trail.host()) {
            // What cannot run must not be relied on.
            look.guard = GuardMode::Off;
            if look.placement == BannerPlacement::Script {
                look.placement = BannerPlacement::BodyStart;
            }
        }
        #[cfg(feature = "strict-third-parties")]
        if policy.is_strict_about_third_parties() && look.guard == GuardMode::Core {
            look.guard = GuardMode::Full;
        }
        look
    }

    /// Says once that a page could not be given what vendors' tags are to be told.
    fn tell_unspoken(&self, injection: &Injection) {
        if injection.first.is_empty() && self.config.told.is_first(b"consent modes") {
            tracing::warn!(
                target: "tower_consent::gate",
                "a page's Content-Security-Policy lets none of the layer's scripts run, so vendors' tags are not told of consent; add .with_csp_admission(true)"
            );
        }
    }

    fn injection(&self, headers: &HeaderMap, look: &Look, locked: bool) -> Injection {
        #[cfg(feature = "strict-third-parties")]
        let policy = &self.config.policy;
        let next = self.next();
        let mut allowance = if self.has_policy || locked {
            Allowance::read(headers)
        } else {
            Allowance::OPEN
        };
        allowance.marks = PageMarks {
            locked,
            verdicts: self.config.gives_verdicts(),
            gpc: self.edition.consent.gpc(),
        };
        #[cfg(feature = "strict-third-parties")]
        if policy.is_strict_about_third_parties() {
            let host = without_port(self.trail.host());
            let site = crate::policy::site::registrable(host).unwrap_or(host);
            site.clone_into(&mut allowance.site);
        }
        let consent = &self.edition.consent;
        let mut injection = page::injection(consent, &allowance, next, look, self.own_banner);
        if consent.policy().modes().is_some() {
            let fetches = look.admits || csp::lets_own_script(headers, self.trail.host());
            injection.first = modes::tag(consent, &allowance, fetches);
            self.tell_unspoken(&injection);
        }
        injection
    }
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
