//! What in markup makes a browser fetch? One entry for each way.
//!
//! `§` stands for an address that names its entry, `¤` for a host that does, `±` for the
//! host's first label.

/// A name, which ends like a file of the kind that is fetched, and the markup.
pub(crate) type Vector = (&'static str, &'static str);

pub(crate) const HEAD: &[Vector] = &[
    ("sheet.css", "<link rel=stylesheet href='§'>"),
    (
        "sheet-late.css",
        "<link rel=preload as=style href='§' onload=\"this.onload=null;this.rel='stylesheet'\">",
    ),
    (
        "sheet-print.css",
        "<link rel=stylesheet media=print href='§'>",
    ),
    (
        "sheet-alternate.css",
        "<link rel='alternate stylesheet' title=other href='§'>",
    ),
    (
        "sheet-disabled.css",
        "<link rel=stylesheet disabled href='§'>",
    ),
    (
        "sheet-entities.css",
        "<LINK REL=&#115;tylesheet HREF=&#104;ttps&colon;&sol;&sol;±.track&#x65;r.test/sheet-entities.css>",
    ),
    ("icon.svg", "<link rel='shortcut icon' href='§'>"),
    ("touch-icon.svg", "<link rel=apple-touch-icon href='§'>"),
    ("manifest.json", "<link rel=manifest href='§'>"),
    ("preload.js", "<link rel=preload as=script href='§'>"),
    ("preload.svg", "<link rel=preload as=image href='§'>"),
    (
        "preload-set.svg",
        "<link rel=preload as=image imagesrcset='/other.svg 0.5x, § 1x'>",
    ),
    (
        "preload-font.svg",
        "<link rel=preload as=font crossorigin href='§'>",
    ),
    (
        "preload-fetch.json",
        "<link rel=preload as=fetch crossorigin href='§'>",
    ),
    ("modulepreload.js", "<link rel=modulepreload href='§'>"),
    ("prefetch.html", "<link rel=prefetch href='§'>"),
    ("prerender.html", "<link rel=prerender href='§'>"),
    ("next.html", "<link rel=next href='§'>"),
    (
        "dictionary.svg",
        "<link rel=compression-dictionary href='§'>",
    ),
    ("preconnect", "<link rel=preconnect href='¤'>"),
    (
        "preconnect-cors",
        "<link rel='dns-prefetch preconnect' crossorigin href='¤'>",
    ),
    ("script.js", "<script src='§'></script>"),
    ("script-async.js", "<script async src='§'></script>"),
    ("script-defer.js", "<script defer src='§'></script>"),
    ("script-module.js", "<script type=module src='§'></script>"),
    ("script-nomodule.js", "<script nomodule src='§'></script>"),
    (
        "script-language.js",
        "<script language=JavaScript1.2 src='§'></script>",
    ),
    (
        "script-type.js",
        "<script type='\ttext/JavaScript ' src='§'></script>",
    ),
    ("script-slash.js", "<script/src='§'></script>"),
    (
        "script-attribution.svg",
        "<script src=/own.js attributionsrc='§'></script>",
    ),
    (
        "inline-image.svg",
        "<script>new Image().src = '§';</script>",
    ),
    (
        "inline-loader.js",
        "<script>(function (d) { var s = d.createElement('script'); s.async = 1; s.src = '§'; d.head.appendChild(s); })(document);</script>",
    ),
    (
        "inline-write.js",
        "<script>document.write('<scr' + 'ipt src=\"§\"></scr' + 'ipt>');</script>",
    ),
    (
        "inline-import.js",
        "<script type=module>import '§';</script>",
    ),
    (
        "inline-import-later.js",
        "<script>import('§').catch(function () {});</script>",
    ),
    (
        "inline-fetch.json",
        "<script>fetch('§').catch(function () {});</script>",
    ),
    (
        "inline-beacon.json",
        "<script>navigator.sendBeacon('§', 'x');</script>",
    ),
    (
        "inline-xhr.json",
        "<script>var x = new XMLHttpRequest(); x.open('GET', '§'); x.send();</script>",
    ),
    (
        "inline-events",
        "<script>new EventSource('§').onerror = function () { this.close(); };</script>",
    ),
    (
        "script-data.svg",
        "<script src=\"data:text/javascript,new%20Image().src='§'\"></script>",
    ),
    (
        "speculation.html",
        "<script type=speculationrules>{\"prefetch\":[{\"source\":\"list\",\"urls\":[\"§\"],\"eagerness\":\"immediate\"}]}</script>",
    ),
    (
        "importmap.js",
        "<script type=importmap>{\"imports\":{\"lib\":\"§\"}}</script><script type=module>import 'lib';</script>",
    ),
    ("css-import.css", "<style>@import '§';</style>"),
    (
        "css-import-url.css",
        "<style>@IMPORT URL( '§' ) screen;</style>",
    ),
    (
        "css-import-layer.css",
        "<style>@import url(§) layer(a) supports(display: grid);</style>",
    ),
    ("css-import-comment.css", "<style>@import/**/\"§\";</style>"),
    (
        "css-import-escape.css",
        "<style>@\\69mport 'https://±.tr\\61 cker.test/css-import-escape.css';</style>",
    ),
    ("css-url.svg", "<style>.v1 { background: url(§) }</style>"),
    (
        "css-url-escape.svg",
        "<style>.v2 { background: \\75 rl(https\\3a //±.tracker.test/css-url-escape.svg) }</style>",
    ),
    (
        "css-url-slashes.svg",
        "<style>.v3 { background: url(\\2f\\2f±.tracker.test/css-url-slashes.svg) }</style>",
    ),
    (
        "css-url-case.svg",
        "<style>.v4 { background: URL(HTTPS://±.TRACKER.TEST/css-url-case.svg) }</style>",
    ),
    (
        "css-set.svg",
        "<style>.v5 { background: image-set('§' 1x, url(/own.svg) 9x) }</style>",
    ),
    (
        "css-set-prefixed.svg",
        "<style>.v6 { background: -webkit-image-set(url(§) 1x) }</style>",
    ),
    (
        "css-cross-fade.svg",
        "<style>.v7 { background: -webkit-cross-fade(url(§), url(/own.svg), 50%) }</style>",
    ),
    (
        "css-font.svg",
        "<style>@font-face { font-family: f1; src: url('§') } .v8 { font-family: f1 }</style>",
    ),
    (
        "css-variable.svg",
        "<style>:root { --u: url(§) } .v9 { background: var(--u) }</style>",
    ),
    (
        "css-content.svg",
        "<style>.v10::before { content: url(§) }</style>",
    ),
    (
        "css-list.svg",
        "<style>.v11 { display: list-item; list-style: inside url(§) }</style>",
    ),
    (
        "css-border.svg",
        "<style>.v12 { border: 9px solid; border-image: url(§) 1 }</style>",
    ),
    ("css-mask.svg", "<style>.v13 { mask-image: url(§) }</style>"),
    (
        "css-shape.svg",
        "<style>.v14 { float: left; shape-outside: url(§) }</style>",
    ),
    (
        "css-cursor.svg",
        "<style>.v15 { cursor: url(§), auto }</style>",
    ),
    ("css-filter.svg", "<style>.v16 { filter: url(§#f) }</style>"),
    (
        "css-clip.svg",
        "<style>.v17 { clip-path: url(§#c) }</style>",
    ),
    (
        "css-nested.svg",
        "<style>.v18 { & { @media all { background: url(§) } } }</style>",
    ),
    (
        "css-layer.svg",
        "<style>@layer a { @supports (display: grid) { @scope (body) { .v19 { background: url(§) } } } }</style>",
    ),
    (
        "css-line.svg",
        "<style>.v20 { background: url('https://±.track\\\ner.test/css-line.svg') }</style>",
    ),
    (
        "css-comment.svg",
        "<style><!-- .v21 { background: url(§) } --></style>",
    ),
    (
        "css-typed.svg",
        "<style type='text/css' media=all>.v22 { background: url(§) }</style>",
    ),
    (
        "css-keyframes.svg",
        "<style>@keyframes k { from { background: url(§) } to { background: url(§) } } .v23 { animation: k 9s infinite }</style>",
    ),
    (
        "css-registered.svg",
        "<style>@property --r { syntax: '<image>'; inherits: false; initial-value: linear-gradient(red, red) } .v24 { --r: url(§); background: var(--r) }</style>",
    ),
    (
        "css-svg-fill.svg",
        "<style>.v25 { -webkit-box-reflect: below 0 url(§) }</style>",
    ),
    (
        "css-namespace.css",
        "<style>@charset 'utf-8'; @layer x; @import '§' all;</style>",
    ),
];

