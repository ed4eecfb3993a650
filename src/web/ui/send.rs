//! The button that hands the report to who runs the chat, where a setting says where to. What it hands on can be seen above it; it does it
//! once a run.

use std::rc::Rc;

use web_sys::Node;

use super::super::sending::{COPY, Letter, PART, deliver};
use super::Face;
use super::node::{append, button, node, said, set, text};
use crate::report::Report;
use crate::t;
use wasm_bindgen_futures::spawn_local;

/// `None` where no target is set, or the report of this run was sent.
pub fn section(face: &Face, report: &Rc<Report>) -> Option<Node> {
    let page_origin = leptos::prelude::window().location().origin().unwrap_or_default();
    let targets = (face.actions.targets)(false);
    if targets.is_empty() {
        return None;
    }
    let origins = targets.origins(&page_origin).join(", ");
    let outcome = text(&face.say(t!("What you see above goes to {origin}, once.", origin = origins)));
    let label = text(&face.say(t!("Send to the operator")));
    let (face, report, shown) = (face.clone(), Rc::clone(report), outcome.clone());
    let act = move |event: &web_sys::Event| {
        let targets = (face.actions.targets)(true);
        if targets.is_empty() {
            return;
        }
        // It keeps the focus.
        if let Some(pressed) = event.current_target() {
            set(wasm_bindgen::JsCast::unchecked_ref(&pressed), "aria-disabled", "true");
        }
        let tell = {
            let (face, shown) = (face.clone(), shown.clone());
            move |words: String| {
                shown.set_node_value(Some(&words));
                face.say_aloud(words);
            }
        };
        tell(face.say(t!("Sending …")));
        let (face, report, page_origin) = (face.clone(), Rc::clone(&report), page_origin.clone());
        spawn_local(async move {
            face.lexicon.take(PART).await;
            match face.actions.post.clone().filter(|_| face.lexicon.words().knows(&COPY.into())) {
                Some(post) => {
                    let letter = Letter { report, targets, page_origin, post, lexicon: Rc::clone(&face.lexicon), tell: Box::new(tell) };
                    spawn_local(deliver(letter));
                }
                None => tell(face.say(t!("It could not be sent. Copy the report, or download it."))),
            }
        });
    };
    let all = node("div", "send", vec![button("quiet", label, act)]);
    append(&all, &[said_of(outcome)]);
    Some(all.into())
}

fn said_of(words: Node) -> Node {
    let line = said("p", "note", "");
    _ = line.append_child(&words);
    line
}
