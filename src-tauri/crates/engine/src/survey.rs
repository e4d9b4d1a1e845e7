//! Looks dropped paths through before anything of them is queued.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use ferry_model::survey::{LISTED_PAGES, ListRead, one_form, without_case};
use ferry_model::{Existing, Fault, Survey, SurveyProblem, key};
use ferry_storage::{ListedEntry, ObjectStore, StoreError, first_pages, sign_again};
use futures_util::StreamExt as _;

use crate::intake::{Intake, IntakeProgress};
use crate::shared::Shared;
use crate::source::{Item, Root, Walk};

/// What a survey found.
#[derive(Debug, Default)]
pub struct Surveyed {
    /// What is shown of it.
    pub survey: Survey,
    /// The keys of the files.
    pub keys: SurveyedKeys,
}

/// The keys that the files of a drop will have, by their hashes: whatever the drop's size, a few
/// bytes a file.
#[derive(Debug, Default)]
pub struct SurveyedKeys {
    hasher: RandomState,
    hashes: HashSet<u64>,
    /// What all of them begin with; none without keys, as where these hold a digest.
    common: Option<String>,
}

impl SurveyedKeys {
    /// Whether it is the first of its kind.
    fn insert(&mut self, key: &str) -> bool {
        let common = self.common.get_or_insert_with(|| key.to_owned());
        let same = common.chars().zip(key.chars()).take_while(|(one, other)| one == other);
        let length = same.map(|(one, _)| one.len_utf8()).sum();
        common.truncate(length);
        self.hashes.insert(self.hasher.hash_one(key))
    }
}

/// How many of the keys are objects of a store, as far as the first pages of a list tell.
///
/// # Errors
/// The store's.
///
/// # Cancellation
/// Dropping the future ends the list.
pub(crate) async fn existing(
    store: &dyn ObjectStore,
    keys: &SurveyedKeys,
) -> Result<Existing, StoreError> {
    let Some(common) = keys.common.as_deref() else { return Ok(Existing::Unknown) };
    let page = |marker: Option<String>| async move {
        sign_again(|| store.list_objects(common, None, marker.clone())).await
    };
    let listed = first_pages(LISTED_PAGES, page, |_| false).await?;
    let read = if listed.next.is_none() { ListRead::Whole } else { ListRead::Beginning };
    let found = listed.rows.iter().filter_map(|entry| match entry {
        ListedEntry::Object(object) => Some(keys.hasher.hash_one(object.key.as_str())),
        ListedEntry::CommonPrefix(_) => None,
    });
    let found: HashSet<u64> = found.filter(|hash| keys.hashes.contains(hash)).collect();
    Ok(Existing::of(found.len() as u64, read))
}

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
) -> Result<Surveyed, Fault> {
    let roots = intake
        .paths
        .iter()
        .map(|path| Root { path: path.clone(), led_to: None, below: None })
        .collect();
    let mut found =
        shared.files.walk(Walk { roots, patterns: intake.patterns.clone(), ..Walk::default() });
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
    Ok(counted.found)
}

/// The sums, the keys met so far, and what else they would be taken for.
#[derive(Default)]
struct Counted {
    found: Surveyed,
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
                    self.found.survey.add(problem, &name);
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
            self.found.survey.add(problem, &name);
        }
        if !problem.is_some_and(SurveyProblem::keeps_out) {
            self.found.survey.count(&name, size);
        }
    }

    /// What another file met before has of this key.
    fn claimed(&mut self, key: &str) -> Option<SurveyProblem> {
        let Self { found: Surveyed { keys, .. }, without_case: cases, one_form: forms } = self;
        let (form, case) = (one_form(key), without_case(key));
        if !keys.insert(key) {
            Some(SurveyProblem::SameKey)
        } else if !forms.insert(keys.hasher.hash_one(&form)) {
            Some(SurveyProblem::SameButForForm)
        } else if !cases.insert(keys.hasher.hash_one(&case)) {
            Some(SurveyProblem::SameButForCase)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_listed_below_what_they_have_in_common() {
        for (keys, common) in [
            (&[][..], None),
            (&["2026/a.txt"], Some("2026/a.txt")),
            (&["2026/a.txt", "2026/b/c.txt"], Some("2026/")),
            (&["照片/一.jpg", "照片/二.jpg", "照相/三.jpg"], Some("照")),
            (&["a", "b"], Some("")),
        ] {
            let mut found = SurveyedKeys::default();
            assert!(keys.iter().all(|key| found.insert(key)), "{keys:?}");
            assert_eq!(found.common.as_deref(), common, "{keys:?}");
            assert!(keys.iter().all(|key| !found.insert(key)), "{keys:?}");
        }
    }
}
