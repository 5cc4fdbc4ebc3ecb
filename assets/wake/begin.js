/*
 * Wakes what was put to sleep, and silences what was woken.
 *
 * It comes with the first grant or withdrawal that a page sees. What it needs
 * of the banner's script stands at its element, and so does what it gives. The
 * sources of this folder are joined as those of the banner's are.
 */

const own = document.currentScript;
const { allows, renew, summary, trusted } = own.tc;
own.tc = { activate, silence };
own.remove();
