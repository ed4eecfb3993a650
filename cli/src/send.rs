//! Sends a report to where operators look, where somebody asked for it. When it is tried again, and when it is dropped, says the core.

use std::env;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use connection_doctor::profile::is_target;
use connection_doctor::protocol::json_text;
use connection_doctor::report::Report;
use connection_doctor::sending::otlp::{Ids, otlp};
use connection_doctor::sending::{ANSWER_LIMIT, ATTEMPT_LIMIT, Answer, Delivery, Next, TIME_LIMIT, TRACES_PATH, next, origin, traces_url};
use tokio::time::{Instant, sleep};
use ureq::tls::{RootCerts, TlsConfig};

/// Where the report goes besides the standard output.
#[derive(Debug, Default, Args)]
pub struct Sending {
    /// Send the report, as JSON, to this URL by a plain POST
    #[arg(long, value_name = "URL", value_parser = target)]
    pub post: Option<String>,
    /// Send the run as a trace to this OpenTelemetry collector, as http://127.0.0.1:4318. Without a path, /v1/traces is taken
    #[arg(long, value_name = "URL", value_parser = target, conflicts_with = "otlp_env")]
    pub otlp: Option<String>,
    /// The same, to the collector and with the headers that OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT and
    /// OTEL_EXPORTER_OTLP_HEADERS name
    #[arg(long)]
    pub otlp_env: bool,
    /// A header of the collector's, as authorization=Bearer%20...; better in the environment, with --otlp-env
    #[arg(long = "otlp-header", value_name = "NAME=VALUE", value_parser = header)]
    pub otlp_headers: Vec<Header>,
}

/// A header; its value may be a secret and is never shown.
#[derive(Clone)]
pub struct Header {
    name: String,
    value: String,
}

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

fn target(text: &str) -> Result<String, String> {
    // A path is a target for a page, which has an origin.
    let is_url = is_target(text) && !text.starts_with('/');
    is_url.then(|| text.to_owned()).ok_or_else(|| "it is an http:// or https:// URL without a password".to_owned())
}

/// `name=value`, the value percent-encoded (W3C Baggage, as OTEL_EXPORTER_OTLP_HEADERS has it).
fn header(text: &str) -> Result<Header, String> {
    let (name, value) = text.split_once('=').ok_or("it is NAME=VALUE")?;
    let name = name.trim().to_ascii_lowercase();
    let value = decoded(value.trim());
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
    let is_value = value.bytes().all(|b| b == b'\t' || (0x20..0x7f).contains(&b));
    if is_name && is_value { Ok(Header { name, value }) } else { Err("it is NAME=VALUE as HTTP has it, the value percent-encoded".to_owned()) }
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let encoded = text.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(encoded.unwrap_or(*byte));
        at += if encoded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

impl Sending {
    /// Whether anything is to be sent.
    pub fn is_asked(&self) -> bool {
        self.post.is_some() || self.otlp.is_some() || self.otlp_env
    }

    /// Sends the report of a run, once, and tells `note` how it went. What could not be sent changes no exit code: the chat is as it is.
    pub async fn send(&self, report: &Report, note: &dyn Fn(&str)) {
        if let Some(url) = &self.post {
            match json_text::write(report) {
                Some(body) => note(&told(url, &deliver(url, body, &[]).await)),
                None => note("The report could not be written as JSON, and was not sent."),
            }
        }
        let mut headers = self.otlp_headers.clone();
        let collector = match &self.otlp {
            Some(url) => traces_url(url),
            None if self.otlp_env => match from_environment() {
                Ok((url, more)) => {
                    headers.extend(more);
                    url
                }
                Err(why) => return note(&why),
            },
            None => return,
        };
        let ids = || Some(Ids { trace: (u128::from(getrandom::u64().ok()?) << 64) | u128::from(getrandom::u64().ok()?), span: getrandom::u64().ok()? });
        let Some(ids) = ids() else { return note("This system gives no random numbers, so there is no trace. Nothing was sent to the collector.") };
        let Some(trace) = otlp(report, ids) else {
            return note("The report does not tell when it was made, so there is no trace of it. Nothing was sent to the collector.");
        };
        if trace.left_out > 0 {
            note(&format!("{} of the run's requests are not in the trace, which has at most {} spans.", trace.left_out, trace.spans));
        }
        let id = trace.trace_id;
        let ending = deliver(&collector, trace.json, &headers).await;
        note(&told(&collector, &ending));
        if matches!(ending, Delivery::Sent | Delivery::Partly { .. }) {
            note(&format!("Its trace id: {id}"));
        }
    }
}

/// The URL and the headers (OpenTelemetry specification, OTLP exporter configuration).
fn from_environment() -> Result<(String, Vec<Header>), String> {
    let value = |name: &str| env::var(name).ok().map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
    let url = match (value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), value("OTEL_EXPORTER_OTLP_ENDPOINT")) {
        (Some(whole), _) => whole,
        (None, Some(base)) => [base.trim_end_matches('/'), "/", TRACES_PATH].concat(),
        (None, None) => {
            return Err("--otlp-env: neither OTEL_EXPORTER_OTLP_ENDPOINT nor OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set. Nothing was sent.".to_owned());
        }
    };
    let url = target(&url).map_err(|why| format!("--otlp-env: the collector's address is wrong: {why}. Nothing was sent."))?;
    let list = value("OTEL_EXPORTER_OTLP_TRACES_HEADERS").or_else(|| value("OTEL_EXPORTER_OTLP_HEADERS")).unwrap_or_default();
    let headers: Result<Vec<Header>, String> = list.split(',').filter(|part| !part.trim().is_empty()).map(header).collect();
    let headers = headers.map_err(|why| format!("--otlp-env: a header in OTEL_EXPORTER_OTLP_HEADERS is wrong: {why}. Nothing was sent."))?;
    Ok((url, headers))
}

