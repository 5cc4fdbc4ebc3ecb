//! One site, its visitors, and bodies that come in chosen pieces; nothing opens a socket.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "each test file uses its own part, and a broken set-up must fail the test"
)]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame, SizeHint};
use tower::{Layer, Service, service_fn};
use tower_consent::{
    BodyError, Category, Choice, ConsentBody, ConsentLayer, GuardMode, Keyring, ManualClock,
    Policy, PolicyBuilder, SigningKey, Timestamp, Vendor,
};

/// The moment at which every test takes place.
pub(crate) const NOW: u64 = 1_800_000_000;
/// The host that every test asks.
pub(crate) const SITE: &str = "shop.test";

/// A vendor that is described as far as a policy needs it.
pub(crate) fn vendor(id: &str, category: Category) -> Vendor {
    Vendor::new(id, category)
        .first_party()
        .with_purpose("p")
        .with_retention("r")
}

/// Two vendors of analytics and one each of the other categories, on hosts that do not exist.
pub(crate) fn builder() -> PolicyBuilder {
    Policy::builder("1")
        // What depends on the visitor's languages is tested elsewhere.
        .languages(["en"])
        .vendor(
            vendor("stats", Category::Analytics)
                .hosts(["stats.test"])
                .paths(["/collect"])
                .cookies(["_stats"]),
        )
        .vendor(vendor("heat", Category::Analytics).hosts(["heat.test"]))
        .vendor(
            vendor("ads", Category::Marketing)
                .hosts(["ads.test", "mixed.test/ads"])
                .cookies(["_ads"]),
        )
        .vendor(vendor("video", Category::Functional).hosts(["video.test"]))
        .necessary("sid", "Keeps you signed in")
}

/// A site with its layer.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) layer: ConsentLayer,
}

impl Site {
    /// The usual site, which adds nothing to the page of a visitor who has decided.
    pub(crate) fn new() -> Self {
        Self::with(builder())
    }

    pub(crate) fn with(builder: PolicyBuilder) -> Self {
        Self {
            layer: layer(builder)
                .with_settings_link(false)
                .with_guard(GuardMode::Off),
        }
    }

    /// The usual site with the link to the settings on every page.
    pub(crate) fn with_link() -> Self {
        Self {
            layer: layer(builder()).with_guard(GuardMode::Off),
        }
    }

    /// The usual site with the guard on every page where something is denied.
    pub(crate) fn guarded(mode: GuardMode) -> Self {
        Self {
            layer: layer(builder()).with_guard(mode),
        }
    }

    /// The `Cookie` header of a visitor who made `choice`.
    pub(crate) fn cookies(&self, choice: &Choice) -> String {
        let choice = choice.clone();
        let response = exchange(&self.layer, get("/choose"), move |_| {
            let mut response = Response::new(Pieces::default());
            response.extensions_mut().insert(choice.clone());
            response
        });
        response
            .headers()
            .get_all(SET_COOKIE)
            .iter()
            .map(|line| line.to_str().unwrap().split(';').next().unwrap())
            .collect::<Vec<_>>()
            .join("; ")
    }

    pub(crate) fn refused(&self) -> String {
        self.cookies(&Choice::reject_all())
    }

    pub(crate) fn granted(&self) -> String {
        self.cookies(&Choice::accept_all())
    }

    pub(crate) fn only(&self, categories: impl IntoIterator<Item = Category>) -> String {
        self.cookies(&Choice::only(categories))
    }

    /// What a visitor with these cookies receives of an HTML page.
    pub(crate) fn page(&self, cookies: &str, html: impl AsRef<[u8]>) -> Vec<u8> {
        self.pieces(cookies, &[html.as_ref()])
    }

    /// The same, with the page arriving in these pieces.
    pub(crate) fn pieces<P: AsRef<[u8]>>(&self, cookies: &str, pieces: &[P]) -> Vec<u8> {
        let response = self.html("text/html", cookies, Pieces::of(pieces));
        read(response.into_body()).unwrap()
    }

    /// The same as text, for a page that is UTF-8.
    pub(crate) fn text(&self, cookies: &str, html: &str) -> String {
        String::from_utf8(self.page(cookies, html)).unwrap()
    }

