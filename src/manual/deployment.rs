//! Where the layer goes, and what to check before the first release.
//!
//! # Order
//!
//! ```text
//! client → TLS, CDN → compression → ConsentLayer → sessions, CSRF, auth → routes
//! ```
//!
//! * **Inside of compression.** The layer reads HTML. Around an app that
//!   compresses its own responses it hides `Accept-Encoding` from the app, so
//!   that plain bytes come out; a layer further out then compresses them. HTML
//!   that arrives compressed all the same is decompressed if the feature
//!   `decompress` is on (below), and otherwise confined to the site by a
//!   Content-Security-Policy until everything is granted.
//! * **Outside of everything that sets or reads cookies**, or their cookies are
//!   not gated.
//! * **Outside of everything that caches responses**, such as an in-process page
//!   cache: the gate then runs for every visitor.
//!
//! In axum the layer that is added last is the outermost:
//!
//! ```
//! use axum::{Router, routing::get};
//! use tower_consent::{ConsentLayer, Keyring, Policy, catalog};
//! use tower_http::compression::CompressionLayer;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let policy = Policy::builder("1").vendor(catalog::google_analytics()).build()?;
//! # let keys = Keyring::ephemeral()?;
//! let app: Router = Router::new()
//!     .route("/", get(|| async { "hello" }))
//!     // .layer(session_layer)
//!     .layer(ConsentLayer::new(policy, keys))
//!     .layer(CompressionLayer::new());
//! # Ok(())
//! # }
//! ```
//!
//! On any other tower stack, wrap the service with
//! [`Layer::layer`](tower_layer::Layer::layer).
//!
//! # In front of a site in another language
//!
//! `examples/gateway` is a streaming reverse proxy with the layer around it;
//! `cargo run --example gateway -- --help` says what it takes. It speaks plain
//! http on both sides, so the proxy that ends TLS stands in front of it, and
//! the gateway is told so with `--behind-proxy`.
//!
//! # Pages that arrive compressed
//!
//! With the feature `decompress` a page in gzip, deflate, Brotli or Zstandard,
//! or in two of them, is gated and leaves uncompressed, without
//! `Content-Encoding`. It streams: each piece is at most 16 KiB, and nothing is
//! collected. A page ends in an error, after what was right before it, if it is
//! damaged or cut short, is longer than 64 MiB once decompressed
//! (`ConsentLayer::with_max_decompressed`), or was compressed with a window of
//! more than 4 MiB, which no usual setting asks for. With a window of 4 MiB
//! Brotli takes about 8 MiB of memory and Zstandard 5; gzip and deflate take
//! under 1. Zstandard is the C library, which needs a C compiler to build.
//!
//! What still cannot be read, such as other codings, UTF-16 or a part of a page,
//! is treated as [`Unrewritable`](crate::Unrewritable) says: confined (the
//! default), replaced by an error, or passed with a warning.
//!
//! # Keys
//!
//! Make one with `openssl rand -base64 32` and give it to all instances in an
//! environment variable that [`Keyring::from_env`](crate::Keyring::from_env)
//! reads. To rotate, put the new key first and keep the old one behind it, with
//! a comma between; drop the old one after the policy's lifetime, 184 days by
//! default. Nothing is kept in memory between requests, so instances need share
//! nothing else. Clocks may differ by up to two minutes.
//!
//! # Login, cart, CSRF
//!
//! A cookie that nobody declared passes, and a warning names it once with the
//! line to add, so the layer does not break a login. Declare what the site
//! needs with [`necessary`](crate::PolicyBuilder::necessary), watch the
//! warnings (target `tower_consent::policy`) until there are none, then switch
//! on [`strict`](crate::PolicyBuilder::strict).
//!
//! # What the layer logs
//!
//! | target | level | what |
//! | --- | --- | --- |
//! | `tower_consent::policy` | warn | something undeclared, once per name, with the line to add |
//! | `tower_consent::record` | error | the consent log fails, or rows are lost; see [records](super::records) |
//! | `tower_consent::hooks` | error | a hook of the site's panicked or was left out |
//! | `tower_consent::gate` | debug | each act: `strip`, `suppress`, `expire`, `block`, `refuse`, `filter` |
//! | `tower_consent::gate` | warn | a page that could not be gated, once per cause |
//! | `tower_consent::gate` | error | a page that ended early because its rest could not be gated |
//!
//! # Plain http
//!
//! The consent cookies are `Secure`. For development on the loopback address
//! use [`with_insecure_cookies(true)`](crate::ConsentLayer::with_insecure_cookies).
//!
//! # Checklist
//!
//! 1. The policy names every service that the site uses, in the category that
//!    the site's privacy policy says.
//! 2. The app's logs show no warning from `tower_consent::policy`.
//! 3. Keys come from the environment and are the same on all instances.
//! 4. The proxy passes the `Host` header on, which deletions and the check of
//!    `Origin` need.
//! 5. In a fresh browser profile, the network panel shows no third party before
//!    a choice, and none after "Reject all".
//! 6. After "Accept all" and a withdrawal, the browser's storage panel shows no
//!    tracker cookie on the next page.
//! 7. Every page has the link to the privacy settings.
