//! A plain WebSocket without Socket.IO: nothing polls in its place.

use super::{Known, socketio};

pub const KNOWN: Known = Known { polls: false, ..socketio::KNOWN };
