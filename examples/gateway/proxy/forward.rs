//! Which headers go on, and which say who asked?
//!
//! What belongs to one connection ends with it (RFC 9110, section 7.6.1). What
//! visitors claim about themselves is replaced, or they could pass for anyone.

use std::net::{IpAddr, SocketAddr};

use http::header::{
    CONNECTION, COOKIE, FORWARDED, HOST, HeaderName, LOCATION, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE, VIA,
};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Uri, Version, request};

use super::options::Options;

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// What always belongs to one connection, whether `Connection` names it or not.
const HOP_BY_HOP: [HeaderName; 8] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Turns a visitor's request into the gateway's own to the upstream.
///
/// Answers the protocol that the visitor wants to change to, if any.
pub(crate) fn request(
    parts: &mut request::Parts,
    visitor: SocketAddr,
    options: &Options,
) -> Option<HeaderValue> {
    let asked = authority(parts);
    let upgrade = upgrade(parts.version, &parts.headers);
    let wants_trailers = has_token(&parts.headers, &TE, "trailers");
    end_hop(&mut parts.headers);
    if wants_trailers {
        parts
            .headers
            .insert(TE, HeaderValue::from_static("trailers"));
        parts
            .headers
            .insert(CONNECTION, HeaderValue::from_static("te"));
    }
    if let Some(protocol) = &upgrade {
        restore_upgrade(&mut parts.headers, protocol);
    }
    join_cookies(&mut parts.headers);
    introduce(
        &mut parts.headers,
        asked.as_ref(),
        visitor,
        options.behind_proxy,
    );
    let via = format!("{} tower-consent", number(parts.version));
    append(&mut parts.headers, &VIA, &via);
    let host = if options.upstream_host {
        HeaderValue::from_str(options.upstream.as_str()).ok()
    } else {
        asked
    };
    if let Some(host) = host {
        parts.headers.insert(HOST, host);
    }
    parts.uri = address(&options.upstream, parts.uri.path_and_query());
    // The connection to the upstream is of its own version.
    parts.version = Version::HTTP_11;
    upgrade
}

/// Turns the upstream's answer into the gateway's own to the visitor.
///
/// An upstream that was asked by its own host redirects to that, where visitors
/// may not get to and no gate is.
pub(crate) fn answer(headers: &mut HeaderMap, options: &Options) {
    end_hop(headers);
    let own = format!("http://{}", options.upstream);
    let path = headers
        .get(LOCATION)
        .filter(|_| options.upstream_host)
        .and_then(|location| location.to_str().ok()?.strip_prefix(&own))
        .filter(|path| path.starts_with('/') && !path.starts_with("//"))
        .and_then(|path| HeaderValue::from_str(path).ok());
    if let Some(path) = path {
        headers.insert(LOCATION, path);
    }
}

/// Removes what belongs to the connection that a message came on.
pub(crate) fn end_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = tokens(headers, &CONNECTION)
        .filter_map(|token| token.parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Says that the connection changes to `protocol`.
pub(crate) fn restore_upgrade(headers: &mut HeaderMap, protocol: &HeaderValue) {
    headers.append(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, protocol.clone());
}

/// The protocol that a message wants to change to. HTTP/2 has other means for it.
pub(crate) fn upgrade(version: Version, headers: &HeaderMap) -> Option<HeaderValue> {
    let asks = version == Version::HTTP_11 && has_token(headers, &CONNECTION, "upgrade");
    headers.get(UPGRADE).filter(|_| asks).cloned()
}

/// The host that was asked for: in HTTP/2, and where the request names it
/// before the path, `Host` does not count (RFC 9112, section 3.2.2).
fn authority(parts: &request::Parts) -> Option<HeaderValue> {
    match parts.uri.authority() {
        Some(authority) => {
            let host = authority.as_str().rsplit('@').next().unwrap_or_default();
            HeaderValue::from_str(host).ok()
        }
        None => parts.headers.get(HOST).cloned(),
    }
}

/// Says who asked, for what and how.
fn introduce(
    headers: &mut HeaderMap,
    host: Option<&HeaderValue>,
    visitor: SocketAddr,
    behind_proxy: bool,
) {
    let address = visitor.ip().to_canonical();
    if behind_proxy {
        append(headers, &FOR, &address.to_string());
        if headers.contains_key(FORWARDED) {
            append(headers, &FORWARDED, &forwarded(address));
        }
    } else {
        for name in [FORWARDED, PORT, REAL_IP] {
            headers.remove(name);
        }
        set(headers, &FOR, &address.to_string());
    }
    if !(behind_proxy && headers.contains_key(PROTO)) {
        headers.insert(PROTO, HeaderValue::from_static("http"));
    }
    if !(behind_proxy && headers.contains_key(FORWARDED_HOST)) {
        match host {
            Some(host) => headers.insert(FORWARDED_HOST, host.clone()),
            None => headers.remove(FORWARDED_HOST),
        };
    }
}

/// One entry of `Forwarded` (RFC 7239, section 6).
fn forwarded(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("for={address}"),
        IpAddr::V6(address) => format!("for=\"[{address}]\""),
    }
}

/// HTTP/2 may send cookies in several lines, HTTP/1.1 only in one (RFC 9113, section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    if headers.get_all(COOKIE).iter().nth(1).is_some() {
        let lines: Vec<&[u8]> = headers
            .get_all(COOKIE)
            .iter()
            .map(HeaderValue::as_bytes)
            .collect();
        if let Ok(line) = HeaderValue::from_bytes(&lines.join(&b"; "[..])) {
            headers.insert(COOKIE, line);
        }
    }
}

fn address(upstream: &Authority, path: Option<&PathAndQuery>) -> Uri {
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(upstream.clone());
    parts.path_and_query = Some(
        path.cloned()
            .unwrap_or_else(|| PathAndQuery::from_static("/")),
    );
    Uri::from_parts(parts).unwrap_or_default()
}

fn number(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2.0",
        _ => "1.1",
    }
}

fn set(headers: &mut HeaderMap, name: &HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Adds an entry to a list, in the line that it has.
fn append(headers: &mut HeaderMap, name: &HeaderName, entry: &str) {
    let mut list: Vec<&str> = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    list.push(entry);
    let list = list.join(", ");
    set(headers, name, &list);
}

fn has_token(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    tokens(headers, name).any(|token| token.eq_ignore_ascii_case(wanted))
}

fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|token| token.split(';').next().unwrap_or_default().trim())
        .filter(|token| !token.is_empty())
}
