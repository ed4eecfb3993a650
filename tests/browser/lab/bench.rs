//! One probe at a time, and what it took down.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use connection_doctor::evidence::{Evidence, Fact};
use connection_doctor::plan::{Limits, Step};
use connection_doctor::profile::{Layer, Page, Profile, Source};
use connection_doctor::web::budget::Budget;
use connection_doctor::web::platform::clock::Clock;
use connection_doctor::web::probes::{self, Context};
use connection_doctor::web::run::Place;

use super::page_origin;

/// What probes work with, and what they took down.
pub struct Bench {
    pub context: Rc<Context>,
    pub evidence: Rc<RefCell<Evidence>>,
}

impl Bench {
    /// `settings`: JSON as an embedder hands it in. The own file of `place` is the test page's.
    pub fn new(settings: String, limits: Limits, place: Place) -> Bench {
        let page = Page { origin: page_origin(), path: "/".into(), embedded: false };
        let profile = Profile::parse(&page, &[Layer { source: Source::Call, json: settings }]).expect("the settings are right");
        let clock = Clock::start();
        let evidence: Rc<RefCell<Evidence>> = Rc::default();
        let record = {
            let evidence = Rc::clone(&evidence);
            Rc::new(move |fact| _ = evidence.borrow_mut().record(clock.now(), fact))
        };
        let context = Context {
            profile: Rc::new(profile),
            limits,
            clock,
            budget: Rc::new(Budget::of(&limits)),
            ends_at: None,
            place: Place { own_file: page_origin() + "/target/lab.txt", ..place },
            ice: RefCell::default(),
            conversations: Cell::new(0),
            record,
        };
        Bench { context: Rc::new(context), evidence }
    }

    /// Runs a step, and gives what it took down.
    pub async fn run(&self, step: Step) -> Vec<Fact> {
        let before = self.evidence.borrow().observations().len();
        probes::run(Rc::clone(&self.context), step).await;
        self.evidence.borrow().observations()[before..].iter().map(|o| o.fact.clone()).collect()
    }
}
