//! Caches and proxies: who may keep a copy of a page.
//!
//! A page depends on what its visitor granted, so by default it belongs to that
//! visitor. A site behind a CDN can let it keep pages all the same, in one of
//! two other modes of [`CacheMode`](crate::CacheMode):
//!
//! | mode | who gets the same page | the CDN keeps it | the app must not vary it by | costs |
//! | --- | --- | --- | --- | --- |
//! | [`PerState`](crate::CacheMode::PerState) | nobody | no | | |
//! | [`Uniform`](crate::CacheMode::Uniform) | everybody | as the app says | cookies that need consent | banner and trackers wait for the banner's script |
//! | [`EdgeKey`](crate::CacheMode::EdgeKey) | visitors who granted the same | as the app says, once per state | anything else about the visitor | an edge that can ask or compute |
//!
//! # What leaves, by default
//!
//! | response | the layer |
//! | --- | --- |
//! | HTML | `Cache-Control: private, no-cache` (or the app's `no-store`), `Vary: Cookie, Sec-GPC`, no `Expires`, `Surrogate-Control` or `CDN-Cache-Control` |
//! | HTML that it changes | besides, a weak `ETag` of its own (see below), and no `Content-Length`, `Last-Modified`, `Accept-Ranges`, digest or message signature, which describe other bytes |
//! | a response with a cookie that needs consent, or with a header that reports to a tracker | as HTML, whatever its type |
//! | a response that stores a choice | `private, no-store` |
//! | XHTML, and SVG or XML that is shown as a document | private, and confined by a Content-Security-Policy until everything is granted, since it cannot be rewritten |
//! | other responses | untouched, so static files stay cacheable |
//! | its own stylesheet and script | `public, immutable`, for a year, under names that change with their bytes |
//!
//! A shared cache that ignores `Cache-Control: private` would show one
//! visitor's page to another. No header can prevent that; configure it not to.
//!
//! # Conditional requests
//!
//! An answer of "304 Not Modified" brings back a stored page, which may have
//! been made for a wider choice. So the app's tag leaves with an addition,
//! `"v1"` as `W/"v1;tc-s-0123456789abcdef"`: a digest of what was granted and
//! of all that shapes a page, namely policy, texts, the layer's options and the
//! version of this crate. It is the same for all visitors of one state and
//! names none of them. Of a later `If-None-Match` the app sees only the tags
//! that were made for the present state, in its own words again. A page that
//! says `no-store` gets no tag.
//!
//! A request that may be answered with HTML loses `If-Modified-Since`,
//! `If-Range`, `Range` and `Accept-Encoding` before the app sees it. Conditions
//! of requests that change something (`PUT` with `If-Match`) stay, with the
//! app's own tags. Requests for images, scripts and styles, and those that do
//! not accept HTML, keep everything.
//!
//! # Everybody the same: `Uniform`
//!
//! ```
//! # use tower_consent::{CacheMode, ConsentLayer, Keyring, Policy, catalog};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let policy = Policy::builder("1").vendor(catalog::youtube()).build()?;
//! let layer = ConsentLayer::new(policy, Keyring::ephemeral()?).with_cache_mode(CacheMode::Uniform);
//! # Ok(())
//! # }
//! ```
//!
//! Every page has the bytes of a page for somebody who granted nothing, without
//! the banner, and keeps the app's `Cache-Control`. The banner's script asks
//! `/_consent/state`, brings the banner from `/_consent/banner` where something
//! is to be asked, and wakes what is granted. So trackers start later than in
//! the other modes, and visitors without scripts get neither the banner nor
//! anything that needs consent; they have the link to the settings.
//!
//! The layer still strips each visitor's cookies before the app sees them, but
//! it cannot know what the app makes of those that are left: a page that shows
//! what was read from a granted cookie must say `private` itself. Where a
//! handler asks the request's [`Consent`](crate::Consent) what was decided, and
//! where a page sets a cookie, the layer makes the page private.
//!
//! A page that a cache has kept knows nothing of a policy that was changed
//! since: empty the CDN when a vendor is added.
//!
//! # A page for each state: `EdgeKey`
//!
//! The edge adds a header `X-Consent-State` to each request, and keeps pages
//! apart by it. Its value is what `GET /_consent/state` answers in a header of
//! that name: `?` if the banner asks, a letter for each granted category (`f`,
//! `a`, `m`), a `!` with the id of each vendor refused within them, a `+` with
//! that of each vendor granted alone, and `0` for nothing at all: `?`, `0`, `fam`, `am!heat`, `?+youtube`.
//! Behind an `@` each follows what else a page depends on, where there is any:
//!
//! | part | the page |
//! | --- | --- |
//! | `@it`, `@us-strict` | is for the [place](super::places) that the site names, unless that is `global` |
//! | `@gpc` | answers a request with Global Privacy Control |
//! | `@~a` | holds no vendor of analytics that the signal denies, although analytics is granted |
//! | `@-m` | stands at an address that [never](crate::PolicyBuilder::never) allows marketing |
//! | `@news`, `@opt-out`, `@statistics` | has that bar, or that button |
//!
//! So `fa@us-strict@gpc` is the page of somebody from the United States who
//! granted two categories and whose browser sends the signal. Treat the value as
//! one opaque word. An address with a rule of its own, or a bar that depends on a
//! cookie, has another key than `/_consent/state` answers, and is then not shared.
//!
//! 1. For a page request without cookies whose names contain `consent-`, and
//!    without `Sec-GPC`, set `X-Consent-State: ?`, if the site names no places.
//! 2. For any other, ask the site for `/_consent/state` with the visitor's
//!    `Cookie` and `Sec-GPC`, and copy the header from the answer. Do not keep
//!    that answer beyond the one request. In nginx this is `auth_request` with
//!    `auth_request_set`, in Varnish and Fastly a restarted request, in a worker
//!    a `fetch`.
//! 3. Overwrite whatever the visitor sent in that header.
//! 4. Obey `Vary` and `Cache-Control`.
//!
//! The layer trusts none of this. The header can only narrow: a page holds what
//! both the header and the verified cookies grant, so under a key there is
//! never a page wider than the key, even on an edge that keeps what it must
//! not. Only where the header says exactly what the cookies prove may the page
//! be kept: it leaves with `Vary: X-Consent-State` and `Cache-Control: public,
//! s-maxage=…, max-age=0, must-revalidate`, for as long as the app's `s-maxage`
//! or `max-age`. Where it says anything else the page is `private, no-store`;
//! where it is missing or unreadable the page is the one for everybody, and
//! private.
//!
//! Browsers do not send the header, so they must ask again each time, which the
//! tag keeps cheap. A browser that goes back may yet show the page it has: over
//! https a withdrawal empties its cache, and on plain http this mode should not
//! be used.
//!
//! # After a withdrawal
//!
//! Browsers keep pages for the back button whatever `Cache-Control` says. The
//! answer to a choice that takes something away carries `Clear-Site-Data:
//! "cache"`, over https, which empties that store too.
//!
//! # Proxies and workers
//!
//! The layer uses `Host` (HTTP/2: the authority) to tell its own pages from
//! foreign ones and to delete cookies of parent domains. Pass it on unchanged.
//! Deletions are limited to thirty lines in one response, about 3 KiB, so that
//! the header fits into a proxy's usual buffer; the next response goes on. In
//! the two other modes they come with pages that no cache shares.
//!
//! A service worker that keeps pages keeps them for whatever was granted then.
//! Let it pass requests below `/_consent` and fetch documents from the network
//! first, or use [`Uniform`](crate::CacheMode::Uniform).
