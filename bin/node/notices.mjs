// What stands in the program besides our own code, and the notices that its licences ask to go along: a bill of materials by Cargo's
// own resolution. A crate that is compiled is listed, also where nothing of it is left in the end.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const TARGET = 'wasm32-unknown-unknown';
/** What Rust's standard library brings along on this target, as its Cargo.lock has them. */
const OF_STD = ['cfg-if', 'dlmalloc', 'hashbrown', 'rustc-demangle'];
const LICENCE_FILE = /^(licen[cs]e|copying|copyright|notice|unlicense)/i;
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR
ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** The text of THIRD-PARTY.txt. Throws where a crate has a licence whose text is nowhere. */
export function notices(root) {
  const crates = [...compiledCrates(root), ...standardLibrary(root)].sort((one, other) => (one.label < other.label ? -1 : 1));
  const byText = new Map();
  for (const crate of crates) {
    for (const text of textsOf(crate)) byText.set(text, [...byText.get(text) ?? [], crate.label]);
  }
  return [
    'Connection Doctor is licensed under MIT, as it stands here, or Apache-2.0 (https://www.apache.org/licenses/LICENSE-2.0), at your option.\n',
    readFileSync(join(root, 'LICENSE-MIT'), 'utf8').trim(),
    `\n${'-'.repeat(100)}`,
    'Its program is compiled from its own sources and from the packages below. Where a package may be had under MIT, it is used under MIT.\n',
    ...crates.map(({ label, license, repository }) => `${label}  ${license}${repository ? `  ${repository}` : ''}`),
    ...[...byText].map(([text, labels]) => `\n${'-'.repeat(100)}\n${labels.join(', ')}\n\n${text}`),
    '',
  ].join('\n');
}

/** What the library's dependencies lead to, without what only builds or tests it, and without macros, which stay in the compiler. */
function compiledCrates(root) {
  const told = execFileSync('cargo', ['metadata', '--offline', '--format-version', '1', '--filter-platform', TARGET],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] });
  const { packages, resolve } = JSON.parse(told);
  const packageOf = new Map(packages.map((one) => [one.id, one]));
  const nodeOf = new Map(resolve.nodes.map((node) => [node.id, node]));
  const own = packages.find(({ name, source }) => name === 'connection-doctor' && source === null);
  const reached = new Set([own.id]);
  for (const id of reached) {
    for (const { pkg, dep_kinds: kinds } of nodeOf.get(id).deps) {
      const isMacro = packageOf.get(pkg).targets.some(({ kind }) => kind.includes('proc-macro'));
      if (!isMacro && kinds.some(({ kind }) => kind === null)) reached.add(pkg);
    }
  }
  reached.delete(own.id);
  return [...reached].map((id) => packageOf.get(id)).map(({ name, version, license, authors, repository, manifest_path: path }) =>
    ({ label: `${name} ${version}`, license: license ?? '', authors, repository, folder: dirname(path) }));
}

function standardLibrary(root) {
  const ask = (...args) => execFileSync('rustc', args, { cwd: root, encoding: 'utf8' });
  const version = /^release: (.*)$/m.exec(ask('-vV'))[1];
  const lock = join(ask('--print', 'sysroot').trim(), 'lib/rustlib/src/rust/library/Cargo.lock');
  const std = { label: `Rust's standard library ${version}`, license: 'MIT OR Apache-2.0', authors: ['The Rust Project Contributors'],
    repository: 'https://github.com/rust-lang/rust' };
  if (!existsSync(lock)) return [std];
  const locked = readFileSync(lock, 'utf8');
  return [std, ...OF_STD.map((name) => {
    const own = new RegExp(`^name = "${name}"\\nversion = "(.*)"$`, 'm').exec(locked)[1];
    return { label: `${name} ${own} (of Rust's standard library)`, license: 'MIT OR Apache-2.0', authors: ['The Rust Project Contributors'] };
  })];
}

/** The MIT text where there is a choice, else all. Some packages name a licence and leave its text out. */
function textsOf({ label, license, authors, folder }) {
  const files = folder ? readdirSync(folder).filter((name) => LICENCE_FILE.test(name)).sort() : [];
  const mit = / AND /.test(license) ? files.filter((name) => !/apache/i.test(name)) : files.filter((name) => /mit|^copyright|^notice/i.test(name));
  const chosen = /\bMIT\b/.test(license) && mit.some((name) => /mit/i.test(name)) ? mit : files;
  if (chosen.length) return chosen.map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim());
  if (!/\bMIT\b/.test(license)) throw new Error(`${label} is licensed as ${license || 'nothing'}, and has no text of it: see notices.mjs`);
  return [`Copyright (c) ${authors.join(', ') || `the contributors of ${label.split(' ')[0]}`}\n\n${MIT}`];
}
