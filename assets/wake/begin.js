/*
 * Wakes what was put to sleep, ends what was woken, and builds the banner
 * on a page that came without.
 *
 * It comes once a page needs any of them. What it needs
 * of the banner's script stands at its element, and so does what it gives. The
 * sources of this folder are joined as those of the banner's are.
 */

const own = /** @type {HTMLScriptElement} */ (document.currentScript);
const { allows, dataset, here, load, nonce, prefix, renew, summary, trusted } = own.tc;
own.tc = /** @type {HTMLScriptElement['tc']} */ ({ activate, build, end });
own.remove();
