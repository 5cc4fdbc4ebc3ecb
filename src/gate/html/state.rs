//! What do the gate and its element handlers share?

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use lol_html::AsciiCompatibleEncoding;
use lol_html::errors::RewritingError;
use lol_html::send::Element;

use super::hold::Kind;
use super::idle::Idle;
use super::marks::Seen;
use super::merged::Merged;
use super::open::Open;
use super::passing::Passing;
use crate::consent::Consent;
use crate::gate::address::Base;
use crate::gate::warn::Told;

/// Writes what goes into a body for a page in the language with this tag:
/// what goes to its start and to its end.
pub(crate) type Write = dyn Fn(Option<&str>) -> (String, String) + Send + Sync;

/// Markup that the layer adds to a document.
#[derive(Clone, Default)]
pub(crate) struct Injection {
    /// Goes before every script: what vendors' tags are told.
    pub(crate) first: String,
    /// Goes before the first thing that acts: the guard.
    pub(crate) head_start: String,
    /// Goes to the start of the body: the banner.
    pub(crate) body_start: String,
    /// Goes to the end of the body: settings link and script.
    pub(crate) body_end: String,
    /// Writes the two once the page's language is known.
    pub(crate) due: Option<Arc<Write>>,
}

impl Injection {
    /// Writes what is due for a page in this language.
    pub(crate) fn write(&mut self, language: Option<&str>) {
        if let Some(write) = self.due.take() {
            let (start, end) = write(language);
            join(&mut self.body_start, start);
            join(&mut self.body_end, end);
        }
    }

    /// All of it, for the end of a document that is not read.
    pub(crate) fn whole(mut self, language: Option<&str>) -> String {
        self.write(language);
        let mut whole = self.first;
        for part in [self.head_start, self.body_start, self.body_end] {
            join(&mut whole, part);
        }
        whole
    }

    /// Writes the layer's own addresses with the `origin` that they are at.
    pub(super) fn settle(&mut self, prefix: &str, origin: &str) {
        let (path, address) = (format!("=\"{prefix}"), format!("=\"{origin}{prefix}"));
        for part in [
            &mut self.first,
            &mut self.head_start,
            &mut self.body_start,
            &mut self.body_end,
        ] {
            *part = part.replace(&path, &address);
        }
    }

    /// Whether something of it stands at the start of the document.
    pub(crate) const fn leads(&self) -> bool {
        !(self.first.is_empty() && self.head_start.is_empty())
    }

    pub(crate) const fn is_empty(&self) -> bool {
        !self.leads()
            && self.body_start.is_empty()
            && self.body_end.is_empty()
            && self.due.is_none()
    }
}

/// Appends without a copy where there is nothing yet.
fn join(markup: &mut String, more: String) {
    if markup.is_empty() {
        *markup = more;
    } else {
        markup.push_str(&more);
    }
}

impl fmt::Debug for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Injection")
            .field("is_empty", &self.is_empty())
            .finish_non_exhaustive()
    }
}

/// Everything that the verdict over one document depends on.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) consent: Consent,
    pub(crate) base: Base,
    pub(crate) encoding: AsciiCompatibleEncoding,
    pub(crate) charset_declared: bool,
    pub(crate) injection: Injection,
    /// The language of the page, where its headers tell one.
    pub(crate) language: Option<String>,
    pub(crate) told: Arc<Told>,
    /// Whether the site is reached over https.
    pub(crate) secure: bool,
    /// The name that blocked frames get in this response and in no other.
    pub(crate) frame_name: String,
    /// The path that placeholders of blocked frames lead back to; `None` where
    /// the page may not show them.
    pub(crate) placeholders: Option<String>,
}

/// Why a document could not be finished. Its rest is never emitted unread.
#[derive(Debug)]
pub(crate) enum HtmlError {
    /// A tag or a `<noscript>` is larger than the memory that a response may use.
    TooLarge,
    Rewriting(RewritingError),
}

impl fmt::Display for HtmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => f.write_str("an element outgrew the memory limit"),
            Self::Rewriting(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for HtmlError {}

/// An element whose content goes out changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Gated like a page of its own, or not shown at all where its author named
    /// a category that is not granted.
    Noscript { shown: bool },
    /// Loses the addresses that are denied.
    Style,
}

impl Held {
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Noscript { .. } => Kind::Noscript,
            Self::Style => Kind::Style,
        }
    }
}

