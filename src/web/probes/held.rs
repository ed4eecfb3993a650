//! What the browser holds of this site: nothing is asked of any server, but for a newer service worker where the present one shows
//! an old page.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

use super::super::platform::{cookies, storage, workers};
use super::{Context, Ended};
use crate::evidence::{End, Fact};
use crate::plan::CLIENT_COOKIE;
use crate::platforms;

/// How long a newer service worker may take to be fetched and set up, in milliseconds.
const RENEWAL: u32 = 2_500;

pub async fn cookies(context: &Context) -> Ended {
    let secure = leptos::prelude::window().is_secure_context();
    (context.record)(Fact::Cookies(cookies::look(secure).await));
    Ok(())
}

/// For a moment alone: a tab with the chat gives itself another one as it connects, and what is there already stays.
pub async fn client_cookie(context: &Context, name: &str) -> Ended {
    let end = if cookies::give(name, &super::unique()) { End::Completed } else { End::Skipped { why: "there is one already, or none is kept".to_owned() } };
    (context.record)(Fact::StepEnded { step: CLIENT_COOKIE.to_owned(), end });
    Ok(())
}

pub async fn storage(context: &Context) -> Ended {
    let keys = platforms::storage_keys(&context.profile);
    (context.record)(Fact::Storage(storage::look(&keys).await));
    Ok(())
}

pub async fn workers(context: &Context, renew: bool) -> Ended {
    if renew {
        let _permit = context.permit().await?;
        workers::renew(&context.url(&context.profile.chat_page), context.left(RENEWAL)?).await;
    }
    (context.record)(Fact::Workers(workers::look(&context.url(&context.profile.chat_page)).await));
    Ok(())
}

/// The permissions to reach a local network, under the names that they had and have (Local Network Access).
pub async fn permission(context: &Context) -> Ended {
    let Some(permissions) = Reflect::get(&leptos::prelude::window().navigator(), &"permissions".into()).ok().filter(JsValue::is_object) else {
        return Ok(());
    };
    for name in ["local-network-access", "local-network", "loopback-network"] {
        let descriptor = js_sys::Object::new();
        _ = Reflect::set(&descriptor, &"name".into(), &name.into());
        let asked = storage::call_with(&permissions, "query", &js_sys::Array::of1(&descriptor)).await;
        let state = asked.and_then(|status| Reflect::get(&status, &"state".into())).ok().and_then(|v| v.as_string());
        if let Some(state) = state {
            (context.record)(Fact::Permission { name: name.to_owned(), state });
        }
    }
    Ok(())
}
