/*
 * Among the preferences, a category's box and those of its vendors go together.
 */

function linkBoxes() {
  document.addEventListener('change', ({ target }) => {
    const group = /** @type {Element} */ (target).closest('.tc-group');
    if (!group) return;
    const vendors = [.../** @type {NodeListOf<HTMLInputElement>} */ (group.querySelectorAll('[name=vendor]'))];
    const category = /** @type {HTMLInputElement} */ (group.querySelector('[name]:not([name=vendor], [name=offered])'));
    if (target === category) for (const vendor of vendors) vendor.checked = category.checked;
    else category.checked = vendors.some((vendor) => vendor.checked);
  });
}
