//! May the page's script insert these addresses?
//!
//! What a script inserts at run time is in no markup. The guard in the page
//! asks here about hosts that it does not know, and is told what each address
//! needs under the visitor's present consent.

use serde::{Deserialize, Serialize};

use crate::category::Category;
use crate::consent::Consent;
use crate::gate::address::Base;
use crate::policy::RequestKind;

/// The most that a question may take, in bytes.
pub(crate) const MAX_BODY: usize = 16 * 1024;
/// The most addresses of one question.
const MAX_ADDRESSES: usize = 64;

/// A page and what it wants to load.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    /// The path of the page.
    pub(crate) page: String,
    urls: Vec<Wanted>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    url: String,
    #[serde(default, rename = "type")]
    kind: String,
}

/// What each address of a question needs, in its order.
#[derive(Debug, Serialize)]
pub(crate) struct Verdict {
    denied: Vec<Option<Denied>>,
}

/// Why an address is denied.
#[derive(Debug, Serialize)]
struct Denied {
    category: Category,
    /// What has to be granted, as `data-tc` names it.
    needs: String,
}

/// Reads a question; `Err` says what is wrong and repeats nothing of it.
pub(crate) fn parse(body: &[u8]) -> Result<Question, String> {
    let question: Question = serde_json::from_slice(body).map_err(|error| {
        format!(
            "The JSON could not be read at line {}, column {}. Expected {{\"page\": \"/path\", \"urls\": [{{\"url\": \"https://...\", \"type\": \"script\"}}]}}.",
            error.line(),
            error.column()
        )
    })?;
    if question.urls.len() > MAX_ADDRESSES {
        return Err(format!(
            "A question is about at most {MAX_ADDRESSES} addresses."
        ));
    }
    Ok(question)
}

/// Answers a question of a page at `base`.
pub(crate) fn verdict(question: &Question, base: &Base, consent: &Consent) -> Verdict {
    let denied = question.urls.iter().map(|wanted| {
        let kind = RequestKind::named(&wanted.kind);
        let owner = base.owner(consent.policy(), &wanted.url, kind)?;
        (!consent.permits(owner)).then(|| Denied {
            category: owner.category(),
            needs: consent.needs(owner),
        })
    });
    Verdict {
        denied: denied.collect(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed parse fails the test")]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_small_and_has_no_other_fields() {
        let url = "{\"url\":\"/a\"}";
        let of = |count: usize| {
            let urls = vec![url; count].join(",");
            parse(format!("{{\"page\":\"/\",\"urls\":[{urls}]}}").as_bytes())
        };
        assert_eq!(of(MAX_ADDRESSES).unwrap().urls.len(), MAX_ADDRESSES);
        assert!(of(MAX_ADDRESSES + 1).is_err());
        for body in [
            "",
            "[]",
            "{\"page\":\"/\"}",
            "{\"urls\":[]}",
            "{\"page\":\"/\",\"urls\":[],\"x\":1}",
            "{\"page\":\"/\",\"urls\":[{\"url\":\"/\",\"secret\":1}]}",
        ] {
            let error = parse(body.as_bytes()).unwrap_err();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
