// Makes dist/injected.js: diagnose() of www/start.js with the glue of the built program, as one script without an import, for a driver that
// runs it in the page of a chat that has no page of ours (connection-doctor check --inject). The program, its parts and the texts are not in
// it: the driver hands their content to `give`, since nothing of ours can be fetched from such a site. No browser of a person downloads it.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const dist = join(root, 'dist');
const www = join(root, 'www');
/** Where the files seem to be that the driver hands in. */
const NOWHERE = 'https://connection-doctor.invalid/';

const GIVEN = `
  const given = {};
  export const give = (files) => Object.assign(given, files);
  const types = { js: 'text/javascript', json: 'application/json', wasm: 'application/wasm' };
  const bytes = (name) => Uint8Array.from(atob(given[name]), (character) => character.charCodeAt(0));
  /** Stands in for the global fetch in start.js: gives what the driver handed in, and 404 for all else. */
  export const fetch = async (url) => {
    const name = new URL(url).pathname.slice(1);
    if (!(name in given)) return new Response('', { status: 404 });
    return new Response(bytes(name), { headers: { 'content-type': types[name.split('.').pop()] } });
  };
  /** The file that surely is there: one that the page has of its own origin; without one the page itself, which tells less. */
  export const own = () => {
    const named = [...document.querySelectorAll('script[src], link[rel~="stylesheet"], link[rel~="icon"], img[src]')];
    return named.map(({ src, href }) => src || href).find((url) => url.startsWith(location.origin + '/')) ?? location.href;
  };
  /** What a worker is made of. A policy that forbids it has the measuring done in the page, as always. */
  export const worker = () => URL.createObjectURL(new Blob([bytes('round-trips.js')], { type: types.js }));
`;

const sources = {
  'start.js': (text) => {
    const glued = changed(text, /import\((?:\/\*.*?\*\/ *)*glue\.href\)/, `import('./doctor.js')`);
    return `import { fetch, own } from 'given';\n${changed(glued, /\bpageOf\(import\.meta\.url,/, 'pageOf(own(),')}`;
  },
  'round-trips.js': (text) => `import { worker } from 'given';\n${changed(text, /import\.meta\.url/, 'worker()')}`,
};

/** Whatever is no longer as it was must end the build, not a run. */
function changed(text, from, to) {
  if (text.split(from).length !== 2) throw new Error(`${from} is not once in a file of www/: see bin/node/injected.mjs`);
  return text.replace(from, to);
}

const built = {
  name: 'built',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^given$/ }, () => ({ path: 'given', namespace: 'given' }));
    onResolve({ filter: /^\.\/doctor\.js/ }, () => ({ path: join(dist, 'doctor.js') }));
    onLoad({ filter: /.*/, namespace: 'given' }, () => ({ contents: GIVEN }));
    onLoad({ filter: /\/www\/(start|round-trips)\.js$/ }, ({ path }) => {
      const name = path.split('/').pop();
      return { contents: sources[name](readFileSync(path, 'utf8')), resolveDir: www };
    });
  },
};

const { outputFiles: [{ text }] } = await build({
  stdin: { contents: `export { diagnose } from './start.js'; export { give } from 'given';`, resolveDir: www },
  bundle: true, format: 'iife', globalName: 'connectionDoctor', minify: true, legalComments: 'none', target: 'es2022',
  define: { 'import.meta.url': JSON.stringify(NOWHERE), 'import.meta.seal': 'undefined' }, plugins: [built], outfile: join(dist, 'injected.js'),

  write: false,
});
if (/\bimport\s*[("']/.test(text)) throw new Error('injected.js would import something: see bin/node/injected.mjs');
writeFileSync(join(dist, 'injected.js'), text);