    /// The whole response to a request for a page of this content type.
    pub(crate) fn html(
        &self,
        content_type: &'static str,
        cookies: &str,
        body: Pieces,
    ) -> Response<ConsentBody<Pieces>> {
        self.respond(get_with("/", &[(COOKIE.as_str(), cookies)]), move || {
            Response::builder()
                .header(CONTENT_TYPE, content_type)
                .body(body.clone())
                .unwrap()
        })
    }

    pub(crate) fn respond(
        &self,
        request: Request<Pieces>,
        app: impl Fn() -> Response<Pieces>,
    ) -> Response<ConsentBody<Pieces>> {
        exchange(&self.layer, request, move |_| app())
    }
}

/// A layer at a fixed time with a fixed key.
pub(crate) fn layer(builder: PolicyBuilder) -> ConsentLayer {
    let key = SigningKey::from_bytes(b"0123456789abcdef0123456789abcdef").unwrap();
    ConsentLayer::new(builder.build().unwrap(), Keyring::new(key))
        .with_clock(ManualClock::new(Timestamp::from_unix_seconds(NOW)))
}

pub(crate) fn get(path: &str) -> Request<Pieces> {
    get_with(path, &[])
}

/// A `GET` with these headers; a blank value stands for none.
pub(crate) fn get_with(path: &str, headers: &[(&str, &str)]) -> Request<Pieces> {
    let mut request = Request::builder().uri(path).header(HOST, SITE);
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        request = request.header(*name, *value);
    }
    request.body(Pieces::default()).unwrap()
}

/// Sends a request through the layer to `app`.
pub(crate) fn exchange(
    layer: &ConsentLayer,
    request: Request<Pieces>,
    app: impl Fn(Request<Pieces>) -> Response<Pieces>,
) -> Response<ConsentBody<Pieces>> {
    let mut service = layer.layer(service_fn(|request| {
        std::future::ready(Ok::<_, Infallible>(app(request)))
    }));
    wait(service.call(request)).unwrap()
}

/// Drives a future that never has to wait for anything outside of this thread.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..1000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
    panic!("the future waits for something that never comes");
}

/// All data of a body.
pub(crate) fn read<B>(body: B) -> Result<Vec<u8>, B::Error>
where
    B: Body<Data = Bytes>,
{
    let mut body = std::pin::pin!(body);
    let mut out = Vec::new();
    while let Some(frame) = frame(body.as_mut()) {
        if let Ok(data) = frame?.into_data() {
            out.extend_from_slice(&data);
        }
    }
    Ok(out)
}

/// The next frame of a body.
pub(crate) fn frame<B: Body>(mut body: Pin<&mut B>) -> Option<Result<Frame<B::Data>, B::Error>> {
    wait(std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)))
}

/// A body of chosen pieces, which may end in an error or in trailers.
#[derive(Clone, Default)]
pub(crate) struct Pieces {
    data: VecDeque<Bytes>,
    trailers: Option<HeaderMap>,
    breaks: bool,
    /// How many pieces were asked for.
    taken: Arc<std::sync::atomic::AtomicUsize>,
}

impl Pieces {
    pub(crate) fn of<P: AsRef<[u8]>>(pieces: &[P]) -> Self {
        Self {
            data: pieces
                .iter()
                .map(|piece| Bytes::copy_from_slice(piece.as_ref()))
                .collect(),
            ..Self::default()
        }
    }

    pub(crate) fn from(pieces: impl Iterator<Item = Bytes>) -> Self {
        Self {
            data: pieces.collect(),
            ..Self::default()
        }
    }

    /// The same text in pieces of `length` bytes.
    pub(crate) fn split(text: &[u8], length: usize) -> Self {
        Self::of(&text.chunks(length.max(1)).collect::<Vec<_>>())
    }

    /// Ends in an error instead of well.
    pub(crate) fn breaking(mut self) -> Self {
        self.breaks = true;
        self
    }

    pub(crate) fn with_trailers(mut self, trailers: HeaderMap) -> Self {
        self.trailers = Some(trailers);
        self
    }

    pub(crate) fn taken(&self) -> usize {
        self.taken.load(std::sync::atomic::Ordering::SeqCst)
    }
}

/// The error that a breaking body ends in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the upstream connection broke")
    }
}

