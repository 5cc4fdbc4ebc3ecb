/*
 * Keeps several tabs, the browser's page cache and frames in step.
 */

let channel = new BroadcastChannel('tower-consent');

// Other tabs are told what this one stands for, and look for themselves when they differ.
function listen() {
  channel.onmessage = ({ data }) => {
    // It may have come with another body, made or kept from before what was decided here.
    lift();
    if (data !== summary()) look(decided || data === '*');
  };
}
const tell = () => channel.postMessage(summary());

/** Starts to listen to all three. */
function follow() {
  listen();
  // An open channel would keep the page out of the browser's page cache.
  addEventListener('pagehide', () => channel.close());
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    channel = new BroadcastChannel('tower-consent');
    listen();
    look();
  });

  // A placeholder that stood for something blocked, and was asked to load it.
  addEventListener('message', ({ data, origin, source }) => {
    if (origin !== location.origin || data?.towerConsent !== 'load') return;
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
  });
}
