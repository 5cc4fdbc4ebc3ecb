//! What may this request do?
//!
//! [`decide`](crate::decide::decide) and [`Consent::after`] alone make a
//! [`Consent`] that grants anything: nothing but a verified, explicit choice of
//! the visitor ever grants.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Serialize, Serializer};

use crate::category::marker::Marker;
use crate::category::{Category, CategorySet};
use crate::clock::Timestamp;
use crate::jurisdiction::Jurisdiction;
use crate::policy::{Owner, Policy, StatisticsRegime};
use crate::rule::{Outcome, settle};
use crate::signal::Circumstances;
use crate::standing::{Reason, Standing, State, Vendors};
use crate::token::{Grant, VendorSet};

/// How far ahead another instance's clock may be, in seconds.
pub(crate) const CLOCK_LEEWAY: u64 = 120;

/// The outcome for all categories, apart from the policy that it was decided under.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    outcome: Outcome,
    at: Circumstances,
    notice: Option<Notice>,
    decided_at: Option<Timestamp>,
    /// In the order of [`Category::OPTIONAL`].
    standings: [Standing; 3],
    /// The vendors that stand otherwise, in the same order; `None` where there is none.
    vendors: Option<Arc<[Vendors; 3]>>,
    /// Whether nobody's choice was read, because everybody is to get the same.
    for_everybody: bool,
}

/// What a bar tells the visitor about, which can be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A new version of the privacy policy.
    Amendment,
    /// Services that run until the visitor opts out.
    OptOut,
    /// Statistics that run until the visitor objects.
    Statistics,
}

/// What this request may do.
///
/// The layer puts one into the extensions of every request; with the `axum`
/// feature it is an extractor.
#[derive(Clone)]
pub struct Consent {
    policy: Policy,
    decision: Decision,
    /// Set once anybody asks what was decided.
    watch: Option<Arc<AtomicBool>>,
}

impl Consent {
    /// Whether `category` may be used. Strictly necessary always may. What runs
    /// without a choice may, too ([`State::Exempt`]), and is no grant: see
    /// [`granted`](Self::granted).
    #[must_use]
    pub fn allows(&self, category: Category) -> bool {
        self.covers(category) || self.state(category) == State::Exempt
    }

    /// Whether everything in `category` may be used that is declared and not refused in it.
    pub(crate) fn covers(&self, category: Category) -> bool {
        let Outcome {
            granted, exempt, ..
        } = self.read().outcome;
        category == Category::Necessary
            || granted.contains(category)
            || exempt.contains(category)
    }

    /// The optional categories that are covered.
    pub(crate) fn covered(&self) -> CategorySet {
        let outcome = self.read().outcome;
        outcome.granted.union(outcome.exempt)
    }

    /// Whether the declared vendor with this id may be used: its category is
    /// granted and the vendor was not refused within it, or the visitor granted
    /// this vendor alone. An unknown id may not.
    #[must_use]
    pub fn allows_vendor(&self, id: &str) -> bool {
        self.policy
            .vendor_position(id)
            .is_some_and(|(category, position)| self.permits_vendor(category, position))
    }

    pub(crate) fn permits_vendor(&self, category: Category, position: u8) -> bool {
        if self.covers(category) {
            !self.refused_vendors(category).contains(position)
        } else {
            self.granted_vendors(category).contains(position)
        }
    }

    /// A proof that the visitor granted the category `C`, or `None`. There is
    /// none for what runs without a choice.
    #[must_use]
    pub fn proof<C: Marker>(&self) -> Option<Granted<C>> {
        self.granted()
            .contains(C::CATEGORY)
            .then_some(Granted(PhantomData))
    }

    /// The optional categories that the visitor granted by an explicit choice.
    #[must_use]
    pub fn granted(&self) -> CategorySet {
        self.read().outcome.granted
    }

    /// The optional categories that run without a choice until the visitor
    /// objects: under an opt-out rule, or because all of it is exempt statistics.
    #[must_use]
    pub fn exempt(&self) -> CategorySet {
        Category::OPTIONAL
            .into_iter()
            .filter(|category| self.state(*category) == State::Exempt)
            .collect()
    }

