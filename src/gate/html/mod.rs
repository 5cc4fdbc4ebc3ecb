//! Which elements of a page may do something?
//!
//! HTML streams through: bytes in, bytes out. An element that would fetch or
//! run something denied stays where it is and loses only the attribute that
//! makes it act, which moves to a private `data-tc-*` attribute; the banner's
//! script can put it back after a grant. Nothing else of the page changes.
//!
//! [`idle`] lets pass what does nothing. [`table`] says which attributes act,
//! [`element`] judges one start tag: [`wanted`] says what would have to be
//! granted, for a [`script`] and a [`style`] too, and each [`attribute`] that
//! may not act is put [`aside`]. [`insert`] adds the layer's own markup, [`hold`]
//! and [`window`] keep back what has to be seen whole before it is judged. The
//! tokenizer is lol_html's, and this module alone feeds it.
//!
//! # What this does not protect against
//!
//! What scripts insert at run time is not in the markup. A page's own script
//! that loads a tracker without naming it cannot be recognised.

mod aside;
mod attribute;
mod base;
mod element;
mod embedded;
mod first;
mod foreign;
mod hold;
mod idle;
mod insert;
mod marks;
mod merged;
mod moved;
mod open;
mod output;
mod passing;
mod placeholder;
mod quick;
mod script;
mod sniff;
mod snippet;
mod spell;
mod starts;
mod state;
mod style;
mod table;
mod wanted;
mod window;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use encoding_rs::Encoding;
use lol_html::errors::RewritingError;
use lol_html::send::{ElementContentHandlers, HtmlRewriter, Settings};
use lol_html::{MemorySettings, Selector};

use hold::{Found, Kind};
pub(crate) use moved::{Home, Moved};
use output::{Output, Sink};
use quick::Glance;
pub(crate) use sniff::Sniff;
use state::{Held, Shared, lock};
pub(crate) use state::{HtmlError, Injection, Plan};
use window::Window;

/// What one response may hold in memory besides the chunk in hand, in bytes.
pub(crate) const MAX_MEMORY: usize = 3 * 1024 * 1024;
/// How much is held back for the start tag of a script.
const MAX_TAG: usize = 64 * 1024;
/// How much is held back for a `<noscript>` or a `<style>`.
const MAX_CONTENT: usize = 1024 * 1024;
/// How deep documents may stand inside of documents.
const MAX_DEPTH: u8 = 3;

/// One document on its way through.
pub(crate) struct HtmlGate {
    /// `None` once the document has ended or failed: writing on would panic.
    rewriter: Option<HtmlRewriter<'static, Sink>>,
    shared: Arc<Mutex<Shared>>,
    output: Arc<Output>,
    window: Window,
    plan: Arc<Plan>,
    depth: u8,
    sniff: Sniff,
    /// Whether writing stops at every `>`, because what stands behind the next
    /// one may depend on it.
    wary: bool,
    /// Whether the tokenizer stands in text of the document, behind a plain start tag.
    calm: bool,
    /// The element whose content comes next and goes out changed.
    held: Option<Held>,
    /// The long script or stylesheet whose content comes next and goes out as it is.
    inside: Option<Kind>,
    /// Whether nothing can be denied, so that only the place of what comes first is looked for.
    lets_go: bool,
    /// Whether the rest passes unread.
    released: bool,
}

impl HtmlGate {
    pub(crate) fn new(plan: Plan) -> Self {
        let injection = plan.injection.clone();
        Self::at_depth(Arc::new(plan), injection, 0)
    }

    fn at_depth(plan: Arc<Plan>, injection: Injection, depth: u8) -> Self {
        let shared = Arc::new(Mutex::new(Shared {
            base: Some(plan.base.clone()),
            injection,
            language: plan.language.clone(),
            ..Shared::default()
        }));
        let output = Arc::new(Output::default());
        Self {
            lets_go: plan.consent.permits_everything(),
            rewriter: Some(rewriter(&plan, &shared, &output, depth)),
            shared,
            output,
            window: Window::default(),
            plan,
            depth,
            sniff: Sniff::default(),
            wary: false,
            calm: false,
            held: None,
            inside: None,
            released: false,
        }
    }

