// Watches a socket.io-client socket (2, 3 or 4) and tells when help is wanted. Nothing is polled and nothing is sent.

// A reconnecting client fails every few seconds: three in a minute are no accident of a moment.
const FAILURES = 3;
const WITHIN = 60_000;
/** Milliseconds without a connection after which help is offered even if the client reports nothing. */
const PATIENCE = 20_000;
/** A timer that comes this much too late slept with its device, and what it waited for may be over. */
const OVERSLEPT = 5000;
const KEPT = 5;
const LONGEST = 300;

/**
 * Calls `offer({message, description, context, seen})` after three `connect_error` within a minute or 20 s without a connection,
 * and `recovered()` when the socket is connected again. Gives a function that ends the watch.
 * `message`, `description`, `context`: those of the last error, as socket.io-client gave them.
 * `seen`: the last five, `{at, message}`, `at` in milliseconds since 1970.
 */
export function follow(socket, offer, recovered) {
  let failures = [];
  let seen = [];
  let last = {};
  let offered = false;
  let timer;

  const note = (message) => {
    seen = [...seen, { at: Date.now(), message: message.slice(0, LONGEST) }].slice(-KEPT);
  };
  const tell = () => {
    clearTimeout(timer);
    timer = undefined;
    // Once per trouble: who has declined is not asked again until it was well in between.
    if (offered) return;
    offered = true;
    offer({ ...last, seen });
  };
  const wait = () => {
    if (timer || offered) return;
    const due = Date.now() + PATIENCE;
    timer = setTimeout(() => {
      timer = undefined;
      if (socket.connected) return;
      if (Date.now() - due > OVERSLEPT) wait();
      else tell();
    }, PATIENCE);
  };
  const hear = {
    connect_error(error) {
      const { description, context } = error ?? {};
      // Socket.IO 2 hands in a text where a middleware refused.
      const message = String(error?.message ?? error);
      last = { message, description, context };
      note(/^(string|number)$/.test(typeof description) ? `${message}: ${description}` : message);
      const now = Date.now();
      failures = [...failures, now].filter((at) => now - at < WITHIN);
      if (failures.length >= FAILURES) tell();
      else wait();
    },
    disconnect(reason) {
      // The page's own wish is no trouble.
      if (reason === 'io client disconnect') {
        hear.connect();
        return;
      }
      last = { message: String(reason) };
      note(`disconnect: ${reason}`);
      wait();
    },
    connect() {
      clearTimeout(timer);
      timer = undefined;
      failures = [];
      if (offered) recovered();
      offered = false;
    },
  };
  // In 2 a middleware that refuses is an `error`. In 3 and 4, which alone have `active`, that is the application's own event.
  if (!('active' in socket)) hear.error = hear.connect_error;
  for (const name in hear) socket.on(name, hear[name]);
  if (!socket.connected && (socket.active ?? socket.io?.readyState === 'opening')) wait();
  return () => {
    clearTimeout(timer);
    for (const name in hear) socket.off(name, hear[name]);
  };
}

/** For who has no element, or hands it in: `watch(socket, {element})` or `watch(socket, {onOffer, onRecover})`. */
export function watch(socket, { element, onOffer = () => {}, onRecover = () => {} } = {}) {
  return element ? element.watch(socket) : follow(socket, onOffer, onRecover);
}
