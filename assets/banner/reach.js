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
