/*
 * What happens as the guard runs, and what do the other scripts get of it?
 */

function guardAll() {
  guardCore();
  if (full) guardFull();
  document.querySelectorAll('script[data-tc]').forEach(standInFor);
  if (document.readyState === 'loading') watchScripts();
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
        if (!allRows().some(({ t }) => denies(t))) {
          restore();
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
  if (!waited) window.__tc.off(/** @type {string} */ (told('state')));
} else {
  if (told('off') === null) guardAll();
  if (told('load')) bringBanner();
}
