//! The chat's page as this browser keeps it, as it would show it, and as the server has it now.

use web_sys::{RequestCache, RequestMode};

use super::super::platform::fetch::timing;
use super::super::platform::frame;
use super::{Context, Ended, unique};
use crate::address::Address;
use crate::evidence::{Exchange, Fact, Navigation, Purpose};
use crate::protocol::html;

/// Scripts of a page that are asked for.
const SCRIPTS: usize = 3;
/// Bytes of a script that are read: enough to see whether it is one.
const GLANCE: usize = 2 * 1024;
/// Bytes of a script that are compared with those of its copy.
const COMPARED: usize = 64 * 1024;
/// Scripts that are read for what they tell the chat's client.
const CLIENT_SCRIPTS: usize = 6;
/// Most bytes of each.
const CLIENT_SCRIPT: usize = 1024 * 1024;
/// How long a frame may take, in milliseconds.
const FRAME: u32 = 2_500;

/// The same once more: what would be shown now, and what the server has.
pub async fn again(context: &Context, path: &str, past_worker: bool) -> Ended {
    if !past_worker {
        return context.ask(context.request(Purpose::ShellNow, path, "")).await.map(drop);
    }
    let mut shown = context.request(Purpose::Shell, path, "");
    shown.cache = RequestCache::Default;
    context.ask(shown).await?;
    past_a_worker(context, path).await
}

/// By a query that no worker's cache knows.
async fn past_a_worker(context: &Context, path: &str) -> Ended {
    let query = ["connection-doctor=", &unique()].concat();
    context.ask(context.request(Purpose::ShellPastWorker, path, &query)).await.map(drop)
}

pub async fn shell(context: &Context, path: &str, past_worker: bool) -> Ended {
    let mut kept = context.request(Purpose::ShellKept, path, "");
    kept.cache = RequestCache::OnlyIfCached;
    // The only mode that this cache mode goes with (WHATWG Fetch, Request constructor).
    kept.mode = RequestMode::SameOrigin;
    context.ask_if_kept(kept).await?;
    let mut shown = context.request(Purpose::Shell, path, "");
    shown.cache = RequestCache::Default;
    let (_, body) = context.ask(shown).await?;
    context.ask(context.request(Purpose::ShellNow, path, "")).await?;
    // Twice: a page that is not the same twice can't be compared with a copy.
    for _ in 0..if past_worker { 2 } else { 0 } {
        past_a_worker(context, path).await?;
    }
    let outline = html::outline(&body);
    let mut folder = context.url(path);
    if let Some(base) = outline.base.as_deref().and_then(|base| resolved(base, &folder)) {
        folder = base;
    }
    let mut wanted: Vec<(Purpose, String)> = Vec::new();
    for url in outline.all_scripts().filter_map(|source| resolved(source, &folder)) {
        if wanted.len() < SCRIPTS && context.is_own(&url) && !frame::is_ours(&url) && !wanted.iter().any(|(_, known)| *known == url) {
            wanted.push((Purpose::Script, url));
        }
    }
    if context.profile.embedded {
        let open = frame::open_scripts().into_iter().filter(|url| context.is_own(url) && !wanted.iter().any(|(_, known)| known == url));
        let open: Vec<String> = open.take(SCRIPTS).collect();
        wanted.extend(open.into_iter().map(|url| (Purpose::OpenScript, url)));
    }
    for (purpose, url) in wanted {
        let mut request = context.request(purpose, "/", "");
        request.path = Address::parse(&url).map_or_else(|| "/".to_owned(), |a| a.path.split('?').next().unwrap_or("/").to_owned());
        request.url = url;
        // A script that a tab has loaded stays in the browser's cache, whatever the server has; the next one of its release does not.
        request.cache = if purpose == Purpose::OpenScript { RequestCache::NoStore } else { RequestCache::Default };
        request.read_at_most = GLANCE;
        let (path, url) = (request.path.clone(), request.url.clone());
        let (exchange, _) = context.asked(request, context.limits.request).await?;
        // A build's digest in the name, or a query, names one release: its copy may be as old as it likes.
        let compare = purpose == Purpose::Script && is_copy(&exchange) && !url.contains('?') && !html::has_digest(&url);
        (context.record)(Fact::Exchange(exchange));
        if compare {
            compare_script(context, &path, &url).await?;
        }
    }
    Ok(())
}

