/*
 * Keeps several tabs, the browser's page cache and frames in step.
 */

/**
 * Another tab, or another run in this one, says what it stands for: this one looks for itself when it differs. A frame
 * says `load`: a placeholder that stood for something blocked, and was asked to load it.
 *
 * @param {MessageEvent} event
 */
function hear({ data, origin, source }) {
  const said = data?.towerConsent;
  if (origin !== location.origin || said == null) return;
  if (said !== 'load') {
    // It may have come with another body, made or kept from before what was decided here.
    lift();
    if (said !== summary()) look(decided || said === '*');
    return;
  }
  /** @type {NodeListOf<HTMLIFrameElement>} */
  const frames = document.querySelectorAll('iframe[data-tc]');
  const frame = [...frames].find(({ contentWindow }) => contentWindow === source);
  const focused = frame && document.activeElement === frame;
  look()
    .then(() => queue)
    .then(() => {
      tell();
      // Woken, it begins anew and has lost the keyboard.
      if (focused && document.activeElement === document.body) frame.focus();
    });
}

/** @type {BroadcastChannel | undefined} */
let channel;
/** Tells other tabs what this one stands for, and hears of them from now on. */
function tell() {
  if (!channel) {
    channel = new BroadcastChannel('tower-consent');
    channel.onmessage = hear;
    // An open one would keep the page out of the browser's page cache.
    addEventListener('pagehide', () => {
      channel = /** @type {undefined} */ (channel?.close());
    }, { once: true });
  }
  channel.postMessage({ towerConsent: summary() });
}

/** Starts to listen to all three. */
function follow() {
  // What was decided or erased by a form may end what others run.
  if (decided || !document.hasFocus() || document.URL.startsWith(prefix)) tell();
  // Nobody can answer in another tab, or look at one, before this one has lost the keyboard.
  addEventListener('blur', () => channel || tell());
  // What comes back from the browser's page cache shows itself anew.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) look().then(tell);
  });
  addEventListener('message', hear);
}
