//! Chainlit. Source: measured on Chainlit 2.12.0 and read in its source at 488b7457.

use super::{Connect, Known};

pub const KNOWN: Known = Known {
    name: "Chainlit",
    socket_paths: &["/ws/socket.io/"],
    polls: true,
    eio: Some(4),
    // Added in 2026; an older release answers its index page, which says nothing about health.
    health_paths: &["/health"],
    user_path: Some("/user"),
    with_credentials: true,
    version_path: None,
    storage_keys: &[],
    // `POST /set-session-cookie` sets it before the client connects (`backend/chainlit/server.py`).
    affinity_cookie: Some("X-Chainlit-Session-id"),
    // A CONNECT makes a session and ends it with `on_chat_end`, which is the application's own code: only when asked.
    safe_connect: None,
    // A bare CONNECT is never answered; a fresh session id, since the page's own would take over the person's chat.
    asked_connect: Connect {
        payload: r#"{"clientType":"webapp","sessionId":"{uuid}","threadId":"","userEnv":"{}","chatProfile":""}"#,
        farewell: Some(r#"42["clear_session"]"#),
    },
};
