//! Which elements of a page may do something?
//!
//! HTML streams through: bytes in, bytes out. An element that would fetch or
//! run something denied stays where it is and loses only the attribute that
//! makes it act, which moves to a private `data-tc-*` attribute; the banner's
//! script can put it back after a grant. Nothing else of the page changes.
//!
//! [`table`] says which attributes act, [`element`] judges one start tag,
//! [`hold`] finds what has to be seen whole before it is judged. The tokenizer
//! is lol_html's, and this module alone talks to it.
//!
//! # What this does not protect against
//!
//! What scripts insert at run time is not in the markup. A page's own script
//! that loads a tracker without naming it cannot be recognised.

mod element;
mod hold;
mod state;
mod table;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use encoding_rs::Encoding;
use lol_html::errors::RewritingError;
use lol_html::send::{DocumentContentHandlers, ElementContentHandlers, HtmlRewriter, Settings};
use lol_html::{MemorySettings, Selector};

use hold::{Found, Kind};
pub(crate) use state::{HtmlError, Injection, Plan};
use state::{Noscript, Shared, lock};

/// What one response may hold in memory besides the chunk in hand, in bytes.
pub(crate) const MAX_MEMORY: usize = 4 * 1024 * 1024;
/// How much is held back for an inline script. Longer ones are no snippets.
const MAX_SCRIPT: usize = 16 * 1024;
/// How much is held back for the start tag of a script.
const MAX_TAG: usize = 64 * 1024;
/// How much is held back for a `<noscript>`.
const MAX_NOSCRIPT: usize = 1024 * 1024;
/// How deep documents may stand inside of documents.
const MAX_DEPTH: u8 = 3;

type Sink = Box<dyn FnMut(&[u8]) + Send>;

