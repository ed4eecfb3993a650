//! Every request and every connection of a run as a table: what was asked, and beside it when, drawn on one scale.

use std::rc::Rc;

use web_sys::{Element, Node};

use super::Face;
use super::later::later;
use super::node::{append, drawn, folded_later, node, node_with, percent, said, set, text};
use crate::picture::waterfall::{Ending, Moment, Phase, ROWS, Row, Waterfall, is_row};
use crate::report::Report;
use crate::t;

/// Folded: it is made when somebody looks.
pub fn waterfall(face: &Face, report: &Rc<Report>) -> Option<Node> {
    let count = report.evidence.observations().iter().filter(|o| is_row(&o.fact)).count().min(ROWS);
    let (shown, report) = (face.clone(), Rc::clone(report));
    let title = face.say(t!("Every request in time ({count})", count = count.to_string()));
    (count > 0).then(|| folded_later(face, &title, later(move || whole(&shown, &Waterfall::of(&report.evidence)))))
}

fn whole(face: &Face, fall: &Waterfall) -> Vec<Node> {
    let key =
        |part: &str, words: String| node("li", "", vec![drawn("svg", &[("class", part), ("aria-hidden", "true")], bar(part)).into(), text(&words)]).into();
    let keys = vec![
        key("waiting", face.say(t!("waiting for an answer"))),
        key("receiving", face.say(t!("receiving it"))),
        key("open", face.say(t!("connection open"))),
        key("message", face.say(t!("message"))),
        key("failed", face.say(t!("failed"))),
    ];
    let mut all = vec![node("ul", "keys", keys).into()];
    if fall.left_out > 0 {
        all.push(said("p", "note", &face.say(t!("{count} older ones are left out.", count = fall.left_out.to_string()))));
    }
    let column = |words| node_with("th", "", ("scope", "col"), vec![text(&face.say(words))]).into();
    let mut scale = drawn("svg", &[("class", "scale"), ("aria-hidden", "true")], Vec::new());
    ticks(&mut scale, fall, true);
    let head = vec![column(t!("Request")), node_with("th", "", ("scope", "col"), vec![said("span", "aloud", &face.say(t!("Time"))), scale.into()]).into()];
    let rows = fall.rows.iter().map(|row| one(face, fall, row)).collect();
    let table = node("table", "waterfall", vec![node("thead", "", vec![node("tr", "", head).into()]).into(), node("tbody", "", rows).into()]);
    // What the picture says in colours stands in figures beside it; names and figures are the same in all languages.
    all.push(table.into());
    all
}

fn one(face: &Face, fall: &Waterfall, row: &Row) -> Node {
    let took = [&row.to.saturating_sub(row.from).to_string(), " ms"].concat();
    let from = [&row.from.to_string(), " ms"].concat();
    let mut figures = face.say(t!("at {from} for {took}", from = from, took = took));
    if !row.outcome.is_empty() {
        figures.push_str(", ");
        figures.push_str(&row.outcome);
    }
    if row.ending == Ending::Failed {
        figures.push_str(", ");
        figures.push_str(&face.say(t!("failed")));
    }
    let target = node_with("span", "target", ("dir", "ltr"), vec![said("b", "", &row.method), text(" "), text(&row.target)]);
    let number = ["#", &row.cite.to_string()].concat();
    let head = node_with("th", "", ("scope", "row"), vec![target.into(), text(" "), said("span", "aside", &[&number, " ", &figures].concat())]);
    let mut line = drawn("svg", &[("class", "row"), ("aria-hidden", "true")], Vec::new());
    ticks(&mut line, fall, false);
    let mut from = row.from;
    let at = |time: u32| percent(time.saturating_sub(fall.from), fall.to - fall.from);
    for (phase, to) in &row.phases {
        let part = match phase {
            Phase::Waiting => "waiting",
            Phase::Receiving => "receiving",
            Phase::Open => "open",
        };
        let wide = percent(to.saturating_sub(from), fall.to - fall.from);
        append(&line, &[stretch(part, &at(from), &wide)]);
        from = *to;
    }
    for (time, moment) in &row.moments {
        let part = match moment {
            Moment::Received => "message",
            Moment::Sent => "message sent",
            Moment::Failed => "failed",
        };
        append(&line, &[drawn("svg", &[("x", &at(*time)), ("class", "moment")], bar(part)).into()]);
    }
    let part = match row.ending {
        Ending::Well => "row",
        Ending::Refused => "row refused",
        Ending::Failed => "row failed",
    };
    node("tr", part, vec![head.into(), node("td", "", vec![line.into()]).into()]).into()
}

/// What stands for one kind: a stretch, a tick, or the cross of what failed.
fn bar(part: &str) -> Vec<Node> {
    let made = match part {
        "failed" => drawn("path", &[("class", "failed"), ("d", "M-4 6l8 8M4 6l-8 8")], Vec::new()),
        "message" | "message sent" => drawn("path", &[("class", part), ("d", "M0 5v10")], Vec::new()),
        _ => return vec![stretch(part, "0", "100%")],
    };
    vec![made.into()]
}

fn stretch(part: &str, from: &str, wide: &str) -> Node {
    // Without colours they differ by their height.
    let (top, high) = match part {
        "waiting" => ("8.5", "3"),
        "receiving" => ("4", "12"),
        _ => ("6.5", "7"),
    };
    drawn("rect", &[("class", part), ("x", from), ("y", top), ("width", wide), ("height", high)], Vec::new()).into()
}

/// Lines at whole times, and in the head their figures.
fn ticks(on: &mut Element, fall: &Waterfall, named: bool) {
    let step = fall.step();
    let mut time = fall.from.div_ceil(step).saturating_mul(step);
    for _ in 0..7 {
        if time > fall.to {
            return;
        }
        let at = percent(time - fall.from, fall.to - fall.from);
        append(on, &[drawn("line", &[("class", "tick"), ("x1", &at), ("x2", &at), ("y1", "0"), ("y2", "100%")], Vec::new()).into()]);
        if named {
            let figure = if step >= 1_000 { [&(time / 1_000).to_string(), " s"].concat() } else { [&time.to_string(), " ms"].concat() };
            let words = drawn("text", &[("x", &at), ("dx", "4"), ("y", "12")], vec![text(&figure)]);
            set(&words, "class", "figure");
            append(on, &[words.into()]);
        }
        time = time.saturating_add(step);
    }
}
