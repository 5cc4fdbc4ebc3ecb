/*
 * Finds out whether the banner can still be used once something else lies in the top layer.
 */

/** Whether something was put over a button of the banner `section`. */
function isCovered(section) {
  return [...section.querySelectorAll('button')].some((button) => {
    const { left, top, width, height } = button.getBoundingClientRect();
    const at = document.elementFromPoint(left + width / 2, top + height / 2);
    return at && !section.contains(at);
  });
}
