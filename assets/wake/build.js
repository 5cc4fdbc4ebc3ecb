/*
 * Brings the banner to a page that came without.
 */

/**
 * Adds the banner and the settings link to a page that came without them, and calls `done`.
 *
 * @param {() => void} done
 */
function build(done) {
  const request = new XMLHttpRequest();
  request.open('GET', prefix + '/banner' + here());
  // Parsed as a document and taken over, it needs nobody's trust.
  request.responseType = 'document';
  request.onload = () => {
    const page = request.response;
    if (request.status !== 200 || !page) return;
    const parts = [
      [page.querySelector('link[rel=stylesheet]'), null],
      [page.querySelector('[data-tc-banner]'), document.querySelector('[data-tc-banner]')],
      [page.querySelector('.tc-link'), document.querySelector('[data-tc-settings]')],
    ];
    const { body } = document;
    const place = body && body.localName === 'body' ? body : document.documentElement;
    const [sheet] = parts[0];
    const add = () => {
      for (const [part, there] of parts) if (part && !there) place.append(part);
      done();
    };
    if (!sheet) return;
    sheet.nonce = nonce;
    sheet.addEventListener('load', add);
    sheet.addEventListener('error', add);
    (document.head || place).append(sheet);
    parts.shift();
  };
  request.send();
}
