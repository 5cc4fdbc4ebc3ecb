//! What are the pages made of?

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// An address and whether it is a denied tracker's.
fn address() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(vec![
            "https://ads.test/x",
            "//ads.test/x",
            "//a.b.ads.test/x?a=1&amp;b=2",
            "HTTPS://ADS.TEST/x",
            "https&colon;//ads&period;test/x",
            "https://ads&#46;test/x",
            "\\\\ads.test\\x",
            "ht\ntps://ads.test/x",
            " //ads.test/x ",
            "https://user@ads.test:8443/x",
            "https://ads.test./x",
            "//%61ds.test/x",
            "https:ads.test/x",
            "//stats.test/x",
            "/collect?x",
            "/c%6Flect",
            "//video.test/embed",
            "https://www.googletagmanager.com/gtag/js",
        ]),
        2 => select(vec![
            "/own.js",
            "own/x.png",
            "https://shop.test/x",
            "//shop.test/ads.test",
            "?u=//ads.test/",
            "https://ads.test.shop.test/x",
            "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
            "",
            "#x",
        ]),
    ]
    .prop_map(str::to_owned)
}

/// A value with its quotes, such as a careless author writes it.
fn quoted(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (value, 0..3u8).prop_map(|(value, style)| {
        let bare = !value.is_empty()
            && value
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"\"'<>=`".contains(&byte));
        match style {
            0 if bare => value,
            1 => format!("'{}'", value.replace('\'', "&#39;")),
            _ => format!("\"{}\"", value.replace('"', "&quot;")),
        }
    })
}

fn srcset() -> impl Strategy<Value = String> {
    vec((address(), select(vec!["", " 1x", " 2x", " 100w"])), 1..4).prop_map(|candidates| {
        candidates
            .into_iter()
            .map(|(address, descriptor)| {
                format!("{}{descriptor}", address.trim().replace('\n', ""))
            })
            .collect::<Vec<_>>()
            .join(", ")
    })
}

/// One attribute as it stands in a tag.
fn attribute() -> impl Strategy<Value = String> {
    let named = |names: Vec<&'static str>| select(names);
    prop_oneof![
        6 => (
            named(vec![
                "src", "SRC", "href", "xlink:href", "data", "poster", "background", "data-src",
                "data-lazy-src", "ping", "formaction", "action", "cite", "sRc",
            ]),
            select(vec!["=", " = ", "= "]),
            quoted(address()),
        )
            .prop_map(|(name, equals, value)| format!("{name}{equals}{value}")),
        1 => (named(vec!["srcset", "imagesrcset", "data-srcset"]), quoted(srcset()))
            .prop_map(|(name, value)| format!("{name}={value}")),
        1 => quoted(select(vec![
            "stylesheet", "preload", "icon", "canonical", "dns-prefetch", "PRECONNECT x",
        ]).prop_map(str::to_owned))
            .prop_map(|value| format!("rel={value}")),
        1 => quoted(select(vec![
            "module", "text/javascript", "text/plain", "application/json", "", "text/template",
        ]).prop_map(str::to_owned))
            .prop_map(|value| format!("type={value}")),
        1 => quoted(select(vec!["refresh", "Refresh", "content-type"]).prop_map(str::to_owned))
            .prop_map(|value| format!("http-equiv={value}")),
        1 => quoted(address().prop_map(|address| format!("0;url={address}")))
            .prop_map(|value| format!("content={value}")),
        1 => quoted(select(vec![
            "background:url(//ads.test/x)", "background:\\75 rl('//ads.test/x')", "color:red",
            "background:url(/own)", "background:url&#40;//ads.test/x&#41;",
        ]).prop_map(str::to_owned))
            .prop_map(|value| format!("style={value}")),
        1 => (
            named(vec!["onload", "onerror", "ONTOGGLE", "onclick"]),
            quoted(select(vec!["fetch('//ads.test/x')", "ok()"]).prop_map(str::to_owned)),
        )
            .prop_map(|(name, value)| format!("{name}={value}")),
        2 => select(vec![
            "async", "alt", "alt=", "title='a > b'", "class=\"x\"", "title=\"<script>\"",
            "data-x='<noscript>'", "style=\"\"", "title='</script>'", "\"", "a\"b",
        ])
            .prop_map(str::to_owned),
    ]
}

fn tag() -> impl Strategy<Value = String> {
    (
        select(vec![
            "img", "IMG", "script", "iframe", "link", "a", "video", "audio", "source", "object",
            "embed", "input", "meta", "body", "table", "td", "div", "p", "form", "template", "svg",
            "image", "use", "span", "select", "option", "frame", "math", "mi",
        ]),
        vec(attribute(), 0..4),
        select(vec![" ", "\n", "\t ", "/"]),
        any::<bool>(),
    )
        .prop_map(|(name, attributes, separator, close)| {
            let mut tag = format!("<{name}");
            for attribute in &attributes {
                tag += separator;
                tag += attribute;
            }
            if close {
                tag += " /";
            }
            tag + ">"
        })
}

