//! What stands in a frame whose vendor waits for consent?
//!
//! A small page that says who would be loaded and what for, with one button
//! that loads this vendor alone. It has to do in any size that a page gives its
//! frames, so the button comes first.

use super::banner::preferences_url;
use super::markup::{Esc, Form, Language, Told};
use crate::asset;
use crate::policy::{Policy, Texts, Vendor};

/// The placeholder for `vendor` on the page at the path `next`.
pub(super) fn placeholder(policy: &Policy, texts: &Texts, vendor: &Vendor, next: &str) -> String {
    let purpose = texts.purpose(vendor);
    let ends = purpose.text.ends_with(['.', '。', '।', '!', '?']);
    let (sheet, script) = (asset::embed_style(), asset::embed_script());
    let provider = if vendor.is_first_party() || vendor.provider().is_empty() {
        String::new()
    } else {
        format!(
            "<p>{}: {} ({}) <a href=\"{}\" target=\"_blank\" rel=\"noreferrer noopener\">{}</a></p>",
            Esc(&texts.provider),
            Esc(vendor.provider()),
            Esc(texts.country(vendor.country())),
            Esc(vendor.policy_url()),
            Esc(&texts.provider_policy)
        )
    };
    format!(
        "<!doctype html><html {lang}><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{load}</title>\
         <link rel=\"stylesheet\" href=\"{prefix}/assets/{sheet}\" integrity=\"{sheet_digest}\">\
         <script src=\"{prefix}/assets/{script}\" defer integrity=\"{script_digest}\"></script></head>\
         <body><main>{form} target=\"_top\">\
         <input type=\"hidden\" name=\"choice\" value=\"load\">\
         <input type=\"hidden\" name=\"vendor\" value=\"{id}\">\
         <input type=\"hidden\" name=\"next\" value=\"{next}\">\
         <input type=\"hidden\" name=\"lang\" value=\"{language}\">\
         <button data-tc-load aria-describedby=\"about\">{load}</button></form>\
         <div id=\"about\"><p>{purpose}{stop} {body}</p></div>{provider}\
         <p><a href=\"{preferences}\" target=\"_top\">{settings}</a></p></main></body></html>",
        lang = Language(texts),
        load = Esc(&texts.load(vendor.name())),
        prefix = Esc(policy.prefix()),
        sheet = sheet.name,
        sheet_digest = sheet.integrity,
        script = script.name,
        script_digest = script.integrity,
        form = Form(policy),
        id = Esc(vendor.id()),
        next = Esc(next),
        language = Esc(&texts.language),
        purpose = Told(purpose),
        stop = if ends { "" } else { texts.full_stop() },
        body = Esc(&texts.load_body),
        preferences = Esc(&preferences_url(policy, next, Some(&texts.language))),
        settings = Esc(&texts.settings),
    )
}
