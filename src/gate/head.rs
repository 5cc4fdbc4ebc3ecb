//! What does a response's head hold that a gate looks at?

use http::StatusCode;
use http::header::HeaderMap;

use super::media::{Body, Told, body_of};

/// One look at each header costs less than to ask for every name that matters:
/// most responses have few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) body: Body,
    pub(crate) cookies: bool,
    /// What [`filter`](super::header::filter) judges.
    pub(crate) fetches: bool,
    /// A Content-Security-Policy.
    pub(crate) policy: bool,
}

impl Head {
    /// `shown`: whether the browser shows the body as a document.
    pub(crate) fn of(headers: &HeaderMap, status: StatusCode, is_head: bool, shown: bool) -> Self {
        let (mut cookies, mut fetches, mut policy) = (false, false, false);
        let mut told = Told::default();
        for (name, value) in headers {
            match name.as_str() {
                // Of several the first counts.
                "content-type" => told.content_type = told.content_type.or(Some(value)),
                "content-disposition" => told.disposition = told.disposition.or(Some(value)),
                "content-encoding" => told.is_coded = true,
                "content-range" => told.is_part = true,
                "content-security-policy" => policy = true,
                "set-cookie" => cookies = true,
                "link"
                | "refresh"
                | "nel"
                | "report-to"
                | "reporting-endpoints"
                | "speculation-rules"
                | "observe-browsing-topics"
                | "attribution-reporting-register-source"
                | "attribution-reporting-register-trigger" => fetches = true,
                _ => {}
            }
        }
        Self {
            body: body_of(&told, headers, status, is_head, shown),
            cookies,
            fetches,
            policy,
        }
    }

    /// Whether there is anything to do about a response that nothing else is known of.
    pub(crate) fn concerns(&self) -> bool {
        self.body != Body::Other || self.cookies || self.fetches
    }
}
