//! What does a request bring, at one look?
//!
//! Most requests bring little that concerns consent. One pass over the header
//! names finds out, instead of a look-up for each.
//!
//! Global Privacy Control is among them: `Sec-GPC: 1` asks not to sell or
//! share the visitor's data. A site can add further signals. A signal only ever
//! takes away; nothing here grants.

use http::{HeaderMap, HeaderName};

use crate::category::CategorySet;
use crate::jurisdiction::{Jurisdiction, RequestHead};

/// The privacy signals of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Signals {
    /// Whether Global Privacy Control is on.
    pub(crate) gpc: bool,
    /// Whether `DNT` is `1`.
    pub(crate) dnt: bool,
    /// What further sources withdraw.
    pub(crate) withdrawn: CategorySet,
    /// What they object to, where it runs without consent.
    pub(crate) objected: CategorySet,
}

/// Everything about a request that its consent depends on besides its cookies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Circumstances {
    pub(crate) signals: Signals,
    pub(crate) jurisdiction: Jurisdiction,
    /// What is denied at this address whatever was granted.
    pub(crate) never: CategorySet,
}

impl Circumstances {
    /// The same for a browser that sends no Global Privacy Control.
    pub(crate) const fn without_gpc(mut self) -> Self {
        self.signals.gpc = false;
        self
    }
}

/// What a signal takes away from one request. See [`SignalSource`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Objection {
    withdrawn: CategorySet,
    objected: CategorySet,
}

impl Objection {
    /// No signal.
    pub const NONE: Self = Self {
        withdrawn: CategorySet::EMPTY,
        objected: CategorySet::EMPTY,
    };

    /// Also denies these categories for this request, whatever was granted.
    #[must_use]
    pub fn withdrawing(mut self, categories: CategorySet) -> Self {
        self.withdrawn = self.withdrawn.union(categories);
        self
    }

    /// Also denies what of these categories would run without consent. What the
    /// visitor granted stays.
    #[must_use]
    pub fn objecting(mut self, categories: CategorySet) -> Self {
        self.objected = self.objected.union(categories);
        self
    }
}

/// A further signal that visitors send, such as a browser's or a consent
/// service's. It can only take away: there is no way to grant by one.
///
/// ```
/// use http::HeaderName;
/// use tower_consent::{Category, CategorySet, Objection, RequestHead, SignalSource};
///
/// /// Advanced Data Protection Control, as far as it withdraws everything.
/// struct Adpc;
///
/// impl SignalSource for Adpc {
///     fn read(&self, request: &RequestHead<'_>) -> Objection {
///         let all = CategorySet::from_iter(Category::OPTIONAL);
///         let says = |what: &str| {
///             request.headers().get_all("adpc").iter().any(|line| {
///                 line.to_str().is_ok_and(|line| line.split(',').any(|part| part.trim() == what))
///             })
///         };
///         if says("withdraw=*") { Objection::NONE.withdrawing(all) } else { Objection::NONE }
///     }
///
///     fn headers(&self) -> Vec<HeaderName> {
///         vec![HeaderName::from_static("adpc")]
///     }
/// }
/// ```
pub trait SignalSource: Send + Sync + 'static {
    /// What the request's signal takes away. Called for every request that is
    /// not the layer's own.
    fn read(&self, request: &RequestHead<'_>) -> Objection;

    /// The request headers that it reads, for `Vary`. Default: none.
    fn headers(&self) -> Vec<HeaderName> {
        Vec::new()
    }
}

impl Signals {
    /// Adds what a further source takes away.
    pub(crate) fn add(&mut self, objection: Objection) {
        self.withdrawn = self.withdrawn.union(objection.withdrawn);
        self.objected = self.objected.union(objection.objected);
    }
}

/// What a request brings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Glance {
    pub(crate) signals: Signals,
    pub(crate) has_cookies: bool,
    /// Whether it takes a compressed answer.
    pub(crate) takes_codings: bool,
    /// Whether it asks for a part of what it asks for, or on a condition.
    pub(crate) is_conditional: bool,
    accept: Accept,
    /// Whether the browser asks for something that is never a page.
    wants_other: bool,
    /// Whether it says what it asks for.
    says_what: bool,
    /// Whether that is a document.
    wants_document: bool,
}

impl Glance {
    /// Reads the headers. For GPC only the exact value `1` is a signal; of
    /// several headers one is enough (W3C Global Privacy Control, section 3.2).
    pub(crate) fn at(headers: &HeaderMap) -> Self {
        let mut glance = Self::default();
        for (name, value) in headers {
            match name.as_str() {
                "cookie" => glance.has_cookies = true,
                "accept" => glance.accept.add(value.as_bytes()),
                "accept-encoding" => glance.takes_codings = true,
                "if-match" | "if-none-match" | "if-modified-since" | "if-range" | "range" => {
                    glance.is_conditional = true;
                }
                "sec-fetch-dest" => {
                    glance.says_what = true;
                    glance.wants_other |= is_never_a_page(value.as_bytes());
                    glance.wants_document = is_document(value.as_bytes());
                }
                // Its value is always `script` (Service Workers, "Update").
                "service-worker" => glance.wants_other = true,
                "dnt" => glance.signals.dnt |= value == "1",
                "sec-gpc" => glance.signals.gpc |= value == "1",
                _ => {}
            }
        }
        glance
    }

