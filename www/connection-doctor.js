// <connection-doctor>: the element, and its launcher. Plain JavaScript without dependencies and small, because a page pays
// for it before anybody asks for anything. What is large is in start.js, loaded at the first need.
//
//   <script type="module" src="/diagnostics/connection-doctor.js"></script>
//   <connection-doctor socket-path="/ws/socket.io/"></connection-doctor>      the face, at once
//   <connection-doctor launcher></connection-doctor>                          a button, which opens it
//   <connection-doctor launcher="offer" watch-selector="#error">              a button, where there is trouble
//
// element.run(options) -> Promise of the report, element.cancel(), element.report, element.open(), element.watch(socket), and the
// events connection-doctor:progress, :report and :offer. Nothing is sent anywhere but to the chat's
// server, and a report where a setting and a click say.

import { follow, watch } from './watch.js';

// The settings of src/profile.rs (SETTINGS there; a test compares); `config` is ours: where the file is.
const SETTINGS = ['server', 'socket-path', 'socket-query', 'profile', 'health-path', 'user-path', 'help-path',
  'credentials', 'request-headers', 'response-headers', 'storage-keys', 'namespace', 'chat-page', 'ws-url', 'ws-protocols',
  'stream-url', 'echo-event', 'affinity-cookie', 'grpc-url', 'ladder', 'livekit-url', 'livekit-token', 'ice-servers',
  'webtransport-url', 'devices', 'seen', 'report-url', 'otlp-url', 'depth', 'autorun', 'only', 'lang'];
const FOLDER = import.meta.url.replace(/[^/]*$/, '');
// How long an offer stays after what brought it has gone from the page: some alerts show themselves for seconds.
const LINGER = 30_000;
/** A page that changes all the time is looked at four times a second at most, and only after it changed. */
const LOOK = 250;
// The button; the button where there is trouble; the trouble.
const WORDS = {
  en: ['Check the connection', 'Find out why', 'The chat has trouble with its connection.'],
  de: ['Verbindung prüfen', 'Ursache finden', 'Der Chat hat Probleme mit seiner Verbindung.'],
  fr: ['Vérifier la connexion', 'Trouver la cause', 'Le chat a un problème de connexion.'],
  es: ['Comprobar la conexión', 'Averiguar la causa', 'El chat tiene problemas de conexión.'],
  pt: ['Verificar a conexão', 'Descobrir a causa', 'O chat está com problemas de conexão.'],
  ja: ['接続を確認', '原因を調べる', 'チャットの接続に問題があります。'],
  zh: ['检查连接', '查找原因', '聊天的连接有问题。'],
  ar: ['فحص الاتصال', 'معرفة السبب', 'توجد مشكلة في اتصال المحادثة.'],
};
// What the person reads where the test can't be loaded.
const TELLS = 'The test could not be loaded, and that tells something already: ';
const LATER = '. Wait a minute, then try again. If it stays so, tell the people who run this chat.';
const SIGNED_OUT = '. Most likely the sign-in has ended. Reload this page, and sign in.';
const UNTOLD = 'The test could not be loaded. Please tell the people who run this chat what stands below.';
const ABSENT = 'The test could not be loaded. The server of this page answers, so the way to it works; what is missing is the test. Please tell the '
  + 'people who run this chat what stands below.';
const STYLES = `:host([launcher]){display:inline-block;container-type:normal}
:host([hidden]),[hidden]{display:none!important}
.launcher{min-height:2.75rem;padding:.5rem 1.125rem;border:1px solid transparent;border-radius:var(--doctor-launcher-radius,999px);background:var(--doctor-accent,#0b6b66);color:var(--doctor-on-accent,#fff);font:var(--doctor-launcher-font,550 1rem/1.25 system-ui,sans-serif);cursor:pointer}
.launcher:hover{filter:brightness(1.12)}
.launcher:focus-visible{outline:3px solid var(--doctor-accent,#0b6b66);outline-offset:2px}
.launcher[aria-busy=true]{cursor:progress;opacity:.7}
.cannot-load{max-width:36rem;padding:.5rem 1.25rem 1.25rem;border:1px solid;border-radius:.75rem;background:canvas;color:canvastext;font:1rem/1.5 system-ui,sans-serif}
.said{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (prefers-color-scheme:dark){.launcher{background:var(--doctor-accent,#5cc9c0);color:var(--doctor-on-accent,#06201e)}}`;

let styles;
let tries = 0;
/** Of a sealed page: what each file has to be. */
let hashes;

