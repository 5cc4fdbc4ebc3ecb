// The shop's own script: it counts page views and keeps the panel up to date.
(() => {
  'use strict';

  // Written without a thought of consent, as such lines are. The layer refuses the request until analytics is granted.
  navigator.sendBeacon('/collect', 'page_view ' + location.pathname);

  const panel = document.querySelector('#panel');
  const json = async (path) => (await fetch(path, { headers: { Accept: 'application/json' } })).json();

  function fill(list, lines) {
    if (lines.join('\n') === [...list.children].map((item) => item.textContent).join('\n')) return;
    list.replaceChildren(...lines.map((line) => {
      const item = document.createElement('li');
      item.textContent = line;
      return item;
    }));
  }

  async function update() {
    const { counts, lists } = await json('/panel.json');
    for (const output of panel.querySelectorAll('[data-count]')) {
      const count = String(counts[output.dataset.count]);
      if (output.textContent === count) continue;
      output.textContent = count;
      output.classList.remove('fresh');
      void output.offsetWidth;
      output.classList.add('fresh');
    }
    for (const list of panel.querySelectorAll('[data-list]')) {
      if (lists[list.dataset.list]) fill(list, lists[list.dataset.list]);
    }
    panel.querySelector('[data-live]').hidden = false;
  }

  async function hint() {
    const { decided, granted, categories } = await json('/_consent/state');
    const all = Object.keys(categories).every((category) => granted.includes(category));
    const now = !decided ? 'open' : all ? 'granted' : 'refused';
    for (const sentence of panel.querySelectorAll('[data-when]')) {
      sentence.hidden = sentence.dataset.when !== now;
    }
  }

  const quietly = (task) => task().catch(() => {});
  document.addEventListener('consent:change', () => quietly(hint));
  quietly(update);
  setInterval(() => document.hidden || quietly(update), 700);
})();
