/*
 * Sends the banner's form in the background.
 */

/** Takes the banner away, tells so, and leaves the keyboard where the page begins. */
function leave(section) {
  const focused = section.contains(document.activeElement);
  section.hidden = true;
  if (focused) {
    const main = document.querySelector('main') || document.body;
    if (!main.hasAttribute('tabindex')) {
      main.tabIndex = -1;
      main.addEventListener('blur', () => main.removeAttribute('tabindex'), { once: true });
    }
    main.focus({ preventScroll: true });
  }
  const status = document.createElement('p');
  status.className = 'tc tc-said';
  status.lang = section.lang;
  status.dir = section.dir;
  status.setAttribute('role', 'status');
  section.parentNode.append(status);
  return (text) => {
    status.textContent = text;
    setTimeout(() => status.remove(), 9000);
  };
}

/** Answers the banner's buttons. */
function submitInPlace() {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    const section = form.closest('[data-tc-banner]');
    const choice = event.submitter?.value;
    if (!section || !choice) return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form));
    body.set('choice', choice);
    const said = leave(section);
    // What is taken back ends before the server hears of it, so that nothing stores anything in between.
    const kept = [...granted].filter((category) => choice === 'accept' || (choice === 'save' && body.has(category)));
    const unloads = choice !== 'accept' && [...alone].some((token) => !kept.includes(token.split(':')[0]));
    const ready = kept.length < granted.size || unloads ? end(kept.join(' ')) : Promise.resolve();
    ready.then(() => ask('/choice', { method: 'POST', body })).then(
      (state) => {
        said(state.said);
        take(state);
        tell();
      },
      () => {
        // The browser's own way, which shows what went wrong if it goes wrong again.
        const input = document.createElement('input');
        input.type = 'hidden';
        input.name = 'choice';
        input.value = choice;
        form.append(input);
        form.submit();
      },
    );
  });
}
