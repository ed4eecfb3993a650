//! LiveKit. Sources: docs.livekit.io, "Ports and firewall", "Deploying LiveKit", "Generating tokens"; livekit/livekit, config-sample.yaml,
//! pkg/service/auth.go and rtcservice.go; livekit/livekit-cli.

/// The address that clients are told, where the server's own one is of its network alone.
pub const PUBLIC_ADDRESS: &str = "rtc:\n  use_external_ip: true\n  # where it can't find it out by itself:\n  # node_ip: PUBLIC-ADDRESS";

/// Where media come in, as the documentation has it.
pub const PORTS: &str = "rtc:\n  port_range_start: 50000  # UDP\n  port_range_end: 60000\n  tcp_port: 7881";

/// Its own TURN server, which tells clients port 443 whatever `tls_port` says.
pub const TURN: &str =
    "turn:\n  enabled: true\n  domain: turn.example.com\n  udp_port: 3478\n  tls_port: 443\n  cert_file: fullchain.pem\n  key_file: privkey.pem";

/// A token that is certain to be right.
pub const TOKEN: &str = "lk token create --api-key KEY --api-secret SECRET --join --room ROOM --identity test --valid-for 1h";
