//! The report as the tests read it: only what stands in the page's contract, and strictly.

use std::collections::BTreeSet;

use serde_json::Value;

const LISTS: [&str; 5] = ["causes", "consequences", "unknown", "guidance", "evidence"];
const TEXTS: [&str; 3] = ["product", "profile", "verdict"];
const VERDICTS: [&str; 4] = ["works", "degraded", "broken", "inconclusive"];
const FINDING_TEXTS: [&str; 5] = ["code", "name", "severity", "confidence", "party"];

/// A report that has what the contract promises.
#[derive(Debug)]
pub struct Report {
    pub verdict: String,
    /// The codes of the causes above Info, in the report's order.
    pub causes: Vec<String>,
    /// The first of them.
    first: Value,
    /// The codes of all findings that are Info.
    pub info: BTreeSet<String>,
    /// The codes of all findings above Info that follow from others.
    pub consequences: Vec<String>,
    /// The codes of what could not be known.
    pub unknown: BTreeSet<String>,
    pub stopped: bool,
    facts: Vec<Value>,
}

impl Report {
    /// Reads a report; the error says which promise it breaks.
    pub fn read(report: &Value) -> Result<Self, String> {
        let member = |name: &str| report.get(name).ok_or_else(|| format!("the report has no {name}"));
        for name in ["schema", "started_at"].into_iter().chain(TEXTS) {
            member(name)?;
        }
        let list = |name: &str| member(name)?.as_array().ok_or_else(|| format!("{name} is no list"));
        for name in LISTS {
            list(name)?;
        }
        let verdict = text(member("verdict")?)?;
        if !VERDICTS.contains(&verdict.as_str()) {
            return Err(format!("the verdict is {verdict:?}"));
        }
        let causes = list("causes")?.iter().map(Finding::read).collect::<Result<Vec<_>, _>>()?;
        let consequences = list("consequences")?.iter().map(Finding::read).collect::<Result<Vec<_>, _>>()?;
        let above_info = |findings: &[Finding]| findings.iter().filter(|finding| !finding.is_info).map(|finding| finding.code.clone()).collect();
        let unknown = list("unknown")?.iter().map(|entry| text(entry.get("code").unwrap_or(&Value::Null))).collect::<Result<_, _>>()?;
        let info = causes.iter().chain(&consequences).filter(|finding| finding.is_info).map(|finding| finding.code.clone());
        let above = causes.iter().position(|finding| !finding.is_info);
        Ok(Self {
            verdict,
            info: info.collect(),
            first: above.and_then(|place| list("causes").ok()?.get(place)).cloned().unwrap_or_default(),
            causes: above_info(&causes),
            consequences: above_info(&consequences),
            unknown,
            stopped: report.get("stopped") == Some(&Value::Bool(true)),
            facts: list("evidence")?.iter().filter_map(|observation| observation.get("fact").cloned()).collect(),
        })
    }

    /// All facts of this kind.
    pub fn facts(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.facts.iter().filter(move |fact| fact.get("kind").is_some_and(|its| its == kind))
    }

    /// What the first cause says of itself, in a member of that name or in a parameter.
    pub fn said(&self, name: &str) -> Option<&str> {
        self.first.get(name).or_else(|| self.first.get("params")?.get(name))?.as_str()
    }
}

struct Finding {
    code: String,
    is_info: bool,
}

impl Finding {
    fn read(finding: &Value) -> Result<Self, String> {
        for name in FINDING_TEXTS {
            let value = finding.get(name).ok_or_else(|| format!("a finding has no {name}: {finding}"))?;
            text(value)?;
        }
        let cites = finding.get("cites").and_then(Value::as_array).ok_or_else(|| format!("a finding has no cites: {finding}"))?;
        let code = text(&finding["code"])?;
        if cites.is_empty() {
            return Err(format!("{code} cites nothing"));
        }
        let is_info = match text(&finding["severity"])?.as_str() {
            "info" => true,
            "degrades" | "blocks" => false,
            other => return Err(format!("{code} has the severity {other:?}")),
        };
        Ok(Self { code, is_info })
    }
}

fn text(value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("{value} is no text"))
}
