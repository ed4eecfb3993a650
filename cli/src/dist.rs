//! The built page, of which an injected run takes the program.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::trouble::Trouble;

/// bin/node/injected.mjs makes it.
const SCRIPT: &str = "injected.js";

/// What is put into a page.
#[derive(Debug)]
pub struct Injection {
    /// JavaScript that defines `connectionDoctor`.
    pub script: String,
    /// The files that it would fetch, by name, in base64.
    pub files: Value,
}

/// Reads it from that folder, or from where the built page usually is.
///
/// # Errors
/// Where it is not there; it names the places.
pub fn read(named: Option<&Path>, lang: &str) -> Result<Injection, Trouble> {
    let places = match named {
        Some(folder) => vec![folder.to_owned()],
        None => usual_places(),
    };
    let Some(folder) = places.iter().find(|folder| folder.join(SCRIPT).is_file()) else {
        let looked: Vec<String> = places.iter().map(|folder| folder.join(SCRIPT).display().to_string()).collect();
        return Err(Trouble::new(format!(
            "The built page, whose program is put into a page, is not there: no {}. Build it with bin/build, and name its folder by --dist or CONNECTION_DOCTOR_DIST.",
            looked.join(", no ")
        )));
    };
    let content = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).map_err(|error| Trouble::new(format!("{}: {error}. Build the page anew with bin/build.", path.display())))
    };
    let mut files = Map::new();
    for name in ["doctor_bg.wasm", "doctor_guidance.wasm", "round-trips.js"] {
        files.insert(name.to_owned(), STANDARD.encode(content(name)?).into());
    }
    for lang in ["en", lang] {
        let texts = folder.join("texts").join(lang);
        let entries = std::fs::read_dir(&texts).map_err(|error| Trouble::new(format!("{}: {error}. Build the page anew with bin/build.", texts.display())))?;
        for name in entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).filter(|name| name.ends_with(".json")) {
            let name = format!("texts/{lang}/{name}");
            let text = content(&name)?;
            files.insert(name, STANDARD.encode(text).into());
        }
    }
    let script = String::from_utf8(content(SCRIPT)?)
        .map_err(|_| Trouble::new(format!("{} is damaged. Build the page anew with bin/build.", folder.join(SCRIPT).display())))?;
    Ok(Injection { script, files: Value::Object(files) })
}

/// Beside the program, and in the repository that it was built from.
fn usual_places() -> Vec<PathBuf> {
    let beside = std::env::current_exe().ok().and_then(|program| program.parent().map(|folder| folder.join("dist")));
    beside.into_iter().chain([Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist")]).collect()
}
