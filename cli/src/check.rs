//! `check`: a run in a real browser, from the page that the site has or put into one of its pages.

use std::time::Duration;

use connection_doctor::address::is_path;
use connection_doctor::report::read;
use connection_doctor::words::Words;
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use crate::arguments::Check;
use crate::browser::{self, DriverError, Session};
use crate::dist;
use crate::driver::Driver;
use crate::lang;
use crate::outcome::{How, Outcome};
use crate::page::{self, Failed};
use crate::progress::Progress;
use crate::trouble::Trouble;

/// Most that a page may take to load.
const MOST_PAGE_LOAD: Duration = Duration::from_secs(30);

/// # Errors
/// Where nothing could be told about the chat.
pub fn check(asked: &Check) -> Result<u8, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Trouble::new(format!("This program could not start: {error}.")))?;
    runtime.block_on(checked(asked))
}

async fn checked(asked: &Check) -> Result<u8, Trouble> {
    let url = asked.url.as_deref().map(web_url).transpose()?;
    let origin = url.as_ref().map_or_else(|| "https://chat.example".to_owned(), |url| url.origin().ascii_serialization());
    let options = asked.what.options(&origin, &asked.told.lang)?;
    let words = lang::words(&asked.told.lang);
    let progress = Progress::new();
    let outcome = driven(asked, url.as_ref(), options, &words, &progress).await;
    progress.clear();
    let outcome = outcome?;
    if !Outcome::is_told_in(&asked.told) {
        progress.note(&outcome.how.sentence());
        outcome.notes.iter().chain(outcome.how.unproven()).for_each(|note| progress.note(note));
    }
    let code = outcome.tell(&asked.told, &words);
    asked.sending.send(&outcome.report, &|sentence| progress.note(sentence)).await;
    code
}

/// Ctrl-C, or the end that a container or a CI job is told.
async fn interrupted() -> Trouble {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Trouble::new("Interrupted. The browser was closed.")
}

/// Starts what is needed, runs, and closes it again.
async fn driven(asked: &Check, url: Option<&Url>, options: Value, words: &Words, progress: &Progress) -> Result<Outcome, Trouble> {
    // What an interruption drops ends what it started; a window of somebody else's driver has to be closed.
    let (_driver, session) = tokio::select! {
        opened = open_browser(asked, progress) => opened?,
        interrupted = interrupted() => return Err(interrupted),
    };
    let limit = Duration::from_secs(asked.timeout);
    let run = Run { asked, session: &session, progress };
    let ran = tokio::select! {
        ran = tokio::time::timeout(limit, run.run(url, options)) => ran.unwrap_or_else(|_| {
            Err(Trouble::new(format!("There was no report within {} s (--timeout).", limit.as_secs())))
        }),
        interrupted = interrupted() => Err(interrupted),
    };
    progress.step("Closing the browser ...");
    session.close().await;
    let (text, how) = ran?;
    let (report, told) =
        read::read(&text).map_err(|fault| Trouble::new(format!("The page gave no report that can be read. {}", words.say(fault.text()))))?.again(words);
    let mut notes = Vec::new();
    if told.differs(&report) {
        notes.push(format!(
            "The page (version {}) concluded otherwise: {}. This is what version {} concludes.",
            told.version,
            told.verdict.word(),
            report.product.version
        ));
    }
    if asked.accept_insecure_certs {
        notes.push("Certificates that nobody vouches for were accepted: nothing is said about certificates.".to_owned());
    }
    Ok(Outcome { report, how, notes })
}

/// The driver, where it is ours, and a window.
async fn open_browser(asked: &Check, progress: &Progress) -> Result<(Option<Driver>, Session), Trouble> {
    let started = match &asked.driver {
        Some(_) => None,
        None => {
            progress.step(&format!("Starting {} ...", asked.browser.name()));
            Some(Driver::start(asked.browser).await?)
        }
    };
    let driver = started.as_ref().map(|driver| driver.url.as_str()).or(asked.driver.as_deref()).unwrap_or_default();
    let session = match &asked.session {
        Some(id) => Session::borrow(driver, asked.browser, id).await?,
        None => {
            let capabilities = browser::capabilities(asked.browser, asked.accept_insecure_certs, asked.capabilities.as_deref())?;
            let page_load = Duration::from_secs(asked.timeout).min(MOST_PAGE_LOAD);
            Session::open(driver, asked.browser, &capabilities, page_load).await?
        }
    };
    Ok((started, session))
}

struct Run<'a> {
    asked: &'a Check,
    session: &'a Session,
    progress: &'a Progress,
}

