//! The report is sent by a press of the button, to a collector and to the operator's own place: nothing before the press, each of them once, again
//! where the receiver asks for it, and a note where nobody is there.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::IntoResponse;
use connection_doctor_lab::Running;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::webdriver::{DriverError, Session};
use crate::window::{READY_SCRIPT, UNTIL, open_page_with};
use crate::{CaseOutcome, counted};

/// Where it is tried.
pub const SCENARIO: &str = "healthy-engineioxide";

/// A request as it came: method, path, body.
type Taken = (Method, String, String);

/// Takes reports and traces, and is busy at the first report: of another origin, so a browser asks for leave before.
struct Receiver {
    origin: String,
    taken: Arc<Mutex<Vec<Taken>>>,
    task: AbortHandle,
}

impl Receiver {
    async fn start() -> Result<Self, DriverError> {
        let taken: Arc<Mutex<Vec<Taken>>> = Arc::default();
        let seen = Arc::clone(&taken);
        let router = Router::new().fallback(move |method: Method, uri: Uri, body: String| {
            let seen = Arc::clone(&seen);
            async move {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                let is_first = method == Method::POST && uri.path() == "/reports" && !seen.iter().any(|(method, ..)| *method == Method::POST);
                seen.push((method, uri.path().to_owned(), body));
                let mut headers = HeaderMap::new();
                for (name, value) in
                    [("access-control-allow-origin", "*"), ("access-control-allow-headers", "content-type"), ("content-type", "application/json")]
                {
                    headers.insert(name, axum::http::HeaderValue::from_static(value));
                }
                (if is_first { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }, headers, "{}").into_response()
            }
        });
        let failed = |error: std::io::Error| DriverError::Connection(format!("the receiver of reports: {error}"));
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let origin = format!("http://{}", listener.local_addr().map_err(failed)?);
        let task = tokio::spawn(async move { axum::serve(listener, router).await }).abort_handle();
        Ok(Self { origin, taken, task })
    }

    fn posted(&self, path: &str) -> Vec<String> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.iter().filter(|(method, at, _)| *method == Method::POST && at == path).map(|(.., body)| body.clone()).collect()
    }

    fn count(&self) -> usize {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Runs, presses, and looks at what came.
pub async fn send(session: &Session, running: &Running) -> Result<CaseOutcome, DriverError> {
    let mut outcome = CaseOutcome::default();
    let begun = Instant::now();
    let receiver = Receiver::start().await?;
    open_page_with(session, running, "").await?;
    session.execute_async(READY_SCRIPT, json!([])).await?;
    let targets = |report: String, otlp: String| json!([{ "report-url": report, "otlp-url": otlp }]);
    let ran = session.execute_async(&[UNTIL, RUN_SCRIPT].concat(), targets(format!("{}/reports", receiver.origin), receiver.origin.clone())).await?;
    outcome.must(ran["said"].as_str().is_some_and(|said| said.contains(&receiver.origin)), || format!("the button does not say where to: {ran}"));
    outcome.must(receiver.count() == 0, || "something was sent before the press".to_owned());
    let sent = session.execute_async(&[UNTIL, PRESS_SCRIPT].concat(), json!(["Sent to"])).await?;
    outcome.must(sent["twice"] == Value::Bool(true), || format!("a second press is not refused: {sent}"));
    let reports = receiver.posted("/reports");
    outcome.must(reports.len() == 2, || format!("a busy receiver was asked {} times, and not once again", reports.len()));
    outcome.must(reports.first() == reports.get(1), || "the second attempt brought another text".to_owned());
    let report: Value = reports.first().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    outcome.must(report == ran["report"] && report["verdict"] == "works", || format!("another report came: {report}"));
    let traces = receiver.posted("/v1/traces");
    outcome.must(traces.len() == 1, || format!("{} traces came", traces.len()));
    let trace: Value = traces.first().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let spans = trace["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().map_or(0, Vec::len);
    outcome.must(spans > 3, || format!("a trace of {spans} spans: {trace}"));
    let nobody = connection_doctor_lab::free_port().map_err(DriverError::Start)?;
    let ran = session.execute_async(&[UNTIL, RUN_SCRIPT].concat(), targets(format!("http://127.0.0.1:{nobody}/reports"), String::new())).await?;
    outcome.must(ran["report"]["verdict"] == "works", || format!("the second run: {ran}"));
    let sent = session.execute_async(&[UNTIL, PRESS_SCRIPT].concat(), json!(["Nothing is lost"])).await?;
    outcome.must(sent["said"].as_str().is_some_and(|said| said.contains("Not sent")), || format!("nobody was there, and the page says {sent}"));
    outcome.took = begun.elapsed();
    outcome.counted = counted(running);
    Ok(outcome)
}

/// Runs with these targets, and waits for the button.
const RUN_SCRIPT: &str = r"
const [targets, done] = arguments;
const element = document.querySelector('connection-doctor');
(async () => {
  const report = await element.run(Object.fromEntries(Object.entries(targets).filter(([, url]) => url)));
  const section = await until(() => element.shadowRoot.querySelector('.send'));
  return { report: JSON.parse(JSON.stringify(report)), said: section.textContent };
})().then(done, (error) => done({ error: String(error?.stack ?? error) }));
";

/// Presses twice, and waits for this word of how it ended.
const PRESS_SCRIPT: &str = r"
const [word, done] = arguments;
const section = () => document.querySelector('connection-doctor').shadowRoot.querySelector('.send');
(async () => {
  const button = section().querySelector('button');
  button.click();
  const twice = button.getAttribute('aria-disabled') === 'true';
  button.click();
  await until(() => section().textContent.includes(word));
  return { twice, said: section().textContent };
})().then(done, (error) => done({ error: String(error?.stack ?? error), said: section()?.textContent }));
";
