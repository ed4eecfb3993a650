import { io } from 'socket.io-client';
import { mount } from 'svelte';
import Help from './Help.svelte';

mount(Help, { target: document.getElementById('app')!, props: { socket: io({ reconnectionDelay: 100, reconnectionDelayMax: 100 }) } });