    /// Takes the next chunk and answers what is ready, which may be nothing.
    ///
    /// After an error there is nothing more to come.
    pub(crate) fn push(&mut self, chunk: Bytes) -> Result<Bytes, HtmlError> {
        if self.released {
            return Ok(chunk);
        }
        if !self.sniff.is_over() {
            self.sniff.add(&chunk);
            if self.sniff.is_document() {
                lock(&self.shared).is_document = true;
            }
        }
        lock(&self.shared).seen.look(&chunk);
        if self.window.add(chunk) {
            self.advance(false)?;
        }
        if self.lets_go && lock(&self.shared).has_led() {
            self.release()?;
        }
        Ok(self.take_output())
    }

    /// Lets the rest of the document pass unread.
    fn release(&mut self) -> Result<(), HtmlError> {
        self.released = true;
        if let Some(rewriter) = self.rewriter.take() {
            rewriter.end().map_err(HtmlError::Rewriting)?;
        }
        self.window.settle();
        self.output.add(self.window.bytes());
        self.window = Window::default();
        self.held = None;
        Ok(())
    }

    /// Takes the end of the document and answers the rest.
    pub(crate) fn finish(&mut self) -> Result<Bytes, HtmlError> {
        self.window.settle();
        self.advance(true)?;
        let mut rest = self.output.take();
        if let Some(rewriter) = self.rewriter.take() {
            rewriter.end().map_err(HtmlError::Rewriting)?;
        }
        // What was held to the end is a tag that was cut off, if anything.
        let held = self.take_output();
        let mut shared = lock(&self.shared);
        if shared.waits {
            // One of the two is enough where nothing acted at once.
            shared.injection.head_start.clear();
        }
        let inserts = shared.is_document && !shared.injection.is_empty();
        let follows = inserts || self.depth > 0;
        rest.extend_from_slice(if follows { without_start(&held) } else { &held });
        if inserts {
            // No end tag of the body was met, which is legal HTML.
            let encoding: &Encoding = self.plan.encoding.into();
            let language = shared.language.clone();
            shared.injection.write(language.as_deref());
            let markup =
                std::mem::take(&mut shared.injection.body_start) + &insert::last(&mut shared);
            rest.extend_from_slice(&encoding.encode(&markup).0);
        }
        Ok(rest.into())
    }

    fn take_output(&self) -> Bytes {
        self.output.take().into()
    }

    /// Writes as much of the window as can be judged.
    fn advance(&mut self, last: bool) -> Result<(), HtmlError> {
        while !self.window.is_empty() && self.rewriter.is_some() {
            let moved = if let Some(held) = self.held {
                self.advance_held(held, last)?
            } else if let Some(kind) = self.inside {
                self.advance_inside(kind, last)?
            } else {
                self.advance_plain(last)?
            };
            if !moved {
                break;
            }
        }
        Ok(())
    }

    /// Writes what stands in front of the next element to hold back for, or
    /// that element. False where more must arrive first.
    fn advance_plain(&mut self, last: bool) -> Result<bool, HtmlError> {
        let found = hold::next(self.window.bytes());
        let plain = match found {
            Some(found) => found.at,
            None if last => self.window.len(),
            None => self.window.len() - hold::unfinished(self.window.bytes()),
        };
        match found {
            _ if plain > 0 => self.stroll(plain)?,
            None => return Ok(false),
            Some(found) => match found.kind {
                Kind::Noscript => {
                    self.wary = true;
                    self.pass(found.open)?;
                }
                Kind::Svg | Kind::Math | Kind::Template => {
                    return self.advance_closed(found, last);
                }
                Kind::Script | Kind::Style => return self.advance_element(found, last),
            },
        }
        Ok(true)
    }

