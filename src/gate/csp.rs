//! What does the page's own Content-Security-Policy let us insert?
//!
//! The layer edits the app's policy only where it was told to. It reuses the nonce that the app
//! put into it, and otherwise inserts only what comes from the site's own
//! address. Several policies apply together, so each must agree.

use std::fmt;

use std::borrow::Cow;

use http::header::{CONTENT_SECURITY_POLICY, HeaderMap, HeaderValue};

/// What may be inserted into one response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Whether a `<style>` element takes effect.
    pub(crate) inline_style: bool,
    /// Whether a `<script>` element without address takes effect, with the nonce.
    pub(crate) inline_script: bool,
    /// The nonce to put on scripts, or empty.
    pub(crate) script_nonce: String,
    /// The nonce to put on styles, or empty.
    pub(crate) style_nonce: String,
    pub(crate) marks: PageMarks,
    /// The registrable domain beyond which everything active waits, or empty.
    pub(crate) site: String,
}

/// What the banner's script has to know about the response that it came with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageMarks {
    /// Whether the layer added a Content-Security-Policy, which nothing but a reload lifts.
    pub(crate) locked: bool,
    /// Whether the layer answers questions about single addresses.
    pub(crate) verdicts: bool,
    /// Whether the request brought Global Privacy Control.
    pub(crate) gpc: bool,
}

/// As attributes of the script's tag, each after a space.
impl fmt::Display for PageMarks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let locked = if self.locked { " data-tc-locked" } else { "" };
        let verdicts = if self.verdicts {
            " data-tc-verdicts"
        } else {
            ""
        };
        let gpc = if self.gpc { " data-tc-gpc" } else { "" };
        write!(f, "{locked}{verdicts}{gpc}")
    }
}

impl Allowance {
    /// Of a response without a policy.
    pub(crate) const OPEN: Self = Self {
        inline_style: true,
        inline_script: true,
        script_nonce: String::new(),
        style_nonce: String::new(),
        marks: PageMarks {
            locked: false,
            verdicts: false,
            gpc: false,
        },
        site: String::new(),
    };

    /// Reads the response's policies.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let mut allowance = Self::OPEN;
        for policy in policies(headers) {
            if let Some(sources) = scripts(&policy) {
                match nonce(&sources) {
                    Some(nonce) => nonce.clone_into(&mut allowance.script_nonce),
                    None => allowance.inline_script &= lets_inline(&sources),
                }
            }
            if let Some(sources) =
                directive(&policy, &["style-src-elem", "style-src", "default-src"])
            {
                match nonce(&sources) {
                    Some(nonce) => nonce.clone_into(&mut allowance.style_nonce),
                    None => allowance.inline_style &= lets_inline(&sources),
                }
            }
        }
        allowance
    }
}

/// Whether the policies let a script of the layer's own run, which stands at
/// `host` and gets the nonce that [`Allowance::read`] finds.
pub(crate) fn lets_own_script(headers: &HeaderMap, host: &str) -> bool {
    policies(headers).all(|policy| scripts(&policy).is_none_or(|sources| lets(&sources, host)))
}

/// Whether the policies let the page show a frame of the site itself, which stands at `host`.
pub(crate) fn lets_own_frame(headers: &HeaderMap, host: &str) -> bool {
    policies(headers).all(|policy| {
        directive(&policy, &["frame-src", "child-src", "default-src"])
            .is_none_or(|sources| sources.iter().any(|source| is_own(source, host)))
    })
}

/// Each policy of a response: one header may hold several.
fn policies(headers: &HeaderMap) -> impl Iterator<Item = Cow<'_, str>> {
    headers
        .get_all(CONTENT_SECURITY_POLICY)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(String::from_utf8_lossy)
}

/// The sources that decide over script elements.
fn scripts(policy: &str) -> Option<Vec<&str>> {
    directive(policy, &["script-src-elem", "script-src", "default-src"])
}

