// The tables of BENCHMARKS.md: first verdict, report, and what they cost, beside other tools; calls; round trips against the truth.
// Fresh browsers on a line of the benchmark's own (tests/bench/line.mjs), medians as Markdown on stdout, progress on stderr.
//   node bin/node/bench.mjs [time] [tools] [calls] [trips]      all of them without a name; RUNS=3 for less
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { driverOf, endAll, inBrowser, isThere, started, versionOf } from '../../tests/bench/browser.mjs';
import { openLine } from '../../tests/bench/line.mjs';
import { openSite, shrunk } from '../../tests/bench/site.mjs';

const RUNS = Number(process.env.RUNS ?? 7);
const ROUND_TRIPS = [0, 50, 150];
const TRUTHS = [5, 50, 200];
const TRIPS_RUNS = Math.min(RUNS, 3);
/** What a slow line of a telephone lets through, in bytes a second: 1.6 Mbit/s. */
const SLOW = 200_000;
const KNOWN = { profile: 'socketio', 'socket-path': '/socket.io/' };
const GOAL = 1.2;
const root = fileURLToPath(new URL('../..', import.meta.url));
const TABLES = { time, tools, calls, trips };
const wanted = process.argv.slice(2);

/** Runs before the page's own scripts: keeps the program's memory, the first paint, when the face is there, and long tasks. */
const WATCH = `(() => {
  const seen = window.seen = { memories: [], longTasks: [] };
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const whole = WebAssembly[name];
    WebAssembly[name] = async (...given) => {
      const made = await whole(...given);
      const { exports } = made.instance ?? made;
      seen.memories.push(...Object.values(exports).filter((value) => value instanceof WebAssembly.Memory));
      return made;
    };
  }
  new PerformanceObserver((list) => seen.longTasks.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration })))).observe({ type: 'longtask', buffered: true });
  seen.paint = new Promise((resolve) => new PerformanceObserver((list) => list.getEntriesByName('first-contentful-paint')
    .forEach(({ startTime }) => resolve(startTime))).observe({ type: 'paint', buffered: true }));
  seen.first = new Promise((resolve) => document.addEventListener('connection-doctor:progress', ({ detail }) => {
    if (detail.firstVerdict) resolve(performance.now());
  }, { capture: true }));
  seen.report = new Promise((resolve) => document.addEventListener('connection-doctor:report', () => resolve(performance.now()), { capture: true, once: true }));
})()`;
/** The face stands, and with it the program is loaded. */
const READY = `async () => {
  const face = () => document.querySelector('connection-doctor')?.shadowRoot?.querySelector('.idle, .running, .done');
  while (!face()) await new Promise(requestAnimationFrame);
  return performance.now();
}`;
/** One run from the call on: the first verdict, what it said, and the report. */
const RUN = `async (options) => {
  const element = document.querySelector('connection-doctor');
  const began = performance.now();
  let first, said;
  element.addEventListener('connection-doctor:progress', ({ detail }) => {
    if (!detail.firstVerdict) return;
    first ??= performance.now() - began;
    said ??= detail.firstVerdict;
  });
  const report = await element.run(options);
  return { first, said, report: performance.now() - began, verdict: report.verdict, causes: report.causes.map(({ code }) => code), evidence: options.wants ? report.evidence : undefined };
}`;

try {
  const strange = wanted.filter((name) => !TABLES[name]);
  if (strange.length) throw new Error(`no table ${strange.join(', ')}: there are ${Object.keys(TABLES).join(', ')}`);
  const driver = await driverOf('chromium');
  const peers = bundles();
  const site = await openSite(peers);
  console.log(`${await versionOf(driver, 'chromium')}, without a screen; medians of ${RUNS} fresh browsers, and from the least to the most in brackets.`);
  for (const [name, table] of Object.entries(TABLES)) {
    if (!wanted.length || wanted.includes(name)) await table({ driver, site, peers });
  }
  site.close();
} finally {
  endAll();
}

/** The peers as a page would have them. */
function bundles() {
  const made = new Map();
  for (const name of ['socketio', 'livekit', 'twilio']) {
    const { outputFiles } = buildSync({ entryPoints: [`${root}tests/bench/peers/${name}.js`], bundle: true, minify: true, format: 'esm', platform: 'browser', define: { global: 'globalThis' }, write: false, logLevel: 'error' });
    made.set(`${name}.js`, Buffer.from(outputFiles[0].contents));
  }
  return made;
}

