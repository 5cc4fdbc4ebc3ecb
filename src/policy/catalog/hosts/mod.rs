//! Which hosts belong to trackers that have no function of their own here?
//!
//! The rows are facts from the vendors' own documentation, not taken from a
//! filter list. A row stands for its host and all subdomains, so it is never a
//! host that also serves fonts, libraries, payment or login.

mod advertising;
mod measurement;
mod profiling;
mod row;
mod widgets;

use advertising::ADVERTISING;
use measurement::MEASUREMENT;
use profiling::PROFILING;
pub(crate) use row::KnownHost;
use row::marketing;
use widgets::WIDGETS;

/// All known hosts. No row covers another, nor a host of a vendor with its own function.
pub(crate) static HOSTS: &[KnownHost] =
    &join::<COUNT>([ADVERTISING, MEASUREMENT, PROFILING, WIDGETS]);

const COUNT: usize = ADVERTISING.len() + MEASUREMENT.len() + PROFILING.len() + WIDGETS.len();

#[allow(clippy::indexing_slicing, reason = "a wrong index fails the build")]
const fn join<const N: usize>(tables: [&[KnownHost]; 4]) -> [KnownHost; N] {
    let mut joined = [marketing("", ""); N];
    let (mut table, mut row, mut slot) = (0, 0, 0);
    while slot < N {
        if row < tables[table].len() {
            joined[slot] = tables[table][row];
            row += 1;
            slot += 1;
        } else {
            (table, row) = (table + 1, 0);
        }
    }
    joined
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "an impossible entry fails the test")]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::category::Category;
    use crate::policy::catalog::{analytics, embeds, marketing};
    use crate::policy::pattern::{CookiePattern, HostPattern};
    use crate::policy::vendor::Vendor;

    /// Hosts that pages need for other things than tracking.
    const NEEDED: &[&str] = &[
        "accounts.google.com",
        "ajax.aspnetcdn.com",
        "ajax.googleapis.com",
        "api.github.com",
        "api.mapbox.com",
        "api.stripe.com",
        "apis.google.com",
        "appleid.cdn-apple.com",
        "avatars.githubusercontent.com",
        "cdn.auth0.com",
        "cdn.contentful.com",
        "cdn.jsdelivr.net",
        "cdn.prod.website-files.com",
        "cdn.shopify.com",
        "cdnjs.cloudflare.com",
        "challenges.cloudflare.com",
        "checkout.paypal.com",
        "checkout.stripe.com",
        "cloudfront.net",
        "code.jquery.com",
        "consent.cookiebot.com",
        "cmp.quantcast.com",
        "d111111abcdef8.cloudfront.net",
        "esm.sh",
        "fonts.bunny.net",
        "fonts.googleapis.com",
        "fonts.gstatic.com",
        "github.com",
        "graph.facebook.com",
        "i.ytimg.com",
        "images.unsplash.com",
        "js.braintreegateway.com",
        "js.hcaptcha.com",
        "js.hs-banner.com",
        "js.hsforms.net",
        "js.stripe.com",
        "kit.fontawesome.com",
        "login.live.com",
        "login.microsoftonline.com",
        "maxcdn.bootstrapcdn.com",
        "open.spotify.com",
        "pay.google.com",
        "player.example.com",
        "res.cloudinary.com",
        "s3.amazonaws.com",
        "secure.gravatar.com",
        "stackpath.bootstrapcdn.com",
        "storage.googleapis.com",
        "twitter.com",
        "unpkg.com",
        "upload.wikimedia.org",
        "use.typekit.net",
        "www.facebook.com",
        "www.google.com",
        "www.gstatic.com",
        "www.paypal.com",
    ];

    /// Names that frameworks give to the cookies of a session, a login or a form.
    const SESSION_COOKIES: &[&str] = &[
        "ARRAffinity",
        "AWSALB",
        "CSRF-TOKEN",
        "JSESSIONID",
        "PHPSESSID",
        "XSRF-TOKEN",
        "__Host-session",
        "__Secure-next-auth.session-token",
        "__cf_bm",
        "_csrf",
        "_session_id",
        "auth_token",
        "cart",
        "cf_clearance",
        "connect.sid",
        "csrf_token",
        "csrftoken",
        "id",
        "lang",
        "laravel_session",
        "session",
        "tower.sid",
    ];

    fn vendors() -> Vec<Vendor> {
        [
            analytics::all_analytics(),
            marketing::all_marketing(),
            embeds::all_embeds(),
        ]
        .concat()
    }

    fn covers(suffix: &str, host: &str) -> bool {
        host.strip_suffix(suffix)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    #[test]
    fn every_row_is_a_plain_host_with_a_vendor() {
        assert!(HOSTS.len() >= 450, "{}", HOSTS.len());
        assert_eq!(HOSTS.len(), COUNT);
        for row in HOSTS {
            let host = row.host;
            assert_eq!(host, host.to_lowercase());
            assert!(host.contains('.'), "{host}");
            assert_eq!(url::Host::parse(host).unwrap().to_string(), host);
            assert!(!row.vendor.trim().is_empty(), "{host}");
            assert_ne!(row.category, Category::Necessary, "{host}");
        }
    }

    #[test]
    fn no_row_repeats_or_covers_another() {
        let rows: HashSet<&str> = HOSTS.iter().map(|row| row.host).collect();
        assert_eq!(rows.len(), HOSTS.len());
        for row in HOSTS {
            let mut parent = row.host;
            while let Some((_, shorter)) = parent.split_once('.') {
                assert!(
                    !rows.contains(shorter),
                    "{} is covered by {shorter}",
                    row.host
                );
                parent = shorter;
            }
        }
    }

    #[test]
    fn no_row_repeats_what_a_vendor_covers_or_the_other_way_round() {
        for vendor in vendors() {
            for pattern in vendor.host_patterns() {
                let HostPattern { host, path } = HostPattern::parse(pattern).unwrap();
                for row in HOSTS {
                    let repeated = path.is_empty() && covers(&host, row.host);
                    assert!(!repeated, "{} repeats {pattern}", row.host);
                    assert!(!covers(row.host, &host), "{} covers {pattern}", row.host);
                }
            }
        }
    }

    #[test]
    fn hosts_that_pages_need_are_never_known_as_a_whole() {
        let vendors = vendors();
        let whole_hosts = vendors
            .iter()
            .flat_map(Vendor::host_patterns)
            .filter(|pattern| !pattern.contains('/'))
            .chain(HOSTS.iter().map(|row| row.host));
        for known in whole_hosts {
            for needed in NEEDED {
                assert!(!covers(known, needed), "{known} covers {needed}");
            }
        }
    }

    #[test]
    fn every_vendor_tells_visitors_what_they_must_know() {
        for vendor in vendors() {
            let id = vendor.id();
            assert_ne!(vendor.name(), id);
            assert!(!vendor.purpose().trim().is_empty(), "{id}");
            assert!(!vendor.provider().trim().is_empty(), "{id}");
            assert!(!vendor.retention().trim().is_empty(), "{id}");
            let country = vendor.country();
            assert!(
                country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase()),
                "{id}: {country}"
            );
            let policy = url::Url::parse(vendor.policy_url()).unwrap();
            assert_eq!(policy.scheme(), "https", "{id}");
            assert_ne!(vendor.category(), Category::Necessary, "{id}");
        }
    }

    #[test]
    fn every_vendor_has_its_own_id_and_patterns() {
        let mut seen = HashSet::new();
        let mut claim = |kind: &str, text: &str| {
            assert!(
                seen.insert(format!("{kind} {text}")),
                "{kind} {text} is claimed twice"
            );
        };
        for vendor in vendors() {
            let id = vendor.id();
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            assert!(!id.is_empty() && id.bytes().all(plain), "{id}");
            claim("id", id);
            let (cookies, hosts) = (vendor.cookie_patterns(), vendor.host_patterns());
            assert!(cookies.count() + hosts.count() > 0, "{id}");
            vendor
                .cookie_patterns()
                .for_each(|name| claim("cookie", name));
            vendor.host_patterns().for_each(|host| claim("host", host));
            vendor.inline.iter().for_each(|text| claim("inline", text));
        }
    }

    #[test]
    fn cookie_patterns_leave_session_cookies_and_each_other_alone() {
        let vendors = vendors();
        let patterns: Vec<(&str, CookiePattern)> = vendors
            .iter()
            .flat_map(|vendor| vendor.cookie_patterns().map(|name| (vendor.id(), name)))
            .map(|(id, name)| (id, CookiePattern::parse(name).unwrap()))
            .collect();
        for (id, pattern) in &patterns {
            for name in SESSION_COOKIES {
                assert!(!pattern.matches(name.as_bytes()), "{id} takes {name}");
            }
            for (other, taken) in &patterns {
                assert!(
                    id == other || !pattern.overlaps(taken),
                    "{id} and {other}: {pattern:?}"
                );
            }
        }
    }

    #[test]
    fn inline_signatures_are_pieces_of_addresses() {
        for vendor in vendors() {
            for text in &vendor.inline {
                assert!(text.len() >= 8 && text.contains(['.', '/']), "{text}");
                assert!(text.matches('*').count() <= 1, "{text}");
                assert!(text.split('*').all(|piece| piece.len() >= 4), "{text}");
                assert!(!text.contains("://"), "{text}");
            }
        }
    }

    #[test]
    fn a_self_hosted_matomo_is_first_party_and_keeps_its_path() {
        let vendor = analytics::matomo("example.com/matomo/");
        assert!(vendor.is_first_party());
        assert!(vendor.host_patterns().eq(["example.com/matomo"]));
        assert!(
            vendor
                .inline
                .contains(&"//example.com/matomo/*matomo.php".to_owned())
        );
    }
}