    /// Writes what looks like a script or a stylesheet at the start of the
    /// window, once its content can be judged with its start tag.
    fn advance_element(&mut self, found: Found, last: bool) -> Result<bool, HtmlError> {
        let window = self.window.bytes();
        let tag_end = hold::tag_end(window);
        let content = window.get(tag_end.unwrap_or(0)..).unwrap_or_default();
        let content_end = tag_end.and_then(|_| hold::content_end(found.kind, content));
        let most = match (tag_end, found.kind) {
            (None, _) => MAX_TAG,
            (Some(_), Kind::Script) => hold::MAX_SCRIPT,
            (Some(_), _) => MAX_CONTENT,
        };
        if content_end.is_none() && !last && content.len() <= most {
            let end = tag_end.map(|_| found.kind);
            self.window.wait(end, tag_end.unwrap_or(0) + most);
            return Ok(false);
        }
        let Some(tag_end) = tag_end else {
            self.pass(found.open)?;
            return Ok(true);
        };
        self.pass(tag_end)?;
        // In a comment or an attribute it is no element, and may hide one behind it.
        let is_element = {
            let shared = lock(&self.shared);
            shared.raw == Some((found.kind, shared.written))
        };
        if is_element && self.held.is_none() {
            match content_end {
                Some(length) => self.pass(length)?,
                None => self.inside = Some(found.kind),
            }
        }
        Ok(true)
    }

    /// Writes the start of what looks like an element in which no script of ours
    /// would run, once it is known whether the guard must come before it.
    fn advance_closed(&mut self, found: Found, last: bool) -> Result<bool, HtmlError> {
        if lock(&self.shared).awaits_guard() {
            let window = self.window.bytes();
            let tag_end = hold::tag_end(window);
            let content = window.get(tag_end.unwrap_or(0)..).unwrap_or_default();
            let most = tag_end.map_or(MAX_TAG, |_| hold::MAX_CLOSED);
            let is_seen = tag_end.is_some() && hold::closed_end(found.kind, content).is_some();
            if !is_seen && !last && content.len() <= most {
                let end = tag_end.map(|_| found.kind);
                self.window.wait(end, tag_end.unwrap_or(0) + most);
                return Ok(false);
            }
            let mut shared = lock(&self.shared);
            shared.closed = tag_end
                .filter(|end| is_seen && *end <= MAX_TAG)
                .map(|_| shared.written);
        }
        self.wary |= found.kind.is_foreign();
        self.pass(found.open)?;
        Ok(true)
    }

    /// Writes the content of a long element as it is, up to its end.
    fn advance_inside(&mut self, kind: Kind, last: bool) -> Result<bool, HtmlError> {
        if let Some(end) = hold::content_end(kind, self.window.bytes()) {
            self.inside = None;
            self.pass(end)?;
            return Ok(true);
        }
        // The end tag may have arrived in part.
        let kept = if last { 0 } else { hold::LONGEST + 2 };
        let length = self.window.len().saturating_sub(kept);
        self.pass(length)?;
        Ok(length > 0)
    }

    /// Replaces the content of the open element by what a denied visitor may
    /// load. False where its end must arrive first.
    fn advance_held(&mut self, held: Held, last: bool) -> Result<bool, HtmlError> {
        let window = self.window.bytes();
        let end = hold::content_end(held.kind(), window);
        let length = match (end, held) {
            (Some(end), _) => end,
            (None, _) if last => window.len(),
            (None, _) if window.len() <= MAX_CONTENT => {
                self.window.wait(Some(held.kind()), MAX_CONTENT);
                return Ok(false);
            }
            // A stylesheet of that size is cut behind a rule.
            (None, Held::Style) => match memchr::memrchr(b'}', window) {
                Some(at) => at + 1,
                None => return self.fail(HtmlError::TooLarge).map(|()| false),
            },
            (None, Held::Noscript { .. }) => {
                return self.fail(HtmlError::TooLarge).map(|()| false);
            }
        };
        if end.is_some() {
            self.held = None;
        }
        let content = self.window.split_to(length);
        let rewritten = match held {
            Held::Style => style::quieten(&content, &self.plan, &self.shared),
            Held::Noscript { shown: false } => Ok(Bytes::new()),
            Held::Noscript { shown: true } => {
                nested(&self.plan, &self.shared, content, self.depth).map(|(bytes, _)| bytes)
            }
        };
        let rewritten = match rewritten {
            Ok(rewritten) => rewritten,
            Err(error) => return self.fail(error).map(|()| false),
        };
        // The tokenizer takes it for text.
        lock(&self.shared).settled = true;
        self.write(&rewritten, Bytes::new())?;
        lock(&self.shared).settled = false;
        Ok(true)
    }