// After a repair one launcher goes on, not each of the page.
let resumed = false;

// A server that renders pages may import this file too.
class ConnectionDoctor extends (globalThis.HTMLElement ?? Object) {
  #root;
  #life;
  #loading;
  #button;
  #said;
  #seen;
  #observer;
  #reasons = new Set();
  #timer;
  #isOffered = false;
  #watches = new Set();

  static observedAttributes = [...SETTINGS, 'launcher', 'label', 'watch-selector'];

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: 'open' }).appendChild(document.createElement('div'));
  }

  /** The last report as a plain object; undefined before the first. www/report.schema.json describes it. */
  get report() {
    return this.#life?.report;
  }

  /** What the launcher says now, in the element's language, for a button of the page's own. */
  get label() {
    return this.#words()[this.#isOffered ? 1 : 0];
  }

  connectedCallback() {
    this.#life?.moved();
    if (this.hasAttribute('launcher')) {
      this.#showLauncher();
      // After a repair the page was loaded anew, and goes on where it was.
      if (!resumed && wasRepaired()) {
        resumed = true;
        this.open().catch(() => {});
      }
    } else {
      this.#load().then((life) => life.begin(), () => {});
    }
    if (!this.#observer) this.#observe();
  }

  disconnectedCallback() {
    // Moving an element disconnects and connects it in one go; only one that stays away is taken down.
    queueMicrotask(() => {
      if (this.isConnected) return;
      clearTimeout(this.#timer);
      this.#observer?.disconnect();
      this.#observer = undefined;
      for (const end of this.#watches) end();
      this.#withdraw();
      this.#life?.end();
    });
  }

  attributeChangedCallback(name) {
    if (!this.isConnected) return;
    if (name === 'watch-selector') this.#observe();
    else this.#life?.changed();
    if (this.#button) this.#showLauncher();
  }

  /** Runs once. Rejects with an Error that says what to change where a setting is wrong or the program cannot start. */
  async run(options = {}) {
    if (!this.isConnected) throw new Error('Put the <connection-doctor> element into the page before run().');
    const life = await this.#load();
    return life.run(this.#seen ? { seen: this.#seen, ...options } : options);
  }

  /** Stops the present run; its report, of what was seen so far, still comes. */
  cancel() {
    this.#life?.cancel();
  }

  /** What a press on the launcher does: shows the face, in a panel of its own where there is a launcher, and runs. */
  async open() {
    this.#button?.setAttribute('aria-busy', 'true');
    let life;
    try {
      life = await this.#load();
      life.open();
      await life.load();
    } finally {
      this.#button?.removeAttribute('aria-busy');
    }
    // Who closed the panel meanwhile sees no run.
    return life.isShown ? this.run() : undefined;
  }

  /** Watches a socket of socket.io-client, and offers help where it fails again and again. Gives a function that ends it. */
  watch(socket) {
    const unfollow = follow(socket, (offer) => this.#offerFor(socket, offer), () => this.#withdraw(socket));
    const end = () => {
      unfollow();
      this.#reasons.delete(socket);
      this.#watches.delete(end);
    };
    this.#watches.add(end);
    return end;
  }

  #offerFor(reason, offer) {
    this.#reasons.add(reason);
    return this.offer(offer);
  }

  /** Offers help: the event, and the launcher unless a listener prevents it. `seen` goes to the run as evidence. */
  offer({ seen, ...detail } = {}) {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#seen = seen ?? this.#seen;
    this.#isOffered = true;
    const event = new CustomEvent('connection-doctor:offer', { detail, bubbles: true, composed: true, cancelable: true });
    const wanted = this.dispatchEvent(event);
    if (wanted && this.#button) {
      this.#showLauncher();
      this.#said.textContent = this.#words()[2];
    }
    return wanted;
  }

  /** This reason is gone; while another stands, so does the offer. Without one all are gone. */
  #withdraw(reason) {
    if (reason) this.#reasons.delete(reason);
    else this.#reasons.clear();
    if (this.#reasons.size) return;
    this.#isOffered = false;
    this.#seen = undefined;
    if (!this.#button) return;
    this.#said.textContent = '';
    this.#showLauncher();
  }

  #words() {
    const tags = [this.getAttribute('lang'), ...navigator.languages, 'en'].map((tag) => tag?.split('-')[0].toLowerCase());
    return WORDS[tags.find((tag) => Object.keys(WORDS).includes(tag))];
  }

  #showLauncher() {
    if (!this.#button) {
      this.#button = make('button', 'launcher');
      this.#button.type = 'button';
      this.#button.setAttribute('aria-haspopup', 'dialog');
      this.#button.addEventListener('click', () => this.open().catch(() => {}));
      this.#said = make('span', 'said');
      this.#said.setAttribute('role', 'status');
      this.#root.prepend(this.#button, this.#said);
      this.#dress();
    }
    this.#button.textContent = this.getAttribute('label') ?? this.label;
    this.#button.hidden = this.getAttribute('launcher') === 'offer' && !this.#isOffered;
  }

  /** A constructed style sheet, which a Content Security Policy does not forbid. */
  #dress() {
    try {
      if (!styles) (styles = new CSSStyleSheet()).replaceSync(STYLES);
      this.shadowRoot.adoptedStyleSheets = [...this.shadowRoot.adoptedStyleSheets, styles];
    } catch {
      // A browser without them has a plain button.
    }
  }

  /** Offers help while something in the page matches `watch-selector`. */
  #observe() {
    this.#observer?.disconnect();
    this.#observer = undefined;
    const selector = this.getAttribute('watch-selector');
    for (const reason of this.#reasons) if (typeof reason === 'string') this.#withdraw(reason);
    if (!selector) return;
    try {
      document.querySelector(selector);
    } catch {
      console.error(`<connection-doctor>: watch-selector is no CSS selector: ${selector}`);
      return;
    }
    let shown = false;
    let pause;
    const look = () => {
      pause = undefined;
      // Many pages keep their alert in the page, hidden until it is needed.
      const found = [...document.querySelectorAll(selector)].some((element) => element.getClientRects().length);
      if (found && !shown) this.#offerFor(selector, { message: '', selector });
      if (!found && shown) this.#timer = setTimeout(() => this.#withdraw(selector), LINGER);
      shown = found;
    };
    look();
    const observer = new MutationObserver(() => { pause ??= setTimeout(() => observer === this.#observer && look(), LOOK); });
    this.#observer = observer;
    observer.observe(document, { subtree: true, childList: true, attributeFilter: ['id', 'class', 'hidden', 'style'] });
  }

  /** The large half of this element; once, and anew after a failure. */
  #load() {
    this.#loading ??= importStart().then(
      ({ Life }) => {
        this.#clearFailure();
        this.#life ??= new Life(this, this.#root, this.#button, SETTINGS, import.meta.url, told, import.meta.seal && [hashes, vouch]);
        return this.#life;
      },
      async (error) => {
        this.#loading = undefined;
        const failure = await whyNot(error);
        this.#showFailure(failure);
        throw failure;
      },
    );
    return this.#loading;
  }

  #showFailure({ person, operator }) {
    const button = make('button', 'launcher', this.#button ? 'Close' : 'Try again');
    const alert = make('section', 'cannot-start', make('h2', 'title', 'The test can’t start'), make('p', 'lead', person),
      make('h3', 'heading', 'For the operator of this chat'), make('p', 'operator-line', operator), button);
    alert.setAttribute('role', 'alert');
    alert.lang = 'en';
    // A launcher may stand anywhere, or be hidden: what was asked for is answered where it is seen.
    const frame = make(this.#button ? 'dialog' : 'div', 'cannot-load', alert);
    this.#clearFailure();
    this.#root.append(frame);
    if (this.#button) {
      button.addEventListener('click', () => frame.close());
      frame.showModal();
    } else {
      button.addEventListener('click', () => this.#load().then((life) => life.begin(), () => {}));
      this.#dress();
    }
  }

  #clearFailure() {
    this.#root.querySelector('.cannot-load')?.remove();
  }
}

function make(tag, part, ...children) {
  const made = document.createElement(tag);
  made.className = part;
  made.setAttribute('part', part);
  made.append(...children);
  return made;
}

function wasRepaired() {
  try {
    return sessionStorage.getItem('connection-doctor:repair') !== null;
  } catch {
    return false;
  }
}

/** Some browsers remember a module that failed to load as failed, unless it has another name. */
async function importStart() {
  try {
    if (import.meta.seal) await vouchForStart(FOLDER + 'start.js');
    return await import('./start.js');
  } catch (error) {
    if (!tries++) throw error;
    const url = `${FOLDER}start.js?try=${tries}`;
    if (import.meta.seal) await vouchForStart(url);
    return import(/* @vite-ignore */ /* webpackIgnore: true */ url);
  }
}

/** In connection-doctor.sealed.js alone, for which a release build makes `import.meta.seal` the hash of integrity.json (bin/node/integrity.mjs). */
async function vouchForStart(url) {
  const list = `${FOLDER}integrity.json?v=${import.meta.seal.slice(7, 15)}`;
  hashes ??= await fetch(list, { integrity: import.meta.seal }).then((response) => response.json()).catch(() => { throw new Error(list); });
  await vouch(url, hashes[url.replace(FOLDER, '').split('?')[0]]);
}

/**
 * Rejects where the module is not what `integrity` says. Chromium and Firefox check a link, and what it has loaded is what import() gets,
 * since a page has each module once. WebKit does not look at a link's integrity (measured), and older browsers have no such links: there
 * the fetch has looked, and the import asks anew.
 */
async function vouch(url, integrity = 'sha256-none') {
  const refusal = new Error(url);
  await fetch(url, { integrity }).catch(() => { throw refusal; });
  const link = document.createElement('link');
  if (!link.relList.supports('modulepreload')) return;
  await new Promise((resolve, reject) => {
    Object.assign(link, { rel: 'modulepreload', integrity, crossOrigin: '', href: url, onload: resolve, onerror: () => reject(refusal) });
    document.head.append(link);
  });
}

/**
 * What the status of a file's answer tells the person of the chat; undefined where it tells of the file alone. It is 0 where a gateway
 * sends the browser elsewhere: the files have no other address, a sign-in has.
 */
function told(status) {
  // Another host's troubles are not the chat's.
  if (!FOLDER.startsWith(location.origin + '/')) return undefined;
  let what;
  if (!status) what = 'the server of this page sends this browser elsewhere' + SIGNED_OUT;
  if (status === 401 || status === 403) what = 'the server of this page refuses this browser, this account or this network' + SIGNED_OUT;
  // nginx says 400 where a cookie is too large.
  if (status === 400 || status === 431) what = 'this browser most likely sends more cookies than the server of this page takes. In a private window it may work.';
  if (status === 429) what = 'the server of this page has had too many requests' + LATER;
  if (status > 499) what = 'the server of this page has an error of its own' + LATER;
  // A gateway speaks for it; 520 and above is Cloudflare's.
  if (status > 501 && status < 505 || status > 519) what = 'the chat’s server is down, or just starting' + LATER;
  return what && TELLS + what;
}

/** Why start.js did not come, and what that itself tells of the server. An import tells no reason; a fetch tells status and type. */
async function whyNot(error) {
  // Firefox keeps a name and password of the page's own address in that of its modules, and no URL that has them may be fetched.
  const file = (/https?:\/\/[^\s'")]+/.exec(error.message)?.[0] ?? `${FOLDER}start.js`).replace(/\/\/[^/]*@/, '//');
  const name = new URL(file).pathname;
  const failure = (person, operator) => Object.assign(new Error(`${person} ${operator}`), { name: 'CannotStart', person, operator });
  let response;
  try {
    response = await fetch(file, { cache: 'no-store', redirect: 'manual' });
  } catch {
    return navigator.onLine
      ? failure(TELLS + 'the server of this page does not answer now, or this network does not let its answer through. Wait a minute, then '
        + 'try again.', `${name} did not come: a network error, or the page’s Content-Security-Policy forbids it.`)
      : failure('This device is offline: that is why the chat can’t reach its server, and why the test can’t be loaded. Connect it '
        + 'to a network, then try again.', `${name} did not come: the browser says that it is offline.`);
  }
  const { ok, status } = response;
  const type = response.headers.get('content-type');
  if (ok && import.meta.seal) return failure(ABSENT, `${name} is another file than the integrity in the page’s script line asks for: changed, or of another release.`);
  if (ok) {
    return failure(/html/.test(type) ? TELLS + 'a web page comes in its place. The chat or this network may ask to sign in first. Reload this page.' : ABSENT,
    `${name} is served as ${type}, and this browser did not run it: ${error.message} It must be text/javascript, and allowed by script-src in `
      + 'the page’s Content-Security-Policy.');
  }
  const isMissing = status === 404 || status === 410;
  return failure(told(status) ?? (isMissing ? ABSENT : UNTOLD),
    `${name} is answered with ${status ? `HTTP ${status}` : 'a redirect'}${isMissing ? ': copy all files of the release into this folder.' : '.'}`);
}

if (globalThis.customElements?.get('connection-doctor') === undefined) globalThis.customElements?.define('connection-doctor', ConnectionDoctor);

export { ConnectionDoctor, watch };
