// The benchmark's web server: the product at /diagnostics/, a page for each peer at /bench/, both compressed by brotli, and everything
// else from the lab's chat, which is Node's socket.io. It counts what is asked and how much is sent.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, createServer, request as ask } from 'node:http';
import { connect, createServer as listener } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const root = fileURLToPath(new URL('../..', import.meta.url));
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.json': 'application/json', '.svg': 'image/svg+xml' };

/** `scripts`: the peers' bundles by name. */
export async function openSite(scripts) {
  const port = await freePort();
  const chat = spawn(process.execPath, [join(root, 'tests/lab/servers/node/chat.js'), `--port=${port}`], { stdio: ['ignore', 'inherit', 'inherit'] });
  await reachable(port);
  const agent = new Agent({ keepAlive: true });
  const files = new Map();
  const counted = { requests: 0, sockets: 0, bytes: 0 };
  const server = createServer({ noDelay: true }, (request, response) => {
    counted.requests += 1;
    const { pathname } = new URL(request.url, 'http://site');
    const file = fileOf(pathname, scripts, files);
    if (file) {
      counted.bytes += file.body.length;
      response.writeHead(200, { 'content-type': file.type, 'content-encoding': 'br', 'content-length': file.body.length, 'cache-control': 'no-cache' });
      response.end(request.method === 'HEAD' ? undefined : file.body);
      return;
    }
    const { method, headers, url: path } = request;
    const passed = ask({ host: '127.0.0.1', port, agent, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => response.writableEnded || passed.destroy());
    request.pipe(passed);
  });
  server.on('upgrade', (request, socket, head) => {
    counted.sockets += 1;
    const far = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
      const lines = [`${request.method} ${request.url} HTTP/1.1`];
      for (let i = 0; i < request.rawHeaders.length; i += 2) lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
      far.write(`${lines.join('\r\n')}\r\n\r\n`);
      far.write(head);
      socket.pipe(far).pipe(socket);
    });
    socket.setNoDelay();
    for (const one of [socket, far]) one.on('error', () => [socket, far].forEach((both) => both.destroy()));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    counted: () => ({ ...counted }),
    close() {
      server.close();
      server.closeAllConnections();
      chat.kill();
    },
  };
}

function fileOf(pathname, scripts, files) {
  if (!files.has(pathname)) files.set(pathname, compressed(pathname, scripts));
  return files.get(pathname);
}

function compressed(pathname, scripts) {
  const [, folder, name = ''] = /^\/(diagnostics|bench)\/(.*)$/.exec(pathname) ?? [];
  let body;
  if (pathname === '/') body = '<!doctype html><title>Chat</title><div id="root"></div>';
  else if (folder === 'diagnostics') body = readOrNothing(join(root, 'dist', normalize(`/${name || 'index.html'}`)));
  else if (folder === 'bench' && name.endsWith('.html')) body = `<!doctype html><title>${name}</title><script type="module" src="./${name.replace('html', 'js')}"></script>`;
  else if (folder === 'bench') body = scripts.get(name);
  if (body === undefined) return undefined;
  return { type: TYPES[extname(pathname)] ?? 'text/html', body: shrunk(Buffer.from(body)) };
}

export function shrunk(content) {
  return brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } });
}

function readOrNothing(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = listener();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Resolves when somebody listens there. */
export async function reachable(port, patience = 10_000) {
  const until = performance.now() + patience;
  for (;;) {
    const is = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (is) return;
    if (performance.now() > until) throw new Error(`nothing listens at port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