    /// Where the visitor stands with the declared vendor of this id: granted or
    /// exempt where it may be used, else as its category, and refused where it
    /// is denied within it. An unknown id is undecided.
    #[must_use]
    pub fn vendor_state(&self, id: &str) -> State {
        let Some((category, position)) = self.policy.vendor_position(id) else {
            return State::Undecided;
        };
        let state = self.state(category);
        match (self.permits_vendor(category, position), state) {
            (true, State::Granted | State::Exempt) => state,
            (true, _) if category == Category::Necessary => State::Granted,
            (true, _) if self.chosen_vendors(category).granted.contains(position) => State::Granted,
            (true, _) => State::Exempt,
            (false, State::Granted | State::Exempt) => State::Refused,
            (false, _) => state,
        }
    }

    /// The rule that the visitor is under.
    #[must_use]
    pub fn jurisdiction(&self) -> Jurisdiction {
        self.read().at.jurisdiction
    }

    /// Where the visitor stands in `category`.
    #[must_use]
    pub fn state(&self, category: Category) -> State {
        self.standing(category).state
    }

    /// Why.
    #[must_use]
    pub fn reason(&self, category: Category) -> Reason {
        self.standing(category).reason
    }

    /// Whether the banner should ask: some category that the policy asks about is
    /// open. In the United States it does not ask by itself where the browser
    /// sends Global Privacy Control or something was refused.
    #[must_use]
    pub fn needs_banner(&self) -> bool {
        let asked = self.policy.asked();
        if self.jurisdiction().is_us() {
            let refused = |category| self.state(category) == State::Refused;
            if self.gpc() || asked.iter().any(refused) {
                return false;
            }
        }
        asked.iter().any(|category| {
            matches!(
                self.state(category),
                State::Undecided | State::Stale | State::Invalid
            )
        })
    }

    /// When the stored choice was made; `None` where none counts.
    #[must_use]
    pub fn decided_at(&self) -> Option<Timestamp> {
        self.read().decided_at
    }

    /// Whether this request carries `Sec-GPC: 1`.
    #[must_use]
    pub fn gpc(&self) -> bool {
        self.read().at.signals.gpc
    }

    /// The policy that was decided under.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The vendors that were refused inside granted categories.
    pub(crate) fn refused_vendor_ids(&self) -> Vec<&str> {
        self.covered()
            .iter()
            .collect::<Vec<_>>()
            .into_iter()
            .flat_map(|category| {
                let refused = self.refused_vendors(category);
                self.policy
                    .vendors_of(category)
                    .filter(move |(position, _)| refused.contains(*position))
                    .map(|(_, vendor)| vendor.id())
            })
            .collect()
    }

    /// The vendors that the visitor granted alone in categories that are not
    /// covered, each behind its category.
    pub(crate) fn granted_vendor_ids(&self) -> Vec<(Category, &str)> {
        if self.read().vendors.is_none() {
            return Vec::new();
        }
        self.vendor_ids(|category| self.chosen_vendors(category).granted)
    }

    /// The same with those that are exempt.
    pub(crate) fn alone_vendor_ids(&self) -> Vec<(Category, &str)> {
        if self.read().vendors.is_none() && !self.read().outcome.statistics {
            return Vec::new();
        }
        self.vendor_ids(|category| self.granted_vendors(category))
    }

    fn vendor_ids(&self, of: impl Fn(Category) -> VendorSet) -> Vec<(Category, &str)> {
        Category::OPTIONAL
            .into_iter()
            .filter(|category| !self.covers(*category))
            .flat_map(|category| {
                let granted = of(category);
                self.policy
                    .vendors_of(category)
                    .filter(move |(position, _)| granted.contains(*position))
                    .map(move |(_, vendor)| (category, vendor.id()))
            })
            .collect()
    }

    /// The vendors refused where the category is granted.
    pub(crate) fn refused_vendors(&self, category: Category) -> VendorSet {
        self.vendors(category).refused
    }

    /// The vendors granted alone where the category is not.
    pub(crate) fn granted_vendors(&self, category: Category) -> VendorSet {
        self.vendors(category).granted
    }

