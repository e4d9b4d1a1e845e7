//! What needs the user: a line for each cause, with what can be done about all of it.

use std::collections::BTreeMap;

use ferry_journal::{Attention, AttentionLine, ConflictFolders, Journal};
use ferry_model::command::offered_for_all;
use ferry_model::held::{holds_all_alike, offered_for_held};
use ferry_model::{Fault, FaultKind, ProfileId, Standing, StandingGroup, key};
use tokio::time::Instant;

use crate::messages::{Cause, Filter, Held, HeldProfile, RowList};
use crate::rows::action_of;
use crate::waiting::SHARE;

/// The causes as they were counted last.
pub(crate) struct Needs {
    causes: Vec<Cause>,
    /// When they are old enough to be counted again.
    old_at: Instant,
}

impl Needs {
    pub(crate) fn new(now: Instant) -> Self {
        Self { causes: Vec::new(), old_at: now }
    }

    pub(crate) fn causes(&self) -> Vec<Cause> {
        self.causes.clone()
    }

    /// Counts the causes of what needs the user, if anything does. Returns when to do so again
    /// where it did not, because the counts are young: rows may have changed since.
    ///
    /// # Errors
    /// The journal's.
    pub(crate) async fn refresh(
        &mut self,
        journal: &Journal,
        totals: &ferry_journal::Totals,
    ) -> Result<Option<Instant>, Fault> {
        if totals.group(StandingGroup::Attention) == 0 {
            self.causes.clear();
            return Ok(None);
        }
        let began = Instant::now();
        if began < self.old_at {
            return Ok(Some(self.old_at));
        }
        self.causes = causes(&journal.attention().await.map_err(|error| error.fault())?);
        self.old_at = Instant::now() + began.elapsed() * SHARE;
        Ok(None)
    }
}

/// What the files of a line need, and why they failed: alike for all of a cause.
type Kind = (Filter, Option<FaultKind>);

fn kind(line: &AttentionLine) -> Option<Kind> {
    match line.standing {
        Standing::Conflict => Some((Filter::Conflict, None)),
        Standing::SourceChanged | Standing::UntilQuiet => Some((Filter::Changed, None)),
        Standing::Failed => Some((Filter::Failed, line.fault)),
        _ => None,
    }
}

/// A line for each cause: objects in the way first, then files that changed, then what failed, the
/// most files first.
fn causes(attention: &Attention) -> Vec<Cause> {
    let mut kinds: Vec<(Kind, Vec<&AttentionLine>)> = Vec::new();
    for line in &attention.lines {
        let Some(kind) = kind(line) else { continue };
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, lines)) => lines.push(line),
            None => kinds.push((kind, vec![line])),
        }
    }
    let mut causes: Vec<Cause> =
        kinds.iter().map(|(kind, lines)| cause(*kind, lines, &attention.conflicts)).collect();
    let first = |cause: &Cause| match cause.list.filter {
        Filter::Conflict => 0,
        Filter::Changed => 1,
        _ => 2,
    };
    causes.sort_by_key(|cause| (first(cause), std::cmp::Reverse(cause.files)));
    causes
}

fn cause((filter, fault): Kind, lines: &[&AttentionLine], conflicts: &ConflictFolders) -> Cause {
    let files: u64 = lines.iter().map(|line| line.files).sum();
    let allowed = |command: &&ferry_model::TransferCommand| {
        lines.iter().any(|line| command.allowed(line.phase, line.standing, line.fault))
    };
    let offered = lines.first().map_or(&[][..], |line| offered_for_all(line.standing));
    let conflicts = (filter == Filter::Conflict).then_some(conflicts);
    Cause {
        list: RowList { filter, fault, ..RowList::default() },
        files,
        name: lines.first().filter(|_| files == 1).and_then(|line| line.name.clone()),
        problem: fault.map(|kind| Fault::new(kind).into()),
        folder: conflicts.and_then(folder),
        folders: conflicts.map_or(0, |conflicts| conflicts.folders),
        actions: offered.iter().filter(allowed).filter_map(|it| action_of(*it)).collect(),
        held: None,
    }
}

/// A line for each cause that holds profiles: it needs the user although no file does. `files` says
/// how many wait for a profile.
pub(crate) fn held(
    holds: &BTreeMap<ProfileId, Fault>,
    name: impl Fn(ProfileId) -> String,
    files: impl Fn(ProfileId) -> u64,
) -> Vec<Cause> {
    let mut causes: Vec<(FaultKind, Cause)> = Vec::new();
    for (id, fault) in holds {
        let kind = fault.kind;
        let profile = HeldProfile { id: id.0, name: name(*id) };
        let same = |(known, _): &&mut (FaultKind, Cause)| *known == kind && holds_all_alike(kind);
        if let Some((_, cause)) = causes.iter_mut().find(same) {
            cause.files += files(*id);
            cause.held.iter_mut().for_each(|held| held.profiles.push(profile.clone()));
            continue;
        }
        let cause = Cause {
            list: RowList { profile: Some(id.0), ..RowList::default() },
            files: files(*id),
            name: None,
            problem: Some(fault.clone().into()),
            folder: None,
            folders: 0,
            actions: Vec::new(),
            held: Some(Held {
                profiles: vec![profile],
                key: kind.key_trouble(),
                actions: offered_for_held(kind).to_vec(),
            }),
        };
        causes.push((kind, cause));
    }
    causes.into_iter().map(|(_, cause)| cause).collect()
}

