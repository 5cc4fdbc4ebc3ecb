/*
 * What the banner does better with a script. Everything works without it.
 *
 * It sends the banner's form in the background, wakes in place what the server
 * had put to sleep, keeps several tabs and the browser's page cache in step
 * with the stored choice, ends what runs when something is taken back, keeps
 * the banner within reach on pages that hide or cover it, and links the boxes
 * of the preferences page.
 *
 * Pages can use:
 *
 *   towerConsent.get()              { decided, granted: [category], refusedVendors: [id], grantedVendors: ['category:id'] }
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
  const own = document.currentScript;
  const { src, nonce, dataset } = own;
  // The guard loads this where the page's markup could not hold it, and leaves no trace.
  const builds = 'tcBuild' in dataset;
  if (builds) own.remove();
  const prefix = src.replace(/\/assets\/[^/]*$/, '');
  let channel = new BroadcastChannel('tower-consent');

  // Frameworks that swap the body run its scripts again: the first run is told what is new.
  if (window.towerConsent) {
    channel.postMessage(dataset.tcState);
    channel.close();
    return;
  }

  // What this page was made for: `?` while undecided, granted categories, refused vendors with a
  // `!`, and with a `+` those granted alone, behind their category.
  const words = dataset.tcState.split(' ').filter(Boolean);
  // A page that is the same for everybody says `*`, and the server is asked.
  const unknown = words.includes('*');
  let decided = !unknown && !words.includes('?');
  let granted = new Set(words.filter((word) => /^\w/.test(word)));
  let refused = new Set(words.filter((word) => word[0] === '!').map((word) => word.slice(1)));
  let alone = new Set(words.filter((word) => word[0] === '+').map((word) => word.slice(1)));

  /** The same in one string, as the server writes it. */
  function summary() {
    const vendors = [...refused].map((vendor) => '!' + vendor);
    const loaded = [...alone].map((vendor) => '+' + vendor);
    return [...(decided ? [] : ['?']), ...granted, ...vendors, ...loaded].sort().join(' ');
  }
  const allows = (category) => category === 'necessary' || granted.has(category);
  const banner = () => document.querySelector('[data-tc-banner]');
  const language = () => encodeURIComponent(document.documentElement.lang);

  // ---- Withdrawal ----

  /** Turns the guard on for a narrower choice, written like `summary`; loads it where the page has none. */
  function lock(state) {
    if (window.__tc) return window.__tc.lock(state);
    const [file, digest] = (dataset.tcGuard || '').split(' ');
    if (!file) return null;
    const script = document.createElement('script');
    script.src = prefix + '/assets/' + file;
    script.integrity = digest;
    script.nonce = nonce;
    script.dataset.tcState = state;
    script.dataset.tcLock = '';
    return new Promise((resolve) => {
      script.onload = script.onerror = resolve;
      document.documentElement.append(script);
    });
  }

  /** Tells trackers that run in the page to stop, each in its own words. */
  function silence(state) {
    const words = state.split(' ');
    const denied = (category, vendor) =>
      words.includes(category) ? words.includes('!' + vendor) : !words.includes('+' + category + ':' + vendor);
    const stop = (vendor, category, act) => {
      try {
        if (denied(category, vendor)) act(window);
      } catch {
        // It is not there, or speaks another version.
      }
    };
    stop('google-analytics', 'analytics', (w) => {
      const texts = [...document.scripts].map((script) => script.src || script.text.slice(0, 8192));
      const stored = document.cookie.match(/_ga_\w+/g) || [];
      const ids = texts.join(' ').match(/\b(?:G|UA|YT|MO)-[A-Z0-9-]{4,}\b/g) || [];
      for (const id of [...ids, ...stored.map((name) => name.replace('_ga_', 'G-'))]) w['ga-disable-' + id] = true;
    });
    stop('matomo', 'analytics', (w) => w._paq.push(['disableCookies']));
    stop('mixpanel', 'analytics', (w) => w.mixpanel.opt_out_tracking());
    stop('posthog', 'analytics', (w) => w.posthog.opt_out_capturing());
    stop('amplitude', 'analytics', (w) => w.amplitude.setOptOut(true));
    stop('clarity', 'analytics', (w) => w.clarity('consent', false));
    stop('fullstory', 'analytics', (w) => w.FS.shutdown());
    stop('meta-pixel', 'marketing', (w) => w.fbq('consent', 'revoke'));
    stop('tiktok-pixel', 'marketing', (w) => w.ttq.revokeConsent());
    stop('pinterest-tag', 'marketing', (w) => w.pintrk('setconsent', false));
    stop('microsoft-advertising', 'marketing', (w) => w.uetq.push('consent', 'update', { ad_storage: 'denied' }));
    stop('hubspot', 'marketing', (w) => w._hsq.push(['revokeCookieConsent']));
  }

  /** Ends what may not run under a narrower choice and deletes what it stored; settles soon in any case. */
  function end(state) {
    const ended = (async () => {
      await lock(state);
      silence(state);
      await window.__tc?.sweep();
    })();
    return Promise.race([ended.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 2000))]);
  }

  /** Loads the page anew, so that the server makes it for the stored choice. */
  function renew() {
    // An address with a fragment would only scroll. A reload could send a form again, so it comes second.
    if (location.href.includes('#')) location.reload();
    else location.replace(location.href);
  }

  function open() {
    const next = location.pathname + location.search;
    location.assign(prefix + '?next=' + encodeURIComponent(next) + '&lang=' + language());
  }

  // ---- Activation ----

  /** Whether something could not be woken in place and needs a new page. */
  let incomplete = false;

  /** The attributes that the server puts aside and that are safe to put back by script. */
  const KEPT = /^data-tc-((?:xlink:)?href|(?:image|data-|data-lazy-)?src(?:set)?|poster|data|background|ping|attributionsrc|data-original|http-equiv|style|to|from|by|values|clip-path|cursor|fill|filter|marker(?:-\w+)?|mask|stroke)$/;

  /** Whether everything that `element` waits for is granted: `category` or `category:vendor` each. */
  function mayWake(element) {
    return element.hasAttribute('data-tc') && element.getAttribute('data-tc').split(' ').every((token) => {
      const [category, vendor] = token.split(':');
      return granted.has(category) ? !refused.has(vendor) : alone.has(token);
    });
  }

  /** Whether a frame shows the gated form of a document that the page holds, so that it can be woken inside. */
  const isShownInPart = (element) =>
    element.localName === 'iframe' &&
    element.hasAttribute('data-tc-srcdoc') &&
    element.hasAttribute('srcdoc') &&
    element.contentDocument;

  /** Everything asleep that may wake, in document order. Templates hold no live elements. */
  function sleepers(root) {
    return [...root.querySelectorAll('*')].flatMap((element) => [
      ...(mayWake(element) ? [element] : []),
      ...(element.shadowRoot ? sleepers(element.shadowRoot) : []),
      ...(isShownInPart(element) ? sleepers(element.contentDocument) : []),
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
      // The placeholder must not be loaded again.
      if (element.hasAttribute('data-tc-src')) element.removeAttribute('src');
      // The browser's history goes by the name that a frame began with. Put back, it begins anew.
      if (!isShownInPart(element)) element.parentNode?.insertBefore(element, element.nextSibling);
    }
    // These are read once, when they are inserted.
    const once = /^(?:set|animate)$/.test(element.localName) || element.hasAttribute('data-tc-imagesrcset');
    for (const { name, value } of [...element.attributes]) {
      if (!name.startsWith('data-tc-') || name === 'data-tc-type') continue;
      const kept = KEPT.exec(name)?.[1];
      if (name === 'data-tc-srcdoc' && isShownInPart(element)) {
        element.removeAttribute(name);
        continue;
      }
      if (name === 'data-tc-css') {
        element.removeAttribute(name);
        element.textContent = element.textContent.replaceAll('about:invalid#', '');
        continue;
      }
      // Markup that visitors wrote may hold such attributes too. It must not gain a way to run
      // code by them: no `srcdoc`, no handlers, no script addresses. Those come with a new page.
      if (!kept || /(?:^|;)javascript:/i.test(value.replace(/[\0-\x20]/g, ''))) {
        incomplete = true;
        continue;
      }
      try {
        if (kept === 'xlink:href') element.setAttributeNS('http://www.w3.org/1999/xlink', kept, value);
        else element.setAttribute(kept, value);
        element.removeAttribute(name);
        // The page's loader of what is lazy may have passed by.
        const at = /^data-/.test(kept) && (/srcset/.test(kept) ? 'srcset' : 'src');
        if (at && !/^(?!data:|about:blank)./.test(element.getAttribute(at) || '')) element.setAttribute(at, value);
      } catch {
        // Trusted Types guard a few addresses.
        incomplete = true;
      }
    }
    if (once) element.parentNode?.insertBefore(element, element.nextSibling);
  }

  // What answers neither way, such as a script that was moved away, must not hold up the rest for ever.
  const ended = (script) =>
    new Promise((resolve) => {
      script.addEventListener('load', resolve);
      script.addEventListener('error', resolve);
      setTimeout(resolve, 10000);
    });

  function retype(script) {
    const type = script.getAttribute('data-tc-type');
    if (type === null) script.removeAttribute('type');
    else script.setAttribute('type', type);
    script.removeAttribute('data-tc-type');
  }

  /** Runs a script where it stands; settles once it and all that it wrote have run. */
  function run(script) {
    restore(script);
    // Also clears the hidden flag that lets scripts overtake each other.
    script.async = script.hasAttribute('async');
    retype(script);
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

  // Of one name there can be one policy, and the guard may have made it.
  const lent = window.__tc?.trusted;
  let policy;
  function trusted(html) {
    if (lent) return lent(html);
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
        const allowed = window.__tc ? window.__tc.rewrite(html) : html;
        const fragment = range.createContextualFragment(trusted(allowed));
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
    const parked = window.__tc?.parked || new Set();
    // Before anything runs, since snippets do nothing where they find their own name taken.
    const repeat = window.__tc?.off(summary());
    for (const element of new Set([...sleepers(document), ...[...parked].filter(mayWake)])) {
      parked.delete(element);
      if (element.localName === 'script' && element.getAttribute('type') !== 'text/plain') {
        // It has run, or never will. Something else of it was asleep.
        restore(element);
      } else if (element.localName === 'script' && !element.parentNode) {
        // It was made and never inserted.
        restore(element);
        retype(element);
      } else if (element.localName === 'script') {
        const external = element.src;
        const module = /module/i.test(element.getAttribute('data-tc-type'));
        const defer = module || (external && element.defer);
        const async = element.async = element.hasAttribute('async');
        turns[async && (external || module) ? 0 : defer ? 2 : 1].push(element);
      } else {
        restore(element);
        if (element.localName === 'style' && element.type === 'text/plain') {
          retype(element);
          element.parentNode?.insertBefore(element, element.nextSibling);
        }
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
    repeat?.();
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
      (granted.size && state.refused_vendors.some((vendor) => !refused.has(vendor))) ||
      [...alone].some((token) => {
        const [category, vendor] = token.split(':');
        return state.granted.includes(category) ? state.refused_vendors.includes(vendor) : !state.alone.includes(token);
      });
    if (narrowed) {
      const vendors = state.refused_vendors.map((vendor) => '!' + vendor);
      const loaded = state.alone.map((vendor) => '+' + vendor);
      return end([...state.granted, ...vendors, ...loaded].join(' ')).then(renew);
    }
    granted = new Set(state.granted);
    refused = new Set(state.refused_vendors);
    alone = new Set(state.alone);
    decided = state.decided;
    if (decided) banner()?.remove();
    if (before === summary() && !anew) return;
    // A Content-Security-Policy that holds things back cannot be lifted from a page.
    if ('tcLocked' in dataset && before !== summary()) return renew();
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
  if (unknown) look().then(tell).then(() => (!builds && (decided || banner())) || build());
  else tell();
  // An open channel would keep the page out of the browser's page cache.
  addEventListener('pagehide', () => channel.close());
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    channel = new BroadcastChannel('tower-consent');
    listen();
    look();
  });

  // A placeholder that stood for something blocked, and was asked to load it.
  addEventListener('message', ({ data, origin, source }) => {
    if (origin !== location.origin || data?.towerConsent !== 'load') return;
    const frame = [...document.querySelectorAll('iframe[data-tc]')].find(({ contentWindow }) => contentWindow === source);
    const focused = frame && document.activeElement === frame;
    look()
      .then(() => queue)
      .then(() => {
        tell();
        // Woken, it begins anew and has lost the keyboard.
        if (focused && document.activeElement === document.body) frame.focus();
      });
  });

  // ---- The banner ----

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
    // What is taken back ends before the server hears of it, so that nothing stores anything in between.
    const kept = [...granted].filter((category) => choice === 'accept' || (choice === 'save' && body.has(category)));
    const unloads = choice !== 'accept' && [...alone].some((token) => !kept.includes(token.split(':')[0]));
    const ready = kept.length < granted.size || unloads ? end(kept.join(' ')) : Promise.resolve();
    ready.then(() => ask('/choice', { method: 'POST', body })).then(
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

  // ---- Within reach ----

  const isShown = (element) =>
    element.checkVisibility ? element.checkVisibility() : element.getClientRects().length > 0;
  let section = banner();
  let moves = 0;

  /**
   * Keeps the banner within reach. In the top layer nothing of the page can
   * cover it, and no opacity or transform reaches it. Where the page hides its
   * body, or throws it away, the banner moves out of it; while a modal dialog
   * is open, beside which nothing can be used, it stands in that. Zoomed in
   * far, it stands in the page.
   */
  function lift() {
    if (!section || section.hidden || decided) return;
    const modal = [...document.querySelectorAll('dialog[open]')].findLast((dialog) => dialog.matches(':modal'));
    const lost = !section.isConnected || !isShown(section) || section.closest('[inert]');
    if (moves < 9 && (modal ? !modal.contains(section) : lost)) {
      moves += 1;
      (modal || document.documentElement).append(section);
    }
    if (!section.showPopover || !section.isConnected) return;
    section.popover = 'manual';
    const lifted = section.matches(':popover-open');
    const fixed = getComputedStyle(section).position === 'fixed';
    if (fixed && !lifted) section.showPopover();
    else if (!fixed && lifted) section.hidePopover();
  }
  function keep() {
    if (!section) return;
    lift();
    addEventListener('resize', lift);
    // A dialog that opens takes the focus.
    document.addEventListener('focusin', lift);
    // Hears when it is hidden or taken away later, too.
    new IntersectionObserver(lift).observe(section);
  }
  keep();

  /** Adds the banner and the settings link to a page that came without them. */
  function build() {
    const request = new XMLHttpRequest();
    const next = location.pathname + location.search;
    request.open('GET', prefix + '/banner?next=' + encodeURIComponent(next) + '&lang=' + language());
    // Parsed as a document and taken over, it needs nobody's trust.
    request.responseType = 'document';
    request.onload = () => {
      const page = request.response;
      if (request.status !== 200 || !page) return;
      const parts = [
        [page.querySelector('link[rel=stylesheet]'), null],
        [page.querySelector('[data-tc-banner]'), banner()],
        [page.querySelector('.tc-link'), document.querySelector('[data-tc-settings]')],
      ];
      const { body } = document;
      const place = body && body.localName === 'body' ? body : document.documentElement;
      const [sheet] = parts[0];
      const add = () => {
        for (const [part, there] of parts) if (part && !there) place.append(part);
        section = banner();
        keep();
      };
      if (!sheet) return;
      sheet.nonce = nonce;
      sheet.addEventListener('load', add);
      sheet.addEventListener('error', add);
      (document.head || place).append(sheet);
      parts.shift();
    };
    request.send();
  }
  if (builds && !unknown) build();

  // What a refusal on another page could not reach.
  if (decided && window.__tc) window.__tc.sweep();

  window.towerConsent = {
    get: () => ({ decided, granted: [...granted], refusedVendors: [...refused], grantedVendors: [...alone] }),
    allows,
    open,
  };
})();