    /// The vendors that stand otherwise than their category, signals and exemptions included.
    pub(crate) fn vendors(&self, category: Category) -> Vendors {
        let mut vendors = self.chosen_vendors(category);
        if self.read().outcome.signalled.contains(category) {
            let sharing = VendorSet::of_bits(self.policy.sharing(category));
            vendors.refused = vendors.refused.union(sharing);
        }
        if category == Category::Analytics
            && let Some(exempt) = self.exempt_vendors()
        {
            vendors.granted = vendors.granted.union(exempt);
        }
        vendors
    }

    /// The vendors of analytics that run without a choice.
    pub(crate) fn exempt_vendors(&self) -> Option<VendorSet> {
        let Decision { outcome, at, .. } = self.read();
        let regime: StatisticsRegime = outcome
            .statistics
            .then(|| at.jurisdiction.statistics())
            .flatten()?;
        let statistics = self.policy.statistics(regime)?;
        Some(VendorSet::of_bits(statistics.vendors))
    }

    /// What the visitor chose of single vendors, less what a signal overrules.
    fn chosen_vendors(&self, category: Category) -> Vendors {
        let mut vendors = self.stored_vendors(category);
        if self.read().outcome.signalled.contains(category) {
            let sharing = VendorSet::of_bits(self.policy.sharing(category));
            vendors.granted = vendors.granted.without(sharing);
        }
        vendors
    }

    fn stored_vendors(&self, category: Category) -> Vendors {
        let Some([functional, analytics, marketing]) = self.read().vendors.as_deref() else {
            return Vendors::NONE;
        };
        match category {
            Category::Necessary => Vendors::NONE,
            Category::Functional => *functional,
            Category::Analytics => *analytics,
            Category::Marketing => *marketing,
        }
    }

    /// Whether what belongs to `owner` may run.
    pub(crate) fn permits(&self, owner: Owner) -> bool {
        match owner {
            Owner::Exempt => true,
            Owner::Site { category } => self.covers(category),
            Owner::Vendor {
                category, position, ..
            } => self.permits_vendor(category, position),
            Owner::Known { category, .. } => self.permits_undeclared(category),
            #[cfg(feature = "filter-lists")]
            Owner::Listed { category } => self.permits_undeclared(category),
            #[cfg(feature = "strict-third-parties")]
            Owner::Foreign { category } => {
                self.permits_undeclared(category) && self.permits_undeclared(Category::Marketing)
            }
        }
    }

    /// Whether what the policy does not declare may run as part of `category`.
    /// Nobody said what becomes of its data, so a signal stops it.
    fn permits_undeclared(&self, category: Category) -> bool {
        !self.policy.is_strict()
            && self.covers(category)
            && !self.read().outcome.signalled.contains(category)
    }

    /// What has to be granted for `owner`, as blocked elements carry it: a
    /// category, `category:vendor`, or several of them; `unknown` where no grant will do.
    pub(crate) fn needs(&self, owner: Owner) -> String {
        let category = owner.category();
        let Decision { outcome, at, .. } = self.read();
        let never = at.never.contains(category)
            || !owner.is_declared() && outcome.signalled.contains(category);
        match owner {
            // No grant covers it on this page.
            _ if never => "unknown".to_owned(),
            Owner::Vendor { .. } => format!("{category}:{}", self.policy.owner_name(owner)),
            Owner::Exempt | Owner::Site { .. } => category.as_str().to_owned(),
            // In strict mode no grant covers what the policy does not declare.
            _ if self.policy.is_strict() => "unknown".to_owned(),
            #[cfg(feature = "strict-third-parties")]
            Owner::Foreign { .. } if category != Category::Marketing => {
                format!("{category} {}", Category::Marketing)
            }
            _ => category.as_str().to_owned(),
        }
    }

    /// Whether nothing can be denied to this request, so that no response needs reading.
    pub(crate) fn permits_everything(&self) -> bool {
        !self.policy.is_strict()
            && self.read().outcome.signalled.is_empty()
            && Category::OPTIONAL
                .into_iter()
                .all(|category| self.covers(category) && self.refused_vendors(category).is_empty())
    }

