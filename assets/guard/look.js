/*
 * May a script run that is about to be inserted, or is given a type?
 */

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
      if (hasAttribute.call(node, 'data-tc')) return watchScripts();
      const type = get(node, 'type');
      const ahead = /^\s*speculationrules\s*$/i.test(type || '');
      if (!ahead && !runs(type)) return;
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
  for (const element of [root, ...root.querySelectorAll(Object.keys(acts()).join())]) {
    for (const name of isScript(element) ? [] : acts()[element.localName] || []) {
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
      watchScripts();
      if (needs === '?') Promise.resolve().then(() => inquire(script));
      return;
    }
  } catch {
    // The page must not notice.
  }
  live();
}
