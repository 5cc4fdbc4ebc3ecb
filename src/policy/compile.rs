//! What do the declared names amount to, and do they contradict each other?

use std::collections::{BTreeMap, HashMap};

use super::catalog::Known;
use super::error::Problems;
use super::inline::Signature;
use super::owner::Owner;
use super::pattern::{CookiePattern, HostPattern, is_path_below, parse_path_prefix};
use super::registry::Declared;
use super::site_cookie::SiteCookie;
use super::texts::faults_of_purposes;
use super::vendor::Vendor;
use crate::category::{CONSENT_PREFIXES, Category, CategorySet};

/// What a policy's declarations amount to.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    pub(super) declared: Declared,
    pub(super) signatures: Vec<(Signature, Owner)>,
    pub(super) umbrella: [Option<Owner>; 4],
    pub(super) asked: CategorySet,
}

/// Turns declarations into indexes and collects what is wrong with them.
pub(super) struct Compiler<'a> {
    pub(super) compiled: Compiled,
    known: &'static Known,
    /// Every cookie name, host and path with the category that it was first declared in.
    seen: HashMap<String, (Category, String)>,
    prefix: &'a str,
    problems: &'a mut Problems,
}

impl<'a> Compiler<'a> {
    /// A compiler for a policy whose own pages live at `prefix`.
    pub(super) fn new(prefix: &'a str, problems: &'a mut Problems) -> Self {
        Self {
            compiled: Compiled::default(),
            known: Known::get(),
            seen: HashMap::new(),
            prefix,
            problems,
        }
    }

    pub(super) fn vendor(&mut self, vendor: &Vendor, owner: Owner) {
        let who = format!("vendor `{}`", vendor.id);
        self.check_vendor(vendor, &who);
        if owner != Owner::Exempt {
            self.compiled.asked = self.compiled.asked.with(vendor.category);
        }
        if vendor.umbrella
            && let Some(slot) = self.compiled.umbrella.get_mut(vendor.category.index())
        {
            *slot = Some(owner);
        }
        let unproven =
            vendor.category == Category::Necessary && vendor.overrides_catalog.trim().is_empty();
        for name in &vendor.cookies {
            if let Some(pattern) = self.cookie_pattern(name, vendor.category, &who, unproven) {
                self.compiled.declared.cookies.insert(pattern, owner);
            }
        }
        for host in &vendor.hosts {
            match HostPattern::parse(host) {
                Ok(pattern) => {
                    self.claim("host", host, vendor.category, &who);
                    if unproven && let Some((tracker, known)) = self.known.host_overlap(&pattern) {
                        self.refuse_necessary(&who, "host", host, tracker, known);
                    }
                    if vendor.inline.is_empty() && pattern.path.is_empty() {
                        self.compiled
                            .signatures
                            .push((Signature::Host(pattern.host.clone()), owner));
                    }
                    self.compiled.declared.hosts.insert(pattern, owner);
                }
                Err(why) => self.problems.add(
                    format!("{who}: host `{host}` {why}"),
                    ".hosts([\"stats.example.com\"])",
                ),
            }
        }
        for path in &vendor.paths {
            match parse_path_prefix(path) {
                Ok(prefix)
                    if is_path_below(self.prefix, &prefix)
                        || is_path_below(&prefix, self.prefix) =>
                {
                    self.problems.add(
                        format!(
                            "{who}: path `{path}` overlaps the layer's own pages at `{}`",
                            self.prefix
                        ),
                        "choose another path, or move the layer's with .prefix(\"/_privacy\")",
                    );
                }
                Ok(prefix) => {
                    self.claim("path", &prefix, vendor.category, &who);
                    self.compiled.declared.paths.insert(prefix, owner);
                }
                Err(why) => self.problems.add(
                    format!("{who}: path `{path}` {why}"),
                    ".paths([\"/collect\"])",
                ),
            }
        }
        for signature in &vendor.inline {
            if unproven && let Some((tracker, known)) = self.known.signature_overlap(signature) {
                self.refuse_necessary(&who, "inline signature", signature, tracker, known);
            }
            match Signature::parse(signature) {
                Ok(signature) => self.compiled.signatures.push((signature, owner)),
                Err(why) => self.problems.add(
                    format!("{who}: inline signature `{signature}` {why}"),
                    ".inline([\"stats.example.com/loader.js\"])",
                ),
            }
        }
    }

