import { io } from 'socket.io-client';

/** Times in milliseconds, from the call on: connected, and with long-polling first the upgrade. */
window.bench = (options) => new Promise((resolve, reject) => {
  const began = performance.now();
  const told = {};
  const socket = io({ forceNew: true, ...options });
  const note = (name) => {
    told[name] = performance.now() - began;
    if (told.connected === undefined || told.upgraded === undefined && !options.transports) return;
    socket.close();
    resolve(told);
  };
  socket.on('connect', () => note('connected'));
  socket.on('connect_error', reject);
  socket.io.engine.on('upgrade', () => note('upgraded'));
});