impl Run<'_> {
    /// The report's JSON, and where it came from.
    async fn run(&self, url: Option<&Url>, mut options: Value) -> Result<(String, How), Trouble> {
        let session = self.session;
        if let Some(url) = url {
            self.progress.step(&format!("Opening {url} ..."));
            self.open(url).await?;
        }
        if self.asked.inject {
            return self.injected(options).await;
        }
        // Where the element is in the page of the URL, that one is the Connection Doctor's own, or the chat's with the element in it.
        let mut is_elsewhere = true;
        let installed = match (&self.asked.page, url) {
            (Some(page), Some(url)) => Some(self.named(page, url).await?),
            (Some(_), None) => return Err(Trouble::new("--page needs the URL of the chat.")),
            (None, _) if self.has_element().await? => {
                is_elsewhere = false;
                Some(self.address().await?)
            }
            (None, Some(url)) => self.elsewhere(url).await?,
            (None, None) => None,
        };
        let Some(at) = installed else {
            self.progress.note("The site has no Connection Doctor page at the usual places: the program is put into the page itself.");
            if let Some(url) = url {
                self.open(url).await?;
            }
            return self.injected(options).await;
        };
        if let Some(url) = url.filter(|_| is_elsewhere) {
            with_chat_page(&mut options, url, &at);
        }
        self.progress.note(&format!("Running the Connection Doctor of the site, at {at}"));
        let ran = async {
            page::begin(session, &options).await?;
            page::report(session, self.progress).await
        };
        match ran.await {
            Ok(report) => Ok((report, How::Installed { url: at })),
            Err(failed) => Err(no_report(failed)),
        }
    }

    /// Loads the page. One that takes too long may still have begun, and is looked at.
    async fn open(&self, url: &Url) -> Result<(), Trouble> {
        let not_loaded = |error| page::not_loaded(url, &error, self.session.browser.name());
        match self.session.load(url).await {
            Ok(()) => {}
            Err(error) if error.code == "timeout" => self.progress.note(&format!("{url} did not finish loading; going on with what is there.")),
            Err(error) => return Err(not_loaded(error)),
        }
        // Some drivers call the browser's own page about a failure loaded, and give it the URL of the one that failed.
        if page::is_of_the_web(self.session).await.map_err(not_loaded)? {
            Ok(())
        } else {
            let browser = self.session.browser.name();
            Err(Trouble::new(format!(
                "{url} can't be opened, so nothing can run there: {browser} shows a page of its own in its place, and does not tell the reason."
            )))
        }
    }

    async fn has_element(&self) -> Result<bool, Trouble> {
        page::has_element(self.session).await.map_err(|error| Trouble::new(format!("The page can't be looked at: {error}.")))
    }

    async fn address(&self) -> Result<String, Trouble> {
        let told = self.session.address().await.map_err(|error| Trouble::new(format!("The page can't be looked at: {error}.")))?;
        Ok(without_secrets(&told))
    }

    /// The page that --page names, open and ready.
    async fn named(&self, page: &str, url: &Url) -> Result<String, Trouble> {
        let at = url.join(page).map_err(|error| Trouble::new(format!("--page {page}: {error}.")))?;
        self.open(&at).await?;
        if self.has_element().await? {
            self.address().await
        } else {
            let worker = if self.has_worker().await { BEHIND_A_WORKER } else { "" };
            Err(Trouble::new(format!("--page {page}: {at} has no <connection-doctor>, or its script does not load.{worker}")))
        }
    }

    /// Whether a service worker may have given what is shown. A page that does not say has none.
    async fn has_worker(&self) -> bool {
        page::has_worker(self.session).await.unwrap_or(false)
    }

    /// The page at one of the usual places of the site, open and ready.
    async fn elsewhere(&self, url: &Url) -> Result<Option<String>, Trouble> {
        self.progress.step("Looking for the Connection Doctor page of the site ...");
        let places = page::places(self.session, url).await.map_err(|error| Trouble::new(format!("The page can't be looked at: {error}.")))?;
        let mut is_told = false;
        for place in places {
            if self.session.load(&place).await.is_ok() {
                if self.has_element().await? {
                    return self.address().await.map(Some);
                }
                if !is_told && self.has_worker().await {
                    is_told = true;
                    self.progress.note(&format!("{place} has no <connection-doctor>.{BEHIND_A_WORKER}"));
                }
            }
        }
        Ok(None)
    }

    /// Puts the program into the page that is open.
    async fn injected(&self, mut options: Value) -> Result<(String, How), Trouble> {
        let injection = dist::read(self.asked.dist.as_deref(), &self.asked.told.lang)?;
        let at = self.address().await?;
        if options.get("chat-page").is_none()
            && let Ok(url) = Url::parse(&at)
        {
            // The page that it was put into is the chat's own; a page of ours would not be.
            options["chat-page"] = json!(url.path());
        }
        self.progress.note(&format!("Putting the program into {at}"));
        let mut is_lifted = false;
        let report = loop {
            let ran = async {
                page::inject(self.session, &injection, &options).await?;
                page::report(self.session, self.progress).await
            };
            match ran.await {
                Ok(report) => break report,
                Err(failed) if is_policy(&failed) && self.session.can_lift_policies() && !is_lifted => {
                    self.progress.note("The page's Content-Security-Policy forbids the program; the driver lifts it, and the page is loaded anew.");
                    self.lift().await.map_err(|error| Trouble::new(format!("The policy could not be lifted: {error}.")))?;
                    is_lifted = true;
                }
                Err(failed) if is_policy(&failed) => {
                    return Err(Trouble::new(
                        "The page's Content-Security-Policy lets the program not run in it: it allows no script that is not its own, or no WebAssembly. Put the \
                         Connection Doctor page on the site (README), or use --browser chromium, whose driver can lift the policy.",
                    ));
                }
                Err(failed) => return Err(no_report(failed)),
            }
        };
        Ok((report, How::Injected { url: at, unproven: unproven(is_lifted) }))
    }

    /// Loads the page anew, without its policy.
    async fn lift(&self) -> Result<(), DriverError> {
        self.session.lift_policies().await?;
        let shown = self.session.address().await?;
        let url = Url::parse(&shown).map_err(|error| DriverError { code: String::new(), message: error.to_string() })?;
        self.session.load(&url).await
    }
}

