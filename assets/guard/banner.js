/*
 * How does the banner's script come to a page whose markup could not hold it?
 */

function bringBanner() {
  // What is read to its end and holds the script will run it.
  if (waited && document.querySelector('script[data-tc-guard]')) return;
  const load = () => {
    if (window.towerConsent) return;
    const script = document.createElement('script');
    const [name, digest] = words(told('load'));
    script.src = trusted(prefix + '/assets/' + name, 'createScriptURL');
    script.integrity = digest;
    script.nonce = nonce;
    put(script, 'data-tc-state', /** @type {string} */ (told('state')));
    script.dataset.tcGuard = src.replace(/^.*\//, '') + ' ' + integrity;
    script.dataset.tcBuild = '';
    if (told('gpc') !== null) script.dataset.tcGpc = '';
    document.documentElement.append(script);
  };
  // An app that takes over the whole document must have done so first.
  const idle = () => (window.requestIdleCallback || setTimeout)(load, { timeout: 2000 });
  if (document.readyState === 'complete') idle();
  else addEventListener('load', () => window.towerConsent || setTimeout(idle));
}
