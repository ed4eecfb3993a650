//! Open WebUI. Source: read in release 0.12.4; its socket layer measured with python-socketio 5.18.1.

use super::{Connect, Known};

pub const KNOWN: Known = Known {
    name: "Open WebUI",
    socket_paths: &["/ws/socket.io/"],
    // ENABLE_WEBSOCKET_SUPPORT is on by default: then its client and its server speak WebSocket only.
    polls: false,
    eio: Some(4),
    health_paths: &["/ready", "/health"],
    // By the bearer of its key in localStorage, or by the cookie that its sign-in sets as well.
    user_path: Some("/api/v1/auths/"),
    with_credentials: false,
    version_path: Some("/api/version"),
    storage_keys: &["token"],
    affinity_cookie: None,
    // `always_connect`: acknowledged without a token, and without one its handler does nothing.
    safe_connect: Some(Connect { payload: "", farewell: None }),
    asked_connect: Connect { payload: "", farewell: None },
};
