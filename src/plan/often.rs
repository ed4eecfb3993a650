//! What a single look can't see: replicas, time, streams, rates and sizes.

use super::{CONNECTS, ENOUGH_SESSIONS, RUNGS, SESSIONS, SIZES, Step, Wanted, session_step};
use crate::evidence::{Exchange, Purpose, SocketLife, SocketPurpose};
use crate::profile::{Depth, Topic};
use crate::protocol::engine_io::{Dialect, USUAL_PAYLOAD};
use crate::survey::{CLEAN_AGAIN, REPEATS, Survey, are_settled};

/// Sessions of a quick run besides the first; more only where one of them was lost.
const QUICK: u8 = 2;
/// Repeats at a slow pace.
const SLOW_REPEATS: u8 = 6;
/// Plain requests beside attempts to open a held connection anew that failed.
const LOOKS: u8 = 4;
/// Their rounds come after those at a slow pace.
const FIRST_LOOK: u8 = REPEATS + SLOW_REPEATS;
/// Sessions with the cookies the other way, as the control.
const OTHERWISE: u8 = 4;
/// Connects of a quick run, where one was lost: with the first ones they tell a rate.
const QUICK_CONNECTS: u8 = 6;
/// Upgrades of live sessions at most, where one was lost.
const UPGRADES: usize = 7;
/// Sessions that are had as a client has them, upgrade and all: one that holds may have met its own replica by chance.
const WHOLE: u8 = 4;
/// Seconds that the documented stream is asked to go on for.
const LONG_STREAM: u32 = 30;

/// Whether a repeat of that round goes beside an attempt to open a held connection anew.
pub(super) fn is_look(round: u8) -> bool {
    round >= FIRST_LOOK
}

/// Several sessions, each with a follow-up of its own sid: does every request come to the replica that knows it?
pub(super) fn sessions(survey: &Survey, wanted: &mut Wanted) {
    if !survey.polling_sessions_due() || !wanted.ended(&session_step(survey, 0)) {
        return;
    }
    let seen = survey.conversations(true);
    let lost = seen.iter().filter(|c| c.unknown.is_some()).count();
    let strayed = survey.upgrade_strays().is_some();
    let unsettled = lost > 0 && !are_settled(&seen);
    // Some of them tell chance from replicas. Where they hang or are refused, more of them would only take time.
    let mine = survey.client_cookie_since();
    let since = mine.unwrap_or(0);
    let upgrades: Vec<bool> = survey.evidence.sockets_for(SocketPurpose::Upgrade).filter(|(_, s)| s.started >= since).map(|(_, s)| s.opened()).collect();
    let failed = |x: &Exchange| x.rejected() || x.timed_out() || x.status().is_some_and(|s| s >= 500);
    let well = upgrades.last() != Some(&false) && !survey.engine_exchanges().any(|(_, x)| failed(x));
    let upgrades = upgrades.len();
    let before = mine.map_or(0, |at| survey.on_path(Purpose::Handshake).filter(|(_, x)| x.started < at && x.credentials != "omit").count() as u8);
    let step = |as_chat, round| Step::Replica {
        path: survey.path.clone(),
        eio: survey.eio,
        as_chat,
        include: survey.sends_credentials(),
        // Where many requests stray, they tell enough; after the first that did, the short form may stay on one kept connection.
        upgrade: (strayed || unsettled || (well || lost > 0) && round < before + WHOLE)
            && lost < 3
            && as_chat
            && upgrades < UPGRADES
            && survey.profile.covers(Topic::Upgrade),
        round,
    };
    // Whether the upgrade is tried as well may change on the way; the round is the same one.
    let begun = |wanted: &Wanted, as_chat, round| {
        let same = |s: &&Step| matches!(s, Step::Replica { as_chat: a, round: r, .. } if *a == as_chat && *r == round);
        (wanted.progress.begun.iter().any(|s| same(&s)), wanted.progress.ended.iter().any(|s| same(&s)))
    };
    let clean_since = seen.iter().rev().take_while(|c| c.unknown.is_none() && c.held).count();
    let doubtful = lost > 0 || strayed || survey.lost_before_cookies();
    // Where the client's own cookie keeps a person at one replica, sessions without it stray rightly.
    if let Some(name) = survey.known.affinity_cookie.filter(|_| doubtful && !survey.profile.is_cross_origin()) {
        wanted.add(Step::ClientCookie { name });
        if !wanted.ended(&Step::ClientCookie { name }) {
            return;
        }
    }
    let rounds = match (doubtful, survey.profile.depth) {
        _ if mine.is_some() => before + ENOUGH_SESSIONS,
        // A burst that is over needs some clean ones after it.
        (true, _) if lost > 0 && (clean_since < CLEAN_AGAIN || unsettled) && lost <= 3 => SESSIONS,
        (true, _) | (false, Depth::Full | Depth::Watch) => ENOUGH_SESSIONS,
        (false, Depth::Quick) => QUICK,
    };
    // The first WebSocket may have said hello when all of them were through.
    let so_far = (0..SESSIONS).take_while(|round| begun(wanted, true, *round).0).count() as u8;
    let one_more = so_far + u8::from((0..so_far).all(|round| begun(wanted, true, round).1));
    let rounds = if strayed && lost == 0 && upgrades < UPGRADES { rounds.max(one_more).min(SESSIONS) } else { rounds };
    let mut in_turn = |as_chat, rounds| {
        for round in 0..rounds {
            let (is_begun, is_ended) = begun(wanted, as_chat, round);
            if !is_begun {
                wanted.add(step(as_chat, round));
            }
            if !is_ended {
                return false;
            }
        }
        true
    };
    if in_turn(true, rounds) && lost > 0 {
        in_turn(false, OTHERWISE);
    }
}

