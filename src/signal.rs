//! What does the browser say on the visitor's behalf?
//!
//! Global Privacy Control: `Sec-GPC: 1` asks not to sell or share the
//! visitor's data. A signal only ever takes away; nothing here grants.

use http::{HeaderMap, HeaderName};

pub(crate) const SEC_GPC: HeaderName = HeaderName::from_static("sec-gpc");

/// The privacy signals of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Signals {
    /// Whether Global Privacy Control is on.
    pub(crate) gpc: bool,
}

impl Signals {
    /// Reads the headers. Only the exact value `1` is a signal; of several
    /// headers one is enough (W3C Global Privacy Control, section 3.2).
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        Self {
            gpc: headers.get_all(SEC_GPC).iter().any(|value| value == "1"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // covers T01, behaviour 105
    #[test]
    fn only_an_exact_one_is_a_signal() {
        let gpc = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(SEC_GPC, http::HeaderValue::from_static(value));
            }
            Signals::read(&headers).gpc
        };
        assert!(gpc(&["1"]) && gpc(&["0", "1"]));
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
}