fn text() -> impl Strategy<Value = String> {
    select(vec![
        "text",
        " ",
        "&amp;",
        "<",
        "1 < 2",
        "<!-- c -->",
        "<!-- <script> -->",
        "<!-- <noscript -->",
        "<!-- > -->",
        "</div>",
        "</p>",
        "</svg>",
        "</math>",
        "</select>",
        "</template>",
        "</table>",
        "</a>",
        "</script>",
        "</noscript>",
        "</iframe>",
        "</",
        "<!doctype html>",
        "<html>",
        "<head>",
        "</head>",
        "</body>",
        "é",
        "<![CDATA[x]]>",
        "<![CDATA[>",
        "]]>",
        "<foreignObject>",
        "</foreignObject>",
        "<font color=red>",
        "<?x?>",
        "<!x>",
        "<title>",
        "</title>",
        "<textarea>",
        "</textarea>",
        "<style>",
        "</style>",
        "<xmp>",
        "</xmp>",
    ])
    .prop_map(str::to_owned)
}

fn script() -> impl Strategy<Value = String> {
    (
        select(vec![
            "<script>",
            "<SCRIPT async>",
            "<script type=module>",
            "<script type=text/plain>",
        ]),
        vec(
            select(vec![
                "fetch('//ads.test/x');",
                "s=d.createElement('script');s.src='https://stats.test/a.js';",
                "var a = 1 < 2;",
                "// 'ads.test'\n",
                "ok();",
                "'<noscript>';",
                "'<script';",
                "'<\\/script>';",
            ]),
            0..4,
        ),
        select(vec!["</script>", "</SCRIPT\n>"]),
    )
        .prop_map(|(open, body, close)| format!("{open}{}{close}", body.concat()))
}

/// Left out: what a `<noscript>` opens and does not close, such as `<svg>`. Without scripts its end
/// tag then counts for nothing, and the rest of the page reads otherwise than with scripts.
fn inside_noscript() -> impl Strategy<Value = String> {
    const OPEN: [&str; 9] = [
        "<script",
        "<iframe",
        "<svg",
        "<math",
        "<select",
        "<template",
        "<frame",
        "<table",
        "<td",
    ];
    tag().prop_map(
        |tag| match OPEN.iter().find(|open| tag.starts_with(**open)) {
            Some(open) => format!("{tag}</{}>", &open[1..]),
            None => tag,
        },
    )
}

/// What stylesheets are made of.
pub(crate) const RULES: [&str; 6] = [
    "@import '//ads.test/x';",
    "p{background:url(//ads.test/x)}",
    "p{background:URL( \"https://stats.test/x\" )}",
    "p{color:red}",
    "p::before{content:'<script>'}",
    "p{background:url(/own)}",
];

fn sheet() -> impl Strategy<Value = String> {
    vec(select(RULES.to_vec()), 0..4).prop_map(|rules| format!("<style>{}</style>", rules.concat()))
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => sheet(),
        5 => tag(),
        3 => text(),
        2 => script(),
        1 => vec(inside_noscript(), 0..4)
            .prop_map(|inner| format!("<noscript>{}</noscript>", inner.concat())),
        1 => vec(tag(), 0..2)
            .prop_map(|inner| inner.concat().replace('&', "&amp;").replace('"', "&quot;"))
            .prop_map(|inner| format!("<iframe srcdoc=\"{inner}\"></iframe>")),
    ]
}

pub(crate) fn page() -> impl Strategy<Value = String> {
    (
        select(vec![
            "<!doctype html>",
            "",
            "<!doctype html><html><head>",
            "<base href=\"/a/\">",
        ]),
        vec(piece(), 0..14),
        select(vec!["", "</body></html>"]),
    )
        .prop_map(|(start, pieces, end)| format!("{start}{}{end}", pieces.concat()))
}

/// What a page may begin and end with that bears on what stands between.
pub(crate) fn framed() -> impl Strategy<Value = String> {
    let starts = vec![
        "",
        "",
        "<!doctype html><svg><path d=M0,0></svg>",
        "<!doctype html><svg /><template><p>x</template>",
        "<!doctype html><math><mi>x</mi></math><svg><g onload=ok()></svg>",
        "<!doctype html><base href=//ads.test/x><img src><img src= alt>",
    ];
    let ends = vec!["", "<p data-consent=marketing>", "<script>ok()</script>"];
    (select(starts), page(), select(ends))
        .prop_map(|(start, page, end)| format!("{start}{page}{end}"))
}
