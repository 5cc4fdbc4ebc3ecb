//! What at run time makes a browser fetch? One entry for each way.
//!
//! `§` stands for an expression with an address that names its entry, `¤` for
//! one with a host that does, `make(tag, properties)` for an element, and
//! `add(element)` for its insertion.

use super::markup::Vector;

pub(crate) const RUNTIME: &[Vector] = &[
    ("script.js", "add(make('script', { src: § }))"),
    ("script-late.js", "add(make('script')).src = §"),
    (
        "script-attribute.js",
        "var s = make('script'); s.setAttribute('src', §); add(s)",
    ),
    (
        "script-ns.js",
        "var s = make('script'); s.setAttributeNS(null, 'src', §); add(s)",
    ),
    (
        "script-node.js",
        "var s = make('script'), a = document.createAttribute('src'); a.value = §; s.setAttributeNode(a); add(s)",
    ),
    (
        "script-named.js",
        "var s = make('script'), a = document.createAttribute('src'); a.value = §; s.attributes.setNamedItem(a); add(s)",
    ),
    (
        "script-module.js",
        "add(make('script', { type: 'module', src: § }))",
    ),
    (
        "script-before.js",
        "document.body.insertBefore(make('script', { src: § }), document.body.firstChild)",
    ),
    (
        "script-prepend.js",
        "document.head.prepend(make('script', { src: § }))",
    ),
    (
        "script-adjacent.js",
        "document.body.insertAdjacentElement('beforeend', make('script', { src: § }))",
    ),
    (
        "script-replace.js",
        "add(make('i')).replaceWith(make('script', { src: § }))",
    ),
    (
        "script-fragment.js",
        "var f = document.createDocumentFragment(); f.append(make('script', { src: § })); add(f)",
    ),
    (
        "script-inside.js",
        "var d = make('div'); d.append(make('script', { src: § })); add(d)",
    ),
    (
        "script-range.js",
        "var r = document.createRange(); r.selectNode(add(make('i'))); r.insertNode(make('script', { src: § }))",
    ),
    (
        "script-svg.js",
        "var s = svg('script'); s.setAttribute('href', §); add(svg('svg')).append(s)",
    ),
    (
        "script-text.svg",
        "add(make('script', { text: 'new Image().src = \"' + § + '\"' }))",
    ),
    (
        "script-text-content.svg",
        "var s = make('script'); s.textContent = 'new Image().src = \"' + § + '\"'; add(s)",
    ),
    (
        "script-text-node.svg",
        "var s = add(make('script')); s.append('new Image().src = \"' + § + '\"')",
    ),
    (
        "script-markup.svg",
        "var s = make('script'); s.innerHTML = 'new Image().src = \"' + § + '\"'; add(s)",
    ),
    (
        "script-import.js",
        "add(make('script', { type: 'module', textContent: 'import \"' + § + '\"' }))",
    ),
    ("import.js", "import(§).catch(function () {})"),
    ("eval.svg", "eval('new Image().src = \"' + § + '\"')"),
    (
        "timeout.svg",
        "setTimeout('new Image().src = \"' + § + '\"')",
    ),
    ("image.svg", "new Image().src = §"),
    ("image-set.svg", "new Image().srcset = § + ' 1x'"),
    ("image-attribute.svg", "make('img').setAttribute('SRC', §)"),
    (
        "image-node.svg",
        "var a = document.createAttribute('src'); a.value = §; make('img').setAttributeNode(a)",
    ),
    (
        "image-value.svg",
        "var i = make('img', { src: 'data:,' }); i.getAttributeNode('src').value = §",
    ),
    (
        "image-node-value.svg",
        "var i = make('img', { src: 'data:,' }); i.attributes.src.nodeValue = §",
    ),
    (
        "image-shadow.svg",
        "var d = add(make('div')); d.attachShadow({ mode: 'open' }).append(make('img', { src: § }))",
    ),
    (
        "image-shadow-markup.svg",
        "var d = add(make('div')); d.attachShadow({ mode: 'closed' }).innerHTML = '<img src=' + § + '>'",
    ),
    (
        "picture.svg",
        "var p = make('picture'); p.append(make('source', { srcset: § }), make('img')); add(p)",
    ),
    ("input.svg", "add(make('input', { type: 'image', src: § }))"),
    ("frame.html", "add(make('iframe', { src: § }))"),
    ("frame-late.html", "add(make('iframe')).src = §"),
    (
        "frame-doc.svg",
        "add(make('iframe', { srcdoc: '<img src=' + § + '>' }))",
    ),
    (
        "frame-doc-attribute.svg",
        "var f = make('iframe'); f.setAttribute('srcdoc', '<img src=' + § + '>'); add(f)",
    ),
    (
        "frame-javascript.svg",
        "add(make('iframe', { src: 'javascript:\"<img src=' + § + '>\"' }))",
    ),
    (
        "frame-data.svg",
        "add(make('iframe', { src: 'data:text/html,<img src=' + § + '>' }))",
    ),
    (
        "frame-blob.svg",
        "add(make('iframe', { src: URL.createObjectURL(new Blob(['<img src=' + § + '>'], { type: 'text/html' })) }))",
    ),
    (
        "frame-write.svg",
        "var d = add(make('iframe')).contentDocument; d.write('<img src=' + § + '>'); d.close()",
    ),
    (
        "frame-image.svg",
        "new (add(make('iframe')).contentWindow.Image)().src = §",
    ),
    (
        "frame-fetch.json",
        "add(make('iframe')).contentWindow.fetch(§).catch(function () {})",
    ),
    (
        "frame-location.html",
        "add(make('iframe')).contentWindow.location = §",
    ),
    (
        "sheet.css",
        "document.head.append(make('link', { rel: 'stylesheet', href: § }))",
    ),
    (
        "sheet-late.css",
        "var l = make('link', { href: § }); document.head.append(l); l.rel = 'stylesheet'",
    ),
    (
        "preload.js",
        "document.head.append(make('link', { rel: 'preload', as: 'script', href: § }))",
    ),
    (
        "preload-set.svg",
        "document.head.append(make('link', { rel: 'preload', as: 'image', imageSrcset: § }))",
    ),
    (
        "prefetch.html",
        "var l = make('link', { href: § }); l.relList.add('prefetch'); document.head.append(l)",
    ),
    (
        "modulepreload.js",
        "document.head.append(make('link', { rel: 'modulepreload', href: § }))",
    ),
    (
        "preconnect",
        "document.head.append(make('link', { rel: 'preconnect', href: ¤ }))",
    ),
    (
        "css-text.svg",
        "document.head.append(make('style', { textContent: '.r1 { background: url(' + § + ') }' })); add(make('p', { className: 'r1' }))",
    ),
    (
        "css-import.css",
        "document.head.append(make('style', { textContent: '@import \"' + § + '\";' }))",
    ),
    (
        "css-markup.css",
        "document.head.insertAdjacentHTML('beforeend', '<style>@import \"' + § + '\";</style>')",
    ),
    (
        "css-rule.svg",
        "var s = make('style'); document.head.append(s); s.sheet.insertRule('.r2 { background: url(' + § + ') }'); add(make('p', { className: 'r2' }))",
    ),
    (
        "css-sheet.svg",
        "var s = new CSSStyleSheet(); s.replaceSync('.r3 { background: url(' + § + ') }'); document.adoptedStyleSheets.push(s); add(make('p', { className: 'r3' }))",
    ),
    (
        "css-property.svg",
        "add(make('p')).style.backgroundImage = 'url(' + § + ')'",
    ),
    (
        "css-set-property.svg",
        "add(make('p')).style.setProperty('background', 'url(' + § + ')')",
    ),
    (
        "css-css-text.svg",
        "add(make('p')).style.cssText = 'background: url(' + § + ')'",
    ),
    (
        "css-attribute.svg",
        "add(make('p')).setAttribute('style', 'background: url(' + § + ')')",
    ),
    (
        "css-map.svg",
        "add(make('p')).attributeStyleMap.set('background-image', 'url(' + § + ')')",
    ),
    (
        "font.svg",
        "new FontFace('r4', 'url(' + § + ')').load().catch(function () {})",
    ),
    (
        "inner.svg",
        "add(make('div')).innerHTML = '<img src=\"' + § + '\">'",
    ),
    (
        "inner-css.svg",
        "add(make('div')).innerHTML = '<p style=\"background: url(' + § + ')\">x</p>'",
    ),
    (
        "inner-handler.svg",
        "add(make('div')).innerHTML = '<img src=data:, onerror=\"new Image().src=\\'' + § + '\\'\">'",
    ),
    (
        "inner-svg.svg",
        "add(make('div')).innerHTML = '<svg><image href=' + § + ' /></svg>'",
    ),
    (
        "inner-object.svg",
        "add(make('div')).innerHTML = '<object data=' + § + '></object>'",
    ),
    (
        "inner-doc.svg",
        "add(make('div')).innerHTML = '<iframe srcdoc=\"<img src=' + § + '>\"></iframe>'",
    ),
    (
        "inner-table.svg",
        "add(make('div')).innerHTML = '<table background=' + § + '></table>'",
    ),
    (
        "outer.svg",
        "add(make('div')).outerHTML = '<img src=' + § + '>'",
    ),
    (
        "adjacent.svg",
        "add(make('div')).insertAdjacentHTML('afterend', '<img src=' + § + '>')",
    ),
    (
        "contextual.js",
        "add(document.createRange().createContextualFragment('<script src=' + § + '><\\/script>'))",
    ),
    (
        "unsafe.svg",
        "add(make('div')).setHTMLUnsafe('<img src=' + § + '>')",
    ),
    (
        "unsafe-shadow.svg",
        "add(make('div')).setHTMLUnsafe('<div><template shadowrootmode=open><img src=' + § + '></template></div>')",
    ),
    (
        "set-html.svg",
        "add(make('div')).setHTML('<img src=' + § + '>')",
    ),
    (
        "parse-unsafe.svg",
        "add(document.adoptNode(Document.parseHTMLUnsafe('<img src=' + § + '>').body.firstChild))",
    ),
    (
        "parser.svg",
        "add(new DOMParser().parseFromString('<img src=' + § + '>', 'text/html').body.firstChild)",
    ),
    (
        "parser-import.svg",
        "add(document.importNode(new DOMParser().parseFromString('<img src=' + § + '>', 'text/html').body.firstChild))",
    ),
    (
        "template.svg",
        "var t = make('template'); t.innerHTML = '<img src=' + § + '>'; add(t.content.cloneNode(true))",
    ),
    (
        "template-import.svg",
        "var t = make('template'); t.innerHTML = '<img src=' + § + '>'; add(document.importNode(t.content, true))",
    ),
    (
        "exec.svg",
        "var d = add(make('div', { contentEditable: true })); d.focus(); document.execCommand('insertHTML', false, '<img src=' + § + '>')",
    ),
    ("write.svg", "document.write('<img src=' + § + '>')"),
    (
        "write-script.js",
        "document.write('<script src=' + § + '><\\/script>')",
    ),
    (
        "write-parts.svg",
        "document.write('<img '); document.write('src=' + § + '>')",
    ),
    (
        "write-css.css",
        "document.write('<style>@import \"' + § + '\";</style>')",
    ),
    ("video.mp4", "add(make('video', { src: § }))"),
    ("poster.svg", "add(make('video', { poster: § }))"),
    (
        "source.mp4",
        "var v = make('video'); v.append(make('source', { src: § })); add(v)",
    ),
    ("audio.mp3", "new Audio(§)"),
    ("embed.svg", "add(make('embed', { src: § }))"),
    ("object.svg", "add(make('object', { data: § }))"),
    ("object-late.svg", "add(make('object')).data = §"),
    (
        "svg-image.svg",
        "var i = svg('image'); i.setAttribute('href', §); add(svg('svg')).append(i)",
    ),
    (
        "svg-xlink.svg",
        "var i = svg('image'); i.setAttributeNS('http://www.w3.org/1999/xlink', 'xlink:href', §); add(svg('svg')).append(i)",
    ),
    (
        "svg-base-value.svg",
        "var i = svg('image'); add(svg('svg')).append(i); i.href.baseVal = §",
    ),
    ("body-background.svg", "document.body.background = §"),
    (
        "td-background.svg",
        "var t = make('table'); t.insertRow().insertCell().setAttribute('background', §); add(t)",
    ),
    (
        "refresh.html",
        "var d = add(make('iframe')).contentDocument, m = d.createElement('meta'); m.httpEquiv = 'refresh'; m.content = '0;url=' + §; d.head.append(m)",
    ),
    (
        "speculation.html",
        "document.head.append(make('script', { type: 'speculationrules', textContent: JSON.stringify({ prefetch: [{ source: 'list', urls: [§] }] }) }))",
    ),
    (
        "speculation-escaped.html",
        "document.head.append(make('script', { type: 'speculationrules', textContent: JSON.stringify({ prefetch: [{ source: 'list', urls: [§] }] }).replace(/[/.]/g, (one) => '\\\\u00' + one.charCodeAt().toString(16)) }))",
    ),
    (
        "ping",
        "var a = add(make('a', { href: 'javascript:;', ping: § })); a.click()",
    ),
    (
        "form.html",
        "add(make('iframe', { name: 'inside' })); add(make('form', { action: §, target: 'inside' })).submit()",
    ),
    ("fetch.json", "fetch(§).catch(function () {})"),
    (
        "fetch-request.json",
        "fetch(new Request(§)).catch(function () {})",
    ),
    (
        "fetch-url.json",
        "fetch(new URL(§), { keepalive: true, mode: 'no-cors' }).catch(function () {})",
    ),
    ("fetch-later.json", "fetchLater(§, { activateAfter: 0 })"),
    (
        "xhr.json",
        "var x = new XMLHttpRequest(); x.open('GET', §); x.send()",
    ),
    ("beacon.json", "navigator.sendBeacon(§, 'x')"),
    ("socket", "new WebSocket(§.replace('http', 'ws'))"),
    (
        "events",
        "new EventSource(§).onerror = function () { this.close(); }",
    ),
    (
        "worker-import.js",
        "new Worker(URL.createObjectURL(new Blob(['importScripts(\"' + § + '\")'])))",
    ),
    (
        "worker-fetch.json",
        "new Worker(URL.createObjectURL(new Blob(['fetch(\"' + § + '\")'])))",
    ),
    (
        "worker-module.js",
        "new Worker(URL.createObjectURL(new Blob(['import \"' + § + '\"'], { type: 'text/javascript' })), { type: 'module' })",
    ),
    (
        "shared-worker.json",
        "new SharedWorker(URL.createObjectURL(new Blob(['fetch(\"' + § + '\")'])))",
    ),
    (
        "paint-worklet.js",
        "CSS.paintWorklet.addModule(§).catch(function () {})",
    ),
    (
        "audio-worklet.js",
        "new OfflineAudioContext(1, 1, 44100).audioWorklet.addModule(§).catch(function () {})",
    ),
];
