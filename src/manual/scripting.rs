//! How do the site's own scripts ask, and hear of a choice?
//!
//! Nothing here is needed for the gate to hold: it is for code that wants to
//! behave well, such as a player that shows a poster until it may load.
//!
//! # What pages can call
//!
//! ```js
//! towerConsent.get()       // { decided, granted: ['analytics'], refusedVendors: [], grantedVendors: [] }
//! towerConsent.allows('analytics')
//! towerConsent.allows('analytics:matomo')   // one vendor, behind its category
//! towerConsent.open()      // shows the preferences
//!
//! document.addEventListener('consent:change', ({ detail }) => {
//!   if (detail.granted.includes('analytics')) start();
//! });
//! document.addEventListener('consent:open', () => player.pause());
//! ```
//!
//! The script is deferred, so `window.towerConsent` is there for scripts that
//! are deferred behind it and from `DOMContentLoaded` on. `allows` is `false` for
//! whatever it does not know: the id of a vendor without its category, too, since
//! ids are the site's and could be named like a category. What it answers is a
//! hint for the page. The server decides by the signed cookies, and a handler
//! asks [`Consent`](crate::Consent).
//!
//! `consent:change` comes once everything that a grant wakes has run, in the
//! tab that was clicked and in every other tab of the site. A withdrawal ends
//! what runs, deletes what it stored and loads the page anew: there is no event,
//! since nothing of the page is left to hear it.
//!
//! Any link to the preferences, and anything with `data-tc-settings`, opens them
//! in place. Without scripts the link leads to their page.
//!
//! # TypeScript
//!
//! The declarations are served as `types.d.ts` below the prefix:
//!
//! ```text
//! curl -o src/tower-consent.d.ts https://www.example.com/_consent/types.d.ts
//! ```
//!
//! # Pages that live long
//!
//! * `history.pushState`: what a router inserts is judged by the guard like
//!   everything else, and the preferences lead back to where the visitor is.
//! * Frameworks that replace the body (Turbo, htmx, Unpoly): the script that comes with
//!   the new body tells the first what the server knows. The banner stays if it
//!   still has to ask, and the new body's takes the place of the old one's. A
//!   body that the framework kept from before a choice is brought up to it.
//! * Fragments (htmx, Turbo, Unpoly): what is swapped in is gated by the server
//!   and judged by the guard, sleeps before a choice, and wakes in place with a
//!   grant, scripts included. A fragment brings no banner. Unpoly keeps answers
//!   for a while; those from before a grant would stay asleep, so a site with it
//!   adds `document.addEventListener('consent:change', () => up.cache.evict())`.
//! * Back and forward: nothing here keeps a page out of the browser's page
//!   cache. A page that comes back asks the server what counts now, and wakes
//!   or ends accordingly.
//! * Other tabs: a choice reaches them at once.
//!
//! # Content-Security-Policy
//!
//! Everything works without a violation under `default-src 'self'`, under
//! nonces, under `'strict-dynamic'` and under Trusted Types; where
//! `trusted-types` lists names it needs `tower-consent`. A policy that admits no
//! inline style gets the rules as a file.
//!
//! # What it costs
//!
//! `cargo test --test sizes -- --nocapture` prints the bytes,
//! `cargo bench --bench side_by_side` the times, beside the same page without a
//! banner and beside vanilla-cookieconsent and Klaro, with the guard and without. The guard is one more file
//! that waits in front of the first script of a page that acts: text above is
//! painted meanwhile. A page whose head holds a script that loads something at
//! once is painted once the guard has come, on the first visit alone: it is then
//! kept for a year.
//!
//! The banner's script holds what every visitor may need: to answer, to open the
//! preferences, to keep tabs in step. What wakes trackers, what ends them and
//! what builds a banner that did not come with the page is a file of its own,
//! fetched beside the first choice that grants something and never by those who
//! refuse. Where it cannot be had, the page is loaded anew instead. Chromium
//! compiles the scripts beside the page's own work, the guard reads its
//! table of hosts only once something asks for it, and a page that has the
//! keyboard and decides nothing opens no channel to other tabs before it loses it.
//!
//! On a return visit the page brings the same two files, which the browser has.
//! They are needed: the guard for what is denied, the script for what
//! another tab decides. Where everything is granted, there is no guard.
