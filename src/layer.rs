//! How is the gate put in front of an app?

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, Method, Uri};
use tower_layer::Layer;

use crate::choice::CookieStyle;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::consent::Consent;
use crate::endpoint::look::{
    BannerPlacement, BannerShape, ColorScheme, GuardMode, Look, SettingsEntry,
};
use crate::endpoint::template::{BannerParts, Template, TemplateError};
use crate::gate::cache::CacheMode;
use crate::gate::media::Unrewritable;
use crate::gate::response::CookieRule;
use crate::gate::warn::Told;
use crate::hooks::{Change, Hook, Hooks, Occasion};
use crate::journal::Journal;
use crate::jurisdiction::{Jurisdiction, RequestHead};
use crate::keys::Keyring;
use crate::policy::{Policy, PolicyError};
use crate::record::{LogError, Purged, RecordStats, Recording, Seal};
use crate::service::ConsentService;
use crate::signal::SignalSource;
use crate::token::TokenKeys;

/// Longer than any page that people read.
const MAX_DECOMPRESSED: u64 = 64 * 1024 * 1024;

/// Holds the wrapped app to what each visitor has granted. Cheap to clone.
///
/// Put it inside of compression and outside of everything that sets cookies
/// (see the [deployment chapter](crate::manual::deployment)).
///
/// ```
/// use axum::{Router, routing::get};
/// use tower_consent::{ConsentLayer, Keyring, Policy, catalog};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let policy = Policy::builder("2026-09-01").vendor(catalog::google_analytics()).build()?;
/// let app: Router = Router::new()
///     .route("/", get(|| async { "hello" }))
///     .layer(ConsentLayer::new(policy, Keyring::ephemeral()?));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ConsentLayer {
    config: Arc<Config>,
}

