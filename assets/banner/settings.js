/*
 * Leads to the preferences.
 */

/** Says which page to come back to, and its language. */
function here() {
  const [next, lang] = [location.pathname + location.search, document.documentElement.lang].map(encodeURIComponent);
  return '?next=' + next + '&lang=' + lang;
}

function openSettings() {
  location.assign(prefix + here());
}

/** Answers the page's links to the settings. */
function openOnClick() {
  document.addEventListener('click', (event) => {
    // Routers of single-page apps take links for their own, and the address may have changed since.
    const plain = !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!plain || !event.target.closest?.('[data-tc-settings]')) return;
    event.preventDefault();
    event.stopPropagation();
    openSettings();
  }, true);
}
