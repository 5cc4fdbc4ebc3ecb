/*
 * Keeps the banner within reach on pages that hide or cover it.
 */

/** @param {Element} element */
const isShown = (element) =>
  element.checkVisibility?.() ?? element.getClientRects().length > 0;
/**
 * The banner, where the page has one; nothing below is called before it has.
 *
 * @type {HTMLElement}
 */
let section = /** @type {HTMLElement} */ (banner());
// The banner's rules stand before it, and go with a body that is thrown away.
const rules = /** @type {HTMLLinkElement | null} */ (section?.previousElementSibling);
let moves = 0;

function watch() {
  /** @type {IntersectionObserverCallback} */
  const gone = (entries) => entries.some(({ isIntersecting }) => !isIntersecting) && lift();
  // Hears when the banner is hidden or taken away.
  new IntersectionObserver(gone).observe(section);
  /** @type {(entries: TcSeen[]) => void} */
  const covered = (entries) => {
    if (entries.some(({ isVisible }) => !isVisible) || section.closest('[inert]')) lift();
  };
  // Hears once the page has been laid out, and again, in Chromium alone and later than the first, when something covers it.
  new IntersectionObserver(covered, /** @type {TcWatch} */ ({ trackVisibility: true, delay: 100 })).observe(section);
}

/**
 * Keeps the banner within reach. In the top layer nothing of the page can
 * cover it, and no opacity or transform reaches it. Where the page hides its
 * body, or throws it away, the banner moves out of it; while a modal dialog
 * is open, beside which nothing can be used, it stands in that. Zoomed in
 * far, it stands in the page.
 *
 * @param {boolean} [above] Whether something else has come to the top layer.
 */
function lift(above) {
  // One that came with a new body takes the place of the old one.
  const fresh = banner();
  if (fresh && fresh !== section) {
    section?.remove();
    section = fresh;
    watch();
  }
  if (!section || section.hidden || decided) return;
  // One in a shadow root has the keyboard; what is slotted into it can be used, and stays in the document.
  const host = document.activeElement;
  const inner = host?.shadowRoot?.querySelector(':modal');
  const modal = inner ? host : [...document.querySelectorAll('dialog:is(:modal):not(.tc)')].pop();
  const lost = !isShown(section) || section.closest('[inert]');
  if (moves < 9 && (modal ? !modal.contains(section) : lost)) {
    moves += 1;
    (modal || document.documentElement).append(section);
    if (inner) {
      const slot = document.createElement('slot');
      slot.name = section.slot = 'tc';
      inner.append(slot);
    }
  }
  if (rules && !rules.isConnected && rules.sheet === null) attach(rules);
  if (!section.showPopover || !section.isConnected) return;
  // Its own rules decide, and not those that browsers have for what is lifted.
  const isCovered = () => {
    const { left, top } = /** @type {Element} */ (section.querySelector('button')).getBoundingClientRect();
    return !section.contains(document.elementFromPoint(left + 9, top + 9));
  };
  // Beside the preferences it waits below.
  if (section.popover && ((above && !dialog?.open && isCovered()) || !section.matches(':popover-open'))) section.popover = null;
  if (getComputedStyle(section).position !== 'fixed') section.popover = null;
  else if (!section.popover) {
    section.popover = 'manual';
    section.showPopover();
  }
}

/**
 * Moves the banner to the upper edge while it would cover what the keyboard stands on. Unless a key was pressed, it
 * stays under the pointer: a click may be on its way, and be what gives the window and a field in it the keyboard.
 *
 * @param {boolean} pressed
 */
function uncover(pressed) {
  const { activeElement } = document;
  if (section.contains(activeElement) || !activeElement?.matches(':focus-visible')) return;
  if (!pressed && section.matches(':hover')) return;
  const covers = () => {
    const [a, b] = [activeElement, section].map((element) => element.getBoundingClientRect());
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  };
  const rise = (/** @type {boolean} */ up) => section.toggleAttribute('data-tc-up', up);
  rise(false);
  rise(covers());
  if (covers()) rise(false);
}

function keep() {
  if (!section) return;
  // A dialog that opens takes the focus, and of what is in the top layer the last lies above.
  for (const type of ['resize', 'focusin', 'keydown', 'toggle']) {
    addEventListener(type, ({ target }) => {
      const toggles = type === 'toggle';
      // That is told by the lift itself.
      if (toggles && target === section) return;
      lift(toggles);
      // Once the page has scrolled to it.
      requestAnimationFrame(() => uncover(type === 'keydown'));
    }, true);
  }
  watch();
}