    /// Writes the next `length` bytes, but for those that do nothing and can be
    /// told without the tokenizer: they go straight out.
    fn stroll(&mut self, mut length: usize) -> Result<(), HtmlError> {
        while length > 0 && self.held.is_none() {
            let (idle, written) = {
                let shared = lock(&self.shared);
                let may = shared.may_be_idle() && shared.passing.is_in_body();
                let idle = may.then(|| shared.idle(&self.plan));
                (idle, shared.written)
            };
            let Some(idle) = idle.filter(|_| !self.wary) else {
                return self.pass(length);
            };
            if self.calm {
                let text = self.window.bytes().get(..length).unwrap_or_default();
                let stretch = idle.stretch(text);
                self.output.add(&self.window.split_to(stretch));
                length -= stretch;
            }
            // Up to the end of a start tag, for it may tell where the tokenizer stands.
            let text = self.window.bytes().get(..length).unwrap_or_default();
            let tag = idle::next_tag(text);
            let is_plain = tag.is_some_and(|(start, _)| {
                text.get(start..)
                    .is_some_and(|tag| idle::is_plain(marks::tag_name(tag)))
            });
            let step = tag.map_or(length, |(_, end)| end);
            self.pass(step)?;
            length -= step;
            let met = lock(&self.shared).passing.last();
            self.calm =
                is_plain && tag.is_some_and(|(start, end)| met == (written + start..written + end));
        }
        Ok(())
    }

    /// Writes the next `length` bytes. While it is wary it stops at every `>`,
    /// one of which ends the tag in question: not a byte that follows may go
    /// out with it.
    fn pass(&mut self, mut length: usize) -> Result<(), HtmlError> {
        self.calm = false;
        while length > 0 && self.held.is_none() {
            let step = if self.wary {
                let ahead = self.window.bytes().get(..length).unwrap_or_default();
                memchr::memchr(b'>', ahead).map_or(length, |at| at + 1)
            } else {
                length
            };
            let met = lock(&self.shared).met();
            let ahead = self.window.snapshot();
            let bytes = self.window.split_to(step);
            self.write(&bytes, ahead)?;
            length -= step;
            let close = {
                let mut shared = lock(&self.shared);
                self.held = shared.held.take();
                let met = shared.met() != met;
                let mut close = std::mem::take(&mut shared.close);
                // At the end of its start tag and nowhere else.
                if self.wary && met && close.is_empty() && bytes.ends_with(b">") {
                    close = shared.open.ends().unwrap_or_default();
                }
                // Once another element was met, no earlier tag is open.
                self.wary &= self.held.is_none() && !met;
                self.wary |= shared.nested || shared.open.is_due();
                close
            };
            if !close.is_empty() {
                self.close(&close)?;
            }
        }
        Ok(())
    }

    /// Tells the tokenizer of ends that a browser knows of.
    fn close(&mut self, end_tags: &str) -> Result<(), HtmlError> {
        let mark = self.output.len();
        self.write(&Bytes::copy_from_slice(end_tags.as_bytes()), Bytes::new())?;
        self.output.truncate(mark);
        Ok(())
    }

    /// Gives bytes to the tokenizer. `ahead` starts with them, or is empty.
    fn write(&mut self, bytes: &Bytes, ahead: Bytes) -> Result<(), HtmlError> {
        lock(&self.shared).begin(ahead);
        self.output.begin(bytes.clone());
        let written = self.rewriter.as_mut().map(|rewriter| rewriter.write(bytes));
        self.output.finish();
        match written {
            Some(Ok(())) => {
                let mut shared = lock(&self.shared);
                shared.written += bytes.len();
                shared.ahead = Bytes::new();
                Ok(())
            }
            Some(Err(error)) => self.fail(match error {
                RewritingError::MemoryLimitExceeded(_) => HtmlError::TooLarge,
                error => HtmlError::Rewriting(error),
            }),
            None => Ok(()),
        }
    }

