/*
 * What has the visitor not agreed to?
 */

/** @type {Set<string>} */
let granted;
/** @type {Set<string>} */
let refused;
/** @type {Set<string>} */
let alone;
/** @param {string | undefined} state */
function stand(state) {
  const marked = (/** @type {string} */ mark) => words(state).filter((word) => word[0] === mark).map((word) => word.slice(1));
  granted = new Set(words(state).filter((word) => !'?*!+-'.includes(word[0])));
  refused = new Set(marked('!'));
  alone = new Set(marked('+'));
}
stand(tag.tcState);
/** @param {string | undefined} needs */
const denies = (needs) =>
  words(needs).some((word) => {
    const [category, vendor] = word.split(':');
    return granted.has(category) ? refused.has(vendor ?? '*' + category) : !alone.has(word);
  });

// What may load before a choice, and store nothing.
let early = words(tag.tcAhead);
/** @param {string} needs */
const bars = (needs) => denies(needs) && !early.includes(needs);
