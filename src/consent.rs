//! What may this request do?
//!
//! [`decide`](crate::decide::decide) and [`Consent::after`] alone make a
//! [`Consent`] that grants anything: nothing but a verified, explicit choice of
//! the visitor ever grants.

mod making;
mod summary;
mod vendors;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::category::marker::Marker;
use crate::category::{Category, CategorySet};
use crate::clock::Timestamp;
use crate::id::ReceiptId;
use crate::jurisdiction::Jurisdiction;
use crate::policy::{Locale, Owner, Policy, Texts};
use crate::rule::Outcome;
use crate::signal::Circumstances;
use crate::standing::{Reason, Standing, State, Vendors};

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
    /// The language that the visitor is spoken to in.
    locale: Locale,
    /// The record that the stored choice is in, whether or not the choice still counts.
    receipt: Option<ReceiptId>,
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
        category == Category::Necessary || granted.contains(category) || exempt.contains(category)
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
        let never = self.read().at.never.contains(category);
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
            && CategorySet::OPTIONAL.is_subset(self.covered())
            && self.refuses_no_vendor()
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
        let standing = Standing::new(State::Undecided, Reason::NoChoice);
        Self::uniform(&self.policy, self.decision.at, standing).speaking(self.locale())
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
