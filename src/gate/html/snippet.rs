//! Does this script do more than load a vendor?
//!
//! Vendors' snippets are made of one mould: an expression that is called at
//! once, or a few short-lived variables, and names that belong to the vendor.
//! A script that declares other names at its top level, or works on the page's
//! own elements, holds the site's code too. The question only decides between
//! putting a script to sleep and leaving it to the guard, so a wrong answer
//! neither leaks nor breaks by itself.

/// What only code that works on the page uses.
const OWN_WORK: [&[u8]; 13] = [
    b"jQuery",
    b"$(",
    b"$.",
    b"querySelector",
    b"classList",
    b"getElementsByClassName",
    b"textContent",
    b"addEventListener('click'",
    b"addEventListener(\"click\"",
    b"addEventListener('submit'",
    b"addEventListener(\"submit\"",
    b"addEventListener('scroll'",
    b"addEventListener(\"scroll\"",
];

/// How names begin that vendors' snippets declare, in lower case.
const VENDOR_NAMES: &[&str] = &[
    "_",
    "ads",
    "adsbygoogle",
    "adroll",
    "amplitude",
    "analytics",
    "appinsights",
    "axel",
    "beacon",
    "bing",
    "branch",
    "cachebuster",
    "clarity",
    "clicky",
    "criteo",
    "datalayer",
    "disqus",
    "dotq",
    "drift",
    "ebrand",
    "elem",
    "fbq",
    "first",
    "fullstory",
    "ga_",
    "gads",
    "gaproperty",
    "gajshost",
    "google",
    "gpt",
    "gtag",
    "gtm",
    "hbspt",
    "head",
    "heap",
    "host",
    "hsforms",
    "insider",
    "intercom",
    "iframe",
    "js_",
    "lintrk",
    "livechat",
    "load",
    "matomo",
    "mixpanel",
    "newrelic",
    "node",
    "nreum",
    "olark",
    "onesignal",
    "optimizely",
    "pagetracker",
    "partner",
    "pbjs",
    "pintrk",
    "piwik",
    "pixel",
    "posthog",
    "project",
    "protocol",
    "quant",
    "rand",
    "rdt",
    "sc_",
    "script",
    "segment",
    "snaptr",
    "tag",
    "taw",
    "tiktok",
    "track",
    "ttq",
    "twq",
    "uet",
    "url",
    "utag",
    "vwo",
    "woopra",
    "yacounter",
    "yandex",
    "zesettings",
];

/// Whether `script` only keeps a value, as apps write down the state of a page:
/// a name, `=`, and JSON. It loads nothing, whatever it names.
pub(super) fn is_state(script: &[u8]) -> bool {
    let Ok(script) = std::str::from_utf8(script) else {
        return false;
    };
    let Some((name, value)) = script.split_once('=') else {
        return false;
    };
    let is_name = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "_$.[]\"'".contains(c));
    let value = value.trim().trim_end_matches(';');
    is_name
        && value.starts_with(['{', '['])
        && serde_json::from_str::<serde::de::IgnoredAny>(value).is_ok()
}

/// Whether `script` holds more than a vendor's loader, as far as can be told.
pub(super) fn does_more(script: &[u8]) -> bool {
    OWN_WORK
        .iter()
        .any(|work| memchr::memmem::find(script, work).is_some())
        || declared(script).any(|name| is_own(&name))
}

fn is_own(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.len() > 3 && !VENDOR_NAMES.iter().any(|vendor| name.starts_with(vendor))
}

/// The names that a script declares or assigns outside of every bracket.
fn declared(script: &[u8]) -> impl Iterator<Item = String> {
    let mut words = Words {
        rest: script,
        depth: 0,
        after_value: false,
    };
    let mut before = Token::Other;
    let mut in_list = false;
    std::iter::from_fn(move || {
        loop {
            let token = words.next()?;
            let previous = std::mem::replace(&mut before, token.clone());
            match (&previous, &token) {
                (Token::Word(keyword), Token::Word(name)) => match keyword.as_str() {
                    "var" | "let" | "const" => {
                        in_list = true;
                        return Some(name.clone());
                    }
                    "function" | "class" => return Some(name.clone()),
                    _ => {}
                },
                (Token::Comma, Token::Word(name)) if in_list => return Some(name.clone()),
                (Token::Word(name), Token::Assign) if !in_list => return Some(name.clone()),
                (_, Token::End) => in_list = false,
                _ => {}
            }
        }
    })
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Comma,
    /// A single `=`.
    Assign,
    /// A semicolon.
    End,
    Other,
}

/// The tokens of a script outside of every bracket.
struct Words<'a> {
    rest: &'a [u8],
    depth: usize,
    /// Whether a slash would divide rather than start a regular expression.
    after_value: bool,
}

