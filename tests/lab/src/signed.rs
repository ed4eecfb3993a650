//! What the lab signs: passwords for a time, and the tokens that let somebody into a call.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::error::StartError;
use crate::installed::{Installed, Program};

pub(crate) const HOUR: i64 = 3600;
/// The key that the stand-in for LiveKit knows, and its secret.
pub(crate) const KEY: &str = "lab-key";
pub(crate) const SECRET: &str = "a-secret-of-the-lab-that-opens-nothing-of-worth";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Digest {
    Sha1,
    Sha256,
}

/// The text's HMAC, by the openssl command: what it costs is a process, not a dependency.
pub(crate) fn hmac(digest: Digest, secret: &str, text: &str, installed: &Installed) -> Result<Vec<u8>, StartError> {
    let doing = || StartError::io("to sign with openssl");
    let digest = match digest {
        Digest::Sha1 => "-sha1",
        Digest::Sha256 => "-sha256",
    };
    let mut openssl = Command::new(installed.path(Program::Openssl)?)
        .args(["dgst", digest, "-binary", "-hmac", secret])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(doing())?;
    if let Some(mut input) = openssl.stdin.take() {
        input.write_all(text.as_bytes()).map_err(doing())?;
    }
    let output = openssl.wait_with_output().map_err(doing())?;
    if output.status.success() { Ok(output.stdout) } else { Err(doing()(std::io::ErrorKind::Other.into())) }
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The time so many seconds from now, in seconds of Unix.
pub(crate) fn from_now(seconds: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    i64::try_from(now).unwrap_or(i64::MAX).saturating_add(seconds)
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Nothing,
    Expired,
    Early,
    /// It names a key that the server does not know.
    UnknownKey,
    /// It is signed with another secret than the key's.
    OtherSecret,
    /// It grants nothing of a call.
    NoGrant,
    /// It grants something, and not to join.
    NoJoin,
}

/// The names that texts have for tokens, in braces.
pub(crate) const TOKENS: [(&str, Fault); 7] = [
    ("token", Fault::Nothing),
    ("token-expired", Fault::Expired),
    ("token-early", Fault::Early),
    ("token-unknown-key", Fault::UnknownKey),
    ("token-other-secret", Fault::OtherSecret),
    ("token-no-grant", Fault::NoGrant),
    ("token-no-join", Fault::NoJoin),
];

/// A token that lets the lab's person into the lab's room, as a chat makes one for LiveKit.
pub(crate) fn token(fault: Fault, installed: &Installed) -> Result<String, StartError> {
    let (from, to) = match fault {
        Fault::Expired => (-2 * HOUR, -HOUR),
        Fault::Early => (HOUR, 2 * HOUR),
        _ => (0, 24 * HOUR),
    };
    let mut claims = json!({
        "iss": if fault == Fault::UnknownKey { "another-key" } else { KEY },
        "sub": "lab-person",
        "nbf": from_now(from),
        "exp": from_now(to),
        "video": { "room": "lab", "roomJoin": fault != Fault::NoJoin },
    });
    if let (Fault::NoGrant, Some(claims)) = (fault, claims.as_object_mut()) {
        claims.remove("video");
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&json!({ "alg": "HS256", "typ": "JWT" })), part(&claims));
    let secret = if fault == Fault::OtherSecret { "the-secret-of-another-key" } else { SECRET };
    let signature = hmac(Digest::Sha256, secret, &text, installed)?;
    Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_others_do() -> Result<(), StartError> {
        let installed = Installed::find();
        if !installed.missing(&[Program::Openssl]).is_empty() {
            return Ok(());
        }
        // RFC 2202, section 3, test case 2; RFC 4231, section 4.3.
        let text = "what do ya want for nothing?";
        assert_eq!(base64(&hmac(Digest::Sha1, "Jefe", text, &installed)?), "7/zfauXrL6LSdBbV8YTfnCWafHk=");
        assert_eq!(base64(&hmac(Digest::Sha256, "Jefe", text, &installed)?), "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
        Ok(())
    }

    #[test]
    fn a_token_says_what_is_wrong_with_it() -> Result<(), Box<dyn std::error::Error>> {
        let installed = Installed::find();
        if !installed.missing(&[Program::Openssl]).is_empty() {
            return Ok(());
        }
        let claims = |fault| -> Result<Value, Box<dyn std::error::Error>> {
            let token = token(fault, &installed).map_err(|error| error.to_string())?;
            let claims = token.split('.').nth(1).unwrap_or_default();
            Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?)
        };
        let now = from_now(0);
        assert_eq!(claims(Fault::Nothing)?["video"], json!({ "room": "lab", "roomJoin": true }));
        assert!(claims(Fault::Expired)?["exp"].as_i64() < Some(now - 60));
        assert!(claims(Fault::Early)?["nbf"].as_i64() > Some(now + 60));
        assert_eq!(claims(Fault::NoGrant)?["video"], Value::Null);
        Ok(())
    }
}
