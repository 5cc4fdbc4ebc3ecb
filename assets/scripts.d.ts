/**
 * What the scripts of this folder share, for the check of their types alone: `cargo test --test scripting`.
 * Nothing of it is served. What pages may use stands in types.d.ts.
 */

/** The consent as the server answers it. */
interface TcAnswer {
  decided: boolean;
  /** What runs now: what was granted, and what needs no choice. */
  covered: string[];
  /** What may not run inside of `covered`: ids of vendors, and `*category` for all that is undeclared. */
  barred: string[];
  alone: string[];
  /** Whether this answer took something away. */
  narrowed?: boolean;
  /** Whether the server has heard of the browser's signal. */
  gpc?: boolean;
  /** What was stored, in words. */
  said?: string;
}

/** What the guard gives to the other scripts. */
interface TcGuard {
  /** What it holds back and the document does not. */
  parked: Set<Element>;
  /** Markup as it may be inserted. */
  rewrite(html: string): string;
  trusted: TcTrust;
  sweep(): Promise<void>;
  off(state: string): () => void;
  lock(state: string): void;
}

/** Markup, or the address of a script, as the page's rules want it: an object that browsers take for a string. */
type TcTrust = (text: string, kind?: 'createHTML' | 'createScriptURL') => string;

/** What the banner's script lends to one that it loads, which puts what it is for in its place. */
interface TcLent {
  allows(what: string): boolean;
  dataset: DOMStringMap;
  here(): string;
  load(file: string, data?: Record<string, string | undefined>): Promise<TcWaking>;
  nonce: string;
  prefix: string;
  renew(): void;
  summary(): string;
  trusted: TcTrust;
}

/** What the script of `wake/` is for. */
interface TcWaking {
  activate(): Promise<void>;
  build(done: () => void): void;
  end(state: string): Promise<void>;
}

interface Window {
  /** Only while the guard holds something back. */
  __tc?: TcGuard;
  /** Only where a vendor of the policy is told of the consent in its own words. Answers who was told. */
  __tcSay?: (state: string) => string[];
}

/** Of a script that the banner's loads: what it may use at first, then what it is for. */
interface HTMLScriptElement {
  tc: TcLent & TcWaking;
}

interface Navigator {
  readonly globalPrivacyControl?: boolean;
}

/** What trackers leave in a page, as far as they can be told to stop. Each is there or is not: a call may throw. */
interface TcTrackers {
  _hsq: unknown[];
  _paq: unknown[];
  amplitude: { setOptOut(out: boolean): void };
  clarity(...call: unknown[]): void;
  fbq(...call: unknown[]): void;
  FS: { shutdown(): void };
  mixpanel: { opt_out_tracking(): void };
  pintrk(...call: unknown[]): void;
  posthog: { opt_out_capturing(): void };
  ttq: { revokeConsent(): void };
  uetq: { push(...call: unknown[]): void };
  [disable: `ga-disable-${string}`]: boolean;
}

/** One row of what the script of `modes.js` tells vendors; its head says what the letters mean. */
interface TcTold {
  v: string;
  n: string;
  /** Function called with all (`a`), list given all (`p`), function (`f`), or a method of an object (`m`). */
  k: string;
  d: unknown[][];
  g?: unknown[][];
  /** By type of storage, what each needs; or what to say when `t` is granted, and when not. */
  u: { s: Record<string, string>; c: unknown[] } | { s?: undefined; t?: string; y?: unknown[]; o?: unknown[] };
}
/** A global that a vendor listens at: a list, a function, or an object with methods. */
type TcSpoken = { push(...call: unknown[]): unknown } & ((...call: unknown[]) => unknown) & {
  [method: string]: (...call: unknown[]) => unknown;
};

/** One row of what the guard is told; its head says what the letters mean. Each holds words. */
interface TcRow {
  t: string;
  h?: string;
  p?: string;
  c?: string;
  /** By lines: a name in the storage may have spaces. */
  s?: string;
  g?: string;
}
/** A function of the browser's, and what takes its place. */
type TcNative<T, G extends unknown[]> = (this: T, ...given: G) => unknown;
/** The types whose setters the guard replaces. */
type TcTyped = 'Attr' | 'Document' | 'Element' | 'ShadowRoot' | Extract<keyof typeof globalThis, `HTML${string}Element`>;

/** What a stored cookie is known by. Browsers differ in how much they tell. */
interface TcCookie {
  name: string;
  domain?: string | null;
  path?: string;
  partitioned?: boolean;
}
/** What a page may hand to a vendor's global: among other things, functions to be called once all is sent. */
interface TcHeard {
  hitCallback?: unknown;
  event_callback?: unknown;
  eventCallback?: unknown;
}

/** https://www.w3.org/TR/trusted-types/, as far as it is used. Not every browser has it. */
declare var trustedTypes: {
  createPolicy(name: string, rules: Record<keyof TcPolicy, (text: string) => string>): TcPolicy;
} | undefined;
interface TcPolicy {
  createHTML(text: string): string;
  createScriptURL(text: string): string;
}

/** What Chromium says of what is watched with `trackVisibility`. */
type TcSeen = IntersectionObserverEntry & { isVisible?: boolean };
type TcWatch = IntersectionObserverInit & { trackVisibility: boolean; delay: number };
