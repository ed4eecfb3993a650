//! Round trips as a curve, with the band in which most of them lie, those that got no answer, and the moments at which the
//! connection was lost. The same picture while they are watched and after it.

use web_sys::{Element, Node};

use super::Face;
use super::node::{drawn, node, said, set, text};
use super::observation::ms;
use crate::picture::round_trips::{Series, of};
use crate::report::Report;
use crate::t;

/// The picture's own measures; it is drawn as wide as there is room.
const WIDE: u32 = 1_000;
const HIGH: u32 = 100;

/// A picture that can be drawn anew.
pub struct Chart {
    pub all: Element,
    band: Element,
    middle: Element,
    curve: Element,
    dots: Element,
    unanswered: Element,
    drops: Element,
    top: Node,
    told: Node,
}

impl Chart {
    pub fn new(face: &Face) -> Chart {
        let line = |part: &str| drawn("path", &[("class", part)], Vec::new());
        let (middle, curve, dots, unanswered, drops) = (line("middle"), line("curve"), line("dots"), line("unanswered"), line("drops"));
        let band = drawn("rect", &[("class", "band"), ("x", "0"), ("width", "1000")], Vec::new());
        let parts = [&band, &middle, &curve, &dots, &unanswered, &drops].map(|part| part.clone().into()).to_vec();
        let picture = drawn("svg", &[("class", "trips"), ("viewBox", "0 0 1000 100"), ("preserveAspectRatio", "none"), ("aria-hidden", "true")], parts);
        let (top, told) = (text(""), text(""));
        let scale = node("div", "scale", vec![node("span", "", vec![top.clone()]).into(), said("span", "", "0")]);
        let key = |part: &str, words| node("li", part, vec![text(&face.say(words))]).into();
        let keys = vec![key("key-band", t!("most of them")), key("key-middle", t!("the middle one")), key("key-drop", t!("connection lost, or no answer"))];
        let all = node(
            "figure",
            "round-trips",
            vec![
                node("div", "chart", vec![scale.into(), picture.into()]).into(),
                node("ul", "keys", keys).into(),
                node("figcaption", "note", vec![told.clone()]).into(),
            ],
        );
        Chart { all, band, middle, curve, dots, unanswered, drops, top, told }
    }

    pub fn draw(&self, face: &Face, series: &Series) {
        let (from, to) = series.span();
        let top = series.top();
        let scaled = |part: u32, whole: u32, size: u32| (u64::from(part.min(whole)) * u64::from(size) / u64::from(whole.max(1))) as u32;
        let x = |at: u32| scaled(at.saturating_sub(from), to - from, WIDE).to_string();
        let y = |took: u32| HIGH - scaled(took, top, HIGH);
        let (mut curve, mut dots, mut unanswered, mut drops) = (String::new(), String::new(), String::new(), String::new());
        let add = |out: &mut String, parts: &[&str]| parts.iter().for_each(|part| out.push_str(part));
        let mut pen = "M";
        for point in &series.points {
            let at = x(point.at);
            // What was not answered interrupts the curve.
            let Some(took) = point.took else {
                add(&mut unanswered, &["M", &at, " 0V14"]);
                pen = "M";
                continue;
            };
            let high = y(took).to_string();
            add(&mut curve, &[pen, &at, " ", &high]);
            add(&mut dots, &["M", &at, " ", &high, "h.01"]);
            pen = "L";
        }
        series.drops.iter().for_each(|at| add(&mut drops, &["M", &x(*at), " 0V100"]));
        let (low, high) = (y(series.band.1), y(series.band.0));
        set(&self.band, "y", &low.to_string());
        set(&self.band, "height", &(high - low).max(1).to_string());
        let middle = y(series.median).to_string();
        set(&self.middle, "d", &["M0 ", &middle, "H1000"].concat());
        for (part, drawing) in [(&self.curve, &curve), (&self.dots, &dots), (&self.unanswered, &unanswered), (&self.drops, &drops)] {
            set(part, "d", drawing);
        }
        self.top.set_node_value(Some(&ms(top)));
        let told = t!(
            "In the middle {median}; most of them between {low} and {high}; from one to the next {jitter} on average; the longest {longest}. Without an answer: {lost}. Connections lost: {drops}.",
            median = ms(series.median),
            low = ms(series.band.0),
            high = ms(series.band.1),
            jitter = ms(series.jitter),
            longest = ms(series.longest),
            lost = series.lost.to_string(),
            drops = series.drops.len().to_string()
        );
        self.told.set_node_value(Some(&face.say(told)));
    }
}

/// Those of a report, where it has any.
pub fn round_trips(face: &Face, report: &Report) -> Option<Node> {
    let (_, by, series) = of(&report.evidence)?;
    let title = if by == "socket" { t!("The way there and back on the live connection") } else { t!("The way there and back of small requests") };
    let chart = Chart::new(face);
    chart.draw(face, &series);
    Some(node("section", "trips-section", vec![said("h3", "heading", &face.say(title)), chart.all.into()]).into())
}
