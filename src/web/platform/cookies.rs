//! Cookies of this page (RFC 6265bis, HTML `document.cookie`): what it can write and read back, and what it can read.

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlDocument;

use super::{thrown, within};
use crate::evidence::{Cookies, Stored, Trial, order_by};

/// Most cookies that are named.
const NAMED: usize = 12;
/// So many readable cookies are taken for a sign of a jar that is nearly full: Chromium holds 180 of a site, those included that no
/// page can read, and throws out the 30 oldest where one comes too many (measured).
const CROWDED: usize = 40;
/// How long the browser may think about its storage access, in milliseconds.
const PATIENCE: u32 = 500;

/// The attributes of the kinds that are tried. A browser takes `Secure` on secure pages alone.
const KINDS: [(&str, &str); 3] = [("lax", "; SameSite=Lax"), ("none", "; SameSite=None; Secure"), ("partitioned", "; SameSite=None; Secure; Partitioned")];

/// Writes one cookie of each kind, one at a time, and takes it away again. Without a `Path`, so that it goes to no server but for this page's
/// own folder.
pub async fn look(secure: bool) -> Cookies {
    let mut cookies = Cookies { storage_access: storage_access().await, ..Cookies::default() };
    let page: HtmlDocument = document().unchecked_into();
    let mut all = match page.cookie() {
        Ok(all) => all,
        Err(value) => {
            cookies.threw = Some(thrown(&value).0);
            return cookies;
        }
    };
    // What can be read was kept; a jar that may be full is not written to, since the browser would throw others out for it.
    let crowded = all.split("; ").count() >= CROWDED;
    if crowded {
        cookies.trials.push(Trial { kind: "lax".to_owned(), kept: true });
    }
    for (kind, attributes) in KINDS.iter().take(if secure { 3 } else { 1 }).filter(|_| !crowded) {
        let name = ["connection-doctor-", kind, "="].concat();
        let write = |value_and_age: &str| page.set_cookie(&[&name, value_and_age, attributes].concat()).is_ok();
        let kept = write("1; Max-Age=60") && page.cookie().is_ok_and(|now| now.contains(&name));
        write("; Max-Age=0");
        cookies.trials.push(Trial { kind: (*kind).to_owned(), kept });
    }
    all = page.cookie().unwrap_or(all);
    let (count, size, mut named) = read(&all);
    (cookies.count, cookies.size) = (count, size);
    named.truncate(NAMED);
    cookies.largest = named;
    cookies
}

/// Gives the site a cookie for half a minute; whether it is there then. One that no page can read is not written over (RFC 6265bis section 5.7),
/// and one that can be read is let alone.
pub fn give(name: &str, value: &str) -> bool {
    let page: HtmlDocument = document().unchecked_into();
    let name = [name, "="].concat();
    let is_there = || page.cookie().is_ok_and(|now| now.split("; ").any(|pair| pair.starts_with(&name)));
    let crowded = || page.cookie().is_ok_and(|now| now.split("; ").count() >= CROWDED);
    !is_there() && !crowded() && page.set_cookie(&[&name, value, "; Path=/; Max-Age=30; SameSite=Lax"].concat()).is_ok() && is_there()
}

/// How many, how large in all, and each by name, the largest first.
pub fn read(all: &str) -> (u32, u32, Vec<Stored>) {
    let mut named = Vec::new();
    for pair in all.split("; ").filter(|pair| !pair.is_empty()) {
        let name = pair.split('=').next().unwrap_or("").to_owned();
        named.push(Stored { name, size: pair.len() as u32, ..Stored::default() });
    }
    order_by(&mut named, |stored| u32::MAX - stored.size);
    (named.len() as u32, all.len() as u32, named)
}

/// <https://developer.mozilla.org/docs/Web/API/Document/hasStorageAccess>
async fn storage_access() -> Option<bool> {
    let page: JsValue = document().into();
    let ask: Function = Reflect::get(&page, &"hasStorageAccess".into()).ok()?.dyn_into().ok()?;
    let promise: Promise = ask.call0(&page).ok()?.dyn_into().ok()?;
    within(PATIENCE, JsFuture::from(promise)).await?.ok()?.as_bool()
}
