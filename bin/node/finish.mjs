// The last step of a build. bin/build calls it, or Trunk (post_build hook in Trunk.toml), with the staging folder that is about to
// become dist/. It names the wasm-bindgen output doctor.js + doctor_bg.wasm (Trunk would call the glue
// connection-doctor.js, which is the element class's name), copies www/ beside it and, in a release, makes all of it small.
//
// What a release does, and why each step is safe:
//  1. drops exported classes nobody imports (wasm-streams' come with leptos' server functions), empties what only they
//     start, then lets wasm-metadce drop the exports and imports that only they reached, until nothing changes;
//  2. gives what passes between glue and wasm short names: a name carries a 16-digit hash, and there are hundreds. One
//     import is named by a hash of the whole table, so that a cached old glue with a new wasm is still refused with a
//     LinkError instead of calling the wrong function;
//  3. wasm-opt, with the features that rustc itself switches on and no others, so that no browser is lost; then the
//     functions in an order that brotli likes, and wasm-opt's last round on that;
//  4. esbuild on all JavaScript and CSS, and a `?v=<hash>` on the URLs between our files, so that a browser's cache
//     never mixes two releases;
//  5. the licences of what went in, and the hashes of what came out (notices.mjs, integrity.mjs).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UNSEALED, seal, sealed } from './integrity.mjs';
import { notices } from './notices.mjs';
import { linked, unlinked } from './linked.mjs';
import { split } from './split.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const staging = process.env.TRUNK_STAGING_DIR;
const release = process.env.TRUNK_PROFILE === 'release';
const sources = process.env.TRUNK_SOURCE_DIR ?? resolve(here, '../..');
if (!staging) throw new Error('finish.mjs is Trunk\'s post_build hook: run bin/build');

/** What the linker wrote, and wasm-bindgen's output of it with `--no-demangle` (bin/build). */
const { CONNECTION_DOCTOR_LINKED: LINKED, CONNECTION_DOCTOR_MANGLED: MANGLED } = process.env;
const inDist = (name) => join(staging, name);
const TRUNK_NAME = 'connection-doctor';
const GLUE = 'doctor.js';
const WASM = 'doctor_bg.wasm';
const ELEMENT = 'connection-doctor.js';
const START = 'start.js';
/** What wasm-streams' exported classes do, and the futures that they start: nobody else can make one, but a table still points at them. */
const NEVER_STARTED = /wasm_streams.*(into_underlying_|IntoUnderlying)/;
/** How the table begins by which Rust reads numbers with a fraction: 10 kB that nothing makes smaller, and nothing here needs. */
const READS_FRACTIONS = Buffer.from('5ad63b92d653f4ee', 'hex');
const UNUSED_EXPORT = /^(initSync|IntoUnderlying(ByteSource|Source|Sink))$/;

/**
 * What is fetched only where it is needed. The sources wait for it first: `Lexicon::need` and `guidance::HAND_ON` for the guides, for all
 * others `Lexicon::part`. `until` stands in a door's place until the part is here, where going there sooner is no mistake.
 */
