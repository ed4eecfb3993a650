//! Reports that are sent: what arrives, and what is said where it does not. The other side is a server of a few lines on loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};

use serde_json::Value;

/// The recording of a chat that is broken: the exit code is 1 whatever becomes of the sending.
const BROKEN: &str = "refused.chromium.json";

struct Asked {
    head: String,
    body: String,
}

/// A server that answers one connection after the other with these, and what it was asked.
struct Collector {
    url: String,
    asked: Receiver<Asked>,
}

impl Collector {
    fn answering(answers: Vec<String>) -> Collector {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell, asked) = channel();
        tokio::runtime::Handle::current().spawn_blocking(move || serve(&listener, answers, &tell));
        Collector { url, asked }
    }

    /// All that it was asked by a program that has ended. What waits for more is let go.
    fn asked(self) -> Vec<Asked> {
        let all = self.asked.try_iter().collect();
        while TcpStream::connect(self.url.trim_start_matches("http://")).is_ok() {}
        all
    }
}

fn serve(listener: &TcpListener, answers: Vec<String>, tell: &Sender<Asked>) {
    for answer in answers {
        let (mut stream, _) = listener.accept().unwrap();
        let _ended = tell.send(read(&mut stream));
        // Who has heard enough hangs up.
        let _hung_up = stream.write_all(answer.as_bytes());
    }
}

fn read(stream: &mut TcpStream) -> Asked {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut piece).unwrap_or(0);
        bytes.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase().split("content-length: ").nth(1).map_or(0, |l| l.lines().next().unwrap().parse().unwrap());
            if body.len() >= length || count == 0 {
                return Asked { head: head.to_owned(), body: body.to_owned() };
            }
        }
        if count == 0 {
            return Asked { head: text, body: String::new() };
        }
    }
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}", body.len())
}

