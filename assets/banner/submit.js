/*
 * Sends the forms of the banner and of the dialog in the background.
 */

/**
 * Takes the banner or the dialog away, tells so, and leaves the keyboard where it came from or the page begins.
 *
 * @param {HTMLElement & { close?: () => void }} section
 */
function leave(section) {
  const focused = section.contains(document.activeElement);
  // Nothing in it is as it was made for.
  made = null;
  section.close?.();
  banner()?.toggleAttribute('hidden', true);
  if (focused && !section.close) returnFocus();
  const status = document.createElement('p');
  status.className = 'tc tc-said';
  status.lang = section.lang;
  status.dir = section.dir;
  status.setAttribute('role', 'status');
  attach(status);
  return (/** @type {string} */ text) => {
    status.append(text);
    setTimeout(() => status.remove(), 9000);
  };
}

/** Answers the buttons of the banner and of the dialog. */
function submitInPlace() {
  document.addEventListener('submit', (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    /** @type {HTMLElement | null} */
    const section = form.closest('[data-tc-banner], .tc-dialog');
    const choice = /** @type {HTMLButtonElement | null} */ (event.submitter)?.value;
    if (!section || !choice) return;
    // Libraries that send forms themselves would bring another page besides.
    event.preventDefault();
    event.stopPropagation();
    const body = new URLSearchParams(/** @type {string[][]} */ (/** @type {Iterable<unknown>} */ (new FormData(form))));
    body.set('choice', choice);
    if (hasSignal()) body.set('gpc', '1');
    const said = leave(section);
    // What is taken back ends before the server hears of it, so that nothing stores anything in between.
    const kept = [...granted].filter((category) => choice === 'accept' || (choice === 'save' && body.has(category)));
    const unloads = choice !== 'accept' && [...alone].some((token) => !kept.includes(token.split(':')[0]));
    const ready = kept.length < granted.size || unloads ? end(kept.join(' ')) : Promise.resolve();
    ready.then(() => ask('/choice', { method: 'POST', body })).then(
      (state) => {
        said(/** @type {string} */ (state.said));
        take(state);
        tell();
      },
      () => {
        // The browser's own way, which shows what went wrong if it goes wrong again.
        form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'choice', value: choice }));
        form.submit();
      },
    );
  }, true);
}
