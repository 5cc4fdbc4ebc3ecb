//! What is blocked in a page, how it looks, and how to say otherwise.
//!
//! # What decides
//!
//! From strongest to weakest:
//!
//! 1. `data-consent="analytics"` on the element: it waits for that category.
//!    `data-consent="necessary"` lets it be. Any other value is a category that
//!    nobody can grant.
//! 2. The policy: hosts, paths and inline signatures of declared vendors.
//! 3. The [`catalog`](crate::catalog) of well-known trackers.
//! 4. Everything else runs.
//!
//! ```html
//! <script data-consent="analytics" src="/js/heatmap.js"></script>
//! <iframe data-consent="functional" src="https://maps.example/embed"></iframe>
//! ```
//!
//! Write the element as if consent were given. Do not write `type="text/plain"`
//! or `data-src` yourself: the layer does what is needed for each visitor.
//!
//! An inline script is taken for a tracker's loader when it names a piece of a
//! tracker's address and also uses something that loads, in at most 8 KiB.
//! Calls alone, such as `gtag("event", …)`, run: without their loader they
//! reach nobody.
//!
//! # How a blocked element looks
//!
//! It stays in its place. Scripts get `type="text/plain"` and keep everything
//! else; a type that was there moves to `data-tc-type`. On other elements the
//! attribute that fetches is renamed, so `src` becomes `data-tc-src`. `data-tc`
//! names what is waited for: a category, or `category:vendor`. The banner's
//! script undoes this in place after a grant; without scripts the next page
//! comes with the elements as written.
//!
//! # What is looked at
//!
//! Scripts, inline and external, also in SVG; `iframe`, `frame`, `embed`,
//! `object`; `img`, `picture`, `video`, `audio`, `track`, `input`, SVG images;
//! `srcset`, `poster`, `background`, `ping`, `attributionsrc`; links that fetch
//! or connect (`stylesheet`, `icon`, `preload`, `preconnect`, `dns-prefetch` and
//! so on; never `canonical`, `me` or `alternate`); the attributes that lazy
//! loaders use; `meta` refresh; the content of `noscript`; documents inside of
//! `srcdoc`.
//!
//! # The banner's place
//!
//! The banner goes to the start of `body`, settings link and script to its end.
//! A response that is a fragment, without doctype, `html`, `head` or `body`,
//! gets neither, and its elements are gated all the same. A page that wants the
//! banner elsewhere renders [`banner_html`](crate::banner_html) itself and puts
//! [`OwnBanner`](crate::OwnBanner) into its response.
//!
//! # Content-Security-Policy
//!
//! The layer needs `script-src 'self'`, `style-src 'self'` and `form-action
//! 'self'` for its own address, or a nonce, which it reuses. It never edits the
//! site's policy and never needs `'unsafe-inline'`.
