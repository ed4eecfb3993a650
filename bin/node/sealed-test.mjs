// A page with the line of dist/integrity.txt, whose files come from another host, which changes one of them: it is refused, nothing of it
// runs, and the page says which file it was.
//   node bin/node/sealed-test.mjs [BROWSER...]       chromium, firefox, webkit; all three where nothing is named
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { driverOf, endAll, inBrowser } from '../../tests/bench/browser.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const dist = process.env.CONNECTION_DOCTOR_DIST ?? join(root, 'dist');
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.json': 'application/json' };
const CHANGES = {
  '.js': (file) => Buffer.concat([file, Buffer.from('\nglobalThis.tampered = true;\n')]),
  '.css': (file) => Buffer.concat([file, Buffer.from(':host{--tampered:1}')]),
  '.json': (file) => Buffer.concat([file, Buffer.from(' ')]),
  // A custom section, which every engine takes.
  '.wasm': (file) => Buffer.concat([file, Buffer.from([0, 2, 1, 0x78])]),
};
/** Changed, they stop the test, with a sentence. */
const STOPS = ['integrity.json', 'start.sealed.js', 'doctor.js', 'doctor_bg.wasm', 'texts/en/face.json'];
/** Changed from the second time on that they are asked for: what was looked at has to be what runs. */
const TURNED = ['start.sealed.js', 'doctor.js'];
/** It does not look at the integrity of a link, so there a host may give two answers. */
const ASKS_TWICE = 'webkit';
/** Changed, they are left out. */
const LEFT_OUT = ['connection-doctor.css', 'doctor_guidance.wasm', 'texts/en/path.json'];
const ENGINES = ['chromium', 'firefox', 'webkit'];

const ending = [];
const named = process.argv.slice(2);
try {
  const line = readFileSync(join(dist, 'integrity.txt'), 'utf8');
  const host = await serve((path) => fileOf(path), { 'Access-Control-Allow-Origin': '*' });
  const pasted = line.replace('/diagnostics/', `${host.origin}/`);
  assert.notEqual(pasted, line);
  const page = await serve((path) => (path === '/' ? Buffer.from(`<!doctype html><html lang="en"><title>x</title>${pasted}<connection-doctor></connection-doctor>`) : undefined), {
    'Content-Security-Policy': `default-src 'none'; script-src ${host.origin} 'wasm-unsafe-eval'; connect-src 'self' ws: ${host.origin}`,
  });
  for (const name of named.length ? named : ENGINES) {
    const driver = await driverOf(name);
    for (const changed of [undefined, ...STOPS, ...LEFT_OUT, 'connection-doctor.sealed.js']) {
      Object.assign(host, { changed, from: 1 }).asked.clear();
      look(name, await visit(name, driver, page.origin), changed);
    }
    for (const changed of name === ASKS_TWICE ? [] : TURNED) {
      Object.assign(host, { changed, from: 2 }).asked.clear();
      look(name, await visit(name, driver, page.origin), changed);
      assert.ok(host.asked.get(changed) > 1, `${name}: nobody asked twice for ${changed}`);
    }
    console.log(`${name}: every changed file was refused.`);
  }
} finally {
  for (const end of ending.reverse()) end();
  endAll();
}

function look(name, seen, changed) {
  const where = `${name}, ${changed ?? 'nothing'} changed: ${JSON.stringify(seen)}`;
  assert.equal(seen.tampered, false, where);
  if (changed === 'connection-doctor.sealed.js') {
    assert.equal(seen.defined, false, where);
  } else if (STOPS.includes(changed)) {
    assert.match(seen.said, new RegExp(`/${changed.replaceAll('.', '\\.')} is another file than the integrity in the page’s script line asks for`), where);
    assert.equal(seen.verdict, undefined, where);
  } else {
    assert.equal(seen.verdict, 'broken', where);
    assert.equal(seen.css, '', where);
    assert.equal(/its name is/i.test(seen.steps), Boolean(changed) && changed !== 'connection-doctor.css', where);
    assert.ok(changed !== 'connection-doctor.css' || seen.sheets === 0, where);
  }
}

/** What the page shows and runs. */
function visit(name, driver, page) {
  return inBrowser(driver, name, async (browser) => {
    await browser.open(page);
    return browser.run(`
      const [done] = arguments;
      const element = document.querySelector('connection-doctor');
      const tell = (more) => done({ said: element.shadowRoot?.textContent ?? '', defined: Boolean(customElements.get('connection-doctor')), tampered: 'tampered' in window,
        css: getComputedStyle(element).getPropertyValue('--tampered'), sheets: element.shadowRoot?.adoptedStyleSheets.length, ...more });
      // The page's load event waits for module scripts in the markup, refused ones too.
      if (!customElements.get('connection-doctor')) tell({});
      else element.run({ depth: 'quick', lang: 'en' }).then(
        (report) => tell({ verdict: report.verdict, steps: report.guidance.flatMap(({ steps }) => steps.map(({ text }) => text)).join(' ') }),
        (error) => tell({ said: element.shadowRoot.textContent, message: error.message }));`);
  });
}

function fileOf(path) {
  const file = resolve(dist, `.${path}`);
  return file.startsWith(dist + sep) && existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined;
}

/** Serves what `read` gives, and the file named in `changed` with a change, from the time numbered `from` on. */
function serve(read, headers) {
  const served = { changed: undefined, from: 1, asked: new Map() };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const name = pathname.slice(1);
    const times = (served.asked.get(name) ?? 0) + 1;
    served.asked.set(name, times);
    const file = read(pathname);
    response.writeHead(file ? 200 : 404, { ...headers, 'Content-Type': TYPES[extname(pathname) || '.html'] ?? 'text/plain', 'Cache-Control': 'no-store' });
    response.end(file && name === served.changed && times >= served.from ? CHANGES[extname(name)](file) : file);
  });
  ending.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(Object.assign(served, { origin: `http://127.0.0.1:${server.address().port}` }))));
}