/** A first visit, which runs by itself: what a person waits for. */
async function time({ driver, site }) {
  const before = '\n## Time\n\nA first visit of the page with `?autorun`, from the start of the navigation; files compressed by brotli, Node\'s socket.io 4 behind it.\n\n';
  process.stdout.write(`${before}| line | first paint, ms | face there, ms | first verdict, ms | report, ms | kB sent |\n| --- | ---: | ---: | ---: | ---: | ---: |\n`);
  const lines = [...ROUND_TRIPS.map((roundTrip) => ({ roundTrip, name: `${roundTrip} ms` })), { roundTrip: 150, rate: SLOW, name: '150 ms, 1.6 Mbit/s' }];
  for (const { name, ...line } of lines) {
    const visits = await over(site, line, `time, ${name}`, async (origin) => inBrowser(driver, 'chromium', async (browser) => {
      await browser.cdp('Page.addScriptToEvaluateOnNewDocument', { source: WATCH });
      const from = site.counted().bytes;
      await browser.open(`${origin}/diagnostics/index.html?autorun&socket-path=/socket.io/&profile=socketio`);
      const ready = await browser.call(READY);
      const [paint, first, report] = await browser.call('() => Promise.all([seen.paint, seen.first, seen.report])');
      return { paint, ready, first, report, kb: (site.counted().bytes - from) / 1000 };
    }));
    row(name, ['paint', 'ready', 'first', 'report', 'kb'].map((figure) => spread(visits, figure)));
  }
}

/** From the call on, with everything loaded before. */
async function tools({ driver, site, peers }) {
  const subjects = [
    { name: 'socket.io-client, to its upgrade', page: '/bench/socketio.html', ...peer({}), verdict: 'upgraded', end: 'upgraded', weight: weighed(peers, 'socketio.js') },
    { name: 'socket.io-client, WebSocket only', page: '/bench/socketio.html', ...peer({ transports: ['websocket'] }), verdict: 'connected', end: 'connected', weight: weighed(peers, 'socketio.js') },
    { name: 'Connection Doctor, quick, path known', page: '/diagnostics/index.html', ...ours(KNOWN), verdict: 'first', end: 'report' },
    { name: 'Connection Doctor, quick, nothing known', page: '/diagnostics/index.html', ...ours({}), verdict: 'first', end: 'report' },
  ];
  const measured = [];
  for (const subject of subjects) {
    const byLine = [];
    for (const roundTrip of ROUND_TRIPS) {
      byLine.push(await over(site, { roundTrip }, `${subject.name}, ${roundTrip} ms`, (origin) => visit(driver, site, `${origin}${subject.page}`, subject)));
    }
    measured.push({ subject, byLine });
  }
  console.log('\n## Against other tools\n\nFrom the call on, in ms; each page was loaded before, over the same line. Connected and upgraded, or first verdict and report.\n');
  console.log(`| | ${ROUND_TRIPS.map((ms) => `${ms} ms: first | end`).join(' | ')} |\n| --- |${' ---: | ---: |'.repeat(ROUND_TRIPS.length)}`);
  const upgraded = measured[0].byLine.map((visits) => median(visits.map(({ end }) => end)));
  for (const { subject, byLine } of measured) row(subject.name, byLine.flatMap((visits) => [spread(visits, 'first'), spread(visits, 'end')]));
  for (const { subject, byLine } of measured.slice(2)) {
    const ratios = byLine.map((visits, index) => median(visits.map(({ first }) => first)) / upgraded[index]);
    row(`first verdict of "${subject.name}" ÷ upgraded (goal ${GOAL})`, ratios.flatMap((ratio) => [ratio.toFixed(2), '']));
  }
  console.log('\nWhat one takes, at 0 ms. Main thread: of all its tasks from the call to the end. Memory: after a collection of garbage, the page included.\n');
  console.log('| | requests and sockets | main thread, ms | tasks over 50 ms | JS heap, kB | WebAssembly, kB | download, kB brotli |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const { subject, byLine: [visits] } of measured) {
    const figures = ['asked', 'busy', 'long', 'heap', 'wasm'].map((figure) => spread(visits, figure));
    row(subject.name, [...figures, subject.weight ? subject.weight.toFixed(1) : spread(visits, 'kb')]);
  }
}

