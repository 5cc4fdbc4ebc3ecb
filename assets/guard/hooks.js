/*
 * How are the browser's functions replaced, and put back?
 */

/**
 * What was replaced, where, and by what.
 *
 * @type {[object, string, PropertyDescriptor, PropertyDescriptor][]}
 */
const replaced = [];
/**
 * @param {object} object
 * @param {string} name
 * @param {PropertyDescriptor} before
 * @param {PropertyDescriptor} change
 */
function define(object, name, before, change) {
  const after = { ...before, ...change };
  try {
    Object.defineProperty(object, name, after);
    replaced.push([object, name, before, after]);
  } catch {
    // The page has fixed it.
  }
}
/** Puts everything back that nobody has replaced again. */
function restore() {
  for (const [object, name, before, { value, get, set }] of replaced.splice(0)) {
    const now = Object.getOwnPropertyDescriptor(object, name);
    if (now && now.value === value && now.get === get && now.set === set) Object.defineProperty(object, name, before);
  }
}
/**
 * Replaces a function by what `make` makes of it.
 *
 * @template {object} T
 * @template {unknown[]} G
 * @param {T | undefined} object
 * @param {string} names
 * @param {(native: TcNative<T, G>) => TcNative<T, G>} make
 */
function hook(object, names, make) {
  for (const name of names.split(' ')) {
    const before = object && Object.getOwnPropertyDescriptor(object, name);
    if (typeof before?.value !== 'function') continue;
    const after = make(before.value);
    Object.defineProperty(after, 'name', { value: name });
    define(/** @type {T} */ (object), name, before, { value: after });
  }
}
/**
 * Replaces the setter of a property; `act` is told the element, the value and the browser's way.
 *
 * @template {TcTyped} T
 * @param {T} type
 * @param {string} name
 * @param {(element: (typeof globalThis)[T]['prototype'], given: string, live: (changed?: string) => void) => void} act
 */
function onSet(type, name, act) {
  /** @type {object | undefined} */
  const object = window[type]?.prototype;
  const before = object && Object.getOwnPropertyDescriptor(object, name);
  const set = before?.set;
  if (!set) return;
  define(/** @type {object} */ (object), name, before, {
    /** @this {(typeof globalThis)[T]['prototype']} */
    set(given) {
      act(this, given, (changed = given) => set.call(this, changed));
    },
  });
}
/** @type {(type: TcTyped & `HTML${string}`, ...names: string[]) => void} */
const addressOn = (type, ...names) =>
  names.forEach((name) => onSet(type, name, (element, given, live) => give(element, name.toLowerCase(), given, live)));
const refuse = () => Promise.reject(new TypeError('Failed to fetch'));

/**
 * Gives markup to an element.
 *
 * @param {Element | ShadowRoot} element
 * @param {string} given
 * @param {(changed?: string) => void} live
 */
const markup = (element, given, live) => {
  // Copies of what sleeps in a template would never wake.
  const { localName } = /** @type {Element} */ (element);
  const acts = localName !== 'script' && (full || localName !== 'template');
  live(acts ? safe(given) : given);
  inquireIn(element);
};
/**
 * For functions that take markup at place `at`, or as their last argument.
 *
 * @type {(at?: number) => <T>(native: TcNative<T, unknown[]>) => TcNative<T, unknown[]>}
 */
const takes = (at) => (native) => function (...given) {
  const place = at ?? given.length - 1;
  if (given.length > place && place >= 0) given[place] = safe(/** @type {string} */ (given[place]));
  const result = /** @type {ParentNode | undefined} */ (native.apply(this, given));
  const element = /** @type {Element} */ (this);
  inquireIn(result?.querySelectorAll ? result : at === 0 ? element : element.parentNode || element);
  return result;
};

/**
 * Replaces constructors that connect.
 *
 * @param {('WebSocket' | 'EventSource' | 'Audio')[]} names
 */
function sockets(...names) {
  for (const name of names) {
    const before = Object.getOwnPropertyDescriptor(window, name);
    if (!before?.value) continue;
    define(window, name, before, {
      value: new Proxy(before.value, {
        construct(target, /** @type {(string | URL)[]} */ given, caller) {
          const denied = given.length && (name === 'Audio' ? !/^\??$/.test(wants(given[0])) : mayNot(given[0]));
          // A port that browsers never connect to: the page hears of a broken connection.
          if (denied) given = [name === 'Audio' ? '' : (name[0] === 'W' ? 'ws:' : 'http:') + '//localhost:1/'];
          return Reflect.construct(target, given, caller);
        },
      }),
    });
  }
}
