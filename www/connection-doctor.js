// <connection-doctor>: the element class. Plain JavaScript without dependencies, because it is what speaks when the
// program (WebAssembly, doctor.js + doctor_bg.wasm beside this file) cannot load, and tells why.
//
//   <script type="module" src="/diagnostics/connection-doctor.js"></script>
//   <connection-doctor socket-path="/ws/socket.io/"></connection-doctor>
//
// element.run(options) -> Promise of the report, element.cancel(), element.report, and the events
// connection-doctor:progress and connection-doctor:report. Nothing is sent anywhere but to the chat's server.

// Whole URLs as literals: the release build adds ?v=<hash> to them, so that a cache never mixes two releases.
const GLUE = new URL('./doctor.js', import.meta.url);
const WASM = new URL('./doctor_bg.wasm', import.meta.url);
const STYLES = new URL('./connection-doctor.css', import.meta.url);
const ROUND_TRIPS = new URL('./round-trips.js', import.meta.url);
const CALLS = new URL('./calls.js', import.meta.url);

// The settings of src/profile.rs (SETTINGS there; a test compares); `config` is ours: where the file is.
const SETTINGS = ['server', 'socket-path', 'profile', 'health-path', 'user-path', 'help-path', 'credentials',
  'request-headers', 'response-headers', 'storage-keys', 'namespace', 'chat-page', 'ws-url', 'stream-url',
  'echo-event', 'affinity-cookie', 'grpc-url', 'ladder', 'livekit-url', 'livekit-token', 'ice-servers',
  'webtransport-url', 'devices', 'depth', 'autorun', 'only', 'lang'];
const FILE_LIMIT = 64 * 1024;
const FILE_DEADLINE = 3000;
const STYLES_DEADLINE = 1500;
// An embedded copy that starts by itself waits up to this long: ten thousand of them are not to start at one moment.
const AUTORUN_SPREAD = 3000;
// src/web/mend.rs writes it.
const REPAIR = 'connection-doctor:repair';
const NEEDED = 'Chrome or Edge 97, Firefox 102, Safari 16.4';

/** The program cannot start. `person` and `operator` are a sentence or two each; the message is both. */
class CannotStart extends Error {
  constructor(person, operator) {
    super(`${person} ${operator}`);
    this.name = 'CannotStart';
    this.person = person;
    this.operator = operator;
  }
}

let program;
let styles;

class ConnectionDoctor extends HTMLElement {
  #mount;
  #loading;
  #watch;
  #doctor;
  #report;
  #file;
  #timer;
  #wantsToRun = false;
  #resumes = false;
  #ranByItself = false;
  #changed = false;

