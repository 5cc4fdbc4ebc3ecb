//! What is blocked in a page, how it looks, and how to say otherwise.
//!
//! # What decides
//!
//! From strongest to weakest:
//!
//! 1. `data-consent="analytics"` on the element: it waits for that category.
//!    `data-consent="necessary"`, or `data-consent-ignore`, lets it be. Any
//!    other value is a category that nobody can grant.
//! 2. The policy: hosts, paths and inline signatures of declared vendors.
//! 3. The [`catalog`](crate::catalog) of well-known trackers.
//! 4. Filter lists of the site's own choice, where it loads some
//!    (`FilterLists`, feature `filter-lists`).
//! 5. Where the site asks for it (`PolicyBuilder::strict_third_parties`, feature
//!    `strict-third-parties`), other sites' scripts, frames, plugins and
//!    requests wait for marketing, and what the catalog or a list knows for its
//!    own category as well.
//! 6. Everything else runs.
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
//! reach nobody. A script that also declares names of its own or works on the
//! page's elements runs as well where the guard (below) stands in the page and
//! catches the loader: without it the page would break. Scripts that
//! performance plug-ins park under a type of their own are recognised and come
//! back in the form that they run in.
//!
//! Filter lists and strict third parties look at the addresses that such a short
//! script writes out: at the start of a string, or of an attribute in a string
//! of markup; not in comments, links or the names of vocabularies.
//!
//! # How a blocked element looks
//!
//! It stays in its place. Scripts get `type="text/plain"` and keep everything
//! else; a type that was there moves to `data-tc-type`. On other elements the
//! attribute that fetches is renamed, so `src` becomes `data-tc-src`. `data-tc`
//! names what is waited for: a category, or `category:vendor`. In `<style>` and
//! style attributes a denied address is pushed behind `about:invalid#`, and the
//! rules beside it keep working. A document in `srcdoc` is shown gated and kept
//! beside it as it was. The banner's script undoes this in place after a grant; without scripts the next page
//! comes with the elements as written.
//!
//! # Embeds
//!
//! A blocked `<iframe>` of a declared vendor that is an embed
//! ([`Vendor::embed`](crate::Vendor::embed); the catalog's players, maps, posts
//! and booking pages are) shows a placeholder: its `src` leads to
//! prefix`/embed`, and nothing else about it changes, so it keeps its size and
//! place. The placeholder says who would be loaded and what for, with one
//! button. A click grants **this vendor alone**, remembered in the cookie of its
//! category:
//!
//! * The category stays refused, or open. Other vendors of it, what the catalog
//!   or a list puts into it, the site's own cookies in it,
//!   [`Consent::allows`](crate::Consent::allows) and
//!   [`Granted`](crate::Granted) do not follow;
//!   [`Consent::allows_vendor`](crate::Consent::allows_vendor) does.
//! * Whoever has not chosen yet is still asked about the rest.
//! * It adds to the choice that stands and ends with it. "Reject all" takes it
//!   back, and so does its box on the preferences page.
//!
//! With scripts the frame loads in place; without them the form leads back to
//! the page, which then comes with the frame. An app's own button posts the same
//! form, `choice=load&vendor=`id, to prefix`/choice`, or its handler records
//! [`Choice::load_vendor`](crate::Choice::load_vendor).
//!
//! A frame stays empty, as other blocked frames do, where the placeholder could
//! not be shown or used: with `srcdoc`, `credentialless`, or a `sandbox` without
//! `allow-forms`, `allow-same-origin` and `allow-top-navigation` (or
//! `allow-top-navigation-by-user-activation`); where it waits for more than this
//! vendor, such as an annotated category; below a `<base>` of another site; where
//! the page's Content-Security-Policy lets no frame of the site itself in
//! (`frame-src 'self'`); and where a script inserts it. A server in front that
//! adds `X-Frame-Options: DENY` to everything must leave prefix`/embed` out.
//!
//! # What is looked at
//!
//! Scripts, inline and external, also in SVG; `iframe`, `frame`, `embed`,
//! `object`; `img`, `picture`, `video`, `audio`, `track`, `input`, SVG images;
//! `srcset`, `poster`, `background`, `ping`, `attributionsrc`; links that fetch
//! or connect (`stylesheet`, `icon`, `preload`, `preconnect`, `dns-prefetch` and
//! so on; never `canonical`, `me` or `alternate`); the attributes that lazy
//! loaders use; `meta` refresh, `Link` and `delegate-ch`; speculation rules;
//! `<style>`, style attributes, and SVG attributes that take `url(…)`; event
//! handlers that load something; `javascript:` and `data:` addresses; the
//! content of `noscript`; documents inside of `srcdoc`; templates and declarative
//! shadow roots.
//!
//! Left alone: import maps, without which no module of the page would run;
//! where a form or a link leads, which is the visitor's own step.
//!
//! # Pages that are not read
//!
//! A page whose visitor granted all three optional categories is not taken
//! apart, and none of its bytes changes: it gets the settings link and the
//! script behind its last byte. What vendors' tags are told
//! ([consent modes](super::vendors)) stands before the first thing that acts,
//! so with those it is read as far as that.
//!
//! A category that the policy asks nothing about cannot be granted. What the
//! catalog knows of it stays blocked after "accept all", and pages are read all
//! the same: nobody agreed to a service that nobody was told of. A site that
//! shows, say, videos of another declares them.
//!
//! # What scripts insert: the guard
//!
//! While something that visitors are asked about is not granted, a script
//! stands before everything in `head` that may act. It looks at the addresses
//! that other scripts of the page use and parks what may not act as above, so
//! that it is woken with the rest after a grant.
//! [`GuardMode::Core`](crate::GuardMode::Core), the default, watches `src` and
//! `href` of scripts, images, frames and links, scripts that are inserted or
//! given a type, markup given as text, `document.write`, `fetch`,
//! `XMLHttpRequest`, sockets and, from the first look at `navigator` on,
//! `sendBeacon`; [`GuardMode::Full`](crate::GuardMode::Full) also watches every
//! other element that fetches, beacons from the start, cookies and storage. Parked
//! scripts, images and links hear an `error` event, `fetch` rejects,
//! `XMLHttpRequest` fails, `sendBeacon` answers true.
//!
//! The script is one file for each policy, named by its digest and kept by
//! browsers for good. With the whole catalog in it, it has some 40 KB, 15 KB
//! compressed, half of which are hosts: compress what the layer serves. It takes
//! its own element out of the page, and it is in no page that was granted
//! everything. In Chromium on a slow machine it is ready after a millisecond,
//! and a look at an address takes 5 microseconds.
//!
//! While a vendor's loader is blocked, the names that pages call it by
//! ([`Vendor::globals`](crate::Vendor::globals)) exist and do nothing. What the
//! page's own scripts called while it loaded is repeated after a grant; what
//! was called later, by what the visitor did, stays untold. Arrays such as
//! `dataLayer` stay what they are.
//!
//! # The banner's place
//!
//! The banner goes to the start of `body`, settings link and script to its end.
//! A response that is a fragment, without doctype, `html`, `head` or `body`,
//! gets neither, and its elements are gated all the same. A page that wants the
//! banner elsewhere renders [`banner_html`](crate::banner_html) itself and puts
//! [`OwnBanner`](crate::OwnBanner) into its response.
//!
//! [`with_banner`](crate::ConsentLayer::with_banner) puts it at the end of
//! `body`, or nowhere. The end,
//! [`BannerPlacement::BodyEnd`](crate::BannerPlacement::BodyEnd), is for apps
//! that hydrate `body` from its first node on, as Leptos does with
//! `hydrate_body`: a banner in front of their first node stops them, one behind
//! their last they never look at. With [`BannerPlacement::Script`](crate::BannerPlacement::Script)
//! the guard asks for it after the page has loaded. That is for apps which
//! compare the whole document with what they would have written, such as React
//! at document level: attributes of sleeping elements differ, which they allow,
//! and no node is added or missing. Such pages keep one small script at the end
//! when everything is granted; it adds the settings link.
//!
//! Scripts keep the banner within reach: in the browser's top layer nothing
//! covers it (Chromium says when something does, and it is lifted only then),
//! and where a page hides its body, makes it inert, throws it away or is a
//! frameset, the banner moves to the document itself. While a modal
//! dialog is open, beside which nothing can be used, it stands in that; in a
//! shadow root it is slotted into it, root by root where they stand in one
//! another, while all are open. In a closed shadow root the dialog has to be
//! closed first. Its controls are
//! `[data-tc-accept]` and `[data-tc-reject]`.
//!
//! # Content-Security-Policy
//!
//! The layer needs `script-src 'self'`, `style-src 'self'` and `form-action
//! 'self'` for its own address, or a nonce, which it reuses. Where
//! `trusted-types` lists names, it needs `tower-consent`. Unless it is told to by
//! [`with_csp_admission`](crate::ConsentLayer::with_csp_admission), it never edits the
//! site's policy and never needs `'unsafe-inline'`.
//!
//! With strict third parties the layer adds a policy of its own to pages of
//! visitors who have chosen and not granted marketing: `script-src`, `frame-src`,
//! `worker-src`, `connect-src`, `object-src`, and `img-src` where images wait
//! too, with the site itself, the vendors declared as necessary and those
//! granted. It applies together with the site's own and lifts nothing of that.
//! Three things follow:
//!
//! * A browser cannot lift it from a page that is there, so a later grant reloads.
//!   Visitors who are still asked get none, and a grant of theirs acts at once: until
//!   then the guard holds back what scripts insert, in its
//!   [full set](crate::GuardMode::Full). Where a page has no guard, the policy comes
//!   from the start.
//! * `data-consent` on an element does not reach it. What another site serves
//!   must be declared as a vendor with its hosts.
//! * Where a granted vendor stands for a part of the catalog
//!   ([`catalog::defaults`](crate::catalog::defaults)), or the hosts take more
//!   than 6 KiB, it cannot be spelled out and is left away; the markup and the
//!   page's script still hold back.
//!
//! # What the page's script may ask
//!
//! With filter lists or strict third parties, `POST` prefix`/verdict` says what
//! an insertion needs under the visitor's present consent. The body is
//! `{"page": "/path", "urls": [{"url": "https://…", "type": "script"}]}`, at
//! most 64 addresses and 16 KiB; the answer is
//! `{"denied": [{"category": "analytics", "needs": "analytics"}, null]}`, in the
//! same order. It is for pages of the same origin and is never stored.