fn lets(sources: &[&str], host: &str) -> bool {
    let strict = sources
        .iter()
        .any(|source| source.eq_ignore_ascii_case("'strict-dynamic'"));
    nonce(sources).is_some() || !strict && sources.iter().any(|source| is_own(source, host))
}

/// Whether a source covers the site itself (CSP3, "does url match expression in origin").
fn is_own(source: &str, host: &str) -> bool {
    let source = source.to_ascii_lowercase();
    if ["'self'", "*", "http:", "https:"].contains(&&*source) {
        return true;
    }
    let rest = source.split_once("://").map_or(&*source, |(_, rest)| rest);
    if rest.starts_with('\'') || rest.contains('/') {
        // A path may leave the layer's own out.
        return false;
    }
    match rest.strip_prefix("*.") {
        Some(above) => host
            .strip_suffix(above)
            .is_some_and(|below| below.ends_with('.')),
        None => rest.eq_ignore_ascii_case(host),
    }
}

/// Whether what stands in the page without a nonce takes effect: hashes and
/// nonces of other elements switch `'unsafe-inline'` off.
fn lets_inline(sources: &[&str]) -> bool {
    let has = |wanted: fn(&str) -> bool| sources.iter().any(|source| wanted(source));
    has(|source| source.eq_ignore_ascii_case("'unsafe-inline'"))
        && !has(|source| source.starts_with("'sha") || source.starts_with("'nonce-"))
        && !has(|source| source.eq_ignore_ascii_case("'strict-dynamic'"))
}

/// Adds the layer's scripts to each policy that lets none of them run: by
/// their digests, and by their address for browsers that know digests of
/// inline scripts alone.
pub(crate) fn admit_own_scripts(
    headers: &mut HeaderMap,
    host: &str,
    prefix: &str,
    digests: &[&str],
) {
    if lets_own_script(headers, host) {
        return;
    }
    let mut ours = format!(" {host}{prefix}/assets/");
    for digest in digests {
        ours.push_str(&format!(" '{digest}'"));
    }
    let policies: Vec<HeaderValue> = headers
        .get_all(CONTENT_SECURITY_POLICY)
        .iter()
        .map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes());
            let changed: Vec<String> = text
                .split(',')
                .map(|policy| match scripts(policy) {
                    Some(sources) if !lets(&sources, host) => with(policy, &sources, &ours),
                    _ => policy.to_owned(),
                })
                .collect();
            HeaderValue::try_from(changed.join(",")).unwrap_or_else(|_| value.clone())
        })
        .collect();
    headers.remove(CONTENT_SECURITY_POLICY);
    for policy in policies {
        headers.append(CONTENT_SECURITY_POLICY, policy);
    }
}

/// The policy with `ours` after what decides over script elements.
fn with(policy: &str, sources: &[&str], ours: &str) -> String {
    let kept: Vec<&str> = sources
        .iter()
        .copied()
        .filter(|source| !source.eq_ignore_ascii_case("'none'"))
        .collect();
    // Browsers take the first of a name, so this one goes before all others.
    format!(
        "script-src-elem {}{ours}; {}",
        kept.join(" "),
        policy.trim_start()
    )
}

/// The sources of the first directive that the policy has of `names`, in their order of fallback.
fn directive<'a>(policy: &'a str, names: &[&str]) -> Option<Vec<&'a str>> {
    names.iter().find_map(|wanted| {
        policy.split(';').find_map(|part| {
            let mut words = part.split_ascii_whitespace();
            words
                .next()
                .filter(|name| name.eq_ignore_ascii_case(wanted))
                .map(|_| words.collect())
        })
    })
}

/// A nonce that is plain enough to stand in an attribute.
fn nonce<'a>(sources: &[&'a str]) -> Option<&'a str> {
    sources.iter().find_map(|source| {
        let nonce = source.strip_prefix("'nonce-")?.strip_suffix('\'')?;
        let plain = !nonce.is_empty()
            && nonce.bytes().all(|b| {
                b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'=')
            });
        plain.then_some(nonce)
    })
}

