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
  /** @type {(sign: 'isIntersecting' | 'isVisible', options?: TcWatch) => void} */
  const see = (sign, options) =>
    new IntersectionObserver((entries) => {
      if (!entries.every((/** @type {TcSeen} */ seen) => seen[sign]) || section.closest('[inert]')) lift();
    }, options).observe(section);
  // Hears when the banner is hidden or taken away.
  see('isIntersecting');
  // Hears once the page has been laid out. Chromium alone says whether something covers it, and later than the first.
  see('isVisible', { trackVisibility: true, delay: 100 });
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
  // One in a shadow root has the keyboard; what is slotted into it, root by root, can be used, and stays in the document.
  const host = document.activeElement;
  /** @type {Element[]} */
  const path = [];
  for (let at = host; at?.shadowRoot; path.push(/** @type {Element} */ (at))) at = at.shadowRoot.querySelector(':modal') || at.shadowRoot.activeElement;
  const inner = path.at(-1)?.matches(':modal');
  const modal = inner ? host : [...document.querySelectorAll('dialog:is(:modal):not(.tc)')].at(-1);
  const lost = !isShown(section) || section.closest('[inert]');
  if (moves < 9 && (modal ? !modal.contains(section) : lost)) {
    moves += 1;
    (modal || document.documentElement).append(section);
    if (inner) for (const to of path) {
      const slot = document.createElement('slot');
      slot.name = slot.slot = section.slot = 'tc';
      to.append(slot);
    }
  }
  if (rules?.isConnected === false && !rules.sheet) attach(rules);
  const isCovered = () => {
    const { left, top } = /** @type {Element} */ (section.querySelector('button')).getBoundingClientRect();
    return !section.contains(document.elementFromPoint(left + 9, top + 9));
  };
  // Its own rules decide, and not those that browsers have for what is lifted.
  if (section.showPopover && section.isConnected) {
    // Beside the preferences it waits below.
    if (section.popover && ((above && !dialog?.open && isCovered()) || !section.matches(':popover-open'))) section.popover = null;
    if (getComputedStyle(section).position !== 'fixed') section.popover = null;
    else if (!section.popover) {
      section.popover = 'manual';
      section.showPopover();
    }
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
  const rise = (up = false) => section.toggleAttribute('data-tc-up', up);
  rise();
  rise(covers());
  if (covers()) rise();
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