/// Where all of them are, for people: the folder that they have in common, or else the bucket where
/// they are in its top.
fn folder(conflicts: &ConflictFolders) -> Option<String> {
    let [(bucket, first), (other, last)] = conflicts.ends.as_ref()?;
    if bucket != other {
        return None;
    }
    match key::common_folder(first, last) {
        "" if conflicts.folders == 1 => Some(bucket.clone()),
        "" => None,
        common => Some(common.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use ferry_model::PhaseName;
    use ferry_model::held::HeldAction;

    use super::*;
    use crate::messages::Action;

    fn line(standing: Standing, fault: Option<FaultKind>, files: u64) -> AttentionLine {
        let name = (files == 1).then(|| "a.mov".to_owned());
        AttentionLine { standing, fault, phase: PhaseName::Fresh, files, name }
    }

    #[test]
    fn causes_are_told_once_each_with_what_helps() {
        use Action::{Overwrite, Remove, Rename, Retry, Skip, StartOver, WaitUntilQuiet};
        let lines = vec![
            line(Standing::Failed, Some(FaultKind::KeyCollision), 2),
            line(Standing::Failed, None, 1),
            line(Standing::UntilQuiet, Some(FaultKind::SourceChanged), 1),
            line(Standing::Failed, Some(FaultKind::AccessDenied), 7),
            line(Standing::SourceChanged, Some(FaultKind::SourceChanged), 1),
            line(Standing::Conflict, Some(FaultKind::AlreadyExists), 1),
        ];
        let told = causes(&Attention { lines, ..Attention::default() });
        let told: Vec<_> = told
            .iter()
            .map(|it| {
                let problem = it.problem.as_ref().map(|problem| problem.kind.as_str());
                (it.list.filter, it.files, it.name.as_deref(), problem, it.actions.clone())
            })
            .collect();
        let expected = [
            (Filter::Conflict, 1, Some("a.mov"), None, vec![Rename, Overwrite, Skip]),
            (Filter::Changed, 2, None, None, vec![StartOver, WaitUntilQuiet, Skip]),
            (Filter::Failed, 7, None, Some("accessDenied"), vec![Retry, Remove]),
            // Another try would meet the same rule.
            (Filter::Failed, 2, None, Some("keyCollision"), vec![Remove]),
            (Filter::Failed, 1, Some("a.mov"), None, vec![Retry, Remove]),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_held_profile_has_a_line_and_a_locked_keyring_one_for_all() {
        use HeldAction::{EnterKey, TryAgain};
        let holds = [
            (1, FaultKind::KeyringLocked),
            (2, FaultKind::BadSignature),
            (3, FaultKind::KeyringLocked),
            (4, FaultKind::BadSignature),
        ];
        let holds = holds.map(|(id, kind)| (ProfileId(id), Fault::new(kind))).into();
        let lines = held(&holds, |id| format!("p{id}"), |id| id.0 as u64 * 10);
        let told: Vec<_> = lines
            .iter()
            .map(|line| {
                let held = line.held.as_ref().expect("is held");
                let names: Vec<&str> = held.profiles.iter().map(|it| it.name.as_str()).collect();
                (names.join(" "), line.files, held.actions.clone())
            })
            .collect();
        let expected = [
            ("p1 p3".to_owned(), 40, vec![TryAgain]),
            // Each has a key of its own.
            ("p2".to_owned(), 20, vec![EnterKey, TryAgain]),
            ("p4".to_owned(), 40, vec![EnterKey, TryAgain]),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn objects_in_the_way_are_told_with_the_folder_that_holds_them_all() {
        for (first, last, folders, expected) in [
            (("films", "2024/raw/"), ("films", "2024/raw/"), 1, Some("2024/raw")),
            (("films", "2024/raw/a/"), ("films", "2024/raw/b/"), 2, Some("2024/raw")),
            (("films", "2024/"), ("films", "2024/raw/"), 2, Some("2024")),
            (("films", "2023/"), ("films", "2024/"), 2, None),
            (("films", ""), ("films", "2024/"), 2, None),
            (("films", ""), ("films", ""), 1, Some("films")),
            (("films", "2024/"), ("photos", "2024/"), 2, None),
        ] {
            let end = |(bucket, folder): (&str, &str)| (bucket.to_owned(), folder.to_owned());
            let ends = Some([end(first), end(last)]);
            let found = folder(&ConflictFolders { folders, ends });
            assert_eq!(found.as_deref(), expected, "{first:?} {last:?}");
        }
    }
}
