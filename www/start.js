// The large half of <connection-doctor>: loads the program (WebAssembly, doctor.js + doctor_bg.wasm beside this file) with its
// texts and styles, hands it what it needs of the page, and tells why where it cannot load. connection-doctor.js imports it at
// the first need, index.js for a run without a face.

// Whole URLs as literals: the release build adds ?v=<hash> to them, so that a cache never mixes two releases; and bundlers know them.
const GLUE = new URL('./doctor.js', import.meta.url);
const WASM = new URL('./doctor_bg.wasm', import.meta.url);
// What goes with the texts about findings, and what only some runs need (`Part` in src/web/lexicon.rs). A release has it in files of
// their own (bin/node/split.mjs); else there is nothing in them.
const PARTS = {
  guidance: new URL('./doctor_guidance.wasm', import.meta.url),
  rules: new URL('./doctor_rules.wasm', import.meta.url),
  calls: new URL('./doctor_calls.wasm', import.meta.url),
  deeper: new URL('./doctor_deeper.wasm', import.meta.url),
  closer: new URL('./doctor_closer.wasm', import.meta.url),
  saved: new URL('./doctor_saved.wasm', import.meta.url),
};
// What sends a report, where a setting says where to: with texts of its own.
const SENDING = new URL('./doctor_sending.wasm', import.meta.url);
const STYLES = new URL('./connection-doctor.css', import.meta.url);
// Firefox keeps a name and password of the page's own address in that of its modules, and no URL that has them may be fetched.
const bare = (url) => Object.assign(url, { username: '', password: '' });
[GLUE, WASM, SENDING, STYLES, ...Object.values(PARTS)].forEach(bare);

const LANGUAGES = ['en', 'de', 'fr', 'es', 'pt', 'ja', 'zh', 'ar'];
// Most outages meet a page that is open already, and these can't come any more then: what an outage, a gateway or a sign-in is told by.
const AHEAD = ['rules', 'guidance', 'shared', 'net', 'auth', 'closer'];
// So long a face has been left alone before they are fetched.
const LEISURE = 2000;
const FILE_LIMIT = 64 * 1024;
const FILE_DEADLINE = 3000;
// Long, since a slow line brings the program at the same time; a report waits for its words no longer than a second (src/web/lexicon.rs).
const TEXT_DEADLINE = 30_000;
const STYLES_DEADLINE = 1500;
// An embedded copy that starts by itself waits up to this long: ten thousand of them are not to start at one moment.
const AUTORUN_SPREAD = 60_000;
// src/web/mend.rs writes it.
const REPAIR = 'connection-doctor:repair';
const NEEDED = 'Chrome or Edge 97, Firefox 102, Safari 16.4';
// What closes the panel.
const CLOSE = { en: 'Close', de: 'Schließen', fr: 'Fermer', es: 'Cerrar', pt: 'Fechar', ja: '閉じる', zh: '关闭', ar: 'إغلاق' };
const PANEL = `.panel{box-sizing:border-box;inline-size:min(48rem,100vw - 1.5rem);max-inline-size:none;max-block-size:calc(100vh - 1.5rem);max-block-size:calc(100dvh - 1.5rem);margin:auto;padding:0;border:1px solid var(--_line,transparent);border-radius:var(--_radius,12px);background:var(--_surface,canvas);color:var(--_text,canvastext);font:var(--doctor-font,1rem/1.55 system-ui,sans-serif);text-align:start;container-type:inline-size;overflow:auto;overscroll-behavior:contain}
.panel::backdrop{background:rgb(0 0 0/.5)}
.panel-bar{position:sticky;z-index:1;inset-block-start:0;display:flex;justify-content:flex-end;padding:.5rem .5rem 0;background:var(--_surface,canvas)}
.panel .doctor{padding-block-start:0}
.panel .loading{display:block;inline-size:min(16rem,80%);margin:2rem auto 3rem;accent-color:var(--_accent)}
@media print{.panel-bar{display:none}.panel{position:static;max-block-size:none;border:0}}`;

