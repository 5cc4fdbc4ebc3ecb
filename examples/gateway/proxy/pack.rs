//! What is compressed on its way to the visitor?
//!
//! Scripts and stylesheets that come plain, the gate's own among them. Pages
//! leave as they are written, piece by piece, which compression would hold up.

use http::header::CONTENT_TYPE;
use http::{Extensions, HeaderMap, StatusCode, Version};
use tower_http::compression::predicate::{DefaultPredicate, Predicate};
use tower_http::compression::{Compression, CompressionLayer};
use tower_layer::Layer;

/// Compresses what `site` answers, where the visitor's browser takes it.
pub(crate) fn packed<S>(site: S) -> Compression<S, impl Predicate> {
    CompressionLayer::new()
        .compress_when(DefaultPredicate::new().and(is_static_text))
        .layer(site)
}

fn is_static_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    ["text/javascript", "application/javascript", "text/css"]
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known))
}