const PARTS = [
  // What to do about a finding: the rules' `guide` functions and what they alone use; and what does it on a click.
  { name: 'guidance', doors: /::rules::\w+::guide\b|::platforms::operator::|\]::guidance::|::platforms::browsers::|::web::mend::mend::/ },
  // What sends a report: the trace, the attempts, and what they alone use.
  { name: 'sending', doors: /::sending::/ },
  // What rules check, but those that tell of a server or a line that is away, of a gate in front, a sign-in or a limit: this could not be
  // fetched then.
  { name: 'rules', doors: /::rules::(?!net00[1235]_|net011_|auth001_)\w+::check\b/, until: /::rules::not_here$/ },
  { name: 'calls', doors: /::web::probes::calls::(\w+::\{closure|ask$)/ },
  { name: 'deeper',
    doors: /::probes::((ladder|round_trips|delivery|stream)::\w+|conversation::(long_poll|body|connect)|live::(again|large|heartbeat|raw|connect)|shell::(again|navigation)|plain::event_source|held::permission)::\{closure/ },
  // What is made when somebody opens or presses something (`ui/later.rs`).
  { name: 'closer', doors: /::ui::later::Later<.*>>::make$/ },
  { name: 'saved', doors: /::web::ui::(open::(saved|boxed|taken::\{closure.*)|history::one|compare::compared)$/ },
];
const partFile = (name) => `doctor_${name}.wasm`;

// rustc's defaults for wasm32-unknown-unknown.
const FEATURES = ['bulk-memory', 'bulk-memory-opt', 'multivalue', 'mutable-globals', 'nontrapping-float-to-int',
  'reference-types', 'sign-ext'].map((feature) => `--enable-${feature}`);
// Tried one by one on the real program, by what brotli leaves: not inlining large functions at their only caller is
// worth 4 % (repeated patterns stay alike), no local-cse half a percent, --flatten --rereloop almost one.
const OPTIMISE = ['--strip-debug', '--strip-producers', '--strip-target-features', '--low-memory-unused',
  '--one-caller-inline-max-function-size=15', '--skip-pass=local-cse'];
const HARD = ['-Oz', '--flatten', '--rereloop', '-Oz', '-Oz'];

nameAndCopy();
// In one piece: there is nothing to fetch.
for (const { name } of PARTS) writeFileSync(inDist(partFile(name)), Buffer.from('0061736d01000000', 'hex'));
if (release) {
  const before = size();
  const esbuild = await import('esbuild');
  shrinkWasmAndGlue(esbuild);
  shrinkPage(esbuild);
  console.log(`finish: ${kB(before)} -> ${kB(size())} before compression (bin/test size shows what is sent)`);
}

function nameAndCopy() {
  const glue = readFileSync(inDist(`${TRUNK_NAME}.js`), 'utf8');
  if (!glue.includes('__wbg_init')) {
    throw new Error(`${TRUNK_NAME}.js is not the wasm-bindgen glue: index.html must not copy www/ itself, finish.mjs does`);
  }
  writeFileSync(inDist(GLUE), glue.replaceAll(`${TRUNK_NAME}_bg.wasm`, WASM));
  renameSync(inDist(`${TRUNK_NAME}_bg.wasm`), inDist(WASM));
  rmSync(inDist(`${TRUNK_NAME}.js`));
  // The recipes for servers are for operators to read, not for a site to serve.
  cpSync(join(sources, 'www'), staging, { recursive: true, filter: (from) => !from.endsWith('server-help') });
  divideTexts();
  // Where Trunk's own mark stood (inject_scripts = false leaves it there), the page asks for what the element class is
  // about to ask for: two round trips less on a slow line. Attributes as the class's own import() and fetch() have them.
  edit('index.html', (html) => html.replace(/<link data-trunk[^>]*rel="rust"[^>]*>/,
    `<link rel="modulepreload" href="./${START}">\n<link rel="modulepreload" href="./${GLUE}">\n<link rel="preload" as="fetch" crossorigin href="./${WASM}">`));
}

/**
 * A catalogue becomes a file for each of its parts: texts/de.json -> texts/de/face.json and so on. What the program has in English by
 * itself is a part of every other language's face.
 */
function divideTexts() {
  for (const file of readdirSync(inDist('texts')).filter((name) => name.endsWith('.json'))) {
    const { own, ...parts } = JSON.parse(readFileSync(inDist(`texts/${file}`), 'utf8'));
    if (file !== 'en.json') parts.face = { ...parts.face, ...own };
    const folder = `texts/${file.replace('.json', '')}`;
    mkdirSync(inDist(folder));
    for (const [part, texts] of Object.entries(parts)) writeFileSync(inDist(`${folder}/${part}.json`), JSON.stringify(texts));
    rmSync(inDist(`texts/${file}`));
  }
}

function shrinkWasmAndGlue(esbuild) {
  const work = mkdtempSync(join(tmpdir(), 'connection-doctor-'));
  try {
    for (const path of [inDist(WASM), ...LINKED ? [MANGLED] : []]) writeFileSync(path, unlinked(readFileSync(path)));
    let glue = forgetUnusedClasses(readFileSync(inDist(GLUE), 'utf8'));
    const host = importModule(inDist(WASM));
    // Trunk does not say where the linker's file is: then all stays in one piece, larger, and works the same.
    const links = LINKED && linksByName(inDist(WASM), work);
    let wasm = join(work, 'emptied.wasm');
    emptyWhatNeverStarts(inDist(WASM), wasm, work);
    const entry = keptExports(esbuild, glue);
    const bundle = (minify) => bundled(esbuild, glue, entry, { minify, work });

    for (let last = -1; ;) {
      const reached = wasmExportsUsed(bundle(false));
      if (reached.some((name) => name.includes('intounderlying'))) {
        throw new Error('somebody uses wasm-streams\' classes now: NEVER_STARTED and UNUSED_EXPORT in finish.mjs must go');
      }
      const [graph, out] = [join(work, 'graph.json'), join(work, 'reached.wasm')];
      writeFileSync(graph, JSON.stringify([
        { name: 'glue', root: true, reaches: reached.map((name) => `export ${name}`) },
        ...reached.map((name) => ({ name: `export ${name}`, export: name })),
      ]));
      run('wasm-metadce', [...FEATURES, '--debuginfo', wasm, `--graph-file=${graph}`, '-o', out]);
      wasm = out;
      const imports = importsOf(wasm, host);
      glue = keepImports(glue, imports);
      if (imports.length === last) break;
      last = imports.length;
    }

    const names = shortNames(wasm, host);
    const text = join(work, 'renamed.wat');
    run('wasm-dis', [...FEATURES, wasm, '-o', text]);
    writeFileSync(text, renameInText(readFileSync(text, 'utf8'), host, names));
    glue = renameInGlue(glue, host, names);
    const whole = readFileSync(text, 'utf8');
    const { main, parts } = links ? split(whole, PARTS, names.table, links) : { main: whole, parts: [] };
    for (const part of parts) {
      writeFileSync(text, part.text);
      run('wasm-opt', [...FEATURES, ...OPTIMISE, ...HARD, text, '-o', inDist(partFile(part.name))]);
    }
    writeFileSync(text, main);
    const small = join(work, 'small.wasm');
    run('wasm-opt', [...FEATURES, ...OPTIMISE, ...HARD, text, '-o', small]);
    run('wasm-dis', [...FEATURES, small, '-o', text]);
    writeFileSync(text, likeBesideLike(readFileSync(text, 'utf8')));
    run('wasm-opt', [...FEATURES, ...OPTIMISE, '-Oz', text, '-o', inDist(WASM)]);
    for (const { name } of PARTS) assertFits(inDist(partFile(name)), inDist(WASM));
    if (readFileSync(inDist(WASM)).includes(READS_FRACTIONS)) throw new Error('something reads a number with a fraction (parse::<f64>): that is 10 kB more for every run');
    const minified = bundle(true);
    assertLinked(minified, inDist(WASM), names);
    writeFileSync(inDist(GLUE), minified);
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** Who uses what, by the names that wasm-dis writes. wasm-bindgen writes the same functions in the same order, with names that are told apart or with such that people read. */
function linksByName(wasm, work) {
  const namesOf = (path) => {
    const text = join(work, 'names.wat');
    run('wasm-dis', [...FEATURES, path, '-o', text]);
    return [...readFileSync(text, 'utf8').matchAll(/^ \(func \$(?:"((?:[^"\\]|\\.)*)"|(\S+))/gm)].map(([, quoted, plain]) => quoted ?? plain);
  };
  const [read, mangled] = [namesOf(wasm), namesOf(MANGLED)];
  if (read.length !== mangled.length) throw new Error('wasm-bindgen writes other functions where it leaves names as they are: see linksByName in finish.mjs');
  const as = new Map(mangled.map((name, at) => [name, read[at]]));
  const known = (names) => names.map((name) => as.get(name)).filter((name) => name !== undefined);
  const { functions, data } = linked(readFileSync(LINKED));
  const held = [...functions].map(([name, { points, data: own }]) => [as.get(name), { points: known(points), data: own }]);
  return {
    functions: new Map(held.filter(([name]) => name !== undefined)),
    // wasm-bindgen gave them another name (exports), or made imports of them (closures).
    renamed: held.filter(([name]) => name === undefined).map(([, links]) => links),
    data: data.map(({ points, ...one }) => ({ ...one, points: known(points) })),
  };
}

/** Where the build left no names, nothing is emptied, and the download is 1 kB larger. */
function emptyWhatNeverStarts(from, to, work) {
  const text = join(work, 'whole.wat');
  run('wasm-dis', [...FEATURES, from, '-o', text]);
  const functions = readFileSync(text, 'utf8').split(/^(?= \(func \$)/m);
  const left = functions.map((code) => {
    const head = code.slice(0, code.indexOf('\n'));
    return NEVER_STARTED.test(head) ? `${head}\n  (unreachable)\n )\n${code.slice(code.indexOf('\n )\n') + 4)}` : code;
  });
  writeFileSync(text, left.join(''));
  run('wasm-as', [...FEATURES, '-g', text, '-o', to]);
}

/**
 * The functions in another order: those of one signature together, and after each the one that has most in common with it.
 * They are as many bytes as before, but what repeats stands close by, and brotli needs 2.5 % less for it.
 */
function likeBesideLike(text) {
  const [head, ...functions] = text.trimEnd().slice(0, -1).split(/^(?= \(func \$)/m);
  const bySignature = new Map();
  for (const code of functions) {
    const signature = code.slice(0, code.indexOf('\n')).replace(/^ \(func \S+/, '');
    bySignature.set(signature, [...bySignature.get(signature) ?? [], { code, pairs: pairsOfInstructions(code) }]);
  }
  const ordered = [...bySignature.keys()].sort().flatMap((signature) => chain(bySignature.get(signature)));
  return `${head}${ordered.map(({ code }) => code).join('')})\n`;
}

/** Without the names and numbers of what they work on. */
function pairsOfInstructions(code) {
  const lines = code.split('\n').map((line) => line.replace(/\$\S+/g, '').trim());
  return new Set(lines.map((line, at) => `${line} ${lines[at + 1]}`));
}

function chain(functions) {
  const [first, ...left] = functions;
  const ordered = [first];
  while (left.length) {
    const last = ordered[ordered.length - 1];
    const likenesses = left.map((other) => likeness(last.pairs, other.pairs));
    ordered.push(...left.splice(likenesses.indexOf(Math.max(...likenesses)), 1));
  }
  return ordered;
}

/** Of all that two sets hold, how much both do. */
function likeness(one, other) {
  const [small, large] = one.size < other.size ? [one, other] : [other, one];
  let shared = 0;
  for (const item of small) shared += large.has(item);
  return shared / (one.size + other.size - shared);
}

/** The two statements that keep a class alive in a bundler's eyes though nobody names it. */
function forgetUnusedClasses(glue) {
  return glue
    .replace(/^if \(Symbol\.dispose\) (\w+)\.prototype.*\n/gm, (line, name) => (UNUSED_EXPORT.test(name) ? '' : line))
    .replaceAll(': new FinalizationRegistry', ': /* @__PURE__ */ new FinalizationRegistry');
}

function keptExports(esbuild, glue) {
  const { metafile } = esbuild.buildSync({ stdin: { contents: glue, resolveDir: staging }, bundle: true, format: 'esm',
    write: false, metafile: true, outfile: 'glue.js' });
  const names = Object.values(metafile.outputs)[0].exports.filter((name) => !UNUSED_EXPORT.test(name));
  return `export { ${names.join(', ')} } from 'glue';`;
}

function bundled(esbuild, glue, entry, { minify, work }) {
  writeFileSync(join(work, 'glue.js'), glue);
  const { outputFiles } = esbuild.buildSync({
    stdin: { contents: entry, resolveDir: staging }, alias: { glue: join(work, 'glue.js') },
    bundle: true, format: 'esm', minify, legalComments: 'none', write: false,
  });
  return outputFiles[0].text;
}

function unique(list) {
  return [...new Set(list)];
}

function moduleOf(path) {
  return new WebAssembly.Module(readFileSync(path));
}

function wasmExportsUsed(glue) {
  if (/\bwasm\[/.test(glue)) throw new Error('the glue reaches the wasm by a computed name: finish.mjs cannot follow');
  return unique([...glue.matchAll(/\bwasm\.([\w$]+)/g)].map(([, name]) => name));
}

/** The one module name under which the wasm imports from its glue. */
function importModule(wasm) {
  const modules = unique(WebAssembly.Module.imports(moduleOf(wasm)).map(({ module }) => module));
  const host = modules.find((name) => name === `./${TRUNK_NAME}_bg.js`);
  if (!host) throw new Error(`the wasm imports from ${modules.join(', ')}, not from its glue`);
  return host;
}

function importsOf(wasm, host) {
  return WebAssembly.Module.imports(moduleOf(wasm)).filter(({ module }) => module === host).map(({ name }) => name);
}

/** Leaves in the glue's import object only what the wasm still imports. */
function keepImports(glue, wanted) {
  const [head, tail] = cut(glue, /^    const import0 = \{\n        __proto__: null,\n/m);
  const [body, rest] = cut(tail, /^    \};\n/m);
  const entries = body.split(/^(?=        \w+: )/m);
  const kept = entries.filter((entry) => wanted.includes(/^ *(\w+): /.exec(entry)?.[1]));
  if (kept.length !== wanted.length) throw new Error('the glue\'s import object has a shape that finish.mjs does not know');
  return `${head}    const import0 = {\n        __proto__: null,\n${kept.join('')}    };\n${rest}`;
}

function cut(text, separator) {
  const found = separator.exec(text);
  if (!found) throw new Error(`the glue has no ${separator}: wasm-bindgen changed, see finish.mjs`);
  return [text.slice(0, found.index), text.slice(found.index + found[0].length)];
}

function shortNames(wasm, host) {
  const imports = importsOf(wasm, host);
  const exports = WebAssembly.Module.exports(moduleOf(wasm)).map(({ name }) => name);
  const table = hash(JSON.stringify([imports, exports]));
  return {
    table,
    imports: new Map(imports.map((name, at) => [name, at === 0 ? `t${table}` : short(at)])),
    exports: new Map(exports.map((name, at) => [name, short(at)])),
  };
}

function short(n) {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  return (n >= letters.length ? short(Math.floor(n / letters.length) - 1) : '') + letters[n % letters.length];
}

function renameInText(text, host, { imports, exports }) {
  return text
    .replace(/^( *\(import )"([^"]*)" "([^"]*)"/gm, (line, start, module, name) =>
      (module === host ? `${start}"a" "${imports.get(name)}"` : line))
    .replace(/^( *\(export )"([^"]*)"/gm, (_, start, name) => `${start}"${exports.get(name)}"`);
}

function renameInGlue(glue, host, { imports, exports }) {
  return glue
    .replace(/^        (\w+): /gm, (line, name) => (imports.has(name) ? `        ${imports.get(name)}: ` : line))
    .replace(/\bwasm\.([\w$]+)/g, (use, name) => (exports.has(name) ? `wasm.${exports.get(name)}` : use))
    .replace(`"${host}": import0`, 'a: import0');
}

/** Whatever went wrong above must end the build, not a person's page. */
function assertLinked(glue, wasm, { table, imports, exports }) {
  const module = moduleOf(wasm);
  const missing = WebAssembly.Module.imports(module).filter(({ module: from, name }) =>
    from === 'a' && ![...imports.values()].includes(name));
  const left = [...imports.keys(), ...exports.keys()].filter((name) => name.length > 20 && glue.includes(name));
  if (missing.length || left.length || !glue.includes(`t${table}`)) {
    throw new Error(`glue and wasm no longer fit: ${JSON.stringify({ missing, left })}`);
  }
}

/** A part that asks for what the program does not give would say so in a person's page. */
function assertFits(part, wasm) {
  const given = new Map(WebAssembly.Module.exports(moduleOf(wasm)).map(({ name, kind }) => [name, kind]));
  const missing = WebAssembly.Module.imports(moduleOf(part)).filter(({ module, name, kind }) => module !== 'm' || given.get(name) !== kind);
  if (missing.length) throw new Error(`${part} and the program do not fit: ${JSON.stringify(missing)}`);
}

function shrinkPage(esbuild) {
  // es2022: the minifier may not bring in newer syntax than the sources have.
  // The element's own file is one request, with what it imports; the large half waits for its need.
  for (const name of [ELEMENT, START]) shrinkModule(esbuild, name);
  const done = [GLUE, ELEMENT, START, sealed(ELEMENT), sealed(START)];
  for (const name of readdirSync(staging, { recursive: true }).filter((file) => /\.(js|css)$/.test(file) && !done.includes(file))) {
    edit(name, (code) => esbuild.transformSync(code, {
      loader: name.endsWith('.css') ? 'css' : 'js', minify: true, target: 'es2022', legalComments: 'none',
    }).code);
  }
  const texts = readdirSync(inDist('texts'), { recursive: true }).filter((name) => name.endsWith('.json')).sort();
  const version = hash(texts.map((name) => readFileSync(inDist(`texts/${name}`), 'utf8')).join('\n'));
  for (const start of [START, sealed(START)]) {
    edit(start, (code) => {
      if (!code.includes('}.json`')) throw new Error('start.js names the texts in a way that finish.mjs does not know');
      return code.replace('}.json`', `}.json?v=${version}\``);
    });
    versionUrls(start, [GLUE, WASM, ...PARTS.map(({ name }) => partFile(name)), 'connection-doctor.css', 'round-trips.js', 'calls.js', 'send.js']);
  }
  versionUrls(ELEMENT, [START]);
  versionUrls(sealed(ELEMENT), [sealed(START)]);
  versionUrls('index.js', [START, 'watch.js']);
  writeFileSync(inDist('THIRD-PARTY.txt'), notices(sources));
  seal(staging, sealed(ELEMENT));
  versionUrls('index.html', [ELEMENT, START, 'connection-doctor.css', GLUE, WASM]);
}

/** A module with what it imports but start.js, and its twin for pages with `integrity`, of which the others do not pay a byte. */
function shrinkModule(esbuild, name) {
  const code = readFileSync(inDist(name), 'utf8');
  const count = (what) => code.split(what).length - 1;
  if (name === START && count('import(') !== count('await expectModule(')) throw new Error('start.js imports a module without expectModule() before it');
  const shrunk = (seal) => esbuild.buildSync({ entryPoints: [inDist(name)], bundle: true, external: name === ELEMENT ? ['./start.js'] : ['./*.js'],
    format: 'esm', write: false, minify: true, target: 'es2022', legalComments: 'none', define: { 'import.meta.seal': seal } }).outputFiles[0].text;
  const twin = shrunk(JSON.stringify(UNSEALED)).replaceAll(START, sealed(START));
  writeFileSync(inDist(name), shrunk('undefined'));
  writeFileSync(inDist(sealed(name)), twin);
}

/** "./doctor.js" -> "./doctor.js?v=<hash>", wherever `file` names it as a whole quoted URL. */
function versionUrls(file, targets) {
  for (const target of targets.filter((name) => existsSync(inDist(name)))) {
    const quoted = new RegExp(`(["'\`])((?:\\./)?${target.replaceAll('.', '\\.')})\\1`, 'g');
    const version = hash(readFileSync(inDist(target)));
    edit(file, (text) => text.replace(quoted, `$1$2?v=${version}$1`));
  }
}

function edit(name, change) {
  if (existsSync(inDist(name))) writeFileSync(inDist(name), change(readFileSync(inDist(name), 'utf8')));
}

function hash(content) {
  return createHash('sha256').update(content).digest('hex').slice(0, 8);
}

function run(tool, args) {
  execFileSync(join(here, 'node_modules/.bin', tool), args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function size() {
  return readdirSync(staging).filter((name) => /\.(html|js|css|wasm)$/.test(name))
    .reduce((sum, name) => sum + readFileSync(inDist(name)).length, 0);
}

function kB(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
