/*
 * What may be stored, and what has to go?
 */

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
  for (const rows of [declared(), catalog()]) {
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
