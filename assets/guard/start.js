/*
 * What happens as the guard runs, and what do the other scripts get of it?
 */

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

// Frameworks that swap the page run its scripts again, and a page may hold
// one that waited in vain for being the first.
if (window.__tc) {
  if (!waited) window.__tc.off(/** @type {string} */ (tag.tcState));
} else {
  if (!('tcOff' in tag)) guardAll();
  if (tag.tcLoad) bringBanner();
}
