//! What came of a run, and how it was made.

use connection_doctor::diagnose::Verdict;
use connection_doctor::report::Report;
use connection_doctor::words::Words;

use crate::arguments::Told;
use crate::formats;
use crate::tell;
use crate::trouble::Trouble;

/// A report, and how it came about.
#[derive(Debug)]
pub struct Outcome {
    pub report: Report,
    pub how: How,
    /// What else is to be known of it, each in a sentence.
    pub notes: Vec<String>,
}

/// Where the program that looked came from.
#[derive(Debug)]
pub enum How {
    /// The Connection Doctor page, or element, that the site has.
    Installed { url: String },
    /// It was put into a page of the site by the driver. `unproven`: what such a run can't tell, each in a sentence.
    Injected { url: String, unproven: Vec<String> },
    /// It was a file.
    Saved { file: String },
}

impl How {
    /// One sentence.
    pub fn sentence(&self) -> String {
        match self {
            How::Installed { url } => format!("Run by the Connection Doctor that the site has, at {url}."),
            How::Injected { url, .. } => format!("Run by a program that the driver put into {url}: the site's own Connection Doctor was not used."),
            How::Saved { file } => format!("Diagnosed anew from {file}, without a browser."),
        }
    }

    /// One word, for programs.
    pub fn word(&self) -> &'static str {
        match self {
            How::Installed { .. } => "installed",
            How::Injected { .. } => "injected",
            How::Saved { .. } => "replayed",
        }
    }

    /// What such a run can't tell.
    pub fn unproven(&self) -> &[String] {
        match self {
            How::Injected { unproven, .. } => unproven,
            How::Installed { .. } | How::Saved { .. } => &[],
        }
    }
}

impl Outcome {
    /// Tells it as it was asked for, and gives the exit code.
    ///
    /// # Errors
    /// Where it could not be written.
    pub fn tell(&self, told: &Told, words: &Words) -> Result<u8, Trouble> {
        let code = told.fail_on.code(self.report.verdict);
        let json = || serde_json::to_string_pretty(&self.report).map_err(|error| Trouble::new(format!("The report could not be written: {error}.")));
        if let Some(path) = &told.report {
            std::fs::write(path, json()? + "\n").map_err(|error| Trouble::new(format!("The report could not be written to {}: {error}.", path.display())))?;
        }
        let format = &told.format;
        tell(&match () {
            () if format.json => json()?,
            () if format.markdown => formats::markdown::write(self, words),
            () if format.junit => formats::junit::write(self, told.fail_on, words),
            () if format.sarif => formats::sarif::write(self, code)?,
            () => formats::text::write(self, words),
        })?;
        Ok(code)
    }

    /// Whether the texts tell how it was made; else it is said beside them.
    pub fn is_told_in(told: &Told) -> bool {
        !told.format.json
    }

    pub fn is_inconclusive(&self) -> bool {
        self.report.verdict == Verdict::Inconclusive
    }
}
