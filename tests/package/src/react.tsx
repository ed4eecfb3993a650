import { StrictMode, useEffect, useRef } from 'react';
import { createRoot } from 'react-dom/client';
import { io, type Socket } from 'socket.io-client';
import 'connection-doctor/element';
import type { ConnectionDoctor } from 'connection-doctor/element';
import type {} from 'connection-doctor/react';

function Help({ socket }: { socket: Socket }) {
  const doctor = useRef<ConnectionDoctor>(null);
  useEffect(() => doctor.current?.watch(socket), [socket]);
  return <connection-doctor ref={doctor} launcher="offer" socket-path="/socket.io/" />;
}

const socket = io({ reconnectionDelay: 100, reconnectionDelayMax: 100 });
createRoot(document.getElementById('app')!).render(<StrictMode><Help socket={socket} /></StrictMode>);
