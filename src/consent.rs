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
use crate::id::ReceiptId;
use crate::policy::{Locale, Owner, Policy, Texts};
use crate::signal::Signals;
use crate::standing::{Reason, Standing, State, Vendors};
use crate::token::{Grant, VendorSet};

/// How far ahead another instance's clock may be, in seconds.
pub(crate) const CLOCK_LEEWAY: u64 = 120;

/// The outcome for all categories, apart from the policy that it was decided under.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    granted: CategorySet,
    gpc: bool,
    decided_at: Option<Timestamp>,
    /// In the order of [`Category::OPTIONAL`].
    standings: [Standing; 3],
    /// The vendors that stand otherwise, in the same order; `None` where there is none.
    vendors: Option<Arc<[Vendors; 3]>>,
    /// Whether nobody's choice was read, because everybody is to get the same.
    for_everybody: bool,
    /// The language that the visitor is spoken to in.
    locale: Locale,
    /// The record that the stored choice is in, whether or not the choice still counts.
    receipt: Option<ReceiptId>,
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
    /// Whether `category` may be used. Strictly necessary always may.
    #[must_use]
    pub fn allows(&self, category: Category) -> bool {
        category == Category::Necessary || self.read().granted.contains(category)
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
        if self.allows(category) {
            !self.refused_vendors(category).contains(position)
        } else {
            self.granted_vendors(category).contains(position)
        }
    }

    /// A proof that the category `C` is granted, or `None`.
    #[must_use]
    pub fn proof<C: Marker>(&self) -> Option<Granted<C>> {
        self.allows(C::CATEGORY).then_some(Granted(PhantomData))
    }

    /// The optional categories that may be used.
    #[must_use]
    pub fn granted(&self) -> CategorySet {
        self.read().granted
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

    /// Whether the banner should ask: some category that the policy asks about is open.
    #[must_use]
    pub fn needs_banner(&self) -> bool {
        self.policy.asked().iter().any(|category| {
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
        self.read().gpc
    }

    /// The language that this visitor is spoken to in, as a BCP 47 tag: of the
    /// policy's the one that their browser asks for, else the default one.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.policy.texts(self.read().locale).language
    }

    /// The same consent for a reader of another language.
    pub(crate) fn speaking(mut self, locale: Locale) -> Self {
        self.decision.locale = locale;
        self
    }

    pub(crate) fn locale(&self) -> Locale {
        self.decision.locale
    }

    /// The words for this visitor.
    pub(crate) fn texts(&self) -> &Texts {
        self.policy.texts(self.decision.locale)
    }

    /// The policy that was decided under.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The vendors that were refused inside granted categories.
    pub(crate) fn refused_vendor_ids(&self) -> Vec<&str> {
        self.read()
            .granted
            .iter()
            .flat_map(|category| {
                let refused = self.refused_vendors(category);
                self.policy
                    .vendors_of(category)
                    .filter(move |(position, _)| refused.contains(*position))
                    .map(|(_, vendor)| vendor.id())
            })
            .collect()
    }

    /// The vendors that were granted alone in categories that are not granted,
    /// each behind its category.
    pub(crate) fn granted_vendor_ids(&self) -> Vec<(Category, &str)> {
        if self.read().vendors.is_none() {
            return Vec::new();
        }
        Category::OPTIONAL
            .into_iter()
            .filter(|category| !self.allows(*category))
            .flat_map(|category| {
                let granted = self.granted_vendors(category);
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

    pub(crate) fn vendors(&self, category: Category) -> Vendors {
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
            Owner::Site { category } => self.allows(category),
            Owner::Vendor {
                category, position, ..
            } => self.permits_vendor(category, position),
            Owner::Known { category, .. } => !self.policy.is_strict() && self.allows(category),
            #[cfg(feature = "filter-lists")]
            Owner::Listed { category } => !self.policy.is_strict() && self.allows(category),
            #[cfg(feature = "strict-third-parties")]
            Owner::Foreign { category } => {
                !self.policy.is_strict()
                    && self.allows(category)
                    && self.allows(Category::Marketing)
            }
        }
    }

    /// What has to be granted for `owner`, as blocked elements carry it: a
    /// category, `category:vendor`, or several of them; `unknown` where no grant will do.
    pub(crate) fn needs(&self, owner: Owner) -> String {
        let category = owner.category();
        match owner {
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
            && Category::OPTIONAL
                .into_iter()
                .all(|category| self.allows(category) && self.refused_vendors(category).is_empty())
    }

    /// Whether the visitor granted all that the policy asks about. What it does
    /// not ask about stays denied.
    pub(crate) fn grants_all_asked(&self) -> bool {
        !self.policy.is_strict()
            && self
                .policy
                .asked()
                .iter()
                .all(|category| self.allows(category) && self.refused_vendors(category).is_empty())
    }

    /// Whether a denied cookie of `owner` that the browser still holds should go.
    ///
    /// An unreadable choice denies, but is no withdrawal: nothing is deleted for it.
    pub(crate) fn expires(&self, owner: Owner) -> bool {
        if self.permits(owner) {
            return false;
        }
        match self.state(owner.category()) {
            State::Refused | State::Stale => true,
            State::Undecided | State::Invalid => self.policy.expires_undecided(),
            // Its vendor was refused inside the category.
            State::Granted => true,
        }
    }

    /// The consent that a choice just recorded amounts to. `parts` are of all categories.
    pub(crate) fn after(policy: &Policy, parts: &[(Category, Grant)], gpc: bool) -> Self {
        let mut stamp = None;
        let mut receipt = None;
        let mut standings = [Standing::new(State::Undecided, Reason::NoChoice); 3];
        let mut vendors = [Vendors::NONE; 3];
        for (category, grant) in parts {
            let slot = Category::OPTIONAL.iter().position(|of| of == category);
            let Some(slot) = slot else {
                stamp = Some(grant.stamp);
                receipt = grant.receipt;
                continue;
            };
            if let (Some(standing), Some(vendors)) =
                (standings.get_mut(slot), vendors.get_mut(slot))
            {
                *standing = Standing::of(grant);
                *vendors = Vendors::of(grant);
            }
        }
        Self::new(policy, Signals { gpc }, stamp, standings, vendors).recorded_in(receipt)
    }

    /// The same with one vendor granted besides, by a click on it alone. Where
    /// no choice counted before, the categories stay open and `stamp` is its time.
    pub(crate) fn with_vendor(&self, category: Category, position: u8, stamp: Timestamp) -> Self {
        let open = Standing::new(State::Undecided, Reason::NoChoice);
        let mut standings = match self.decided_at() {
            Some(_) => self.decision.standings,
            None => [open; 3],
        };
        let mut vendors = Category::OPTIONAL.map(|category| self.vendors(category));
        let slots = standings.iter_mut().zip(&mut vendors);
        for ((standing, vendors), of) in slots.zip(Category::OPTIONAL) {
            if of != category {
                continue;
            }
            *standing = match standing.state {
                State::Granted => Standing::new(State::Granted, Reason::Explicit),
                State::Refused => Standing::new(State::Refused, Reason::ExplicitRefusal),
                State::Undecided | State::Stale | State::Invalid => open,
            };
            // What counts now was given in full view of the signal, if there is one.
            standing.gpc = self.gpc();
            if standing.state == State::Granted {
                vendors.refused.remove(position);
            } else {
                vendors.refused = VendorSet::EMPTY;
                vendors.granted.insert(position);
            }
        }
        let signals = Signals { gpc: self.gpc() };
        Self::new(&self.policy, signals, Some(stamp), standings, vendors)
            .recorded_in(self.receipt())
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
        let mut consent = Self::assumed(policy, CategorySet::EMPTY, [Vendors::NONE; 3], false);
        consent.decision.for_everybody = true;
        consent
    }

    /// The consent that a page is made under which goes to everybody with these
    /// grants: `vendors` stand otherwise, and `asks` is for the rest.
    pub(crate) fn assumed(
        policy: &Policy,
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
        Self::new(policy, Signals::default(), None, standings, vendors)
    }

    /// The record that this visitor's choices are in, where records are kept
    /// and there is one. Whoever has it can be told what the record says, so
    /// treat it as a secret.
    #[must_use]
    pub fn receipt(&self) -> Option<ReceiptId> {
        self.read().receipt
    }

    pub(crate) fn recorded_in(mut self, receipt: Option<ReceiptId>) -> Self {
        self.decision.receipt = receipt;
        self
    }

    /// The same visitor before any choice: same language, same signals.
    pub(crate) fn afresh(&self) -> Self {
        let signals = Signals { gpc: self.gpc() };
        let standing = Standing::new(State::Undecided, Reason::NoChoice);
        Self::uniform(&self.policy, signals, standing).speaking(self.locale())
    }

    /// Tells two from each other that are spoken to differently.
    pub(crate) fn manner(&self) -> String {
        format!("{:?}", self.decision)
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
            && before.receipt == after.receipt
            && before.standings == after.standings
            && before.vendors == after.vendors
    }

    /// Whether `self` grants something, or some vendor, that `later` no longer does.
    pub(crate) fn is_narrowed_by(&self, later: &Self) -> bool {
        Category::OPTIONAL.into_iter().any(|category| {
            let (before, after) = (self.vendors(category), later.vendors(category));
            match (self.allows(category), later.allows(category)) {
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
        signals: Signals,
        decided_at: Option<Timestamp>,
        mut standings: [Standing; 3],
        mut vendors: [Vendors; 3],
    ) -> Self {
        let mut granted = CategorySet::EMPTY;
        let slots = standings.iter_mut().zip(&mut vendors);
        for (category, (standing, vendors)) in Category::OPTIONAL.into_iter().zip(slots) {
            // Under GPC a marketing grant counts only if it was given in full view of the signal.
            let overruled = category == Category::Marketing && signals.gpc && !standing.gpc;
            if standing.state == State::Granted && overruled {
                *standing = Standing::new(State::Refused, Reason::Gpc);
            }
            if overruled || standing.state == State::Granted {
                vendors.granted = VendorSet::EMPTY;
            }
            if standing.state == State::Granted && policy.asked().contains(category) {
                granted = granted.with(category);
            }
        }
        let decision = Decision {
            granted,
            gpc: signals.gpc,
            decided_at,
            standings,
            vendors: vendors
                .iter()
                .any(|vendors| *vendors != Vendors::NONE)
                .then(|| Arc::new(vendors)),
            for_everybody: false,
            locale: Locale::default(),
            receipt: None,
        };
        Self::from_decision(policy, decision)
    }

    /// The same standing in all optional categories, where no choice counts.
    pub(crate) fn uniform(policy: &Policy, signals: Signals, standing: Standing) -> Self {
        Self::new(policy, signals, None, [standing; 3], [Vendors::NONE; 3])
    }

    fn standing(&self, category: Category) -> Standing {
        let [functional, analytics, marketing] = self.read().standings;
        match category {
            Category::Necessary => Standing::new(State::Granted, Reason::Explicit),
            Category::Functional => functional,
            Category::Analytics => analytics,
            Category::Marketing => marketing,
        }
    }
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
/// alone in other categories, `decided_at` seconds since 1970.
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
        }
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
        out.field("gpc", &self.gpc()).finish_non_exhaustive()
    }
}

/// A proof that the visitor granted the category `C`.
///
/// Only [`Consent::proof`] and the axum extractor make one, so a function that
/// takes it cannot be called without consent. The types that stand for a
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
