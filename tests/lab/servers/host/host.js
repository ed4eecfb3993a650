// The page that the doctor is embedded in counts what is held of it, from before anything of the doctor's is loaded. `lab.held()`
// tells how much that is, `lab.globals()` what stands in the window that was not there, `lab.violations` what its policy forbade.
window.lab = (() => {
  // Ours, socket.io-client's, and what Chromium's driver leaves.
  const OTHERS = ['lab', 'io', 'ret_nodes'];
  const { setTimeout: later, clearTimeout: notLater, setInterval: often, clearInterval: notOften } = window;
  const before = new Set(Object.getOwnPropertyNames(window));

  // Listeners of what outlives an element.
  const listeners = new Map();
  const outlives = (target) => !(target instanceof Node) && !(target instanceof AbortSignal) && !(target instanceof Worker)
    && !(target instanceof WebSocket) && !(target instanceof XMLHttpRequest) || target === document || target === document.documentElement || target === document.body;
  const key = (type, options) => `${type} ${Boolean(typeof options === 'object' ? options?.capture : options)}`;
  const forget = (target, type, listener, options) => listeners.get(target)?.get(key(type, options))?.delete(listener);
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    const target = this ?? window;
    if (listener && outlives(target)) {
      const ofTarget = listeners.get(target) ?? listeners.set(target, new Map()).get(target);
      const name = key(type, options);
      (ofTarget.get(name) ?? ofTarget.set(name, new Set()).get(name)).add(listener);
      if (options?.once) addEventListener.call(target, type, () => forget(target, type, listener, options), options);
      options?.signal?.addEventListener('abort', () => forget(target, type, listener, options));
    }
    return addEventListener.call(target, type, listener, options);
  };
  EventTarget.prototype.removeEventListener = function (type, listener, options) {
    forget(this ?? window, type, listener, options);
    return removeEventListener.call(this ?? window, type, listener, options);
  };

  const observers = {};
  for (const name of ['MutationObserver', 'ResizeObserver', 'IntersectionObserver', 'PerformanceObserver']) {
    const active = observers[name] = new Set();
    const { observe, disconnect } = window[name]?.prototype ?? {};
    if (!observe) continue;
    window[name].prototype.observe = function (...args) {
      active.add(this);
      return observe.apply(this, args);
    };
    window[name].prototype.disconnect = function () {
      active.delete(this);
      return disconnect.call(this);
    };
  }

  const timers = new Set();
  window.setTimeout = (act, wait, ...args) => {
    const timer = later((...given) => {
      timers.delete(timer);
      act(...given);
    }, wait, ...args);
    timers.add(timer);
    return timer;
  };
  window.setInterval = (...args) => {
    const timer = often(...args);
    timers.add(timer);
    return timer;
  };
  window.clearTimeout = (timer) => {
    timers.delete(timer);
    notLater(timer);
  };
  window.clearInterval = (timer) => {
    timers.delete(timer);
    notOften(timer);
  };

  const workers = new Set();
  window.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      workers.add(this);
    }

    terminate() {
      workers.delete(this);
      super.terminate();
    }
  };

  const violations = [];
  addEventListener.call(document, 'securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) => {
    violations.push(`${effectiveDirective} ${blockedURI} at ${sourceFile}:${lineNumber}`);
  });

  const held = () => ({
    listeners: [...listeners.values()].flatMap((ofTarget) => [...ofTarget].flatMap(([name, all]) => Array(all.size).fill(name))),
    observers: Object.entries(observers).flatMap(([name, active]) => Array(active.size).fill(name)),
    timers: timers.size,
    workers: workers.size,
    heads: document.head.childElementCount,
    sheets: document.styleSheets.length + document.adoptedStyleSheets.length,
    ids: document.querySelectorAll('[id]').length,
  });

  /** Waits until it gives something, and gives that; rejects where it never does. What it does itself is not counted. */
  const until = async (what, within = 10_000) => {
    const begun = performance.now();
    for (;;) {
      const found = what();
      if (found) return found;
      if (performance.now() - begun > within) throw new Error(`never: ${what}`);
      await new Promise((resolve) => later(resolve, 20));
    }
  };

  const offers = [];
  addEventListener.call(document, 'connection-doctor:offer', ({ detail }) => offers.push(detail));
  const root = () => document.querySelector('connection-doctor').shadowRoot;

  return {
    offers,
    root,
    /** An element with these attributes, in the page. `lab.element` knows it for as long as somebody has it. */
    add(attributes = {}) {
      const element = document.createElement('connection-doctor');
      for (const name in attributes) element.setAttribute(name, attributes[name]);
      document.querySelector('.here').append(element);
      window.lab.element = new WeakRef(element);
      return element;
    },
    /** Whether what the selector names in the element is to be seen. */
    shown: (selector) => (root()?.querySelector(selector)?.getBoundingClientRect().width ?? 0) > 0,
    focus: () => root().activeElement,
    held,
    until,
    violations,
    globals: () => Object.getOwnPropertyNames(window).filter((name) => !before.has(name) && !OTHERS.includes(name)),
    /** Whether no more is held than then. */
    isAsBefore: (then) => until(() => {
      const now = held();
      return Object.keys(now).every((name) => String(now[name]) === String(then[name]));
    }, 6_000).then(() => true, () => ({ then, now: held() })),
    /** A chat's own socket, which tries again soon. */
    connect: () => window.io({ reconnectionDelay: 100, reconnectionDelayMax: 200, randomizationFactor: 0 }),
  };
})();
