/*
 * How is an element kept from acting, and woken again?
 */

/** @type {Set<Element>} */
const parked = new Set();
/** @type {Record<string, string[]>} */
let table;
/** By element, the attributes that fetch. */
const acts = () => (table ||= {
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
});

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
  for (const [, host, path] of addressesIn(plainly)) {
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
  watchScripts();
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
  const [address] = (acts()[element.localName] || [])
    .map((name) => get(element, 'data-tc-' + name) || get(element, name))
    .filter(Boolean);
  const url = address && parse(address.trim().split(/\s/)[0]);
  if (!url) return;
  /** @type {Record<string, string>} */
  const kinds = { script: 'script', img: 'image', iframe: 'subdocument', frame: 'subdocument', link: 'stylesheet', video: 'media', audio: 'media', source: 'media', embed: 'object', object: 'object' };
  ask(url, kinds[element.localName] || 'other').then((needs) => {
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
    if (acts()[element.localName]?.includes(name)) needs = needsOf(element, name, value);
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