/// A quiet connection and a busy one side by side, and a request that hangs: what ends them, and when?
pub(super) fn time(survey: &Survey, wanted: &mut Wanted) {
    // What is held for long would be counted with the ladder.
    if survey.profile.depth == Depth::Quick || survey.profile.ladder {
        return;
    }
    let watching = survey.profile.depth == Depth::Watch;
    let (path, eio) = (|| survey.path.clone(), survey.eio);
    if survey.websocket_hello().is_some() {
        // As a client's: the first attempt comes at once, and each later one at a longer distance from one that failed.
        let lives: Vec<&SocketLife> = survey.evidence.sockets_for(SocketPurpose::Heartbeat).filter(|(_, s)| s.path == survey.path).map(|(_, s)| s).collect();
        let failed = |round: u8| lives.iter().take(usize::from(round)).rev().take_while(|s| s.failed_before_open()).count() as u8;
        let quiet = |round| Step::Heartbeat { path: path(), eio, round, failed: failed(round) };
        // python-engineio and Node pass over a noop, engineioxide takes no offence at a pong, and the other way round each does
        // (measured): which it is stands in the plain answer.
        let noop = survey.dialect().is_some_and(|d| d != Dialect::Engineioxide);
        let busy = |round| Step::Busy { path: path(), eio, noop, round };
        let is_companion = |s: &Step| matches!(s, Step::Companion { .. });
        let known = wanted.progress.begun.iter().filter(|s| is_companion(s)).all(|s| wanted.progress.has_ended(s));
        // While somebody watches, each end is followed by another connection, as a chat's client does it.
        // A restart takes longer than the first attempts.
        let in_vain = if failed(3) >= 2 { 2 } else { 0 };
        again_where_ended(survey, wanted, SocketPurpose::Heartbeat, if watching { 200 } else { 2 + u8::from(survey.cut().is_none()) + in_vain }, &quiet);
        // What is said to plain requests meanwhile, where one that was held can't be opened any more: a browser hides what is said to a WebSocket.
        let vain = lives.iter().skip_while(|s| !s.opened()).filter(|s| s.failed_before_open()).count().min(usize::from(LOOKS));
        if !survey.on_path(Purpose::Companion).any(|(_, x)| super::asks_natively(x)) {
            (0..vain as u8).for_each(|n| wanted.add(Step::Repeat { path: path(), eio, round: FIRST_LOOK + n }));
        }
        if known {
            again_where_ended(survey, wanted, SocketPurpose::Busy, if watching { 3 } else { 2 }, &busy);
        }
    }
    if survey.polling_sessions_due() && wanted.ended(&session_step(survey, 0)) {
        let poll = |round| Step::LongPoll { path: path(), eio, round };
        wanted.add(poll(0));
        if survey.cut_polls().len() + survey.lost_later().len() == 1 && wanted.ended(&poll(0)) {
            wanted.add(poll(1));
        }
    }
}

fn again_where_ended(survey: &Survey, wanted: &mut Wanted, purpose: SocketPurpose, rounds: u8, step: &dyn Fn(u8) -> Step) {
    wanted.add(step(0));
    // While somebody watches, one that was given up counts too, or the watch would be over.
    let given_up = |s: &SocketLife| survey.profile.depth == Depth::Watch && s.waited_in_vain_for("heartbeat");
    let ended = survey.evidence.sockets_for(purpose).filter(|(_, s)| s.path == survey.path && (s.closed().is_some() || given_up(s))).count();
    for round in 1..rounds {
        if ended >= usize::from(round) && wanted.ended(&step(round - 1)) {
            wanted.add(step(round));
        }
    }
}