/// What the handlers share with the gate. They run one after the other.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) base: Option<Base>,
    /// The bytes from `written` on, which include what is about to be written.
    pub(super) ahead: Bytes,
    /// How many bytes the tokenizer was given before `ahead`.
    pub(super) written: usize,
    /// The element whose start tag was just met and whose content is to be changed.
    pub(super) held: Option<Held>,
    /// The last script or stylesheet and where its start tag ends, as the
    /// tokenizer counts.
    pub(super) raw: Option<(Kind, usize)>,
    /// Where an element starts whose end has arrived and in which no script of
    /// the layer's would run, as the tokenizer counts.
    pub(super) closed: Option<usize>,
    /// The end tags that the tokenizer has to be told of.
    pub(super) close: String,
    pub(super) open: Open,
    /// How many foreign elements were met.
    pub(super) foreign: usize,
    /// Whether one may stand inside of another.
    pub(super) nested: bool,
    /// Whether the last element was a foreign one.
    pub(super) in_foreign: bool,
    pub(super) seen: Seen,
    /// Whether what is written was judged before and goes out as it is.
    pub(super) settled: bool,
    /// How many other elements were judged.
    pub(super) judged: usize,
    pub(super) passing: Arc<Passing>,
    /// Whether a `<base>` with an address was met.
    pub(super) rebased: bool,
    pub(super) is_document: bool,
    pub(super) injection: Injection,
    /// Whether the guard stands in front of a script that waits for the whole page.
    pub(super) waits: bool,
    /// The language of the document, as far as it is known.
    pub(super) language: Option<String>,
    /// Whether its own start tag told it.
    pub(super) said_language: bool,
    /// How many elements were blocked.
    pub(super) blocked: usize,
    /// What stands on the tags of the two elements that several tags make up.
    pub(super) merged: [Merged; 2],
}

impl Shared {
    /// Says what is written next: the bytes from `written` on, as far as they are known.
    pub(super) fn begin(&mut self, ahead: Bytes) {
        self.ahead = ahead;
        self.passing.next_turn();
    }

    /// How many elements were met, each `<noscript>` apart.
    pub(super) fn met(&self) -> usize {
        self.judged + self.passing.count()
    }

    /// How many elements may pass unjudged from here on, if nothing about them is strange.
    pub(super) fn room(&self) -> usize {
        if self.may_be_idle() {
            self.open.room()
        } else {
            0
        }
    }

    /// Whether there may be elements that need no judgement.
    pub(super) const fn may_be_idle(&self) -> bool {
        let inserts = self.awaits_guard() && !self.waits;
        let seen = self.seen.annotation || self.seen.private;
        !(self.settled || self.in_foreign || inserts || seen)
    }

    /// What tells which those are.
    pub(super) fn idle(&self, plan: &Plan) -> Idle {
        let base = self.base.as_ref().unwrap_or(&plan.base);
        let own = base.leaves_own_alone(plan.consent.policy());
        Idle::new(self.injection.leads(), own)
    }

    /// Whether the guard is still to be placed.
    pub(super) const fn awaits_guard(&self) -> bool {
        self.is_document && self.injection.leads()
    }

    /// Whether all that stands at the start of a document is there.
    pub(super) const fn has_led(&self) -> bool {
        self.is_document && !self.injection.leads()
    }

    /// Counts what passed unjudged so far.
    pub(super) fn count_passed(&mut self) {
        let passed = self.passing.take();
        self.judged += passed;
        self.open.pass(passed);
    }

    /// Fits a tag that was judged to those before it that make up the same element.
    pub(super) fn merge(shared: &Mutex<Self>, element: &mut Element<'_, '_>, tag: &str) {
        if matches!(tag, "html" | "body") {
            let [html, body] = &mut lock(shared).merged;
            let merged = if tag == "html" { html } else { body };
            merged.add(element);
        }
    }

    /// The bytes of a start tag; `None` where they arrived in pieces.
    pub(super) fn source(&self, element: &Element<'_, '_>) -> Option<Bytes> {
        let place = element.source_location().bytes();
        let start = place.start.checked_sub(self.written)?;
        let end = place.end.checked_sub(self.written)?;
        let is_there = start < end && end <= self.ahead.len();
        is_there.then(|| self.ahead.slice(start..end))
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Rewrites markup inside of a document: the plan, the outer document, the
/// markup and its depth in, its bytes and how many elements were blocked out.
pub(super) type Nested =
    fn(&Arc<Plan>, &Mutex<Shared>, Bytes, u8) -> Result<(Bytes, usize), HtmlError>;
