//! What may be said on the command line.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use connection_doctor::diagnose::Verdict;
use connection_doctor::profile::{Layer, Page, Profile, ProfileError, Source};
use serde_json::{Value, json};

use crate::lang::LANGUAGES;
use crate::send::Sending;
use crate::trouble::Trouble;

const EXIT_CODES: &str = "\
Exit codes of check and replay:
  0  works
  1  degraded or broken; with --fail-on broken, degraded is 0
  2  could not be run: wrong usage, no driver, the page does not load, no report
  3  inconclusive: nothing wrong was found, and not everything could be tested
Exit codes of diff: 0 no difference, 1 a difference, 2 a report could not be read";

#[derive(Debug, Parser)]
#[command(name = "connection-doctor", version, about = "Finds out why a chat does not reach its server", after_help = EXIT_CODES)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Diagnose a chat in a real browser without a screen
    #[command(after_help = EXIT_CODES)]
    Check(Box<Check>),
    /// Diagnose a saved report anew with the rules of this version, without a browser
    #[command(after_help = EXIT_CODES)]
    Replay(Replay),
    /// Tell what differs between two saved reports, the older one first
    Diff(Diff),
    /// Tell what a code means, how it is recognised and what to do; without a code, list all
    Explain(Explain),
}

#[derive(Debug, Args)]
pub struct Check {
    /// The chat's page, or the installed Connection Doctor page; may be left out with --session
    #[arg(required_unless_present = "session")]
    pub url: Option<String>,
    #[command(flatten)]
    pub what: What,
    /// The browser to run in
    #[arg(long, value_enum, default_value_t = Browser::Chromium)]
    pub browser: Browser,
    /// Where the Connection Doctor page is on that site: a path or a URL. Else the usual places are tried
    #[arg(long, value_name = "PATH", conflicts_with = "inject")]
    pub page: Option<String>,
    /// Put the program into the page of URL itself, even if the site has the Connection Doctor page
    #[arg(long)]
    pub inject: bool,
    /// A WebDriver server that is running already, as http://127.0.0.1:4444. Else the browser's driver is started
    #[arg(long, value_name = "URL")]
    pub driver: Option<String>,
    /// A WebDriver session of that driver that somebody prepared: it is used as it stands and left open
    #[arg(long, value_name = "ID", requires = "driver", conflicts_with_all = ["capabilities", "accept_insecure_certs"])]
    pub session: Option<String>,
    /// A JSON file with WebDriver capabilities: added to those of the browser, or the whole "capabilities" object
    #[arg(long, value_name = "FILE")]
    pub capabilities: Option<PathBuf>,
    /// Accept certificates that nobody vouches for; the run then says nothing about certificates
    #[arg(long)]
    pub accept_insecure_certs: bool,
    /// Seconds until the page or a run is given up
    #[arg(long, value_name = "S", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// The folder of the built page, which --inject takes the program from
    #[arg(long, value_name = "DIR", env = "CONNECTION_DOCTOR_DIST")]
    pub dist: Option<PathBuf>,
    #[command(flatten)]
    pub told: Told,
    #[command(flatten)]
    pub sending: Sending,
}

/// What to look at.
#[derive(Debug, Args)]
pub struct What {
    /// The application, where it is known
    #[arg(long, value_parser = PossibleValuesParser::new(["auto", "chainlit", "open-webui", "semaphore", "livekit", "socketio", "raw"]))]
    pub profile: Option<String>,
    /// How long to look: quick takes at most 5 seconds, full at most 45
    #[arg(long, value_enum, default_value_t = Depth::Quick)]
    pub depth: Depth,
    /// A setting of the README's table, as --setting socket-path=/ws/socket.io/
    #[arg(long = "setting", value_name = "NAME=VALUE")]
    pub settings: Vec<String>,
}

/// How the outcome is told.
#[derive(Debug, Args)]
pub struct Told {
    #[command(flatten)]
    pub format: Format,
    /// What makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Degraded)]
    pub fail_on: FailOn,
    /// Write the report, as JSON, to this file too
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// The language of the report's texts
    #[arg(long, default_value = "en", value_parser = PossibleValuesParser::new(LANGUAGES))]
    pub lang: String,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Format {
    /// The report as JSON (www/report.schema.json)
    #[arg(long)]
    pub json: bool,
    /// Markdown, for a ticket
    #[arg(long)]
    pub markdown: bool,
    /// JUnit XML: a test case for each rule
    #[arg(long)]
    pub junit: bool,
    /// SARIF 2.1.0
    #[arg(long)]
    pub sarif: bool,
}

#[derive(Debug, Args)]
pub struct Replay {
    /// A report that was saved as JSON; - reads it from the standard input
    pub file: PathBuf,
    #[command(flatten)]
    pub told: Told,
    #[command(flatten)]
    pub sending: Sending,
}

#[derive(Debug, Args)]
pub struct Diff {
    /// The older report
    pub before: PathBuf,
    /// The newer report
    pub after: PathBuf,
    /// The language of what is told
    #[arg(long, default_value = "en", value_parser = PossibleValuesParser::new(LANGUAGES))]
    pub lang: String,
}

#[derive(Debug, Args)]
pub struct Explain {
    /// A code, such as WS001, or a name, such as upgrade-stripped
    pub code: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Browser {
    Chromium,
    Firefox,
    Webkit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Depth {
    Quick,
    Full,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Broken,
    Degraded,
}

impl FailOn {
    /// The exit code of a verdict.
    pub fn code(self, verdict: Verdict) -> u8 {
        match verdict {
            Verdict::Works => 0,
            Verdict::Degraded => u8::from(self == FailOn::Degraded),
            Verdict::Broken => 1,
            Verdict::Inconclusive => 3,
        }
    }
}

impl Depth {
    fn name(self) -> &'static str {
        match self {
            Depth::Quick => "quick",
            Depth::Full => "full",
        }
    }
}

impl What {
    /// The options of `run()`.
    ///
    /// # Errors
    /// A sentence for each setting that is wrong, as the page would say it.
    pub fn options(&self, origin: &str, lang: &str) -> Result<Value, Trouble> {
        let mut options = json!({ "depth": self.depth.name(), "lang": lang });
        if let Some(profile) = &self.profile {
            options["profile"] = json!(profile);
        }
        for setting in &self.settings {
            let (name, value) =
                setting.split_once('=').ok_or_else(|| Trouble::new(format!("--setting {setting}: it is NAME=VALUE, such as socket-path=/ws/socket.io/")))?;
            if ["depth", "profile", "lang"].contains(&name) {
                return Err(Trouble::new(format!("--setting {setting}: this one has a flag of its own, --{name}.")));
            }
            // All settings are texts in an element's attributes; those that are lists of objects are JSON there too.
            options[name] = json!(value);
        }
        let page = Page { origin: origin.to_owned(), path: "/".to_owned(), embedded: false };
        let layer = Layer { source: Source::Call, json: options.to_string() };
        match Profile::parse(&page, &[layer]) {
            Ok(_) => Ok(options),
            Err(mistakes) => Err(Trouble::new(mistakes.iter().map(as_flags).collect::<Vec<_>>().join(" "))),
        }
    }
}

/// A mistake's sentence for who gave settings as flags, and called nothing.
fn as_flags(mistake: &ProfileError) -> String {
    mistake.to_string().replace(" in the options of run() is", " is").replace("in the options of run()", "by --setting")
}
