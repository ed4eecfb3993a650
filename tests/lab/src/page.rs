//! The page's own files: the built folder, its generated configuration, and the chat's page.

use std::path::{Path, PathBuf};

use crate::error::StartError;

/// The environment variable that names the built folder.
pub(crate) const DIST_VARIABLE: &str = "CONNECTION_DOCTOR_DIST";
/// The page's optional configuration file, beside its `index.html`.
pub(crate) const CONFIGURATION_FILE: &str = "connection-doctor.json";

/// The folder that the build left, which an operator would copy to the chat's origin.
#[derive(Clone, Debug)]
pub struct BuiltPage {
    folder: PathBuf,
}

impl BuiltPage {
    /// Looks where [`DIST_VARIABLE`] says, else in `dist` at the root of the repository.
    pub fn find() -> Result<Self, StartError> {
        let folder = std::env::var_os(DIST_VARIABLE).map_or_else(|| repository().join("dist"), PathBuf::from);
        if !folder.join("index.html").is_file() {
            return Err(StartError::NoBuiltPage(folder));
        }
        let folder = folder.canonicalize().map_err(StartError::io("to find the built page"))?;
        Ok(Self { folder })
    }

    /// A folder that is always there, for tests of what does not depend on the page.
    #[cfg(test)]
    pub(crate) fn of_sources() -> Self {
        Self { folder: repository().join("tests/lab/src") }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The media type and the bytes of a file; `None` where there is no such file in the folder.
    pub(crate) async fn read(&self, name: &str) -> Option<(&'static str, Vec<u8>)> {
        let name = if name.is_empty() { "index.html" } else { name };
        let file = self.folder.join(name).canonicalize().ok()?;
        if !file.starts_with(&self.folder) || !file.is_file() {
            return None;
        }
        Some((media_type(&file), tokio::fs::read(&file).await.ok()?))
    }
}

/// The root of the repository that this program was built from.
pub fn repository() -> PathBuf {
    let lab = Path::new(env!("CARGO_MANIFEST_DIR"));
    lab.ancestors().nth(2).unwrap_or(lab).to_owned()
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

/// The chat's page, as a single-page application's build leaves it.
pub(crate) const CHAT_PAGE: &str = concat!(
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Lab chat</title>",
    "<meta name=\"viewport\" content=\"width=device-width\"></head>",
    "<body><div id=\"root\"></div><noscript>You need to enable JavaScript to run this app.</noscript></body></html>\n",
);
/// The page of a chat whose client is of Socket.IO 2, by the address of its script.
pub(crate) const CHAT_PAGE_WITH_OLD_CLIENT: &str = concat!(
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Lab chat</title>",
    "<script src=\"/vendor/socket.io-2.5.0.slim.min.js\"></script></head><body><div id=\"root\"></div></body></html>\n",
);
/// The same of Socket.IO 4.
pub(crate) const CHAT_PAGE_WITH_NEW_CLIENT: &str = concat!(
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Lab chat</title>",
    "<script src=\"/vendor/socket.io-client@4.8.1/socket.io.min.js\"></script></head><body><div id=\"root\"></div></body></html>\n",
);
/// A page whose client is told in a file of its own what to do.
pub(crate) const CHAT_PAGE_WITH_SCRIPT: &str = concat!(
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Lab chat</title>",
    "<script defer src=\"/assets/chat.js\"></script></head><body><div id=\"root\"></div></body></html>\n",
);
/// One that tells its client in the page itself to use WebSocket alone.
pub(crate) const CHAT_PAGE_WITH_WEBSOCKET_ALONE: &str = concat!(
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Lab chat</title></head><body><div id=\"root\"></div>",
    "<script type=\"module\">import { io } from \"/vendor/client.js\"; const socket = io({ transports: [\"websocket\"] });</script></body></html>\n",
);
/// The page of a chat that believes it lives under `/chat`, as Chainlit says it.
pub(crate) const CHAT_PAGE_WITH_PREFIX: &str = concat!(
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Lab chat</title>",
    "<meta property=\"og:root_path\" content=\"/chat\"></head><body><div id=\"root\"></div></body></html>\n",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_outside_the_folder_is_served() {
        let page = BuiltPage::of_sources();
        assert!(page.read("page.rs").await.is_some());
        assert!(page.read("../Cargo.toml").await.is_none());
        assert!(page.read("missing.js").await.is_none());
    }

    #[test]
    fn webassembly_has_the_type_that_streaming_compilation_asks_for() {
        assert_eq!(media_type(Path::new("a/b_bg.wasm")), "application/wasm");
    }
}
