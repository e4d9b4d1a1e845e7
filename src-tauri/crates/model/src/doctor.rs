//! The endpoint doctor: what was found on the way to each address of a profile, and what follows.

use ferry_text::{Text, message};
use serde::Serialize;

use crate::Fault;
use crate::size::show_bytes;

/// Which of a profile's addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AddressKind {
    /// The one and only.
    Own,
    /// The public endpoint of its region.
    Public,
    /// The endpoint inside the provider's network.
    Internal,
    /// Transfer acceleration.
    Accelerate,
    /// A domain of the user's own that is bound to the bucket.
    CustomDomain,
}

impl AddressKind {
    /// In a word or two.
    pub fn text(self) -> Text {
        match self {
            Self::Own => message::address_own(),
            Self::Public => message::address_public(),
            Self::Internal => message::address_internal(),
            Self::Accelerate => message::address_accelerate(),
            Self::CustomDomain => message::address_custom_domain(),
        }
    }
}

/// A step on the way, in order: each needs those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Which proxy, and whether it lets through.
    Proxy,
    /// The name is known.
    Dns,
    /// Something listens there.
    Connect,
    /// An encrypted connection to whom it claims to be.
    Tls,
    /// The computer's clock beside the store's.
    Clock,
    /// The store takes the signature, for its region and this bucket.
    Signature,
    /// A megabyte is written under the prefix, and deleted again.
    Write,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 7] = [
        Self::Proxy,
        Self::Dns,
        Self::Connect,
        Self::Tls,
        Self::Clock,
        Self::Signature,
        Self::Write,
    ];

    /// In a word or two.
    pub fn text(self) -> Text {
        match self {
            Self::Proxy => message::step_proxy(),
            Self::Dns => message::step_dns(),
            Self::Connect => message::step_connect(),
            Self::Tls => message::step_tls(),
            Self::Clock => message::step_clock(),
            Self::Signature => message::step_signature(),
            Self::Write => message::step_write(),
        }
    }
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Well.
    Passed,
    /// Well enough, but there is something to mend.
    Warned,
    /// Not at all.
    Failed,
    /// It was not tried: a step before it failed, or there is nothing to try.
    Skipped,
}

/// What was found at a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Which step.
    pub step: Step,
    /// How it went.
    pub outcome: Outcome,
    /// What was found, in a sentence.
    pub sentence: Text,
    /// What to do, where there is something.
    pub hint: Option<Text>,
    /// What went wrong, where something did.
    pub fault: Option<Fault>,
}

impl Finding {
    /// A step that went well.
    pub fn passed(step: Step, sentence: Text) -> Self {
        Self { step, outcome: Outcome::Passed, sentence, hint: None, fault: None }
    }

    /// A step that was not tried.
    pub fn skipped(step: Step, sentence: Text) -> Self {
        Self { outcome: Outcome::Skipped, ..Self::passed(step, sentence) }
    }

    /// A step that a fault ended.
    pub fn failed(step: Step, fault: Fault) -> Self {
        Self::of_fault(step, Outcome::Failed, fault)
    }

    /// A step that went well enough.
    pub fn warned(step: Step, fault: Fault) -> Self {
        Self::of_fault(step, Outcome::Warned, fault)
    }

    fn of_fault(step: Step, outcome: Outcome, fault: Fault) -> Self {
        let (sentence, hint) = (fault.sentence(), Some(fault.hint()));
        Self { step, outcome, sentence, hint, fault: Some(fault) }
    }
}

/// What was found about one address.
#[derive(Debug, Clone, PartialEq)]
pub struct AddressReport {
    /// Which address.
    pub kind: AddressKind,
    /// The endpoint.
    pub endpoint: String,
    /// Whether the profile uses it.
    pub is_current: bool,
    /// What was found, step by step.
    pub findings: Vec<Finding>,
    /// Bytes a second of the write; `None` where nothing was written.
    pub speed: Option<u64>,
}

impl AddressReport {
    /// Whether uploads to it work.
    pub fn works(&self) -> bool {
        self.speed.is_some() && !self.any(Outcome::Failed)
    }

    /// Whether there is nothing to mend.
    pub fn is_well(&self) -> bool {
        self.works() && !self.any(Outcome::Warned)
    }

    fn any(&self, outcome: Outcome) -> bool {
        self.findings.iter().any(|finding| finding.outcome == outcome)
    }

    /// The first thing to mend: what failed, else what was warned of.
    pub fn first_trouble(&self) -> Option<&Finding> {
        let first = |outcome| self.findings.iter().find(|finding| finding.outcome == outcome);
        first(Outcome::Failed).or_else(|| first(Outcome::Warned))
    }
}

/// How many times as fast another address has to be before it is advised. One megabyte says little,
/// and acceleration is charged extra.
const FASTER: f64 = 1.5;
const FASTER_FOR_A_FEE: f64 = 2.0;

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Recommendation {
    /// Nothing: the address in use is right.
    Keep,
    /// Mend what the first finding says.
    Mend {
        /// At which step.
        step: Step,
    },
    /// Use another address: the present one does not work, and this one does.
    UseInstead {
        /// Its endpoint.
        endpoint: String,
        /// Which address it is.
        kind: AddressKind,
    },
    /// Use the internal address: it works from here, costs no traffic, and stays inside.
    UseInternal {
        /// Its endpoint.
        endpoint: String,
    },
    /// Use an address that was faster.
    UseFaster {
        /// Its endpoint.
        endpoint: String,
        /// Which address it is.
        kind: AddressKind,
        /// Its bytes a second.
        speed: u64,
        /// Those of the present one.
        present: u64,
    },
}

