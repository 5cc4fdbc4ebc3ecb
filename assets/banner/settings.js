/*
 * Leads to the preferences.
 */

function openSettings() {
  const next = location.pathname + location.search;
  location.assign(prefix + '?next=' + encodeURIComponent(next));
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
