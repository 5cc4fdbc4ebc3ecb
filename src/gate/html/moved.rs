//! Does a page that is not read lead relative addresses to another host?
//!
//! With a `<base>` of another host the layer's own addresses would be asked for
//! there. A page that is granted everything is not taken apart to learn that:
//! what stands above its body is searched for such a tag. One in a comment
//! counts, too, and does no harm: the addresses are then written out in full.

use std::sync::LazyLock;

use http::HeaderValue;

use super::hold;
use super::sniff::attribute;
use super::starts::Starts;
use super::state::Injection;
use crate::gate::address::{Base, decode};
use crate::policy::Policy;

/// How much of a page is searched where no body begins, in bytes.
const MAX_SEARCHED: usize = 64 * 1024;
static STARTS: LazyLock<Starts> = LazyLock::new(|| Starts::new(&[*b"<ba", *b"<bo"]));
/// The length of `<base` with what ends the name.
const NAME: usize = 6;

/// Where a page is at.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    /// As the request named it.
    pub(crate) host: Option<HeaderValue>,
    pub(crate) secure: bool,
    /// Below whose prefix the layer answers.
    pub(crate) policy: Policy,
}

/// Reads a page in whatever pieces it comes.
#[derive(Debug, Default)]
pub(crate) struct Moved {
    searched: usize,
    is_over: bool,
    /// The end of what was searched, in which a tag may have begun.
    rest: Vec<u8>,
    /// The first address of a `<base>` that may name a host.
    base: Option<String>,
}

impl Moved {
    /// Looks at the next piece.
    pub(crate) fn look(&mut self, piece: &[u8]) {
        if self.is_over {
            return;
        }
        self.searched += piece.len();
        if self.rest.is_empty() {
            self.rest = self.search(piece).to_vec();
        } else {
            let mut text = std::mem::take(&mut self.rest);
            text.extend_from_slice(piece);
            self.rest = self.search(&text).to_vec();
        }
        self.is_over |= self.searched >= MAX_SEARCHED;
    }

    /// Searches `text`; the part of it that has to be searched again with what follows.
    fn search<'a>(&mut self, text: &'a [u8]) -> &'a [u8] {
        for at in STARTS.all(text) {
            let tag = text.get(at..).unwrap_or_default();
            let Some(name) = tag.get(1..NAME) else {
                return tag;
            };
            let (name, end) = name.split_at(4);
            if name.eq_ignore_ascii_case(b"body") {
                self.is_over = true;
                return &[];
            }
            let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'/';
            if !name.eq_ignore_ascii_case(b"base") || !end.iter().all(ends) {
                continue;
            }
            let Some(inside) = hold::tag_end(tag).and_then(|end| tag.get(NAME..end - 1)) else {
                return tag;
            };
            let href = attribute(inside, b"href").map(String::from_utf8_lossy);
            let href = href.map(|href| decode(&href).into_owned());
            if let Some(href) = href.filter(|href| href.replace('\\', "/").contains("//")) {
                self.base = Some(href);
                self.is_over = true;
                return &[];
            }
        }
        let tail = text.len().saturating_sub(NAME - 1);
        let tail = text.get(tail..).unwrap_or_default();
        let start = memchr::memchr(b'<', tail).unwrap_or(tail.len());
        tail.get(start..).unwrap_or_default()
    }

    /// Writes the layer's addresses out in full where they would lead elsewhere.
    /// `language` is the page's.
    pub(crate) fn settle(&self, injection: &mut Injection, language: Option<&str>, home: &Home) {
        let Some(href) = self.base.as_deref() else {
            return;
        };
        let host = home.host.as_ref().and_then(|host| host.to_str().ok());
        let Some(host) = host.filter(|host| !host.is_empty()) else {
            return;
        };
        let mut base = Base::new(host, "/");
        let own = base.authority();
        base.rebase(href);
        if base.authority() != own {
            let scheme = if home.secure { "https" } else { "http" };
            injection.write(language);
            injection.settle(home.policy.prefix(), &format!("{scheme}://{own}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // covers T33
    #[test]
    fn a_base_above_the_body_is_found_in_whatever_pieces_it_comes() {
        let base = |html: &str, length: usize| {
            let mut moved = Moved::default();
            html.as_bytes()
                .chunks(length)
                .for_each(|piece| moved.look(piece));
            moved.base
        };
        for length in [1, 2, 5, 7, 1000] {
            for html in [
                "<html><head><base href=\"//ads.test/\"></head><body>",
                "<head><title>base</title><BASE target=_top href='//ads.test/'>",
                "<head><base target=_top><basefont><base/href=\\\\ads.test>",
                "<head><base href=/own/><base href=&#47;&#x2f;ads.test/>",
            ] {
                let found = base(html, length).unwrap_or_default();
                assert!(found.contains("ads.test"), "{html} {length}: {found}");
            }
            for html in [
                "<html><head><base href=\"/own/\"></head><body><base href=//ads.test/>",
                "<basefont href=//ads.test/>",
                "<head><base href=//ads.test/",
                "<base>",
            ] {
                assert_eq!(base(html, length), None, "{html} {length}");
            }
        }
    }
}
