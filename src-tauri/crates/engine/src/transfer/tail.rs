//! The parts of a file under way, and which of the last are sent a second time.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use ferry_model::hedge::{self, Hedge, UnderWay};
use ferry_model::{PartPlan, PartRange};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::lock::lock;

/// How often the parts are looked at while one waits for its permit.
const LOOK: Duration = Duration::from_secs(1);

/// One of the requests that may carry a part.
#[derive(Debug, Clone)]
pub(crate) struct Carrier {
    pub(crate) range: PartRange,
    /// Cancelled once the part is there by another.
    pub(crate) beaten: CancellationToken,
    number: usize,
}

#[derive(Debug)]
struct Part {
    range: PartRange,
    /// When its last try began to move bytes.
    began: Option<Instant>,
    /// By carrier: `None` once it ended.
    carriers: Vec<Option<CancellationToken>>,
}

impl Part {
    fn carry(&mut self) -> Carrier {
        let beaten = CancellationToken::new();
        self.carriers.push(Some(beaten.clone()));
        Carrier { range: self.range, beaten, number: self.carriers.len() - 1 }
    }
}

/// The parts without an answer, and how long the others took.
#[derive(Debug)]
pub(crate) struct Tail {
    plan: PartPlan,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    under_way: BTreeMap<u32, Part>,
    took: Vec<Duration>,
    sent_twice: u64,
}

impl Tail {
    pub(crate) fn new(plan: PartPlan) -> Self {
        Self { plan, state: Mutex::default() }
    }

    /// A part is to be sent.
    pub(crate) fn begin(&self, range: PartRange) -> Carrier {
        let mut part = Part { range, began: None, carriers: Vec::new() };
        let carrier = part.carry();
        lock(&self.state).under_way.insert(range.number, part);
        carrier
    }

    /// A try of it has its permit.
    pub(crate) fn moves(&self, carrier: &Carrier) {
        if let Some(part) = lock(&self.state).under_way.get_mut(&carrier.range.number)
            && carrier.number == 0
        {
            part.began = Some(Instant::now());
        }
    }

    /// The store acknowledged the part. Says whether this carrier was the first; then the others
    /// are beaten.
    pub(crate) fn acknowledged(&self, carrier: &Carrier) -> bool {
        let mut state = lock(&self.state);
        let Some(part) = state.under_way.remove(&carrier.range.number) else { return false };
        if let Some(began) = part.began.filter(|_| part.carriers.len() == 1) {
            state.took.push(began.elapsed());
        }
        let others = part.carriers.iter().enumerate().filter(|(at, _)| *at != carrier.number);
        for token in others.filter_map(|(_, token)| token.as_ref()) {
            token.cancel();
        }
        true
    }

    /// A carrier failed for good. Says whether another one is under way.
    pub(crate) fn failed(&self, carrier: &Carrier) -> bool {
        let mut state = lock(&self.state);
        let Some(part) = state.under_way.get_mut(&carrier.range.number) else { return true };
        part.carriers[carrier.number] = None;
        part.carriers.iter().any(Option::is_some)
    }

    /// Once every part has begun: waits until one is so slow that it is sent a second time.
    pub(crate) async fn slow(&self) -> Carrier {
        loop {
            match self.look() {
                Ok(carrier) => return carrier,
                Err(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    /// The part to send twice, or when to look again.
    fn look(&self) -> Result<Carrier, Duration> {
        let mut state = lock(&self.state);
        let State { under_way, took, sent_twice } = &mut *state;
        if under_way.values().any(|part| part.began.is_none()) {
            return Err(LOOK);
        }
        let once: Vec<UnderWay> = under_way
            .values()
            .filter(|part| part.carriers.len() == 1)
            .filter_map(|part| {
                let PartRange { number, len, .. } = part.range;
                Some(UnderWay { number, len, time: part.began?.elapsed() })
            })
            .collect();
        let tail = hedge::Tail {
            parts: self.plan.count() as usize,
            bytes: self.plan.size(),
            sent_twice: *sent_twice,
            took,
            under_way: &once,
        };
        match tail.hedge() {
            Hedge::Send(number) => match under_way.get_mut(&number) {
                Some(part) => {
                    *sent_twice += part.range.len;
                    Ok(part.carry())
                }
                None => Err(LOOK),
            },
            Hedge::Wait(wait) => Err(wait),
            // Until a part ends, which begins this anew.
            Hedge::Nothing => Err(Duration::from_secs(60 * 60)),
        }
    }
}
