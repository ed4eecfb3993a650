// A chat server: Node's socket.io as its documentation shows it; `--version-2` is socket.io 2 (Engine.IO 3).
'use strict';

const http = require('node:http');
const { parseArgs } = require('node:util');

const { values: args } = parseArgs({
  options: {
    port: { type: 'string' },
    'version-2': { type: 'boolean', default: false },
    transports: { type: 'string' },
    refuse: { type: 'string' }, // the message of the error that the namespace's middleware answers with
    'help-endpoint': { type: 'boolean', default: false }, // the recipe of www/server-help
  },
});

const app = (request, response) => {
  const known = request.url.split('?')[0] === '/health';
  response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
  response.end(known ? '{"status":"ok"}' : '{"message":"Not Found"}');
};

const connectionDoctorHelp = require('../../../../www/server-help/node.js');
const web = http.createServer((request, response) =>
  args['help-endpoint'] ? connectionDoctorHelp(request, response, () => app(request, response)) : app(request, response),
);

const options = { serveClient: false };
if (args.transports) options.transports = args.transports.split(',');

let io;
if (args['version-2']) {
  io = require('socket.io-v2')(web, options);
} else {
  const { Server } = require('socket.io');
  io = new Server(web, options);
}
if (args.refuse) io.use((socket, next) => next(new Error(args.refuse)));
io.on('connection', () => {});

web.listen(Number(args.port), '127.0.0.1');
