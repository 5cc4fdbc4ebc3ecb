//! Places and signals: which rule a visitor is under, and what their browser says.
//!
//! Everything optional waits for consent, wherever the visitor is. That needs no
//! set-up and is right everywhere. This chapter is for a site that wants to show
//! each visitor what the law of their place asks for, and for what browsers
//! send. The rules behind it were read by engineers; have them read by a lawyer.
//!
//! # Profiles
//!
//! A [`Jurisdiction`](crate::Jurisdiction) is the rule that one visitor is under:
//!
//! | profile | before a choice | a refusal counts | besides |
//! | --- | --- | --- | --- |
//! | `Global` (default) | nothing optional | as long as a grant, 184 days | |
//! | `Eu` | nothing optional | as a grant | |
//! | `Fr` | nothing optional, but exempt statistics | as a grant | French where nothing else is known |
//! | `It` | as `Fr` | as a grant | an X that refuses, drawn like the other buttons; Italian |
//! | `Uk` | as `Fr` | as a grant | British English |
//! | `Ch` | as `Fr` | as a grant | |
//! | `Br` | nothing optional | as a grant | Brazilian Portuguese |
//! | `Jp` | nothing optional | as a grant | Japanese, with the list of external transmissions in the [policy's text](crate::Policy::text) |
//! | `Us(Strict)` (default for the US) | nothing optional | 366 days | "Your Privacy Choices", a form to opt out that needs no account, the state of an opt-out |
//! | `Us(OptOut)` | everything, until the visitor opts out or the browser does | 366 days | the same, and a bar that says so |
//!
//! Grants last equally long everywhere, and nothing is renewed by visits. The
//! United States are one profile: no state is guessed. Places without a profile,
//! such as Québec, India, Korea and Thailand, are `Global`; nobody has read their
//! law for this crate.
//!
//! # Who says where a visitor is
//!
//! The site does, for each request; nothing is guessed from addresses or
//! languages. Whoever is not known to be elsewhere is under `Global`.
//!
//! ```
//! use tower_consent::{ConsentLayer, CountryHeader, Keyring, Policy, UsRule};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let policy = Policy::builder("2026-09-01").build()?;
//! let countries = CountryHeader::cloudflare().with_us(UsRule::Strict);
//! let layer = ConsentLayer::new(policy, Keyring::ephemeral()?)
//!     .with_jurisdiction(move |request| countries.jurisdiction(request));
//! # Ok(())
//! # }
//! ```
//!
//! | helper | header | can a visitor write it? |
//! | --- | --- | --- |
//! | [`cloudflare`](crate::CountryHeader::cloudflare) | `CF-IPCountry` | overwritten, where "IP Geolocation" is on |
//! | [`cloudfront`](crate::CountryHeader::cloudfront) | `CloudFront-Viewer-Country` | overwritten only where the origin request policy names it |
//! | [`vercel`](crate::CountryHeader::vercel) | `X-Vercel-IP-Country` | overwritten |
//! | [`app_engine`](crate::CountryHeader::app_engine) | `X-AppEngine-Country` | removed |
//! | [`new`](crate::CountryHeader::new) | a header of your own proxy's | it must replace what comes in |
//!
//! **All of them are true only while the CDN is the one way to the server.** Who
//! can go around it writes the header themselves. They deceive nobody else by it,
//! but under `Us(OptOut)` trackers then run for them without consent. A missing,
//! repeated or unknown value is `Global`. The resolver must answer alike for all
//! requests of one visit, the layer's own addresses included, and can read
//! whatever a layer outside put into the request's extensions.
//!
//! # Global Privacy Control
//!
//! `Sec-GPC: 1`, exactly, asks not to sell or share. It only takes away:
//!
//! * **What it is about** is what sells or shares: everything in marketing, every
//!   vendor that says [`selling_or_sharing`](crate::Vendor::selling_or_sharing),
//!   and in analytics every vendor that is neither the site itself nor a
//!   [`processor`](crate::Vendor::processor), the catalog's undeclared trackers
//!   included. A vendor that sells or shares cannot be strictly necessary.
//! * **An older grant is overridden.** A grant made while the browser sent the
//!   signal stands. In the United States it stands only where the page told of
//!   the conflict first, which the preferences do.
//! * **In the United States** no banner opens by itself, every page says "Opt-Out
//!   Request Honored", and an overridden grant is rewritten once as a refusal, so
//!   that the signal's absence later grants nothing. It counts for 366 days from
//!   that day. Elsewhere nothing is stored and the banner asks, with marketing
//!   shown as refused by the signal.
//! * **`/.well-known/gpc.json`** says that the site honours it, from the day of
//!   the newest policy version; without a date the app answers there.
//! * **A browser with the signal whose header is lost** to some proxy is heard
//!   too: the banner's script sees `navigator.globalPrivacyControl`, and where
//!   something runs that the signal denies it tells the server, which denies it
//!   from then on (`choice=signal`). A grant that the visitor gives after that
//!   stands; in the United States it is refused, since no notice could be shown.
//!
//! In the catalog, Plausible, Simple Analytics, Matomo Cloud and Piwik PRO are
//! processors, because their published terms make them so for every customer.
//! Many other vendors are processors by contract; with such a contract say so:
//!
//! ```
//! use tower_consent::{Policy, catalog};
//!
//! let policy = Policy::builder("2026-09-01")
//!     .vendor(catalog::fathom().processor())
//!     .build()?;
//! # Ok::<(), tower_consent::PolicyError>(())
//! ```
//!
//! # Do Not Track, and further signals
//!
//! `DNT: 1` is an objection by default ([`Dnt`](crate::Dnt)): it ends what would
//! run without consent, and nothing that was granted. Where everything waits for
//! consent it has no effect. The [policy's text](crate::Policy::text) says
//! whichever is set.
//!
//! A [`SignalSource`](crate::SignalSource) adds any other signal, such as the
//! header of a consent service or Advanced Data Protection Control, whose draft
//! knows `withdraw=*` and `object=...`:
//!
//! ```
//! use http::HeaderName;
//! use tower_consent::{Category, CategorySet, Objection, RequestHead, SignalSource};
//!
//! struct Adpc;
//!
//! impl SignalSource for Adpc {
//!     fn read(&self, request: &RequestHead<'_>) -> Objection {
//!         let lines = request.headers().get_all("adpc").iter();
//!         let words = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
//!         let marketing = CategorySet::EMPTY.with(Category::Marketing);
//!         words.map(str::trim).fold(Objection::NONE, |found, word| match word {
//!             "withdraw=*" => found.withdrawing(CategorySet::from_iter(Category::OPTIONAL)),
//!             "object=direct-marketing" => found.withdrawing(marketing),
//!             _ => found,
//!         })
//!     }
//!
//!     fn headers(&self) -> Vec<HeaderName> {
//!         vec![HeaderName::from_static("adpc")]
//!     }
//! }
//! ```
//!
//! It goes to [`with_signal_source`](crate::ConsentLayer::with_signal_source).
//! There is no way to grant by one: a draft's `consent=...` is no act on this
//! site. The headers that it names are added to `Vary`.
//!
//! # Exempt statistics
//!
//! In the United Kingdom, France, Italy and Switzerland a site may count its
//! visitors without asking, until they object.
//! [`ExemptStatistics`](crate::ExemptStatistics) is that mode. Building the
//! policy fails unless the vendors are the site itself or processors that
//! neither sell nor share, cookies last at most 393 days and data at most 25
//! months, and somebody wrote down why the conditions hold. A button to object
//! stands on every page, an objection is kept like a refusal and checked before
//! the first tag, and the layer suppresses a cookie that would renew itself.
//! Visitors from elsewhere are asked. What runs so is
//! [`State::Exempt`](crate::State::Exempt) and never a grant.
//!
//! # Children, and pages that never sell
//!
//! [`Audience::Children`](crate::Audience::Children) neither asks about marketing
//! nor grants it, not even by a validly signed choice from before, and no vendor
//! of another category may sell or share.
//!
//! [`never`](crate::PolicyBuilder::never) denies a category below an address
//! whatever was granted, such as marketing on the pages of a sign-in:
//! `.never("/oauth", Category::Marketing)`. Nothing is expired for it, and other
//! pages are as they were.
//!
//! # When the policy changes
//!
//! | what changed | say | who is asked again |
//! | --- | --- | --- |
//! | wording | [`amended("2026-12-01")`](crate::PolicyBuilder::amended) | nobody; a bar tells of it once and can be closed |
//! | what marketing is for | `amended(PolicyVersion::new("2026-12-01").material([Category::Marketing]))` | everybody, about marketing |
//! | the controller, or everything | `material([Category::Necessary])` | everybody, about everything |
//! | a vendor or cookie in a category | declare it | everybody, about that category |
//!
//! The day from which the newest version applies opens the policy's text, stands
//! in the bar and in `gpc.json`. [`on_policy_change`](crate::ConsentLayer::on_policy_change)
//! tells whoever writes to users. Two sites are two consents: choices signed for
//! one [`site`](crate::PolicyBuilder::site) mean nothing at another.
