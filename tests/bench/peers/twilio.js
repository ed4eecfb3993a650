import { testMediaConnectionBitrate } from '@twilio/rtc-diagnostics';

/** The bitrate of a data channel through the relay: it has no end of its own, so it is stopped after so many milliseconds of it. */
window.bench = ({ iceServers, lasts, patience }) => new Promise((resolve) => {
  const began = performance.now();
  const test = testMediaConnectionBitrate({ iceServers });
  let first;
  const late = setTimeout(() => test.stop(), patience);
  test.on('bitrate', () => {
    if (first !== undefined) return;
    first = performance.now() - began;
    setTimeout(() => test.stop(), lasts);
  });
  test.on('error', () => {});
  test.on('end', ({ averageBitrate, errors, didPass }) => {
    clearTimeout(late);
    resolve({ first, took: performance.now() - began, kbits: averageBitrate, passed: didPass, errors: errors.map(({ message }) => message) });
  });
});