/// The chat's page on this page's own origin and its scripts, read for what they tell its Socket.IO client. As the page loads them, which most
/// often costs nothing.
pub async fn client_scripts(context: &Context) -> Ended {
    let request = |url: String| {
        let mut request = context.request(Purpose::ClientScript, &context.profile.chat_page, "");
        request.path = Address::parse(&url).map_or_else(|| "/".to_owned(), |a| a.path.split('?').next().unwrap_or("/").to_owned());
        request.url = url;
        request.cross_origin = false;
        request.cache = RequestCache::Default;
        request.read_at_most = CLIENT_SCRIPT;
        request
    };
    let page = [context.profile.page_origin.as_str(), &context.profile.chat_page].concat();
    let (exchange, body) = context.asked(request(page.clone()), context.limits.request).await?;
    let outline = html::outline(&body);
    let mut folder = exchange.response().map(|r| r.final_url.clone()).filter(|url| !url.is_empty()).unwrap_or(page);
    (context.record)(Fact::Exchange(exchange));
    if let Some(base) = outline.base.as_deref().and_then(|base| resolved(base, &folder)) {
        folder = base;
    }
    let mut scripts: Vec<String> = Vec::new();
    for url in outline.all_scripts().filter_map(|source| resolved(source, &folder)) {
        // A client that stands alone tells its own defaults.
        if context.is_own(&url) && !url.contains("socket.io") && !frame::is_ours(&url) && !scripts.contains(&url) {
            scripts.push(url);
        }
    }
    for url in scripts.into_iter().take(CLIENT_SCRIPTS) {
        context.ask(request(url)).await?;
    }
    Ok(())
}

/// Whether a response is a copy: nothing was transferred for it (Resource Timing), or it was written before it was asked for, by its `Date`,
/// which counts seconds. It may be a shared cache's as well, or the word of a server whose clock is behind.
fn is_copy(exchange: &Exchange) -> bool {
    let Some(response) = exchange.response().filter(|r| r.status == 200) else { return false };
    let old = |date: &str| js_sys::Date::now() - js_sys::Date::parse(date) > 1_000.0 + f64::from(exchange.ended_after);
    timing(&exchange.url).is_some_and(|timing| timing.transfer_size() == 0.0) || response.header("date").is_some_and(old)
}

/// The script as the browser runs it, and as the server has it: that twice where it differs, since it may be written anew for each.
async fn compare_script(context: &Context, path: &str, url: &str) -> Ended {
    let request = |purpose, cache| {
        let mut request = context.request(purpose, path, "");
        request.url = url.to_owned();
        request.cache = cache;
        request.read_at_most = COMPARED;
        request
    };
    let (_, kept) = context.ask(request(Purpose::ScriptKept, RequestCache::Default)).await?;
    let (_, now) = context.ask(request(Purpose::ScriptNow, RequestCache::NoStore)).await?;
    if now != kept {
        context.ask(request(Purpose::ScriptNow, RequestCache::NoStore)).await?;
    }
    Ok(())
}

fn resolved(source: &str, folder: &str) -> Option<String> {
    Some(web_sys::Url::new_with_base(source, folder).ok()?.href())
}

/// What a navigation gets: a service worker may answer those alone, and a fetch does not see it.
pub async fn navigation(context: &Context, path: &str) -> Ended {
    let _permit = context.permit().await?;
    let limit = context.left(FRAME)?;
    let started = context.clock.now();
    let seen = frame::look(&context.url(path), limit).await;
    (context.record)(Fact::Navigation(Navigation {
        path: path.to_owned(),
        ended_after: context.clock.now().saturating_sub(started),
        controlled: seen.as_ref().and_then(|seen| seen.controlled),
        html: seen.map(|seen| html::outline(&seen.markup)),
    }));
    Ok(())
}
