// What npm brings for the build and the tests: every package comes from npm's registry, with a hash, under a licence that is known here.
// Nothing of it is part of dist/: the build runs the first, the lab and its pages the others.
//   node bin/node/licences.mjs LOCK...
import { readFileSync } from 'node:fs';

const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MPL-2.0', '(Apache-2.0 AND BSD-3-Clause)'];
/** Packages that name no licence in their package.json; what their repositories say. */
const UNNAMED = {
  'base64-arraybuffer': 'MIT', 'component-bind': 'MIT', 'component-inherit': 'MIT', indexof: 'MIT', 'to-array': 'MIT', 'xmlhttprequest-ssl': 'MIT',
};
const REGISTRY = 'https://registry.npmjs.org/';

for (const lock of process.argv.slice(2)) {
  const packages = Object.entries(JSON.parse(readFileSync(lock, 'utf8')).packages).filter(([path, { link }]) => path && !link);
  for (const [path, { version, license, resolved, integrity }] of packages) {
    const name = path.replace(/^.*node_modules\//, '');
    const known = license ?? UNNAMED[name];
    if (!ALLOWED.includes(known)) refuse(lock, `${name} ${version} is licensed as ${known ?? 'nothing that it names'}`);
    // Where no place is named, npm takes its registry, whichever mirror that is; the hash says what has to come.
    if (!(resolved ?? REGISTRY).startsWith(REGISTRY)) refuse(lock, `${name} ${version} comes from ${resolved}, not from npm’s registry`);
    if (!integrity?.startsWith('sha512-')) refuse(lock, `${name} ${version} has no SHA-512`);
  }
  console.log(`${lock}: ${packages.length} packages`);
}

function refuse(lock, why) {
  console.error(`${lock}: ${why}.`);
  process.exitCode = 1;
}
