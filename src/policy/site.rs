//! Are these two hosts one site?
//!
//! One site is one registrable domain: a public suffix and the label before
//! it. Addresses and names without such a domain, such as `localhost`, are
//! sites of their own. Ports do not count, as with cookies.

/// Whether both hosts, in lower-case ASCII and without port, belong to one site.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (without_dot(one), without_dot(other));
    one == other || matches!((registrable(one), registrable(other)), (Some(a), Some(b)) if a == b)
}

/// The registrable domain of `host`, where it has one.
pub(crate) fn registrable(host: &str) -> Option<&str> {
    let host = without_dot(host);
    let is_address =
        host.starts_with('[') || host.rsplit('.').next()?.bytes().all(|b| b.is_ascii_digit());
    if is_address {
        return None;
    }
    psl::domain_str(host)
}

fn without_dot(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_a_registrable_domain_and_nothing_wider() {
        for (one, other) in [
            ("shop.example", "shop.example"),
            ("shop.example", "cdn.shop.example"),
            ("a.shop.co.uk", "b.shop.co.uk."),
            ("localhost", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "[::1]"),
        ] {
            assert!(is_same(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("shop.example", "shop.test"),
            ("shop.example", "notshop.example"),
            ("a.co.uk", "b.co.uk"),
            ("a.github.io", "b.github.io"),
            ("a.github.io", "github.io"),
            ("127.0.0.1", "128.0.0.1"),
            ("127.0.0.1", "10.1.0.1"),
            ("[::1]", "[::2]"),
            ("localhost", "a.localhost"),
            ("", "shop.example"),
        ] {
            assert!(!is_same(one, other), "{one} {other}");
        }
    }
}
