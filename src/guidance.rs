//! What a person, an operator or a network administrator can do about a finding, in plain words. Guidance speaks; it
//! never judges. Rules give it as [`Text`]; the report holds it in the words of one language.

use serde::{Deserialize, Serialize};

use crate::platforms::browsers::{self, Task};
use crate::t;
use crate::words::{Phrase, Text, Words};

/// Stands in the part of the catalogue that all guides share. A release fetches the code of the guides with that part, so
/// whoever knows these words may ask a guide.
pub const HAND_ON: Phrase = t!("You can't mend this from here. Send the report to whoever runs this chat: press “Copy report”.");

/// Whom a text speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Who sees "Could not reach the server".
    Person,
    Operator,
    NetworkAdmin,
}

/// What to do about one finding, for one audience: as a rule gives it, or in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de> + Default"))]
pub struct Guidance<T = Text> {
    /// The finding's code.
    pub code: String,
    pub audience: Audience,
    /// For a person: what it means for them, in one plain sentence. For others: what to change.
    pub title: T,
    /// In the order in which to do them.
    pub steps: Vec<Action<T>>,
    /// How to see that it worked.
    pub recheck: T,
    /// What it does not solve; empty where there is nothing to say.
    #[serde(default)]
    pub limits: T,
    /// What the page itself can do about it, on a click.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mend: Option<Mend<T>>,
    /// What to find out, in this order, before anything is changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision<T>>,
    /// The same step in other browsers, or for other gateways, folded under those of this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<T>,
}

/// A button, and what is said before it is pressed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mend<T = Text> {
    pub label: T,
    /// What it removes, and what the person has to do again after it.
    pub removes: T,
    pub repair: Repair,
}

/// What a page may do to what its browser holds. Nothing is touched that is not named here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Repair {
    /// Unregisters the service workers whose scope holds the chat's page, and deletes those of its caches.
    UnregisterWorker { caches: Vec<String> },
    /// Asks for these anew with cache mode `reload`, which replaces what the browser keeps (WHATWG Fetch).
    ReloadEntries { paths: Vec<String> },
    /// Deletes these of this origin's caches (Cache Storage).
    DropCaches { caches: Vec<String> },
    /// Lets these cookies end.
    DropCookies { names: Vec<String> },
    /// Removes these keys from localStorage and sessionStorage.
    DropKeys { keys: Vec<String> },
    /// Asks the operator's endpoint for `Clear-Site-Data`.
    ClearSiteData { path: String },
}

impl Repair {
    /// Its name in the page and in the report.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Repair::UnregisterWorker { .. } => "unregister-worker",
            Repair::ReloadEntries { .. } => "reload-entries",
            Repair::DropCaches { .. } => "drop-caches",
            Repair::DropCookies { .. } => "drop-cookies",
            Repair::DropKeys { .. } => "drop-keys",
            Repair::ClearSiteData { .. } => "clear-site-data",
        }
    }
}

/// One question of a short decision list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de> + Default"))]
pub struct Decision<T = Text> {
    pub question: T,
    /// What the evidence says, where it does: then the line is ticked off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<T>,
    /// What follows, or how to find out.
    pub next: T,
}

