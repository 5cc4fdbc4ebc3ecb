/*
 * What do pages call that their trackers would have made?
 */

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
    const said = declared().find(({ t, g }) => g && t === needs);
    if (said) return standIn(said);
    const url = parse(address);
    const row = url && rowOf(url);
    if (row) standIn(row);
    return;
  }
  const text = script.textContent || '';
  if (text.length > 16384) return;
  const within = words(calls.trim()).filter((name) => text.includes(name));
  if (!within.length) return;
  /** @type {string[]} */
  const spelt = text.match(/[\w$]+/g) || [];
  const called = new Set(within.filter((name) => spelt.includes(name)));
  for (const rows of [declared, catalog]) {
    // What the policy declares is mostly all, and the catalog is long.
    for (const row of called.size ? rows() : []) {
      const here = words(row.g).filter((name) => called.has(partsOf(name)[0]));
      if (!here.length || !bars(row.t)) continue;
      standIn(row);
      // Others may add methods to one that has them.
      for (const name of here) if (!name.includes('.')) called.delete(partsOf(name)[0]);
    }
  }
}
let watched = false;
/** Until the page has loaded, stands in for those that come asleep: once there are any, or while the page is read. */
function watchScripts() {
  if (watched || document.readyState === 'complete') return;
  watched = true;
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
