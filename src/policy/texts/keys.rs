//! What does the visitor read?
//!
//! Every sentence of the banner, the preferences page and placeholders, in one
//! struct. A language is a value of it, so one that lacks a sentence does not
//! compile.

use std::borrow::Cow;

use crate::category::Category;

macro_rules! texts {
    ($($(#[$doc:meta])* $field:ident: $default:literal,)*) => {
        /// The words that visitors read, in one language. Default: English.
        ///
        /// Start from [`Texts::default`] or [`Texts::of`] and change fields.
        /// Changing them asks nobody again; for a change that matters, bump the
        /// policy's revision.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Texts {
            $($(#[$doc])* #[doc = ""] #[doc = concat!("Default: ", stringify!($default))] pub $field: Cow<'static, str>,)*
        }

        /// The built-in English ones.
        pub(crate) static ENGLISH: Texts = Texts { $($field: Cow::Borrowed($default),)* };

        /// The names of all fields.
        pub(crate) const KEYS: &[&str] = &[$(stringify!($field),)*];

        impl Texts {
            /// All fields with their names.
            pub(crate) fn pairs(&self) -> Vec<(&'static str, &str)> {
                vec![$((stringify!($field), &*self.$field),)*]
            }

            /// Puts a text in by the name of its field; whether there is one.
            pub(crate) fn set(&mut self, key: &str, text: &str) -> bool {
                match key {
                    $(stringify!($field) => self.$field = Cow::Owned(text.to_owned()),)*
                    _ => return false,
                }
                true
            }
        }
    };
}

/// A built-in language: one field a line.
macro_rules! words {
    ($($field:ident: $text:literal,)*) => {
        pub(super) static TEXTS: Texts = Texts { $($field: std::borrow::Cow::Borrowed($text),)* };
    };
}
pub(crate) use words;

texts! {
    /// The language of these texts, as a BCP 47 tag for `lang`.
    language: "en",
    /// The banner's heading.
    title: "Your privacy choices",
    /// The banner's one paragraph.
    body: "We ask before we store or read anything that this site does not strictly need. You can change your mind at any time.",
    /// Opens the details of the banner.
    choose: "Choose",
    /// The button that grants every category.
    accept: "Accept all",
    /// The button that refuses every category.
    reject: "Reject all",
    /// The button that saves the ticked boxes.
    save: "Save choices",
    /// The link to the preferences page that stands on every page.
    settings: "Privacy settings",
    /// The link from the banner to the list of all services and cookies.
    details: "All services and cookies",
    /// The link to the site's own privacy policy.
    privacy: "Privacy policy",
    /// The name of the category of strictly necessary cookies.
    necessary: "Strictly necessary",
    /// What that category does.
    necessary_body: "The site does not work without these, so they are always on.",
    /// The name of the functional category.
    functional: "Functional",
    /// What that category does.
    functional_body: "Remember preferences and show embedded content.",
    /// The name of the analytics category.
    analytics: "Analytics",
    /// What that category does.
    analytics_body: "Measure how the site is used.",
    /// The name of the marketing category.
    marketing: "Marketing",
    /// What that category does.
    marketing_body: "Advertise, and measure advertising, here and on other sites.",
    /// Opens what a category holds; their number follows.
    services: "Services and cookies",
    /// Stands before the provider's name.
    provider: "Provider",
    /// The provider of what is the site's own.
    this_site: "This site",
    /// Stands before the cookie names.
    cookies: "Cookies",
    /// Stands before how long something is kept.
    retention: "Kept for",
    /// The link to a provider's own policy.
    provider_policy: "Provider's policy",
    /// Heads the site's own cookies.
    own_cookies: "Cookies of this site",
    /// Says what the cookies are for that hold the visitor's choice.
    choice_cookies: "Hold your choice on this page, signed, without an identifier.",
    /// Marks what cannot be switched off.
    always_on: "Always on",
    /// Says that nothing was chosen yet.
    undecided: "You have not chosen yet. Nothing optional is active.",
    /// Says when the present choice was made; `{date}` stands for the day.
    chosen_on: "Your present choice is from {date}.",
    /// Says that the browser sent Global Privacy Control.
    gpc: "Your browser asks sites not to sell or share your data (Global Privacy Control). Marketing stays off unless you switch it on here.",
    /// Stands in the banner at marketing when the browser sent that signal.
    gpc_refused: "Refused by your browser's signal",
    /// Says in the United States that the signal or an opt-out is in force.
    opt_out_honored: "Opt-Out Request Honored",
    /// The link to the preferences page in the United States.
    us_settings: "Your Privacy Choices",
    /// The button that opts out of sale and sharing, in the United States.
    opt_out: "Do Not Sell or Share My Personal Information",
    /// Says what that button does.
    opt_out_body: "This site may disclose data about your visit to advertising partners, which the laws of some states call a sale or sharing. The button stops it at once in this browser. You need no account for it.",
    /// Says in the United States what a grant against the browser's signal means.
    conflict: "Your browser sends an opt-out signal (Global Privacy Control). If you allow marketing here, your choice overrides the signal on this site.",
    /// The bar where services run until the visitor opts out.
    opt_out_notice: "This site uses cookies and similar technologies, also for advertising. You can opt out at any time.",
    /// The label of the X that closes the banner and refuses, where one is required.
    close: "Continue without accepting",
    /// Says what that X does.
    close_body: "The X at the top closes this banner and keeps the default: nothing optional is stored or read.",
    /// Marks what runs without a choice until the visitor objects.
    exempt: "Active without consent. You can object.",
    /// The button that objects to statistics which need no consent.
    object: "Object to statistics",
    /// Says what that button is about.
    object_body: "This site counts visits for itself without asking first, as the law of your country allows. You can object at any time.",
    /// The bar that tells of a new privacy policy; `{date}` stands for its date.
    notice: "Our privacy policy has changed. The new version applies from {date}.",
    /// The button that closes such a bar.
    dismiss: "Dismiss",
    /// The button in place of something embedded that is blocked; `{name}` stands for the service's name.
    load: "Load {name}",
    /// Says under that button what it does.
    load_body: "Loading it connects you to the provider, which may store and read data on your device. This site remembers it for this service alone.",
    /// Heads the visitor's own record of choices.
    history: "Your record",
    /// Says what that record is.
    history_body: "This site keeps your choices as proof, under a random number that only your browser knows.",
    /// The links that download the record; the format follows.
    history_download: "Download as",
    /// The button that erases the record. Without the record nothing can stay granted.
    history_erase: "Erase my record and withdraw everything",
    /// Says that the record cannot be read at the moment.
    history_unavailable: "Your record cannot be shown right now. Please try again later.",
    /// What happened, in the record: something was granted.
    event_given: "Granted",
    /// What happened, in the record: everything asked was refused.
    event_refused: "Refused",
    /// What happened, in the record: something granted was taken back.
    event_withdrawn: "Withdrawn",
    /// What happened, in the record: the choice outlived its time.
    event_expired: "Expired",
    /// What happened, in the record: what had been asked changed.
    event_invalidated: "Ended, because what we ask about changed",
    /// What happened, in the record: the visitor objected.
    event_objected: "Objected",
    /// What happened, in the record: the browser's signal took something away.
    event_signal: "Refused by your browser's signal",
    /// Says that the record is gone.
    erased: "Your record has been erased, and nothing optional is active any more.",
    /// Says under it what may be left.
    erased_backups: "Backups of this site may still hold a copy until they are overwritten on schedule.",
    /// Says that the record must be kept although the visitor asked to erase it.
    erase_held: "Your record cannot be erased at the moment, because the law requires it to be kept:",
    /// Says that a grant could not be stored.
    not_stored: "Your choice could not be stored, so nothing was switched on. Please try again.",
    /// The privacy policy's list: heads the column of services.
    service: "Service",
    /// The same: heads what something is for.
    purpose: "Purpose",
    /// The same: heads or precedes a country.
    country: "Country",
    /// The same: stands before names of `localStorage` and the like.
    storage: "Browser storage",
    /// The same: heads the list of everybody who receives data.
    recipients: "Recipients and countries",
    /// The same: heads the column of those.
    recipient: "Recipient",
    /// The same: says how long a choice counts; `{time}` stands for the days.
    choice_kept: "Your choice counts for {time}; then we ask again. You can change or withdraw it at any time:",
    /// The same: heads what the browser's signals do.
    signals: "Signals of your browser",
    /// The same: what Global Privacy Control does.
    gpc_statement: "If your browser sends Global Privacy Control, we take it as your refusal of every service that sells or shares data, as long as you do not expressly allow it.",
    /// The same, where Do Not Track does nothing.
    dnt_ignored: "We do not respond to Do Not Track signals.",
    /// The same, where it is an objection.
    dnt_objection: "If your browser sends Do Not Track, we take it as your objection to everything that would otherwise run without your consent. What you expressly allowed is not affected.",
    /// The same: heads what is sent to others (in Japan, external transmission).
    transmission: "Information sent from your device to other companies",
    /// The same: heads the column of what is sent.
    sent: "What is sent",
    /// The same: what is sent.
    sent_data: "Address of the page, time, IP address, browser and device, identifiers in cookies",
    /// The same: heads who answers for the site.
    controller: "Who is responsible",
    /// The same: from when it applies; `{date}` stands for the day.
    effective: "Effective date: {date}",
    /// The link from the preferences page back to the site.
    back: "Back to the site",
    /// Heads a page that says what went wrong.
    error: "This did not work",
    /// Says that an address of the layer's own leads nowhere.
    not_found: "There is nothing at this address.",
    /// Says that a choice could not be taken.
    not_saved: "Your choice could not be saved. Please go back and try again.",
    /// Stands in place of a page that cannot be gated.
    page_blocked: "This page cannot be shown, because it cannot be checked for services that you have not agreed to.",
    /// A number of hours: a form for each of the language's plurals, in the order of CLDR (zero, one, two, few, many, other), with `|` between them.
    hours: "{n} hour|{n} hours",
    /// A number of days, likewise.
    days: "{n} day|{n} days",
    /// A number of months, likewise.
    months: "{n} month|{n} months",
    /// A number of years, likewise.
    years: "{n} year|{n} years",
    /// How long something is kept at most; `{time}` stands for one of those.
    up_to: "up to {time}",
    /// How long a cookie without a date is kept.
    until_closed: "until the browser closes",
    /// How long something is kept that never ends by itself.
    until_deleted: "until the browser's data is deleted",
    /// Says that a service stores no cookies.
    no_cookies: "no cookies",
    /// How long a service's numbers are kept that the site itself runs.
    site_decides: "as long as this site keeps its statistics",
    /// How long it is kept where the services differ.
    as_stated: "as each service states",
    /// A date, of `{d}`, `{m}` or `{month}`, and `{y}`; after a `|` the form for the first of a month, where it differs.
    date: "{d} {month} {y}",
    /// The twelve months as they stand in a date, with `|` between them.
    month_names: "January|February|March|April|May|June|July|August|September|October|November|December",
}

impl Default for Texts {
    fn default() -> Self {
        ENGLISH.clone()
    }
}

impl Texts {
    /// The words of the button that loads this service.
    pub(crate) fn load(&self, name: &str) -> String {
        self.load.replace("{name}", name)
    }

    /// The name of a category.
    pub(crate) fn category(&self, category: Category) -> (&str, &str) {
        match category {
            Category::Necessary => (&self.necessary, &self.necessary_body),
            Category::Functional => (&self.functional, &self.functional_body),
            Category::Analytics => (&self.analytics, &self.analytics_body),
            Category::Marketing => (&self.marketing, &self.marketing_body),
        }
    }
}
