/** What the script of tower-consent gives to pages. Served at the prefix, as `/types.d.ts`. */

/** A category that the visitor is asked about. `necessary` needs no grant. */
type TowerConsentCategory = 'necessary' | 'functional' | 'analytics' | 'marketing';

/** What the visitor has granted. */
interface TowerConsentState {
  /** Whether the visitor has answered everything that is asked. */
  decided: boolean;
  /** The categories that are granted as a whole. */
  granted: TowerConsentCategory[];
  /** The ids of the vendors that are refused inside of a granted category. */
  refusedVendors: string[];
  /** The vendors that are granted alone, as `category:id`. */
  grantedVendors: string[];
}

interface TowerConsent {
  /** What counts in this page now. */
  get(): TowerConsentState;
  /** Whether a category, or one vendor as `category:id`, may act now. Whatever else is asked for may not. */
  allows(what: TowerConsentCategory | `${TowerConsentCategory}:${string}`): boolean;
  /** Shows the preferences. */
  open(): void;
}

interface Window {
  /** Missing until the script has run; it is deferred. */
  readonly towerConsent?: TowerConsent;
}

interface DocumentEventMap {
  /** After what is granted has woken up. A withdrawal loads the page anew instead. */
  'consent:change': CustomEvent<TowerConsentState>;
  /** When the preferences are shown. */
  'consent:open': CustomEvent<TowerConsentState>;
}
