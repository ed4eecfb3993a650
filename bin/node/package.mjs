// Makes the npm package out of dist/ (a release) and www/: target/package/, and its tarball beside it.
//
// The JavaScript is that of www/, readable and without the ?v=<hash> of a release: a package has a version, and bundlers write
// hashes of their own. All files lie in one folder and name each other as `new URL('./x', import.meta.url)` or `import('./x.js')`,
// which Vite, webpack, Rollup and esbuild follow, and browsers as they are.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportTypes, settingsType } from './package-types.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const dist = process.env.CONNECTION_DOCTOR_DIST ?? join(root, 'dist');
const folder = join(root, 'target/package');
const SCRIPTS = ['connection-doctor.js', 'watch.js', 'start.js', 'index.js', 'calls.js', 'round-trips.js', 'send.js'];
const read = (path) => readFileSync(join(root, path), 'utf8');

if (!existsSync(join(dist, 'doctor_bg.wasm')) || !existsSync(join(dist, 'texts/en'))) throw new Error(`${dist} holds no build: run bin/build`);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const name of SCRIPTS) writeFileSync(join(folder, name), read(`www/${name}`));
for (const name of readdirSync(dist)) {
  if (/^doctor.*\.(js|wasm)$|^connection-doctor\.css$|^report\.schema\.json$|^THIRD-PARTY\.txt$|^texts$/.test(name)) cpSync(join(dist, name), join(folder, name), { recursive: true });
}
for (const name of ['LICENSE-MIT', 'LICENSE-APACHE']) cpSync(join(root, name), join(folder, name));
// Vite would write texts of a few kB into the script, all languages of them.
change('start.js', '${chunk}.json`', '${chunk}.json?no-inline`');

function change(name, from, to) {
  const text = readFileSync(join(folder, name), 'utf8');
  if (!text.includes(from)) throw new Error(`${name} has no ${from} any more: see package.mjs`);
  writeFileSync(join(folder, name), text.replace(from, to));
}

const manifest = /^\[package\]$([^[]*)/m.exec(read('Cargo.toml'))[1];
const field = (name) => new RegExp(`^${name} = "(.*)"$`, 'm').exec(manifest)[1];
write('package.json', `${JSON.stringify({
  name: field('name'),
  version: field('version'),
  description: field('description'),
  license: field('license'),
  type: 'module',
  exports: {
    '.': { types: './index.d.ts', default: './index.js' },
    './element': { types: './connection-doctor.d.ts', default: './connection-doctor.js' },
    './react': { types: './react.d.ts' },
    './report.schema.json': './report.schema.json',
    './package.json': './package.json',
  },
  types: './index.d.ts',
  // Importing these does something: one registers the element, one answers as a worker.
  sideEffects: ['./connection-doctor.js', './round-trips.js'],
}, null, 2)}\n`);

write('report.d.ts', `// Made from report.schema.json by bin/package.\n\n${reportTypes(JSON.parse(read('www/report.schema.json')))}`);

write('index.d.ts', `// Made by bin/package.
import type { ConnectionDoctor } from './connection-doctor.js';
import type { Profile, Report } from './report.js';

export type * from './report.js';

${settingsType(read('src/profile.rs'))}
/** An error of the chat's own client, as evidence. \`at\`: milliseconds since 1970. */
export interface Seen {
  at: number;
  message: string;
}

/** A step begins or ends, or there is something to say so far. \`firstVerdict\` comes once a run at most, with its sentence in \`soFar\`. */
export interface Progress {
  step: string;
  label: string;
  began?: true;
  ended?: true;
  firstVerdict?: 'works-so-far' | 'degraded' | 'broken';
  soFar?: string;
}

/** Why help is offered: an error of socket.io-client, or a selector that appeared. */
export interface Offer {
  message: string;
  description?: unknown;
  context?: unknown;
  selector?: string;
}

/** A socket of socket.io-client 2, 3 or 4. */
export interface SocketLike {
  connected: boolean;
  on(name: string, listener: (...values: any[]) => void): unknown;
  off(name: string, listener: (...values: any[]) => void): unknown;
}

/**
 * Runs once, without any face, and gives the report. Rejects with an Error that says what to change where a setting is wrong or the
 * program cannot start, and with the signal's reason where \`signal\` aborts: everything that the run opened is closed then.
 */
export function diagnose(options?: Settings, extra?: { signal?: AbortSignal; onProgress?: (progress: Progress) => void }): Promise<Report>;

/** Offers help where a socket fails again and again: at the element, or by \`onOffer\`. Gives a function that ends the watch. */
export function watch(socket: SocketLike, options: { element: ConnectionDoctor }): () => void;
export function watch(socket: SocketLike, options: { onOffer: (offer: Offer & { seen: Seen[] }) => void; onRecover?: () => void }): () => void;
`);

write('connection-doctor.d.ts', `// Made by bin/package. Importing connection-doctor/element registers the element.
import type { Offer, Progress, Report, Seen, Settings, SocketLike } from './index.js';

export class ConnectionDoctor extends HTMLElement {
  /** The last report; undefined before the first. */
  readonly report: Report | undefined;
  /** What the launcher says now, in the element's language. */
  readonly label: string;
  run(options?: Settings): Promise<Report>;
  cancel(): void;
  /** What a press on the launcher does. */
  open(): Promise<Report>;
  /** Gives a function that ends the watch. */
  watch(socket: SocketLike): () => void;
  /** False where a listener prevented it. */
  offer(offer?: Partial<Offer> & { seen?: Seen[] }): boolean;
}

export { watch } from './index.js';

declare global {
  interface HTMLElementTagNameMap {
    'connection-doctor': ConnectionDoctor;
  }
  interface HTMLElementEventMap {
    'connection-doctor:progress': CustomEvent<Progress>;
    'connection-doctor:report': CustomEvent<Report>;
    'connection-doctor:offer': CustomEvent<Offer>;
  }
}
`);

write('react.d.ts', `// Made by bin/package: <connection-doctor> in JSX, by \`import type {} from 'connection-doctor/react'\`.
import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { ConnectionDoctor } from './connection-doctor.js';
import type { Settings } from './index.js';

type DoctorAttributes = { [Name in keyof Settings]?: string | boolean } & {
  launcher?: string | boolean;
  label?: string;
  'watch-selector'?: string;
  'use-query'?: string | boolean;
  config?: string;
};

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'connection-doctor': DetailedHTMLProps<HTMLAttributes<ConnectionDoctor>, ConnectionDoctor> & DoctorAttributes;
    }
  }
}
`);

write('README.md', `# Connection Doctor

${field('description')}.

\`\`\`js
import { diagnose } from 'connection-doctor';
const report = await diagnose({ profile: 'auto' }, { signal: AbortSignal.timeout(20_000) });
console.log(report.verdict, report.summary);
\`\`\`

\`\`\`js
import 'connection-doctor/element';        // <connection-doctor launcher></connection-doctor>
\`\`\`

Vite's development server needs one line, as for every package with files of its own: \`optimizeDeps: { exclude: ['connection-doctor'] }\`.
`);

function write(name, text) {
  writeFileSync(join(folder, name), text);
}

const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', join(root, 'target')], { cwd: folder, encoding: 'utf8' }));
console.log(join(root, 'target', packed.filename));
console.error(`${packed.filename}: ${(packed.size / 1000).toFixed(0)} kB packed, ${packed.files.length} files`);