fn told(url: &str, ending: &Delivery) -> String {
    let origin = origin(url, url);
    match ending {
        Delivery::Sent => format!("Sent to {origin}."),
        Delivery::Partly { refused, why } => format!("Sent to {origin}. It did not take {refused} spans, and says: {why}"),
        Delivery::Refused { status } => format!("Not sent: {origin} answered with HTTP {status}. The report was dropped; --report keeps it."),
        Delivery::Unanswered | Delivery::Forbidden => {
            format!("Not sent: {origin} could not be reached, or did not answer in time. The report was dropped; --report keeps it.")
        }
    }
}

async fn deliver(url: &str, body: String, headers: &[Header]) -> Delivery {
    let (began, body) = (Instant::now(), Arc::new(body));
    let mut attempt = 1;
    loop {
        let elapsed = || u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
        let limit = ATTEMPT_LIMIT.min(TIME_LIMIT.saturating_sub(elapsed()));
        let (url, body, headers) = (url.to_owned(), Arc::clone(&body), headers.to_vec());
        let asked = tokio::task::spawn_blocking(move || post(&url, &body, &headers, limit));
        let answer = asked.await.unwrap_or(Answer::Nothing);
        match next(attempt, elapsed(), &answer, getrandom::u32().unwrap_or(u32::MAX)) {
            Next::Over(ending) => return ending,
            Next::Again(wait) => sleep(Duration::from_millis(wait.into())).await,
        }
        attempt += 1;
    }
}

/// One attempt, of at most so many milliseconds. A redirect is no answer: it would carry the report elsewhere.
fn post(url: &str, body: &str, headers: &[Header], limit: u32) -> Answer {
    let tls =
        TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_millis(limit.into())))
        .max_redirects(0)
        .http_status_as_error(false)
        .tls_config(tls.build())
        .build()
        .into();
    let mut request = agent.post(url).header("content-type", "application/json");
    for header in headers {
        request = request.header(&header.name, &header.value);
    }
    let Ok(mut response) = request.send(body) else { return Answer::Nothing };
    let status = response.status().as_u16();
    if (300..400).contains(&status) {
        return Answer::Nothing;
    }
    let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()).map(str::to_owned);
    // The answer counts, even where its body breaks off.
    let mut bytes = Vec::new();
    let _cut_off = response.body_mut().as_reader().take(ANSWER_LIMIT as u64).read_to_end(&mut bytes);
    Answer::Status { status, retry_after, body: String::from_utf8_lossy(&bytes).into_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Answer, header, post, target};

    #[test]
    fn headers_are_read_as_the_environment_has_them() {
        let read = |text: &str| header(text).map(|h| (h.name, h.value));
        assert_eq!(read("Authorization=Bearer%20abc%3D"), Ok(("authorization".to_owned(), "Bearer abc=".to_owned())));
        assert_eq!(read(" x-key = a%zz%4 "), Ok(("x-key".to_owned(), "a%zz%4".to_owned())));
        for wrong in ["", "x", "=x", "a b=x", "x=a%0d%0aevil: 1", "x=%ff"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(format!("{:?}", header("authorization=secret").unwrap()), "authorization");
    }

    #[test]
    fn a_target_is_a_whole_url() {
        assert!(target("http://127.0.0.1:4318").is_ok());
        assert!(target("/reports").is_err() && target("127.0.0.1:4318").is_err() && target("https://u:p@a.example").is_err());
    }

    /// A listener that takes the connection and says nothing.
    #[test]
    fn silence_is_no_answer() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        assert_eq!(post(&url, "{}", &[], 200), Answer::Nothing);
    }
}
