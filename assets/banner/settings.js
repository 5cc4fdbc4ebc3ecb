/*
 * Leads to the preferences: shows their page in a dialog, or goes there.
 */

/** Says which page to come back to, and its language. */
const here = () => '?' + new URLSearchParams({ next: location.pathname + location.search, lang: document.documentElement.lang });

/**
 * Made with the first look at the preferences.
 *
 * @type {HTMLDialogElement}
 */
let dialog;
/**
 * What it was made for.
 *
 * @type {string | null | undefined}
 */
let made;
/**
 * Who opened it.
 *
 * @type {HTMLElement | null | undefined}
 */
let opener;

/** Shows the preferences. Where their page cannot be brought here, goes there. */
function openSettings() {
  // The page itself needs no dialog.
  if (document.querySelector('.tc-page')) return;
  opener = /** @type {HTMLElement | null} */ (document.activeElement);
  if (dialog?.isConnected && made === summary()) return showSettings();
  const address = prefix + here();
  const go = () => location.assign(address);
  const request = new XMLHttpRequest();
  // A page that has the banner's rules needs no others for what looks alike.
  request.open('GET', address + '&dialog=' + (document.querySelector('[data-tc-rules]') ? 'shared' : ''));
  // Parsed as a document and taken over, it needs nobody's trust.
  request.responseType = 'document';
  request.onerror = go;
  request.onload = () => {
    const page = request.response;
    const sheet = page?.querySelector('.tc-sheet');
    if (request.status !== 200 || !sheet) return go();
    made = summary();
    wrapSettings(page, sheet);
    const sheets = [...page.querySelectorAll('link')];
    const ready = sheets.filter(({ href }) => ![...document.styleSheets].some((there) => there.href === href)).map((sheet) => new Promise((resolve, reject) => {
      sheet.nonce = nonce;
      sheet.onload = resolve;
      sheet.onerror = reject;
      // Last, since the page's own copy of the first rules must not come after these.
      attach(sheet);
    }));
    // Without its rules it would not be fit to be seen, and old browsers have no dialogs.
    Promise.all(ready).then(showSettings).catch(go);
  };
  request.send();
}

/**
 * Makes the dialog of the page's sheet.
 *
 * @param {Document} page
 * @param {Element} sheet
 */
function wrapSettings(page, sheet) {
  dialog?.remove();
  dialog = document.createElement('dialog');
  dialog.className = 'tc tc-dialog';
  const { lang, dir, dataset } = page.documentElement;
  Object.assign(dialog, { lang, dir });
  Object.assign(dialog.dataset, dataset);
  dialog.setAttribute('aria-labelledby', 'tc-heading');
  const box = document.createElement('div');
  box.className = sheet.className;
  box.append(...sheet.childNodes);
  dialog.append(box);
  const close = /** @type {HTMLButtonElement} */ (dialog.querySelector('.tc-close'));
  close.hidden = false;
  close.onclick = () => dialog.close();
  dialog.onclose = () => returnFocus(opener);
  attach(dialog);
}

function showSettings() {
  // What was ticked and not saved is nobody's choice.
  for (const form of dialog.querySelectorAll('form')) form.reset();
  if (!dialog.open) {
    dialog.showModal();
    announce('open');
  }
  dialog.querySelector('h1')?.focus();
  dialog.scrollTop = 0;
}

/**
 * Gives the keyboard back to `element`, or to the start of the page where that has gone.
 *
 * @param {HTMLElement | null} [element]
 */
function returnFocus(element) {
  if (element?.isConnected && element !== document.body && isShown(element)) return element.focus({ preventScroll: true });
  const main = document.querySelector('main') || document.body;
  if (!main.hasAttribute('tabindex')) {
    main.tabIndex = -1;
    main.addEventListener('blur', () => main.removeAttribute('tabindex'), { once: true });
  }
  main.focus({ preventScroll: true });
}

/**
 * Whether a click on `element` asks for the preferences: `data-tc-settings`, or a link to their page.
 *
 * @param {Element} element
 */
function asksForSettings(element) {
  if (element.closest('[data-tc-settings]')) return true;
  /** @type {HTMLAnchorElement | null} */
  const link = element.closest('a[href]:not([target], [download])');
  return link ? link.origin + link.pathname === prefix : false;
}

/** Answers the page's links to the settings. */
function openOnClick() {
  document.addEventListener('click', (event) => {
    // Routers of single-page apps take links for their own, and the address may have changed since.
    const target = /** @type {Element} */ (event.target);
    const special = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (special || !target.closest || !asksForSettings(target)) return;
    event.preventDefault();
    event.stopPropagation();
    // Not every browser gives the keyboard to what is clicked.
    /** @type {HTMLElement | null} */
    const button = target.closest('a, button');
    button?.focus();
    openSettings();
  }, true);
}
