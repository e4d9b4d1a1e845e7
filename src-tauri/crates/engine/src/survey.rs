//! Looks dropped paths through before anything of them is queued.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use ferry_model::survey::{one_form, without_case};
use ferry_model::{Fault, Survey, SurveyProblem, key};
use futures_util::StreamExt as _;

use crate::intake::{Intake, IntakeProgress};
use crate::shared::Shared;
use crate::source::{Item, Root, Walk};

/// Walks what an intake would take, and counts. Reads no file: keys that hold a digest are not
/// compared.
///
/// # Errors
/// Where a pattern of the intake is none.
///
/// # Cancellation
/// Dropping the future ends the walk.
pub(crate) async fn survey(
    shared: &Shared,
    intake: &Intake,
    progress: &IntakeProgress,
) -> Result<Survey, Fault> {
    let roots = intake.paths.iter().map(|path| Root { path: path.clone(), led_to: None }).collect();
    let mut found = shared.files.walk(Walk { roots, patterns: intake.patterns.clone() });
    let mut counted = Counted::default();
    while let Some(items) = found.next().await {
        let items = items?;
        progress.add(items.len());
        for item in items {
            let key = if intake.template.wants_hash() {
                None
            } else {
                Some(intake.key(&shared.files, &item).await?)
            };
            counted.add(intake, &item, key);
        }
    }
    Ok(counted.survey)
}

/// The sums, and the keys met so far by their hashes: whatever the drop's size, a few bytes a file.
#[derive(Default)]
struct Counted {
    survey: Survey,
    hasher: RandomState,
    keys: HashSet<u64>,
    without_case: HashSet<u64>,
    one_form: HashSet<u64>,
}

impl Counted {
    fn add(&mut self, intake: &Intake, item: &Item, key: Option<String>) {
        let name = key.unwrap_or_else(|| {
            let components: Vec<_> = item.components.iter().map(String::as_str).collect();
            key::join(&intake.prefix, &components)
        });
        let size = match &item.outcome {
            Ok(identity) => identity.size,
            Err(fault) => {
                if let Some(problem) = SurveyProblem::of(fault.kind) {
                    self.survey.add(problem, &name);
                }
                return;
            }
        };
        let problem = if key::check(intake.profile.provider, &name).is_err() {
            Some(SurveyProblem::BadKey)
        } else if intake.template.wants_hash() {
            None
        } else {
            self.claimed(&name)
        };
        if let Some(problem) = problem {
            self.survey.add(problem, &name);
        }
        if !problem.is_some_and(SurveyProblem::keeps_out) {
            self.survey.count(&name, size);
        }
    }

    /// What another file met before has of this key.
    fn claimed(&mut self, key: &str) -> Option<SurveyProblem> {
        let Self { hasher, keys, without_case: cases, one_form: forms, .. } = self;
        let (form, case) = (one_form(key), without_case(key));
        if !keys.insert(hasher.hash_one(key)) {
            Some(SurveyProblem::SameKey)
        } else if !forms.insert(hasher.hash_one(&form)) {
            Some(SurveyProblem::SameButForForm)
        } else if !cases.insert(hasher.hash_one(&case)) {
            Some(SurveyProblem::SameButForCase)
        } else {
            None
        }
    }
}
