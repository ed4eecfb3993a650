//! How the face makes elements: one function for every tag, without `innerHTML`.
//!
//! `view!` turns markup that never changes into `template.innerHTML`, which a page with `require-trusted-types-for
//! 'script'` forbids: such a page would show nothing. The builder creates elements one by one, and with the tag as a value
//! instead of a type the whole face shares three shapes of element, so that a further one costs its words alone.

use leptos::html;
use leptos::prelude::*;
use leptos::svg;

/// An element. Its class is also its `part`, so an embedder can style whatever we can.
pub fn node(tag: &'static str, part: &'static str, children: Vec<AnyView>) -> AnyView {
    node_with(tag, part, ("", None), children)
}

/// The same with one attribute more.
pub fn node_with(tag: &'static str, part: &'static str, (name, value): (&'static str, Option<&'static str>), children: Vec<AnyView>) -> AnyView {
    let part = (!part.is_empty()).then_some(part);
    html::custom(tag).attr("class", part).attr("part", part).attr(name, value).child(children).into_any()
}

/// A piece of text; the browser never reads it as markup.
pub fn text(text: impl Into<String>) -> AnyView {
    text.into().into_any()
}

/// An element that holds text alone.
pub fn said(tag: &'static str, part: &'static str, words: impl Into<String>) -> AnyView {
    node(tag, part, vec![text(words)])
}

/// A button whose label may change while it is shown.
pub fn button(part: &'static str, label: AnyView, act: impl Fn(web_sys::Event) + 'static) -> AnyView {
    let act: Box<dyn Fn(web_sys::Event)> = Box::new(act);
    html::custom("button")
        .attr("type", "button")
        .attr("class", part)
        .attr("part", part)
        .on(leptos::ev::click, move |event| act(event.into()))
        .child(label)
        .into_any()
}

/// What can be folded: closed at first.
pub fn folded(title: impl Into<String>, children: Vec<AnyView>) -> AnyView {
    let mut all = vec![node("summary", "fold-title", vec![node("span", "", vec![text(title)])])];
    all.extend(children);
    node("details", "fold", all)
}

/// A line drawing of 24 by 24, an ornament: the words beside it say the same.
pub fn icon(path: &'static str) -> AnyView {
    svg::svg().attr("viewBox", "0 0 24 24").attr("aria-hidden", "true").attr("class", "icon").child(svg::path().attr("d", path)).into_any()
}
