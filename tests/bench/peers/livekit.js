import { ConnectionCheck } from 'livekit-client';

/** Each check by itself: its status, how long it took, and what it says. */
window.bench = async ({ url, token, patience }) => {
  const began = performance.now();
  const check = new ConnectionCheck(url, token);
  const told = [];
  for (const name of ['checkWebsocket', 'checkWebRTC', 'checkTURN', 'checkReconnect', 'checkConnectionProtocol', 'checkPublishAudio', 'checkPublishVideo']) {
    const started = performance.now();
    const late = new Promise((resolve) => setTimeout(resolve, patience, { status: 'late', logs: [] }));
    const { status, logs } = await Promise.race([check[name](), late]).catch((error) => ({ status: 'threw', logs: [{ message: String(error) }] }));
    told.push({ name, status: ['idle', 'running', 'skipped', 'success', 'failed'][status] ?? status, took: performance.now() - started, said: logs.at(-1)?.message ?? '' });
  }
  return { checks: told, took: performance.now() - began };
};
