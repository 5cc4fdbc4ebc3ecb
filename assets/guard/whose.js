/*
 * Whose is an address, or a script that holds one?
 */

// Host to what each table says of it. Pages ask after few, so nothing is made ready beforehand.
/** @type {Map<string, [string, TcRow][]>[]} */
const listed = [new Map(), new Map()];
/**
 * @param {number} at
 * @param {string} host
 */
function entries(at, host) {
  const known = listed[at].get(host);
  if (known) return known;
  /** @type {[string, TcRow][]} */
  const found = [];
  const start = ' ' + host;
  for (const row of at ? catalog() : declared()) {
    const hosts = row.h ? ' ' + row.h : '';
    for (let place = hosts.indexOf(start); place >= 0; place = hosts.indexOf(start, place + 1)) {
      const end = place + start.length;
      if (/^[ /]?$/.test(hosts.charAt(end))) found.push([hosts.slice(end).split(' ', 1)[0], row]);
    }
  }
  listed[at].set(host, found);
  return found;
}
/**
 * @param {number} at
 * @param {string} host
 * @param {string} path
 */
function find(at, host, path) {
  for (let rest = host.replace(/\.$/, ''); rest; rest = rest.replace(/^[^.]*\.?/, '')) {
    let best;
    for (const entry of entries(at, rest)) {
      if (path.startsWith(entry[0]) && !(best && best[0].length >= entry[0].length)) best = entry;
    }
    if (best) return best[1];
  }
}
/** @param {string} path */
function plain(path) {
  try {
    path = decodeURIComponent(path);
  } catch {
    // Not all of it is text.
  }
  return path.replace(/[/\\]+/g, '/');
}
/**
 * @param {string} host
 * @param {string} path
 */
function rowAt(host, path) {
  return find(0, host, path) || find(1, host, path);
}
/** @param {string | URL} address */
function parse(address) {
  try {
    const url = new URL(address, document.baseURI);
    return /^(http|ws)s?:$/.test(url.protocol) ? url : null;
  } catch {
    return null;
  }
}
/**
 * Whose the address is; undefined where nobody says.
 *
 * @param {URL} url
 */
function rowOf(url) {
  if (url.hostname === location.hostname) {
    const path = plain(url.pathname) + '/';
    const row = declared().find(({ p }) => words(p).some((start) => path.startsWith(start + '/')));
    if (row) return row;
  }
  return rowAt(url.hostname, url.pathname);
}

/**
 * Hosts in a text, each with its path, escaped as JSON and scripts may do it.
 *
 * @param {string} text
 */
const addressesIn = (text) => [...text.replace(/\\u([\da-f]{4})/gi, (_, code) => String.fromCharCode(parseInt(code, 16))).replace(/\\\//g, '/').matchAll(/["'`/]((?:[\w-]+\.)+[\w-]+)(?:(\/[\w./-]*)|(?=[\\"'`:?]))/g)];
/**
 * Whose loaders a script holds that may not load. One that also works for the page is left to the rest of this.
 *
 * @param {string} text
 * @returns {TcRow[]}
 */
function rowsIn(text) {
  const loads = /createElement|\.src|new Image|document\.write|import\(|importScripts|\bimport ?["']|\bfrom ?["']|WebSocket|EventSource|appendChild|insertBefore|insertAdjacent|innerHTML|setAttribute|sendBeacon|fetch\(|XMLHttpRequest/;
  const works = /jQuery|\$[(.]|querySelector|classList|getElementsByClassName|textContent|addEventListener\(["'](?:click|submit|scroll)/;
  if (text.length > 8192 || !loads.test(text) || works.test(text)) return [];
  const rows = addressesIn(text).map(([, host, path]) => rowAt(host.toLowerCase(), path || '/'));
  return /** @type {TcRow[]} */ (rows.filter((row) => row && bars(row.t)));
}
