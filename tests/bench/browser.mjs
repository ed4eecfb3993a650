// Browsers by their drivers, in plain WebDriver, so there is nothing to install. Chromium tells more, by its own protocol (CDP).
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort, reachable } from './site.mjs';

const PATIENCE = 120_000;
const options = JSON.parse(readFileSync(fileURLToPath(new URL('../../webdriver.json', import.meta.url)), 'utf8'));
const ENGINES = {
  chromium: { name: 'chrome', wanted: { 'goog:chromeOptions': options['goog:chromeOptions'] } },
  firefox: { name: 'firefox', wanted: { 'moz:firefoxOptions': options['moz:firefoxOptions'] } },
  webkit: { name: undefined, wanted: { 'webkitgtk:browserOptions': { args: ['--automation'] } } },
};
const children = new Set();

/** Ends every program that was started here. */
export function endAll() {
  for (const child of children) child.kill();
}

/** Starts a program. With `ready` it resolves with the first group of the line that matches. */
export function started(command, args, ready, more = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'], ...more });
  children.add(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      children.delete(child);
      reject(new Error(`${command} ended with ${code} before it was ready`));
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = ready.exec(line);
      if (found) resolve(found[1]);
    });
  });
}

/** The address of a driver for this engine. */
export async function driverOf(engine) {
  if (engine === 'chromium') return `http://127.0.0.1:${await started('chromedriver', ['--port=0'], /started successfully on port (\d+)/)}`;
  if (engine === 'firefox') return `http://127.0.0.1:${await started('geckodriver', ['--port=0'], /Listening on [\d.]+:(\d+)/)}`;
  // It tells the number of its display once it listens.
  const display = await started('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], /^(\d+)$/);
  const port = await freePort();
  const env = { ...process.env, DISPLAY: `:${display}`, LANG: 'en_US.UTF-8' };
  delete env.WAYLAND_DISPLAY;
  // It says nothing when it is ready.
  started('WebKitWebDriver', [`--port=${port}`], /^$/, { env }).catch(() => {});
  await reachable(port);
  return `http://127.0.0.1:${port}`;
}

/** The engine's name and version, and what it says of itself. */
export async function versionOf(driver, engine) {
  return inBrowser(driver, engine, async ({ capabilities }) => `${engine} ${capabilities.browserVersion}`);
}

/** `work` in a browser of its own, with a profile that nothing was kept in. */
export async function inBrowser(driver, engine, work) {
  const { name, wanted } = ENGINES[engine];
  const timeouts = { script: PATIENCE, pageLoad: PATIENCE };
  const { sessionId, capabilities } = await command(driver, 'POST', '/session', { capabilities: { alwaysMatch: { ...(name && { browserName: name }), timeouts, ...wanted } } });
  const session = `${driver}/session/${sessionId}`;
  const browser = {
    capabilities,
    open: (url) => command(session, 'POST', '/url', { url }),
    /** An async function of the page's, with one argument that is JSON. */
    async call(script, argument = null) {
      const { value, error } = await command(session, 'POST', '/execute/async', {
        script: `const done = arguments[1]; (${script})(arguments[0]).then((value) => done({ value }), (error) => done({ error: String(error?.message ?? error) }));`,
        args: [argument],
      });
      if (error) throw new Error(error);
      return value;
    },
    /** A script of the page's, which ends by calling its argument. */
    run: (script) => command(session, 'POST', '/execute/async', { script, args: [] }),
    cdp: (cmd, params = {}) => command(session, 'POST', '/goog/cdp/execute', { cmd, params }),
    async metrics() {
      const { metrics } = await browser.cdp('Performance.getMetrics');
      return Object.fromEntries(metrics.map(({ name: metric, value }) => [metric, value]));
    },
  };
  try {
    return await work(browser);
  } finally {
    await command(session, 'DELETE', '', undefined);
  }
}

async function command(base, method, path, body) {
  const response = await fetch(base + path, { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
  const { value } = await response.json();
  if (value?.error) throw new Error(`${path}: ${value.error}: ${value.message}`);
  return value;
}

export function isThere(program) {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
