/*
 * What does the guard hold back, and what was it given?
 *
 * It parks what scripts of the page insert at run time and the visitor has not
 * agreed to. It stands in front of the first thing that acts, runs before that,
 * and takes its own element away. It replaces the browser's functions that lead
 * to a request by ones that look at the address first. What it parks looks as the
 * server's markup does (data-tc, data-tc-src, type=text/plain), so the banner's
 * script wakes both alike, and hears an error event, which many wait for.
 *
 * It is a net and no sandbox: a script that wants to can get around it.
 *
 * Its table: t what must be granted, h hosts, p paths of the site, c cookies,
 * s storage, g globals; d is declared by the policy and goes before k, which
 * the catalog knows. It comes as JSON in the line that the server adds, and is
 * read once it is needed.
 *
 * The sources of this folder are joined into one function in the order that
 * src/asset.rs names; what one declares the later ones use. A comment here stands
 * on lines of its own, and no string spans lines: the server drops the comments
 * and the indentation, line by line.
 */

/** @type {TcTable | undefined} */
let read;
const table = () => (read ||= /** @type {TcTable} */ (JSON.parse(text)));
const own = /** @type {HTMLScriptElement} */ (document.currentScript);
const tag = own.dataset;
const { src, nonce, integrity, defer: waited } = own;
own.remove();
const asks = 'tcVerdicts' in tag;
const full = 'tcFull' in tag || 'tcLock' in tag;
const { setTimeout, fetch, URL } = window;
const { setAttribute, getAttribute, hasAttribute, removeAttribute } = Element.prototype;
const { insertBefore } = Node.prototype;
/** @type {(element: Element, name: string, value: string) => void} */
const put = (element, name, value) => setAttribute.call(element, name, value);
/** @type {(element: Element, name: string) => string | null} */
const get = (element, name) => getAttribute.call(element, name);
/** @type {(element: Element, name: string) => void} */
const drop = (element, name) => removeAttribute.call(element, name);
/** @type {(text: string | undefined) => string[]} */
const words = (text) => (text ? text.split(' ') : []);
