/*
 * Keeps the banner within reach on pages that hide or cover it.
 */

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
  const modal = [...document.querySelectorAll('dialog[open]:not(.tc)')].findLast((dialog) => dialog.matches(':modal'));
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

/** Moves the banner to the upper edge while it would cover what the keyboard stands on. */
function uncover() {
  const { activeElement } = document;
  if (!section?.isConnected || section.contains(activeElement) || !activeElement.matches(':focus-visible')) return;
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
  // Tells once the page has been laid out, and again when it is hidden or taken away.
  new IntersectionObserver(lift).observe(section);
}
