//! Codecs without IO: bytes in, values out, total for every input.

pub mod client_options;
pub mod close_code;
pub mod csp;
pub mod digest;
pub mod engine_io;
pub mod event_stream;
pub mod grpc_web;
pub mod html;
pub mod http_date;
pub mod ice;
pub mod json;
pub mod json_text;
pub mod livekit;
pub mod percent;
pub mod socket_io;
pub mod wire;
