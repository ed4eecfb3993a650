//! What a person can set in their own browser, in the words of its menus: one plain sentence for each browser.
//!
//! Labels of Chrome and Firefox on a computer were read in Chromium 156 and Firefox 153 themselves; those of Edge, Safari and
//! of phones come from help pages and memory, were not seen in a build, and may drift. Where a label is not known for certain, the sentence
//! says what to look for.

use crate::t;
use crate::words::{Phrase, Text};

/// Whose menus they are: on an iPhone all browsers have Safari's engine, and menus of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    Chrome,
    Edge,
    Firefox,
    Safari,
    Samsung,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    Desktop,
    /// Also an iPad that asks for the pages of a computer: it says that it is a Mac.
    Mac,
    Ios,
    Android,
}

/// What there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Delete what this site has stored. It signs the person out.
    SiteData,
    /// Delete kept copies of pages and files.
    CachedCopy,
    /// Let this site keep cookies and data at all.
    AllowCookies,
    /// Let it do so inside of a page of another site.
    AllowFrameCookies,
    /// Switch off what an extension blocks.
    AllowExtension,
    /// Let this site use microphone and camera.
    AllowDevices,
}

/// The name that a user agent string gives, with the first number of its version; `None` for one that is not known.
#[must_use]
pub fn named(user_agent: &str) -> Option<String> {
    // Those that say they are another one as well come first.
    const MARKS: [(&str, &str); 10] = [
        ("SamsungBrowser/", "Samsung Internet "),
        ("OPR/", "Opera "),
        ("Edg/", "Edge "),
        ("EdgA/", "Edge "),
        ("EdgiOS/", "Edge "),
        ("CriOS/", "Chrome "),
        ("FxiOS/", "Firefox "),
        ("Firefox/", "Firefox "),
        ("Chrome/", "Chrome "),
        ("Version/", "Safari "),
    ];
    let (name, after) = MARKS.iter().find_map(|(mark, name)| Some((name, user_agent.split_once(mark)?.1)))?;
    let number: String = after.chars().take_while(char::is_ascii_digit).take(6).collect();
    Some([name, number.as_str()].concat())
}

/// The browser and the system that this user agent string names.
#[must_use]
pub fn of(user_agent: &str) -> (Browser, System) {
    let has = |word: &str| user_agent.contains(word);
    let system = if has("iPhone") || has("iPad") || has("iPod") {
        System::Ios
    } else if has("Android") {
        System::Android
    } else if has("Macintosh") {
        System::Mac
    } else {
        System::Desktop
    };
    // Those that say they are Chrome or Safari as well come first. A page inside of an app says `; wv)`, or no `Safari/`.
    let mut browser = Browser::Other;
    for (word, named) in [
        ("OPR/", Browser::Other),
        ("OPT/", Browser::Other),
        ("Vivaldi/", Browser::Other),
        ("YaBrowser/", Browser::Other),
        ("DuckDuckGo/", Browser::Other),
        ("Ddg/", Browser::Other),
        ("Electron/", Browser::Other),
        ("GSA/", Browser::Other),
        ("; wv)", Browser::Other),
        ("SamsungBrowser/", Browser::Samsung),
        ("Edg", Browser::Edge),
        ("CriOS/", Browser::Chrome),
        ("FxiOS/", Browser::Firefox),
        ("Firefox/", Browser::Firefox),
        ("Chrome/", Browser::Chrome),
        ("Safari/", Browser::Safari),
    ] {
        if has(word) {
            browser = named;
            break;
        }
    }
    (browser, system)
}

// Whose menus a sentence is about. What is not known better, Samsung's browser too, is `ELSE`.
const CHROME: u16 = 1;
const EDGE: u16 = 2;
const FIREFOX: u16 = 4;
const MAC: u16 = 8;
const IPHONE: u16 = 16;
/// Chrome, Edge and Firefox there.
const IPHONE_ELSE: u16 = 32;
const ANDROID: u16 = 64;
const ANDROID_FIREFOX: u16 = 128;
const ELSE: u16 = 256;