impl std::error::Error for Broken {}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if let Some(data) = self.data.pop_front() {
            self.taken.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        if std::mem::take(&mut self.breaks) {
            return Poll::Ready(Some(Err(Broken)));
        }
        Poll::Ready(self.trailers.take().map(|map| Ok(Frame::trailers(map))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_empty() && self.trailers.is_none() && !self.breaks
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.iter().map(|data| data.len() as u64).sum())
    }
}

/// Whether a body ended because its page could not be gated.
pub(crate) fn is_gate_error(error: &BodyError) -> bool {
    error.to_string().starts_with("the page could not be gated")
}

/// The positions at which `needle` stands in `text`.
pub(crate) fn count(text: &str, needle: &str) -> usize {
    text.matches(needle).count()
}

/// What the layer adds to a page: at the start of its body and at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Added {
    pub(crate) start: Vec<u8>,
    pub(crate) end: Vec<u8>,
}

impl Site {
    /// Learns what is added for these cookies from a page that holds nothing else.
    pub(crate) fn added(&self, cookies: &str) -> Added {
        const OPEN: &str = "<!doctype html><html><body>";
        const CLOSE: &str = "</body></html>";
        let page = self.text(cookies, &format!("{OPEN}|{CLOSE}"));
        let inner = page.strip_prefix(OPEN).unwrap();
        let inner = inner.strip_suffix(CLOSE);
        // With everything granted the page is left alone and the rest follows it.
        let (start, end) = match inner {
            Some(inner) => inner.split_once('|').unwrap(),
            None => ("", page.strip_prefix(&format!("{OPEN}|{CLOSE}")).unwrap()),
        };
        Added {
            start: start.into(),
            end: end.into(),
        }
    }

    /// A page as it is gated, without what the layer adds to every page. The
    /// name of a sleeping frame, new in every response, reads `tc-`.
    pub(crate) fn gated(&self, cookies: &str, html: &str) -> String {
        let page = self.page(cookies, html);
        plain_names(&String::from_utf8(self.added(cookies).taken_from(&page)).unwrap())
    }
}

/// Whether the gate made this name for a sleeping frame.
pub(crate) fn is_frame_name(name: &str) -> bool {
    name.strip_prefix("tc-").is_some_and(|rest| {
        rest.bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    })
}

/// The same page with the names that the gate makes for frames all alike.
pub(crate) fn plain_names(html: &str) -> String {
    const START: &str = " name=\"tc-";
    let mut parts = html.split(START);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('"').unwrap_or((part, ""));
        out.push_str(START);
        if !is_frame_name(&format!("tc-{name}")) {
            out.push_str(name);
        }
        out.push('"');
        out.push_str(rest);
    }
    out
}

impl Added {
    /// `page` without the first copy of each part.
    pub(crate) fn taken_from(&self, page: &[u8]) -> Vec<u8> {
        without(&without(page, &self.start), &self.end)
    }
}

fn without(page: &[u8], part: &[u8]) -> Vec<u8> {
    let at = page
        .windows(part.len().max(1))
        .position(|bytes| bytes == part);
    match at {
        Some(at) => [&page[..at], &page[at + part.len()..]].concat(),
        None => page.to_vec(),
    }
}

