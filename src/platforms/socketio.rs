//! Any Socket.IO server: nothing is known of its application. Source: measured on python-socketio 5.18.1, socket.io 4.8.4 and 2.5.1.

use super::{Connect, Known};

pub const KNOWN: Known = Known {
    name: "the chat",
    socket_paths: &["/socket.io/", "/ws/socket.io/"],
    polls: true,
    eio: None,
    health_paths: &[],
    user_path: None,
    with_credentials: false,
    version_path: None,
    storage_keys: &[],
    affinity_cookie: None,
    safe_connect: None,
    asked_connect: Connect { payload: "", farewell: None },
};