/// What may be the matter where another page comes in place of ours.
const BEHIND_A_WORKER: &str = " A service worker of the site answers there, and may give the chat's page in its place: leave the folder of the \
                               Connection Doctor out of its navigation fallback (README, navigateFallbackDenylist). --inject does without that page.";

/// Who names the chat's page means it, where the page that runs is another one of the same site.
fn with_chat_page(options: &mut Value, url: &Url, at: &str) {
    let Ok(ours) = Url::parse(at) else { return };
    let is_another = ours.origin() == url.origin() && ours.path() != url.path() && is_path(url.path());
    if is_another && options.get("chat-page").is_none() {
        options["chat-page"] = json!(url.path());
    }
}

/// Whether the page's policy keeps the program from running.
fn is_policy(failed: &Failed) -> bool {
    match failed {
        Failed::Forbidden => true,
        Failed::Said(why) => why.contains("wasm-unsafe-eval"),
        Failed::Driver(_) | Failed::Gone => false,
    }
}

/// What a run can't tell that was put into a page.
fn unproven(is_lifted: bool) -> Vec<String> {
    let mut all = vec![
        "No file of the Connection Doctor is on the site: where a conclusion needs a file that surely is there, a script, style or picture of the page was asked for. \
         Where the page has none of its own origin, it is never said that all works."
            .to_owned(),
        "Whether the site can serve the Connection Doctor page, and what a service worker or a proxy makes of it, was not tested.".to_owned(),
        "The page's own scripts ran first, and go on: they may have changed fetch or WebSocket, hold connections, and count against a rate limit.".to_owned(),
    ];
    if is_lifted {
        all.push(
            "The page's Content-Security-Policy was lifted, since it forbids the program: what the policy forbids the chat (SEC001) was not tested.".to_owned(),
        );
    }
    all
}

fn no_report(failed: Failed) -> Trouble {
    Trouble::new(match failed {
        Failed::Said(why) => why,
        Failed::Driver(error) => format!("The run broke off: {error}."),
        Failed::Forbidden => "The page lets no script in that is not its own.".to_owned(),
        Failed::Gone => "The page was left or loaded anew in the middle of the run.".to_owned(),
    })
}

fn web_url(text: &str) -> Result<Url, Trouble> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => Ok(url),
        _ => Err(Trouble::new(format!("{text} is no URL of a page. It begins with https:// or http://, such as https://chat.example/"))),
    }
}

/// A query may hold a token, and a fragment too.
fn without_secrets(address: &str) -> String {
    address.split(['?', '#']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use url::Url;

    use super::with_chat_page;

    #[test]
    fn the_url_that_was_given_is_the_chats_page() {
        let told = |settings: Value, url: &str, at: &str| {
            let mut options = settings;
            with_chat_page(&mut options, &Url::parse(url).unwrap(), at);
            options.get("chat-page").cloned()
        };
        let at = "https://chat.example/assist/public/diagnostics/index.html";
        assert_eq!(told(json!({}), "https://chat.example/assist/?a=b#c", at), Some(json!("/assist/")));
        assert_eq!(told(json!({}), "https://chat.example", at), Some(json!("/")));
        // What is said by the setting stands; our own page is no chat's, and another site's is none that could be asked for.
        assert_eq!(told(json!({ "chat-page": "/chat/" }), "https://chat.example/assist/", at), Some(json!("/chat/")));
        assert_eq!(told(json!({}), at, at), None);
        assert_eq!(told(json!({}), "https://www.example/assist/", at), None);
        assert_eq!(told(json!({}), "https://chat.example//assist/", at), None);
        assert_eq!(told(json!({}), "https://chat.example/assist/", ""), None);
    }
}
