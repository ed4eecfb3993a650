//! WebSocket close codes (RFC 6455 section 7.4, IANA registry "WebSocket Close Code Number").

use crate::english;
use crate::words::Text;

/// What a close code says, in a few plain words; for those that a private protocol gives, the range it stands in.
#[must_use]
pub fn meaning(code: u16) -> &'static str {
    match code {
        1000 => english!("normal closure"),
        1001 => english!("going away: the server is shutting down or was replaced"),
        1002 => english!("protocol error"),
        1003 => english!("this kind of data is not accepted"),
        1005 => english!("closed without a reason"),
        1006 => english!("the connection ended without a closing handshake"),
        1007 => english!("a message was not consistent with its type"),
        1008 => english!("a message or the connection breaks a rule of the server"),
        1009 => english!("a message is too big"),
        1010 => english!("an extension the client needs was not agreed"),
        1011 => english!("the server met an unexpected condition"),
        1012 => english!("the service restarts"),
        1013 => english!("try again later: the server is overloaded or not ready"),
        1014 => english!("a gateway got an invalid answer from the server behind it"),
        1015 => english!("the TLS handshake failed"),
        3000 => english!("not signed in (unauthorized)"),
        3003 => english!("not permitted (forbidden)"),
        3008 => english!("the server timed out"),
        3001..=3999 => english!("a code registered by a library or framework"),
        4401 => english!("a code of this application's own, by habit: not signed in"),
        4403 => english!("a code of this application's own, by habit: not permitted"),
        4000..=4999 => english!("a code of this application's own"),
        _ => english!("a code that no standard defines"),
    }
}

/// Whether the code came from the other side in a Close frame: 1005, 1006 and 1015 are made by the browser itself.
#[must_use]
pub fn was_sent(code: u16) -> bool {
    !matches!(code, 1005 | 1006 | 1015)
}

/// A meaning that a finding holds, in words of any language.
#[must_use]
pub fn said(meaning: &str) -> Text {
    if meaning.is_empty() { Text::Nothing } else { Text::Own(meaning.to_owned()) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_code_has_a_meaning_and_only_the_browsers_own_were_not_sent() {
        assert_eq!(super::meaning(1013), "try again later: the server is overloaded or not ready");
        assert_eq!(super::meaning(4001), "a code of this application's own");
        assert_eq!(super::meaning(7), "a code that no standard defines");
        let own: Vec<u16> = (0..5000).filter(|c| !super::was_sent(*c)).collect();
        assert_eq!(own, [1005, 1006, 1015]);
    }
}
