/*
 * What has the visitor not agreed to?
 */

// As the server wrote it: granted categories, refused vendors with a `!`, with a `+` those granted alone.
/** @type {string[]} */
let state;
/** @type {string[]} */
let granted;
/** @param {string | null} text */
function stand(text) {
  state = words(text);
  // Letters come behind all marks.
  granted = state.filter((word) => word > '@');
}
stand(told('state'));
/** @param {string | undefined} needs */
const denies = (needs) =>
  words(needs).some((word) => {
    const [category, vendor] = word.split(':');
    return granted.includes(category) ? state.includes('!' + (vendor ?? '*' + category)) : !state.includes('+' + word);
  });

// What may load before a choice, and store nothing.
let early = words(told('ahead'));
/** @param {string} needs */
const bars = (needs) => denies(needs) && !early.includes(needs);
