/*
 * Brings the scripts that only some pages ever need: `assets/wake/` with the
 * first grant or withdrawal, or for a banner that did not come with the page; the guard with a withdrawal on a page that
 * has none.
 */

// Of one name there can be one policy, and the guard may have made it.
const lent = window.__tc?.trusted;
/** @type {TcPolicy | undefined} */
let policy;
/**
 * Markup, or the address of a script, as the page's rules want it.
 *
 * @type {TcTrust}
 */
function trusted(text, kind = 'createHTML') {
  if (lent) return lent(text, kind);
  try {
    policy ||= /** @type {NonNullable<typeof trustedTypes>} */ (trustedTypes).createPolicy('tower-consent', { createHTML: String, createScriptURL: String });
    return policy[kind](text);
  } catch {
    return text;
  }
}

/**
 * Runs one of the layer's files, given as name and digest; settles with what it is for.
 *
 * @param {string} file
 * @param {Record<string, string | undefined>} [data]
 * @returns {Promise<TcWaking>}
 */
async function load(file, data) {
  const script = document.createElement('script');
  const [name, digest] = file.split(' ');
  script.src = trusted(prefix + '/assets/' + name, 'createScriptURL');
  script.integrity = digest;
  script.nonce = nonce;
  Object.assign(script.dataset, data);
  // What it may use of this script, in whose place it puts what it is for.
  script.tc = /** @type {HTMLScriptElement['tc']} */ ({ allows, dataset, here, load, nonce, prefix, renew, summary, trusted });
  return new Promise((resolve, reject) => {
    script.onload = () => resolve(script.tc);
    script.onerror = reject;
    attach(script);
  });
}

/** @type {Promise<TcWaking> | undefined} */
let waking;
/** The functions that wake, end and build. */
const wake = () => (waking ||= load(wakeFile));

/**
 * Ends what may not run under a narrower choice and deletes what it stored; settles soon in any case.
 *
 * @param {string} state
 */
const end = (state) =>
  Promise.race([wake().then((scripts) => scripts.end(state)).catch(() => {}), new Promise((resolve) => setTimeout(resolve, 2000))]);

/** Loads the page anew, so that the server makes it for the stored choice. */
function renew() {
  // An address with a fragment would only scroll. A reload could send a form again, so it comes second.
  if (location.href.includes('#')) location.reload();
  else location.replace(location.href);
}
