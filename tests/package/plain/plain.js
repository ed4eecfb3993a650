// As an application does that loads socket.io-client from its own server.
import { io } from '/socket.io.esm.min.js';

const socket = io({ reconnectionDelay: 100, reconnectionDelayMax: 100 });
document.querySelector('connection-doctor').watch(socket);
