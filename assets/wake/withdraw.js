/*
 * Ends what runs when something is taken back.
 */

/**
 * Turns the guard on for a narrower choice, written like `summary`; loads it where the page has none.
 *
 * @param {string} state
 */
async function lock(state) {
  if (window.__tc) return window.__tc.lock(state);
  if (dataset.tcGuard) return load(dataset.tcGuard, { tcState: state, tcLock: '' }).catch(() => {});
}

/**
 * Tells trackers that run in the page to stop, each in its own words.
 *
 * @param {string} state
 */
function silence(state) {
  const told = window.__tcSay?.(state) || [];
  const words = state.split(' ');
  /** @type {(category: string, vendor: string) => boolean} */
  const denied = (category, vendor) =>
    words.includes(category) ? words.includes('!' + vendor) : !words.includes('+' + category + ':' + vendor);
  /** @type {(vendor: string, category: string, act: (w: TcTrackers) => void) => void} */
  const stop = (vendor, category, act) => {
    try {
      if (denied(category, vendor) && !told.includes(vendor)) act(/** @type {TcTrackers} */ (/** @type {unknown} */ (window)));
    } catch {
      // It is not there, or speaks another version.
    }
  };
  stop('google-analytics', 'analytics', (w) => {
    const texts = [...document.scripts].map((script) => script.src || script.text.slice(0, 8192));
    const stored = document.cookie.match(/_ga_\w+/g) || [];
    const ids = texts.join(' ').match(/\b(?:G|UA|YT|MO)-[A-Z0-9-]{4,}\b/g) || [];
    for (const id of [...ids, ...stored.map((name) => name.replace('_ga_', 'G-'))]) w[/** @type {const} */ (`ga-disable-${id}`)] = true;
  });
  stop('matomo', 'analytics', (w) => w._paq.push(['disableCookies']));
  stop('mixpanel', 'analytics', (w) => w.mixpanel.opt_out_tracking());
  stop('posthog', 'analytics', (w) => w.posthog.opt_out_capturing());
  stop('amplitude', 'analytics', (w) => w.amplitude.setOptOut(true));
  stop('clarity', 'analytics', (w) => w.clarity('consentv2', { ad_Storage: 'denied', analytics_Storage: 'denied' }));
  stop('fullstory', 'analytics', (w) => w.FS.shutdown());
  stop('meta-pixel', 'marketing', (w) => w.fbq('consent', 'revoke'));
  stop('tiktok-pixel', 'marketing', (w) => w.ttq.revokeConsent());
  stop('pinterest-tag', 'marketing', (w) => w.pintrk('setconsent', false));
  stop('microsoft-advertising', 'marketing', (w) => w.uetq.push('consent', 'update', { ad_storage: 'denied' }));
  stop('hubspot', 'marketing', (w) => w._hsq.push(['revokeCookieConsent']));
}

/**
 * Ends what may not run under a narrower choice, and deletes what it stored.
 *
 * @param {string} state
 */
async function end(state) {
  await lock(state);
  silence(state);
  await window.__tc?.sweep();
}