fn replay(args: &[&str], environment: &[(&str, &str)]) -> Output {
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/evidence").join(BROKEN);
    let mut command = Command::new(env!("CARGO_BIN_EXE_connection-doctor"));
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] {
        command.env_remove(name);
    }
    let output = command.arg("replay").arg(recording).args(args).envs(environment.iter().copied()).stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "the chat is broken, and nothing else: {}", said(&output));
    assert!(!output.stdout.is_empty());
    output
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Both at one time: the server answers while the program runs.
async fn sent(answers: Vec<String>, args: &[&str], environment: &[(&str, &str)]) -> (String, Vec<Asked>) {
    let collector = Collector::answering(answers);
    let url = collector.url.clone();
    let args: Vec<String> = args.iter().map(|arg| arg.replace("URL", &url)).collect();
    let environment: Vec<(String, String)> = environment.iter().map(|(name, value)| ((*name).to_owned(), value.replace("URL", &url))).collect();
    tokio::task::spawn_blocking(move || {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let output = replay(&args, &environment);
        (said(&output), collector.asked())
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_trace_and_a_report_arrive_as_they_are_promised() {
    let ok = || answer("200 OK", "content-type: application/json\r\n", "{}");
    let (told, asked) = sent(vec![ok(), ok()], &["--post", "URL/reports", "--otlp", "URL", "--otlp-header", "x-key=a%20b"], &[]).await;
    assert_eq!(asked.len(), 2);
    assert!(asked[0].head.starts_with("POST /reports HTTP/1.1\r\n") && asked[1].head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{}", asked[1].head);
    assert!(asked.iter().all(|a| a.head.to_ascii_lowercase().contains("content-type: application/json")));
    assert!(asked[1].head.to_ascii_lowercase().contains("x-key: a b") && !asked[0].head.to_ascii_lowercase().contains("x-key"));
    let report: Value = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!((&report["schema"], &report["verdict"]), (&"connection-doctor/report/1".into(), &"broken".into()));
    let trace: Value = serde_json::from_str(&asked[1].body).unwrap();
    let id = trace["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"].as_str().unwrap();
    assert!(told.contains(&format!("Its trace id: {id}")) && told.matches("Sent to http://127.0.0.1:").count() == 2, "{told}");
}

#[tokio::test]
async fn later_means_later() {
    let later = answer("503 Service Unavailable", "retry-after: 1\r\n", "");
    let (told, asked) = sent(vec![later, answer("200 OK", "", "")], &["--otlp", "URL/otlp"], &[]).await;
    assert!(asked.len() == 2 && told.contains("Sent to") && !told.contains("Not sent"), "{told}");
    assert_eq!(asked[0].body, asked[1].body);
    assert!(asked[0].head.starts_with("POST /otlp HTTP/1.1\r\n"));
    let (told, asked) = sent(vec![answer("429 Too Many Requests", "retry-after: 3600\r\n", "")], &["--otlp", "URL"], &[]).await;
    assert!(asked.len() == 1 && told.contains("HTTP 429. The report was dropped"), "{told}");
}

#[tokio::test]
async fn no_is_no() {
    for status in ["400 Bad Request", "401 Unauthorized", "413 Content Too Large", "500 Internal Server Error"] {
        let (told, asked) = sent(vec![answer(status, "", "{\"message\":\"no\"}")], &["--post", "URL/"], &[]).await;
        assert!(asked.len() == 1 && told.contains(&format!("answered with HTTP {}.", &status[..3])), "{told}");
    }
}

/// It would carry the report elsewhere.
#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = || answer("307 Temporary Redirect", "location: /elsewhere\r\n", "");
    let (told, asked) = sent(vec![elsewhere(), elsewhere(), elsewhere()], &["--post", "URL/"], &[]).await;
    assert!(asked.len() == 3 && asked.iter().all(|a| a.head.starts_with("POST / HTTP/1.1\r\n")), "{told}");
    assert!(told.contains("Not sent"), "{told}");
}

#[tokio::test]
async fn what_was_not_taken_is_told() {
    let partly = r#"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"span is too old"}}"#;
    let (told, _) = sent(vec![answer("200 OK", "", partly)], &["--otlp", "URL"], &[]).await;
    assert!(told.contains("It did not take 3 spans, and says: span is too old"), "{told}");
}

#[tokio::test]
async fn an_answer_without_end_is_an_answer() {
    let huge = answer("200 OK", "", &"x".repeat(32 * 1024 * 1024));
    let (told, asked) = sent(vec![huge], &["--post", "URL/"], &[]).await;
    assert!(asked.len() == 1 && told.contains("Sent to"), "{told}");
    // One that promises more than it gives.
    let cut = answer("200 OK", "", "{}").replace("content-length: 2", "content-length: 2000");
    let (told, _) = sent(vec![cut], &["--otlp", "URL"], &[]).await;
    assert!(told.contains("Sent to"), "{told}");
}

#[test]
fn a_collector_that_is_down_changes_nothing() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = replay(&["--otlp", &format!("http://{free}")], &[]);
    assert!(said(&output).contains("could not be reached") && said(&output).contains("The report was dropped"), "{}", said(&output));
}

#[tokio::test]
async fn the_environment_counts_where_it_is_asked_for() {
    let ok = || answer("200 OK", "", "{}");
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20secret,x-other=1");
    let (told, asked) = sent(vec![ok()], &["--otlp-env"], &[("OTEL_EXPORTER_OTLP_ENDPOINT", "URL/base/"), headers]).await;
    assert!(asked[0].head.starts_with("POST /base/v1/traces HTTP/1.1\r\n"), "{}", asked[0].head);
    assert!(asked[0].head.to_ascii_lowercase().contains("authorization: bearer secret") && !told.contains("secret"), "{told}");
    let (_, asked) =
        sent(vec![ok()], &["--otlp-env"], &[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "URL/whole"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")]).await;
    assert!(asked[0].head.starts_with("POST /whole HTTP/1.1\r\n"), "{}", asked[0].head);
    let nowhere = tokio::task::spawn_blocking(|| replay(&["--otlp-env"], &[])).await.unwrap();
    assert!(said(&nowhere).contains("neither OTEL_EXPORTER_OTLP_ENDPOINT"), "{}", said(&nowhere));
    let unasked = tokio::task::spawn_blocking(|| replay(&[], &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")])).await.unwrap();
    assert!(!said(&unasked).contains("ent to") && !said(&unasked).contains("Not sent"), "{}", said(&unasked));
}