    fn fail(&mut self, error: HtmlError) -> Result<(), HtmlError> {
        self.rewriter = None;
        self.window = Window::default();
        self.held = None;
        Err(error)
    }
}

/// What the tokenizer held to the end, less a tag that was cut off. Browsers
/// drop one, unless something follows that completes it.
fn without_start(held: &[u8]) -> &[u8] {
    let mut tag = held;
    loop {
        tag = match tag {
            [b'<', b'/', next, ..] if !next.is_ascii_alphabetic() => {
                // Without a name it is a comment, and text may follow.
                let end = memchr::memchr(b'>', tag).unwrap_or(tag.len());
                let rest = tag.get(end + 1..).unwrap_or_default();
                let at = memchr::memchr(b'<', rest).unwrap_or(rest.len());
                match rest.get(at..) {
                    Some(next) if end < tag.len() => next,
                    _ => break,
                }
            }
            [b'<', next, ..] if next.is_ascii_alphabetic() || *next == b'/' => break,
            _ => return held,
        };
    }
    held.get(..held.len() - tag.len()).unwrap_or_default()
}

impl fmt::Debug for HtmlGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HtmlGate")
            .field("held", &self.window.len())
            .finish_non_exhaustive()
    }
}

/// Rewrites markup inside of a document: its bytes and how much was blocked in it.
fn nested(
    plan: &Arc<Plan>,
    outer: &Mutex<Shared>,
    content: Bytes,
    depth: u8,
) -> Result<(Bytes, usize), HtmlError> {
    if depth >= MAX_DEPTH {
        return Ok((Bytes::new(), 1));
    }
    let mut gate = HtmlGate::at_depth(plan.clone(), Injection::default(), depth + 1);
    {
        let (mut shared, outer) = (lock(&gate.shared), lock(outer));
        shared.base.clone_from(&outer.base);
        shared.language.clone_from(&outer.language);
    }
    let start = gate.push(content)?;
    let end = gate.finish()?;
    let blocked = lock(&gate.shared).blocked;
    lock(outer).blocked += blocked;
    Ok(([start, end].concat().into(), blocked))
}

fn rewriter(
    plan: &Arc<Plan>,
    shared: &Arc<Mutex<Shared>>,
    output: &Arc<Output>,
    depth: u8,
) -> HtmlRewriter<'static, Sink> {
    let on_element = {
        let (plan, shared) = (plan.clone(), shared.clone());
        let mut glance = Glance::new(&lock(&shared));
        move |element: &mut lol_html::send::Element<'_, '_>| {
            if !glance.passes(element, &plan, &shared) {
                element::judge(element, &plan, &shared, depth, nested);
                glance.renew(&plan, &lock(&shared));
            }
            Ok(())
        }
    };
    let settings = Settings::new_send()
        .with_encoding(plan.encoding)
        .with_adjust_charset_on_meta_tag(!plan.charset_declared)
        // Strict parsing refuses markup that current browsers accept inside of `<select>`.
        .with_strict(false)
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(MAX_MEMORY))
        .append_element_content_handler((
            selector(),
            ElementContentHandlers::default().element(on_element),
        ));
    HtmlRewriter::new(settings, Sink(output.clone()))
}

/// All elements: any of them may have a style or a handler, and asking for
/// those by attribute takes lol_html longer.
fn selector() -> Cow<'static, Selector> {
    static SELECTOR: OnceLock<Selector> = OnceLock::new();
    Cow::Borrowed(SELECTOR.get_or_init(|| {
        #[allow(clippy::expect_used, reason = "a constant that every test parses")]
        "*".parse().expect("the universal selector")
    }))
}
