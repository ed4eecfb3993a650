// A line with a length: a TCP proxy that hands each byte on half a round trip later, in order, and lets a new connection wait for its
// own round trip first, as TCP's handshake does. Emulation by the browser's tools does not delay WebSockets.
import { connect, createServer } from 'node:net';

/** Timers of Node are a millisecond late or more: the last bit is waited for in turns of the event loop. */
const COARSE = 2;

/**
 * Opens a line to `port` of this machine.
 * @param {{ port: number, roundTrip: number, rate?: number }} line `roundTrip` in milliseconds, `rate` towards the client in bytes a second
 */
export async function openLine({ port, roundTrip, rate = Infinity }) {
  const sockets = new Set();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const accepted = performance.now();
    const far = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    for (const socket of [client, far]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => [client, far].forEach((one) => one.destroy()));
    }
    pipe(client, far, () => Math.max(performance.now(), accepted + roundTrip) + roundTrip / 2);
    let free = 0;
    pipe(far, client, (size) => {
      free = Math.max(performance.now(), free) + (size / rate) * 1000;
      return free + roundTrip / 2;
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function pipe(from, to, dueOf) {
  const queue = [];
  let busy = false;
  const work = () => {
    while (queue.length && queue[0].due <= performance.now()) {
      const { chunk } = queue.shift();
      if (chunk) to.write(chunk);
      else to.end();
    }
    busy = queue.length > 0;
    if (!busy) return;
    const left = queue[0].due - performance.now();
    if (left > COARSE) setTimeout(work, left - COARSE);
    else setImmediate(work);
  };
  const take = (chunk) => {
    queue.push({ due: dueOf(chunk?.length ?? 0), chunk });
    if (!busy) work();
  };
  from.on('data', take);
  from.on('end', () => take(undefined));
}
