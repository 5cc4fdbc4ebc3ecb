//! What the signature buys, and what it does not.
//!
//! # What is protected
//!
//! * **Nobody but the site can make a consent.** A choice is four cookies,
//!   each with an HMAC-SHA-256 tag under a key that only the site has. A value
//!   that was edited, cut, joined from two choices, moved to another category's
//!   cookie or brought from another site grants nothing.
//! * **Nothing grants by accident.** Missing, malformed, duplicated, expired,
//!   future-dated and foreign cookies all mean "not granted". So does an
//!   error: a page that cannot be gated is confined to the site itself by a
//!   Content-Security-Policy or ends early, and is never sent raw.
//! * **Another site cannot choose for a visitor.** A choice is accepted only
//!   from a page of the same origin, by `Sec-Fetch-Site` or else `Origin`, and
//!   the cookies are `SameSite=Lax`.
//! * **A sibling subdomain cannot plant a choice.** The names begin with
//!   `__Host-Http-`, which browsers accept from this host alone, over https, in
//!   a header. Where a name arrives twice all the same, neither counts.
//! * **Logs stay clean.** Keys, tokens and cookie values never reach a log
//!   line, a `Debug` text or an error.
//!
//! # What is not protected
//!
//! * **Replay by the visitor.** A signature proves that the site issued the
//!   value, not that it is the latest. A visitor who restores an old cookie
//!   restores an old choice, which was their own.
//! * **A stolen key.** Whoever has it can forge a consent. Drop it at once; do
//!   not keep it as a previous key. All visitors are then asked again.
//! * **The visitor's own browser.** An extension or a script in the page can
//!   click the banner's button. A script that runs in the page can do whatever
//!   the page can; keep it out with a Content-Security-Policy.
//! * **What scripts do at run time, in full.** The guard holds back what the
//!   page's scripts insert by the usual ways. It is a net and no sandbox: a
//!   script that wants to can get around it. By design it does not see
//!   `import()` in a running module, other realms (a script that takes `fetch`
//!   from a frame it made), workers, styles changed through the CSSOM,
//!   `FontFace`, navigation and WebRTC; in its core mode it leaves out what
//!   [`GuardMode::Full`](crate::GuardMode::Full) adds. Strict
//!   third parties let the browser hold most of these back, and still do not stop
//!   connections without a request (`preconnect`, `dns-prefetch`, a frame that
//!   Chromium then refuses), navigation or WebRTC. The cookies of what slips
//!   through are stripped and expired all the same.
//! * **Other sites' cookies.** A browser lets a site delete its own cookies
//!   only. What an embedded third party stored on its own domain stays there;
//!   without a grant it is no longer contacted from this site.
//! * **Trackers that pretend to be the site.** A tracker behind the site's own
//!   host name or path looks like the site. Declare its path, or its host, in
//!   the policy.
//! * **The law.** The crate gives the means to keep a promise. Whether the
//!   promise is enough is for a lawyer. It is not a consent management platform
//!   certified by Google or registered with IAB Europe, and does not emit TCF
//!   strings.
//!
//! # The format
//!
//! A token is at most 55 bytes, 74 characters: schema, key id, flags, source,
//! stamp, revision, refused vendors, and a tag of 16 bytes. The key for one
//! category of one site is derived by HMAC from the signing key, a context
//! label, the site's name and the category, each preceded by its length. No
//! cookie holds an identifier: two visitors who choose alike in the same
//! second hold the same bytes. Where [records](super::records) are kept, the
//! anchor alone also holds the receipt, 16 random bytes.