    /// Whether the answer is to be shown as a document, which makes one of XML
    /// and SVG too. Where the browser does not say so, only navigations ask for
    /// HTML by name.
    pub(crate) const fn shows_document(self) -> bool {
        if self.says_what {
            self.wants_document
        } else {
            self.accept.rank == 3 && !self.accept.refused
        }
    }

    /// Whether the answer may be HTML. When in doubt it may.
    pub(crate) const fn may_be_page(self) -> bool {
        !self.wants_other && self.accept.admits_html()
    }
}

/// Whether a `Sec-Fetch-Dest` names something that no browser shows as a page (Fetch, "destination").
fn is_never_a_page(dest: &[u8]) -> bool {
    matches!(
        dest,
        b"audio"
            | b"audioworklet"
            | b"font"
            | b"image"
            | b"manifest"
            | b"script"
            | b"serviceworker"
            | b"sharedworker"
            | b"style"
            | b"track"
            | b"video"
            | b"worker"
    )
}

/// Whether a `Sec-Fetch-Dest` names a document of its own or inside of another.
fn is_document(dest: &[u8]) -> bool {
    matches!(
        dest,
        b"document" | b"embed" | b"fencedframe" | b"frame" | b"iframe" | b"object"
    )
}

/// Whether `Accept` admits `text/html`: the most specific range that matches
/// it decides (RFC 9110, section 12.5.1). No header admits everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Accept {
    present: bool,
    /// One more than the specificity of the range that decides; zero without one.
    rank: u8,
    refused: bool,
}

impl Accept {
    fn add(&mut self, line: &[u8]) {
        self.present = true;
        for range in line.split(|byte| *byte == b',') {
            let mut parts = range.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
            let rank = match parts.next() {
                Some(kind) if kind.eq_ignore_ascii_case(b"text/html") => 3,
                Some(kind) if kind.eq_ignore_ascii_case(b"text/*") => 2,
                Some(b"*/*") => 1,
                _ => continue,
            };
            if rank > self.rank {
                self.rank = rank;
                self.refused = parts.any(weighs_nothing);
            }
        }
    }

    const fn admits_html(self) -> bool {
        if self.rank == 0 {
            !self.present
        } else {
            !self.refused
        }
    }
}

/// Whether a parameter is a weight of zero.
fn weighs_nothing(parameter: &[u8]) -> bool {
    parameter.split_at_checked(2).is_some_and(|(name, weight)| {
        name.eq_ignore_ascii_case(b"q=")
            && weight.starts_with(b"0")
            && weight.iter().all(|byte| matches!(byte, b'0' | b'.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::ACCEPT;

    // covers T01, behaviour 105
    #[test]
    fn only_an_exact_one_is_a_signal() {
        let gpc = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("sec-gpc", http::HeaderValue::from_static(value));
            }
            Glance::at(&headers).signals.gpc
        };
        assert!(gpc(&["1"]) && gpc(&["0", "1"]) && gpc(&["1", "0"]));
        for values in [
            &[][..],
            &["0"],
            &["true"],
            &["1,1"],
            &["1x"],
            &[""],
            &["01"],
        ] {
            assert!(!gpc(values), "{values:?}");
        }
    }

    // covers behaviour 83
    #[test]
    fn accept_is_read_by_precedence_over_all_lines() {
        let accepts = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(ACCEPT, http::HeaderValue::from_static(line));
            }
            Glance::at(&headers).may_be_page()
        };
        assert!(accepts(&[]));
        assert!(accepts(&["*/*"]));
        assert!(accepts(&["application/json", "text/html;q=0.1"]));
        assert!(accepts(&["text/*;q=0, text/html"]));
        assert!(!accepts(&["application/json"]));
        assert!(!accepts(&["text/html;q=0, text/*, */*"]));
        assert!(!accepts(&["TEXT/HTML;level=1;Q=0.000"]));
        assert!(!accepts(&[""]));
    }

    #[test]
    fn what_a_browser_fetches_for_a_page_is_no_page() {
        let dest = |dest: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("sec-fetch-dest", http::HeaderValue::from_static(dest));
            Glance::at(&headers).may_be_page()
        };
        for page in [
            "document", "iframe", "frame", "empty", "embed", "object", "",
        ] {
            assert!(dest(page), "{page}");
        }
        for other in ["image", "script", "style", "video", "font"] {
            assert!(!dest(other), "{other}");
        }
    }
}