  static observedAttributes = SETTINGS;

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: 'open' });
    this.#mount = shadow.appendChild(document.createElement('div'));
  }

  /** The last report as a plain object; undefined before the first. www/report.schema.json describes it. */
  get report() {
    return this.#report;
  }

  connectedCallback() {
    this.#load().then(() => this.#runByItself(), () => {});
  }

  disconnectedCallback() {
    // Moving an element disconnects and connects it in one go; only one that stays away is taken down.
    queueMicrotask(() => {
      if (!this.isConnected) this.#takeDown();
    });
  }

  /** For the face's own buttons; run() reads the attributes anyway. Several changes at a time are one. */
  attributeChangedCallback() {
    if (!this.#doctor || this.#changed) return;
    this.#changed = true;
    queueMicrotask(async () => {
      const layers = await this.#layers({});
      this.#changed = false;
      if (this.#doctor) this.#takeSettings(layers);
    });
  }

  /** Runs once. Rejects with an Error that says what to change where a setting is wrong or the program cannot start. */
  async run(options = {}) {
    if (!this.isConnected) throw new Error('Put the <connection-doctor> element into the page before run().');
    clearTimeout(this.#timer);
    await this.#load();
    const layers = await this.#layers(options);
    if (!this.#doctor) throw new Error('The <connection-doctor> element was taken out of the page.');
    this.#report = await Promise.race([this.#doctor.run(layers), this.#watch.breakdown]);
    return this.#report;
  }

  /** Stops the present run; its report, of what was seen so far, still comes. */
  cancel() {
    clearTimeout(this.#timer);
    this.#doctor?.cancel();
  }

  /** Loads the program and shows its face: once, and anew after a failure or after the element was away. */
  #load() {
    this.#loading ??= this.#start().catch((error) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #start() {
    this.#file ??= this.#readFile();
    styles ??= loadStyles();
    const dressed = styles.then((sheet) => {
      if (sheet) this.shadowRoot.adoptedStyleSheets = [sheet];
    });
    try {
      assertFeatures();
      const [Doctor] = await Promise.all([loadProgram(), Promise.race([dressed, wait(STYLES_DEADLINE)])]);
      const layers = await this.#layers({});
      if (!this.isConnected) throw new Error('The <connection-doctor> element was taken out of the page.');
      this.#mount.replaceChildren();
      this.#watch = watchForBreakdown((failure) => this.#breakDown(failure));
      const stage = document.createElement('div');
      stage.className = 'stage';
      const calls = (job, signal) => doCall(Object.assign(job, { stage }), signal);
      const page = { origin: location.origin, path: location.pathname, ownFile: ownFile(), measure, calls, stage };
      this.#doctor = new Doctor(this.#mount, page, (name, detail) => this.#emit(name, detail));
      this.#takeSettings(layers);
      const before = takeBefore();
      if (before) {
        this.#doctor.resume(before);
        this.#resumes = true;
      }
    } catch (error) {
      if (error instanceof CannotStart) this.#showFailure(error);
      throw error;
    }
  }

  /** Gives the program the settings, for its buttons; shows what is wrong with them. */
  #takeSettings(layers) {
    try {
      this.#wantsToRun = this.#doctor.autorun(layers);
    } catch {
      // Wrong settings: the face says which, and nothing starts.
      this.#wantsToRun = false;
    }
  }

  #runByItself() {
    if (!this.#wantsToRun && !this.#resumes || this.#ranByItself) return;
    this.#ranByItself = true;
    const delay = this.#resumes || this.hasAttribute('use-query') ? 0 : Math.random() * AUTORUN_SPREAD;
    this.#timer = setTimeout(() => this.run().catch(() => {}), delay);
  }

  #takeDown() {
    clearTimeout(this.#timer);
    this.#watch?.end();
    this.#doctor?.cancel();
    this.#doctor?.unmount();
    this.#doctor = undefined;
    this.#loading = undefined;
    this.#mount.replaceChildren();
  }

  /** What is left of a program that broke down is not touched again, not even to end it. */
  #breakDown(failure) {
    this.#doctor = undefined;
    this.#loading = undefined;
    this.#showFailure(failure);
  }

  #emit(name, detail) {
    if (this.#watch.brokeDown) return;
    if (name.endsWith('report')) this.#report = detail;
    const type = name.includes(':') ? name : `connection-doctor:${name}`;
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  /** The settings of all sources, the later winning: file, attributes, the page's query, the call. */
  async #layers(options) {
    const layers = [];
    const add = (source, settings) => {
      if (Object.keys(settings).length) layers.push({ source, json: JSON.stringify(settings) });
    };
    const file = await this.#file;
    if (file !== undefined) layers.push({ source: 'file', json: file });
    add('attributes', Object.fromEntries(SETTINGS.filter((name) => this.hasAttribute(name))
      .map((name) => [name, this.getAttribute(name)])));
    if (this.hasAttribute('use-query')) {
      const query = new URLSearchParams(location.search);
      add('query', Object.fromEntries(SETTINGS.filter((name) => query.has(name)).map((name) => [name, query.get(name)])));
    }
    add('call', options);
    return JSON.stringify(layers);
  }

  /** The text of connection-doctor.json beside the page, for an element that names it; undefined where there is none. */
  async #readFile() {
    if (!this.hasAttribute('config')) return undefined;
    const abort = new AbortController();
    const deadline = setTimeout(() => abort.abort(), FILE_DEADLINE);
    try {
      const url = new URL(this.getAttribute('config') || 'connection-doctor.json', document.baseURI);
      const response = await fetch(url, { signal: abort.signal, cache: 'no-cache' });
      // A chat whose server answers every path with its own page has no such file.
      if (!response.ok || isHtml(response)) return undefined;
      // What is too long is cut, and then refused as no JSON.
      return (await response.text()).slice(0, FILE_LIMIT);
    } catch {
      return undefined;
    } finally {
      clearTimeout(deadline);
    }
  }

  #showFailure({ person, operator, needsReload }) {
    const element = (tag, part, ...children) => {
      const made = document.createElement(tag);
      made.className = part;
      made.setAttribute('part', part);
      made.append(...children);
      return made;
    };
    const again = element('button', 'primary', needsReload ? 'Reload this page' : 'Try again');
    again.type = 'button';
    again.addEventListener('click', () => {
      // A program that trapped can't be started anew in the same page.
      if (needsReload) location.reload();
      else this.#load().then(() => this.#runByItself(), () => {});
    });
    const alert = element('section', 'cannot-start',
      element('h2', 'title', 'The test can’t start'),
      element('p', 'lead', person),
      element('h3', 'heading', 'For the operator of this chat'),
      element('p', 'operator-line', operator),
      element('div', 'buttons', again));
    alert.setAttribute('role', 'alert');
    this.#mount.replaceChildren(element('div', 'doctor', alert));
  }
}

