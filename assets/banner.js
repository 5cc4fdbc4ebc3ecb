/*
 * What the banner does better with a script. Everything works without it.
 *
 * It sends the banner's form in the background, wakes in place what the server
 * had put to sleep, keeps several tabs and the browser's page cache in step
 * with the stored choice, and links the boxes of the preferences page.
 *
 * Pages can use:
 *
 *   towerConsent.get()              { decided, granted: [category], refusedVendors: [id] }
 *   towerConsent.allows('analytics')
 *   towerConsent.open()             goes to the preferences page
 *   document.addEventListener('consent:change', (event) => event.detail.granted)
 *
 * It writes no markup, no inline style and no inline handler, so it runs under
 * any Content-Security-Policy that lets it load, and under Trusted Types.
 *
 * A comment here stands on lines of its own, and no string spans lines: the
 * server drops the comments and the indentation, line by line.
 */
(() => {
  'use strict';
  const { src, dataset } = document.currentScript;
  const prefix = src.replace(/\/assets\/[^/]*$/, '');
  let channel = new BroadcastChannel('tower-consent');

  // Frameworks that swap the body run its scripts again: the first run is told what is new.
  if (window.towerConsent) {
    channel.postMessage(dataset.tcState);
    channel.close();
    return;
  }

  // What this page was made for: `?` while undecided, granted categories, refused vendors with a `!`.
  const words = dataset.tcState.split(' ').filter(Boolean);
  // A page that is the same for everybody says `*`, and the server is asked.
  const unknown = words.includes('*');
  let decided = !unknown && !words.includes('?');
  let granted = new Set(words.filter((word) => /^\w/.test(word)));
  let refused = new Set(words.filter((word) => word[0] === '!').map((word) => word.slice(1)));

  /** The same in one string, as the server writes it. */
  function summary() {
    const vendors = [...refused].map((vendor) => '!' + vendor);
    return [...(decided ? [] : ['?']), ...granted, ...vendors].sort().join(' ');
  }
  const allows = (category) => category === 'necessary' || granted.has(category);
  const banner = () => document.querySelector('[data-tc-banner]');

  /** Loads the page anew, so that the server makes it for the stored choice. */
  function renew() {
    // An address with a fragment would only scroll. A reload could send a form again, so it comes second.
    if (location.href.includes('#')) location.reload();
    else location.replace(location.href);
  }

  function open() {
    const next = location.pathname + location.search;
    location.assign(prefix + '?next=' + encodeURIComponent(next));
  }

  // ---- Activation ----

  /** Whether something could not be woken in place and needs a new page. */
  let incomplete = false;

  /** The attributes that the server puts aside and that are safe to put back by script. */
  const KEPT = /^data-tc-((?:xlink:)?href|(?:image|data-|data-lazy-)?src(?:set)?|poster|data|background|ping|attributionsrc|data-original|http-equiv)$/;

  /** Whether everything that `element` waits for is granted: `category` or `category:vendor` each. */
  function mayWake(element) {
    return element.getAttribute('data-tc').split(' ').every((token) => {
      const [category, vendor] = token.split(':');
      return granted.has(category) && !refused.has(vendor);
    });
  }

  /** Everything asleep that may wake, in document order. Templates hold no live elements. */
  function sleepers(root) {
    return [...root.querySelectorAll('*')].flatMap((element) => [
      ...(element.hasAttribute('data-tc') && mayWake(element) ? [element] : []),
      ...(element.shadowRoot ? sleepers(element.shadowRoot) : []),
    ]);
  }

  /** Puts the attributes of `element` back. */
  function restore(element) {
    element.removeAttribute('data-tc');
    if (/^i?frame$/.test(element.localName)) {
      // Before the address, so that what is loaded never learns the name it slept under.
      const name = element.getAttribute('data-tc-name');
      if (name === null) element.removeAttribute('name');
      else element.setAttribute('name', name);
      element.removeAttribute('data-tc-name');
      // The browser's history goes by the name that a frame began with. Put back, it begins anew.
      element.parentNode.insertBefore(element, element.nextSibling);
    }
    for (const { name, value } of [...element.attributes]) {
      if (!name.startsWith('data-tc-') || name === 'data-tc-type') continue;
      const kept = KEPT.exec(name)?.[1];
      // Markup that visitors wrote may hold such attributes too. It must not gain a way to run
      // code by them: no `srcdoc`, no handlers, no script addresses. Those come with a new page.
      if (!kept || /^javascript:/i.test(value.replace(/[\0-\x20]/g, ''))) {
        incomplete = true;
        continue;
      }
      try {
        if (kept === 'xlink:href') element.setAttributeNS('http://www.w3.org/1999/xlink', kept, value);
        else element.setAttribute(kept, value);
        element.removeAttribute(name);
      } catch {
        // Trusted Types guard a few addresses.
        incomplete = true;
      }
    }
  }

  // What answers neither way, such as a script that was moved away, must not hold up the rest for ever.
  const ended = (script) =>
    new Promise((resolve) => {
      script.addEventListener('load', resolve);
      script.addEventListener('error', resolve);
      setTimeout(resolve, 10000);
    });

  /** Runs a script where it stands; settles once it and all that it wrote have run. */
  function run(script) {
    restore(script);
    const type = script.getAttribute('data-tc-type');
    // Also clears the hidden flag that lets scripts overtake each other.
    script.async = script.hasAttribute('async');
    if (type === null) script.removeAttribute('type');
    else script.setAttribute('type', type);
    script.removeAttribute('data-tc-type');
    const done = script.src && !script.noModule ? ended(script).then(flush) : null;
    // Put back where it stands, the browser looks at it again. Anything added to it would make
    // the text untrusted to Firefox where the page demands Trusted Types.
    script.parentNode.insertBefore(script, script.nextSibling);
    return done || flush();
  }

  let parsed = document.readyState === 'complete';
  document.addEventListener('DOMContentLoaded', () => {
    parsed = true;
  });

  // What scripts write while they run, by the script that wrote it.
  const written = new Map();

  let policy;
  function trusted(html) {
    try {
      policy ||= trustedTypes.createPolicy('tower-consent', { createHTML: (text) => text });
      return policy.createHTML(html);
    } catch {
      return html;
    }
  }

  /** Inserts what was written; settles once the scripts in it have run. */
  function flush() {
    const pending = [];
    for (const [script, html] of written) {
      written.delete(script);
      const range = document.createRange();
      if (script?.parentNode) range.setStartAfter(script);
      else range.setStart(document.body, document.body.childNodes.length);
      try {
        const fragment = range.createContextualFragment(trusted(html));
        for (const inner of fragment.querySelectorAll('script[src]:not([async], [nomodule])')) {
          pending.push(ended(inner).then(flush));
        }
        range.insertNode(fragment);
      } catch {
        incomplete = true;
      }
    }
    return Promise.all(pending);
  }

  /** Serves what scripts expect of a page that still loads; answers how to stop. */
  function pretend() {
    const { write, writeln } = document;
    const { addEventListener } = EventTarget.prototype;
    const { onload } = window;
    const say = (text) => {
      const { currentScript } = document;
      written.set(currentScript, (written.get(currentScript) || '') + text);
    };
    document.write = (...text) => say(text.join(''));
    document.writeln = (...text) => say(text.join('') + '\n');
    // Events that are over are told once to those who come late; nobody else hears them again.
    EventTarget.prototype.addEventListener = function (type, listener, options) {
      const target = this || window;
      const late =
        type === 'load'
          ? target === window && document.readyState === 'complete'
          : type === 'DOMContentLoaded' && parsed && (target === window || target === document);
      if (!late || !listener) return addEventListener.call(target, type, listener, options);
      setTimeout(() => {
        const event = new Event(type);
        if (listener.handleEvent) listener.handleEvent(event);
        else listener.call(target, event);
      });
    };
    return () => {
      document.write = write;
      document.writeln = writeln;
      EventTarget.prototype.addEventListener = addEventListener;
      if (window.onload && window.onload !== onload && document.readyState === 'complete') {
        setTimeout(() => window.onload(new Event('load')));
      }
    };
  }

  /** Wakes everything that may wake, in the order in which a page that loads would. */
  async function activate() {
    const turns = [[], [], []];
    const media = new Set();
    for (const element of sleepers(document)) {
      if (element.localName === 'script') {
        const external = element.src;
        const module = /module/i.test(element.getAttribute('data-tc-type'));
        const defer = module || (external && element.defer);
        const async = element.async = element.hasAttribute('async');
        turns[async && (external || module) ? 0 : defer ? 2 : 1].push(element);
      } else {
        restore(element);
        if (element.localName !== 'track') media.add(element.closest('video, audio'));
      }
    }
    for (const element of media) element?.load();
    const stop = pretend();
    try {
      turns[0].forEach(run);
      for (const script of turns[1]) await run(script);
      const late = [];
      for (const script of turns[2]) {
        // Firefox would run a module that it need not fetch ahead of those before it.
        if (!script.src) await Promise.all(late);
        late.push(run(script));
      }
      await Promise.all(late);
    } finally {
      stop();
    }
    if (incomplete) renew();
  }

  // ---- The stored choice ----

  let queue = Promise.resolve();

  /** Takes over what the server says is stored now. `anew`: whether the page may sleep all the same. */
  function take(state, anew) {
    const before = summary();
    const narrowed =
      state.narrowed ||
      [...granted].some((category) => !state.granted.includes(category)) ||
      (granted.size && state.refused_vendors.some((vendor) => !refused.has(vendor)));
    if (narrowed) return renew();
    granted = new Set(state.granted);
    refused = new Set(state.refused_vendors);
    decided = state.decided;
    if (decided) banner()?.remove();
    if (before === summary() && !anew) return;
    queue = queue.then(activate).then(() => {
      document.dispatchEvent(new CustomEvent('consent:change', { detail: { granted: [...granted] } }));
    });
  }

  async function ask(path, init) {
    const response = await fetch(prefix + path, { headers: { Accept: 'application/json' }, ...init });
    if (!response.ok) throw response;
    return response.json();
  }

  const look = (anew) => ask('/state').then((state) => take(state, anew), () => {});

  // Other tabs are told what this one stands for, and look for themselves when they differ.
  function listen() {
    channel.onmessage = ({ data }) => {
      if (data !== summary()) look(data === '*');
    };
  }
  const tell = () => channel.postMessage(summary());
  listen();
  if (unknown) look().then(tell).then(bring).catch(() => {});
  else tell();
  // An open channel would keep the page out of the browser's page cache.
  addEventListener('pagehide', () => channel.close());
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    channel = new BroadcastChannel('tower-consent');
    listen();
    look();
  });

  // ---- The banner ----

  /** Brings the banner into a page that came without it. */
  async function bring() {
    if (decided || banner()) return;
    const next = location.pathname + location.search;
    const response = await fetch(prefix + '/banner?next=' + encodeURIComponent(next));
    if (!response.ok) return;
    const range = document.createRange();
    range.selectNodeContents(document.body);
    document.body.prepend(range.createContextualFragment(trusted(await response.text())));
    const section = banner();
    const sheet = section?.querySelector('link');
    if (!sheet) return;
    section.hidden = true;
    const show = () => {
      section.hidden = false;
      lift();
    };
    sheet.addEventListener('load', show);
    sheet.addEventListener('error', show);
  }

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
    document.body.append(status);
    return () => {
      status.textContent = section.dataset.tcSaid + ' ' + new Date().toISOString().slice(0, 10);
      setTimeout(() => status.remove(), 9000);
    };
  }

  document.addEventListener('submit', (event) => {
    const form = event.target;
    const section = form.closest('[data-tc-banner]');
    const choice = event.submitter?.value;
    if (!section || !choice) return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form));
    body.set('choice', choice);
    const said = leave(section);
    ask('/choice', { method: 'POST', body }).then(
      (state) => {
        said();
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

  document.addEventListener('click', (event) => {
    // Routers of single-page apps take links for their own, and the address may have changed since.
    const plain = !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!plain || !event.target.closest?.('[data-tc-settings]')) return;
    event.preventDefault();
    event.stopPropagation();
    open();
  }, true);

  // On the preferences page, a category's box and those of its vendors go together.
  document.addEventListener('change', ({ target }) => {
    const group = target.closest('.tc-group');
    if (!group) return;
    const vendors = [...group.querySelectorAll('[name=vendor]')];
    const category = group.querySelector('[name]:not([name=vendor], [name=offered])');
    if (target === category) for (const vendor of vendors) vendor.checked = category.checked;
    else category.checked = vendors.some((vendor) => vendor.checked);
  });

  // In the top layer nothing of the page can cover the banner. Zoomed in far, it stands in the page.
  function lift() {
    const section = banner();
    if (!section?.showPopover) return;
    section.popover = 'manual';
    const lifted = section.matches(':popover-open');
    const fixed = getComputedStyle(section).position === 'fixed';
    if (fixed && !lifted) section.showPopover();
    else if (!fixed && lifted) section.hidePopover();
  }
  lift();
  addEventListener('resize', lift);

  window.towerConsent = {
    get: () => ({ decided, granted: [...granted], refusedVendors: [...refused] }),
    allows,
    open,
  };
})();
