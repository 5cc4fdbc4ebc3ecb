/*
 * The stored choice: asks the server for it and takes it over.
 */

let queue = Promise.resolve();

/** Lets what is granted act. A refusal wakes nothing. */
async function carryOut() {
  if (granted.size || alone.size) return (await wake()).activate();
  window.__tc?.off(summary());
  window.__tcSay?.(summary());
}

/**
 * Takes over what the server says is stored now.
 *
 * @param {TcAnswer} stored
 * @param {boolean} [anew] Whether the page may sleep all the same.
 */
function take(stored, anew) {
  // As far as this page goes: what runs without a choice counts as granted.
  const categories = stored.covered.filter((category) => !never.includes(category));
  const vendors = stored.barred;
  const single = stored.alone.filter((token) => !never.includes(token.split(':')[0]));
  if (stored.gpc) dataset.tcGpc = '';
  const before = summary();
  const narrowed =
    stored.narrowed ||
    [...granted].some((category) => !categories.includes(category)) ||
    (granted.size && vendors.some((vendor) => !refused.has(vendor))) ||
    [...alone].some((token) => {
      const [category, vendor] = token.split(':');
      return categories.includes(category) ? vendors.includes(vendor) : !single.includes(token);
    });
  if (narrowed) return end(write(categories, vendors, single)).then(renew);
  granted = new Set(categories);
  refused = new Set(vendors);
  alone = new Set(single);
  decided = stored.decided;
  if (decided) banner()?.remove();
  if (before === summary() && !anew) return;
  // A Content-Security-Policy that holds things back cannot be lifted from a page.
  if ('tcLocked' in dataset && before !== summary()) return renew();
  // Where every page is the same, another would bring nothing new.
  queue = queue.then(carryOut).catch(() => unknown || renew()).then(() => announce('change'));
}

/** Tells the server of the browser's signal where it runs what the signal denies, and has not heard of it. */
function relay() {
  const runs = [...granted].some((name) => name !== 'functional' && !refused.has('*' + name));
  if (!runs || 'tcGpc' in dataset || !hasSignal()) return;
  ask('/choice', { method: 'POST', body: new URLSearchParams('choice=signal') }).then(take).then(tell, () => {});
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<TcAnswer>}
 */
async function ask(path, init) {
  const response = await fetch(prefix + path, { headers: { Accept: 'application/json' }, ...init });
  if (!response.ok) throw response;
  return response.json();
}

/** @param {boolean} [anew] */
const look = (anew) => ask('/state').then((state) => take(state, anew), () => {});