/** What was before a repair that loaded the page anew. It is taken away at once, so the page runs again once and never in a circle. */
function takeBefore() {
  try {
    const before = sessionStorage.getItem(REPAIR);
    sessionStorage.removeItem(REPAIR);
    return before;
  } catch {
    return null;
  }
}

/** A file of this page that surely is there: what the program asks its own server for. */
function ownFile() {
  const own = new URL(import.meta.url);
  return own.origin === location.origin ? own.href : location.href;
}

/** Measures round trips in a worker, since the page's own work would be measured too; in the page where no worker may be. */
async function measure(job, signal) {
  let worker;
  try {
    worker = new Worker(ROUND_TRIPS, { type: 'module' });
    const told = await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = reject;
      signal.addEventListener('abort', reject);
      worker.postMessage(job);
    });
    return { inWorker: true, ...told };
  } catch {
    if (signal.aborted) return undefined;
    const { measure: here } = await import(ROUND_TRIPS);
    return { inWorker: false, ...(await here(job, signal)) };
  } finally {
    worker?.terminate();
  }
}

/** Peer connections and devices: only a chat with calls loads that file. What it tells comes as JSON. */
async function doCall(job, signal) {
  const calls = await import(CALLS);
  return JSON.stringify(await calls[job.does](job, signal));
}

