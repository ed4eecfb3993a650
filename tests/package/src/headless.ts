import { diagnose, type Progress, type Report, type Settings, watch } from 'connection-doctor';
import { io } from 'socket.io-client';

declare global {
  interface Window {
    diagnosed: () => Promise<{ report: Report; steps: number }>;
    aborted: () => Promise<string>;
    refused: () => Promise<string>;
    registered: () => boolean;
    offered: () => Promise<string>;
  }
}

const settings: Settings = { depth: 'quick', 'socket-path': '/socket.io/' };

window.diagnosed = async () => {
  const seen: Progress[] = [];
  const report = await diagnose(settings, { onProgress: (progress) => seen.push(progress) });
  return { report, steps: seen.filter(({ began }) => began).length };
};

// In the middle of a run: its first step has begun.
window.aborted = async () => {
  const abort = new AbortController();
  const run = diagnose(settings, { signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) });
  return run.then(() => 'it resolved', (error: Error) => error.message);
};

// What no type allows.
window.refused = () => diagnose({ depth: 'deep' as 'quick' }).then(() => 'it resolved', (error: Error) => error.message);

window.registered = () => customElements.get('connection-doctor') !== undefined;

window.offered = () => new Promise((resolve) => {
  const socket = io({ reconnectionDelay: 100, reconnectionDelayMax: 100 });
  const end = watch(socket, {
    onOffer: ({ message, seen }) => {
      end();
      socket.close();
      resolve(`${seen.length} times: ${message}`);
    },
  });
});
