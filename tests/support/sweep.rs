//! Sweeps: tests that repeat one question many times. A test makes a share of the runs;
//! `cargo xtask torture` asks for more by the environment.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

use ferry_sandbox::{Operation, Outcome};

use crate::ferry::Place;

/// How many runs a sweep makes: `FERRY_RUNS`, or this share.
///
/// # Panics
/// When `FERRY_RUNS` is no number.
pub fn runs(share: u64) -> u64 {
    number("FERRY_RUNS").unwrap_or(share)
}

/// What a sweep's random choices begin from: `FERRY_SEED`, or this.
///
/// # Panics
/// When `FERRY_SEED` is no number.
pub fn seed(usual: u64) -> u64 {
    number("FERRY_SEED").unwrap_or(usual)
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Prints the one line of a sweep, which `cargo xtask torture` shows.
pub fn report(name: &str, figures: &[(&str, &dyn Display)]) {
    let mut line = format!("sweep {name}:");
    for (what, figure) in figures {
        write!(line, " {what}={figure}").expect("writes into a text");
    }
    println!("{line}");
}

/// Counts by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram(pub BTreeMap<String, u64>);

impl Histogram {
    /// Counts one more.
    pub fn count(&mut self, name: impl Into<String>) {
        *self.0.entry(name.into()).or_default() += 1;
    }

    /// How often a name was counted.
    pub fn of(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or(0)
    }
}

impl Display for Histogram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counted: Vec<_> =
            self.0.iter().map(|(name, count)| format!("{name} {count}")).collect();
        write!(f, "[{}]", counted.join(", "))
    }
}

/// How many bytes came again, of files of `bytes`.
///
/// # Panics
/// Where something that the store acknowledged was sent again, or more than kills cut off.
pub fn resent(place: &Place, bytes: u64) -> u64 {
    let ledger = place.sandbox.ledger();
    let mut acknowledged = Histogram::default();
    let (mut received, mut cut) = (0, 0);
    let carries = |operation| matches!(operation, Operation::UploadPart | Operation::PutObject);
    for entry in ledger.entries().into_iter().filter(|entry| carries(entry.operation)) {
        received += entry.body_bytes;
        match entry.outcome {
            Outcome::Answered { status: 200, .. } => acknowledged
                .count(format!("{:?} {:?} {:?}", entry.key, entry.upload_id, entry.part)),
            Outcome::Dropped => cut += entry.body_bytes,
            _ => {}
        }
    }
    let twice: Vec<_> = acknowledged.0.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "sent again although acknowledged: {twice:?}");
    let resent = received - bytes;
    assert!(resent <= cut, "{resent} bytes were sent again, {cut} were in flight");
    resent
}
