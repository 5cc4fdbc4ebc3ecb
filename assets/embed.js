/*
 * What the placeholder of a blocked frame does better with a script: it sends
 * its form in the background and tells the page around it, which then loads
 * what was asked for in place. Without scripts the form leads back to the page.
 *
 * A comment here stands on lines of its own, and no string spans lines.
 */
(() => {
  'use strict';
  document.addEventListener('submit', async (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    // Opened as a page of its own, it leads to the page that it stands for.
    if (parent === window) return;
    event.preventDefault();
    const button = /** @type {HTMLButtonElement} */ (form.querySelector('button'));
    button.disabled = true;
    try {
      const body = new URLSearchParams(/** @type {string[][]} */ (/** @type {Iterable<unknown>} */ (new FormData(form))));
      const headers = { Accept: 'application/json' };
      const response = await fetch(form.action, { method: 'POST', headers, body });
      if (!response.ok) throw response;
      // It may stand in a document within the page.
      /** @type {Window} */
      let frame = window;
      while (frame !== frame.parent) {
        frame = frame.parent;
        frame.postMessage({ towerConsent: 'load' }, location.origin);
      }
      // Where nobody listens, the page has to come anew. Otherwise this is gone by then.
      setTimeout(() => form.submit(), 4000);
    } catch {
      // The browser's own way, which shows what went wrong if it goes wrong again.
      form.submit();
    }
  });
})();