impl Recommendation {
    /// The endpoint to use, where that is another one.
    pub fn endpoint(&self) -> Option<&str> {
        match self {
            Self::Keep | Self::Mend { .. } => None,
            Self::UseInstead { endpoint, .. }
            | Self::UseInternal { endpoint }
            | Self::UseFaster { endpoint, .. } => Some(endpoint),
        }
    }
}

/// Weighs the addresses; the profile's own is among them.
pub fn recommend(addresses: &[AddressReport]) -> Recommendation {
    let working = || addresses.iter().filter(|address| address.works());
    let others = || working().filter(|address| !address.is_current);
    let speed = |address: &&AddressReport| address.speed.unwrap_or_default();
    let Some(current) = addresses.iter().find(|address| address.is_current) else {
        return Recommendation::Keep;
    };
    if !current.works() {
        // What costs extra comes last.
        let best = others().max_by_key(|it| (it.kind != AddressKind::Accelerate, speed(it)));
        return match (best, current.first_trouble()) {
            (Some(best), _) => {
                let (endpoint, kind) = (best.endpoint.clone(), best.kind);
                Recommendation::UseInstead { endpoint, kind }
            }
            (None, Some(trouble)) => Recommendation::Mend { step: trouble.step },
            (None, None) => Recommendation::Keep,
        };
    }
    if current.kind != AddressKind::Internal
        && let Some(internal) = others().find(|it| it.kind == AddressKind::Internal)
    {
        return Recommendation::UseInternal { endpoint: internal.endpoint.clone() };
    }
    let present = current.speed.unwrap_or_default();
    let is_faster = |it: &&AddressReport| {
        let times = match it.kind {
            AddressKind::Accelerate => FASTER_FOR_A_FEE,
            _ => FASTER,
        };
        it.speed.unwrap_or_default() as f64 >= present as f64 * times
    };
    match (others().filter(is_faster).max_by_key(speed), current.first_trouble()) {
        (_, Some(trouble)) => Recommendation::Mend { step: trouble.step },
        (Some(faster), None) => Recommendation::UseFaster {
            endpoint: faster.endpoint.clone(),
            kind: faster.kind,
            speed: faster.speed.unwrap_or_default(),
            present,
        },
        (None, None) => Recommendation::Keep,
    }
}

/// A recommendation in a sentence.
pub fn advice(recommendation: &Recommendation) -> Text {
    let a_second = |bytes: u64| format!("{}/s", show_bytes(bytes));
    match recommendation {
        Recommendation::Keep => message::doctor_keep(),
        Recommendation::Mend { step } => message::doctor_mend(step.text()),
        Recommendation::UseInstead { endpoint, kind } => {
            message::doctor_use_instead(kind.text(), endpoint.clone())
        }
        Recommendation::UseInternal { endpoint } => message::doctor_use_internal(endpoint.clone()),
        Recommendation::UseFaster { endpoint, kind, speed, present } => {
            let (speed, present) = (a_second(*speed), a_second(*present));
            match kind {
                AddressKind::Accelerate => {
                    message::doctor_use_accelerate(endpoint.clone(), speed, present)
                }
                _ => message::doctor_use_faster(kind.text(), endpoint.clone(), speed, present),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FaultKind;

    fn address(kind: AddressKind, speed: Option<u64>) -> AddressReport {
        let findings = match speed {
            Some(_) => vec![Finding::passed(Step::Write, Text::plain("written"))],
            None => vec![Finding::failed(Step::Connect, Fault::new(FaultKind::Unreachable))],
        };
        let endpoint = format!("https://{kind:?}.example.com");
        AddressReport { kind, endpoint, is_current: false, findings, speed }
    }

    fn current(kind: AddressKind, speed: Option<u64>) -> AddressReport {
        AddressReport { is_current: true, ..address(kind, speed) }
    }

    fn advised(addresses: &[AddressReport]) -> String {
        match recommend(addresses) {
            Recommendation::Keep => "keep".to_owned(),
            Recommendation::Mend { step } => format!("mend {step:?}"),
            Recommendation::UseInstead { kind, .. } => format!("instead {kind:?}"),
            Recommendation::UseInternal { .. } => "internal".to_owned(),
            Recommendation::UseFaster { kind, .. } => format!("faster {kind:?}"),
        }
    }

    #[test]
    fn another_address_is_advised_only_where_it_is_worth_it() {
        use AddressKind::{Accelerate, CustomDomain, Internal, Own, Public};
        #[rustfmt::skip]
        let table = [
            ("keep", vec![current(Own, Some(10))]),
            ("mend Connect", vec![current(Own, None)]),
            ("keep", vec![current(Public, Some(10)), address(Internal, None), address(Accelerate, Some(19))]),
            ("faster Accelerate", vec![current(Public, Some(10)), address(Accelerate, Some(20))]),
            ("keep", vec![current(Public, Some(10)), address(CustomDomain, Some(14))]),
            ("faster CustomDomain", vec![current(Public, Some(10)), address(CustomDomain, Some(15))]),
            // Not for speed: inside, traffic costs nothing.
            ("internal", vec![current(Public, Some(10)), address(Internal, Some(5))]),
            ("keep", vec![current(Internal, Some(10)), address(Public, Some(11))]),
            ("instead Public", vec![current(Internal, None), address(Public, Some(5)), address(Accelerate, Some(50))]),
            ("instead Accelerate", vec![current(Internal, None), address(Accelerate, Some(50))]),
            ("mend Connect", vec![current(Public, None), address(Internal, None)]),
        ];
        for (expected, addresses) in table {
            assert_eq!(advised(&addresses), expected, "{addresses:?}");
        }
        let mut warned = current(Own, Some(10));
        warned.findings.push(Finding::warned(Step::Clock, Fault::new(FaultKind::ClockSkew)));
        assert!(warned.works() && !warned.is_well());
        assert_eq!(advised(&[warned]), "mend Clock");
    }
}