/// Two quiet connections, one later than the other: nothing can be sent on a protocol that is not known.
pub(super) fn raw(survey: &Survey, wanted: &mut Wanted) {
    let opened = survey.raw().and_then(|raw| raw.opened());
    if survey.profile.depth != Depth::Quick && opened.is_some() {
        wanted.add(Step::RawQuiet { round: 0 });
        wanted.add(Step::RawQuiet { round: 1 });
    }
}

pub(super) fn streams(survey: &Survey, wanted: &mut Wanted) {
    let Some(url) = &survey.profile.stream_url else { return };
    let step = |event_source, seconds, round| Step::Stream { url: url.clone(), event_source, seconds, round };
    let first = step(false, 0, 0);
    wanted.add(first.clone());
    if !wanted.ended(&first) {
        return;
    }
    let broken = survey.broken_streams().len();
    let deep = survey.profile.depth != Depth::Quick;
    if deep && survey.streams_ours() {
        let long = |round| step(false, LONG_STREAM, round);
        wanted.add(long(0));
        if broken > 0 && wanted.ended(&long(0)) {
            wanted.add(long(1));
        }
    } else if broken > 0 || survey.stream_rejected().is_some() {
        wanted.add(step(false, 0, 1));
    }
    let is_event_stream = survey.evidence.streams().any(|(_, s)| s.header("content-type").is_some_and(|t| t.starts_with("text/event-stream")));
    if deep && is_event_stream {
        wanted.add(step(true, 0, 0));
    }
}

pub(super) fn grpc(survey: &Survey, wanted: &mut Wanted) {
    let Some(url) = &survey.profile.grpc_url else { return };
    let step = |round, as_person| Step::Grpc { url: url.clone(), round, as_person };
    wanted.add(step(0, false));
    if wanted.ended(&step(0, false))
        && let Some((_, first)) = survey.evidence.exchanges_for(Purpose::Grpc).next()
        && first.response().is_none_or(|r| r.grpc.is_none() || r.status >= 400)
    {
        // A gate lets pass who is signed in, as it does the chat's own requests. Where it would ask by a dialog of the browser's, it is not asked.
        let gated = first.response().is_some_and(|r| matches!(r.status, 401 | 403) || r.redirected || r.html.is_some());
        wanted.add(step(1, gated && !first.cross_origin && (!super::asks_natively(first) || survey.signed_in_natively())));
    }
}

/// What says 503 at a pace is asked again slowly, when all else is done: a limit lets that pass, a broken instance does not.
pub(super) fn slowly(survey: &Survey, wanted: &mut Wanted, repeat: &dyn Fn(u8) -> Step) {
    let limited = survey.on_path(Purpose::Repeat).any(|(_, x)| x.status() == Some(503));
    let ended = |wanted: &Wanted, round| wanted.ended(&repeat(round));
    if survey.profile.depth == Depth::Quick || !limited || !ended(wanted, REPEATS - 1) {
        return;
    }
    for round in REPEATS..REPEATS + SLOW_REPEATS {
        let begun = wanted.progress.begun.contains(&repeat(round));
        if !begun && !wanted.idle_but_long() {
            return;
        }
        wanted.add(repeat(round));
        if !ended(wanted, round) {
            return;
        }
    }
}

/// Rates, round trips and sizes, where there is time; a doubt about rates has it in any run.
pub(super) fn quality(survey: &Survey, wanted: &mut Wanted) {
    let (path, eio) = (|| survey.path.clone(), survey.eio);
    let hello = survey.websocket_hello().is_some();
    let deep = survey.profile.depth == Depth::Full;
    // What an older server says to a newer version is no matter of chance.
    let some_failed = hello && survey.hellos().any(|(_, s)| s.eio == eio && (s.failed_before_open() || s.hung_connecting()));
    // An upgrade that strays is told by others that do not.
    let strayed = survey.upgrade_strays().is_some() && survey.conversations(true).iter().all(|c| c.unknown.is_none());
    // None of their own opened, and an upgrade did: a rate, or a rule for how a session begins (WS011).
    let mixed = !hello && survey.upgraded().is_some() && survey.hellos().any(|(_, s)| s.eio == eio && s.failed_before_open());
    if hello && (deep || some_failed || strayed) || mixed {
        let connect = |round| Step::Again { path: path(), eio, round };
        wanted.add(connect(0));
        for round in 1..if deep { CONNECTS } else { QUICK_CONNECTS } {
            // A server that has gone is not asked on and on: browsers make a page wait longer each time (measured).
            if wanted.ended(&connect(round - 1)) && !survey.connects_in_vain() {
                wanted.add(connect(round));
            }
        }
    }
    let most = survey.max_payload().unwrap_or(USUAL_PAYLOAD).min(USUAL_PAYLOAD) / 10 * 9;
    let body = |size| Step::Body { path: path(), eio, size };
    // One at another path may speak a protocol of its own.
    let socketio = deep && survey.path.ends_with("/socket.io/");
    let polls = survey.polls() && survey.polling_works().is_some();
    // Where no WebSocket comes about, long-polling is all that the chat has.
    let tried = wanted.ended(&Step::Hello { path: path(), eio, round: 0 });
    if socketio && !hello && polls && tried && wanted.idle_but_long() {
        bodies(survey, wanted, most, &body);
    }
    // A question that any Socket.IO server answers at once.
    let asks = socketio && hello && wanted.ended(&Step::Again { path: path(), eio, round: CONNECTS - 1 });
    if !asks {
        return;
    }
    let trips = Step::RoundTrips { path: path(), eio };
    wanted.add(trips.clone());
    if !wanted.ended(&trips) || !survey.answers_pings() {
        return;
    }
    let large = |size| Step::Large { path: path(), eio, size };
    if halve(wanted, most, &|size| survey.large_message(size), &large) && polls && wanted.idle_but_long() {
        bodies(survey, wanted, most, &body);
    }
}

