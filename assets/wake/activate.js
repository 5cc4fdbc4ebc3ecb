/*
 * Wakes in place what the server had put to sleep.
 */

/** Whether something could not be woken in place and needs a new page. */
let incomplete = false;

/** The attributes that the server puts aside and that are safe to put back by script. */
const KEPT = /^data-tc-((?:xlink:)?href|(?:image|data-|data-lazy-)?src(?:set)?|poster|data|background|ping|attributionsrc|data-original|http-equiv|style|to|from|by|values|clip-path|cursor|fill|filter|marker(?:-\w+)?|mask|stroke)$/;

/**
 * Whether everything that `element` waits for is granted: `category` or `category:vendor` each.
 *
 * @param {Element} element
 */
function mayWake(element) {
  return element.hasAttribute('data-tc') && /** @type {string} */ (element.getAttribute('data-tc')).split(' ').every((token) => allows(token));
}

/**
 * Whether a frame shows the gated form of a document that the page holds, so that it can be woken inside.
 *
 * @param {Element} element
 */
const isShownInPart = (element) =>
  element.localName === 'iframe' &&
  element.hasAttribute('data-tc-srcdoc') &&
  element.hasAttribute('srcdoc') &&
  (/** @type {HTMLIFrameElement} */ (element).contentDocument);

/**
 * Everything asleep that may wake, in document order. Templates hold no live elements.
 *
 * @param {ParentNode} root
 * @returns {Element[]}
 */
function sleepers(root) {
  return [...root.querySelectorAll('*')].flatMap((element) => [
    ...(mayWake(element) ? [element] : []),
    ...(element.shadowRoot ? sleepers(element.shadowRoot) : []),
    ...(isShownInPart(element) ? sleepers(/** @type {Document} */ (/** @type {HTMLIFrameElement} */ (element).contentDocument)) : []),
  ]);
}

/**
 * Puts the attributes of `element` back.
 *
 * @param {Element} element
 */
function restore(element) {
  element.removeAttribute('data-tc');
  if (/^i?frame$/.test(element.localName)) {
    // Before the address, so that what is loaded never learns the name it slept under.
    const name = element.getAttribute('data-tc-name');
    if (name === null) element.removeAttribute('name');
    else element.setAttribute('name', name);
    element.removeAttribute('data-tc-name');
    // The placeholder must not be loaded again.
    if (element.hasAttribute('data-tc-src')) element.removeAttribute('src');
    // The browser's history goes by the name that a frame began with. Put back, it begins anew.
    if (!isShownInPart(element)) element.parentNode?.insertBefore(element, element.nextSibling);
  }
  // These are read once, when they are inserted.
  const once = /^(?:set|animate)$/.test(element.localName) || element.hasAttribute('data-tc-imagesrcset');
  for (const { name, value } of [...element.attributes]) {
    if (!name.startsWith('data-tc-') || name === 'data-tc-type') continue;
    const kept = KEPT.exec(name)?.[1];
    if (name === 'data-tc-srcdoc' && isShownInPart(element)) {
      element.removeAttribute(name);
      continue;
    }
    if (name === 'data-tc-css') {
      element.removeAttribute(name);
      element.textContent = element.textContent.replaceAll('about:invalid#', '');
      continue;
    }
    // Markup that visitors wrote may hold such attributes too. It must not gain a way to run
    // code by them: no `srcdoc`, no handlers, no script addresses. Those come with a new page.
    if (!kept || /(?:^|;)javascript:/i.test(value.replace(/[\0-\x20]/g, ''))) {
      incomplete = true;
      continue;
    }
    try {
      if (kept === 'xlink:href') element.setAttributeNS('http://www.w3.org/1999/xlink', kept, value);
      else element.setAttribute(kept, value);
      element.removeAttribute(name);
      // The page's loader of what is lazy may have passed by.
      const at = /^data-/.test(kept) && (/srcset/.test(kept) ? 'srcset' : 'src');
      if (at && !/^(?!data:|about:blank)./.test(element.getAttribute(at) || '')) element.setAttribute(at, value);
    } catch {
      // Trusted Types guard a few addresses.
      incomplete = true;
    }
  }
  if (once) element.parentNode?.insertBefore(element, element.nextSibling);
}

// What answers neither way, such as a script that was moved away, must not hold up the rest for ever.
/** @type {(script: Element) => Promise<unknown>} */
const ended = (script) =>
  new Promise((resolve) => {
    script.addEventListener('load', resolve);
    script.addEventListener('error', resolve);
    setTimeout(resolve, 10000);
  });

/** @param {Element} script */
function retype(script) {
  const type = script.getAttribute('data-tc-type');
  if (type === null) script.removeAttribute('type');
  else script.setAttribute('type', type);
  script.removeAttribute('data-tc-type');
}

/**
 * Runs a script where it stands; settles once it and all that it wrote have run.
 *
 * @param {HTMLScriptElement} script
 */
function run(script) {
  restore(script);
  // Also clears the hidden flag that lets scripts overtake each other.
  script.async = script.hasAttribute('async');
  retype(script);
  const done = script.src && !script.noModule ? ended(script).then(flush) : null;
  // Put back where it stands, the browser looks at it again. Anything added to it would make
  // the text untrusted to Firefox where the page demands Trusted Types.
  const parent = /** @type {ParentNode} */ (script.parentNode);
  parent.insertBefore(script, script.nextSibling);
  return done || flush();
}

/** Wakes everything that may wake, in the order in which a page that loads would. */
async function activate() {
  /** @type {HTMLScriptElement[][]} */
  const turns = [[], [], []];
  /** @type {Set<HTMLMediaElement | null>} */
  const media = new Set();
  const parked = window.__tc?.parked || new Set();
  // Before anything runs, since snippets do nothing where they find their own name taken.
  const repeat = window.__tc?.off(summary());
  window.__tcSay?.(summary());
  for (const element of new Set([...sleepers(document), ...[...parked].filter(mayWake)])) {
    parked.delete(element);
    if (element.localName === 'script' && element.getAttribute('type') !== 'text/plain') {
      // It has run, or never will. Something else of it was asleep.
      restore(element);
    } else if (element.localName === 'script' && !element.parentNode) {
      // It was made and never inserted.
      restore(element);
      retype(element);
    } else if (element.localName === 'script') {
      const script = /** @type {HTMLScriptElement} */ (element);
      const external = script.src;
      const module = /module/i.test(script.getAttribute('data-tc-type') || '');
      const defer = module || (external && script.defer);
      const async = script.async = script.hasAttribute('async');
      turns[async && (external || module) ? 0 : defer ? 2 : 1].push(script);
    } else {
      restore(element);
      if (element.localName === 'style' && /** @type {HTMLStyleElement} */ (element).type === 'text/plain') {
        retype(element);
        element.parentNode?.insertBefore(element, element.nextSibling);
      }
      if (element.localName !== 'track') media.add(element.closest('video, audio'));
    }
  }
  for (const element of media) element?.load();
  const stop = pretend();
  try {
    turns[0].forEach(run);
    for (const script of turns[1]) await run(script);
    const late = [];
    for (const script of turns[2]) {
      // Firefox would run a module that it need not fetch ahead of those before it.
      if (!script.src) await Promise.all(late);
      late.push(run(script));
    }
    await Promise.all(late);
  } finally {
    stop();
  }
  repeat?.();
  if (incomplete) renew();
}
