//! Semaphore Chat (NestJS and socket.io). Source: read at bd5e3972.

use super::{Connect, Known};

pub const KNOWN: Known = Known {
    name: "Semaphore Chat",
    socket_paths: &["/socket.io/"],
    polls: false,
    eio: Some(4),
    health_paths: &["/api/health"],
    user_path: None,
    with_credentials: false,
    version_path: None,
    storage_keys: &[],
    affinity_cookie: None,
    // Ten CONNECTs a minute for everybody behind one proxy address: only when asked.
    safe_connect: None,
    asked_connect: Connect { payload: "", farewell: None },
};
