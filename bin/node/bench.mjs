// Opens the built page on a healthy chat of the lab, in a fresh Chromium every time, and prints medians as Markdown.
// Speaks to chromedriver in plain WebDriver, so there is nothing to install.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const RUNS = 10;
const SCENARIO = 'healthy-engineioxide';
const EVENT = 'connection-doctor:report';
const PATIENCE = 60_000;
const LINES = [
  { name: 'loopback', network: null },
  { name: '150 ms, 1.6 Mbit/s', network: { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 94_000 } },
];
/** Runs before the page's own scripts. Capturing, so that the event need not bubble. */
const LISTEN = `window.measured = Promise.all([
  new Promise((resolve) => new PerformanceObserver((entries) => entries.getEntriesByName('first-contentful-paint')
    .forEach(({ startTime }) => resolve(startTime))).observe({ type: 'paint', buffered: true })),
  new Promise((resolve) => document.addEventListener('${EVENT}', () => resolve(performance.now()), { capture: true, once: true })),
]);`;
const AWAIT = 'window.measured.then(arguments[0]);';
const root = fileURLToPath(new URL('../..', import.meta.url));
const children = [];

try {
  const gallery = await started('cargo', ['run', '--quiet', '--package', 'connection-doctor-lab', '--', 'serve'], /The gallery: (\S+)/);
  const driver = await started('chromedriver', ['--port=0'], /started successfully on port (\d+)/);
  const page = await pageOf(gallery, SCENARIO);
  console.log(`\`${SCENARIO}\`, medians of ${RUNS} first visits, served uncompressed; times are from the start of the navigation.\n`);
  console.log('| line | first paint, ms | report, ms | requests for the page | requests and sockets of the run |\n| --- | ---: | ---: | ---: | ---: |');
  for (const { name, network } of LINES) {
    const visits = [];
    for (let run = 1; run <= RUNS; run += 1) {
      process.stderr.write(`\r${name}: ${run} of ${RUNS}`);
      visits.push(await visit(`http://127.0.0.1:${driver}`, page, network));
    }
    process.stderr.write('\n');
    const row = ['paint', 'report', 'files', 'probes'].map((figure) => Math.round(median(visits.map((one) => one[figure]))));
    console.log(`| ${name} | ${row.join(' | ')} |`);
  }
} finally {
  for (const child of children) child.kill();
}

/** Starts a program and waits for the line that says that it is ready. */
function started(command, args, ready) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code} before it was ready`)));
    createInterface(child.stdout).on('line', (line) => {
      const found = ready.exec(line);
      if (found) resolve(found[1]);
    });
  });
}

async function pageOf(gallery, scenario) {
  const html = await (await fetch(gallery)).text();
  const found = new RegExp(`id="${scenario}"><a href="([^"?]+)`).exec(html);
  if (!found) throw new Error(`the gallery at ${gallery} shows no ${scenario}`);
  return found[1];
}

async function visit(driver, page, network) {
  const { sessionId } = await command(driver, 'POST', '/session', { capabilities: { alwaysMatch: {
    browserName: 'chrome',
    timeouts: { script: PATIENCE, pageLoad: PATIENCE },
    'goog:chromeOptions': { args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--no-first-run'] },
    'goog:loggingPrefs': { performance: 'ALL' },
  } } });
  const session = `${driver}/session/${sessionId}`;
  try {
    await cdp(session, 'Page.addScriptToEvaluateOnNewDocument', { source: LISTEN });
    if (network) {
      await cdp(session, 'Network.enable', {});
      await cdp(session, 'Network.emulateNetworkConditions', network);
    }
    await command(session, 'POST', '/url', { url: `${page}?autorun` });
    const [paint, report] = await command(session, 'POST', '/execute/async', { script: AWAIT, args: [] });
    return { paint, report, ...requests(await command(session, 'POST', '/se/log', { type: 'performance' })) };
  } finally {
    await command(session, 'DELETE', '', undefined);
  }
}

/** What the browser asked for: the files of our page, and everything else. */
function requests(log) {
  const messages = log.map(({ message }) => JSON.parse(message).message);
  const urls = messages.filter(({ method }) => method === 'Network.requestWillBeSent').map(({ params }) => params.request.url);
  const files = urls.filter((url) => /(^[^?]*\/|\.(html|js|css|wasm|svg|ico))(\?(v=|autorun).*)?$/.test(url) && !url.includes('EIO=')).length;
  const sockets = messages.filter(({ method }) => method === 'Network.webSocketCreated').length;
  return { files, probes: urls.length - files + sockets };
}

function cdp(session, cmd, params) {
  return command(session, 'POST', '/goog/cdp/execute', { cmd, params });
}

async function command(base, method, path, body) {
  const response = await fetch(base + path, { method, body: body && JSON.stringify(body) });
  const { value } = await response.json();
  if (value?.error) throw new Error(`${path}: ${value.error}: ${value.message}`);
  return value;
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}
