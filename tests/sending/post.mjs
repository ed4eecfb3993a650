// What www/send.js makes of a server that is down, slow, refuses, redirects, or answers without an end. tests/sending.rs runs it in Node, whose
// fetch is the standard's too; what a browser adds (CORS, the policy's event) stands in for itself below.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';

const policy = new EventTarget();
globalThis.document = policy;
globalThis.location = { origin: 'http://127.0.0.1:9' };
const { post } = await import('../../www/send.js');

const asked = [];
let answer;
const server = createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    asked.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(pieces).toString() });
    answer(response);
  });
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}/v1/traces`;
const sends = (body = '{"a":"é"}', limit = 5000) => post({ url, body, limit });

answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"partialSuccess":{"rejectedSpans":"1"}}');
assert.deepEqual(await sends(), { status: 200, retryAfter: null, body: '{"partialSuccess":{"rejectedSpans":"1"}}' });
assert.equal(asked[0].method, 'POST');
assert.equal(asked[0].body, '{"a":"é"}');
assert.equal(asked[0].headers['content-type'], 'application/json');
assert.equal(asked[0].headers.referer, undefined);

// More than a page that is being closed may send.
const large = JSON.stringify('x'.repeat(200_000));
assert.equal((await sends(large)).status, 200);
assert.equal(asked[1].body, large);

answer = (response) => response.writeHead(503, { 'retry-after': '7' }).end('later');
assert.deepEqual(await sends(), { status: 503, retryAfter: '7', body: 'later' });
answer = (response) => response.writeHead(400).end('no');
assert.deepEqual(await sends(), { status: 400, retryAfter: null, body: 'no' });

asked.length = 0;
answer = (response) => response.writeHead(307, { location: '/elsewhere' }).end();
assert.deepEqual(await sends(), { status: 0, forbidden: false });
assert.deepEqual(asked.map((one) => one.url), ['/v1/traces']);

// Without an end: read up to a limit, then let go.
const gone = new Promise((resolve) => {
  answer = (response) => {
    const piece = Buffer.alloc(64 * 1024, 120);
    const pour = () => { while (!response.destroyed && response.write(piece)); };
    response.on('drain', pour).on('close', resolve).writeHead(200);
    pour();
  };
});
const endless = await sends();
assert.equal(endless.status, 200);
assert.ok(endless.body.length >= 16 * 1024 && endless.body.length < 1024 * 1024, `${endless.body.length}`);
await gone;

// Broken off in its body: the status counts.
answer = (response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{', () => response.destroy());
};
assert.deepEqual(await sends(), { status: 200, retryAfter: null, body: '' });

// Silent: the deadline ends it, and the connection.
const hungUp = new Promise((resolve) => { answer = (response) => response.on('close', resolve); });
assert.deepEqual(await sends('{}', 100), { status: 0, forbidden: false });
await hungUp;

// The policy's event tells that the page itself forbade it, and only for this target.
const violated = (blockedURI) => policy.dispatchEvent(Object.assign(new Event('securitypolicyviolation'), { effectiveDirective: 'connect-src', disposition: 'enforce', blockedURI }));
const down = `http://127.0.0.1:${await freePort()}/`;
assert.deepEqual(await post({ url: down, body: '{}', limit: 5000 }), { status: 0, forbidden: false });
for (const [blocked, forbidden] of [[down, true], ['https://other.example/', false]]) {
  const told = post({ url: down, body: '{}', limit: 5000 });
  violated(blocked);
  assert.deepEqual(await told, { status: 0, forbidden });
}

server.close();
server.closeAllConnections();
console.log('all attempts were as they should be');

async function freePort() {
  const other = createServer();
  await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address();
  await new Promise((resolve) => other.close(resolve));
  return port;
}
