//! What does the page's own Content-Security-Policy let us insert?
//!
//! The layer never edits the app's policy. It reuses the nonce that the app
//! put into it, and otherwise inserts only what comes from the site's own
//! address. Several policies apply together, so each must agree.

use std::fmt;

use http::header::{CONTENT_SECURITY_POLICY, HeaderMap, HeaderValue};

/// What may be inserted into one response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Whether a `<style>` element takes effect.
    pub(crate) inline_style: bool,
    /// The nonce to put on scripts, or empty.
    pub(crate) script_nonce: String,
    /// The nonce to put on styles, or empty.
    pub(crate) style_nonce: String,
    pub(crate) marks: Marks,
}

/// What the banner's script has to know about the response that it came with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Whether the layer added a Content-Security-Policy, which nothing but a reload lifts.
    pub(crate) locked: bool,
    /// Whether the layer answers questions about single addresses.
    pub(crate) verdicts: bool,
}

/// As attributes of the script's tag, each after a space.
impl fmt::Display for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let locked = if self.locked { " data-tc-locked" } else { "" };
        let verdicts = if self.verdicts {
            " data-tc-verdicts"
        } else {
            ""
        };
        write!(f, "{locked}{verdicts}")
    }
}

impl Allowance {
    /// Reads the response's policies.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let mut allowance = Self {
            inline_style: true,
            script_nonce: String::new(),
            style_nonce: String::new(),
            marks: Marks::default(),
        };
        let policies = headers
            .get_all(CONTENT_SECURITY_POLICY)
            .iter()
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        for policy in policies {
            let policy = String::from_utf8_lossy(policy);
            if let Some(sources) =
                directive(&policy, &["script-src-elem", "script-src", "default-src"])
                && let Some(nonce) = nonce(&sources)
            {
                nonce.clone_into(&mut allowance.script_nonce);
            }
            if let Some(sources) =
                directive(&policy, &["style-src-elem", "style-src", "default-src"])
            {
                match nonce(&sources) {
                    Some(nonce) => nonce.clone_into(&mut allowance.style_nonce),
                    None => {
                        let hashed = sources.iter().any(|source| {
                            source.starts_with("'sha") || source.starts_with("'nonce-")
                        });
                        let unsafe_inline = sources
                            .iter()
                            .any(|source| source.eq_ignore_ascii_case("'unsafe-inline'"));
                        allowance.inline_style &= unsafe_inline && !hashed;
                    }
                }
            }
        }
        allowance
    }
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
mod tests {
    use super::*;

    fn read(policies: &[&'static str]) -> Allowance {
        let mut headers = HeaderMap::new();
        for policy in policies {
            headers.append(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        }
        Allowance::read(&headers)
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