    /// Whether the visitor granted all that the policy asks about. What it does
    /// not ask about stays denied.
    pub(crate) fn grants_all_asked(&self) -> bool {
        !self.policy.is_strict()
            && self.read().outcome.signalled.is_empty()
            && self
                .policy
                .asked()
                .iter()
                .all(|category| self.covers(category) && self.refused_vendors(category).is_empty())
    }

    /// Whether a denied cookie of `owner` that the browser still holds should go.
    ///
    /// An unreadable choice denies, but is no withdrawal: nothing is deleted for it.
    pub(crate) fn expires(&self, owner: Owner) -> bool {
        if self.permits(owner) {
            return false;
        }
        match self.state(owner.category()) {
            // The address says nothing about what the visitor chose.
            State::Refused => self.reason(owner.category()) != Reason::NeverHere,
            State::Stale => true,
            State::Undecided | State::Invalid => self.policy.expires_undecided(),
            // Its vendor was refused inside the category.
            State::Granted | State::Exempt => true,
        }
    }

    /// The consent that a choice just recorded amounts to. `parts` are of all categories.
    pub(crate) fn after(
        policy: &Policy,
        parts: &[(Category, Grant)],
        at: Circumstances,
    ) -> Self {
        let mut stamp = None;
        let mut standings = [Standing::new(State::Undecided, Reason::NoChoice); 3];
        let mut vendors = [Vendors::NONE; 3];
        for (category, grant) in parts {
            let slot = Category::OPTIONAL.iter().position(|of| of == category);
            let Some(slot) = slot else {
                stamp = Some(grant.stamp);
                continue;
            };
            if let (Some(standing), Some(vendors)) =
                (standings.get_mut(slot), vendors.get_mut(slot))
            {
                *standing = Standing::of(grant);
                *vendors = Vendors::of(grant);
            }
        }
        Self::new(policy, at, stamp, standings, vendors)
    }

    /// The same with one vendor granted besides, by a click on it alone. Where
    /// no choice counted before, the categories stay open and `stamp` is its time.
    pub(crate) fn with_vendor(&self, category: Category, position: u8, stamp: Timestamp) -> Self {
        let open = Standing::new(State::Undecided, Reason::NoChoice);
        let mut standings = match self.decided_at() {
            Some(_) => self.decision.standings,
            None => [open; 3],
        };
        let mut vendors = Category::OPTIONAL.map(|category| self.kept_vendors(category));
        let slots = standings.iter_mut().zip(&mut vendors);
        for ((standing, vendors), of) in slots.zip(Category::OPTIONAL) {
            if of != category {
                continue;
            }
            let covered = matches!(standing.state, State::Granted | State::Exempt);
            *standing = match standing.state {
                State::Granted => Standing::new(State::Granted, Reason::Explicit),
                State::Refused => Standing::new(State::Refused, Reason::ExplicitRefusal),
                State::Undecided | State::Exempt | State::Stale | State::Invalid => open,
            };
            // What counts now was given in full view of the signal, if there is one.
            standing.gpc = self.gpc();
            if covered {
                vendors.refused.remove(position);
            } else {
                vendors.refused = VendorSet::EMPTY;
                vendors.granted.insert(position);
            }
        }
        Self::new(&self.policy, self.decision.at, Some(stamp), standings, vendors)
    }

    /// What a choice that leaves `category` as it is keeps of its vendors. What
    /// a signal overruled stays refused.
    pub(crate) fn kept_vendors(&self, category: Category) -> Vendors {
        Vendors {
            refused: self.vendors(category).refused,
            granted: self.chosen_vendors(category).granted,
        }
    }

    /// What is known of the request besides its cookies.
    pub(crate) fn circumstances(&self) -> Circumstances {
        self.decision.at
    }

    /// Whether a signal takes away what a stored choice grants.
    pub(crate) fn is_overruled(&self) -> bool {
        self.decision.outcome.overruled
    }

    /// What a bar has to tell.
    pub(crate) fn notice(&self) -> Option<Notice> {
        self.read().notice
    }

    /// The same consent with something to tell.
    pub(crate) fn telling(mut self, notice: Option<Notice>) -> Self {
        self.decision.notice = notice;
        self
    }

    /// Where vendors that sell or share are denied within what is allowed.
    pub(crate) fn signalled(&self) -> CategorySet {
        self.read().outcome.signalled
    }