impl Words<'_> {
    fn next(&mut self) -> Option<Token> {
        loop {
            let [byte, tail @ ..] = self.rest else {
                return None;
            };
            let token = match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {
                    self.rest = tail;
                    continue;
                }
                b'/' if tail.first() == Some(&b'/') => {
                    self.skip_to(b"\n");
                    continue;
                }
                b'/' if tail.first() == Some(&b'*') => {
                    self.skip_to(b"*/");
                    continue;
                }
                b'\'' | b'"' | b'`' => {
                    self.skip_quoted(*byte);
                    self.after_value = true;
                    Token::Other
                }
                b'/' if !self.after_value => {
                    self.skip_quoted(b'/');
                    self.after_value = true;
                    Token::Other
                }
                byte if is_word(*byte) => {
                    let length = self
                        .rest
                        .iter()
                        .position(|byte| !is_word(*byte))
                        .unwrap_or(self.rest.len());
                    let (word, rest) = self.rest.split_at(length);
                    self.rest = rest;
                    self.after_value = !matches!(word, b"return" | b"typeof" | b"in" | b"of");
                    Token::Word(String::from_utf8_lossy(word).into_owned())
                }
                _ => {
                    self.rest = tail;
                    match byte {
                        b'(' | b'[' | b'{' => self.depth += 1,
                        b')' | b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                        _ => {}
                    }
                    self.after_value = matches!(byte, b')' | b']');
                    match byte {
                        b',' => Token::Comma,
                        b';' => Token::End,
                        b'=' if !matches!(tail.first(), Some(b'=' | b'>')) => Token::Assign,
                        b'=' => {
                            // The second half of `==` and of `=>` is no assignment.
                            self.rest = tail.get(1..).unwrap_or_default();
                            Token::Other
                        }
                        _ => Token::Other,
                    }
                }
            };
            if self.depth == 0 {
                return Some(token);
            }
        }
    }

    fn skip_to(&mut self, end: &[u8]) {
        let after = memchr::memmem::find(self.rest, end).map(|at| at + end.len());
        self.rest = self
            .rest
            .get(after.unwrap_or(self.rest.len())..)
            .unwrap_or_default();
    }

    /// Skips a string or a regular expression, up to the same unescaped mark.
    fn skip_quoted(&mut self, mark: u8) {
        let mut escaped = true;
        let end = self.rest.iter().position(|byte| {
            let ends = !escaped && (*byte == mark || (*byte == b'\n' && mark != b'`'));
            escaped = !escaped && *byte == b'\\';
            ends
        });
        self.rest = end
            .and_then(|end| self.rest.get(end + 1..))
            .unwrap_or_default();
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_vendor_hands_out_does_nothing_else() {
        for snippet in [
            "(function(w,d,s,l,i){w[l]=w[l]||[];var f=d.getElementsByTagName(s)[0],j=d.createElement(s);j.src='//t.test/gtm.js?id='+i;f.parentNode.insertBefore(j,f);})(window,document,'script','dataLayer','GTM-1');",
            "window.dataLayer = window.dataLayer || []; function gtag(){dataLayer.push(arguments);} gtag('js', new Date());",
            "!function(f,b,e,v){n=f.fbq=function(){};t=b.createElement(e);t.src=v}(window,document,'script','//t.test/fbevents.js');fbq('init','1');",
            "var _gaq = _gaq || []; _gaq.push(['_setAccount', 'UA-1']); (function() { var ga = document.createElement('script'); })();",
            "var s = document.createElement('script'), x = 1; s.src = '//t.test/a.js'; document.head.appendChild(s);",
            "/* function own() {} */ // var own = 1\n'var own = 2'; /var own = 3/.test('');",
            "var google_conversion_id = 1; var google_custom_params = window.google_tag_params;",
        ] {
            assert!(!does_more(snippet.as_bytes()), "{snippet}");
        }
    }

    #[test]
    fn a_state_is_a_name_and_json_alone() {
        for state in [
            "window.__STATE__ = {\"ga\":\"//t.test/gtm.js\",\"createElement\":1};",
            "var a=[1]",
            "self[\"x\"]={}",
        ] {
            assert!(is_state(state.as_bytes()), "{state}");
        }
        for code in [
            "a={b:1}",
            "a={\"b\":1};f()",
            "f(x);a={}",
            "a=f({\"b\":1})",
            "a=\"//t.test/a.js\"",
            "",
        ] {
            assert!(!is_state(code.as_bytes()), "{code}");
        }
    }

    #[test]
    fn the_sites_own_code_beside_a_loader_is_noticed() {
        const LOADER: &str =
            "(function(d){d.createElement('script').src='//t.test/a.js'})(document);";
        for own in [
            "function openMenu(){}",
            "var cartItems = [];",
            "var x = 1, settings = {a: 1};",
            "window.shopConfig = {};",
            "menuState = 1;",
            "class Basket {}",
            "$(function(){ })",
            "document.querySelector('#menu')",
            "async function loadMenu(){}\nconst menuItems=[]",
            "if (a / b) {} let basket = 1",
        ] {
            // `load…` alone reads like a loader's own helper.
            assert!(does_more(format!("{LOADER}{own}").as_bytes()), "{own}");
            assert!(does_more(format!("{own};{LOADER}").as_bytes()), "{own}");
        }
        for nothing in ["if (menuState == 1) {}", "openMenu(1)", "a => b", "x.y"] {
            assert!(
                !does_more(format!("{LOADER}{nothing}").as_bytes()),
                "{nothing}"
            );
        }
    }
}
