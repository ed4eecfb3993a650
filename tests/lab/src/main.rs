//! `lab serve` starts the scenarios and a gallery of them; `lab list` names them.

use std::process::ExitCode;
use std::sync::Arc;

use connection_doctor_lab::{BuiltPage, Gallery, Installed, Kind, Running, SCENARIOS, Scenario, StartError};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many scenarios are started at once: a server that starts beside a hundred others is not ready in time.
const AT_ONCE: usize = 16;

const USAGE: &str = "\
usage: lab serve [--all] [--only BEGINNING] [--cors] [--port N]
                                      start the scenarios and a gallery of them; Ctrl-C ends it
       lab list                       name the scenarios

  --all      those too that need nginx, Python, Node or Chainlit, where these are installed
  --only B   of all of them, those whose names begin so; several, with commas between
  --cors     pages of every origin may read the answers, as the browser tests need it
  --port N   the gallery's port; else a free one
The built page is looked for in dist/, or where CONNECTION_DOCTOR_DIST says.";

/// Which scenarios are started.
#[derive(Debug, PartialEq, Eq)]
enum Which {
    /// Those that need nothing but this program.
    OfItself,
    All,
    /// Those whose names begin so.
    Only(String),
}

#[derive(Debug, PartialEq, Eq)]
enum Order {
    Serve { which: Which, cors: bool, port: u16 },
    List,
}

impl Order {
    fn parse(args: impl IntoIterator<Item = String>) -> Option<Self> {
        let mut args = args.into_iter();
        match args.next()?.as_str() {
            "list" => args.next().is_none().then_some(Self::List),
            "serve" => {
                let (mut which, mut cors, mut port) = (Which::OfItself, false, 0);
                while let Some(flag) = args.next() {
                    match flag.as_str() {
                        "--all" => which = Which::All,
                        "--only" => which = Which::Only(args.next()?),
                        "--cors" => cors = true,
                        "--port" => port = args.next()?.parse().ok()?,
                        _ => return None,
                    }
                }
                Some(Self::Serve { which, cors, port })
            }
            _ => None,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Order::parse(std::env::args().skip(1)) {
        Some(Order::List) => {
            list();
            Ok(())
        }
        Some(Order::Serve { which, cors, port }) => serve(&which, cors, port).await,
        None => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lab: {error}");
            ExitCode::FAILURE
        }
    }
}

fn list() {
    for Scenario { name, title, kind, .. } in SCENARIOS {
        let kind = match kind {
            Kind::Healthy => "healthy",
            Kind::Broken => "broken",
            Kind::Hostile => "hostile",
            Kind::Unloadable => "unloadable",
        };
        println!("{name:32} {kind:10} {title}");
    }
}

async fn serve(which: &Which, cors: bool, port: u16) -> Result<(), StartError> {
    let page = BuiltPage::find()?;
    let installed = Installed::find();
    // From here on the signals end the lab in order: whatever was started is dropped, and with it ended.
    let signals = || StartError::io("to listen for signals");
    let mut interrupt = signal(SignalKind::interrupt()).map_err(signals())?;
    let mut terminate = signal(SignalKind::terminate()).map_err(signals())?;
    let ended = async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    let showing = async {
        let (running, left_out) = start(which, &page, &installed).await;
        if cors {
            running.iter().for_each(Running::allow_any_origin);
        }
        println!("{} scenarios are up, {} were left out.", running.len(), left_out.len());
        for (scenario, why) in &left_out {
            println!("  left out: {:32} {why}", scenario.name);
        }
        let gallery = Gallery::start(port, running, left_out).await?;
        println!("\nThe gallery: {}\nCtrl-C ends it.", gallery.url());
        std::future::pending::<Result<Gallery, StartError>>().await
    };
    tokio::select! {
        () = ended => {
            println!("The lab ends what it started.");
            Ok(())
        }
        failed = showing => failed.map(drop),
    }
}

/// Starts the scenarios side by side; those that could not be started are given with the reason.
async fn start(which: &Which, page: &BuiltPage, installed: &Installed) -> (Vec<Running>, Vec<(&'static Scenario, String)>) {
    let (mut running, mut left_out, mut starting) = (Vec::new(), Vec::new(), JoinSet::new());
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let wanted = |scenario: &Scenario| match which {
        Which::Only(beginnings) => beginnings.split(',').any(|beginning| scenario.name.starts_with(beginning)),
        Which::OfItself | Which::All => true,
    };
    for scenario in SCENARIOS.iter().filter(|scenario| wanted(scenario)) {
        let programs = scenario.programs();
        let missing = installed.missing(&programs);
        if *which == Which::OfItself && !programs.is_empty() {
            left_out.push((scenario, format!("needs {}: start the lab with --all", said(&programs))));
        } else if !missing.is_empty() {
            left_out.push((scenario, format!("{} is not installed", said(&missing))));
        } else {
            let (page, installed, places) = (page.clone(), installed.clone(), Arc::clone(&places));
            starting.spawn(async move {
                let _place = places.acquire().await;
                (scenario, Running::start(scenario, &page, &installed).await)
            });
        }
    }
    while let Some(started) = starting.join_next().await {
        match started {
            Ok((_, Ok(scenario))) => running.push(scenario),
            Ok((scenario, Err(error))) => left_out.push((scenario, error.to_string())),
            Err(panicked) => eprintln!("lab: a scenario could not be started: {panicked}"),
        }
    }
    let place = |name: &str| SCENARIOS.iter().position(|scenario| scenario.name == name);
    running.sort_by_key(|running| place(running.scenario().name));
    left_out.sort_by_key(|(scenario, _)| place(scenario.name));
    (running, left_out)
}

fn said(programs: &[connection_doctor_lab::Program]) -> String {
    programs.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(line: &str) -> Option<Order> {
        Order::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn orders() {
        assert_eq!(order("serve --all --port 8080"), Some(Order::Serve { which: Which::All, cors: false, port: 8080 }));
        assert_eq!(order("serve --cors"), Some(Order::Serve { which: Which::OfItself, cors: true, port: 0 }));
        assert_eq!(order("serve"), Some(Order::Serve { which: Which::OfItself, cors: false, port: 0 }));
        assert_eq!(order("serve --only r-"), Some(Order::Serve { which: Which::Only("r-".to_owned()), cors: false, port: 0 }));
        assert_eq!(order("list"), Some(Order::List));
        assert_eq!(order("serve --everything"), None);
        assert_eq!(order(""), None);
    }
}
