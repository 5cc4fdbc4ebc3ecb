//! How does a stored cookie go away?
//!
//! A request shows a cookie's name and not where it is stored. A deletion only
//! works with the same domain, path and partition, so every place that could
//! hold the cookie gets a deletion of its own: this host and its parent
//! domains, the root path and the paths above the request, unpartitioned and
//! partitioned. A deletion for a place that holds nothing does nothing, and
//! browsers ignore one for a public suffix.
//!
//! # What this does not protect against
//!
//! Cookies of other sites are out of reach; a page's scripts may write theirs
//! again, which the next response expires.

use std::net::IpAddr;

use http::header::{HeaderMap, HeaderValue, SET_COOKIE};

use super::request::Leftover;
use super::warn::printable;
use crate::clock::Timestamp;
use crate::policy::Policy;

/// Deletions in one response. More could outgrow a proxy's header buffer, often
/// 4 KiB; what is left over shows again in the next request.
const MAX_LINES: usize = 30;
/// How many of them go to the root path, where almost all trackers store.
const MAX_LIKELY: usize = 20;

/// Where the request came in, which bounds where its cookies are stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// The host without port.
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    /// Whether the site is on https, where alone partitioned cookies exist.
    pub(crate) secure: bool,
}

/// Appends deletions for the leftovers to a response.
pub(crate) fn expire(
    headers: &mut HeaderMap,
    leftovers: &[Leftover],
    place: Place<'_>,
    policy: &Policy,
    now: Timestamp,
) {
    let Lines { likely, unlikely } = lines(leftovers, place, policy);
    let mut chosen = turn(likely, MAX_LIKELY, now);
    chosen.extend(turn(unlikely, MAX_LINES - chosen.len(), now));
    for line in chosen {
        headers.append(SET_COOKIE, line);
    }
    for leftover in leftovers {
        tracing::debug!(
            target: "tower_consent::gate",
            act = "expire",
            cookie = %printable(&leftover.name),
            category = %leftover.category(),
            "expired a stored cookie"
        );
    }
}

/// At most `most` of the lines. Where there are more, the time says from which
/// on, so that none waits for ever behind others that do not go away.
fn turn(mut lines: Vec<HeaderValue>, most: usize, now: Timestamp) -> Vec<HeaderValue> {
    if lines.len() > most {
        let count = lines.len() as u64;
        lines.rotate_left(usize::try_from(now.unix_seconds() % count).unwrap_or(0));
        lines.truncate(most);
    }
    lines
}

/// The deletions for every place that could hold one of the leftovers.
#[derive(Debug, Default)]
struct Lines {
    /// At the root path.
    likely: Vec<HeaderValue>,
    /// Below it, or partitioned.
    unlikely: Vec<HeaderValue>,
}

fn lines(leftovers: &[Leftover], place: Place<'_>, policy: &Policy) -> Lines {
    let domains = domains(place.host);
    let paths = paths(place.path, policy);
    let mut lines = Lines::default();
    for Leftover { name, .. } in leftovers {
        let bound_to_host = name
            .get(..7)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"__host-"));
        let hosts: Vec<Option<&str>> = std::iter::once(None)
            .chain(domains.iter().copied().map(Some))
            .take(if bound_to_host { 1 } else { usize::MAX })
            .collect();
        let at = |path: &str, partitioned: bool| -> Vec<HeaderValue> {
            hosts
                .iter()
                .filter_map(|host| line(name, path, *host, place.secure, partitioned))
                .collect()
        };
        lines.likely.extend(at("/", false));
        if place.secure {
            lines.unlikely.extend(at("/", true));
        }
        if !bound_to_host {
            for path in &paths {
                lines.unlikely.extend(at(path, false));
            }
        }
    }
    lines
}

fn line(
    name: &[u8],
    path: &str,
    domain: Option<&str>,
    secure: bool,
    partitioned: bool,
) -> Option<HeaderValue> {
    let mut line = name.to_vec();
    // Max-Age alone: every browser that this layer's cookies work in lets it win over Expires.
    line.extend_from_slice(b"=; Max-Age=0; Path=");
    line.extend_from_slice(path.as_bytes());
    if let Some(domain) = domain {
        line.extend_from_slice(b"; Domain=");
        line.extend_from_slice(domain.as_bytes());
    }
    if secure {
        line.extend_from_slice(b"; Secure");
    }
    if partitioned {
        line.extend_from_slice(b"; Partitioned");
    }
    HeaderValue::from_bytes(&line).ok()
}