fn whose(user_agent: &str) -> u16 {
    let on_a_computer = |bit: u16, system: System| if matches!(system, System::Desktop | System::Mac) { bit } else { ELSE };
    match of(user_agent) {
        (Browser::Safari, System::Mac) => MAC,
        (Browser::Safari, System::Ios) => IPHONE,
        (Browser::Chrome | Browser::Edge | Browser::Firefox, System::Ios) => IPHONE_ELSE,
        (Browser::Chrome, System::Android) => ANDROID,
        (Browser::Firefox, System::Android) => ANDROID_FIREFOX,
        (Browser::Chrome, system) => on_a_computer(CHROME, system),
        (Browser::Edge, system) => on_a_computer(EDGE, system),
        (Browser::Firefox, system) => on_a_computer(FIREFOX, system),
        _ => ELSE,
    }
}

/// Whose, their name, and what to do: a sentence that begins with a verb.
type Row = (u16, Phrase, Phrase);

const ON_CHROME: Phrase = t!("Chrome on a computer");
const ON_EDGE: Phrase = t!("Edge on a computer");
const ON_CHROME_OR_EDGE: Phrase = t!("Chrome or Edge on a computer");
const ON_FIREFOX: Phrase = t!("Firefox on a computer");
const ON_MAC: Phrase = t!("Safari on a Mac");
const ON_IPHONE: Phrase = t!("Safari on an iPhone or iPad");
const ON_IPHONE_ELSE: Phrase = t!("another browser on an iPhone or iPad");
const ON_ANDROID: Phrase = t!("Chrome on Android");
const ON_ANDROID_FIREFOX: Phrase = t!("Firefox on Android");
const ON_ELSE: Phrase = t!("another browser");

const SITE_DATA: &[Row] = &[
    (
        CHROME | EDGE,
        ON_CHROME_OR_EDGE,
        t!(
            "Press the icon left of the address, then Cookies and site data > Manage on-device site data, and press Delete beside this site; this signs you out of it."
        ),
    ),
    (
        FIREFOX,
        ON_FIREFOX,
        t!("Press the shield or lock left of the address, then “Clear cookies and site data”, and confirm; this signs you out of this site."),
    ),
    (MAC, ON_MAC, t!("Open Safari > Settings > Privacy > Manage Website Data, choose this site and press Remove; this signs you out of it.")),
    (IPHONE, ON_IPHONE, t!("Open Settings > Apps > Safari > Advanced > Website Data, swipe this site to the left and press Delete; this signs you out of it.")),
    (
        ANDROID,
        ON_ANDROID,
        t!("Press the icon left of the address, then Cookies and site data, and delete what this site has stored; this signs you out of it."),
    ),
    (
        IPHONE_ELSE | ANDROID_FIREFOX | ELSE,
        ON_ELSE,
        t!("Open its settings, look for deleting browsing data, and delete cookies and site data, of this site alone where it lets you; this signs you out."),
    ),
];

const CACHED_COPY: &[Row] = &[
    (
        CHROME | EDGE,
        ON_CHROME_OR_EDGE,
        t!("Open the menu > Delete browsing data (Ctrl+Shift+Del), choose “All time”, tick only “Cached images and files”, and confirm; you stay signed in."),
    ),
    (
        FIREFOX,
        ON_FIREFOX,
        t!(
            "Open Settings > Privacy and security > Clear browsing data, choose “Everything”, tick only “Temporary cached files and pages”, and press Clear; you stay signed in."
        ),
    ),
    (
        MAC,
        ON_MAC,
        t!(
            "Open the Develop menu and choose Empty Caches (where there is no such menu, switch on “Show features for web developers” in Safari > Settings > Advanced); you stay signed in."
        ),
    ),
    (IPHONE, ON_IPHONE, t!("Open Settings > Apps > Safari > Advanced > Website Data, swipe this site to the left and press Delete; this signs you out of it.")),
    (ANDROID, ON_ANDROID, t!("Open the menu (⋮) > Delete browsing data, choose all time and only “Cached images and files”, and delete; you stay signed in.")),
    (
        ANDROID_FIREFOX,
        ON_ANDROID_FIREFOX,
        t!("Open the menu > Settings > Delete browsing data, tick only “Cached images and files”, and delete; you stay signed in."),
    ),
    (
        IPHONE_ELSE | ELSE,
        ON_ELSE,
        t!("Open its settings, look for deleting browsing data, choose only the kept images and files (“cache”), and delete; you stay signed in."),
    ),
];

