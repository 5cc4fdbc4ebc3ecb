/*
 * What of markup that is given as text may load?
 */

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
  const tags = /<(script|img|image|iframe|frame|embed|object|input|video|audio|source|track|link|body|table|td|th|a)(?=[\s/])((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
  return html.replace(tags, (whole, tagName, attributes) => {
    const said = value('data-consent').exec(attributes);
    const word = said && decode(said[4]);
    let needs = '';
    let changed = attributes;
    for (const name of acts()[tagName.toLowerCase()]) {
      const found = value(name).exec(changed);
      if (!found) continue;
      const addresses = /srcset$/.test(name) ? decode(found[4]).split(/[\s,]+/) : [decode(found[4])];
      const wanted = word === null ? addresses.map(wants).find(Boolean) : word !== 'necessary' && denies(word) && word;
      if (!wanted) continue;
      needs = wanted;
      if (!/script/i.test(tagName)) changed = changed.replace(value(name), '$1data-tc-$2$3$4');
    }
    if (!needs) return whole;
    watchScripts();
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