pub(crate) const BODY: &[Vector] = &[
    ("img.svg", "<img src='§'>"),
    ("img-unquoted.svg", "<IMG/SRC=§>"),
    ("img-set.svg", "<img srcset='/other.svg 0.5x, § 1x'>"),
    ("img-set-alone.svg", "<img srcset=' , §'>"),
    (
        "img-set-data.svg",
        "<img srcset='data:image/gif;base64,R0lGODlhAQABAAAAACw= 0.5x,§ 1x'>",
    ),
    ("img-lazy.svg", "<img loading=lazy src='§'>"),
    ("img-image.svg", "<image src='§'>"),
    (
        "img-attribution.svg",
        "<img src=/own.svg attributionsrc='§'>",
    ),
    (
        "img-relative.svg",
        "<img src='//±.tracker.test/img-relative.svg'>",
    ),
    (
        "img-backslashes.svg",
        "<img src='\\\\±.tracker.test\\img-backslashes.svg'>",
    ),
    (
        "img-one-slash.svg",
        "<img src='https:/±.tracker.test/img-one-slash.svg'>",
    ),
    (
        "img-no-slash.svg",
        "<img src='https:±.tracker.test/img-no-slash.svg'>",
    ),
    (
        "img-slashes.svg",
        "<img src='https:////±.tracker.test/img-slashes.svg'>",
    ),
    (
        "img-tab.svg",
        "<img src='ht\ttps://±.trac\nker.test/img-tab.svg'>",
    ),
    (
        "img-space.svg",
        "<img src='&#1;\n https://±.tracker.test/img-space.svg '>",
    ),
    (
        "img-upper.svg",
        "<img src='HTTPS://±.TRACKER.TEST/img-upper.svg'>",
    ),
    (
        "img-percent.svg",
        "<img src='https://±.%74racker.test/img-percent.svg'>",
    ),
    (
        "img-user.svg",
        "<img src='https://own.example@±.tracker.test/img-user.svg'>",
    ),
    (
        "img-port.svg",
        "<img src='https://±.tracker.test:443/img-port.svg'>",
    ),
    (
        "img-dot.svg",
        "<img src='https://±.tracker.test./img-dot.svg'>",
    ),
    (
        "img-wide.svg",
        "<img src='https://±.tr\u{ff41}cker.test/img-wide.svg'>",
    ),
    (
        "img-hyphen.svg",
        "<img src='https://±.trac\u{ad}ker.test/img-hyphen.svg'>",
    ),
    (
        "img-full-stop.svg",
        "<img src='https://±\u{3002}tracker.test/img-full-stop.svg'>",
    ),
    (
        "img-entities.svg",
        "<img src='https&colon;&#x2F;&#47±.tracker.test/img-entities.svg'>",
    ),
    ("img-twice.svg", "<img src='§' src=/own.svg>"),
    (
        "img-handler.svg",
        "<img src=/missing onerror=\"new Image().src='§'\">",
    ),
    (
        "img-handler-load.svg",
        "<img src=/own.svg ONLOAD = 'this.onload=null;this.src=\"§\"'>",
    ),
    (
        "svg-handler.svg",
        "<svg onload=\"new Image().src='§'\"></svg>",
    ),
    (
        "toggle-handler.svg",
        "<details open ontoggle=\"new Image().src='§'\"><summary>x</summary></details>",
    ),
    (
        "style-handler.svg",
        "<style onload=\"new Image().src='§'\">.none { color: red }</style>",
    ),
    (
        "picture.svg",
        "<picture><source srcset='§'><img src=/own.svg></picture>",
    ),
    (
        "picture-media.svg",
        "<picture><source media='(min-width: 1px)' srcset='§ 100w' sizes=10px><img></picture>",
    ),
    ("input.svg", "<input type=image src='§'>"),
    ("frame.html", "<iframe src='§'></iframe>"),
    ("frame-lazy.html", "<iframe loading=lazy src='§'></iframe>"),
    (
        "frame-doc.svg",
        "<iframe srcdoc=\"<img src='§'>\"></iframe>",
    ),
    (
        "frame-doc-entities.svg",
        "<iframe srcdoc='&lt;img src=&quot;§&quot;&gt;'></iframe>",
    ),
    (
        "frame-doc-script.js",
        "<iframe srcdoc=\"<script src='§'></script>\"></iframe>",
    ),
    (
        "frame-doc-doc.svg",
        "<iframe srcdoc=\"<iframe srcdoc='&lt;img src=§>'></iframe>\"></iframe>",
    ),
    (
        "frame-doc-css.svg",
        "<iframe srcdoc=\"<body style='background:url(§)'>\"></iframe>",
    ),
    (
        "frame-doc-sandbox.svg",
        "<iframe sandbox srcdoc=\"<img src='§'>\"></iframe>",
    ),
    (
        "frame-javascript.svg",
        "<iframe src=\"javascript:'<img src=§>'\"></iframe>",
    ),
    (
        "frame-data.svg",
        "<iframe src='data:text/html,<img src=§>'></iframe>",
    ),
    (
        "frame-data-base64.svg",
        "<iframe src='data:text/html;base64,PGltZyBzcmM9aHR0cHM6Ly90LnRyYWNrZXIudGVzdC9mcmFtZS1kYXRhLWJhc2U2NC5zdmc+'></iframe>",
    ),
    ("object.svg", "<object data='§'></object>"),
    ("object.html", "<object type=text/html data='§'></object>"),
    (
        "object-data.svg",
        "<object type=text/html data='data:text/html,<img src=§>'></object>",
    ),
    (
        "object-inner.svg",
        "<object data=/missing><img src='§'></object>",
    ),
    ("embed.svg", "<embed src='§'>"),
    ("embed.html", "<embed type=text/html src='§'>"),
    ("video.mp4", "<video src='§' preload=auto></video>"),
    ("video-poster.svg", "<video poster='§'></video>"),
    (
        "video-source.mp4",
        "<video preload=auto><source src='§'></video>",
    ),
    (
        "video-track.vtt",
        "<video src=/own.mp4 crossorigin><track default src='§'></video>",
    ),
    ("audio.mp3", "<audio src='§' preload=auto controls></audio>"),
    (
        "audio-source.mp3",
        "<audio preload=auto><source src='§' type=audio/mpeg></audio>",
    ),
    ("table.svg", "<table background='§'><tr><td>x</table>"),
    (
        "thead.svg",
        "<table><thead background='§'><tr><td>x</table>",
    ),
    ("tr.svg", "<table><tr background='§'><td>x</table>"),
    ("td.svg", "<table><tr><td background='§'>x</table>"),
    ("th.svg", "<table><tr><th background='§'>x</table>"),
    ("table-image.svg", "<table><img src='§'><tr><td>x</table>"),
    ("style.svg", "<p style='background: url(§)'>x</p>"),
    (
        "style-entities.svg",
        "<p style='background: url&#40;§&#41;'>x</p>",
    ),
    ("style-escape.svg", "<p style='background: u\\72l(§)'>x</p>"),
    (
        "style-variable.svg",
        "<p style='--x: url(§); background: var(--x)'>x</p>",
    ),
    (
        "style-set.svg",
        "<p style='background: image-set(\"§\" 1x)'>x</p>",
    ),
    ("body-style.css", "<style>@import url(\"§\");</style>"),
    ("body-link.css", "<link rel=stylesheet href='§'>"),
    ("body-script.js", "<script src='§'></script>"),
    (
        "svg-image.svg",
        "<svg width=9 height=9><image href='§' width=9 height=9 /></svg>",
    ),
    (
        "svg-xlink.svg",
        "<svg width=9 height=9><image xlink:href='§' width=9 height=9 /></svg>",
    ),
    (
        "svg-feimage.svg",
        "<svg width=9 height=9><filter id=fe><feImage href='§'/></filter><rect width=9 height=9 filter='url(#fe)'/></svg>",
    ),
    ("svg-use.svg", "<svg><use href='§#x'/></svg>"),
    (
        "svg-mask.svg",
        "<svg width=9 height=9><rect width=9 height=9 mask='url(§#m)'/></svg>",
    ),
    (
        "svg-fill.svg",
        "<svg width=9 height=9><rect width=9 height=9 fill='url(§#m)'/></svg>",
    ),
    (
        "svg-filter.svg",
        "<svg width=9 height=9><rect width=9 height=9 filter='url(§#m)'/></svg>",
    ),
    (
        "svg-marker.svg",
        "<svg width=9 height=9><path d='M0 0h9' marker-end='url(§#m)'/></svg>",
    ),
    (
        "svg-cursor.svg",
        "<svg width=9 height=9><rect width=9 height=9 cursor='url(§), auto'/></svg>",
    ),
    (
        "svg-css.svg",
        "<svg width=9 height=9><style>.s1 { background: url(§) }</style></svg><p class=s1>x</p>",
    ),
    (
        "svg-css-entities.css",
        "<svg><style>@import 'https&#58;//±.tracker.test/svg-css-entities.css';</style></svg>",
    ),
    (
        "svg-css-cdata.css",
        "<svg><style><![CDATA[@import '§';]]></style></svg>",
    ),
    (
        "svg-css-breakout.svg",
        "<svg><style><img src='§'></style></svg>",
    ),
    ("svg-script.js", "<svg><script href='§'></script></svg>"),
    (
        "svg-script-xlink.js",
        "<svg><script xlink:href='§' /></svg>",
    ),
    (
        "svg-script-inline.svg",
        "<svg><script>new Image().src = 'https:&#47;/±.tracker.test/svg-script-inline.svg'</script></svg>",
    ),
    (
        "svg-set.svg",
        "<svg width=9 height=9><image width=9 height=9><set attributeName=href to='§'/></image></svg>",
    ),
    (
        "svg-animate.svg",
        "<svg width=9 height=9><image width=9 height=9><animate attributeName=href values='/own.svg;§' dur=1s begin=0s fill=freeze /></image></svg>",
    ),
    (
        "svg-foreign.svg",
        "<svg width=99 height=99><foreignObject width=99 height=99><img src='§'></foreignObject></svg>",
    ),
    ("svg-title.svg", "<svg><title><img src='§'></title></svg>"),
    (
        "svg-noscript.svg",
        "<svg><noscript><img src='§'></noscript></svg>",
    ),
    ("svg-breakout.svg", "<svg><p><img src='§'></p></svg>"),
    ("svg-closed.svg", "<svg/><img src='§'>"),
    (
        "svg-cdata.svg",
        "<svg><desc><p><![CDATA[><img src='§'>]]></p></desc></svg>",
    ),
    (
        "svg-pattern.svg",
        "<svg width=9 height=9><pattern id=pt width=9 height=9><image href='§' width=9 height=9 /></pattern><rect width=9 height=9 fill='url(#pt)'/></svg>",
    ),
    ("math-text.svg", "<math><mtext><img src='§'></mtext></math>"),
    ("math-glyph.svg", "<math><mglyph src='§'/></math>"),
    (
        "math-annotation.svg",
        "<math><annotation-xml encoding=text/html><img src='§'></annotation-xml></math>",
    ),
    (
        "math-breakout.svg",
        "<math><annotation-xml><img src='§'></annotation-xml></math>",
    ),
    (
        "math-style.svg",
        "<math><mi><style>.m1 { background: url(§) }</style></mi></math><p class=m1>x</p>",
    ),
    (
        "math-mutated.svg",
        "<math><mtext><table><mglyph><style><!--</style><img src='§'>--></style></mglyph></table></mtext></math>",
    ),
    (
        "shadow.svg",
        "<div><template shadowrootmode=open><img src='§'></template></div>",
    ),
    (
        "shadow-css.svg",
        "<div><template shadowrootmode=open><style>p { background: url(§) }</style><p>x</p></template></div>",
    ),
    (
        "shadow-closed.svg",
        "<div><template shadowrootmode=closed><img src='§'></template></div>",
    ),
    (
        "shadow-script.js",
        "<div><template shadowrootmode=open><script src='§'></script></template></div>",
    ),
    (
        "template.svg",
        "<template id=t1><img src='§'></template><script>document.body.append(t1.content.cloneNode(true));</script>",
    ),
    ("noscript.svg", "<noscript><img src='§'></noscript>"),
    (
        "noscript.css",
        "<noscript><link rel=stylesheet href='§'></noscript>",
    ),
    (
        "noscript.html",
        "<noscript><iframe src='§'></iframe></noscript>",
    ),
    (
        "noscript-css.svg",
        "<noscript><style>.n1 { background: url(§) }</style><p class=n1>x</p></noscript>",
    ),
    (
        "noscript-attribute.svg",
        "<noscript><p title=\"</noscript><img src='§'>\"></noscript>",
    ),
    (
        "noscript-comment.svg",
        "<noscript><!--</noscript><img src='§'>--></noscript>",
    ),
    ("cdata.svg", "<![CDATA[><img src='§'>]]>"),
    ("comment-short.svg", "<!--><img src='§'>-->"),
    ("comment-bang.svg", "<!-- --!><img src='§'>-->"),
    ("comment-inside.svg", "<!-- <img src='§'> -->"),
    ("processing.svg", "<?xml version='1.0'><img src='§'>"),
    (
        "style-comment.svg",
        "<style><!--</style><img src='§'>--></style>",
    ),
    (
        "script-comment.svg",
        "<script><!--</script><img src='§'>--></script>",
    ),
    (
        "textarea.svg",
        "<textarea></textarea ><img src='§'></textarea>",
    ),
    ("title.svg", "<title></title/><img src='§'></title>"),
    ("xmp.svg", "<xmp><img src='§'></xmp>"),
    (
        "select.svg",
        "<select><option><img src='§'></option></select>",
    ),
    ("button.svg", "<button><img src='§'></button>"),
    ("dialog.svg", "<dialog><img src='§'></dialog>"),
    ("hidden.svg", "<div hidden><img src='§'></div>"),
    (
        "custom.svg",
        "<my-element src=/own.svg style='background: url(§)'>x</my-element>",
    ),
    (
        "marquee.svg",
        "<marquee style='list-style-image: url(§); display: list-item'>x</marquee>",
    ),
    (
        "input-background.svg",
        "<input type=text style='background-image: url(§)'>",
    ),
    ("bgsound.mp3", "<bgsound src='§'>"),
    ("lowsrc.svg", "<img lowsrc='§' dynsrc='§' src=/own.svg>"),
    ("portal.html", "<portal src='§'></portal>"),
    ("fenced.html", "<fencedframe src='§'></fencedframe>"),
    ("applet.js", "<applet code='§' archive='§'></applet>"),
    (
        "delayed.js",
        "<script type=rocketlazyloadscript data-rocket-src='§'></script>",
    ),
    ("lazy.svg", "<img class=lazy data-src='§'>"),
    (
        "lazy-frame.html",
        "<iframe class=lazy data-src='§'></iframe>",
    ),
    ("lazy-set.svg", "<img class=lazy data-srcset='§ 1x'>"),
];