function peer(options) {
  return { ready: 'async () => { while (!window.bench) await new Promise(requestAnimationFrame); }', measure: '(options) => window.bench(options)', options };
}

function ours(options) {
  return { ready: READY, measure: RUN, options };
}

function weighed(peers, name) {
  return shrunk(peers.get(name)).length / 1000;
}

async function visit(driver, site, url, { ready, measure, options, verdict, end }) {
  return inBrowser(driver, 'chromium', async (browser) => {
    await browser.cdp('Page.addScriptToEvaluateOnNewDocument', { source: WATCH });
    await browser.cdp('Performance.enable');
    const bytes = site.counted().bytes;
    await browser.open(url);
    await browser.call(ready);
    await browser.call('() => new Promise((resolve) => requestIdleCallback(() => requestIdleCallback(resolve)))');
    const kb = (site.counted().bytes - bytes) / 1000;
    const [before, asked] = [await browser.metrics(), site.counted()];
    const since = await browser.call('async () => performance.now()');
    const told = await browser.call(measure, options);
    const [after, now] = [await browser.metrics(), site.counted()];
    const { long, wasm } = await browser.call(`async (since) => ({
      long: seen.longTasks.filter(({ startTime }) => startTime >= since).length,
      wasm: seen.memories.reduce((all, { buffer }) => all + buffer.byteLength, 0) / 1000,
    })`, since);
    await browser.cdp('HeapProfiler.collectGarbage');
    const { JSHeapUsedSize: heap } = await browser.metrics();
    if (told.verdict && told.verdict !== 'works') process.stderr.write(` (${told.verdict}: ${told.causes})`);
    return {
      first: verdict === 'upgraded' ? told.connected : told[verdict],
      end: told[end],
      asked: now.requests + now.sockets - asked.requests - asked.sockets,
      busy: (after.TaskDuration - before.TaskDuration) * 1000,
      long, wasm, kb,
      heap: heap / 1000,
    };
  });
}

/** What LiveKit's and Twilio's own tests do against the lab's stand-in and its relay. */
async function calls({ driver, site, peers }) {
  const scenarios = ['v-healthy-livekit', 'v-healthy-turn-udp'];
  const gallery = await started('cargo', ['run', '--quiet', '--package', 'connection-doctor-lab', '--', 'serve', '--only', scenarios.join()], /The gallery: (\S+)/, { cwd: root });
  const html = await (await fetch(gallery)).text();
  const [livekit, turn] = scenarios.map((name) => {
    const found = new RegExp(`id="${name}"><a href="([^"?]+)`).exec(html);
    if (!found) throw new Error(`the gallery at ${gallery} shows no ${name}`);
    return found[1];
  });
  const settings = async (page) => (await fetch(new URL('connection-doctor.json', page))).json();
  const [call, relay] = [await settings(livekit), await settings(turn)];
  const origin = `http://127.0.0.1:${site.port}`;
  const runs = Math.min(RUNS, 3);
  const repeat = (page, ready, measure, options) => times(runs, `calls, ${page.split('/').at(-1)}`, () => inBrowser(driver, 'chromium', async (browser) => {
    await browser.open(page);
    await browser.call(ready);
    return browser.call(measure, options);
  }));
  console.log(`\n## Calls, against other tools\n\nAt 0 ms, medians of ${runs}. The lab has a stand-in for LiveKit, which joins, offers a data channel and answers media's first packets, and coturn as the relay; it is no LiveKit, so it can't publish or resume.\n`);
  console.log('| tool | what it does | result | ms | download, kB brotli |\n| --- | --- | --- | ---: | ---: |');
  const { ready, measure } = peer({});
  const checks = await repeat(`${origin}/bench/livekit.html`, ready, measure, { url: call['livekit-url'], token: call['livekit-token'], patience: 12_000 });
  const weight = weighed(peers, 'livekit.js').toFixed(1);
  checks[0].checks.forEach(({ name, status, said }, index) => {
    row(`LiveKit ConnectionCheck \`${name}\``, [said.slice(0, 90).replaceAll('|', '/'), status, spread(checks.map((one) => one.checks[index]), 'took'), weight]);
  });
  const bitrates = await repeat(`${origin}/bench/twilio.html`, ready, measure, { iceServers: relay['ice-servers'], lasts: 1_000, patience: 15_000 });
  const [one] = bitrates;
  const first = one.first === undefined ? one.errors.join('; ') || 'no figure within 15 s' : `first figure after ${spread(bitrates, 'first')} ms; ${spread(bitrates, 'kbits')} kbit/s`;
  row('Twilio `testMediaConnectionBitrate`, stopped 1 s after its first figure', [first, one.passed ? 'passed' : 'failed', spread(bitrates, 'took'), weighed(peers, 'twilio.js').toFixed(1)]);
  for (const [name, page] of [['LiveKit', livekit], ['the relay', turn]]) {
    const visits = await repeat(page, READY, RUN, {});
    row(`Connection Doctor, quick, ${name}`, [`the chat as well; verdict ${visits[0].verdict}`, visits[0].causes.join(', ') || 'no cause', spread(visits, 'report'), 'as above, and 2.9']);
  }
}

