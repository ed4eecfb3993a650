//! The lab: chats that are healthy and chats that are broken, each on an origin of its own on loopback.
//!
//! A [`Scenario`] is a line of the table [`SCENARIOS`]. Started, it is a [`Running`] scenario: the real servers
//! behind, and a [`Front`] that is the chat's origin. The front is a proxy that works on bytes, so it can also do
//! what no well-behaved proxy does: reset a connection, answer 101 and fall silent, send an endless body.
//!
//! ```text
//! browser -> front (rules: what is broken) -> real server        most scenarios
//! browser -> front (counts only) -> nginx -> real server         nginx, as an operator sets it up
//! browser -> nginx (TLS, HTTP/2) -> front -> real server         https
//! browser -> front -> nginx or HAProxy -> real servers           what lies between: limits, balancing, buffers
//! ```
//!
//! What is true of every scenario:
//! 1. It binds loopback alone, on free ports, and ends what it started, by its own process id, when dropped. Only what stands
//!    in for LiveKit has its media at this machine's own address, while somebody has joined: Firefox takes none from loopback
//!    (measured).
//! 2. The real servers are other people's: engineioxide, python-socketio, Node's socket.io, tonic, Chainlit, Redis, nginx, HAProxy, coturn,
//!    aioquic.
//!    LiveKit's alone is a stand-in, which speaks as it does.
//! 3. The front's [`Counters`] see every request and every socket, except where [`Scenario::uncounted`] says why not.
//! 4. A fault is told by what was asked before, by the time since then or by [`Running::flip`], never by the clock of the day.

mod action;
mod addresses;
mod backstage;
mod certificate;
mod child;
mod counters;
mod datagrams;
mod error;
mod frame;
mod front;
mod gallery;
mod hop;
mod installed;
mod line;
mod nginx;
mod page;
mod redis;
mod releases;
mod request;
mod running;
mod scenario;
mod scenarios;
mod server;
mod signed;
mod turn;
mod unreachable;
mod webtransport;

pub use child::{Ready, ServerProcess};
pub use counters::{Counters, Tally};
pub use error::StartError;
pub use front::Front;
pub use gallery::Gallery;
pub use installed::{Installed, Program};
pub use page::{BuiltPage, repository};
pub use running::Running;
pub use scenario::{BrowserVariant, Kind, Scenario};
pub use scenarios::SCENARIOS;
pub use server::free_port;
