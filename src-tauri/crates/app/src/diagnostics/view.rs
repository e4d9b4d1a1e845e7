//! Figures and findings as the window shows them.

use ferry_model::bench::Percentiles;
use ferry_model::doctor::{AddressReport, Finding, Outcome, advice};
use ferry_model::{Fault, FaultKind};

use super::Figures;
use crate::app::App;
use crate::checkup::Checkup;
use crate::messages::{
    AddressView, CheckupView, FiguresView, FindingView, OperationRow, Problem, RetryRow,
    StepOutcome, TimesView,
};

impl From<Percentiles> for TimesView {
    fn from(times: Percentiles) -> Self {
        Self { count: times.count, p50: times.p50_ms, p95: times.p95_ms, p99: times.p99_ms }
    }
}

impl From<Figures> for FiguresView {
    fn from(figures: Figures) -> Self {
        let operations = figures.operations.into_iter().map(|figures| OperationRow {
            name: format!("{:?}", figures.operation),
            times: figures.answered.into(),
            failed: figures.failed,
        });
        let retries = figures
            .retries
            .into_iter()
            .map(|(cause, count)| RetryRow { cause: Fault::new(cause).sentence().into(), count });
        Self {
            operations: operations.collect(),
            requests_a_second: figures.requests_a_second,
            bytes_a_second: figures.bytes_a_second,
            connections: u32::try_from(figures.connections).unwrap_or(u32::MAX),
            retries: retries.collect(),
            commits: figures.commits.into(),
            processor_percent: figures.process.processors * 100.0,
            memory: figures.process.memory,
        }
    }
}

impl From<&Checkup> for CheckupView {
    fn from(checkup: &Checkup) -> Self {
        Self {
            profile: checkup.profile,
            at_ms: checkup.at_ms,
            is_well: checkup.is_well(),
            addresses: checkup.addresses.iter().map(address).collect(),
            advice: advice(&checkup.recommendation).into(),
            advised_endpoint: checkup.recommendation.endpoint().map(str::to_owned),
        }
    }
}

fn address(report: &AddressReport) -> AddressView {
    AddressView {
        kind: report.kind.text().into(),
        endpoint: report.endpoint.clone(),
        is_current: report.is_current,
        findings: report.findings.iter().map(finding).collect(),
    }
}

fn finding(finding: &Finding) -> FindingView {
    FindingView {
        step: finding.step.text().into(),
        outcome: match finding.outcome {
            Outcome::Passed => StepOutcome::Passed,
            Outcome::Warned => StepOutcome::Warned,
            Outcome::Failed => StepOutcome::Failed,
            Outcome::Skipped => StepOutcome::Skipped,
        },
        sentence: finding.sentence.clone().into(),
        hint: finding.hint.clone().map(Into::into),
    }
}

impl App {
    /// How this run fares, for the window.
    pub fn read_figures(&self) -> FiguresView {
        self.figures().into()
    }

    /// Examines the addresses of a profile, for the window.
    ///
    /// # Errors
    /// [`FaultKind::NoSuchProfile`]; the journal's. What is wrong with an address is a finding.
    pub async fn run_doctor(&self, profile: i64) -> Result<CheckupView, Problem> {
        let profile = self.stored_profile(profile).await?;
        let profile = profile.ok_or_else(|| Fault::new(FaultKind::NoSuchProfile))?;
        let profile = self.prepare_profile(&profile).await?;
        Ok((&self.check_up(&profile).await).into())
    }
}
