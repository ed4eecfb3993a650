// What each file of a release is, for pages that want to be sure of it (Subresource Integrity).
//
// The page's script line vouches for connection-doctor.sealed.js, which holds the hash of integrity.json, which holds those of all other
// files. A page with the ordinary connection-doctor.js downloads nothing of it.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** What stands in place of the hash until it is known. */
export const UNSEALED = 'unsealed';
/** The name of a module's twin that checks what it loads. */
export const sealed = (name) => name.replace(/\.js$/, '.sealed.js');
/** Whatever a sealed page does not load: left out, the list is a quarter shorter. */
const NOT_LOADED = /^(index\.(html|js)|connection-doctor\.js|start\.js|watch\.js|icon\.svg|report\.schema\.json|THIRD-PARTY\.txt|integrity\..*|injected\.js|integrations\/.*)$/;

/** Writes integrity.json and integrity.txt into the folder of a release whose other files are finished, and the hash of the first into `element`. */
export function seal(folder, element) {
  const path = (name) => join(folder, name);
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1).split(sep).join('/'))
    .filter((name) => !NOT_LOADED.test(name) && name !== element).sort();
  const list = `${JSON.stringify(Object.fromEntries(names.map((name) => [name, integrity('sha256', readFileSync(path(name)))])))}\n`;
  writeFileSync(path('integrity.json'), list);
  const before = readFileSync(path(element), 'utf8');
  const after = before.replaceAll(UNSEALED, integrity('sha384', list));
  if (after === before) throw new Error(`${element} has no place for the hash of integrity.json: see integrity.mjs`);
  writeFileSync(path(element), after);
  // The query is for caches, which may have the file of another release under the same name.
  const hash = integrity('sha384', after);
  const version = Buffer.from(hash.slice(7), 'base64').toString('hex').slice(0, 8);
  writeFileSync(path('integrity.txt'), `<script type="module" src="/diagnostics/${element}?v=${version}" integrity="${hash}" crossorigin="anonymous"></script>\n`);
}

function integrity(algorithm, content) {
  return `${algorithm}-${createHash(algorithm).update(content).digest('base64')}`;
}
