// The inputs that the fuzz targets keep: many small files for libFuzzer, one text file of a line each in the repository.
//   node bin/node/corpus.mjs unpack FILE FOLDER
//   node bin/node/corpus.mjs pack FOLDER FILE [BYTES]    the shortest first, until the file has so many bytes (default 150,000)
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [way, from, to, most = '150000'] = process.argv.slice(2);

const named = { 10: '\\n', 13: '\\r', 9: '\\t', 92: '\\\\' };

// As Rust's `escape_ascii`, but for quotation marks, which stand for themselves.
const escaped = (bytes) =>
  Array.from(bytes, (byte) => named[byte] ?? (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`)).join('');

const meant = { n: '\n', r: '\r', t: '\t' };

const unescaped = (line) =>
  Buffer.from(
    line.replace(/\\(?:x(..)|(.))/g, (_, code, letter) => (code ? String.fromCharCode(parseInt(code, 16)) : (meant[letter] ?? letter))),
    'latin1',
  );

if (way === 'unpack') {
  mkdirSync(to, { recursive: true });
  for (const line of readFileSync(from, 'latin1').split('\n').slice(0, -1)) {
    const bytes = unescaped(line);
    writeFileSync(join(to, createHash('sha1').update(bytes).digest('hex')), bytes);
  }
} else if (way === 'pack') {
  const lines = [...new Set(readdirSync(from).map((name) => escaped(readFileSync(join(from, name)))))];
  lines.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  let length = 0;
  const kept = lines.filter((line) => (length += line.length + 1) <= Number(most));
  writeFileSync(to, kept.map((line) => `${line}\n`).join(''), 'latin1');
} else {
  console.error('node bin/node/corpus.mjs unpack FILE FOLDER | pack FOLDER FILE [BYTES]');
  process.exit(1);
}