/// Above 1 MiB, the commonest limit for a body there is (nginx's default).
const ABOVE_A_MIB: u32 = 1_100_000;

/// Then one above a MiB, where the server says that it takes it: a lost one is sent again, nearly as large.
fn bodies(survey: &Survey, wanted: &mut Wanted, most: u32, body: &dyn Fn(u32) -> Step) {
    let passed = |size| survey.large_post(size);
    let taken = halve(wanted, most, &passed, body) && passed(most) == Some(true);
    if !taken || survey.max_payload().is_none_or(|max| max <= ABOVE_A_MIB) {
        return;
    }
    wanted.add(body(ABOVE_A_MIB));
    if wanted.ended(&body(ABOVE_A_MIB)) && passed(ABOVE_A_MIB) == Some(false) {
        wanted.add(body(ABOVE_A_MIB - 1));
    }
}

/// A few kB: more than one packet of any network, and less than any limit for messages that is known.
const FEW_KB: u32 = 4_000;

/// The largest size first, then half of what did not pass; a few kB before the first half, since a way that loses every full packet
/// loses them too, and each loss takes its time. Whether that is done.
fn halve(wanted: &mut Wanted, most: u32, passed: &dyn Fn(u32) -> Option<bool>, step: &dyn Fn(u32) -> Step) -> bool {
    let (mut size, mut lost) = (most, 0_u32);
    for _ in 0..SIZES {
        wanted.add(step(size));
        if !wanted.ended(&step(size)) {
            return false;
        }
        match passed(size) {
            Some(false) => lost += 1,
            // Once is an accident: the largest again, or nearly.
            Some(true) if lost == 1 => {
                let again = step(most.saturating_sub(1));
                wanted.add(again.clone());
                return wanted.ended(&again);
            }
            _ => return true,
        }
        if size == most && size / 2 > FEW_KB {
            wanted.add(step(FEW_KB));
            if !wanted.ended(&step(FEW_KB)) {
                return false;
            }
            if passed(FEW_KB) != Some(true) {
                return true;
            }
        }
        size /= 2;
    }
    true
}

pub(super) fn delivery(survey: &Survey, wanted: &mut Wanted) {
    if survey.profile.echo_event.is_some() && survey.websocket_hello().is_some() {
        let how = survey.known.asked_connect;
        wanted.add(Step::Delivery { path: survey.path.clone(), namespace: survey.namespace().to_owned(), how });
    }
}

/// One rung after the other, and only where the operator asked for it.
pub(super) fn ladder(survey: &Survey, wanted: &mut Wanted) {
    if !survey.profile.ladder || survey.websocket_hello().is_none() {
        return;
    }
    for sockets in RUNGS {
        let rung = Step::Rung { path: survey.path.clone(), eio: survey.eio, sockets };
        // What else is asked at the same time would be counted with it.
        if !wanted.idle_but_long() && !wanted.progress.begun.contains(&rung) {
            return;
        }
        wanted.add(rung.clone());
        if !wanted.ended(&rung) {
            return;
        }
    }
}

impl Wanted<'_> {
    /// Whether nothing runs but what is held for long.
    fn idle_but_long(&self) -> bool {
        let long = |s: &Step| {
            matches!(s, Step::Heartbeat { .. } | Step::Busy { .. } | Step::LongPoll { .. } | Step::Stream { .. } | Step::RawQuiet { .. } | Step::Patience)
        };
        self.steps.iter().all(long) && self.progress.begun.iter().all(|s| long(s) || self.progress.ended.contains(s))
    }
}
