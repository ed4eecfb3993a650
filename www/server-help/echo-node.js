// Connection Doctor's echo for Node's socket.io; the README beside this file says what it is for.
//
// connectionDoctorEcho(io);    // io is the application's Server
'use strict';

const INSTANCE = require('node:crypto').randomBytes(8).toString('hex'); // another one in every process

module.exports = function connectionDoctorEcho(io, event = 'connection-doctor') {
  io.on('connection', (socket) => {
    socket.on(event, (room, text, answer) => {
      if (typeof room !== 'string' || typeof text !== 'string' || typeof answer !== 'function') return;
      const own = `connection-doctor:${room.slice(0, 64)}`;
      socket.join(own);
      answer(INSTANCE, text.length);
      // Publishing by an adapter whose Redis is not there can end the process.
      const redis = socket.nsp.adapter.pubClient;
      const up = !redis || (redis.isReady ?? redis.status === 'ready');
      if (text) (up ? io : io.local).to(own).emit(event, text.slice(0, 64));
    });
  });
};
