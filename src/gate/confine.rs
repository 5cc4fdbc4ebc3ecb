//! Which sources may a page use while other sites wait for consent?
//!
//! Markup and the page's script hold back what they see. The browser holds
//! back the rest when it is told the same as a Content-Security-Policy: the
//! site itself, what the policy declares as necessary, and the granted
//! vendors. It is a policy of its own, which can only narrow the app's, and it
//! lets the site's own scripts do whatever they did, inline and `eval` included.
//!
//! A page cannot shed it again. A visitor who is still asked gets none where the
//! page's script stands guard, so that a grant needs no reload.

use std::fmt::Write;

use http::HeaderValue;

use crate::category::Category;
use crate::consent::Consent;
use crate::policy::{Owner, Policy, Vendor, site};

/// Proxies refuse responses with larger headers.
const MAX_POLICY: usize = 6 * 1024;

/// The policy for a page on `own_host`, which is without port; `guarded` says
/// whether the page's script can watch what is inserted.
///
/// `None` where other sites may act, where a guarded page still asks, and where the granted vendors are too many
/// to name: then what the markup and the page's script hold back has to do.
pub(crate) fn policy(consent: &Consent, own_host: &str, guarded: bool) -> Option<HeaderValue> {
    let declared = consent.policy();
    let foreign = Owner::Foreign {
        category: Category::Marketing,
    };
    if !declared.is_strict_about_third_parties()
        || consent.is_for_everybody()
        || consent.permits(foreign)
        || guarded && consent.needs_banner()
    {
        return None;
    }
    let sources = sources(declared, consent, own_host)?;
    let mut policy = format!(
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:{sources}; \
         frame-src 'self' blob: data:{sources}; worker-src 'self' blob: data:{sources}; \
         connect-src 'self' blob: data:{sources}; object-src 'self' blob: data:{sources}"
    );
    if declared.is_strict_about_third_party_images() {
        let _ = write!(policy, "; img-src 'self' blob: data:{sources}");
    }
    if policy.len() > MAX_POLICY {
        return None;
    }
    HeaderValue::try_from(policy).ok()
}

/// The hosts that may act, each after a space; `None` where they cannot be named.
fn sources(policy: &Policy, consent: &Consent, own_host: &str) -> Option<String> {
    let own_host = own_host.to_ascii_lowercase();
    let mut hosts = vec![site::registrable(&own_host).unwrap_or(&own_host)];
    for vendor in policy
        .vendors()
        .iter()
        .filter(|vendor| acts(consent, vendor))
    {
        if vendor.umbrella {
            return None;
        }
        hosts.extend(
            vendor
                .hosts
                .iter()
                .map(|host| host.split('/').next().unwrap_or(host)),
        );
    }
    hosts.retain(|host| is_source(host));
    hosts.sort_unstable();
    hosts.dedup();
    let mut sources = String::new();
    for host in hosts {
        let _ = write!(sources, " {host}:*");
        if host.contains('.') && !host.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            let _ = write!(sources, " *.{host}:*");
        }
    }
    Some(sources)
}

fn acts(consent: &Consent, vendor: &Vendor) -> bool {
    vendor.category() == Category::Necessary || consent.allows_vendor(vendor.id())
}

/// Whether a host can stand in a policy (CSP Level 3, `host-part`), which an IPv6 address cannot.
fn is_source(host: &str) -> bool {
    !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
}
