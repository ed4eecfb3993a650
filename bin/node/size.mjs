// Weighs what a first visit downloads: dist/index.html and every file that it, or a file it names, names.
// Prints a Markdown table; with --limit, fails above the limit.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** kB (1000 bytes), brotli at its best, all files together. */
const LIMIT = 284;

const dist = join(dirname(fileURLToPath(import.meta.url)), '../../dist');
const files = ['index.html'];
for (const file of files) {
  if (!/\.(html|js|css)$/.test(file)) continue;
  for (const [, name] of readFileSync(join(dist, file), 'utf8').matchAll(/["'`(](?:\.\/)?([\w-]+\.(?:js|css|wasm|woff2|svg|png))(?:\?[^"'`)]*)?["'`)]/g)) {
    if (existsSync(join(dist, name)) && !files.includes(name)) files.push(name);
  }
}

const rows = files.map((name) => {
  const content = readFileSync(join(dist, name));
  const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } });
  return [name, content.length, gzipSync(content, { level: 9 }).length, brotli.length];
});
const total = ['**total**', ...[1, 2, 3].map((column) => rows.reduce((sum, row) => sum + row[column], 0))];

console.log('| file | raw kB | gzip kB | brotli kB |\n| --- | ---: | ---: | ---: |');
for (const [name, ...sizes] of [...rows, total]) {
  console.log(`| ${name} | ${sizes.map((bytes) => (bytes / 1000).toFixed(1)).join(' | ')} |`);
}

if (process.argv.includes('--limit')) {
  const kB = total[3] / 1000;
  console.error(`${kB.toFixed(1)} of ${LIMIT} kB`);
  if (!files.includes('doctor_bg.wasm')) {
    console.error('doctor_bg.wasm is not named by any file of the page: either the page does not load it, or this script no longer sees how');
    process.exitCode = 1;
  }
  if (kB > LIMIT) {
    console.error(`A first visit downloads more than the ${LIMIT} kB that we promise. What grew? Compare with BENCHMARKS.md.`);
    process.exitCode = 1;
  }
}