/// One document on its way through.
pub(crate) struct HtmlGate {
    /// `None` once the document has ended or failed: writing on would panic.
    rewriter: Option<HtmlRewriter<'static, Sink>>,
    shared: Arc<Mutex<Shared>>,
    output: Arc<Mutex<Vec<u8>>>,
    /// What has arrived and was not written yet.
    window: Bytes,
    plan: Arc<Plan>,
    depth: u8,
    /// Whether the start tag of a `<noscript>` may be open.
    wary: bool,
    /// The `<noscript>` whose content comes next.
    noscript: Option<Noscript>,
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
            ..Shared::default()
        }));
        let output = Arc::new(Mutex::new(Vec::new()));
        Self {
            rewriter: Some(rewriter(&plan, &shared, &output, depth)),
            shared,
            output,
            window: Bytes::new(),
            plan,
            depth,
            wary: false,
            noscript: None,
        }
    }

    /// Takes the next chunk and answers what is ready, which may be nothing.
    ///
    /// After an error there is nothing more to come.
    pub(crate) fn push(&mut self, chunk: Bytes) -> Result<Bytes, HtmlError> {
        self.window = if self.window.is_empty() {
            chunk
        } else {
            [&*self.window, &*chunk].concat().into()
        };
        self.advance(false)?;
        Ok(self.take_output())
    }

    /// Takes the end of the document and answers the rest.
    pub(crate) fn finish(&mut self) -> Result<Bytes, HtmlError> {
        self.advance(true)?;
        let mut rest = std::mem::take(&mut *lock(&self.output));
        if let Some(rewriter) = self.rewriter.take() {
            rewriter.end().map_err(HtmlError::Rewriting)?;
        }
        // What was held to the end is a tag that was cut off, if anything.
        let held = self.take_output();
        let mut shared = lock(&self.shared);
        let injection = std::mem::take(&mut shared.injection);
        let inserts = shared.is_document && !injection.is_empty();
        if !(inserts || self.depth > 0) || !is_start_of_tag(&held) {
            rest.extend_from_slice(&held);
        }
        if inserts {
            // No end tag of the body was met, which is legal HTML.
            let encoding: &Encoding = self.plan.encoding.into();
            let markup = injection.body_start + &injection.body_end;
            rest.extend_from_slice(&encoding.encode(&markup).0);
        }
        Ok(rest.into())
    }

    fn take_output(&self) -> Bytes {
        std::mem::take(&mut *lock(&self.output)).into()
    }

    /// Writes as much of the window as can be judged.
    fn advance(&mut self, last: bool) -> Result<(), HtmlError> {
        while !self.window.is_empty() && self.rewriter.is_some() {
            if let Some(noscript) = self.noscript {
                let Some(length) = self.noscript_length(last)? else {
                    return Ok(());
                };
                self.noscript = None;
                self.rewrite_noscript(noscript, length)?;
                continue;
            }
            let found = hold::next(&self.window);
            let plain = match found {
                Some(found) => found.at,
                None if last => self.window.len(),
                None => self.window.len() - hold::unfinished(&self.window),
            };
            match found {
                _ if plain > 0 => self.pass(plain)?,
                None => return Ok(()),
                Some(Found { kind, .. }) => match kind {
                    Kind::Noscript => {
                        self.wary = true;
                        self.pass(Kind::Noscript.open().len())?;
                    }
                    Kind::Script => match self.script_length(last) {
                        Some(length) => self.pass(length)?,
                        None => return Ok(()),
                    },
                },
            }
        }
        Ok(())
    }

    /// How much of the window to write for what looks like a script at its
    /// start; `None` where its end is still to come.
    fn script_length(&self, last: bool) -> Option<usize> {
        let tag_end = hold::tag_end(&self.window);
        let content = self.window.get(tag_end.unwrap_or(0)..).unwrap_or_default();
        let end = tag_end.and_then(|tag_end| Some(tag_end + hold::script_end(content)?));
        let most = if tag_end.is_some() {
            MAX_SCRIPT
        } else {
            MAX_TAG
        };
        if end.is_none() && !last && content.len() <= most {
            return None;
        }
        // What looks like a script may be none, and then hide another behind it.
        let name = Kind::Script.open().len();
        let behind = self.window.get(name..).unwrap_or_default();
        let next = hold::next(behind)
            .filter(|next| end.is_none() || next.kind == Kind::Noscript)
            .map(|next| name + next.at);
        let rest = if last { 0 } else { hold::unfinished(behind) };
        let end = end.unwrap_or(self.window.len() - rest);
        Some(next.map_or(end, |next| next.min(end)))
    }

    /// How long the content of the open `<noscript>` is; `None` where its end is still to come.
    fn noscript_length(&mut self, last: bool) -> Result<Option<usize>, HtmlError> {
        match hold::noscript_end(&self.window) {
            Some(end) => Ok(Some(end)),
            None if last => Ok(Some(self.window.len())),
            None if self.window.len() <= MAX_NOSCRIPT => Ok(None),
            None => self.fail(HtmlError::TooLarge).map(|()| None),
        }
    }

    /// Replaces the content of a `<noscript>`, the next `length` bytes, by what
    /// a visitor without scripts may load. The tokenizer takes it for text.
    fn rewrite_noscript(&mut self, noscript: Noscript, length: usize) -> Result<(), HtmlError> {
        let content = self.window.split_to(length);
        let rewritten = match noscript {
            Noscript::Denied => Bytes::new(),
            Noscript::Judged => match nested(&self.plan, &self.shared, content, self.depth) {
                Ok((rewritten, _)) => rewritten,
                Err(error) => return self.fail(error),
            },
        };
        let rest = std::mem::replace(&mut self.window, rewritten);
        lock(&self.shared).settled = true;
        self.write(self.window.len())?;
        lock(&self.shared).settled = false;
        self.window = rest;
        Ok(())
    }

    /// Writes the next `length` bytes. While the start tag of a `<noscript>`
    /// may be open it stops at every `>`, one of which ends the tag: not a byte
    /// of its content may go out with it.
    fn pass(&mut self, mut length: usize) -> Result<(), HtmlError> {
        while length > 0 && self.noscript.is_none() {
            let step = if self.wary {
                let ahead = self.window.get(..length).unwrap_or_default();
                memchr::memchr(b'>', ahead).map_or(length, |at| at + 1)
            } else {
                length
            };
            let judged = lock(&self.shared).judged;
            self.write(step)?;
            length -= step;
            let mut shared = lock(&self.shared);
            self.noscript = shared.noscript.take();
            // Once another element was met, no earlier tag is open.
            self.wary &= self.noscript.is_none() && shared.judged == judged;
        }
        Ok(())
    }

    /// Gives the next `length` bytes of the window to the tokenizer.
    fn write(&mut self, length: usize) -> Result<(), HtmlError> {
        if length == 0 {
            return Ok(());
        }
        lock(&self.shared).ahead = self.window.clone();
        let bytes = self.window.split_to(length);
        let written = self
            .rewriter
            .as_mut()
            .map(|rewriter| rewriter.write(&bytes));
        match written {
            Some(Ok(())) => {
                let mut shared = lock(&self.shared);
                shared.written += length;
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
        self.window = Bytes::new();
        self.noscript = None;
        Err(error)
    }
}

/// Whether this is the start of a tag. Browsers drop a tag that is cut off,
/// unless something follows that completes it.
fn is_start_of_tag(text: &[u8]) -> bool {
    matches!(text, [b'<', next, ..] if next.is_ascii_alphabetic() || *next == b'/')
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
    lock(&gate.shared).base.clone_from(&lock(outer).base);
    let start = gate.push(content)?;
    let end = gate.finish()?;
    let blocked = lock(&gate.shared).blocked;
    lock(outer).blocked += blocked;
    Ok(([start, end].concat().into(), blocked))
}

fn rewriter(
    plan: &Arc<Plan>,
    shared: &Arc<Mutex<Shared>>,
    output: &Arc<Mutex<Vec<u8>>>,
    depth: u8,
) -> HtmlRewriter<'static, Sink> {
    let on_element = {
        let (plan, shared) = (plan.clone(), shared.clone());
        move |element: &mut lol_html::send::Element<'_, '_>| {
            element::judge(element, &plan, &shared, depth, nested);
            Ok(())
        }
    };
    let on_doctype = {
        let shared = shared.clone();
        move |_: &mut lol_html::html_content::Doctype<'_>| {
            lock(&shared).is_document = true;
            Ok(())
        }
    };
    let mut settings = Settings::new_send()
        .with_encoding(plan.encoding)
        .with_adjust_charset_on_meta_tag(!plan.charset_declared)
        // Strict parsing refuses markup that current browsers accept inside of `<select>`.
        .with_strict(false)
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(MAX_MEMORY))
        .append_document_content_handler(DocumentContentHandlers::default().doctype(on_doctype));
    settings = settings.append_element_content_handler((
        selector(),
        ElementContentHandlers::default().element(on_element),
    ));
    let output = output.clone();
    let sink: Sink = Box::new(move |bytes: &[u8]| lock(&output).extend_from_slice(bytes));
    HtmlRewriter::new(settings, sink)
}

/// All elements that the table names, parsed once.
fn selector() -> Cow<'static, Selector> {
    static SELECTOR: OnceLock<Selector> = OnceLock::new();
    Cow::Borrowed(SELECTOR.get_or_init(|| {
        #[allow(clippy::expect_used, reason = "a list of tag names that a test parses")]
        table::tags()
            .join(",")
            .parse()
            .expect("a list of tag names")
    }))
}