impl ConsentLayer {
    /// A layer that holds an app to `policy` and signs choices with `keys`.
    #[must_use]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "the layer takes the keys over"
    )]
    pub fn new(policy: Policy, keys: Keyring) -> Self {
        Self {
            config: Arc::new(Config {
                keys: TokenKeys::derive(&keys, policy.site()),
                seal: Seal::new(&keys),
                style: CookieStyle::new(&policy, false),
                policy,
                clock: Arc::new(SystemClock),
                rule: None,
                bypass: None,
                resolver: None,
                sources: Vec::new(),
                look: Look::default(),
                unrewritable: Unrewritable::default(),
                max_decompressed: MAX_DECOMPRESSED,
                cache_mode: CacheMode::default(),
                told: Arc::new(Told::default()),
                hooks: Arc::new(Hooks::default()),
                journal: None,
                #[cfg(feature = "filter-lists")]
                lists: None,
                #[cfg(feature = "strict-third-parties")]
                told_hosts: Arc::new(Told::default()),
                #[cfg(feature = "strict-third-parties")]
                told_asked: Arc::new(Told::default()),
            }),
        }
    }

    /// Writes consent cookies that also work over plain http, for development
    /// on the loopback address. Default: false.
    ///
    /// **This weakens the promise**: the cookies lose `Secure` and their
    /// prefix, so anyone on the network and any subdomain can replace them. It
    /// still cannot forge them.
    #[must_use]
    pub fn with_insecure_cookies(mut self, insecure: bool) -> Self {
        let config = self.config();
        config.style = CookieStyle::new(&config.policy, insecure);
        self
    }

    /// Adds the link to the privacy settings at the end of every page. Default:
    /// true: withdrawing must be as easy as granting (GDPR Article 7(3)). A
    /// page with an entry of its own, which is a link to [`Policy::prefix`] or
    /// any element with `data-tc-settings`, does not show it. Switch it off
    /// where every page has one.
    #[must_use]
    pub fn with_settings_link(mut self, link: bool) -> Self {
        self.config().look.settings_link = link;
        self
    }

    /// Chooses what the link to the privacy settings looks like. Default:
    /// [`SettingsEntry::Floating`].
    #[must_use]
    pub fn with_settings_entry(mut self, entry: SettingsEntry) -> Self {
        self.config().look.entry = entry;
        self
    }

    /// Chooses what the banner looks like. Default: [`BannerShape::Corner`].
    #[must_use]
    pub fn with_banner_shape(mut self, shape: BannerShape) -> Self {
        self.config().look.shape = shape;
        self
    }

    /// Has `template` write the banner's whole markup. Default: none. What
    /// it has to hold is told in [`manual::look`](crate::manual::look).
    ///
    /// ```
    /// # use tower_consent::{ConsentLayer, Keyring, Policy, catalog};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let policy = Policy::builder("1").vendor(catalog::google_analytics()).build()?;
    /// let layer = ConsentLayer::new(policy, Keyring::ephemeral()?).with_banner_template(|banner| {
    ///     let texts = banner.texts();
    ///     format!(
    ///         r#"<aside data-tc-banner lang="{}" dir="{}"><p>{}</p>
    ///         <form method="post" action="{}">{}
    ///           <button name="choice" value="reject">{}</button>
    ///           <button name="choice" value="accept">{}</button>
    ///           <a href="{}">{}</a>
    ///         </form></aside>"#,
    ///         texts.language, banner.direction(), texts.body, banner.action(), banner.hidden(),
    ///         texts.reject, texts.accept, banner.preferences(), texts.choose,
    ///     )
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TemplateError`] names everything that a banner needs and this one lacks.
    pub fn with_banner_template(
        mut self,
        template: impl Fn(&BannerParts<'_>) -> String + Send + Sync + 'static,
    ) -> Result<Self, TemplateError> {
        let template = Template::checked(&self.config.policy, template)?;
        self.config().look.template = Some(template);
        Ok(self)
    }

    /// Chooses the colours of the banner and the preferences. Default:
    /// [`ColorScheme::Auto`]. Each single colour is a custom property of the
    /// site's stylesheet: see [`manual::look`](crate::manual::look).
    #[must_use]
    pub fn with_color_scheme(mut self, scheme: ColorScheme) -> Self {
        self.config().look.scheme = scheme;
        self
    }

    /// Puts the banner elsewhere. Default: [`BannerPlacement::BodyStart`].
    #[must_use]
    pub fn with_banner(mut self, placement: BannerPlacement) -> Self {
        self.config().look.placement = placement;
        self
    }

    /// Chooses how much the guard holds back of what a page's scripts insert
    /// at run time. It is a script at the start of `head`, and only there
    /// while something is not granted. Default: [`GuardMode::Core`].
    ///
    /// **[`GuardMode::Off`] weakens the promise**: a tracker that a script of
    /// the site inserts is then contacted whatever the visitor chose.
    #[must_use]
    pub fn with_guard(mut self, mode: GuardMode) -> Self {
        self.config().look.guard = mode;
        self
    }

    /// Adds the layer's own scripts to the app's Content-Security-Policy where
    /// that lets none of them run: it has neither a nonce nor `'self'` for
    /// scripts. They are added by their digests and their address. Default:
    /// false, and the banner then does without scripts and the page without a
    /// guard.
    #[must_use]
    pub fn with_csp_admission(mut self, admit: bool) -> Self {
        self.config().look.admits = admit;
        self
    }

    /// Says who may keep a copy of a page. Default: [`CacheMode::PerState`],
    /// each visitor for themselves. The others are for sites behind a shared
    /// cache and ask something of it and of the app: see
    /// [`manual::caching`](crate::manual::caching).
    #[must_use]
    pub fn with_cache_mode(mut self, mode: CacheMode) -> Self {
        self.config().cache_mode = mode;
        self
    }

    /// Reads the time from `clock`. Default: [`SystemClock`].
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.config().clock = Arc::new(clock);
        self
    }

    /// Lets the site overrule the policy for single `Set-Cookie` lines by name.
    /// Default: none.
    ///
    /// **[`CookieRule::Allow`] weakens the promise**: the cookie is stored whatever the visitor chose.
    #[must_use]
    pub fn with_cookie_rule(
        mut self,
        rule: impl Fn(&[u8], &Consent) -> CookieRule + Send + Sync + 'static,
    ) -> Self {
        self.config().rule = Some(Arc::new(rule));
        self
    }

    /// What becomes of pages that cannot be read, such as compressed ones
    /// without the feature `decompress`. Default: [`Unrewritable::CspOnly`].
    ///
    /// **[`Unrewritable::Pass`] weakens the promise.**
    #[must_use]
    pub fn with_unrewritable(mut self, unrewritable: Unrewritable) -> Self {
        self.config().unrewritable = unrewritable;
        self
    }

    /// Ends a page with an error that is longer than `bytes` once it is
    /// decompressed. Default: 64 MiB. Memory does not depend on it, as pages
    /// are decompressed piece by piece, but work and traffic do.
    #[cfg(feature = "decompress")]
    #[must_use]
    pub fn with_max_decompressed(mut self, bytes: u64) -> Self {
        self.config().max_decompressed = bytes;
        self
    }

    /// Also looks addresses up in filter lists, below the policy and the
    /// catalog. Default: none. The layer shares the handle: what is
    /// [replaced](crate::FilterLists::replace) later counts from the next response on.
    #[cfg(feature = "filter-lists")]
    #[must_use]
    pub fn with_filter_lists(mut self, lists: &crate::FilterLists) -> Self {
        self.config().lists = Some(lists.clone());
        self
    }

    /// Records every choice in a log, as proof of consent (GDPR Article 7(1)).
    /// Default: no records, and no identifier in any cookie.
    ///
    /// The anchor cookie then names the visitor's record by 128 random bits. A
    /// grant takes effect only once its record is durable; a refusal or
    /// withdrawal takes effect regardless, and its record waits in memory while
    /// the log fails. Spawn [`record_worker`](Self::record_worker), so that
    /// such records do not wait for the next choice. See
    /// [`manual::records`](crate::manual::records).
    ///
    /// # Errors
    ///
    /// [`PolicyError`] where the policy does not say
    /// [how long](crate::PolicyBuilder::records) records are kept.
    pub fn with_records(mut self, recording: Recording) -> Result<Self, PolicyError> {
        if self.config.policy.record_terms().is_none() {
            return Err(PolicyError::without_record_terms());
        }
        let config = self.config();
        config.journal = Some(Arc::new(Journal::new(recording, config.seal.clone())));
        Ok(self)
    }

    /// Calls `hook` when a visitor takes back what they had granted, so that
    /// others who act on it hear of it (GDPR Article 19). Default: nobody does.
    ///
    /// Hooks run on a thread of their own, one after the other: a slow one
    /// delays no response, one that panics is told as an error. Of more than
    /// 1024 calls that wait, the further ones are left out and told as an error, so
    /// hand long work on.
    #[must_use]
    pub fn on_withdraw(self, hook: impl Fn(&Change) + Send + Sync + 'static) -> Self {
        self.with_hook(Occasion::Withdraw, Arc::new(hook))
    }

    /// Calls `hook` when a visitor opts out of marketing, whether or not it had
    /// been granted, and where Global Privacy Control is stored in place of
    /// grants that it overrules: then [`gpc`](Change::gpc) is set, and the categories
    /// and vendors are those that lost their grant. Where no records are kept
    /// nothing tells two such visitors apart, and a browser that throws the
    /// cookies away is told of with each page. See [`on_withdraw`](Self::on_withdraw).
    #[must_use]
    pub fn on_opt_out(self, hook: impl Fn(&Change) + Send + Sync + 'static) -> Self {
        self.with_hook(Occasion::OptOut, Arc::new(hook))
    }

    /// Calls `hook` when a visitor chooses whose earlier choice had ended
    /// because the policy changed. See [`on_withdraw`](Self::on_withdraw).
    #[must_use]
    pub fn on_policy_change(self, hook: impl Fn(&Change) + Send + Sync + 'static) -> Self {
        self.with_hook(Occasion::PolicyChange, Arc::new(hook))
    }

    fn with_hook(mut self, occasion: Occasion, hook: Hook) -> Self {
        let config = self.config();
        config.hooks = Arc::new(config.hooks.with(occasion, hook));
        self
    }

    /// Leaves requests alone for which `bypass` is true, such as health
    /// checks or webhooks: nothing is stripped, suppressed or blocked, and
    /// their [`Consent`] allows nothing optional. Default: none.
    ///
    /// **This weakens the promise** where it matches a page that visitors see.
    #[must_use]
    pub fn with_bypass(
        mut self,
        bypass: impl Fn(&Method, &Uri, &HeaderMap) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.config().bypass = Some(Arc::new(bypass));
        self
    }

    /// Says for each request which rule its visitor is under. Default:
    /// [`Jurisdiction::Global`] for all. See [`CountryHeader`](crate::CountryHeader)
    /// for what CDNs tell.
    ///
    /// It must answer alike for all requests of one visit, those to the layer's
    /// own addresses included, and name [`Jurisdiction::Global`] where it is not sure.
    #[must_use]
    pub fn with_jurisdiction(
        mut self,
        resolver: impl Fn(&RequestHead<'_>) -> Jurisdiction + Send + Sync + 'static,
    ) -> Self {
        self.config().resolver = Some(Arc::new(resolver));
        self
    }

    /// Also heeds a further signal, which only takes away. Default: none besides
    /// Global Privacy Control and `DNT`.
    #[must_use]
    pub fn with_signal_source(mut self, source: impl SignalSource) -> Self {
        self.config().sources.push(Arc::new(source));
        self
    }

    /// Stores, for ever, the records of withdrawals that could not be stored at
    /// once. Spawn it on the app's runtime; drop it to end it. Without it they
    /// go along with a later choice. It does nothing without records.
    pub fn record_worker(&self) -> impl Future<Output = ()> + Send + 'static {
        let config = self.config.clone();
        async move {
            match &config.journal {
                Some(journal) => journal.work(&*config.clock).await,
                None => std::future::pending().await,
            }
        }
    }

    /// Stores now what waits in memory, such as before the process ends. Says
    /// how many rows the log did not take.
    pub fn flush_records(&self) -> impl Future<Output = usize> + Send + 'static {
        let config = self.config.clone();
        async move {
            match &config.journal {
                Some(journal) => journal.flush(&*config.clock).await,
                None => 0,
            }
        }
    }

    /// Removes the records that are older than the policy
    /// [says](crate::PolicyBuilder::records). Call it once a day.
    ///
    /// # Errors
    ///
    /// [`LogError`] where not all that was due could be removed, or no records
    /// are kept.
    pub fn purge_records(&self) -> impl Future<Output = Result<Purged, LogError>> + Send + 'static {
        let config = self.config.clone();
        async move {
            match (&config.journal, config.policy.record_terms()) {
                (Some(journal), Some(terms)) => {
                    let before = config.clock.now().minus(terms.retention_seconds());
                    journal.purge(before).await
                }
                _ => Err(LogError::unsupported("purge")),
            }
        }
    }

    /// How recording goes; `None` where no records are kept.
    #[must_use]
    pub fn record_stats(&self) -> Option<RecordStats> {
        self.config.journal.as_ref().map(|journal| journal.stats())
    }

    /// What a request with these headers may do, for code that no request
    /// passes through, such as a websocket's or a test's. The layer itself asks
    /// the same and puts the answer into the request's extensions.
    #[must_use]
    pub fn consent(&self, headers: &HeaderMap) -> Consent {
        self.config.decide(&RequestHead::of_headers(headers))
    }

    fn config(&mut self) -> &mut Config {
        Arc::make_mut(&mut self.config)
    }
}

impl<S> Layer<S> for ConsentLayer {
    type Service = ConsentService<S>;

    fn layer(&self, inner: S) -> ConsentService<S> {
        self.config.warn_of_missing_records();
        ConsentService::new(inner, self.config.clone())
    }
}

impl fmt::Debug for ConsentLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsentLayer")
            .field("policy", &self.config.policy)
            .finish_non_exhaustive()
    }
}
