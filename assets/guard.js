/*
 * Holds back what scripts of the page insert at run time and the visitor has
 * not agreed to.
 *
 * It stands in front of the first thing that acts, runs before that, and
 * takes its own element away. It replaces the browser's functions that lead to
 * a request by ones that look at the address first. What it parks looks as the
 * server's markup does (data-tc, data-tc-src, type=text/plain), so the banner's
 * script wakes both alike, and hears an error event, which many wait for.
 *
 * It is a net and no sandbox: a script that wants to can get around it.
 *
 * Its table: t what must be granted, h hosts, p paths of the site, c cookies,
 * s storage, g globals; d is declared by the policy and goes before k, which
 * the catalog knows. It comes as JSON in the line that the server adds, and is
 * read once it is needed.
 *
 * A comment here stands on lines of its own, and no string spans lines: the
 * server drops the comments and the indentation, line by line.
 */
(text) => {
  'use strict';
  /** @type {TcTable | undefined} */
  let read;
  const table = () => (read ||= /** @type {TcTable} */ (JSON.parse(text)));
  const own = /** @type {HTMLScriptElement} */ (document.currentScript);
  const tag = own.dataset;
  const { src, nonce, integrity, defer: waited } = own;
  own.remove();
  const asks = 'tcVerdicts' in tag;
  const full = 'tcFull' in tag || 'tcLock' in tag;
  const { setTimeout, fetch, URL } = window;
  const { setAttribute, getAttribute, hasAttribute, removeAttribute } = Element.prototype;
  const { insertBefore } = Node.prototype;
  /** @type {(element: Element, name: string, value: string) => void} */
  const put = (element, name, value) => setAttribute.call(element, name, value);
  /** @type {(element: Element, name: string) => string | null} */
  const get = (element, name) => getAttribute.call(element, name);
  /** @type {(element: Element, name: string) => void} */
  const drop = (element, name) => removeAttribute.call(element, name);
  /** @type {(text: string | undefined) => string[]} */
  const words = (text) => (text ? text.split(' ') : []);

  // ---- What is denied ----

  /** @type {Set<string>} */
  let granted;
  /** @type {Set<string>} */
  let refused;
  /** @type {Set<string>} */
  let alone;
  /** @param {string | undefined} state */
  function stand(state) {
    const marked = (/** @type {string} */ mark) => words(state).filter((word) => word[0] === mark).map((word) => word.slice(1));
    granted = new Set(words(state).filter((word) => !'?*!+-'.includes(word[0])));
    refused = new Set(marked('!'));
    alone = new Set(marked('+'));
  }
  stand(tag.tcState);
  /** @param {string | undefined} needs */
  const denies = (needs) =>
    words(needs).some((word) => {
      const [category, vendor] = word.split(':');
      return granted.has(category) ? refused.has(vendor ?? '*' + category) : !alone.has(word);
    });

  // What may load before a choice, and store nothing.
  let early = words(tag.tcAhead);
  /** @param {string} needs */
  const bars = (needs) => denies(needs) && !early.includes(needs);

  // Frameworks that swap the page run its scripts again, and a page may hold
  // one that waited in vain for being the first.
  if (window.__tc) {
    if (!waited) window.__tc.off(/** @type {string} */ (tag.tcState));
    return;
  }

  // Host to what each table says of it. Pages ask after few, so nothing is made ready beforehand.
  /** @type {Map<string, [string, TcRow][]>[]} */
  const listed = [new Map(), new Map()];
  /**
   * @param {number} at
   * @param {string} host
   */
  function entries(at, host) {
    const known = listed[at].get(host);
    if (known) return known;
    /** @type {[string, TcRow][]} */
    const found = [];
    const start = ' ' + host;
    for (const row of at ? table().k : table().d) {
      const hosts = row.h ? ' ' + row.h : '';
      for (let place = hosts.indexOf(start); place >= 0; place = hosts.indexOf(start, place + 1)) {
        const end = place + start.length;
        if (/^[ /]?$/.test(hosts.charAt(end))) found.push([hosts.slice(end).split(' ', 1)[0], row]);
      }
    }
    listed[at].set(host, found);
    return found;
  }
  /**
   * @param {number} at
   * @param {string} host
   * @param {string} path
   */
  function find(at, host, path) {
    for (let rest = host.replace(/\.$/, ''); rest; rest = rest.replace(/^[^.]*\.?/, '')) {
      let best;
      for (const entry of entries(at, rest)) {
        if (path.startsWith(entry[0]) && !(best && best[0].length >= entry[0].length)) best = entry;
      }
      if (best) return best[1];
    }
  }
  /** @param {string} path */
  function plain(path) {
    try {
      path = decodeURIComponent(path);
    } catch {
      // Not all of it is text.
    }
    return path.replace(/[/\\]+/g, '/');
  }
  /**
   * @param {string} host
   * @param {string} path
   */
  function rowAt(host, path) {
    return find(0, host, path) || find(1, host, path);
  }
  /** @param {string | URL} address */
  function parse(address) {
    try {
      const url = new URL(address, document.baseURI);
      return /^(http|ws)s?:$/.test(url.protocol) ? url : null;
    } catch {
      return null;
    }
  }
  /**
   * Whose the address is; undefined where nobody says.
   *
   * @param {URL} url
   */
  function rowOf(url) {
    if (url.hostname === location.hostname) {
      const path = plain(url.pathname) + '/';
      const row = table().d.find(({ p }) => words(p).some((start) => path.startsWith(start + '/')));
      if (row) return row;
    }
    return rowAt(url.hostname, url.pathname);
  }

  const LOADS = /createElement|\.src|new Image|document\.write|import\(|importScripts|\bimport ?["']|\bfrom ?["']|WebSocket|EventSource|appendChild|insertBefore|insertAdjacent|innerHTML|setAttribute|sendBeacon|fetch\(|XMLHttpRequest/;
  const OWN = /jQuery|\$[(.]|querySelector|classList|getElementsByClassName|textContent|addEventListener\(["'](?:click|submit|scroll)/;
  const ADDRESS = /["'`/]((?:[\w-]+\.)+[\w-]+)(?:(\/[\w./-]*)|(?=[\\"'`:?]))/g;
  /**
   * Whose loaders a script holds that may not load. One that also works for the page is left to the rest of this.
   *
   * @param {string} text
   * @returns {TcRow[]}
   */
  function rowsIn(text) {
    if (text.length > 8192 || !LOADS.test(text) || OWN.test(text)) return [];
    const found = [...text.replace(/\\\//g, '/').matchAll(ADDRESS)];
    const rows = found.map(([, host, path]) => rowAt(host.toLowerCase(), path || '/'));
    return /** @type {TcRow[]} */ (rows.filter((row) => row && bars(row.t)));
  }

  // ---- What only the server knows ----

  const prefix = src.slice(0, src.lastIndexOf('/assets/'));
  /** @type {Map<string, string | Promise<string>>} */
  const verdicts = new Map();
  /** @type {{ url: string, type: string, resolve: (needs: string) => void }[]} */
  let batch = [];
  let size = 0;
  /**
   * @param {URL} url
   * @param {string} type
   * @returns {Promise<string>}
   */
  function ask(url, type) {
    // Longer ones say nothing more by their ends, and the server reads only so much.
    const address = url.href.slice(0, 2000);
    let answer = verdicts.get(url.href);
    if (!answer) {
      answer = new Promise((resolve) => {
        if (!batch.length) setTimeout(send, 10);
        batch.push({ url: address, type, resolve });
        size += address.length + 99;
        if (batch.length > 49 || size > 12000) send();
      });
      verdicts.set(url.href, answer);
      answer.then((needs) => verdicts.set(url.href, needs));
    }
    return Promise.resolve(answer);
  }
  function send() {
    const asked = batch;
    batch = [];
    size = 0;
    if (!asked.length) return;
    const body = JSON.stringify({
      page: location.pathname,
      urls: asked.map(({ url, type }) => ({ url, type })),
    });
    fetch
      .call(window, prefix + '/verdict', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
      .then((response) => (response.ok ? response.json() : Promise.reject(response)))
      .then(({ denied }) => asked.map((_, at) => (denied[at] ? denied[at].needs || denied[at].category : '')))
      // What runs code stays out where nobody can tell.
      .catch(() => asked.map(({ type }) => (/^(script|subdocument|object)$/.test(type) ? 'unknown' : '')))
      .then((answers) => asked.forEach(({ resolve }, at) => resolve(answers[at])));
  }

  /**
   * The same for requests by script: those to the site itself may go, since the server refuses them.
   *
   * @param {string | URL} address
   */
  function wantsCall(address) {
    return parse(address)?.hostname === location.hostname ? '' : wants(address);
  }
  /**
   * Whether the address is of another site, where all of those wait.
   *
   * @param {string | URL} address
   */
  function isForeign(address) {
    const site = !granted.has('marketing') && tag.tcSite;
    const host = site && parse(address)?.hostname;
    return !!host && host !== site && !host.endsWith('.' + site);
  }
  /**
   * Whether a connection may not be made that cannot wait for the server's answer.
   *
   * @param {string | URL} address
   */
  function mayNot(address) {
    const needs = wants(address);
    return needs === '?' ? isForeign(address) : !!needs;
  }
  /**
   * What an address needs that is not granted; `?` where the server must be asked.
   *
   * @param {string | URL} address
   */
  function wants(address) {
    const url = parse(address);
    if (!url) return '';
    const row = rowOf(url);
    if (row && bars(row.t)) return row.t;
    // What the policy says itself is final. The server may know more than the catalog.
    if (!asks || table().d.includes(/** @type {TcRow} */ (row)) || url.hostname === location.hostname) return '';
    const known = verdicts.get(url.href);
    if (typeof known !== 'string') return '?';
    return denies(known) ? known : '';
  }

  // ---- Parking ----

  /** @type {Set<Element>} */
  const parked = new Set();
  /** @type {Record<string, string[]>} */
  const ACTS = {
    script: ['src'],
    img: ['src', 'srcset'],
    iframe: ['src'],
    link: ['href', 'imagesrcset'],
    frame: ['src'],
    embed: ['src'],
    object: ['data'],
    input: ['src'],
    video: ['src', 'poster'],
    audio: ['src'],
    source: ['src', 'srcset'],
    track: ['src'],
    image: ['href', 'xlink:href'],
    body: ['background'],
    table: ['background'],
    td: ['background'],
    th: ['background'],
    a: ['ping'],
  };
  /** @type {Record<string, string>} */
  const KINDS = { script: 'script', img: 'image', iframe: 'subdocument', frame: 'subdocument', link: 'stylesheet', video: 'media', audio: 'media', source: 'media', embed: 'object', object: 'object' };

  /** @param {Element} element */
  const wordOf = (element) => get(element, 'data-consent') ?? (hasAttribute.call(element, 'data-consent-ignore') ? 'necessary' : null);
  /**
   * What an element needs to fetch `value`. The author's word comes first.
   *
   * @param {Element} element
   * @param {string} name
   * @param {string} value
   */
  function needsOf(element, name, value) {
    const said = wordOf(element);
    if (said !== null) return said === 'necessary' || !denies(said) ? '' : said;
    const held = /^i?frame$/.test(element.localName) && /^\s*(?:javascript|data):(.*)/is.exec(value);
    if (held) return needsIn(held[1]);
    const list = /srcset$/.test(name) ? String(value).split(/\s+/).map((part) => part.replace(/,+$/, '')) : [value];
    return list.map(wants).find(Boolean) || '';
  }
  /**
   * What anything needs that a text names: an address within an address, or rules for fetching ahead.
   *
   * @param {string} text
   */
  function needsIn(text) {
    let plainly = text;
    try {
      plainly = decodeURIComponent(text);
    } catch {
      // Not all of it is encoded.
    }
    for (const [, host, path] of plainly.replace(/\\\//g, '/').matchAll(ADDRESS)) {
      const row = rowAt(host.toLowerCase(), path || '/');
      if (row && bars(row.t)) return row.t;
    }
    return '';
  }
  /** @param {Element} element */
  const isScript = (element) => element.localName === 'script';
  /** @param {string | null} type */
  const runs = (type) => /^\s*(?:$|module\s*$|(?:text|application)\/(?:x-)?(?:java|ecma|j|live)script)/i.test(type || '');

  /** @param {Element} element */
  function fail(element) {
    if (!/^(script|img|link)$/.test(element.localName)) return;
    setTimeout(() => element.dispatchEvent(new Event('error')));
  }
  /**
   * @param {Element} element
   * @param {string} needs
   */
  function park(element, needs) {
    if (isScript(element) && !hasAttribute.call(element, 'data-tc')) {
      const type = get(element, 'type');
      if (type !== null) put(element, 'data-tc-type', type);
      put(element, 'type', 'text/plain');
    }
    put(element, 'data-tc', needs);
    // Pixels that never enter the document must not fill the memory.
    if (parked.size < 500) parked.add(element);
    // The address of a script is given to it after this.
    if (needs === '?') Promise.resolve().then(() => inquire(element));
    else fail(element);
  }
  /**
   * Undoes the parking of an element that may act after all.
   *
   * @param {Element} element
   */
  function wake(element) {
    drop(element, 'data-tc');
    for (const { name, value } of [...element.attributes]) {
      const [, kept] = /^data-tc-(.*)$/.exec(name) || [];
      if (!kept) continue;
      drop(element, name);
      put(element, kept, value);
    }
    if (!isScript(element)) return;
    if (get(element, 'type') === 'text/plain') drop(element, 'type');
    if (element.parentNode) insertBefore.call(element.parentNode, element, element.nextSibling);
  }
  /** @param {Element} element */
  function inquire(element) {
    const [address] = (ACTS[element.localName] || [])
      .map((name) => get(element, 'data-tc-' + name) || get(element, name))
      .filter(Boolean);
    const url = address && parse(address.trim().split(/\s/)[0]);
    if (!url) return;
    ask(url, KINDS[element.localName] || 'other').then((needs) => {
      if (get(element, 'data-tc') !== '?') return;
      if (denies(needs)) {
        put(element, 'data-tc', needs);
        fail(element);
      } else wake(element);
    });
  }
  /**
   * Gives an address to an element, or parks it.
   *
   * @param {Element} element
   * @param {string} name
   * @param {string} value
   * @param {() => void} live
   */
  function give(element, name, value, live) {
    let needs = '';
    try {
      if (ACTS[element.localName]?.includes(name)) needs = needsOf(element, name, value);
      if (needs && !isScript(element)) put(element, 'data-tc-' + name, value);
      if (needs) park(element, needs);
      else if (hasAttribute.call(element, 'data-tc')) forget(element, name);
    } catch {
      // The page must not notice.
    }
    if (!needs || isScript(element)) live();
  }
  /**
   * An address that may act takes the place of a parked one.
   *
   * @param {Element} element
   * @param {string} name
   */
  function forget(element, name) {
    drop(element, 'data-tc-' + name);
    if (isScript(element)) {
      const type = get(element, 'data-tc-type');
      if (type === null) drop(element, 'type');
      else put(element, 'type', type);
      drop(element, 'data-tc-type');
    }
    if (![...element.attributes].some((attribute) => attribute.name.startsWith('data-tc-'))) {
      drop(element, 'data-tc');
      parked.delete(element);
    }
  }
  /**
   * What a script that is about to run needs.
   *
   * @param {Element} script
   * @param {string} [text]
   */
  function needsOfScript(script, text) {
    const said = wordOf(script);
    const address = get(script, 'src');
    if (said !== null || address) return needsOf(script, 'src', address || '');
    const [row] = rowsIn(text ?? script.textContent);
    return row ? row.t : '';
  }
  /** @param {Element} node */
  function look(node) {
    try {
      if (!node) return;
      if (node.localName === 'script') {
        const type = get(node, 'type');
        const ahead = /^\s*speculationrules\s*$/i.test(type || '');
        if (hasAttribute.call(node, 'data-tc') || !(ahead || runs(type))) return;
        const needs = ahead ? needsIn(node.textContent) : needsOfScript(node);
        if (needs) park(node, needs);
      } else if (full && node.firstElementChild) {
        node.querySelectorAll('script').forEach(look);
      }
      if (full && (node.nodeType === 1 || node.nodeType === 11)) lookAtParsed(node);
    } catch {
      // The page must not notice.
    }
  }
  /**
   * Parks what was parsed where nothing acts and is about to be inserted.
   *
   * @param {Element} root
   */
  function lookAtParsed(root) {
    for (const element of [root, ...root.querySelectorAll(Object.keys(ACTS).join())]) {
      for (const name of isScript(element) ? [] : ACTS[element.localName] || []) {
        const value = get(element, name);
        const needs = value && needsOf(element, name, value);
        if (!needs) continue;
        put(element, 'data-tc-' + name, value);
        drop(element, name);
        park(element, needs);
      }
    }
  }
  /**
   * Gives a script a type, unless it would then run what it may not.
   *
   * @param {Element} script
   * @param {string | null} type
   * @param {() => void} live
   */
  function retype(script, type, live) {
    try {
      if (hasAttribute.call(script, 'data-tc')) {
        // Libraries that insert scripts as copies repeat what it sleeps under.
        if (type === null) drop(script, 'data-tc-type');
        else if (type !== 'text/plain') put(script, 'data-tc-type', type);
        return;
      }
      const needs = runs(type) && needsOfScript(script);
      if (needs) {
        if (type === null) drop(script, 'type');
        else put(script, 'data-tc-type', type);
        put(script, 'data-tc', needs);
        put(script, 'type', 'text/plain');
        parked.add(script);
        if (needs === '?') Promise.resolve().then(() => inquire(script));
        return;
      }
    } catch {
      // The page must not notice.
    }
    live();
  }

  // ---- Markup given as text ----

  const TAG = /<(script|img|image|iframe|frame|embed|object|input|video|audio|source|track|link|body|table|td|th|a)(?=[\s/])((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
  /** @param {string} text */
  const decode = (text) =>
    text
      .replace(/^["']|["']$/g, '')
      .replace(/&#x([\da-f]{1,6});?/gi, (_, code) => String.fromCodePoint(parseInt(code, 16) % 0x110000))
      .replace(/&#(\d{1,7});?/g, (_, code) => String.fromCodePoint(code % 0x110000))
      .replace(/&(amp|colon|sol|period);/g, (_, name) => ({ amp: '&', colon: ':', sol: '/', period: '.' })[/** @type {'amp'} */ (name)]);
  /** @param {string} name */
  const value = (name) => new RegExp('([\\s"\'/])(' + name + ')(\\s*=\\s*)("[^"]*"|\'[^\']*\'|[^\\s"\'>]+)', 'i');
  /**
   * The same markup with what it may not load put aside. Nothing but attribute names changes.
   *
   * @param {string} html
   */
  function rewrite(html) {
    return html.replace(TAG, (whole, tagName, attributes) => {
      const said = value('data-consent').exec(attributes);
      const word = said && decode(said[4]);
      let needs = '';
      let changed = attributes;
      for (const name of ACTS[tagName.toLowerCase()]) {
        const found = value(name).exec(changed);
        if (!found) continue;
        const addresses = /srcset$/.test(name) ? decode(found[4]).split(/[\s,]+/) : [decode(found[4])];
        const wanted = word === null ? addresses.map(wants).find(Boolean) : word !== 'necessary' && denies(word) && word;
        if (!wanted) continue;
        needs = wanted;
        if (!/script/i.test(tagName)) changed = changed.replace(value(name), '$1data-tc-$2$3$4');
      }
      if (!needs) return whole;
      let sleeps = '';
      if (/script/i.test(tagName)) {
        // It sleeps already where a library hands on what the server sent.
        const type = value('type').exec(changed);
        if (type && decode(type[4]) !== 'text/plain') changed = changed.replace(value('type'), '$1data-tc-$2$3$4');
        sleeps = ' type=text/plain';
      }
      return '<' + tagName + ' data-tc=' + needs.replace(/[^\w:?-]/g, '-') + sleeps + changed + '>';
    });
  }
  /** @type {TcPolicy | undefined} */
  let trust;
  /**
   * Markup, or the address of a script, as the page's rules want it.
   *
   * @type {TcTrust}
   */
  function trusted(text, kind = 'createHTML') {
    try {
      trust ||= window.trustedTypes?.createPolicy('tower-consent', { createHTML: String, createScriptURL: String });
    } catch {
      // The page allows no such policy.
    }
    return trust ? trust[kind](text) : text;
  }
  /**
   * `given` itself, or its rewritten form.
   *
   * @param {string} given
   */
  function safe(given) {
    const html = String(given);
    const changed = html.includes('<') ? rewrite(html) : html;
    return changed === html ? given : trusted(changed);
  }
  /** @param {ParentNode | null | undefined} root */
  function inquireIn(root) {
    if (asks) root?.querySelectorAll?.('[data-tc="?"]').forEach(inquire);
  }

  // ---- What the browser's functions become ----

  /** @type {(() => void)[]} */
  const undo = [];
  /**
   * @param {object} object
   * @param {string} name
   * @param {PropertyDescriptor} descriptor
   */
  function define(object, name, descriptor) {
    const before = Object.getOwnPropertyDescriptor(object, name);
    try {
      Object.defineProperty(object, name, descriptor);
    } catch {
      return;
    }
    undo.push(() => {
      const now = Object.getOwnPropertyDescriptor(object, name);
      if (now && now.value === descriptor.value && now.set === descriptor.set) Object.defineProperty(object, name, /** @type {PropertyDescriptor} */ (before));
    });
  }
  /**
   * Replaces a function by what `make` makes of it.
   *
   * @template {object} T
   * @template {unknown[]} G
   * @param {T | undefined} object
   * @param {string} names
   * @param {(native: TcNative<T, G>) => TcNative<T, G>} make
   */
  function hook(object, names, make) {
    for (const name of names.split(' ')) {
      const before = object && Object.getOwnPropertyDescriptor(object, name);
      if (typeof before?.value !== 'function') continue;
      const after = make(before.value);
      Object.defineProperty(after, 'name', { value: name });
      define(/** @type {T} */ (object), name, { ...before, value: after });
    }
  }
  /**
   * Replaces the setter of a property; `act` is told the element, the value and the browser's way.
   *
   * @template {TcTyped} T
   * @param {T} type
   * @param {string} name
   * @param {(element: (typeof globalThis)[T]['prototype'], given: string, live: (changed?: string) => void) => void} act
   */
  function onSet(type, name, act) {
    /** @type {object | undefined} */
    const object = window[type]?.prototype;
    const before = object && Object.getOwnPropertyDescriptor(object, name);
    const set = before?.set;
    if (!set) return;
    define(object, name, {
      ...before,
      /** @this {(typeof globalThis)[T]['prototype']} */
      set(given) {
        act(this, given, (changed = given) => set.call(this, changed));
      },
    });
  }
  /** @type {(type: TcTyped & `HTML${string}`, ...names: string[]) => void} */
  const addressOn = (type, ...names) =>
    names.forEach((name) => onSet(type, name, (element, given, live) => give(element, name.toLowerCase(), given, live)));
  const refuse = () => Promise.reject(new TypeError('Failed to fetch'));

  /**
   * Gives markup to an element.
   *
   * @param {Element | ShadowRoot} element
   * @param {string} given
   * @param {(changed?: string) => void} live
   */
  const markup = (element, given, live) => {
    // Copies of what sleeps in a template would never wake.
    const { localName } = /** @type {Element} */ (element);
    const acts = localName !== 'script' && (full || localName !== 'template');
    live(acts ? safe(given) : given);
    inquireIn(element);
  };
  /**
   * For functions that take markup at place `at`, or as their last argument.
   *
   * @type {(at?: number) => <T>(native: TcNative<T, unknown[]>) => TcNative<T, unknown[]>}
   */
  const takes = (at) => (native) => function (...given) {
    const place = at ?? given.length - 1;
    if (given.length > place && place >= 0) given[place] = safe(/** @type {string} */ (given[place]));
    const result = /** @type {ParentNode | undefined} */ (native.apply(this, given));
    const element = /** @type {Element} */ (this);
    inquireIn(result?.querySelectorAll ? result : at === 0 ? element : element.parentNode || element);
    return result;
  };

  /**
   * Replaces constructors that connect.
   *
   * @param {('WebSocket' | 'EventSource' | 'Audio')[]} names
   */
  function sockets(...names) {
    for (const name of names) {
      const Native = window[name];
      if (!Native) continue;
      define(window, name, {
        configurable: true,
        writable: true,
        value: new Proxy(Native, {
          construct(target, /** @type {(string | URL)[]} */ given, caller) {
            const denied = given.length && (name === 'Audio' ? !/^\??$/.test(wants(given[0])) : mayNot(given[0]));
            // A port that browsers never connect to: the page hears of a broken connection.
            if (denied) given = [name === 'Audio' ? '' : (name[0] === 'W' ? 'ws:' : 'http:') + '//localhost:1/'];
            return Reflect.construct(target, given, caller);
          },
        }),
      });
    }
  }

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
    hook(window.Navigator?.prototype, 'sendBeacon', (/** @type {TcNative<Navigator, [string | URL, BodyInit?]>} */ native) => function (...given) {
      const needs = wantsCall(given[0]);
      if (!needs) return native.apply(this, given);
      if (needs === '?') ask(/** @type {URL} */ (parse(given[0])), 'ping').then((answer) => denies(answer) || native.apply(this, given));
      return true;
    });
  }

  function guardFull() {
    addressOn('HTMLLinkElement', 'imageSrcset');
    addressOn('HTMLSourceElement', 'src', 'srcset');
    addressOn('HTMLMediaElement', 'src');
    addressOn('HTMLVideoElement', 'poster');
    addressOn('HTMLEmbedElement', 'src');
    addressOn('HTMLObjectElement', 'data');
    addressOn('HTMLInputElement', 'src');
    addressOn('HTMLFrameElement', 'src');
    addressOn('HTMLTrackElement', 'src');
    addressOn('HTMLBodyElement', 'background');
    addressOn('HTMLAnchorElement', 'ping');
    onSet('ShadowRoot', 'innerHTML', markup);
    onSet('HTMLIFrameElement', 'srcdoc', (frame, given, live) => live(safe(given)));
    hook(Element.prototype, 'setHTMLUnsafe', takes(0));
    hook(window.ShadowRoot?.prototype, 'setHTMLUnsafe', takes(0));
    hook(Element.prototype, 'setAttributeNS', (/** @type {TcNative<Element, [string | null, string, string]>} */ native) => function (...given) {
      const name = String(given[1]).toLowerCase();
      if (/(?:^|:)href$|^src$/.test(name)) give(this, name, given[2], () => native.apply(this, given));
      else native.apply(this, given);
    });
    sockets('Audio');
    // What an attribute node says is given to its element in the usual way.
    /** @type {<T extends Element | NamedNodeMap>(owner: (at: T) => Element) => (native: TcNative<T, [Attr]>) => TcNative<T, [Attr]>} */
    const byNode = (owner) => (native) => function (...given) {
      const { name, value: said } = given[0] || {};
      const element = owner(this);
      if (element && ACTS[element.localName]?.includes(name) && needsOf(element, name, said)) element.setAttribute(name, said);
      else return native.apply(this, given);
    };
    hook(Element.prototype, 'setAttributeNode setAttributeNodeNS', byNode((element) => element));
    onSet('Attr', 'value', (attribute, given, live) => {
      if (attribute.ownerElement) give(attribute.ownerElement, attribute.name, given, live);
      else live();
    });
    /** @type {(native: TcNative<Worklet, [string | URL]>) => TcNative<Worklet, [string | URL]>} */
    const refuses = (native) => function (...given) {
      return mayNot(given[0]) ? refuse() : native.apply(this, given);
    };
    hook(window.Worklet?.prototype, 'addModule', refuses);
    hook(window, 'fetchLater', (/** @type {TcNative<Window & typeof globalThis, [string | URL | Request, RequestInit?]>} */ native) => function (...given) {
      if (!wantsCall(given[0] instanceof Request ? given[0].url : given[0])) return native.apply(this, given);
      return { activated: false };
    });
    guardNames();
  }

  // ---- Cookies and storage ----

  /** @type {Map<string, TcRow | undefined>} */
  const names = new Map();
  /**
   * Whose a cookie (`c`) or a stored name (`s`) is: declared before known, exact before the longest start.
   *
   * @param {'c' | 's'} kind
   * @param {string} name
   */
  function rowNamed(kind, name) {
    const key = kind + name;
    if (!names.has(key)) names.set(key, rowFor(kind, name));
    return names.get(key);
  }
  /**
   * @param {'c' | 's'} kind
   * @param {string} name
   */
  function rowFor(kind, name) {
    for (const rows of [table().d, table().k]) {
      let best;
      let most = -1;
      for (const row of rows) {
        for (const pattern of (row[kind] || '').split(kind === 's' ? '\n' : ' ')) {
          const start = pattern.replace(/\*$/, '');
          const rank = start === pattern ? (name === start ? 1e6 : -1) : name.startsWith(start) ? start.length : -1;
          if (pattern && rank > most) [best, most] = [row, rank];
        }
      }
      if (best) return best;
    }
  }
  /**
   * @param {'c' | 's'} kind
   * @param {unknown} name
   */
  const keeps = (kind, name) => !denies(rowNamed(kind, String(name))?.t);
  let setCookie = (/** @type {string} */ text) => {
    document.cookie = text;
  };
  let named = false;
  function guardNames() {
    named = true;
    const cookie = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');
    const { set } = cookie || {};
    if (set) setCookie = (text) => set.call(document, text);
    onSet('Document', 'cookie', (_, given, live) => {
      const deletes = /;\s*max-age\s*=\s*(?:-|0\s*(?:;|$))|;\s*expires=[^;]*\b19[67]\d/i.test(given);
      if (deletes || keeps('c', String(given).split(/[=;]/)[0].trim())) live();
    });
    hook(window.CookieStore?.prototype, 'set', (/** @type {TcNative<CookieStore, [string | { name: string }]>} */ native) => function (...given) {
      return keeps('c', /** @type {{ name: string }} */ (given[0])?.name ?? given[0]) ? native.apply(this, given) : Promise.resolve();
    });
    hook(window.Storage?.prototype, 'setItem', (/** @type {TcNative<Storage, [string, string]>} */ native) => function (...given) {
      if (keeps('s', given[0])) native.apply(this, given);
    });
  }

  /** Deletes what is stored under names that may not be. */
  async function sweep() {
    for (const kind of /** @type {const} */ (['localStorage', 'sessionStorage'])) {
      try {
        const store = window[kind];
        for (const key of Object.keys(store)) if (!keeps('s', key)) store.removeItem(key);
      } catch {
        // The browser lets the page store nothing.
      }
    }
    try {
      const stored = (await window.indexedDB?.databases?.()) || [];
      for (const { name } of stored) if (!keeps('s', name)) indexedDB.deleteDatabase(/** @type {string} */ (name));
    } catch {
      // Likewise.
    }
    try {
      if (window.cookieStore) {
        for (const { name, domain, path, partitioned } of /** @type {TcCookie[]} */ (await cookieStore.getAll())) {
          if (!keeps('c', name)) await cookieStore.delete({ name, domain, path, partitioned });
        }
      }
      for (const pair of document.cookie.split(';')) {
        const name = pair.split('=')[0].trim();
        if (!name || keeps('c', name)) continue;
        const end = name + '=; path=/; max-age=0';
        setCookie(end);
        for (let host = location.hostname; host.includes('.'); host = host.replace(/^[^.]*\./, '')) {
          setCookie(end + '; domain=' + host);
        }
      }
    } catch {
      // Likewise.
    }
  }

  // ---- Globals that pages call ----

  // Name to what stands in for it, the row and the calls made while the page loads.
  /** @type {Map<string, { value: unknown, row: TcRow, calls: unknown[][] }>} */
  const stubs = new Map();
  const globals = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (window));
  /** @param {string} name */
  const partsOf = (name) => name.replace('[]', '').split('.');
  /** @param {TcRow} row */
  function standIn(row) {
    for (const name of words(row.g)) {
      const [outer, method] = partsOf(name);
      /** @type {unknown[][]} */
      const calls = [];
      const call = (/** @type {TcHeard[]} */ ...given) => {
        // What the page says while it loads belongs to its tags. What the visitor does later stays untold.
        if (document.readyState === 'loading' && calls.length < 50) calls.push(given);
        for (const { hitCallback, event_callback, eventCallback } of given.filter((one) => one && typeof one === 'object')) {
          const done = hitCallback || event_callback || eventCallback;
          if (typeof done === 'function') setTimeout(done);
        }
      };
      const made = stubs.get(outer);
      if (method && made?.value === globals[outer] && typeof made?.value === 'object') {
        const stub = /** @type {Record<string, unknown>} */ (made.value);
        stub[method] ||= call;
      } else if (globals[outer] === undefined) {
        const value = name.endsWith('[]') ? [] : method ? { [method]: call } : call;
        // Not given, but put there: what tells tags of consent waits for the real one to be given.
        Object.defineProperty(window, outer, { configurable: true, enumerable: true, writable: true, value });
        // An array is what the vendor's own snippet would have made: it stays.
        if (!name.endsWith('[]')) stubs.set(outer, { value, row, calls });
      }
    }
  }
  /**
   * Stands in for those whose loader was put to sleep.
   *
   * @param {Element} script
   */
  function standInFor(script) {
    const address = get(script, 'src');
    if (address) {
      // Whose it is, the server may have said already.
      const needs = get(script, 'data-tc');
      const said = table().d.find(({ t, g }) => g && t === needs);
      if (said) return standIn(said);
      const url = parse(address);
      const row = url && rowOf(url);
      if (row) standIn(row);
      return;
    }
    const text = script.textContent || '';
    if (text.length > 16384) return;
    /** @type {string[] | undefined} */
    let named;
    for (const row of [...table().d, ...table().k]) {
      const called = words(row.g).some((name) => {
        const [outer] = partsOf(name);
        return text.includes(outer) && (named ||= text.match(/[\w$]+/g) || []).includes(outer);
      });
      if (called && bars(row.t)) standIn(row);
    }
  }
  function unstub() {
    /** @type {[string, unknown, unknown[][]][]} */
    const silent = [];
    for (const [name, { value, row, calls }] of stubs) {
      if (denies(row.t)) continue;
      stubs.delete(name);
      if (globals[name] === value) delete globals[name];
      silent.push([name, value, calls]);
    }
    return () => {
      for (const [name, value, calls] of silent) {
        const real = globals[name];
        if (real === value || typeof real !== 'function') continue;
        for (const call of calls) real.apply(window, call);
      }
    };
  }

  function guardAll() {
    guardCore();
    if (full) guardFull();
    document.querySelectorAll('script[data-tc]').forEach(standInFor);
    // Before each script of the page runs, this has heard of those before it.
    const watch = new MutationObserver((records) => {
      for (const { addedNodes } of records) {
        for (const node of /** @type {NodeListOf<Element>} */ (addedNodes)) {
          if (node.localName === 'script' && hasAttribute.call(node, 'data-tc')) standInFor(node);
        }
      }
    });
    watch.observe(document, { childList: true, subtree: true });
    addEventListener('load', () => watch.disconnect());
  }
  if (!('tcOff' in tag)) {
    guardAll();
    Object.defineProperty(window, '__tc', {
      configurable: true,
      value: {
        parked,
        rewrite,
        trusted,
        sweep,
        /** Takes over what is granted now; answers what is to be called once all that may run has run. */
        off(/** @type {string} */ state) {
          stand(state);
          const repeat = unstub();
          if (![...table().d, ...table().k].some(({ t }) => denies(t))) {
            for (const back of undo.splice(0)) back();
            delete window.__tc;
          }
          return repeat;
        },
        /** The same for less than before: keeps denied names from being stored, too. */
        lock(/** @type {string} */ state) {
          stand(state);
          early = [];
          if (!named) guardNames();
        },
      },
    });
  }

  // ---- The banner, where the page could not hold its script ----

  if (tag.tcLoad) {
    const load = () => {
      if (window.towerConsent) return;
      const script = document.createElement('script');
      const [name, digest] = words(tag.tcLoad);
      script.src = trusted(prefix + '/assets/' + name, 'createScriptURL');
      script.integrity = digest;
      script.nonce = nonce;
      script.dataset.tcState = tag.tcState;
      script.dataset.tcGuard = src.replace(/^.*\//, '') + ' ' + integrity;
      script.dataset.tcBuild = '';
      if ('tcGpc' in tag) script.dataset.tcGpc = '';
      document.documentElement.append(script);
    };
    // An app that takes over the whole document must have done so first.
    const idle = () => (window.requestIdleCallback || setTimeout)(load, { timeout: 2000 });
    if (document.readyState === 'complete') idle();
    else addEventListener('load', () => setTimeout(idle));
  }
}
