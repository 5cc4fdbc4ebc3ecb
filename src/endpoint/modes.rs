//! How do vendors' tags hear of a decision?
//!
//! By one script before all others of the page. It stands in the page itself
//! where the Content-Security-Policy lets it, so that no tag can come before
//! it and none waits for it, and else at an address of the layer's own.

use std::fmt::Write;

use super::markup::{Esc, Nonce};
use super::page::state;
use crate::consent::Consent;
use crate::gate::csp::Allowance;
use crate::jurisdiction::Jurisdiction;

/// The script's tag; empty where the policy declares no consent mode. `fetches`
/// says whether the page lets a script of the layer's own address run.
pub(crate) fn tag(consent: &Consent, allowance: &Allowance, fetches: bool) -> String {
    let policy = consent.policy();
    let Some(asset) = policy.modes() else {
        return String::new();
    };
    let mut tag = "<script".to_owned();
    if !allowance.inline_script {
        if !fetches {
            return String::new();
        }
        let prefix = Esc(policy.prefix());
        let (name, digest) = (&asset.name, &asset.integrity);
        let _ = write!(
            tag,
            " src=\"{prefix}/assets/{name}\" integrity=\"{digest}\""
        );
    }
    let _ = write!(tag, " data-tc-state=\"{}\"", Esc(&state(consent)));
    tag += limits(consent);
    let _ = write!(tag, "{}>", Nonce(&allowance.script_nonce));
    if allowance.inline_script {
        tag += asset.text.trim_end();
    }
    tag + "</script>"
}

/// Whether what vendors do in the United States alone under Global Privacy
/// Control is asked of them: `on` where both are known; empty where the browser
/// has to say whether it sends the signal, or the vendor where the visitor is.
fn limits(consent: &Consent) -> &'static str {
    match consent.jurisdiction() {
        Jurisdiction::Us(_) if consent.gpc() => " data-tc-limit=\"on\"",
        Jurisdiction::Us(_) | Jurisdiction::Global => " data-tc-limit",
        _ => "",
    }
}