    fn check_names(&mut self, vendor: &Vendor, who: &str) {
        for name in &vendor.storage {
            let start = name.strip_suffix('*').unwrap_or(name);
            if start.len() < 2 || start.contains('*') || start.chars().any(char::is_control) {
                self.problems.add(
                    format!("{who}: storage name `{name}` is not a plain name of two or more characters, `*` only at the end"),
                    ".storage([\"mp_*\"])",
                );
            }
        }
        for name in &vendor.globals {
            let plain = name.strip_suffix("[]").unwrap_or(name);
            let is_name = |part: &str| {
                let mut chars = part.chars();
                chars
                    .next()
                    .is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || c == '$')
                    && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
            };
            if plain.split('.').count() > 2 || !plain.split('.').all(is_name) {
                self.problems.add(
                    format!("{who}: global `{name}` is not a name, a name with `[]`, or a name with one method"),
                    ".globals([\"fbq\", \"dataLayer[]\", \"mixpanel.track\"])",
                );
            }
        }
    }

    fn check_purposes(&mut self, purposes: &BTreeMap<String, String>, who: &str) {
        if let Some(why) = faults_of_purposes(purposes) {
            self.problems.add(
                format!("{who}: {why}"),
                ".with_purpose_in(\"de\", \"what it is for\")",
            );
        }
    }

    fn check_vendor(&mut self, vendor: &Vendor, who: &str) {
        self.check_purposes(&vendor.purposes, who);
        self.check_names(vendor, who);
        let id_is_plain = (1..=64).contains(&vendor.id.len())
            && vendor
                .id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !id_is_plain {
            self.problems.add(
                format!("{who}: the id is not 1 to 64 of a-z, 0-9 and `-`"),
                "Vendor::new(\"shop-stats\", ..)",
            );
        }
        if let Some((_, first)) = self
            .seen
            .insert(
                format!("id {}", vendor.id),
                (vendor.category, String::new()),
            )
            .map(|(category, _)| (category, category.as_str()))
        {
            self.problems.add(
                format!("{who} is declared twice (first in {first})"),
                "remove one, or give it another id",
            );
        }
        let mut missing = Vec::new();
        if vendor.purpose.trim().is_empty() {
            missing.push(".with_purpose(\"what it is for\")");
        }
        if vendor.retention.trim().is_empty() {
            missing.push(".with_retention(\"13 months\")");
        }
        if !vendor.first_party && !vendor.umbrella {
            if vendor.provider.trim().is_empty() {
                missing.push(".with_provider(\"Company Ltd\", \"IE\")");
            }
            if vendor.policy_url.is_empty() {
                missing.push(".with_policy_url(\"https://company.example/privacy\")");
            }
        }
        if !missing.is_empty() {
            let or_own = if missing.len() > 2 {
                ", or .first_party() if it is the site itself"
            } else {
                ""
            };
            self.problems.add(
                format!("{who}: visitors must be told more about it"),
                format!("{}{or_own}", missing.concat()),
            );
        }
        let country = vendor.country.as_bytes();
        let is_code = country.len() == 2 && country.iter().all(u8::is_ascii_uppercase);
        if !(vendor.provider.trim().is_empty() || is_code) {
            self.problems.add(
                format!(
                    "{who}: `{}` is not a two-letter country code",
                    vendor.country
                ),
                ".with_provider(\"Company Ltd\", \"IE\")",
            );
        }
        if !vendor.policy_url.is_empty() && !is_web_url(&vendor.policy_url) {
            self.problems.add(
                format!(
                    "{who}: policy address `{}` is not an http(s) address",
                    vendor.policy_url
                ),
                ".with_policy_url(\"https://company.example/privacy\")",
            );
        }
        let recognisable = [
            &vendor.cookies,
            &vendor.hosts,
            &vendor.paths,
            &vendor.inline,
        ]
        .iter()
        .any(|list| !list.is_empty());
        if !recognisable && !vendor.umbrella {
            self.problems.add(
                format!("{who}: nothing says how to recognise it"),
                "add .cookies([..]), .hosts([..]), .paths([..]) or .inline([..])",
            );
        }
    }

    pub(super) fn site_cookie(&mut self, cookie: &SiteCookie) {
        let who = format!("cookie `{}`", cookie.name);
        let requested = !cookie.user_requested.trim().is_empty();
        if cookie.purpose.trim().is_empty() {
            self.problems.add(
                format!("{who}: visitors must be told what it is for"),
                format!("SiteCookie::new({:?}, .., \"what it is for\")", cookie.name),
            );
        }
        self.check_purposes(&cookie.purposes, &who);
        if cookie.retention.trim().is_empty() {
            self.problems.add(
                format!("{who}: has no retention"),
                ".with_retention(\"1 year\")",
            );
        }
        if requested && cookie.category != Category::Functional {
            self.problems.add(
                format!("{who}: only a functional cookie can be requested by the visitor"),
                "remove .user_requested(..), or use Category::Functional",
            );
        }
        let exempt = requested || cookie.category == Category::Necessary;
        let unproven = exempt && cookie.overrides_catalog.trim().is_empty();
        let Some(pattern) = self.cookie_pattern(&cookie.name, cookie.category, &who, unproven)
        else {
            return;
        };
        let owner = if exempt {
            Owner::Exempt
        } else {
            self.compiled.asked = self.compiled.asked.with(cookie.category);
            Owner::Site {
                category: cookie.category,
            }
        };
        self.compiled.declared.cookies.insert(pattern, owner);
    }

    fn cookie_pattern(
        &mut self,
        name: &str,
        category: Category,
        who: &str,
        unproven: bool,
    ) -> Option<CookiePattern> {
        let pattern = match CookiePattern::parse(name) {
            Ok(pattern) => pattern,
            Err(why) => {
                self.problems.add(
                    format!("{who}: cookie name `{name}` {why}"),
                    "write the exact name, or a prefix such as \"_ga_*\"",
                );
                return None;
            }
        };
        let reserved = CONSENT_PREFIXES.iter().any(|prefix| {
            CookiePattern::parse(&format!("{prefix}*")).is_ok_and(|own| own.overlaps(&pattern))
        });
        if reserved {
            self.problems.add(
                format!("{who}: cookie name `{name}` covers the layer's own cookies"),
                "use another name",
            );
        }
        self.claim("cookie name", name, category, who);
        if unproven && let Some((tracker, known)) = self.known.cookie_overlap(&pattern) {
            self.refuse_necessary(who, "cookie name", name, tracker, known);
        }
        Some(pattern)
    }

    /// Notes who declared `text`, and complains where another category did before.
    fn claim(&mut self, kind: &str, text: &str, category: Category, who: &str) {
        let key = format!("{kind} {text}");
        match self.seen.get(&key) {
            Some((first, by)) if *first != category => {
                self.problems.add(
                    format!("{kind} `{text}` is {first} by {by} and {category} by {who}"),
                    "declare it once",
                );
            }
            Some(_) => {}
            None => {
                self.seen.insert(key, (category, who.to_owned()));
            }
        }
    }

    fn refuse_necessary(&mut self, who: &str, kind: &str, text: &str, tracker: &str, known: Owner) {
        self.problems.add(
            format!(
                "{who}: the {kind} `{text}` covers `{tracker}`, which is a known {} name and cannot be exempt from consent",
                known.category()
            ),
            "move it to that category, or write down why it is none: .overriding_catalog(\"reason\")",
        );
    }
}

/// Whether `text` is an absolute http(s) address.
pub(super) fn is_web_url(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}