    /// The consent that `decision` amounts to under the policy that it was made under.
    pub(crate) fn from_decision(policy: &Policy, decision: Decision) -> Self {
        Self {
            policy: policy.clone(),
            decision,
            watch: None,
        }
    }

    /// Notes from now on, here and in copies, whether anybody asks what was decided.
    pub(crate) fn watch(&mut self) -> Arc<AtomicBool> {
        self.watch.get_or_insert_default().clone()
    }

    fn read(&self) -> &Decision {
        if let Some(watch) = &self.watch {
            watch.store(true, Ordering::Relaxed);
        }
        &self.decision
    }

    /// The consent that a page is made under which goes to everybody alike.
    pub(crate) fn for_everybody(policy: &Policy) -> Self {
        let mut consent = Self::plain(policy);
        consent.decision.for_everybody = true;
        consent
    }

    /// Nothing is granted and nothing asked.
    pub(crate) fn plain(policy: &Policy) -> Self {
        let refused = Standing::new(State::Refused, Reason::ExplicitRefusal);
        Self::uniform(policy, Circumstances::default(), refused)
    }

    /// The consent that a page is made under which goes to everybody with these
    /// grants: `vendors` stand otherwise, and `asks` is for the rest. The
    /// circumstances are those of `like`.
    pub(crate) fn assumed(
        like: &Self,
        granted: CategorySet,
        vendors: [Vendors; 3],
        asks: bool,
    ) -> Self {
        let standings = Category::OPTIONAL.map(|category| {
            if granted.contains(category) {
                Standing::new(State::Granted, Reason::Explicit)
            } else if asks {
                Standing::new(State::Undecided, Reason::NoChoice)
            } else {
                Standing::new(State::Refused, Reason::ExplicitRefusal)
            }
        });
        let decision = Decision {
            outcome: Outcome {
                granted,
                signalled: like.decision.outcome.signalled,
                ..Outcome::default()
            },
            at: like.decision.at,
            notice: like.decision.notice,
            decided_at: None,
            standings,
            vendors: shared(vendors),
            for_everybody: false,
        };
        Self::from_decision(&like.policy, decision)
    }

    pub(crate) fn is_for_everybody(&self) -> bool {
        self.decision.for_everybody
    }

    pub(crate) fn decision(&self) -> Decision {
        self.decision.clone()
    }

    /// Whether the stored cookies already say exactly what `other` says.
    pub(crate) fn stands_like(&self, other: &Self) -> bool {
        let (before, after) = (&self.decision, &other.decision);
        before.decided_at.is_some()
            && before.standings == after.standings
            && before.vendors == after.vendors
    }

    /// Whether `self` grants something, or some vendor, that `later` no longer does.
    pub(crate) fn is_narrowed_by(&self, later: &Self) -> bool {
        Category::OPTIONAL.into_iter().any(|category| {
            let (before, after) = (self.vendors(category), later.vendors(category));
            match (self.covers(category), later.covers(category)) {
                (true, true) => !after.refused.is_subset(before.refused),
                (true, false) => true,
                (false, true) => {
                    let kept = before.granted.without(after.refused);
                    !before.granted.is_subset(kept)
                }
                (false, false) => !before.granted.is_subset(after.granted),
            }
        })
    }

    pub(crate) fn new(
        policy: &Policy,
        at: Circumstances,
        decided_at: Option<Timestamp>,
        mut standings: [Standing; 3],
        mut vendors: [Vendors; 3],
    ) -> Self {
        let mut outcome = Outcome::default();
        let slots = standings.iter_mut().zip(&mut vendors);
        for (category, (standing, vendors)) in Category::OPTIONAL.into_iter().zip(slots) {
            settle(policy, &at, category, standing, vendors, &mut outcome);
        }
        let decision = Decision {
            outcome,
            at,
            notice: None,
            decided_at,
            standings,
            vendors: shared(vendors),
            for_everybody: false,
        };
        Self::from_decision(policy, decision)
    }

    /// The same standing in all optional categories, where no choice counts.
    pub(crate) fn uniform(policy: &Policy, at: Circumstances, standing: Standing) -> Self {
        Self::new(policy, at, None, [standing; 3], [Vendors::NONE; 3])
    }

