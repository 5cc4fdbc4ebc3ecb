/*
 * What do pages insert and connect by?
 */

function guardCore() {
  sockets('WebSocket', 'EventSource');
  addressOn('HTMLScriptElement', 'src');
  addressOn('HTMLImageElement', 'src', 'srcset');
  addressOn('HTMLIFrameElement', 'src');
  addressOn('HTMLLinkElement', 'href');
  onSet('HTMLScriptElement', 'type', (script, type, live) => retype(script, String(type), live));
  onSet('HTMLScriptElement', 'text', (script, text, live) => {
    const needs = script.isConnected && !get(script, 'src') && runs(get(script, 'type')) && needsOfScript(script, String(text));
    if (needs && !hasAttribute.call(script, 'data-tc')) park(script, needs);
    live();
  });
  hook(Element.prototype, 'setAttribute', (/** @type {TcNative<Element, [string, string]>} */ native) => function (...given) {
    const name = /^(?:src|href|srcset|imagesrcset|data|poster|background|ping|srcdoc|type)$/i.test(given[0]) && String(given[0]).toLowerCase();
    const live = () => native.apply(this, given);
    if (!name || given.length < 2) live();
    else if (name === 'srcdoc') native.call(this, given[0], full ? safe(given[1]) : given[1]);
    else if (name !== 'type') give(this, name, given[1], live);
    else if (isScript(this)) retype(this, String(given[1]), live);
    else live();
  });
  hook(Element.prototype, 'removeAttribute', (/** @type {TcNative<Element, [string]>} */ native) => function (...given) {
    const live = () => native.apply(this, given);
    if (isScript(this) && /^type$/i.test(given[0])) retype(this, null, live);
    else live();
  });
  /** @type {(native: TcNative<Node, unknown[]>) => TcNative<Node, unknown[]>} */
  const inserts = (native) => function (...nodes) {
    for (const node of nodes) if (node && typeof node === 'object') look(/** @type {Element} */ (node));
    return native.apply(this, nodes);
  };
  hook(Node.prototype, 'appendChild insertBefore replaceChild', inserts);
  hook(Element.prototype, 'append prepend before after replaceWith replaceChildren insertAdjacentElement', inserts);
  hook(Document.prototype, 'write writeln', (/** @type {TcNative<Document, string[]>} */ native) => function (...texts) {
    try {
      const html = texts.join('');
      const changed = safe(html);
      if (changed !== html) texts = [changed];
    } catch {
      // The page must not notice.
    }
    native.apply(this, texts);
    inquireIn(this);
  });
  onSet('Element', 'innerHTML', markup);
  onSet('Element', 'outerHTML', (element, given, live) => {
    const { parentNode } = element;
    live(safe(given));
    inquireIn(parentNode);
  });
  hook(Element.prototype, 'insertAdjacentHTML', takes());
  hook(Range.prototype, 'createContextualFragment', takes(0));
  hook(window, 'fetch', (/** @type {TcNative<Window & typeof globalThis, [string | URL | Request, RequestInit?]>} */ native) => function (...given) {
    const live = () => native.apply(this, given);
    const address = given[0] instanceof Request ? given[0].url : given[0];
    const needs = wantsCall(address);
    if (!needs) return live();
    if (needs !== '?') return refuse();
    return ask(/** @type {URL} */ (parse(address)), 'xmlhttprequest').then((answer) => (denies(answer) ? refuse() : live()));
  });
  /** @type {WeakMap<XMLHttpRequest, [URL, () => void]>} */
  const pending = new WeakMap();
  hook(XMLHttpRequest.prototype, 'open', (/** @type {TcNative<XMLHttpRequest, [method: string, url: string | URL, async?: boolean]>} */ native) => function (...given) {
    const needs = wantsCall(given[1]);
    pending.delete(this);
    // An address that the browser itself refuses, without going anywhere.
    const broken = () => native.call(this, 'GET', 'data:', given.length < 3 || !!given[2]);
    if (needs === '?' && (given.length < 3 || given[2])) pending.set(this, [/** @type {URL} */ (parse(given[1])), broken]);
    return needs && needs !== '?' ? broken() : native.apply(this, given);
  });
  hook(XMLHttpRequest.prototype, 'send', (/** @type {TcNative<XMLHttpRequest, [unknown?]>} */ native) => function (...given) {
    const waits = pending.get(this);
    if (!waits) return native.apply(this, given);
    const [url, broken] = waits;
    ask(url, 'xmlhttprequest').then((answer) => {
      if (!pending.delete(this)) return;
      if (denies(answer)) broken();
      native.apply(this, denies(answer) ? [] : given);
    });
  });
  if (!full) guardBeaconLate();
}

function guardBeacon() {
  hook(window.Navigator?.prototype, 'sendBeacon', (/** @type {TcNative<Navigator, [string | URL, BodyInit?]>} */ native) => function (...given) {
    const needs = wantsCall(given[0]);
    if (!needs) return native.apply(this, given);
    if (needs === '?') ask(/** @type {URL} */ (parse(given[0])), 'ping').then((answer) => denies(answer) || native.apply(this, given));
    return true;
  });
}

/** Most pages never ask for the one navigator that there is, and making its type ready takes longer than most of the above. */
let beaconed = false;
function guardBeaconLate() {
  for (const name of ['navigator', 'clientInformation']) {
    const before = Object.getOwnPropertyDescriptor(window, name);
    const native = before?.get;
    if (!native) continue;
    define(window, name, before, {
      get() {
        if (!beaconed) guardBeacon();
        beaconed = true;
        return native.call(window);
      },
    });
  }
}
