/*
 * Tells vendors' own tags, in their own words, what the visitor has agreed to.
 *
 * It is the first script of the page: what must be said before any tag is said
 * here, and what follows from the stored choice right after it. The banner's
 * script calls it again with each decision.
 *
 * Its table: v the vendor, n the global that it listens at, k how it is spoken
 * to, d what is said before everything, g what under Global Privacy Control
 * besides, u what with each decision. It is called by the line that the server
 * adds.
 *
 * A comment here stands on lines of its own, and no string spans lines: the
 * server drops the comments and the indentation, line by line.
 */
(table) => {
  'use strict';
  const own = /** @type {HTMLScriptElement} */ (document.currentScript);
  let state = /** @type {string} */ (own.dataset.tcState);
  // What is asked under Global Privacy Control: nothing, or what this page or else the browser says.
  const { tcLimit } = own.dataset;
  const limited = tcLimit || (tcLimit === '' && navigator.globalPrivacyControl === true);
  own.remove();
  // Frameworks that swap the page run its scripts again.
  if (window.__tcSay) {
    window.__tcSay(state);
    return;
  }

  /**
   * Whether everything that `needs` names is granted: `category` or `category:vendor` each.
   *
   * @param {string | undefined} needs
   */
  function allows(needs) {
    const words = state.split(' ');
    return !needs || needs.split(' ').every((need) => {
      const [category, vendor] = need.split(':');
      return words.includes(category) ? !words.includes('!' + vendor) : words.includes('+' + need);
    });
  }
  /**
   * What the decision comes to for a vendor; null while there is none.
   *
   * @param {TcTold} row
   * @returns {unknown[] | null | undefined}
   */
  function update({ u }) {
    const words = state.split(' ');
    if ((words.includes('?') || words.includes('*')) && !/(?:^| )[\w+]/.test(state)) return null;
    if (!u.s) return allows(u.t) ? u.y : u.o;
    /** @type {Record<string, string>} */
    const types = {};
    for (const name in u.s) types[name] = allows(u.s[name]) ? 'granted' : 'denied';
    return [...u.c, types];
  }

  const globals = /** @type {Record<string, TcSpoken>} */ (/** @type {unknown} */ (window));
  /** @type {Map<TcTold, string>} */
  const told = new Map();
  /**
   * @param {TcTold} row
   * @param {unknown[][]} calls
   */
  function say({ n, k }, calls) {
    const to = globals[n];
    for (const call of calls) {
      if (k === 'a') (function (/** @type {unknown[]} */ ..._) { to.push(arguments); })(...call);
      else if (k === 'p') to.push(...call);
      else if (k === 'f') to(...call);
      else if (to[/** @type {string} */ (call[0])]) to[/** @type {string} */ (call[0])](...call.slice(1));
      else to.push(call);
    }
  }
  /**
   * Says what comes before everything, and what follows from the stored choice.
   *
   * @param {TcTold} row
   */
  function begin(row) {
    const now = update(row);
    told.set(row, JSON.stringify(now));
    say(row, [...row.d, ...(limited && row.g ? row.g : []), ...(now ? [now] : [])]);
  }

  /**
   * Waits for a global that the vendor's snippet makes, and that must be free
   * until then: snippets do nothing where they find their name taken. The first
   * look at it comes after it was made and before anything was said to it.
   *
   * @param {TcTold} row
   */
  function expect(row) {
    /** @type {TcSpoken | undefined} */
    let made;
    const settle = () => {
      Object.defineProperty(window, row.n, { value: made, configurable: true, enumerable: true, writable: true });
      try {
        begin(row);
      } catch {
        // It is not what it is taken for. The page must not notice.
      }
    };
    Object.defineProperty(window, row.n, {
      configurable: true,
      enumerable: true,
      get: () => {
        if (made && row.k === 'f') settle();
        return made;
      },
      set: (value) => {
        made = value;
        if (row.k === 'm' && Array.isArray(value)) settle();
      },
    });
  }

  Object.defineProperty(window, '__tcSay', {
    configurable: true,
    /** Takes over what stands now; answers the vendors that were told. */
    value: (/** @type {string} */ now) => {
      state = now;
      for (const row of table) {
        if (!told.has(row)) {
          // A stand-in of the guard's took its place, and may have gone since.
          if (!Object.getOwnPropertyDescriptor(window, row.n)) expect(row);
          continue;
        }
        const call = update(row);
        const text = JSON.stringify(call);
        if (!call || text === told.get(row)) continue;
        told.set(row, text);
        say(row, [call]);
      }
      return [...told.keys()].map(({ v }) => v);
    },
  });
  for (const row of table) {
    if (/[ap]/.test(row.k)) globals[row.n] ||= /** @type {TcSpoken} */ (/** @type {unknown} */ ([]));
    if (globals[row.n]) begin(row);
    else expect(row);
  }
}
