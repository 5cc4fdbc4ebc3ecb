//! What would a browser fetch or run of a page?

use html5ever::tendril::TendrilSink;
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use url::Url;

use crate::grammar::RULES;
use crate::html_common::SITE;

const TRACKERS: [&str; 4] = [
    "ads.test",
    "stats.test",
    "video.test",
    "googletagmanager.com",
];

fn is_tracker(base: &Url, address: &str) -> bool {
    let urls = [base.join(address).ok(), Url::parse(address).ok()];
    urls.into_iter().flatten().any(|url| {
        let host = url
            .host_str()
            .unwrap_or_default()
            .trim_end_matches('.')
            .to_owned();
        let path = percent_encoding::percent_decode_str(url.path())
            .decode_utf8_lossy()
            .into_owned();
        matches!(url.scheme(), "http" | "https" | "ws" | "wss")
            && (TRACKERS
                .iter()
                .any(|tracker| host == *tracker || host.ends_with(&format!(".{tracker}")))
                || host == SITE && (path == "/collect" || path.starts_with("/collect/")))
    })
}

fn candidates(srcset: &str) -> Vec<&str> {
    srcset
        .split_ascii_whitespace()
        .map(|word| word.trim_matches(','))
        .collect()
}

/// The document that a browser makes of `html`.
pub(crate) fn parsed(html: &[u8], scripting: bool) -> RcDom {
    parse_document(
        RcDom::default(),
        ParseOpts {
            tree_builder: TreeBuilderOpts {
                scripting_enabled: scripting,
                ..TreeBuilderOpts::default()
            },
            ..ParseOpts::default()
        },
    )
    .from_utf8()
    .one(html)
}

/// What of `html` a browser would fetch or run although it is denied.
pub(crate) fn survivors(html: &[u8], scripting: bool, depth: usize) -> Vec<String> {
    let dom = parsed(html, scripting);
    let mut base = Url::parse(&format!("https://{SITE}/")).unwrap();
    let mut based = false;
    let mut found = Vec::new();
    walk(&dom.document, &mut |node| {
        let NodeData::Element { name, attrs, .. } = &node.data else {
            return;
        };
        if &*name.ns == "http://www.w3.org/1998/Math/MathML" {
            // Nothing there fetches or runs.
            return;
        }
        let attrs = attrs.borrow();
        let get = |wanted: &str| {
            attrs.iter().find_map(|attribute| {
                let prefix = attribute
                    .name
                    .prefix
                    .as_ref()
                    .map(|prefix| format!("{prefix}:"));
                let full = format!("{}{}", prefix.unwrap_or_default(), attribute.name.local);
                (full == wanted).then(|| attribute.value.to_string())
            })
        };
        let tag = name.local.to_ascii_lowercase().to_string();
        let fetching = |css: &str| {
            [
                "url(//ads.test",
                "rl('//ads.test",
                "url( \"https://stats",
                "import '//ads.test",
            ]
            .iter()
            .any(|part| css.to_ascii_lowercase().contains(part))
        };
        for attribute in attrs.iter() {
            let (name, value) = (&*attribute.name.local, &*attribute.value);
            if (name == "style"
                && value.starts_with("background")
                && value.matches("background").count() == 1
                && fetching(value))
                || (scripting && name.starts_with("on") && value.contains("fetch('//ads.test"))
            {
                found.push(format!("<{tag}> {name}={value}"));
            }
        }
        if tag == "style" {
            let sheet = content_of(node);
            // Anything else in it might open a string, in which nothing is an address.
            let plain = RULES
                .iter()
                .fold(sheet.clone(), |rest, rule| rest.replace(rule, ""));
            let applies = get("type").is_none_or(|kind| kind != "text/plain");
            if applies && plain.is_empty() && fetching(&sheet) {
                found.push(format!("<style> {sheet}"));
            }
        }
        let mut fetches = |address: Option<String>| {
            if let Some(address) = address
                && is_tracker(&base, &address)
            {
                found.push(format!("<{tag}> {address:?}"));
            }
        };
        match &*tag {
            "img" | "image" | "iframe" | "frame" | "embed" | "source" | "track" | "video"
            | "audio" | "input" => {
                fetches(get("src"));
                // No lazy loader serves the others.
                if !matches!(&*tag, "image" | "frame" | "track" | "input") {
                    fetches(get("data-src"));
                    fetches(get("data-lazy-src"));
                }
                if tag == "video" {
                    fetches(get("poster"));
                }
                if tag == "image" {
                    fetches(get("href"));
                    fetches(get("xlink:href"));
                }
                if let "img" | "source" | "image" = &*tag {
                    for name in ["srcset", "data-srcset"] {
                        let srcset = get(name).unwrap_or_default();
                        for address in candidates(&srcset) {
                            fetches(Some(address.to_owned()));
                        }
                    }
                }
            }
            "use" => {
                fetches(get("href"));
                fetches(get("xlink:href"));
            }
            "object" => fetches(get("data")),
            "body" | "table" | "td" => fetches(get("background")),
            "a" => {
                for address in get("ping").unwrap_or_default().split_ascii_whitespace() {
                    fetches(Some(address.to_owned()));
                }
            }
            "link" => {
                let rel = get("rel").unwrap_or_default().to_ascii_lowercase();
                let fetching = [
                    "stylesheet",
                    "preload",
                    "icon",
                    "dns-prefetch",
                    "preconnect",
                ];
                if rel
                    .split_ascii_whitespace()
                    .any(|word| fetching.contains(&word))
                {
                    fetches(get("href"));
                    for address in candidates(&get("imagesrcset").unwrap_or_default()) {
                        fetches(Some(address.to_owned()));
                    }
                }
            }
            "meta"
                if get("http-equiv").is_some_and(|kind| kind.eq_ignore_ascii_case("refresh")) =>
            {
                let content = get("content").unwrap_or_default();
                fetches(
                    content
                        .split_once("url=")
                        .map(|(_, address)| address.to_owned()),
                );
            }
            "script" => {
                let kind = get("type").unwrap_or_default();
                let runs = matches!(
                    kind.trim().to_ascii_lowercase().as_str(),
                    "" | "module" | "text/javascript"
                );
                if runs && scripting {
                    fetches(get("src"));
                    fetches(get("href"));
                    fetches(get("xlink:href"));
                    let code = content_of(node);
                    if get("src").is_none()
                        && (code.contains("fetch('//ads.test")
                            || code.contains("='https://stats.test"))
                    {
                        found.push(format!("<script> {code}"));
                    }
                }
            }
            "base" => {
                if !based && let Some(href) = get("href") {
                    based = true;
                    base = base.join(&href).unwrap_or_else(|_| base.clone());
                }
            }
            _ => {}
        }
        if tag == "iframe"
            && depth < 3
            && let Some(inner) = get("srcdoc")
        {
            found.extend(survivors(inner.as_bytes(), scripting, depth + 1));
        }
    });
    found
}

fn walk(node: &Handle, visit: &mut dyn FnMut(&Handle)) {
    visit(node);
    if let NodeData::Element {
        template_contents, ..
    } = &node.data
        && let Some(template) = &*template_contents.borrow()
    {
        walk(template, visit);
    }
    for child in node.children.borrow().iter() {
        walk(child, visit);
    }
}

/// The text directly inside of an element, which is what a script runs.
pub(crate) fn content_of(node: &Handle) -> String {
    node.children
        .borrow()
        .iter()
        .filter_map(|child| match &child.data {
            NodeData::Text { contents } => Some(contents.borrow().to_string()),
            _ => None,
        })
        .collect()
}
