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
 * The server adds a line with what it is called with. First the rows of what
 * the policy declares and of what the catalog knows, these as JSON that is read
 * once it is needed: t what must be granted, h hosts, p paths of the site, c
 * cookies, s storage, g globals. Then the names of all those globals, each between spaces.
 *
 * The sources of this folder are joined into one function in the order that
 * src/asset.rs names; what one declares the later ones use. A comment here stands
 * on lines of its own, and no string spans lines: the server drops the comments
 * and the indentation, line by line.
 */

const declared = () => declares;
/** @type {TcRow[]} */
let catalogRows;
/** @returns {TcRow[]} */
const catalog = () => (catalogRows ||= JSON.parse(knows));
const allRows = () => [...declared(), ...catalog()];
const { setTimeout, fetch } = window;
const { setAttribute, getAttribute, hasAttribute, removeAttribute } = Element.prototype;
const { insertBefore } = Node.prototype;
/** @type {(element: Element, name: string, value: string) => void} */
const put = (element, name, value) => setAttribute.call(element, name, value);
/** @type {(element: Element, name: string) => string | null} */
const get = (element, name) => getAttribute.call(element, name);
/** @type {(element: Element, name: string) => void} */
const drop = (element, name) => removeAttribute.call(element, name);
/** @type {(text: string | null | undefined) => string[]} */
const words = (text) => (text ? text.split(' ') : []);

const own = /** @type {HTMLScriptElement} */ (document.currentScript);
const { src, nonce, integrity, defer: waited } = own;
own.remove();
/** What the server wrote on it. */
const told = (/** @type {string} */ name) => get(own, 'data-tc-' + name);
const asks = told('verdicts') !== null;
const full = (told('full') ?? told('lock')) !== null;