/// What a page that could not be read may load: the site's own, and nothing else.
///
/// Sent as a policy of its own, which can only narrow the app's.
pub(crate) const LOCKDOWN: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:; \
     style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; \
     connect-src 'self'; frame-src 'self' blob: data:; media-src 'self' data: blob:; \
     object-src 'none'; base-uri 'self'; form-action 'self'",
);

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a missing header fails the test")]
mod tests {
    use super::*;

    fn read(policies: &[&'static str]) -> Allowance {
        let mut headers = HeaderMap::new();
        for policy in policies {
            headers.append(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        }
        Allowance::read(&headers)
    }

    fn policies(policies: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for policy in policies {
            headers.append(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        }
        headers
    }

    // covers T32
    #[test]
    fn it_is_known_whether_a_script_of_our_own_would_run() {
        for policy in [
            "",
            "img-src 'none'",
            "script-src 'self'",
            "default-src https:",
            "script-src 'none'; script-src-elem *",
            "script-src shop.test",
            "script-src https://shop.test",
            "script-src https://*.test",
            "script-src 'nonce-abc' 'strict-dynamic'",
        ] {
            assert!(
                lets_own_script(&policies(&[policy]), "shop.test"),
                "{policy}"
            );
        }
        for policy in [
            "script-src 'none'",
            "default-src 'none'; img-src *",
            "script-src 'sha256-abc'",
            "script-src 'self' 'sha256-abc' 'strict-dynamic'",
            "script-src https://cdn.test",
            "script-src shop.test.evil.test",
            "script-src shop.test/js/",
            "script-src *.shop.test",
        ] {
            assert!(
                !lets_own_script(&policies(&[policy]), "shop.test"),
                "{policy}"
            );
            assert!(!lets_own_script(
                &policies(&["script-src *", policy]),
                "shop.test"
            ));
        }
        assert!(lets_own_script(&HeaderMap::new(), "shop.test"));
    }

    // covers T32
    #[test]
    fn on_request_our_scripts_are_let_in_and_nothing_else_is() {
        let admit = |policy: &'static str| {
            let mut headers = policies(&[policy]);
            admit_own_scripts(
                &mut headers,
                "shop.test",
                "/_consent",
                &["sha256-a", "sha256-b"],
            );
            headers
                .get(CONTENT_SECURITY_POLICY)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        };
        let ours = "shop.test/_consent/assets/ 'sha256-a' 'sha256-b'";
        assert_eq!(
            admit("default-src 'none'; img-src *"),
            format!("script-src-elem  {ours}; default-src 'none'; img-src *")
        );
        assert_eq!(
            admit("script-src 'sha256-x' 'strict-dynamic', img-src 'self'"),
            format!(
                "script-src-elem 'sha256-x' 'strict-dynamic' {ours}; script-src 'sha256-x' 'strict-dynamic', img-src 'self'"
            )
        );
        for fine in [
            "script-src 'self'",
            "script-src 'nonce-abc'",
            "img-src 'none'",
        ] {
            assert_eq!(admit(fine), fine);
        }
    }

    // covers T32, behaviour 65
    #[test]
    fn the_apps_nonce_is_reused_and_nothing_else_is_assumed() {
        assert!(read(&[]).inline_style);
        let strict = read(&["script-src 'nonce-r4nd0m' 'strict-dynamic'; style-src 'self'"]);
        assert_eq!(strict.script_nonce, "r4nd0m");
        assert!(!strict.inline_style);
        let both = read(&["default-src 'self' 'nonce-abc='"]);
        assert_eq!(
            (both.script_nonce.as_str(), both.style_nonce.as_str()),
            ("abc=", "abc=")
        );
        assert!(both.inline_style);
        assert!(read(&["style-src 'unsafe-inline'"]).inline_style);
        assert!(!read(&["style-src 'unsafe-inline' 'sha256-x'"]).inline_style);
        assert!(!read(&["style-src 'unsafe-inline'", "default-src 'self'"]).inline_style);
        assert!(!read(&["img-src *, style-src 'self'"]).inline_style);
        assert_eq!(read(&["script-src 'nonce-\"><script>'"]).script_nonce, "");
    }
}
