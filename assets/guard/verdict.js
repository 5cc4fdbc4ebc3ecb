/*
 * What does an address need, and where only the server knows, what does it say?
 */

const prefix = src.slice(0, src.lastIndexOf('/assets/'));
/** @type {Map<string, string | Promise<string>>} */
const verdicts = new Map();
/** @type {{ url: string, type: string, resolve: (needs: string) => void }[]} */
let batch = [];
let size = 0;
/**
 * @param {URL} url
 * @param {string} type
 * @returns {Promise<string>}
 */
function ask(url, type) {
  // Longer ones say nothing more by their ends, and the server reads only so much.
  const address = url.href.slice(0, 2000);
  let answer = verdicts.get(url.href);
  if (!answer) {
    answer = new Promise((resolve) => {
      if (!batch.length) setTimeout(send, 10);
      batch.push({ url: address, type, resolve });
      size += address.length + 99;
      if (batch.length > 49 || size > 12000) send();
    });
    verdicts.set(url.href, answer);
    answer.then((needs) => verdicts.set(url.href, needs));
  }
  return Promise.resolve(answer);
}
function send() {
  const asked = batch;
  batch = [];
  size = 0;
  if (!asked.length) return;
  const body = JSON.stringify({
    page: location.pathname,
    urls: asked.map(({ url, type }) => ({ url, type })),
  });
  fetch
    .call(window, prefix + '/verdict', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
    .then((response) => (response.ok ? response.json() : Promise.reject(response)))
    .then(({ denied }) => asked.map((_, at) => (denied[at] ? denied[at].needs || denied[at].category : '')))
    // What runs code stays out where nobody can tell.
    .catch(() => asked.map(({ type }) => (/^(script|subdocument|object)$/.test(type) ? 'unknown' : '')))
    .then((answers) => asked.forEach(({ resolve }, at) => resolve(answers[at])));
}

/**
 * The same for requests by script: those to the site itself may go, since the server refuses them.
 *
 * @param {string | URL} address
 */
function wantsCall(address) {
  return parse(address)?.hostname === location.hostname ? '' : wants(address);
}
/**
 * Whether the address is of another site, where all of those wait.
 *
 * @param {string | URL} address
 */
function isForeign(address) {
  const site = !granted.includes('marketing') && told('site');
  const host = site && parse(address)?.hostname;
  return !!host && host !== site && !host.endsWith('.' + site);
}
/**
 * Whether a connection may not be made that cannot wait for the server's answer.
 *
 * @param {string | URL} address
 */
function mayNot(address) {
  const needs = wants(address);
  return needs === '?' ? isForeign(address) : !!needs;
}
/**
 * What an address needs that is not granted; `?` where the server must be asked.
 *
 * @param {string | URL} address
 */
function wants(address) {
  const url = parse(address);
  if (!url) return '';
  const row = rowOf(url);
  if (row && bars(row.t)) return row.t;
  // What the policy says itself is final. The server may know more than the catalog.
  if (!asks || declared().includes(/** @type {TcRow} */ (row)) || url.hostname === location.hostname) return '';
  const known = verdicts.get(url.href);
  if (typeof known !== 'string') return '?';
  return denies(known) ? known : '';
}
