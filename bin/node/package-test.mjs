// Installs the tarball in a copy of tests/package, a project as anybody has one, type-checks it, builds it with Vite, and runs it in
// Chromium: the built pages under a strict policy, Vite's development server, and the package's files as they are by a script tag.
//   node bin/node/package-test.mjs TARBALL        (bin/package --test calls it)
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, extname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { driverOf, endAll, inBrowser, started } from '../../tests/bench/browser.mjs';

const [tarball] = process.argv.slice(2);
if (!tarball) throw new Error('node bin/node/package-test.mjs TARBALL');
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'";
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.json': 'application/json' };
const project = mkdtempSync(join(tmpdir(), 'connection-doctor-package-'));
const packed = join(project, 'node_modules/connection-doctor');
/** Vite prints its address in colours otherwise. */
const PLAIN = { cwd: project, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' } };
const ending = [() => rmSync(project, { recursive: true, force: true })];

try {
  cpSync(join(root, 'tests/package'), project, { recursive: true, filter: (from) => !from.includes('node_modules') });
  npm('ci', '--no-audit', '--no-fund', '--loglevel=error');
  npm('install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', resolve(tarball));
  tool('tsc', '-p', '.');
  const warned = tool('vite', 'build', '--logLevel', 'warn');
  assert.equal(warned.trim(), '', 'Vite has something to say about the package');
  const driver = await driverOf('chromium');

  // React, Vue and Svelte make their elements with policies of their own; ours needs none.
  const built = await serve([join(project, 'dist')], `${POLICY}; require-trusted-types-for 'script'`);
  await headless(driver, `${built}/headless.html`);
  for (const name of ['react', 'vue', 'svelte']) await face(driver, `${built}/${name}.html`);

  const dev = `${await started('node', ['node_modules/vite/bin/vite.js', '--host', '127.0.0.1', '--port', '0'], /(http:\/\/127\.0\.0\.1:\d+)\//, PLAIN)}`;
  await headless(driver, `${dev}/headless.html`);
  await face(driver, `${dev}/react.html`);

  const plain = await serve([packed, join(project, 'plain'), join(project, 'node_modules/socket.io-client/dist')], `${POLICY}; require-trusted-types-for 'script'`);
  await face(driver, `${plain}/plain.html`);
  console.log('The package works: types, a build with Vite, its development server, React, Vue, Svelte, and a script tag.');
} finally {
  endAll();
  for (const end of ending.reverse()) end();
}

/** Without a face: a report, the signal, what a wrong setting rejects with, and the watch; nothing is registered by the import. */
async function headless(driver, page) {
  const seen = await visit(driver, page, `
    const [done] = arguments;
    const errorOf = (promise) => promise.then(() => 'it resolved', (error) => error.message);
    (async () => {
      for (let waited = 0; !window.diagnosed && waited < 100; waited += 1) await new Promise((resolve) => setTimeout(resolve, 100));
      const { report, steps } = await window.diagnosed();
      return {
        report: JSON.parse(JSON.stringify(report)), steps, registered: window.registered(), aborted: await window.aborted(),
        refused: await window.refused(), offered: await window.offered(),
      };
    })().then(done, (error) => done({ error: String(error?.stack ?? error) }));`);
  assert.equal(seen.error, undefined, page);
  assertReport(seen.report);
  assert.ok(seen.steps > 3, `${page}: progress of ${seen.steps} steps`);
  assert.equal(seen.registered, false, `${page}: the element is registered though nobody asked for it`);
  assert.equal(seen.aborted, 'enough', page);
  assert.match(seen.refused, /“depth”.*“deep”/, page);
  assert.match(seen.offered, /^3 times: xhr poll error/, page);
}

/** With the element: a socket that fails three times brings the launcher; it opens the face, and what the socket said is evidence. */
async function face(driver, page) {
  const seen = await visit(driver, page, `
    const [done] = arguments;
    const waitFor = (look) => new Promise((resolve) => {
      const again = () => { const found = look(); if (found) resolve(found); else setTimeout(again, 50); };
      again();
    });
    (async () => {
      const reported = new Promise((resolve) => document.addEventListener('connection-doctor:report', ({ detail }) => resolve(detail)));
      const launcher = await waitFor(() => document.querySelector('connection-doctor')?.shadowRoot?.querySelector('.launcher:not([hidden])'));
      const { label } = document.querySelector('connection-doctor');
      launcher.click();
      const shadow = document.querySelector('connection-doctor').shadowRoot;
      const failed = waitFor(() => shadow.querySelector('.cannot-start')).then((alert) => { throw new Error(alert.textContent); });
      const report = await Promise.race([reported, failed]);
      return { report: JSON.parse(JSON.stringify(report)), label, open: shadow.querySelector('dialog').open, styles: shadow.adoptedStyleSheets.length,
        foreign: performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => new URL(name).origin !== location.origin) };
    })().then(done, (error) => done({ error: String(error?.stack ?? error) }));`);
  assert.equal(seen.error, undefined, page);
  assertReport(seen.report);
  assert.equal(seen.label, 'Find out why', page);
  assert.equal(seen.open, true, `${page}: the panel is closed`);
  assert.ok(seen.styles >= 3, `${page}: ${seen.styles} style sheets`);
  assert.deepEqual(seen.foreign, [], page);
  assert.ok(JSON.stringify(seen.report).includes('xhr poll error'), `${page}: what the socket said is not in the report`);
}

function assertReport(report) {
  assert.equal(report?.schema, 'connection-doctor/report/1');
  assert.equal(report.product.version, JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8')).version);
  // Nothing here answers as a chat.
  assert.equal(report.verdict, 'broken');
  assert.ok(report.evidence.length > 5 && report.guidance.length > 0 && report.summary.length > 10);
}

/** Runs the script, which ends by its last argument, in a fresh Chromium. */
function visit(driver, page, script) {
  return inBrowser(driver, 'chromium', async (browser) => {
    await browser.open(page);
    return browser.run(script);
  });
}

/** Serves the folders' files, and nothing else. */
function serve(folders, policy) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const file = folders.map((folder) => resolve(folder, `.${pathname}`))
      .find((path, at) => path.startsWith(folders[at] + sep) && existsSync(path) && statSync(path).isFile());
    response.setHeader('Content-Security-Policy', policy);
    response.writeHead(file ? 200 : 404, { 'Content-Type': TYPES[extname(file ?? '')] ?? 'text/plain' });
    response.end(file && readFileSync(file));
  });
  ending.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(`http://127.0.0.1:${server.address().port}`)));
}

function npm(...args) {
  execFileSync('npm', args, { cwd: project, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** What it says, on both of its outputs. */
function tool(name, ...args) {
  const { status, stdout, stderr } = spawnSync(join(project, 'node_modules/.bin', name), args, { cwd: project, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  return stdout + stderr;
}
