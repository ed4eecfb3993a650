// Weighs what is downloaded, and when: before anything is pressed, for every run, and what only some runs fetch. Every file that the
// page or a file of it names is in one of the lists, or this script fails. Prints a Markdown table; with --limit, fails above a limit.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = join(dirname(fileURLToPath(import.meta.url)), '../../dist');
const texts = (language, parts) => parts.map((part) => `texts/${language}/${part}.json`);
const families = readdirSync(join(dist, 'texts/en')).map((name) => name.replace('.json', '')).filter((part) => !['face', 'shared', 'sending'].includes(part));
const heaviest = families.map((part) => [part, weigh(`texts/en/${part}.json`).brotli]).sort(([, one], [, other]) => other - one)[0][0];

/** kB (1000 bytes), brotli at its best. */
const GROUPS = [
  { name: 'a launcher, before it is pressed', limit: 4, files: ['connection-doctor.js'] },
  { name: 'every run, in English', limit: 222.4, files: ['index.html', 'icon.svg', 'connection-doctor.css', 'connection-doctor.js', 'start.js', 'doctor.js', 'doctor_bg.wasm', ...texts('en', ['face'])] },
  { name: `where something is found, at most for one family (${heaviest})`, limit: 126, files: ['doctor_rules.wasm', 'doctor_guidance.wasm', ...texts('en', ['shared', heaviest])] },
  { name: 'a page that pins the release: in place of connection-doctor.js and start.js', limit: 17.1, files: ['connection-doctor.sealed.js', 'start.sealed.js', 'integrity.json'] },
  { name: 'where reports may be sent', limit: 11.5, files: ['send.js', 'doctor_sending.wasm', ...texts('en', ['sending'])] },
  { name: 'a chat with calls', limit: 16, files: ['calls.js', 'doctor_calls.wasm'] },
  { name: 'a longer run', limit: 18, files: ['round-trips.js', 'doctor_deeper.wasm'] },
  { name: 'what somebody opens below the verdict', limit: 14.5, files: ['doctor_closer.wasm'] },
  { name: 'a saved report that is opened, beside what a finding needs', limit: 14, files: ['doctor_saved.wasm'] },
];

const known = GROUPS.flatMap(({ files }) => files);
for (const file of known.filter((name) => /\.(html|js|css)$/.test(name))) {
  for (const [, name] of readFileSync(join(dist, file), 'utf8').matchAll(/["'`(](?:\.\/)?([\w-]+\.(?:js|css|wasm|woff2|svg|png))(?:\?[^"'`)]*)?["'`)]/g)) {
    if (existsSync(join(dist, name)) && !known.includes(name)) {
      console.error(`${file} names ${name}, which stands in no list of bin/node/size.mjs: who downloads it, and when?`);
      process.exitCode = 1;
    }
  }
}

console.log('| file | raw kB | gzip kB | brotli kB |\n| --- | ---: | ---: | ---: |');
for (const { name: group, limit, files } of GROUPS) {
  const rows = files.map((name) => [name, weigh(name)]);
  const sum = (how) => rows.reduce((all, [, weight]) => all + weight[how], 0);
  const line = (name, weight) => console.log(`| ${name} | ${['raw', 'gzip', 'brotli'].map((how) => (weight(how) / 1000).toFixed(1)).join(' | ')} |`);
  for (const [name, weight] of rows) line(name, (how) => weight[how]);
  line(`**${group}**`, sum);
  if (process.argv.includes('--limit') && sum('brotli') / 1000 > limit) {
    console.error(`${group}: ${(sum('brotli') / 1000).toFixed(1)} kB, more than the ${limit} kB that we promise. What grew? Compare with BENCHMARKS.md.`);
    process.exitCode = 1;
  }
}

function weigh(name) {
  const content = readFileSync(join(dist, name));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  return { raw: content.length, gzip: gzipSync(content, { level: 9 }).length, brotli: brotliCompressSync(content, { params }).length };
}
