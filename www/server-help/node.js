// Connection Doctor's server help for Node; the README beside this file says what it is for.
//
// Express:    app.use(connectionDoctorHelp);    // before what asks people to sign in
// node:http:  http.createServer((request, response) => connectionDoctorHelp(request, response, () => app(request, response)));
'use strict';

const PATH = '/connection-doctor-help';
// With the attributes that the application gives its own cookie, such as Secure or Partitioned.
const SET_COOKIE = 'connection-doctor-check=1; Path=/; Max-Age=300; HttpOnly; SameSite=Lax';

function connectionDoctorHelp(request, response, next) {
  if (request.url.split('?')[0] !== PATH) return next();
  response.setHeader('Cache-Control', 'no-store');
  if (request.method === 'GET' || request.method === 'HEAD') {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Set-Cookie': SET_COOKIE });
    response.end(JSON.stringify({ 'connection-doctor': 1, cookies: cookies(request.headers.cookie ?? '') }));
  } else if (request.method === 'POST' && request.headers['sec-fetch-site'] === 'same-origin') {
    response.writeHead(204, { 'Clear-Site-Data': '"cache", "cookies", "storage"' });
    response.end();
  } else {
    response.writeHead(403);
    response.end();
  }
}

// The name of every cookie and the size of its value, never the value; one without "=" is a value without a name.
function cookies(header) {
  const pairs = header.split(';').map((pair) => pair.trim()).filter(Boolean);
  return pairs.map((pair) => {
    const end = Math.max(pair.indexOf('='), 0);
    return { name: pair.slice(0, end), size: Buffer.byteLength(pair.slice(pair.includes('=') ? end + 1 : 0), 'latin1') };
  });
}

module.exports = connectionDoctorHelp;
