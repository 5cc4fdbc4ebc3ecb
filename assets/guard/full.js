/*
 * What else is there to fetch by, where a site asks for all of it?
 */

function guardFull() {
  addressOn('HTMLLinkElement', 'imageSrcset');
  addressOn('HTMLSourceElement', 'src', 'srcset');
  addressOn('HTMLMediaElement', 'src');
  addressOn('HTMLVideoElement', 'poster');
  addressOn('HTMLEmbedElement', 'src');
  addressOn('HTMLObjectElement', 'data');
  addressOn('HTMLInputElement', 'src');
  addressOn('HTMLFrameElement', 'src');
  addressOn('HTMLTrackElement', 'src');
  addressOn('HTMLBodyElement', 'background');
  addressOn('HTMLAnchorElement', 'ping');
  onSet('ShadowRoot', 'innerHTML', markup);
  onSet('HTMLIFrameElement', 'srcdoc', (frame, given, live) => live(safe(given)));
  hook(Element.prototype, 'setHTMLUnsafe', takes(0));
  hook(window.ShadowRoot?.prototype, 'setHTMLUnsafe', takes(0));
  hook(Element.prototype, 'setAttributeNS', (/** @type {TcNative<Element, [string | null, string, string]>} */ native) => function (...given) {
    const name = String(given[1]).toLowerCase();
    if (/(?:^|:)href$|^src$/.test(name)) give(this, name, given[2], () => native.apply(this, given));
    else native.apply(this, given);
  });
  sockets('Audio');
  // What an attribute node says is given to its element in the usual way.
  /** @type {<T extends Element | NamedNodeMap>(owner: (at: T) => Element) => (native: TcNative<T, [Attr]>) => TcNative<T, [Attr]>} */
  const byNode = (owner) => (native) => function (...given) {
    const { name, value: said } = given[0] || {};
    const element = owner(this);
    if (element && acts()[element.localName]?.includes(name) && needsOf(element, name, said)) element.setAttribute(name, said);
    else return native.apply(this, given);
  };
  hook(Element.prototype, 'setAttributeNode setAttributeNodeNS', byNode((element) => element));
  onSet('Attr', 'value', (attribute, given, live) => {
    if (attribute.ownerElement) give(attribute.ownerElement, attribute.name, given, live);
    else live();
  });
  /** @type {(native: TcNative<Worklet, [string | URL]>) => TcNative<Worklet, [string | URL]>} */
  const refuses = (native) => function (...given) {
    return mayNot(given[0]) ? refuse() : native.apply(this, given);
  };
  hook(window.Worklet?.prototype, 'addModule', refuses);
  hook(window, 'fetchLater', (/** @type {TcNative<Window & typeof globalThis, [string | URL | Request, RequestInit?]>} */ native) => function (...given) {
    if (!wantsCall(given[0] instanceof Request ? given[0].url : given[0])) return native.apply(this, given);
    return { activated: false };
  });
  guardBeacon();
  guardNames();
}
