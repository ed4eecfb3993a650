//! Healthy chats on bad lines: slow is not broken, and late is not never.

use connection_doctor::evidence::Purpose;

use crate::harness::{Dice, Server, World};

const SERVERS: [Server; 7] =
    [Server::Python, Server::PythonWsgi, Server::PythonPolling, Server::Node, Server::NodeWebsocket, Server::NodeTwo, Server::Engineioxide];

fn settings(depth: &str) -> String {
    format!(r#"{{"profile":"socketio","socket-path":"/socket.io/","depth":"{depth}"}}"#)
}

#[test]
fn a_slow_line_is_never_called_ill() {
    let mut wrong = Vec::new();
    for server in SERVERS {
        for depth in ["quick", "full"] {
            for round_trip in [100, 300, 600, 900, 1_200, 1_600, 2_000, 2_500] {
                // A new connection takes a round trip or two more than a request on one that is open: file and WebSocket alike.
                let run = World::of(server, &settings(depth))
                    .with(|w| w.round_trip = round_trip)
                    .http(move |ask, usual| if ask.purpose == Some(Purpose::OwnFile) { usual.later(round_trip) } else { usual })
                    .run();
                if !run.causes().is_empty() {
                    wrong.push(format!("{server:?} {depth} {round_trip} ms: {:?}\n{}", run.causes(), run.told()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} false alarms:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn an_unsteady_line_is_never_called_ill() {
    let mut wrong = Vec::new();
    for seed in 0..400_u64 {
        let server = SERVERS[seed as usize % SERVERS.len()];
        let depth = if seed % 3 == 0 { "full" } else { "quick" };
        // More would be slow by the rule's own measure: a median of a second.
        let most = [300, 900, 1_400][seed as usize % 3];
        let delay = move |at: u32, nth: u32, salt: u64| Dice::new(seed * 65_537 + u64::from(at) * 131 + u64::from(nth) * 7 + salt).below(most);
        let run = World::of(server, &settings(depth))
            .http(move |ask, usual| usual.later(delay(ask.at, ask.nth, ask.path.len() as u64 + ask.method.len() as u64)))
            .sockets(move |ask, usual| {
                let late = delay(ask.at, ask.nth, 99);
                usual
                    .into_iter()
                    .map(|mut e| {
                        e.after += late;
                        e
                    })
                    .collect()
            })
            .run();
        if !run.causes().is_empty() {
            wrong.push(format!("seed {seed} {server:?} {depth} up to {most} ms: {:?}\n{}", run.causes(), run.told()));
        }
    }
    assert!(wrong.is_empty(), "{} false alarms:\n{}", wrong.len(), wrong.join("\n"));
}
