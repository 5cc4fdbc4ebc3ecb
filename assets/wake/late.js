/*
 * What scripts that wake late expect of a page that still loads.
 */

/** Whether the page's own scripts have all been told that it was read. */
const wasRead = () =>
  document.readyState === 'complete' || /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'))[0]?.domContentLoadedEventStart > 0;

/**
 * What scripts write while they run, by the script that wrote it.
 *
 * @type {Map<HTMLOrSVGScriptElement | null, string>}
 */
const written = new Map();

/**
 * Inserts what was written; settles once the scripts in it have run.
 *
 * @returns {Promise<unknown>}
 */
function flush() {
  const pending = [];
  for (const [script, html] of written) {
    written.delete(script);
    const range = document.createRange();
    if (script?.parentNode) range.setStartAfter(script);
    else range.setStart(document.body, document.body.childNodes.length);
    try {
      const allowed = window.__tc ? window.__tc.rewrite(html) : html;
      const fragment = range.createContextualFragment(trusted(allowed));
      for (const inner of fragment.querySelectorAll('script[src]:not([async], [nomodule])')) {
        pending.push(ended(inner).then(flush));
      }
      range.insertNode(fragment);
    } catch {
      incomplete = true;
    }
  }
  return Promise.all(pending);
}

/** Serves what scripts expect of a page that still loads; answers how to stop. */
function pretend() {
  const { write, writeln } = document;
  const { addEventListener } = EventTarget.prototype;
  const { onload } = window;
  const say = (/** @type {string} */ text) => {
    const { currentScript } = document;
    written.set(currentScript, (written.get(currentScript) || '') + text);
  };
  document.write = (...text) => say(text.join(''));
  document.writeln = (...text) => say(text.join('') + '\n');
  // Events that are over are told once to those who come late; nobody else hears them again.
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    const target = this || window;
    const late =
      type === 'load'
        ? target === window && document.readyState === 'complete'
        : type === 'DOMContentLoaded' && wasRead() && (target === window || target === document);
    if (!late || !listener) return addEventListener.call(target, type, listener, options);
    setTimeout(() => {
      const event = new Event(type);
      if ('handleEvent' in listener) listener.handleEvent(event);
      else listener.call(target, event);
    });
  };
  return () => {
    document.write = write;
    document.writeln = writeln;
    EventTarget.prototype.addEventListener = addEventListener;
    if (window.onload && window.onload !== onload && document.readyState === 'complete') {
      setTimeout(() => window.onload?.(new Event('load')));
    }
  };
}