/// The host and its parents of at least two labels; none for an address or a single label.
fn domains(host: &str) -> Vec<&str> {
    let is_name = host.parse::<IpAddr>().is_err()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    if !is_name || host.starts_with('[') {
        return Vec::new();
    }
    let mut domains = Vec::new();
    let mut rest = host;
    while let Some((_, parent)) = rest.split_once('.') {
        domains.push(rest);
        rest = parent;
    }
    domains
}

/// The directories above the request and the paths that the policy names, without the root.
fn paths(request: &str, policy: &Policy) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    if request.bytes().all(|b| b.is_ascii_graphic() && b != b';')
        && !crate::policy::pattern::is_path_below(request, policy.prefix())
    {
        let ends = request.match_indices('/').map(|(at, _)| at).skip(1);
        for directory in ends
            .chain([request.len()])
            .filter_map(|end| request.get(..end))
        {
            if directory.len() > 1 {
                paths.push(directory.to_owned());
            }
        }
    }
    for path in policy.expiry_paths() {
        if path != "/" && !paths.contains(path) {
            paths.push(path.clone());
        }
    }
    paths
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed build fails the test")]
mod tests {
    use super::*;
    use crate::category::Category;
    use crate::policy::Owner;

    fn texts(name: &str, host: &str, path: &str, secure: bool) -> Vec<String> {
        let leftovers = [Leftover {
            name: name.as_bytes().to_vec(),
            owner: Owner::Site {
                category: Category::Analytics,
            },
        }];
        let policy = Policy::builder("1").expiry_paths(["/app"]).build().unwrap();
        let Lines { likely, unlikely } = lines(&leftovers, Place { host, path, secure }, &policy);
        likely
            .iter()
            .chain(&unlikely)
            .map(|line| line.to_str().unwrap().to_owned())
            .collect()
    }

    // covers T28, behaviour 90
    #[test]
    fn every_place_that_could_hold_a_cookie_is_named() {
        assert_eq!(
            texts("_ga", "www.shop.example", "/a/b", true),
            [
                "_ga=; Max-Age=0; Path=/; Secure",
                "_ga=; Max-Age=0; Path=/; Domain=www.shop.example; Secure",
                "_ga=; Max-Age=0; Path=/; Domain=shop.example; Secure",
                "_ga=; Max-Age=0; Path=/; Secure; Partitioned",
                "_ga=; Max-Age=0; Path=/; Domain=www.shop.example; Secure; Partitioned",
                "_ga=; Max-Age=0; Path=/; Domain=shop.example; Secure; Partitioned",
                "_ga=; Max-Age=0; Path=/a; Secure",
                "_ga=; Max-Age=0; Path=/a; Domain=www.shop.example; Secure",
                "_ga=; Max-Age=0; Path=/a; Domain=shop.example; Secure",
                "_ga=; Max-Age=0; Path=/a/b; Secure",
                "_ga=; Max-Age=0; Path=/a/b; Domain=www.shop.example; Secure",
                "_ga=; Max-Age=0; Path=/a/b; Domain=shop.example; Secure",
                "_ga=; Max-Age=0; Path=/app; Secure",
                "_ga=; Max-Age=0; Path=/app; Domain=www.shop.example; Secure",
                "_ga=; Max-Age=0; Path=/app; Domain=shop.example; Secure",
            ]
        );
    }

    #[test]
    fn an_address_or_a_single_label_has_no_parent_domain() {
        for host in ["127.0.0.1", "[::1]", "localhost", ""] {
            assert_eq!(
                texts("_ga", host, "/", false),
                ["_ga=; Max-Age=0; Path=/", "_ga=; Max-Age=0; Path=/app"]
            );
        }
    }

    #[test]
    fn a_host_bound_name_has_one_place() {
        assert_eq!(
            texts("__Host-t", "a.example", "/x", true),
            [
                "__Host-t=; Max-Age=0; Path=/; Secure",
                "__Host-t=; Max-Age=0; Path=/; Secure; Partitioned",
            ]
        );
    }

    #[test]
    fn a_hostile_host_or_path_cannot_add_an_attribute() {
        for line in texts("_ga", "x; Domain=victim.example", "/a;Domain=b/c d", true) {
            assert!(
                !line.contains("victim") && !line.contains("Domain=b"),
                "{line}"
            );
        }
    }
}
