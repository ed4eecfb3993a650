// A chat server: Node's socket.io as its documentation shows it; `--version-2` is socket.io 2 (Engine.IO 3).
'use strict';

const http = require('node:http');
const path = require('node:path');
const zlib = require('node:zlib');
const { parseArgs } = require('node:util');

const { values: args } = parseArgs({
  options: {
    port: { type: 'string' },
    'version-2': { type: 'boolean', default: false },
    transports: { type: 'string' },
    path: { type: 'string' }, // taken as it is, without a slash added
    'asks-origin': { type: 'boolean', default: false }, // its own check refuses whoever sends no Origin
    refuse: { type: 'string' }, // the message of the error that the namespace's middleware answers with
    'help-endpoint': { type: 'boolean', default: false }, // the recipe of www/server-help
    'stream-endpoint': { type: 'boolean', default: false }, // the same for streams
    client: { type: 'boolean', default: false }, // socket.io's client is served beside the socket
    compress: { type: 'string' }, // answers are compressed: `held` as the package does by itself, or `flushed` at each write
    echo: { type: 'string' }, // the event of the recipe for the echo
    redis: { type: 'string' }, // the URL of the Redis that the adapter is for
    'ping-interval': { type: 'string' },
    'ping-timeout': { type: 'string' },
    'no-upgrades': { type: 'boolean', default: false }, // both transports, and no way from one to the other
    silent: { type: 'boolean', default: false }, // it never pings, or with version 2 never answers a ping
  },
});

const recipe = (name) => require(path.join(__dirname, '../../../../www/server-help', name));

const layers = [];
if (args.compress) {
  const options = args.compress === 'flushed' ? { flush: zlib.constants.Z_SYNC_FLUSH } : {};
  const compression = require('compression')(options);
  // Of what browsers take, it is to choose the same one in each.
  layers.push((request, response, next) => {
    request.headers['accept-encoding'] = 'gzip';
    compression(request, response, next);
  });
}
if (args['help-endpoint']) layers.push(recipe('node.js'));
if (args['stream-endpoint']) layers.push(recipe('stream-node.js'));
layers.push((request, response) => {
  const known = request.url.split('?')[0] === '/health';
  response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
  response.end(known ? '{"status":"ok"}' : '{"message":"Not Found"}');
});
// As Express does: each layer answers, or gives the request to the next.
const web = http.createServer((request, response) => {
  const give = (index) => layers[index](request, response, () => give(index + 1));
  give(0);
});

const options = { serveClient: args.client };
if (args.transports) options.transports = args.transports.split(',');
if (args.path) Object.assign(options, { path: args.path, addTrailingSlash: false });
if (args['asks-origin']) options.allowRequest = (request, decide) => decide(null, Boolean(request.headers.origin));
if (args['no-upgrades']) options.allowUpgrades = false;
if (args['ping-interval']) options.pingInterval = Number(args['ping-interval']);
if (args['ping-timeout']) options.pingTimeout = Number(args['ping-timeout']);

// What keeps a connection alive is taken out of the engine itself.
if (args.silent && args['version-2']) {
  const { Socket } = require(require.resolve('engine.io', { paths: [require.resolve('socket.io-v2')] }));
  const onPacket = Socket.prototype.onPacket;
  Socket.prototype.onPacket = function (packet) {
    if (packet.type === 'ping') this.setPingTimeout();
    else onPacket.call(this, packet);
  };
} else if (args.silent) {
  require('engine.io').Socket.prototype.schedulePing = () => {};
}

async function redisAdapter(url) {
  const { createAdapter } = require('@socket.io/redis-adapter');
  const publisher = require('redis').createClient({ url });
  const subscriber = publisher.duplicate();
  for (const client of [publisher, subscriber]) client.on('error', (error) => console.error('redis:', error.message));
  // One that is not there is tried again and again; the application is up meanwhile.
  const patience = new Promise((resolve) => setTimeout(resolve, 2000));
  await Promise.race([Promise.all([publisher.connect(), subscriber.connect()]), patience]);
  return createAdapter(publisher, subscriber);
}

async function start() {
  if (args.redis) options.adapter = await redisAdapter(args.redis);
  let io;
  if (args['version-2']) {
    io = require('socket.io-v2')(web, options);
  } else {
    const { Server } = require('socket.io');
    io = new Server(web, options);
  }
  if (args.refuse) io.use((socket, next) => next(new Error(args.refuse)));
  io.on('connection', () => {});
  if (args.echo) recipe('echo-node.js')(io, args.echo);
  web.listen(Number(args.port), '127.0.0.1');
}

start();