/// Documents that change what the whole page means, each in a frame of its own.
pub(crate) const PARTS: &[Vector] = &[
    (
        "base.svg",
        "<!doctype html><base href='https://±.tracker.test/'><p>x</p><img src='base.svg'>",
    ),
    (
        "base-target.js",
        "<!doctype html><html><head><base href='//±.tracker.test'><script src=base-target.js></script></head><body>x</body></html>",
    ),
    (
        "refresh.html",
        "<!doctype html><meta http-equiv=refresh content='0; url=§'><p>x</p>",
    ),
    (
        "refresh-quoted.html",
        "<!doctype html><META HTTP-EQUIV=Refresh CONTENT=\"0;URL='§'\"><p>x</p>",
    ),
    (
        "frameset.html",
        "<!doctype html><html><frameset cols=*><frame src='§'></frameset></html>",
    ),
    (
        "body-background.svg",
        "<!doctype html><html><body background='§'>x</body></html>",
    ),
    (
        "body-onload.svg",
        "<!doctype html><html><body onload=\"new Image().src='§'\">x</body></html>",
    ),
    (
        "body-style.svg",
        "<!doctype html><html style='background: url(§)'><body>x</body></html>",
    ),
    ("quirks.svg", "<html><body><img src='§'></body></html>"),
    ("bare.svg", "<img src='§'>"),
    ("text.svg", "Some text and then <img src='§'>"),
    (
        "second-body.svg",
        "<!doctype html><html><body>x<body background='§'></html>",
    ),
    (
        "second-html.svg",
        "<!doctype html><html><body>x<html style='background: url(§)'></body></html>",
    ),
    (
        "after-html.svg",
        "<!doctype html><html><body>x</body></html><img src='§'>",
    ),
    (
        "unclosed.svg",
        "<!doctype html><html><body>x<p style='background: url(§",
    ),
    (
        "unclosed-style.svg",
        "<!doctype html><html><body class=u><style>.u { background: url(§",
    ),
    (
        "unclosed-script.svg",
        "<!doctype html><html><body><script>new Image().src = '§'",
    ),
    (
        "unclosed-comment.svg",
        "<!doctype html><html><body><!-- <img src='§'>",
    ),
    (
        "many-attributes.svg",
        "<!doctype html><html><body><img a1 a2 a3 a4 a5 a6 a7 a8 a9 b1 b2 b3 b4 b5 b6 b7 b8 b9 c1 c2 c3 c4 c5 c6 src='§'>",
    ),
    (
        "deep.svg",
        "<!doctype html><html><body><svg><g><g><g><g><g><foreignObject><div><svg><g><image href='§' width=9 height=9 /></g></svg></div></foreignObject></g></g></g></g></g></svg>",
    ),
    (
        "plaintext.svg",
        "<!doctype html><html><body><img src='§'><plaintext><img src=x>",
    ),
    (
        "nul.svg",
        "<!doctype html><html><body><img s\u{0}rc=/own.svg src='§'>",
    ),
];
