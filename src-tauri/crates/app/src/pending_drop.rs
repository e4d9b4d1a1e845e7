//! A drop that is not queued yet, and what the window is told of it.

use std::collections::BTreeMap;
use std::time::Duration;

use ferry_engine::{Intake, IntakeProgress};
use ferry_journal::NewBatch;
use ferry_model::{Existing, Survey, SurveyProblem};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::messages::{DropReview, LargestFile, Notice, ProblemFound};

/// How long folders are read without a word.
pub(crate) const QUIET: Duration = Duration::from_secs(1);

/// The drops that are not queued yet, by their number.
pub(crate) type Drops = BTreeMap<u64, PendingDrop>;

/// A drop that is looked through, or asked about.
#[derive(Debug)]
pub(crate) struct PendingDrop {
    pub(crate) planned: PlannedDrop,
    pub(crate) progress: IntakeProgress,
    pub(crate) began: Instant,
    /// What was found, once all was looked through.
    pub(crate) survey: Option<Survey>,
    /// How many of its files exist at the destination, once they were counted.
    pub(crate) existing: Option<Existing>,
    /// Ends the reading, and the counting of what exists.
    pub(crate) stop: CancellationToken,
    /// Whether it is decided what becomes of it: it stays until its files are being queued.
    pub(crate) decided: bool,
}

/// What a drop becomes.
#[derive(Debug, Clone)]
pub(crate) struct PlannedDrop {
    pub(crate) batch: NewBatch,
    /// Its batch counts only once there is one.
    pub(crate) intake: Intake,
    /// Bytes a second of the last transfers, 0 where there were none.
    pub(crate) speed: u64,
}

impl PendingDrop {
    /// What it becomes; `None` once that was decided.
    pub(crate) fn decide(&mut self) -> Option<PlannedDrop> {
        self.stop.cancel();
        let first = !std::mem::replace(&mut self.decided, true);
        first.then(|| self.planned.clone())
    }

    fn notice(&self, id: u64) -> Option<Notice> {
        match &self.survey {
            _ if self.decided => None,
            Some(survey) => Some(Notice::Review { id, review: self.review(survey) }),
            None if self.began.elapsed() >= QUIET => {
                Some(Notice::Surveying { id, files: self.progress.files() })
            }
            None => None,
        }
    }

    fn review(&self, survey: &Survey) -> DropReview {
        let PlannedDrop { batch, intake, speed } = &self.planned;
        let problems = SurveyProblem::ALL.into_iter().filter_map(|problem| {
            let found = survey.found(problem);
            (found.files > 0).then(|| ProblemFound {
                problem: problem.into(),
                files: found.files,
                examples: found.examples.clone(),
            })
        });
        DropReview {
            name: batch.label.name.clone(),
            roots: batch.label.roots,
            profile: intake.profile.id.0,
            prefix: intake.prefix.clone(),
            files: survey.files,
            bytes: survey.bytes,
            largest: survey.largest.clone().map(|(key, bytes)| LargestFile { key, bytes }),
            problems: problems.collect(),
            kept_out: survey.kept_out(),
            existing: self.existing.into(),
            seconds: survey.seconds(*speed),
        }
    }
}

/// What the window is told of the drops that are not queued yet.
pub(crate) fn notices(drops: &Drops) -> impl Iterator<Item = Notice> {
    drops.iter().filter_map(|(id, pending)| pending.notice(*id))
}
