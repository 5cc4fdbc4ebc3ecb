/*
 * What this page was made for, and what the visitor has granted since.
 *
 * The sources of this folder are joined into one function in the order that
 * src/asset.rs names; what one declares the later ones use. It is called with
 * the name and the digest of the file that `assets/wake/` becomes.
 *
 * They write no markup, no inline style and no inline handler, so they run
 * under any Content-Security-Policy that lets them load, and under Trusted
 * Types. A comment here stands on lines of its own, and no string spans lines:
 * the server drops the comments and the indentation, line by line.
 */

const own = /** @type {HTMLScriptElement} */ (document.currentScript);
const { src, nonce, dataset } = own;
// The guard loads this where the page's markup could not hold it, and leaves no trace.
const builds = 'tcBuild' in dataset;
if (builds) own.remove();
const prefix = src.slice(0, src.lastIndexOf('/assets/'));

// As the server wrote it: `?` while undecided, granted categories, refused vendors with a
// `!`, with a `+` those granted alone, behind their category, with a `-` the categories that this
// page never allows. `!*` stands before a category where nothing undeclared may run.
const words = /** @type {string} */ (dataset.tcState).split(' ');
// A page that is the same for everybody says `*`, and the server is asked.
const unknown = words.includes('*');
let decided = !unknown && !words.includes('?');
/** @type {(mark: string) => string[]} */
const marked = (mark) => words.filter((word) => word[0] === mark).map((word) => word.slice(1));
// Letters come behind all of these marks.
let granted = new Set(words.filter((word) => word > '@'));
let refused = new Set(marked('!'));
let alone = new Set(marked('+'));
const never = marked('-');
/** The browser's signal. A proxy may lose the header of the same name. */
const hasSignal = () => !!navigator.globalPrivacyControl;

/**
 * Categories, refused vendors and those granted alone in one string, as the server writes it.
 *
 * @type {(granted: Iterable<string>, refused: Iterable<string>, alone: Iterable<string>) => string}
 */
const write = (granted, refused, alone) =>
  [...granted, ...[...refused].map((vendor) => '!' + vendor), ...[...alone].map((vendor) => '+' + vendor)].sort().join(' ');
/** The same of this page. */
const summary = () => write([...(decided ? [] : ['?']), ...granted], refused, alone);
/**
 * Whether a category, or one vendor as `category:id`, may act.
 *
 * @param {string} what
 */
function allows(what) {
  const [category, vendor] = what.split(':');
  return category === 'necessary' || (granted.has(category) ? !refused.has(vendor ?? '*' + category) : alone.has(what));
}
/**
 * The same as pages are told.
 *
 * @returns {TowerConsentState}
 */
function report() {
  return { decided, granted: /** @type {TowerConsentCategory[]} */ ([...granted]), refusedVendors: [...refused].filter((id) => id[0] !== '*'), grantedVendors: [...alone] };
}
/** @param {'change' | 'open'} what */
function announce(what) {
  document.dispatchEvent(new CustomEvent('consent:' + what, { detail: report() }));
}
/** @param {Element} element */
const attach = (element) => document.documentElement.append(element);
/** @returns {HTMLElement | null} */
const banner = () => document.querySelector('[data-tc-banner]');
