/*
 * What the banner does better with a script. Everything works without it.
 *
 * types.d.ts declares what pages can use of it.
 */
/** Brings the banner to a page that came without. */
function build() {
  const added = () => {
    section = /** @type {HTMLElement} */ (banner());
    keep();
  };
  wake().then((scripts) => scripts.build(added), () => {});
}

function start() {
  follow();
  if (unknown) look().then(tell).then(() => (!builds && (decided || banner())) || build()).then(relay);
  else relay();
  submitInPlace();
  openOnClick();
  linkBoxes();
  keep();
  if (builds && !unknown) build();
  // What a refusal on another page could not reach.
  if (decided) window.__tc?.sweep();
  (/** @type {{ -readonly [name in 'towerConsent']?: TowerConsent }} */ (window)).towerConsent = {
    get: report,
    allows,
    open: openSettings,
  };
}

// Frameworks that swap the body run its scripts again: the first run is told what is new.
if (window.towerConsent) postMessage({ towerConsent: dataset.tcState });
else start();
