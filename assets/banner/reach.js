/*
 * Keeps the banner within reach on pages that hide or cover it.
 */

const isShown = (element) =>
  element.checkVisibility ? element.checkVisibility() : element.getClientRects().length > 0;
let section = banner();
// The banner's rules stand before it, and are gone with a body that is thrown away.
const rules = section?.previousElementSibling;
let moves = 0;

/** Takes over the banner that came with a new body, so that there is one. */
function adopt() {
  const fresh = [...document.querySelectorAll('[data-tc-banner]')].find((other) => other !== section);
  if (!fresh) return;
  section?.remove();
  section = fresh;
  watch();
}

/**
 * Keeps the banner within reach. In the top layer nothing of the page can
 * cover it, and no opacity or transform reaches it. Where the page hides its
 * body, or throws it away, the banner moves out of it; while a modal dialog
 * is open, beside which nothing can be used, it stands in that. Zoomed in
 * far, it stands in the page.
 */
function lift() {
  adopt();
  if (!section || section.hidden || decided) return;
  const modal = [...document.querySelectorAll('dialog[open]:not(.tc)')].findLast((dialog) => dialog.matches(':modal'));
  const lost = !section.isConnected || !isShown(section) || section.closest('[inert]');
  if (moves < 9 && (modal ? !modal.contains(section) : lost)) {
    moves += 1;
    (modal || document.documentElement).append(section);
  }
  if (rules?.matches('style, link') && !rules.isConnected) attach(rules);
  if (!section.showPopover || !section.isConnected) return;
  // Its own rules decide, and not those that browsers have for what is lifted.
  if (!section.matches(':popover-open')) section.popover = null;
  if (getComputedStyle(section).position !== 'fixed') section.popover = null;
  else if (!section.popover) {
    section.popover = 'manual';
    section.showPopover();
  }
}

/** Whether the visitor has used the keyboard since they last moved the pointer. */
let typed = false;

/**
 * Moves the banner to the upper edge while it would cover what the keyboard stands on. It stays under a
 * pointer: a click may be on its way, and be what gives the window and a field in it the keyboard.
 */
function uncover() {
  const { activeElement } = document;
  if (!section?.isConnected || (!typed && section.matches(':hover'))) return;
  if (section.contains(activeElement) || !activeElement.matches(':focus-visible')) return;
  const covers = () => {
    const [a, b] = [activeElement, section].map((element) => element.getBoundingClientRect());
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  };
  section.toggleAttribute('data-tc-up', false);
  section.toggleAttribute('data-tc-up', covers());
  if (covers()) section.toggleAttribute('data-tc-up', false);
}

function keep() {
  if (!section) return;
  addEventListener('resize', lift);
  // A dialog that opens takes the focus.
  document.addEventListener('focusin', () => {
    lift();
    // Once the page has scrolled to it.
    requestAnimationFrame(uncover);
  });
  addEventListener('pointermove', () => (typed = false), true);
  addEventListener('keydown', () => {
    typed = true;
    requestAnimationFrame(uncover);
  }, true);
  // Of what is in the top layer, the last lies above.
  document.addEventListener('toggle', ({ target, newState }) => {
    if (newState !== 'open' || target === section || !section.popover || !section.matches(':popover-open')) return;
    wake().then((scripts) => scripts.isCovered(section) && section.hidePopover()).then(lift, () => {});
  }, true);
  watch();
}

/** Hears once the page has been laid out, and again when the banner is hidden or taken away. */
const watch = () => new IntersectionObserver(lift).observe(section);