/// One step, doable as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Action<T = Text> {
    pub text: T,
    /// A command, a setting or a block to copy, and where it goes stands in `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl Guidance {
    #[must_use]
    pub fn new(code: &str, audience: Audience, title: impl Into<Text>) -> Guidance {
        Guidance {
            code: code.to_owned(),
            audience,
            title: title.into(),
            steps: Vec::new(),
            recheck: Text::Nothing,
            limits: Text::Nothing,
            mend: None,
            decisions: Vec::new(),
            elsewhere: Vec::new(),
        }
    }

    /// For who sees "Could not reach the server".
    #[must_use]
    pub fn person(code: &str, title: impl Into<Text>) -> Guidance {
        Guidance::new(code, Audience::Person, title)
    }

    /// For who runs the chat.
    #[must_use]
    pub fn operator(code: &str, title: impl Into<Text>) -> Guidance {
        Guidance::new(code, Audience::Operator, title)
    }

    /// The one step of a person who can do nothing else.
    #[must_use]
    pub fn hand_on(self) -> Guidance {
        self.step(HAND_ON)
    }

    /// The last step of a person who can try something first, and the one step where there is nothing to try.
    #[must_use]
    pub fn or_hand_on(self) -> Guidance {
        if self.steps.is_empty() {
            return self.hand_on();
        }
        self.step(t!("If that does not help, send the report to whoever runs this chat: press “Copy report”."))
    }

    /// Tells a fault of the network at hand from one of the server.
    #[must_use]
    pub fn other_network(self) -> Guidance {
        self.step(t!("Open the chat through another network, such as your phone's mobile data, or with the VPN switched off. If it works there, the network you are in now is the cause: give the report to its administrator."))
    }

    /// Tells a blocker in the browser from all else.
    #[must_use]
    pub fn private_window(self) -> Guidance {
        self.step(t!("Open the chat in a private window, or in another browser, without extensions. If it works there, switch off your ad blocker or privacy extension for this site."))
    }

    /// The same. Where a service worker of the site's own is in this browser, a private window does without that as well; a page that is reloaded by
    /// force goes past it (Service Workers section 4.4, "force bypass cache flag").
    #[must_use]
    pub fn private_window_past(self, worker: bool) -> Guidance {
        if !worker {
            return self.private_window();
        }
        self.step(t!("Open the chat in a private window, or in another browser, without extensions. If it works there, switch off your ad blocker or privacy extension for this site. If that changes nothing, hold down Shift and reload the chat: then it goes past what this browser keeps of the site."))
    }

    /// Tells a program on the device that looks into encrypted traffic from all else.
    #[must_use]
    pub fn antivirus(self) -> Guidance {
        self.step(t!("If your antivirus program checks web traffic, switch that check off for this site and try again."))
    }

    #[must_use]
    pub fn step(mut self, text: impl Into<Text>) -> Guidance {
        self.steps.push(Action { text: text.into(), code: None });
        self
    }

    #[must_use]
    pub fn step_with(mut self, text: impl Into<Text>, code: impl Into<String>) -> Guidance {
        self.steps.push(Action { text: text.into(), code: Some(code.into()) });
        self
    }

    /// The next question of the decision list.
    #[must_use]
    pub fn decide(mut self, question: impl Into<Text>, answer: Option<impl Into<Text>>, next: impl Into<Text>) -> Guidance {
        self.decisions.push(Decision { question: question.into(), answer: answer.map(Into::into), next: next.into() });
        self
    }

    /// What the page does on a click.
    #[must_use]
    pub fn mend(mut self, label: impl Into<Text>, removes: impl Into<Text>, repair: Repair) -> Guidance {
        self.mend = Some(Mend { label: label.into(), removes: removes.into(), repair });
        self
    }

    /// The steps in this person's browser, and those of the others.
    #[must_use]
    pub fn in_browser(mut self, user_agent: &str, task: Task) -> Guidance {
        let (here, others) = browsers::steps(user_agent, task);
        self.elsewhere = others;
        self.step(here)
    }

    #[must_use]
    pub fn recheck(mut self, text: impl Into<Text>) -> Guidance {
        self.recheck = text.into();
        self
    }

    #[must_use]
    pub fn limits(mut self, text: impl Into<Text>) -> Guidance {
        self.limits = text.into();
        self
    }

    /// Whether all of it can be said.
    #[must_use]
    pub fn is_known(&self, words: &Words) -> bool {
        let mut texts = vec![&self.title, &self.recheck, &self.limits];
        texts.extend(self.steps.iter().map(|step| &step.text));
        texts.extend(self.mend.iter().flat_map(|mend| [&mend.label, &mend.removes]));
        texts.extend(self.decisions.iter().flat_map(|d| [Some(&d.question), d.answer.as_ref(), Some(&d.next)]).flatten());
        texts.iter().all(|text| words.knows(text)) && self.elsewhere.iter().all(|text| words.knows(text))
    }

    /// It in words.
    #[must_use]
    pub fn in_words(self, words: &Words) -> Guidance<String> {
        let say = |text: Text| words.say(text);
        Guidance {
            code: self.code,
            audience: self.audience,
            title: say(self.title),
            steps: self.steps.into_iter().map(|step| Action { text: say(step.text), code: step.code }).collect(),
            recheck: say(self.recheck),
            limits: say(self.limits),
            mend: self.mend.map(|mend| Mend { label: say(mend.label), removes: say(mend.removes), repair: mend.repair }),
            decisions: self.decisions.into_iter().map(|d| Decision { question: say(d.question), answer: d.answer.map(say), next: say(d.next) }).collect(),
            elsewhere: self.elsewhere.into_iter().map(say).collect(),
        }
    }
}

/// Milliseconds as people say them: `4.2 s`, and without the tenth from ten on; the nearest, as a setting has it.
#[must_use]
pub fn seconds(ms: u32) -> String {
    let tenths = ms.saturating_add(50) / 100;
    if tenths >= 100 {
        [&(ms.saturating_add(500) / 1000).to_string(), " s"].concat()
    } else {
        [&(tenths / 10).to_string(), ".", &(tenths % 10).to_string(), " s"].concat()
    }
}