/** What our round trips say, against the line's. */
async function trips({ driver, site }) {
  const engines = ['chromium'];
  if (isThere('geckodriver')) engines.push('firefox');
  if (isThere('WebKitWebDriver') && isThere('Xvfb')) engines.push('webkit');
  console.log(`\n## Round trips against the truth\n\nThe median (p50) that a full run measures, in a worker, against the round trip that the line has; medians of ${TRIPS_RUNS} runs. The error is of the line, the server and the browser together.\n`);
  console.log(`| browser | over | ${TRUTHS.map((ms) => `${ms} ms: p50 | error`).join(' | ')} |\n| --- | --- |${' ---: | ---: |'.repeat(TRUTHS.length)}`);
  for (const engine of engines) {
    const own = engine === 'chromium' ? driver : await driverOf(engine);
    const version = await versionOf(own, engine);
    const found = [];
    for (const roundTrip of TRUTHS) {
      found.push(await over(site, { roundTrip }, `round trips, ${engine}, ${roundTrip} ms`, (origin) => inBrowser(own, engine, async (browser) => {
        await browser.open(`${origin}/diagnostics/index.html`);
        await browser.call(READY);
        const { evidence } = await browser.call(RUN.replace('options.wants', 'true'), { ...KNOWN, depth: 'full', only: 'polling,websocket,quality' });
        const of = (kind) => median(evidence.map(({ fact }) => fact).filter((fact) => fact.kind === 'round-trips' && fact.of === kind).flatMap(({ samples }) => samples)) / 1000;
        return { http: of('http'), socket: of('socket') };
      }), TRIPS_RUNS));
    }
    for (const kind of ['http', 'socket']) {
      const medians = found.map((visits) => median(visits.map((one) => one[kind])));
      row(version, [kind === 'http' ? 'HTTP' : 'WebSocket', ...medians.flatMap((ms, index) => [ms.toFixed(1), (ms - TRUTHS[index]).toFixed(1)])]);
    }
  }
}

async function over(site, line, title, work, runs = RUNS) {
  return times(runs, title, async () => {
    const open = await openLine({ port: site.port, ...line });
    try {
      return await work(`http://127.0.0.1:${open.port}`);
    } finally {
      open.close();
    }
  });
}

async function times(runs, title, work) {
  const all = [];
  for (let run = 1; run <= runs; run += 1) {
    process.stderr.write(`\r${title}: ${run} of ${runs}`);
    all.push(await work());
  }
  process.stderr.write('\n');
  return all;
}

function row(name, cells) {
  console.log(`| ${[name, ...cells].join(' | ')} |`);
}

/** The median, and from the least to the most; one figure where all are alike. */
function spread(all, figure) {
  const values = all.map((one) => one[figure]).filter(Number.isFinite);
  if (!values.length) return '-';
  const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map((value) => String(Math.round(value)));
  return least === most ? middle : `${middle} (${least}–${most})`;
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}
