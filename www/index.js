// The Connection Doctor from JavaScript, without any face: importing this file does and loads nothing.
//
//   import { diagnose } from 'connection-doctor';                 or from '/diagnostics/index.js'
//   const report = await diagnose({ profile: 'chainlit' }, { signal: abort.signal });

export { watch } from './watch.js';

/**
 * Runs once and gives the report. Rejects with an Error that says what to change where a setting is wrong or the program cannot
 * start, and with the signal's reason where `signal` aborts: everything that the run opened is closed then.
 * `onProgress` is called with `{step, label, began?, ended?, firstVerdict?, soFar?}`.
 */
export async function diagnose(options, { signal, onProgress } = {}) {
  const start = await import('./start.js');
  return start.diagnose(options, { signal, onProgress });
}
