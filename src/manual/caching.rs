//! Caches and proxies: who may keep a copy of a page.
//!
//! A page depends on what its visitor granted, so it belongs to that visitor.
//!
//! | response | the layer |
//! | --- | --- |
//! | HTML | `Cache-Control: private, no-cache` (or the app's `no-store`), `Vary: Cookie, Sec-GPC`, no `Expires`, `Surrogate-Control` or `CDN-Cache-Control` |
//! | HTML that it changes | besides, no `Content-Length`, `ETag`, `Last-Modified`, `Accept-Ranges` or digest, which describe other bytes |
//! | a response with a cookie that needs consent | as HTML, whatever its type |
//! | a response that stores a choice | `private, no-store` |
//! | other responses | untouched, so static files stay cacheable |
//! | its own stylesheet and script | `public, immutable`, for a year, under names that change with their bytes |
//!
//! A shared cache that ignores `Cache-Control: private` would show one
//! visitor's page to another. No header can prevent that; configure it not to.
//!
//! # Conditional requests
//!
//! An answer of "304 Not Modified" brings back a stored page, which may have
//! been made for a wider choice. So while anything is denied, a request that may
//! be answered with HTML loses `If-None-Match`, `If-Modified-Since`, `If-Range`
//! and `Range` before the app sees it. Requests for images, scripts and styles,
//! and those that do not accept HTML, keep theirs, as do those of visitors who
//! have granted everything.
//!
//! # After a withdrawal
//!
//! Browsers keep pages for the back button whatever `Cache-Control` says. The
//! answer to a choice that takes something away carries `Clear-Site-Data:
//! "cache"`, over https, which empties that store too.
//!
//! # Proxies
//!
//! The layer uses `Host` (HTTP/2: the authority) to tell its own pages from
//! foreign ones and to delete cookies of parent domains. Pass it on unchanged.
//! Deletions are limited to thirty lines in one response, about 3 KiB, so that
//! the header fits into a proxy's usual buffer; the next response goes on.