const ALLOW_COOKIES: &[Row] = &[
    (
        CHROME,
        ON_CHROME,
        t!(
            "Open Settings > Privacy and security > Site settings > Additional content settings > On-device site data, and add this site under “Allowed to save data on your device”."
        ),
    ),
    (
        EDGE,
        ON_EDGE,
        t!(
            "Open Settings > Privacy, search, and services > Cookies, switch on “Allow sites to save and read cookie data”, and remove this site from those that are blocked."
        ),
    ),
    (
        FIREFOX,
        ON_FIREFOX,
        t!("Open Settings > Privacy and security, press “Manage exceptions” under Browsing data, type this site's address, press Allow, and save."),
    ),
    (MAC, ON_MAC, t!("Open Safari > Settings > Advanced (in older ones: Privacy), and switch off “Block all cookies”.")),
    (IPHONE, ON_IPHONE, t!("Open Settings > Apps > Safari > Advanced, and switch off “Block All Cookies”.")),
    (ANDROID, ON_ANDROID, t!("Open the menu (⋮) > Settings > Site settings > On-device site data, and allow it for this site.")),
    (ANDROID_FIREFOX, ON_ANDROID_FIREFOX, t!("Open the menu > Settings > Enhanced Tracking Protection, and choose Standard.")),
    (IPHONE_ELSE | ELSE, ON_ELSE, t!("Open its settings, look for cookies among privacy or site settings, and allow them for this site.")),
];

const ALLOW_FRAME_COOKIES: &[Row] = &[
    (
        CHROME,
        ON_CHROME,
        t!(
            "Open Settings > Privacy and security > Third-party cookies, press Add beside “Sites allowed to use third-party cookies”, and enter the address of the page that you see."
        ),
    ),
    (
        EDGE,
        ON_EDGE,
        t!(
            "Open Settings > Privacy, search, and services > Cookies, press Add beside Allow, enter the address of the page that you see, and tick “Including third-party cookies on this site”."
        ),
    ),
    (
        FIREFOX | ANDROID_FIREFOX,
        t!("Firefox on a computer or on Android"),
        t!("Press the shield left of the address, and switch off Enhanced Tracking Protection for this site."),
    ),
    (MAC, ON_MAC, t!("Open Safari > Settings > Privacy, and switch off “Prevent cross-site tracking”.")),
    (IPHONE, ON_IPHONE, t!("Open Settings > Apps > Safari, and switch off “Prevent Cross-Site Tracking”.")),
    (IPHONE_ELSE, ON_IPHONE_ELSE, t!("Open Settings > Apps, choose this browser, and switch on “Allow Cross-Website Tracking”.")),
    (ANDROID, ON_ANDROID, t!("Open the menu (⋮) > Settings > Site settings > Third-party cookies, and allow them.")),
    (ELSE, ON_ELSE, t!("Open its settings, look for third-party cookies or tracking among privacy or site settings, and allow them for this site.")),
];