/// Puts back what the gate put aside, as the banner's script does in the
/// document: `data-tc-x` becomes `x`, a sleeping script gets its type back, and
/// `data-tc` goes. A tag that was changed is written anew, so compare it in
/// [`canonical`] form.
pub(crate) fn restored(html: &str) -> String {
    let mut out = String::new();
    let html = html.replace("about:invalid#", "");
    let mut rest = &*html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match Tag::read(rest) {
            Some((tag, length)) if tag.has("data-tc") => {
                out.push_str(&tag.restored().written());
                rest = &rest[length..];
            }
            _ => {
                out.push('<');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

/// The same text with the attributes of every tag in one order, quoted one way,
/// and each once: what a browser makes of it.
pub(crate) fn canonical(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match Tag::read(rest) {
            Some((mut tag, length)) => {
                // A stable sort keeps the first of two attributes of one name in front.
                tag.attributes.sort_by(|one, other| one.0.cmp(&other.0));
                tag.attributes.dedup_by(|later, first| later.0 == first.0);
                for (_, value) in &mut tag.attributes {
                    value.get_or_insert_default();
                }
                out.push_str(&tag.written());
                rest = &rest[length..];
            }
            None => {
                out.push('<');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

/// Whether `found` is `source`, perhaps without a tag at its end that was never finished.
pub(crate) fn is_same_but_for_a_cut_tag(found: &str, source: &str) -> bool {
    let found = canonical(found);
    let cuts = source.rmatch_indices('<').map(|(at, _)| at);
    [source.len()]
        .into_iter()
        .chain(cuts.filter(|at| Tag::read(&source[*at..]).is_none()))
        .any(|at| canonical(&source[..at]) == found)
}

/// A start tag, read as the HTML standard says.
#[derive(Clone, Debug)]
struct Tag {
    name: String,
    /// Names in lower case, values as they stand.
    attributes: Vec<(String, Option<String>)>,
    closed: bool,
}

impl Tag {
    fn read(html: &str) -> Option<(Self, usize)> {
        let bytes = html.as_bytes();
        if bytes.first() != Some(&b'<') || !bytes.get(1)?.is_ascii_alphabetic() {
            return None;
        }
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
        let until = |from: usize, stop: &dyn Fn(&u8) -> bool| {
            bytes[from..].iter().position(stop).map(|at| from + at)
        };
        let mut at = until(1, &is_end)?;
        let mut tag = Self {
            name: html[1..at].to_owned(),
            attributes: Vec::new(),
            closed: false,
        };
        loop {
            let from = at;
            at = until(at, &|byte| !byte.is_ascii_whitespace() && *byte != b'/')?;
            if bytes[at] == b'>' {
                tag.closed = at > from && bytes[at - 1] == b'/';
                return Some((tag, at + 1));
            }
            // An equals sign may start a name.
            let end = until(at + 1, &|byte| is_end(byte) || *byte == b'=')?;
            let name = html[at..end].to_ascii_lowercase();
            at = until(end, &|byte| !byte.is_ascii_whitespace())?;
            if bytes[at] != b'=' {
                tag.attributes.push((name, None));
                at = end;
                continue;
            }
            at = until(at + 1, &|byte| !byte.is_ascii_whitespace())?;
            let value = match bytes[at] {
                quote @ (b'"' | b'\'') => {
                    let end = until(at + 1, &|byte| *byte == quote)?;
                    let value = html[at + 1..end].to_owned();
                    at = end + 1;
                    value
                }
                b'>' => String::new(),
                _ => {
                    let end = until(at, &|byte| byte.is_ascii_whitespace() || *byte == b'>')?;
                    let value = html[at..end].to_owned();
                    at = end;
                    value
                }
            };
            tag.attributes.push((name, Some(value)));
        }
    }

    fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|(known, _)| known == name)
    }

    fn restored(mut self) -> Self {
        let stops = ["script", "style"]
            .iter()
            .any(|name| self.name.eq_ignore_ascii_case(name));
        let kind = self.attributes.iter().find(|(name, _)| name == "type");
        if stops && kind.is_some_and(|(_, kind)| kind.as_deref() == Some("text/plain")) {
            let kind = self
                .attributes
                .iter()
                .find(|(name, _)| name == "data-tc-type");
            match kind.cloned() {
                Some((_, kind)) => {
                    self.attributes.retain(|(name, _)| name != "data-tc-type");
                    for attribute in &mut self.attributes {
                        if attribute.0 == "type" {
                            attribute.1.clone_from(&kind);
                        }
                    }
                }
                None => self.attributes.retain(|(name, _)| name != "type"),
            }
        }
        let is_made = |value: &Option<String>| value.as_deref().is_some_and(is_frame_name);
        self.attributes
            .retain(|(name, value)| name != "data-tc" && !(name == "name" && is_made(value)));
        // Both may be shown in part meanwhile.
        for shown in ["style", "srcdoc"] {
            if self.has(&format!("data-tc-{shown}")) {
                self.attributes.retain(|(name, _)| name != shown);
            }
        }
        self.attributes.retain(|(name, _)| name != "data-tc-css");
        for (name, _) in &mut self.attributes {
            if let Some(kept) = name.strip_prefix("data-tc-") {
                *name = kept.to_owned();
            }
        }
        self
    }

    fn written(&self) -> String {
        let mut out = format!("<{}", self.name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            if let Some(value) = value {
                out.push_str("=\"");
                out.push_str(&value.replace('"', "&quot;"));
                out.push('"');
            }
        }
        if self.closed {
            out.push_str(" /");
        }
        out + ">"
    }
}
