// Connection Doctor's stream for Node; the README beside this file says what it is for.
//
// Express:    app.use(connectionDoctorStream);    // after what compresses answers, if anything does
// node:http:  http.createServer((request, response) => connectionDoctorStream(request, response, () => app(request, response)));
'use strict';

const PATH = '/connection-doctor-stream';

module.exports = function connectionDoctorStream(request, response, next) {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname !== PATH) return next();
  const seconds = /^\d+$/.test(url.searchParams.get('seconds')) ? Math.min(Math.max(Number(url.searchParams.get('seconds')), 2), 60) : 0;
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  const begun = Date.now();
  const write = (event, n) => response.write(`event: ${event}\ndata: {"n":${n},"at":${Date.now() - begun}}\n\n`);
  let n = 0;
  const timer = setInterval(() => {
    write('connection-doctor', ++n);
    if (n < (seconds || 10)) return;
    clearInterval(timer);
    write('connection-doctor-end', n + 1);
    response.end();
  }, seconds ? 1000 : 200);
  response.on('close', () => clearInterval(timer));
};
