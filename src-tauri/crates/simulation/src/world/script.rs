//! What becomes of requests, from the seed and from what the steps ordered.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::plan::{Cursed, Fault, Options, Outage, Reach};
use crate::store::{Ask, Course, Fate, Operation, Script};

/// What the steps ordered for one store.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    /// Until when it is away, how, and to which requests.
    pub(crate) outage: Option<(Duration, Outage, Reach)>,
    /// Keys whose writes it did not take while their reads were answered.
    pub(crate) unwritten: BTreeSet<String>,
    /// Whether single requests meet faults.
    pub(crate) faults_end: bool,
    /// Keys whose requests never succeed.
    pub(crate) cursed: BTreeSet<String>,
}

/// The script of one store.
pub(crate) struct Seeded {
    pub(crate) random: fastrand::Rng,
    pub(crate) options: Options,
    pub(crate) orders: Arc<Mutex<Orders>>,
}

impl Seeded {
    fn fate(&mut self, ask: &Ask<'_>, orders: &mut Orders) -> Fate {
        if let Some((until, outage, reach)) = orders.outage
            && ask.now < until
            && reach.meets(ask.operation)
        {
            if reach == Reach::Writes {
                orders.unwritten.insert(ask.key.to_owned());
            }
            return outage.fate();
        }
        if orders.cursed.contains(ask.key) && ask.operation != Operation::Abort {
            match self.options.cursed {
                Cursed::None => {}
                Cursed::Refused => return Fate::Refused(400, "InvalidArgument", None),
                Cursed::Failing => return Fate::Refused(500, "InternalError", None),
            }
        }
        if orders.faults_end {
            return Fate::Plain;
        }
        let faults = self.options.faults.clone();
        for (fault, often) in faults {
            let fits = match fault {
                Fault::Late | Fault::DoneButRefused => ask.operation.has_effect(),
                Fault::Reset | Fault::Damaged => ask.operation.has_body(),
                Fault::Dropped => ask.operation == Operation::UploadPart,
                Fault::Merging => ask.operation == Operation::Complete,
                _ => true,
            };
            // Always drawn, so that one request's operation does not shift all that follow.
            let met = self.random.u32(..1_000) < often;
            if met && fits {
                return fault.fate(&mut self.random, ask.size);
            }
        }
        Fate::Plain
    }
}

impl Script for Seeded {
    fn course(&mut self, ask: &Ask<'_>) -> Course {
        let orders = Arc::clone(&self.orders);
        let mut orders = orders.lock().expect("no code panics while holding this lock");
        let longest = self.options.latency_ms;
        let mut some = || Duration::from_micros(self.random.u64(0..longest * 1_000));
        let (there, piece, back) = (some(), some() / 4, some());
        let outlives = self.random.bool();
        Course { there, piece, back, fate: self.fate(ask, &mut orders), outlives }
    }
}
