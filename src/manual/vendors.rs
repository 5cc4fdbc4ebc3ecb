//! What vendors' own tags are told, and what the privacy policy says.
//!
//! # Consent modes
//!
//! The gate decides whether a tag is loaded at all. Some vendors want to hear
//! besides what the visitor agreed to, in words of their own. A
//! [`ConsentMode`](crate::ConsentMode) says them, declared beside the vendors
//! that it is for; a mode without such a vendor is an error, and without a mode
//! nothing is said in any page. A vendor of the catalog does not bring one by
//! itself: whether Google is to be told anything is the site's decision.
//!
//! ```
//! use tower_consent::{ConsentMode, GoogleConsentMode, Policy, catalog};
//!
//! let policy = Policy::builder("2026-09-01")
//!     .vendor(catalog::google_analytics())
//!     .vendor(catalog::google_ads())
//!     .vendor(catalog::meta_pixel())
//!     .consent_mode(GoogleConsentMode::basic())
//!     .consent_mode(ConsentMode::meta())
//!     .build()?;
//! # Ok::<(), tower_consent::PolicyError>(())
//! ```
//!
//! In a file:
//!
//! ```toml
//! [consent_modes.google]
//! wait_for_update = 500
//! [consent_modes.meta]
//! ```
//!
//! | mode | before any tag | with each decision |
//! | --- | --- | --- |
//! | [`GoogleConsentMode`](crate::GoogleConsentMode) | `consent default`, all but `security_storage` denied; `ads_data_redaction` | one `consent update` with all seven types |
//! | [`microsoft_uet`](crate::ConsentMode::microsoft_uet) | `consent default`, `ad_storage` denied | `consent update` |
//! | [`clarity`](crate::ConsentMode::clarity) | `consentv2`, both denied | `consentv2` |
//! | [`meta`](crate::ConsentMode::meta) | `consent revoke`; `dataProcessingOptions` `LDU` under Global Privacy Control in the United States | `consent grant` or `revoke` |
//! | [`tiktok`](crate::ConsentMode::tiktok) | `holdConsent` | `grantConsent` or `revokeConsent` |
//!
//! What counts is the vendor where the policy declares it, and its category
//! otherwise: who refuses Google Analytics within analytics has
//! `analytics_storage` denied. Refusing Google Ads or AdSense denies the three
//! types of advertising. A site's own vendor, such as a server-side container,
//! joins with [`with_vendor`](crate::ConsentMode::with_vendor).
//!
//! A visitor who has not chosen is told of by the defaults alone. After a choice
//! each page says the defaults and one update from its start; a choice made in
//! the page is told once, before what it granted wakes. A withdrawal tells
//! "denied" before the page comes anew. A vendor for which nothing has changed
//! is not told again. On pages that are the same for everybody
//! ([`CacheMode::Uniform`](crate::CacheMode::Uniform)) the update follows as soon
//! as the banner's script knows the stored choice.
//!
//! It is the first script of the page. Where the Content-Security-Policy lets an
//! inline script run, by a nonce or because there is no rule for scripts, it
//! stands in the page; where only `'self'` may run, it is a file of the layer's
//! own, named by its digest; where nothing of the layer's may run, it needs
//! [`with_csp_admission`](crate::ConsentLayer::with_csp_admission), and a warning
//! says so once. Names that snippets expect to be free, `fbq`, `clarity` and
//! `ttq`, stay free until the snippet has taken them.
//!
//! Since 15 June 2026 `ad_storage` alone decides over the data of linked Google
//! Ads accounts; it is in every update.
//!
//! # Google's advanced form
//!
//! In the basic form, the default, Google's tags are not loaded before they are
//! granted. In the advanced form they load before a choice, are told that
//! everything is denied, and send pings without cookies: the address of the page
//! and of the visitor, the browser, what happened. Google models conversions
//! from them.
//!
//! **Such a ping is access to the device like any other, and needs consent in the
//! European Economic Area, the United Kingdom and Switzerland.** So the form is a
//! type of its own, names the places where it holds, and is no policy with one
//! of those among them, or with visitors whose place nobody knows:
//!
//! ```
//! use tower_consent::{GoogleAdvancedConsentMode, Jurisdiction, Policy, UsRule, catalog};
//!
//! let advanced = |place| {
//!     Policy::builder("2026-09-01")
//!         .vendor(catalog::google_analytics())
//!         .consent_mode(GoogleAdvancedConsentMode::only_in([place]))
//!         .build()
//! };
//! assert!(advanced(Jurisdiction::Us(UsRule::Strict)).is_ok());
//! assert!(advanced(Jurisdiction::Uk).is_err());
//! ```
//!
//! It goes further than Google asks. After a refusal the tags are not loaded on
//! the next page, and neither are they under Global Privacy Control, under Do Not
//! Track as an objection, on a page that [never](crate::PolicyBuilder::never)
//! allows the category, or on pages that a CDN keeps for many visitors. Only
//! scripts load ahead, Google's alone: what a tag manager inserts for others is
//! parked by the guard. Cookies of Google's are denied in any case. A place that
//! is not named has the basic form.
//!
//! # The TCF
//!
//! This crate is not a certified consent management platform. It emits no TCF
//! string and defines no `__tcfapi`. Publishers who show Google's ads to visitors
//! in the EEA, the United Kingdom or Switzerland must use a certified platform
//! that implements the TCF (Google's EU user consent policy); this layer is
//! then no substitute. It can stand beside one, which must be declared as a
//! necessary vendor. To follow the platform's decision, read it and post it as
//! this site's choice; an undefined `gdprApplies` counts as true:
//!
//! ```js
//! __tcfapi('addEventListener', 2, (data, ok) => {
//!   if (!ok || data.gdprApplies === false || data.eventStatus !== 'useractioncomplete') return;
//!   const has = (purpose) => data.purpose.consents[purpose] === true;
//!   const categories = { analytics: has(1) && has(8), marketing: has(1) && has(3) && has(4) };
//!   const body = JSON.stringify({ choice: 'save', categories });
//!   fetch('/_consent/choice', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
//! });
//! ```
//!
//! Name only categories that the policy asks about. A choice counts as the
//! visitor's explicit act, so nothing but `useractioncomplete` may post one.
//!
//! # The privacy policy's text
//!
//! [`Policy::text`](crate::Policy::text) writes the declaration out for people,
//! as HTML or Markdown, in every language that the policy speaks: each service
//! and cookie with purpose, provider, country and duration, the recipients, what
//! Global Privacy Control and Do Not Track do here, who is responsible and how
//! long choices and their records are kept. It comes from what the gate goes
//! by, so a policy page made of it cannot fall behind.
//!
//! ```
//! use axum::response::Html;
//! use tower_consent::Consent;
//!
//! async fn privacy(consent: Consent) -> Html<String> {
//!     let declared = consent.policy().text("en").html();
//!     Html(format!("<!doctype html><title>Privacy</title><main><h1>Privacy</h1>{declared}</main>"))
//! }
//! # let _ = privacy;
//! ```
//!
//! Name that page in [`privacy_url`](crate::PolicyBuilder::privacy_url), and the
//! banner links to it. The fragment brings no styles: the tables stand in
//! `.tc-policy-table` and are wide, so give that `overflow-x: auto`.
//!
//! Purposes and durations of the site's own vendors appear as declared.
//! Durations in the catalog's form ("13 months", "up to 2 years", "until the
//! browser closes") are translated with their plurals, and countries have their
//! names. In Japanese the list of external transmissions (Telecommunications
//! Business Act, Article 27-12) stands at the end: what is sent, to whom, what
//! for; [`with_transmission_list`](crate::PolicyText::with_transmission_list)
//! puts it into other languages, too.
//!
//! # What this does not do
//!
//! It writes what was declared and knows nothing else: legal bases, rights of
//! the visitor, the supervisory authority and transfers to third countries are
//! for the site's own words, and all of it is for a lawyer to read.
