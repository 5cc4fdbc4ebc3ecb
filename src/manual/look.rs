//! What visitors see, and how to make it look like the rest of the site.
//!
//! # What there is
//!
//! The **banner** is a part of the page and no dialog: it takes no keyboard,
//! moves nothing, locks nothing, and stays until it has an answer. *Reject
//! all*, *Accept all* and *Choose* are drawn by one rule, and refusing comes
//! first. With a script it is lifted into the top layer, so that nothing of the
//! page can cover it: at once, or in Chromium, which tells, when something does.
//! It makes room where it would cover what the keyboard stands on, but not under
//! a pointer that is about to press one of its buttons. [`BannerShape`](crate::BannerShape) chooses between a box in the
//! corner, a bar and a card; [`BannerPlacement`](crate::BannerPlacement) says
//! where in the document it stands.
//!
//! The **preferences** are a page at [`Policy::prefix`](crate::Policy::prefix).
//! With a script the same content opens as a dialog: Escape and the close
//! button grant nothing, and the keyboard goes back to where it was. Each
//! category and each service has a switch of its own, and the switches show
//! what is stored. The answers stay in view. A site that asks for nothing shows
//! no banner, and its preferences have nothing to press.
//!
//! A browser that keeps no cookies keeps no choice: a script carries it out on
//! the page at hand, and the next page asks again, with nothing granted.
//!
//! The **way there** is a link on every page. A page that has its own does not
//! show the layer's: any link to the prefix, or any element with
//! `data-tc-settings`, such as a button in the footer.
//!
//! ```html
//! <a href="/_consent">Privacy settings</a>
//! <button type="button" data-tc-settings>Privacy settings</button>
//! ```
//!
//! A button needs a script, a link does not. One that the page hides, such as in
//! a closed menu, counts too. Otherwise
//! [`SettingsEntry`](crate::SettingsEntry) chooses between a floating button
//! and a quiet line at the end of the page. The floating one takes no room: what
//! a page has in that corner at its very end, such as the last line of a footer,
//! it covers, so keep that line clear of it, or choose the quiet one. Where the rules come as a file,
//! which is under a Content-Security-Policy that lets no inline ones in and
//! with [`BannerPlacement::Script`](crate::BannerPlacement::Script), the
//! layer's own is hidden by `data-tc-settings` alone.
//!
//! In the system's own colours (forced colours, high contrast) buttons keep
//! their edges and switches become the system's boxes. On paper there is no
//! banner, and the preferences are dark on light, without buttons.
//!
//! # Colours, type and space
//!
//! Custom properties of the page's own stylesheet:
//!
//! | property | default, light and dark | of |
//! | --- | --- | --- |
//! | `--tc-background` | `#fff` `#1d2025` | banner, dialog, page |
//! | `--tc-text` | `#1b1f24` `#eef0f3` | text |
//! | `--tc-muted` | `#545b64` `#b1b7c0` | what explains, switches that are off |
//! | `--tc-line` | `#dcdfe4` `#3a3f47` | lines and frames |
//! | `--tc-button` | `#24292f` `#e6e9ed` | all buttons alike |
//! | `--tc-button-text` | `#fff` `#1b1f24` | their labels |
//! | `--tc-accent` | `#0b5cad` `#8fc1ff` | focus, switches that are on |
//! | `--tc-radius` | `12px` | corners; those of buttons are half of it |
//! | `--tc-space` | `8px` | all distances are multiples of it |
//! | `--tc-font` | `system-ui, sans-serif` | everything |
//! | `--tc-shadow` | `0 8px 32px #0003` | banner and dialog |
//!
//! ```css
//! :root { --tc-button: #0b6e4f; --tc-button-text: #fff; --tc-radius: 0; --tc-font: inherit }
//! ```
//!
//! `light-dark(#fff, #111)` gives a colour for each scheme. Which one is shown
//! follows the visitor's system; [`ColorScheme`](crate::ColorScheme) forces one
//! for all, and `data-tc-scheme="light"` or `"dark"` on the root element for a
//! page, such as from a switch of the site's own. Keep text at a contrast of
//! 4.5:1 and edges at 3:1 (WCAG 2.2, 1.4.3 and 1.4.11): the defaults do.
//!
//! Nothing else of the page's stylesheets reaches the banner, and none of its
//! rules reaches the page, but for `scroll-padding` on the root while it asks.
//! All rules stand in the cascade layer `tower-consent`. A site whose own rules are in
//! layers **and** important has to name that layer first:
//! `@layer tower-consent, reset, base;`.
//!
//! # All of the markup
//!
//! [`with_banner_template`](crate::ConsentLayer::with_banner_template) takes a
//! function that writes the banner with words and addresses that it is given.
//! Its markup is checked in every language when the layer is built: one element
//! with `data-tc-banner` around everything, a form to the given address with
//! the given hidden fields, a button that refuses before one that grants, both
//! of the same class, and a link to the preferences; no ticked box, no script.
//! Its rules are the site's own then, and so is what this chapter promises of
//! the banner's looks. With `position: fixed` it is lifted into the top layer
//! when the layer's own is and keeps its place and its looks there; otherwise it
//! stays where it stands in the page.