const ALLOW_EXTENSION: &[Row] = &[
    (
        CHROME | EDGE,
        ON_CHROME_OR_EDGE,
        t!(
            "Press the Extensions button (a puzzle piece) right of the address, then “Manage extensions”, and switch off what blocks ads or trackers, or let this site through in its own settings."
        ),
    ),
    (
        FIREFOX,
        ON_FIREFOX,
        t!(
            "Press the Extensions button (a puzzle piece) right of the address, then “Manage extensions”, and switch off what blocks ads or trackers; then press the shield left of the address, and switch off Enhanced Tracking Protection for this site."
        ),
    ),
    (
        MAC,
        ON_MAC,
        t!("Open Safari > Settings > Websites > Content Blockers, and choose Off for this site; then switch off blockers in Safari > Settings > Extensions."),
    ),
    (IPHONE, ON_IPHONE, t!("Open Settings > Apps > Safari > Extensions, and switch off what blocks ads or trackers.")),
    (
        ANDROID_FIREFOX,
        ON_ANDROID_FIREFOX,
        t!(
            "Open the menu > Extensions, and switch off what blocks ads or trackers; then press the shield left of the address, and switch off Enhanced Tracking Protection for this site."
        ),
    ),
    (
        IPHONE_ELSE | ANDROID | ELSE,
        ON_ELSE,
        t!("Look in its menu for extensions, ad blockers or shields, and switch them off for this site; on a phone, also switch off apps that block ads."),
    ),
];

const ALLOW_DEVICES: &[Row] = &[
    (
        CHROME | EDGE | ANDROID,
        t!("Chrome or Edge"),
        t!("Press the icon left of the address (on a phone, then Permissions), switch microphone and camera on, and reload this page."),
    ),
    (FIREFOX, ON_FIREFOX, t!("Press the crossed-out microphone or camera left of the address, press the × beside “Blocked”, and reload this page.")),
    (MAC, ON_MAC, t!("Open Safari > Settings > Websites > Microphone (or Camera), and choose Allow for this site.")),
    (IPHONE, ON_IPHONE, t!("Press the button left of the address, then Website Settings, and allow microphone and camera.")),
    (IPHONE_ELSE, ON_IPHONE_ELSE, t!("Open Settings > Apps, choose this browser, and switch on Microphone and Camera.")),
    (ANDROID_FIREFOX | ELSE, ON_ELSE, t!("Open its settings, look for site permissions, and allow microphone and camera for this site.")),
];

/// How to do it in the browser of this user agent, and how in the others, each with its name in front.
#[must_use]
pub fn steps(user_agent: &str, task: Task) -> (Text, Vec<Text>) {
    let rows = match task {
        Task::SiteData => SITE_DATA,
        Task::CachedCopy => CACHED_COPY,
        Task::AllowCookies => ALLOW_COOKIES,
        Task::AllowFrameCookies => ALLOW_FRAME_COOKIES,
        Task::AllowExtension => ALLOW_EXTENSION,
        Task::AllowDevices => ALLOW_DEVICES,
    };
    let here = whose(user_agent);
    let mut mine = Text::Nothing;
    let mut others = Vec::new();
    for (who, name, text) in rows {
        if who & here == 0 {
            others.push(t!("In {browser}: {step}", browser = *name, step = *text));
        } else {
            mine = Text::from(*text);
        }
    }
    (mine, others)
}

#[cfg(test)]
mod tests {
    use super::{Browser, System, Task, of};

