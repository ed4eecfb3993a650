// Measures round trips one after the other: runs as a module worker, or is imported by the page where none may be.
// Times are microseconds. See src/web/probes/round_trips.rs for the job.

const micro = (milliseconds) => Math.round(milliseconds * 1000);

// The smallest step of the clock: browsers make it coarse on purpose.
function resolution() {
  const from = performance.now();
  let smallest = 100, last = from, steps = 0;
  while (steps < 10 && last - from < 60) {
    const now = performance.now();
    if (now > last) {
      smallest = Math.min(smallest, now - last);
      steps += 1;
      last = now;
    }
  }
  return smallest;
}

async function overHttp(job, until, signal) {
  const samples = [];
  let lost = 0;
  for (let i = 0; i < job.requests && performance.now() < until && !signal.aborted; i += 1) {
    const began = performance.now();
    try {
      const answer = await fetch(`${job.http}${i}`, { cache: "no-store", credentials: "omit", signal });
      await answer.text();
      // Who is turned away is answered faster than who is served.
      if (answer.status === 429 || answer.status >= 500) lost += 1;
      else samples.push(micro(performance.now() - began));
    } catch {
      lost += 1;
    }
    if (lost > 2) break;
  }
  // The first one may open the connection.
  return { samples: samples.slice(1), lost };
}

function onSocket(job, until, step, signal) {
  return new Promise((resolve) => {
    const samples = [];
    let socket, timer, began = 0, inBatch = 0, asked = 0, lost = 0, batch = 1, first = true;
    const end = (unanswered) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      if (socket) {
        socket.onmessage = socket.onclose = socket.onerror = null;
        socket.close();
      }
      resolve({ samples, lost: lost + unanswered });
    };
    const stop = () => end(0);
    const ask = () => {
      asked += 1;
      socket.send(job.question);
    };
    try {
      socket = new WebSocket(job.socket);
    } catch {
      end(0);
      return;
    }
    timer = setTimeout(() => end(asked > samples.length ? 1 : 0), Math.max(0, until - performance.now()));
    signal.addEventListener("abort", stop);
    socket.onclose = socket.onerror = () => end(0);
    socket.onmessage = ({ data }) => {
      if (typeof data !== "string") return;
      if (data === "2") socket.send("3");
      else if (data.startsWith("0")) {
        began = performance.now();
        ask();
      } else if (data.startsWith(job.joined)) {
        // It takes any name: nothing is asked of it any more.
        socket.send(job.leave);
        end(0);
      } else if (data.startsWith(job.answer)) {
        inBatch += 1;
        if (inBatch < batch) {
          ask();
          return;
        }
        const now = performance.now();
        // The first is left out; it tells whether the clock is too coarse for single ones.
        if (first) batch = now - began < 5 * step ? 5 : 1;
        else samples.push(micro((now - began) / batch));
        first = false;
        inBatch = 0;
        if (samples.length >= job.questions - 1 || performance.now() > until) {
          end(0);
          return;
        }
        began = performance.now();
        ask();
      }
    };
  });
}

/** Where this file is: what a worker is made of. */
export const file = import.meta.url;

export async function measure(job, signal = new AbortController().signal) {
  const step = resolution();
  const until = performance.now() + job.limit;
  const http = await overHttp(job, performance.now() + job.limit / 2, signal);
  const socket = await onSocket(job, until, step, signal);
  return { resolution: micro(step), http: http.samples, httpLost: http.lost, socket: socket.samples, socketLost: socket.lost };
}

if (typeof WorkerGlobalScope !== "undefined" && self instanceof WorkerGlobalScope) {
  self.onmessage = async ({ data }) => self.postMessage(await measure(data));
}
