import { io } from 'socket.io-client';
import { createApp } from 'vue';
import Help from './Help.vue';

createApp(Help, { socket: io({ reconnectionDelay: 100, reconnectionDelayMax: 100 }) }).mount('#app');
