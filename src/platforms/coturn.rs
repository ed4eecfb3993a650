//! coturn. Source: its examples/etc/turnserver.conf; each option is in 4.6.1.

/// TURN by UDP, and by TLS on the port that networks leave open.
pub const TLS: &str =
    "listening-port=3478\ntls-listening-port=443\ncert=/etc/coturn/fullchain.pem\npkey=/etc/coturn/privkey.pem\nmin-port=49152\nmax-port=65535";

/// Credentials that end by themselves (TURN REST API); `lt-cred-mech` with `user=` excludes it.
pub const CREDENTIALS: &str = "realm=example.com\nuse-auth-secret\nstatic-auth-secret=SECRET";

/// For a server whose own address is of its network alone.
pub const EXTERNAL: &str = "external-ip=PUBLIC-ADDRESS/PRIVATE-ADDRESS";