function wait(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function contentType(response) {
  return (response.headers.get('content-type') ?? '').split(';')[0].trim().toLowerCase();
}

function isHtml(response) {
  return contentType(response) === 'text/html';
}

/** A constructed style sheet, which a Content Security Policy does not forbid; undefined where there is none. */
async function loadStyles() {
  try {
    const response = await fetch(STYLES);
    if (!response.ok || isHtml(response)) return undefined;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(await response.text());
    return sheet;
  } catch {
    // Without styles it is plain, and says the same.
    return undefined;
  }
}

function assertFeatures() {
  if (typeof WebAssembly !== 'object') {
    throw new CannotStart(
      'This browser has WebAssembly switched off, or is too old for this test. On an iPhone in Lockdown Mode, allow this '
        + 'site in Settings, or open this page in another browser.',
      `The test needs WebAssembly: ${NEEDED} or newer.`);
  }
  const missing = ['fetch', 'AbortController', 'Promise', 'WebSocket'].filter((name) => typeof globalThis[name] !== 'function');
  if (missing.length) throw tooOld(`It lacks ${missing.join(', ')}.`);
}

function tooOld(why) {
  return new CannotStart(
    'This browser is too old for this test. Update it, or open this page in another browser.',
    `The test needs ${NEEDED} or newer. ${why}`);
}

/** The class Doctor of the program; one download for all elements of the page. A failure may be tried again. */
function loadProgram() {
  program ??= fetchProgram().catch((error) => {
    program = undefined;
    throw error;
  });
  return program;
}

let attempts = 0;

async function fetchProgram() {
  const violations = [];
  const note = (event) => violations.push(event);
  document.addEventListener('securitypolicyviolation', note);
  // A module that failed to load is remembered as failed by some browsers, unless it has another name.
  const glue = new URL(GLUE);
  if (attempts++) glue.searchParams.set('try', attempts);
  const fetched = fetch(WASM).then((response) => ({ response }), (error) => ({ error }));
  try {
    const module = await import(glue.href).catch(async (error) => {
      throw await whyNotScript(glue, error, violations);
    });
    const { response, error } = await fetched;
    if (error) throw await whyNotFetched(WASM, violations);
    assertServed(WASM, response, 'application/wasm');
    // The glue streams it, and falls back to the whole file where the type is not application/wasm.
    await module.default({ module_or_path: response }).catch(async (failure) => {
      throw await whyNotCompiled(failure, violations);
    });
    return module.Doctor;
  } finally {
    document.removeEventListener('securitypolicyviolation', note);
  }
}

const UNFINISHED = 'The test could not be loaded. The chat’s server may be away, or this network in the way: wait a minute, '
  + 'then try again.';
const BADLY_SET_UP = 'The test is not set up correctly on this server, so it can’t start. Please tell the people who run this chat '
  + 'what stands below.';

async function whyNotScript(url, error, violations) {
  if (await violated(violations, (v) => isScriptDirective(v) && v.blockedURI.startsWith(url.origin))) {
    return new CannotStart(BADLY_SET_UP,
      `The page’s Content-Security-Policy forbids ${url.pathname}: add ${sourceFor(url)} to its script-src.`);
  }
  if (error instanceof SyntaxError) return tooOld('Its JavaScript is older than ES2022, or doctor.js is damaged.');
  // An import tells no reason; a fetch of the same file tells status and type.
  let response;
  try {
    response = await fetch(url, { cache: 'no-store' });
  } catch {
    return whyNotFetched(url, violations);
  }
  try {
    assertServed(url, response, 'text/javascript');
  } catch (reason) {
    return reason;
  }
  return new CannotStart(UNFINISHED, `${url.pathname} is served, but the browser could not run it: ${error.message}`);
}

async function whyNotFetched(url, violations) {
  if (await violated(violations, (v) => v.effectiveDirective === 'connect-src' && v.blockedURI.startsWith(url.origin))) {
    return new CannotStart(BADLY_SET_UP,
      `The page’s Content-Security-Policy forbids to fetch ${url.pathname}: add ${sourceFor(url)} to its connect-src.`);
  }
  const foreign = url.origin === location.origin ? ''
    : ` It is on another origin than the page: it must be served with the header Access-Control-Allow-Origin: ${location.origin}.`;
  return new CannotStart(UNFINISHED, `${url.pathname} did not come: a network error.${foreign}`);
}

async function whyNotCompiled(failure, violations) {
  const told = /content.security.policy|\bcsp\b|unsafe-eval/i.test(failure.message);
  if (told || await violated(violations, (v) => isScriptDirective(v) && v.blockedURI === 'wasm-eval')) {
    return new CannotStart(BADLY_SET_UP,
      'The page’s Content-Security-Policy forbids WebAssembly: add \'wasm-unsafe-eval\' to its script-src.');
  }
  if (failure instanceof WebAssembly.LinkError) {
    return new CannotStart(`${BADLY_SET_UP} Reloading the page may help.`,
      'doctor.js and doctor_bg.wasm are of two releases: deploy all files of a release together, and clear the caches in front.');
  }
  if (failure instanceof WebAssembly.CompileError) return tooOld(`Or doctor_bg.wasm is damaged: ${failure.message}`);
  if (failure instanceof TypeError) return new CannotStart(UNFINISHED, `doctor_bg.wasm broke off on its way: ${failure.message}`);
  return new CannotStart(UNFINISHED, `The program stopped while it started: ${failure.message}`);
}

/** Throws the reason why this answer is not the file; for a wrong type, with the line that mends it. */
function assertServed(url, response, type) {
  const name = url.pathname;
  if (!response.ok) {
    throw new CannotStart(response.status === 404 ? BADLY_SET_UP : UNFINISHED, response.status === 404
      ? `${name} is missing (HTTP 404): copy all files of the release into this folder.`
      : `${name} is answered with HTTP ${response.status}.`);
  }
  const served = contentType(response);
  if (served === 'text/html') {
    throw new CannotStart(BADLY_SET_UP,
      `${name} is answered with an HTML page: the file is missing, or the server answers every path with the chat’s own page, or `
        + 'asks to sign in first. Serve the files of this folder as they are.');
  }
  if (type === 'text/javascript' && !/(java|ecma)script$/.test(served)) {
    throw new CannotStart(BADLY_SET_UP,
      `${name} is served as ${served || 'nothing'}, so browsers refuse to run it. It must be ${type}. In nginx: `
        + 'types { text/javascript js; application/wasm wasm; text/css css; text/html html; application/json json; }');
  }
}

/**
 * A trap in WebAssembly leaves promises that never settle; the window hears of it all the same. `breakdown` rejects then, and
 * nothing of the broken program is to be believed.
 */
function watchForBreakdown(tell) {
  const watch = { brokeDown: false };
  watch.breakdown = new Promise((_, reject) => {
    const hear = (event) => {
      const failure = event.error ?? event.reason;
      if (!(failure instanceof WebAssembly.RuntimeError) || isOfAnotherProgram(failure)) return;
      watch.brokeDown = true;
      watch.end();
      const said = new CannotStart('The test itself broke down, which says nothing about the chat. Reload this page and try again.',
        `The program of the test stopped: ${failure.message}. Please report it, with the address of this page.`);
      said.needsReload = true;
      tell(said);
      reject(said);
    };
    watch.end = () => {
      removeEventListener('error', hear);
      removeEventListener('unhandledrejection', hear);
    };
    addEventListener('error', hear);
    addEventListener('unhandledrejection', hear);
  });
  // Nobody may be waiting: a breakdown is no unhandled rejection of its own.
  watch.breakdown.catch(() => {});
  return watch;
}

/** The page may run WebAssembly of its own: a trap with its frames, and none of ours, is not our matter. */
function isOfAnotherProgram({ stack = '' }) {
  return /\.wasm|wasm:\/\//.test(stack) && !/doctor(_bg)?\.(js|wasm)/.test(stack);
}

function isScriptDirective({ effectiveDirective }) {
  return effectiveDirective === 'script-src' || effectiveDirective === 'script-src-elem';
}

function sourceFor(url) {
  return url.origin === location.origin ? '\'self\'' : url.origin;
}

/** The event may come after the failure that it explains. */
async function violated(violations, matches) {
  if (!violations.some(matches)) await wait(50);
  return violations.some(matches);
}

customElements.get('connection-doctor') ?? customElements.define('connection-doctor', ConnectionDoctor);

export { ConnectionDoctor };