const FOLDER = import.meta.seal && import.meta.url.replace(/[^/]*$/, '');

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
/** What the program lets its parts have. */
let exported;
const parts = {};
const texts = {};
let sending;
let styles;
let panelStyles;
/** In start.sealed.js alone (`import.meta.seal`): what each file has to be, and what looks at a module before it is imported. */
let hashes;
let vouch;
/** What the launcher knows to say of a status; without an element nobody does. */
let told = () => undefined;

/** The integrity of a file. What the list does not know is refused too. */
function expected(url) {
  return hashes[String(url).replace(FOLDER, '').split('?')[0]] ?? 'sha256-none';
}

/** Before an import, which can't be told what to expect. */
function expectModule(url) {
  return vouch(String(url), expected(url));
}

/** The life of one element: its program, its face and its runs, from the first need on. */
export class Life {
  #element;
  #root;
  #mount;
  #panel;
  #settings;
  #own;
  #loading;
  #watch;
  #doctor;
  #report;
  #file;
  #timer;
  #leisure;
  #lang;
  #wanted;
  #round = 0;
  #wantsToRun = false;
  #resumes = false;
  #ranByItself = false;
  #changed = false;
  #isStale = false;

  /**
   * `launcher` is the button that opens the face in a panel, `own` the URL of the element's own file, which the browser has checked where
   * `trust` comes; `tell` says to the person what a status tells.
   */
  constructor(element, root, launcher, settings, own, tell, trust) {
    told = tell;
    if (import.meta.seal) [hashes, vouch] = trust;
    this.#element = element;
    this.#root = root;
    this.#settings = settings;
    this.#own = own;
    this.#mount = document.createElement('div');
    if (launcher) this.#makePanel();
    else root.append(this.#mount);
  }

  get report() {
    return this.#report;
  }

  /** What an element without a launcher does when it comes into the page. */
  begin() {
    this.load().then(() => this.#runByItself(), () => {});
  }

  /** Shows the face. The browser moves the focus into a modal dialog, and back when it closes. */
  open() {
    if (!this.#panel) {
      this.#element.scrollIntoView({ block: 'nearest' });
    } else if (!this.#panel.open) {
      if (!this.#doctor) this.#mount.replaceChildren(made('progress', 'loading'));
      this.#panel.showModal();
    }
  }

  /** Whether the face is in sight: a panel may have been closed while the program was loading. */
  get isShown() {
    return this.#panel?.open ?? true;
  }

  /** A dialog that was moved in the page is open and no longer modal. */
  moved() {
    if (!this.#panel?.open) return;
    this.#panel.removeAttribute('open');
    this.#panel.showModal();
  }

  /** For the face's own buttons; run() reads the attributes anyway. Several changes at a time are one. */
  changed() {
    this.#isStale = !this.#doctor;
    if (this.#isStale || this.#changed) return;
    this.#changed = true;
    queueMicrotask(async () => {
      const layers = await this.#layers({});
      this.#changed = false;
      await this.#speak(layers).catch(() => {});
      if (this.#doctor) this.#takeSettings(layers);
    });
  }

  async run(options) {
    clearTimeout(this.#timer);
    await this.load();
    const layers = await this.#layers(options);
    // Without the other language it says the same in the one of now.
    await this.#speak(layers).catch(() => {});
    if (!this.#doctor) throw new Error(TAKEN_OUT);
    this.#report = await Promise.race([this.#doctor.run(JSON.stringify(layers)), this.#watch.breakdown]);
    return this.#report;
  }

  cancel() {
    clearTimeout(this.#timer);
    this.#doctor?.cancel();
  }

  /** The element has left the page. */
  end() {
    clearTimeout(this.#timer);
    this.#endLeisure();
    this.#panel?.close();
    this.#watch?.end();
    this.#doctor?.cancel();
    this.#doctor?.unmount();
    this.#doctor = undefined;
    this.#loading = undefined;
    this.#round++;
    this.#mount.replaceChildren();
  }

  /** Loads the program and shows its face: once, and anew after a failure or after the element was away. */
  load() {
    if (!this.#loading) {
      const mine = this.#start().catch((error) => {
        if (this.#loading === mine) this.#loading = undefined;
        throw error;
      });
      this.#loading = mine;
    }
    return this.#loading;
  }

  async #start() {
    const round = this.#round;
    this.#file ??= this.#readFile();
    styles ??= loadStyles();
    const dressed = styles.then((sheet) => this.#dress(sheet));
    const spoken = this.#layers({}).then(async (layers) => {
      const lang = langOf(layers);
      return { layers, lang, face: await textOf(lang, 'face') };
    });
    // Whoever waits for it comes later.
    spoken.catch(() => {});
    try {
      assertFeatures();
      const [Doctor] = await Promise.all([loadProgram(), Promise.race([dressed, wait(STYLES_DEADLINE)])]);
      const { layers, lang, face } = await spoken;
      // It may have left and come back meanwhile, and begun anew.
      if (!this.#element.isConnected || round !== this.#round) throw new Error(TAKEN_OUT);
      this.#mount.replaceChildren();
      this.#watch = watchForBreakdown((failure) => this.#breakDown(failure));
      const stage = document.createElement('div');
      stage.className = 'stage';
      const page = pageOf(this.#own, stage, face, (name) => brought(this.#lang, name));
      this.#show(lang);
      this.#doctor = new Doctor(this.#mount, page, (name, detail) => this.#emit(name, detail));
      this.#takeSettings(layers);
      const before = takeBefore();
      if (before) {
        this.#doctor.resume(before);
        this.#resumes = true;
      }
      if (this.#isStale) this.changed();
      this.#fetchAhead();
    } catch (error) {
      if (error instanceof CannotStart && round === this.#round) this.#showFailure(error);
      throw error;
    }
  }

  /** Gives the program the settings, for its buttons; shows what is wrong with them. */
  #takeSettings(layers) {
    try {
      this.#wantsToRun = this.#doctor.autorun(JSON.stringify(layers));
    } catch {
      // Wrong settings: the face says which, and nothing starts.
      this.#wantsToRun = false;
    }
  }

  /** The face in the language that the settings ask for, where it is another one than now. */
  async #speak(layers) {
    const lang = langOf(layers);
    this.#wanted = lang;
    if (lang === this.#lang) return;
    const face = await textOf(lang, 'face');
    // The last wish counts, not the last answer.
    if (!this.#doctor || this.#wanted !== lang) return;
    this.#show(lang);
    this.#doctor.speak(face);
    this.#fetchAhead();
  }

  /** On our own element: the attributes of the host are its page's. */
  #show(lang) {
    this.#lang = lang;
    this.#root.lang = lang;
    this.#root.dir = lang === 'ar' ? 'rtl' : 'ltr';
    if (!this.#panel) return;
    this.#panel.setAttribute('aria-label', this.#element.label);
    this.#panel.querySelector('.panel-close').textContent = CLOSE[lang];
  }

  #runByItself() {
    if (!this.#wantsToRun && !this.#resumes || this.#ranByItself) return;
    this.#ranByItself = true;
    const delay = this.#resumes || this.#element.hasAttribute('use-query') ? 0 : Math.random() * AUTORUN_SPREAD;
    this.#timer = setTimeout(() => this.run({}).catch(() => {}), delay);
  }

  /** Anew after each run. What does not come leaves no trace, and is tried again by whoever needs it. */
  #fetchAhead() {
    this.#endLeisure();
    if (navigator.connection?.saveData) return;
    const mine = setTimeout(() => (globalThis.requestIdleCallback ?? setTimeout)(async () => {
      try {
        for (const name of AHEAD) {
          if (this.#leisure !== mine) return;
          await brought(this.#lang, name, 'low');
        }
      } catch {
        // The server may be away now.
      }
    }), LEISURE);
    this.#leisure = mine;
  }

  #endLeisure() {
    clearTimeout(this.#leisure);
    this.#leisure = undefined;
  }

  /** What is left of a program that broke down is not touched again, not even to end it. */
  #breakDown(failure) {
    this.#doctor = undefined;
    this.#loading = undefined;
    this.#endLeisure();
    this.#showFailure(failure);
  }

  #emit(name, detail) {
    if (this.#watch.brokeDown) return;
    if (name.endsWith('report')) {
      this.#report = detail;
      // Who has just been found away is not asked again.
      if (detail.verdict !== 'broken') this.#fetchAhead();
    } else {
      this.#endLeisure();
    }
    const type = name.includes(':') ? name : `connection-doctor:${name}`;
    this.#element.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  /** The settings of all sources, the later winning: file, attributes, the page's query, the call. */
  async #layers(options) {
    const layers = [];
    const add = (source, settings) => {
      if (Object.keys(settings).length) layers.push({ source, json: JSON.stringify(settings) });
    };
    const [element, settings] = [this.#element, this.#settings];
    const file = await this.#file;
    if (file !== undefined) layers.push({ source: 'file', json: file });
    add('attributes', Object.fromEntries(settings.filter((name) => element.hasAttribute(name))
      .map((name) => [name, element.getAttribute(name)])));
    if (element.hasAttribute('use-query')) {
      const query = new URLSearchParams(location.search);
      add('query', Object.fromEntries(settings.filter((name) => query.has(name)).map((name) => [name, query.get(name)])));
    }
    // Whatever it is: the program refuses what is no object.
    if (options !== null) layers.push({ source: 'call', json: JSON.stringify(options) });
    return layers;
  }

  /** The text of connection-doctor.json beside the page, for an element that names it; undefined where there is none. */
  async #readFile() {
    if (!this.#element.hasAttribute('config')) return undefined;
    try {
      const url = bare(new URL(this.#element.getAttribute('config') || 'connection-doctor.json', document.baseURI));
      return await within(FILE_DEADLINE, async (signal) => {
        const response = await fetch(url, { signal, cache: 'no-cache' });
        // A chat whose server answers every path with its own page has no such file.
        if (!response.ok || isHtml(response)) return undefined;
        // What is too long is cut, and then refused as no JSON.
        return (await response.text()).slice(0, FILE_LIMIT);
      });
    } catch {
      return undefined;
    }
  }

  #dress(sheet) {
    const { shadowRoot } = this.#element;
    // First: what the element itself adopted for its launcher says more exactly how it stands in the page.
    if (sheet && !shadowRoot.adoptedStyleSheets.includes(sheet)) {
      shadowRoot.adoptedStyleSheets = [sheet, ...shadowRoot.adoptedStyleSheets];
    }
  }

  #makePanel() {
    const close = made('button', 'panel-close');
    close.type = 'button';
    close.classList.add('quiet');
    close.addEventListener('click', () => this.#panel.close());
    this.#panel = made('dialog', 'panel', made('div', 'panel-bar', close), this.#mount);
    // Nobody sees any more what would go on.
    this.#panel.addEventListener('close', () => this.cancel());
    this.#root.append(this.#panel);
    this.#show(langOf([{ json: JSON.stringify({ lang: this.#element.getAttribute('lang') ?? undefined }) }]));
    try {
      if (!panelStyles) (panelStyles = new CSSStyleSheet()).replaceSync(PANEL);
      this.#element.shadowRoot.adoptedStyleSheets = [...this.#element.shadowRoot.adoptedStyleSheets, panelStyles];
    } catch {
      // A browser without constructed style sheets shows the dialog as it shows any.
    }
  }

  #showFailure({ person, operator, needsReload }) {
    const again = made('button', 'primary', needsReload ? 'Reload this page' : 'Try again');
    again.type = 'button';
    again.addEventListener('click', () => {
      // A program that trapped can't be started anew in the same page.
      if (needsReload) location.reload();
      else this.begin();
    });
    const alert = made('section', 'cannot-start',
      made('h2', 'title', 'The test can’t start'),
      made('p', 'lead', person),
      made('h3', 'heading', 'For the operator of this chat'),
      made('p', 'operator-line', operator),
      made('div', 'buttons', again));
    alert.setAttribute('role', 'alert');
    alert.lang = 'en';
    alert.dir = 'ltr';
    this.#mount.replaceChildren(made('div', 'doctor', alert));
  }
}

const TAKEN_OUT = 'The <connection-doctor> element was taken out of the page.';

/** A run without any face. `signal` ends it: everything that it opened is closed, and the promise rejects with the signal's reason. */
export async function diagnose(options = {}, { signal, onProgress } = {}) {
  if (signal?.aborted) throw signal.reason;
  assertFeatures();
  const layers = [{ source: 'call', json: JSON.stringify(options ?? {}) }];
  const lang = langOf(layers);
  const [Doctor, face] = await abortable(Promise.all([loadProgram(), textOf(lang, 'face')]), signal);
  const watch = watchForBreakdown(() => {});
  const page = pageOf(import.meta.url, null, face, (name) => brought(lang, name));
  const doctor = new Doctor(null, page, (name, detail) => {
    if (name === 'progress' && !watch.brokeDown) onProgress?.(detail);
  });
  try {
    return await abortable(Promise.race([doctor.run(JSON.stringify(layers)), watch.breakdown]), signal);
  } finally {
    watch.end();
    if (!watch.brokeDown) {
      doctor.cancel();
      doctor.unmount();
    }
  }
}

/** AbortSignal.any and the like are younger than the browsers that this runs in. */
async function abortable(promise, signal) {
  if (!signal) return promise;
  let stop;
  const aborted = new Promise((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** What the program is told of the page, and what it can't do itself. */
function pageOf(own, stage, face, words) {
  const calls = (job, signal) => doCall(Object.assign(job, { stage }), signal);
  return { origin: location.origin, path: location.pathname, ownFile: ownFile(own), measure, calls, post, stage, face, words };
}

/** The language: the one that the settings name, or the first that the browser asks for, of those that there are. */
function langOf(layers) {
  const named = layers.map(({ json }) => {
    try {
      return JSON.parse(json)?.lang;
    } catch {
      return undefined;
    }
  });
  const tags = [...named.reverse(), ...navigator.languages].map((tag) => String(tag).toLowerCase().split('-')[0]);
  return tags.find((tag) => LANGUAGES.includes(tag)) ?? 'en';
}

/** A catalogue's JSON; the English one where it does not come. */
function textOf(lang, chunk, priority) {
  return keepText(lang, chunk, priority).catch((failure) => {
    if (lang === 'en') throw failure;
    return keepText('en', chunk, priority);
  });
}

/** One download for all who ask. A failure may be tried again. */
function keepText(lang, chunk, priority) {
  const name = `${lang}/${chunk}`;
  texts[name] ??= readText(lang, chunk, priority).catch((error) => {
    texts[name] = undefined;
    throw error;
  });
  return texts[name];
}

/** What the program asks for by its name: a part of it, or of its texts. */
function brought(lang, name, priority) {
  return PARTS[name] ? loadPart(name, priority) : guided(lang, name, priority);
}

/** The texts about findings, and before them the code that says them: who has the words may ask for them. */
async function guided(lang, chunk, priority) {
  const [text] = await Promise.all([textOf(lang, chunk, priority), chunk === 'sending' ? loadSending() : loadPart('guidance')]);
  return text;
}

async function readText(lang, chunk, priority) {
  const url = bare(new URL(`./texts/${lang}/${chunk}.json`, import.meta.url));
  // A bundler may put small files into the URL itself, which a Content Security Policy forbids to fetch.
  if (url.protocol === 'data:') return fromDataUrl(url.href);
  try {
    return await within(TEXT_DEADLINE, async (signal) => {
      const text = await (await fetchFile(url, 'application/json', signal, priority)).text();
      JSON.parse(text);
      return text;
    });
  } catch (error) {
    if (error instanceof CannotStart) throw error;
    if (import.meta.seal && await isAnother(url)) throw another(url);
    throw error instanceof SyntaxError
      ? new CannotStart(BADLY_SET_UP, `${url.pathname} is damaged: copy all files of the release into this folder.`)
      : new CannotStart(UNFINISHED, `${url.pathname} did not come: a network error, or longer than ${TEXT_DEADLINE / 1000} s.`);
  }
}

function fromDataUrl(url) {
  const [kind, body] = [url.slice(0, url.indexOf(',')), url.slice(url.indexOf(',') + 1)];
  return kind.endsWith(';base64')
    ? new TextDecoder().decode(Uint8Array.from(atob(body), (character) => character.charCodeAt(0)))
    : decodeURIComponent(body);
}

function made(tag, part, ...children) {
  const element = document.createElement(tag);
  element.className = part;
  element.setAttribute('part', part);
  element.append(...children);
  return element;
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
function ownFile(own) {
  const url = bare(new URL(own));
  return url.origin === location.origin ? url.href : location.href;
}

/** Measures round trips in a worker, since the page's own work would be measured too; in the page where no worker may be. */
async function measure(job, signal) {
  // The file itself says where it is, bundled or not.
  if (import.meta.seal) await expectModule(FOLDER + 'round-trips.js');
  const { measure: here, file } = await import('./round-trips.js');
  let worker;
  try {
    // No browser looks at the integrity of a worker's script.
    if (import.meta.seal) throw new TypeError(file);
    worker = new Worker(trusted(file), { type: 'module' });
    const told = await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = reject;
      signal.addEventListener('abort', reject);
      worker.postMessage(job);
    });
    return { inWorker: true, ...told };
  } catch {
    if (signal.aborted) return undefined;
    return { inWorker: false, ...(await here(job, signal)) };
  } finally {
    worker?.terminate();
  }
}

let policy;

/** Where a page demands Trusted Types, a worker's URL has to come from a policy: this one lets our own file pass and nothing else. */
function trusted(file) {
  policy ??= globalThis.trustedTypes?.createPolicy('connection-doctor', {
    createScriptURL(url) {
      if (url !== file) throw new TypeError(url);
      return url;
    },
  });
  return policy?.createScriptURL(file) ?? file;
}

/** Peer connections and devices: only a chat with calls loads that file. What it tells comes as JSON. */
async function doCall(job, signal) {
  if (import.meta.seal) await expectModule(FOLDER + 'calls.js');
  const calls = await import('./calls.js');
  return JSON.stringify(await calls[job.does](job, signal));
}

/** One attempt to send a report. */
async function post(job) {
  const { post: attempt } = await sender();
  return attempt(job);
}

/** `work` with a signal that aborts after so many milliseconds. AbortSignal.timeout is younger than the browsers that this runs in. */
async function within(milliseconds, work) {
  const abort = new AbortController();
  const deadline = setTimeout(() => abort.abort(), milliseconds);
  try {
    return await work(abort.signal);
  } finally {
    clearTimeout(deadline);
  }
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
    const response = await (import.meta.seal ? fetch(STYLES, { integrity: expected(STYLES) }) : fetch(STYLES));
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
  const missing = ['fetch', 'AbortController', 'Promise'].filter((name) => typeof globalThis[name] !== 'function');
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
  connectAnonymously();
  const fetched = (import.meta.seal ? fetch(WASM, { integrity: expected(WASM) }) : fetch(WASM)).then((response) => ({ response }), (error) => ({ error }));
  try {
    if (import.meta.seal) await expectModule(glue).catch(async (error) => { throw await whyNotScript(glue, error, violations); });
    const module = await import(/* @vite-ignore */ /* webpackIgnore: true */ glue.href).catch(async (error) => {
      throw await whyNotScript(glue, error, violations);
    });
    const { response, error } = await fetched;
    if (error) throw await whyNotFetched(WASM, violations);
    assertServed(WASM, response, 'application/wasm');
    // The glue streams it, and falls back to the whole file where the type is not application/wasm.
    exported = await module.default({ module_or_path: response }).catch(async (failure) => {
      throw await whyNotCompiled(failure, violations);
    });
    return module.Doctor;
  } finally {
    document.removeEventListener('securitypolicyviolation', note);
  }
}

/**
 * A run's first question carries no credentials, and browsers keep connections for such requests apart from those that brought this
 * file (measured): one is opened while the program loads, or each run would wait a round trip or two longer.
 */
function connectAnonymously() {
  if (location.origin === 'null' || !document.head) return;
  const link = document.createElement('link');
  Object.assign(link, { rel: 'preconnect', href: location.origin, crossOrigin: 'anonymous' });
  document.head.append(link);
  link.remove();
}

/** A part shares memory and table with the program, and puts its functions into their places there. */
function loadPart(name, priority) {
  parts[name] ??= fetchPart(PARTS[name], priority).catch((error) => {
    parts[name] = undefined;
    throw error;
  });
  return parts[name];
}

async function sender() {
  if (import.meta.seal) await expectModule(FOLDER + 'send.js');
  return import('./send.js');
}

function loadSending() {
  sending ??= Promise.all([fetchPart(SENDING), sender()]).catch((error) => {
    sending = undefined;
    throw error;
  });
  return sending;
}

/** A file of ours is the same for everybody: what a server refuses with this browser's cookies it may give without them. */
async function fetchFile(url, type, signal, priority) {
  let status;
  const ask = async (credentials) => {
    const response = await fetch(url, { signal, priority, credentials, ...(import.meta.seal && { integrity: expected(url) }) });
    ({ status } = response);
    assertServed(url, response, type);
    return response;
  };
  return ask('same-origin').catch((error) => {
    // Who has had too many requests is not sent another.
    if (status === 429) throw error;
    return ask('omit').catch(() => { throw error; });
  });
}

async function fetchPart(url, priority) {
  const code = await within(TEXT_DEADLINE, async (signal) => (await fetchFile(url, 'application/wasm', signal, priority)).arrayBuffer());
  await WebAssembly.instantiate(code, { m: exported });
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
    response = await fetch(url, { cache: 'no-store', redirect: 'manual' });
  } catch {
    return whyNotFetched(url, violations);
  }
  try {
    assertServed(url, response, 'text/javascript');
  } catch (reason) {
    return reason;
  }
  if (import.meta.seal) return another(url);
  return new CannotStart(UNFINISHED, `${url.pathname} is served, but the browser could not run it: ${error.message}`);
}

async function whyNotFetched(url, violations) {
  if (await violated(violations, (v) => v.effectiveDirective === 'connect-src' && v.blockedURI.startsWith(url.origin))) {
    return new CannotStart(BADLY_SET_UP,
      `The page’s Content-Security-Policy forbids to fetch ${url.pathname}: add ${sourceFor(url)} to its connect-src.`);
  }
  if (import.meta.seal && await isAnother(url)) return another(url);
  const foreign = url.origin === location.origin ? ''
    : ` It is on another origin than the page: it must be served with the header Access-Control-Allow-Origin: ${location.origin}.`;
  return new CannotStart(UNFINISHED, `${url.pathname} did not come: a network error.${foreign}`);
}

/** Whether it comes, and was refused for what it is. */
async function isAnother(url) {
  return fetch(url, { cache: 'no-store' }).then(({ ok }) => ok, () => false);
}

function another(url) {
  return new CannotStart('The test is not started, because a file of it is not the one that this page asks for. Please tell the people '
    + 'who run this chat what stands below.',
  `${url.pathname} is another file than the integrity in the page’s script line asks for: it was changed, or is of another release. Copy `
    + 'all files of one release, and take the line from its integrity.txt.');
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

function notServed({ pathname }, { status }) {
  return status === 404 || status === 410
    ? new CannotStart(BADLY_SET_UP, `${pathname} is missing (HTTP ${status}): copy all files of the release into this folder.`)
    : new CannotStart(told(status) ?? UNFINISHED, `${pathname} is answered with ${status ? `HTTP ${status}` : 'a redirect'}.`);
}

/** Throws the reason why this answer is not the file; for a wrong type, with the line that mends it. */
function assertServed(url, response, type) {
  const name = url.pathname;
  if (/\/\.vite\/deps\//.test(name) && (!response.ok || isHtml(response))) {
    throw new CannotStart(BADLY_SET_UP, 'Vite’s development server took this package’s scripts away from beside its program. In '
      + 'vite.config: optimizeDeps: { exclude: [\'connection-doctor\'] }');
  }
  if (!response.ok) throw notServed(url, response);
  const served = contentType(response);
  if (served === 'text/html') {
    // Our files have no other address; a sign-in has.
    if (response.redirected) throw notServed(url, { status: 0 });
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

/** The page may run WebAssembly of its own: a trap with its frames, and none of ours, is not our matter. Bundlers rename our files. */
function isOfAnotherProgram({ stack = '' }) {
  return /\.wasm|wasm:\/\//.test(stack) && ![GLUE, WASM, SENDING, ...Object.values(PARTS)].some(({ pathname }) => stack.includes(pathname));
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