    pub(crate) fn standing(&self, category: Category) -> Standing {
        let [functional, analytics, marketing] = self.read().standings;
        match category {
            Category::Necessary => Standing::new(State::Granted, Reason::Explicit),
            Category::Functional => functional,
            Category::Analytics => analytics,
            Category::Marketing => marketing,
        }
    }
}

/// Most visitors make no exception, and then nothing is allocated.
fn shared(vendors: [Vendors; 3]) -> Option<Arc<[Vendors; 3]>> {
    let exceptional = vendors.iter().any(|vendors| *vendors != Vendors::NONE);
    exceptional.then(|| Arc::new(vendors))
}

/// As scripts and templates read it:
///
/// ```json
/// {
///   "decided": true,
///   "granted": ["analytics"],
///   "refused_vendors": [],
///   "granted_vendors": ["youtube"],
///   "categories": { "analytics": "granted", "marketing": "refused" },
///   "decided_at": 1795361096,
///   "gpc": false
/// }
/// ```
///
/// `categories` holds those that the policy asks about, `refused_vendors` the
/// vendors refused inside granted categories, `granted_vendors` those granted
/// alone in other categories, `decided_at` seconds since 1970. `exempt` is there
/// where categories run without a choice, `jurisdiction` where it is known.
impl Serialize for Consent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Summary<'a> {
            decided: bool,
            granted: Vec<Category>,
            refused_vendors: Vec<&'a str>,
            granted_vendors: Vec<&'a str>,
            categories: BTreeMap<Category, &'static str>,
            decided_at: Option<u64>,
            gpc: bool,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            exempt: Vec<Category>,
            #[serde(skip_serializing_if = "Option::is_none")]
            jurisdiction: Option<&'static str>,
        }
        let jurisdiction = self.jurisdiction();
        Summary {
            decided: !self.needs_banner(),
            granted: self.granted().iter().collect(),
            refused_vendors: self.refused_vendor_ids(),
            granted_vendors: self
                .granted_vendor_ids()
                .into_iter()
                .map(|(_, id)| id)
                .collect(),
            categories: self
                .policy
                .asked()
                .iter()
                .map(|category| (category, self.state(category).as_str()))
                .collect(),
            decided_at: self.decided_at().map(Timestamp::unix_seconds),
            gpc: self.gpc(),
            exempt: self.exempt().iter().collect(),
            jurisdiction: (jurisdiction != Jurisdiction::Global).then(|| jurisdiction.as_str()),
        }
        .serialize(serializer)
    }
}

impl fmt::Debug for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Consent");
        for category in Category::OPTIONAL {
            out.field(
                category.as_str(),
                &(self.state(category), self.reason(category)),
            );
        }
        out.field("gpc", &self.gpc())
            .field("jurisdiction", &self.jurisdiction())
            .finish_non_exhaustive()
    }
}

/// A proof that the visitor granted the category `C`.
///
/// Only [`Consent::proof`] and the axum extractor make one, so a function that
/// takes it cannot be called without consent. Where the law lets something run
/// without asking ([`State::Exempt`]), nobody granted anything and there is no
/// proof: code that may run then asks [`Consent::allows`]. The types that stand for a
/// category are in [`marker`](crate::marker).
///
/// ```
/// use tower_consent::{Consent, Granted, marker::Analytics};
///
/// fn track(_proof: &Granted<Analytics>, event: &str) { /* send it */ }
///
/// fn page_view(consent: &Consent) {
///     if let Some(proof) = consent.proof::<Analytics>() {
///         track(&proof, "page view");
///     }
/// }
/// ```
///
/// There is no other way to make one:
///
/// ```compile_fail
/// use std::marker::PhantomData;
/// use tower_consent::{Granted, marker::Analytics};
///
/// let forged: Granted<Analytics> = Granted(PhantomData);
/// ```
#[derive(Clone, Copy)]
pub struct Granted<C: Marker>(PhantomData<fn() -> C>);

impl<C: Marker> fmt::Debug for Granted<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Granted({})", C::CATEGORY)
    }
}