    const SEEN: &[(&str, Browser, System)] = &[
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", Browser::Chrome, System::Desktop),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36", Browser::Chrome, System::Desktop),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", Browser::Chrome, System::Desktop),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", Browser::Chrome, System::Mac),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36", Browser::Chrome, System::Android),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.7339.39 Mobile/15E148 Safari/604.1",
            Browser::Chrome,
            System::Ios,
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            Browser::Edge,
            System::Desktop,
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; HD1913) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36 EdgA/140.0.0.0",
            Browser::Edge,
            System::Android,
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 EdgiOS/140.0.0.0 Mobile/15E148 Safari/605.1.15",
            Browser::Edge,
            System::Ios,
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0", Browser::Firefox, System::Desktop),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:153.0) Gecko/20100101 Firefox/153.0", Browser::Firefox, System::Mac),
        ("Mozilla/5.0 (Android 15; Mobile; rv:153.0) Gecko/153.0 Firefox/153.0", Browser::Firefox, System::Android),
        (
            "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/142.0 Mobile/15E148 Safari/605.1.15",
            Browser::Firefox,
            System::Ios,
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15", Browser::Safari, System::Mac),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
            Browser::Safari,
            System::Ios,
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
            Browser::Samsung,
            System::Android,
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0",
            Browser::Other,
            System::Desktop,
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36",
            Browser::Other,
            System::Android,
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148", Browser::Other, System::Ios),
        ("", Browser::Other, System::Desktop),
        ("curl/8", Browser::Other, System::Desktop),
    ];

    fn steps(user_agent: &str, task: Task) -> (String, Vec<String>) {
        let words = crate::words::english();
        let (here, others) = super::steps(user_agent, task);
        (words.say(here), others.into_iter().map(|other| words.say(other)).collect())
    }

    const TASKS: [Task; 6] = [Task::SiteData, Task::CachedCopy, Task::AllowCookies, Task::AllowFrameCookies, Task::AllowExtension, Task::AllowDevices];

    #[test]
    fn tells_real_browsers_apart() {
        for (user_agent, browser, system) in SEEN {
            assert_eq!(of(user_agent), (*browser, *system), "{user_agent}");
        }
    }

    #[test]
    fn every_browser_has_one_plain_sentence_for_everything() {
        for (user_agent, _, _) in SEEN {
            for task in TASKS {
                let (here, others) = steps(user_agent, task);
                assert!(here.ends_with('.') && here.len() > 40, "{task:?} {user_agent}");
                assert!(!here.starts_with("In "), "{here}");
                assert!(others.len() >= 5, "{task:?} {user_agent}");
                for other in &others {
                    assert!(other.starts_with("In ") && other.ends_with('.') && !other.contains(&here), "{other}");
                }
            }
        }
    }

    #[test]
    fn each_place_has_one_row_for_every_task() {
        for rows in [super::SITE_DATA, super::CACHED_COPY, super::ALLOW_COOKIES, super::ALLOW_FRAME_COOKIES, super::ALLOW_EXTENSION, super::ALLOW_DEVICES] {
            for bit in 0..9 {
                assert_eq!(rows.iter().filter(|(who, _, _)| who & (1 << bit) != 0).count(), 1, "{bit}");
            }
            let words = crate::words::english();
            let mut names: Vec<String> = rows.iter().map(|(_, name, _)| words.say(*name)).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), rows.len());
        }
    }

    #[test]
    fn a_person_is_told_when_it_signs_them_out() {
        for (user_agent, _, _) in SEEN {
            let (here, others) = steps(user_agent, Task::SiteData);
            for text in others.iter().chain([&here]) {
                assert!(text.contains("this signs you out"), "{text}");
            }
            let (here, others) = steps(user_agent, Task::CachedCopy);
            for text in others.iter().chain([&here]) {
                assert!(text.contains("you stay signed in") || text.contains("this signs you out"), "{text}");
            }
        }
    }

    #[test]
    fn the_words_are_those_of_people() {
        for task in TASKS {
            let (here, others) = steps("", task);
            for text in others.iter().chain([&here]) {
                let words: Vec<&str> = text.split(": ").last().unwrap_or("").split_whitespace().take(5).collect();
                assert!(!words.concat().to_lowercase().contains("cache"), "{text}");
                for jargon in ["HTTP", "DevTools", "service worker", "origin", "localStorage", "partition", "DNS", "flag", "chrome://", "about:"] {
                    assert!(!text.contains(jargon), "{text}");
                }
                assert!(text.chars().count() <= 280, "{text}");
            }
        }
    }

    #[test]
    fn this_browser_comes_first_and_is_not_said_twice() {
        let (here, others) = steps(SEEN[9].0, Task::CachedCopy);
        assert!(here.contains("Temporary cached files and pages"), "{here}");
        assert!(!others.iter().any(|other| other.starts_with("In Firefox on a computer")), "{others:?}");
        assert!(others.iter().any(|other| other.starts_with("In Chrome or Edge on a computer: Open the menu")), "{others:?}");
    }
}
