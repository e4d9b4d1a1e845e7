//! Batches as the window lists them, and all that is being uploaded now.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use ferry_journal::{BatchLabel, BatchScope, ListedBatch, Totals as Sums, View};
use ferry_model::progress::{Progress, share};
use ferry_model::{BatchId, StandingGroup};

use crate::messages::{Action, Batch, BatchPage, BatchState, BatchView, Totals, Viewport, Work};
use crate::pace::Since;
use crate::rows::Surroundings;

/// How long a batch that ended stays in sight, in milliseconds.
const IN_SIGHT: i64 = 24 * 60 * 60 * 1_000;

/// What a person knows a batch by that these paths under this prefix bring.
pub(crate) fn batch_label(paths: &[PathBuf], prefix: &str) -> BatchLabel {
    let name = paths.first().map(|path| match path.file_name() {
        Some(name) => name.to_string_lossy().into_owned(),
        None => path.display().to_string(),
    });
    BatchLabel {
        name: name.unwrap_or_default(),
        roots: paths.len() as u64,
        prefix: prefix.to_owned(),
    }
}

/// The batches that a view lists.
pub(crate) fn scope(view: BatchView, now_ms: i64) -> BatchScope {
    match view {
        BatchView::Now => BatchScope::Since(now_ms.saturating_sub(IN_SIGHT)),
        BatchView::Done => BatchScope::Finished,
    }
}

/// What batches are shown with.
pub(crate) struct BatchContext<'a> {
    /// What the journal says.
    pub(crate) view: &'a View,
    /// What happens now.
    pub(crate) around: &'a Surroundings,
    /// What happened to running transfers since the view was read.
    pub(crate) since: HashMap<BatchId, Since>,
    /// The sums of the whole queue, as they are shown.
    pub(crate) totals: &'a Totals,
    /// Files verified a second.
    pub(crate) files_per_second: u64,
    /// Requests with a body that are under way.
    pub(crate) requests: usize,
    /// The batches whose files are being looked for.
    pub(crate) adding: BTreeSet<BatchId>,
    /// What the window asked for.
    pub(crate) viewport: &'a Viewport,
}

/// The batches the window lists, and what is being uploaded.
pub(crate) fn now(moment: &BatchContext<'_>) -> (BatchPage, Option<Work>) {
    let listed = &moment.view.batches;
    let mut batches: Vec<Batch> =
        listed.batches.iter().map(|listed| batch(listed, moment)).collect();
    let unsent: Vec<u64> = listed.batches.iter().map(|listed| unsent(listed, moment)).collect();
    share_time_left(&mut batches, &unsent, moment.totals.seconds_left);
    share_speed(&mut batches, moment.totals.speed);
    let page = BatchPage {
        view: moment.viewport.batches,
        offset: moment.viewport.batch_offset,
        total: listed.total,
        open: listed.open,
        batches,
    };
    let work = (!moment.view.work.is_empty()).then(|| work(moment, &page.batches));
    (page, work)
}

fn batch(listed: &ListedBatch, moment: &BatchContext<'_>) -> Batch {
    let sums = &listed.totals;
    let since = moment.since.get(&listed.id).copied().unwrap_or_default();
    let adding = moment.adding.contains(&listed.id);
    let state = state(listed, adding, moment.around);
    let progress = Progress::new(
        sums.bytes.saturating_sub(sums.left_out_bytes),
        sums.acked_bytes + since.acked,
        since.in_flight,
    );
    let profile = moment.around.profiles.get(&listed.profile);
    let attention = sums.group(StandingGroup::Attention);
    Batch {
        id: listed.id.0,
        name: listed.label.name.clone(),
        roots: listed.label.roots,
        profile: listed.profile.0,
        profile_name: profile.map(|profile| profile.name.clone()).unwrap_or_default(),
        prefix: listed.label.prefix.clone(),
        state,
        adding,
        files: sums.files,
        bytes: progress.size(),
        acked: progress.acked(),
        in_flight: progress.in_flight(),
        percent: progress.percent(state == BatchState::Done),
        speed: if state == BatchState::Running { since.speed } else { 0 },
        seconds_left: None,
        done: sums.done,
        active: sums.active,
        paused: sums.paused,
        attention,
        ended_otherwise: sums.ended_otherwise(),
        created_ms: listed.created_ms,
        finished_ms: listed.finished_ms,
        action: action(sums),
    }
}

fn state(listed: &ListedBatch, adding: bool, around: &Surroundings) -> BatchState {
    let sums = &listed.totals;
    if sums.active > 0 {
        let waits = around.waits.contains_key(&listed.profile);
        return if waits { BatchState::Waiting } else { BatchState::Running };
    }
    if adding {
        BatchState::Running
    } else if sums.group(StandingGroup::Attention) > 0 {
        BatchState::Attention
    } else if sums.paused > 0 {
        BatchState::Paused
    } else {
        BatchState::Done
    }
}

/// The one button of a batch.
fn action(sums: &Sums) -> Option<Action> {
    if sums.active > 0 {
        Some(Action::Pause)
    } else if sums.paused > 0 {
        Some(Action::Resume)
    } else {
        None
    }
}

/// Bytes of a batch that can run and have not left yet.
fn unsent(listed: &ListedBatch, moment: &BatchContext<'_>) -> u64 {
    let sums = &listed.totals;
    let since = moment.since.get(&listed.id).copied().unwrap_or_default();
    let acked = sums.active_acked_bytes + since.active_acked;
    Progress::new(sums.active_bytes, acked, since.in_flight).unsent()
}

/// Shares the queue's time left out, so that it and its batches agree: they are uploaded in the
/// order they are listed, and the last one ends when everything does.
fn share_time_left(batches: &mut [Batch], unsent: &[u64], seconds_left: Option<u64>) {
    let Some(seconds) = seconds_left else { return };
    let running: Vec<(&mut Batch, u64)> = batches
        .iter_mut()
        .zip(unsent.iter().copied())
        .filter(|(batch, _)| batch.state == BatchState::Running && batch.active > 0)
        .collect();
    let all: u64 = running.iter().map(|(_, unsent)| unsent).sum();
    let mut before = 0;
    for (batch, unsent) in running {
        before += unsent;
        let share = (u128::from(seconds) * u128::from(before)).div_ceil(u128::from(all.max(1)));
        batch.seconds_left = u64::try_from(share).ok();
    }
}

/// Shares the queue's speed out as their files' speeds stand to each other, so that it and its
/// batches agree.
fn share_speed(batches: &mut [Batch], speed: u64) {
    let all: u64 = batches.iter().map(|batch| batch.speed).sum();
    for batch in batches {
        batch.speed = share(speed, batch.speed, all);
    }
}

fn work(moment: &BatchContext<'_>, batches: &[Batch]) -> Work {
    let sums = &moment.view.work_totals;
    let mut since = Since::default();
    for id in &moment.view.work {
        since.add(moment.since.get(id).copied().unwrap_or_default());
    }
    let progress = Progress::new(
        sums.active_bytes + sums.done_bytes,
        sums.active_acked_bytes + sums.done_bytes + since.active_acked,
        since.in_flight,
    );
    let mut profiles: Vec<String> = batches
        .iter()
        .filter(|batch| moment.view.work.contains(&BatchId(batch.id)) && batch.active > 0)
        .map(|batch| batch.profile_name.clone())
        .collect();
    profiles.sort();
    profiles.dedup();
    Work {
        files: sums.active + sums.done,
        done: sums.done,
        bytes: progress.size(),
        acked: progress.acked(),
        in_flight: progress.in_flight(),
        percent: progress.percent(false),
        speed: moment.totals.speed,
        files_per_second: moment.files_per_second,
        seconds_left: moment.totals.seconds_left,
        limited_by: moment.totals.limited_by.clone(),
        requests: u32::try_from(moment.requests).unwrap_or(u32::MAX),
        profiles,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_known_by_what_was_dropped_first() {
        let label = |paths: &[&str]| {
            batch_label(&paths.iter().map(PathBuf::from).collect::<Vec<_>>(), "raw/")
        };
        for (paths, name, roots) in [
            (&["/home/me/scans"][..], "scans", 1),
            (&["/home/me/scans/"], "scans", 1),
            (&["/a/终稿.docx", "/b"], "终稿.docx", 2),
            (&["/"], "/", 1),
            (&[], "", 0),
        ] {
            let expected = BatchLabel { name: name.to_owned(), roots, prefix: "raw/".to_owned() };
            assert_eq!(label(paths), expected);
        }
    }

    fn running(id: i64) -> Batch {
        Batch {
            id,
            name: String::new(),
            roots: 1,
            profile: 1,
            profile_name: String::new(),
            prefix: String::new(),
            state: BatchState::Running,
            adding: false,
            files: 1,
            bytes: 100,
            acked: 0,
            in_flight: 0,
            percent: 0,
            speed: 0,
            seconds_left: None,
            done: 0,
            active: 1,
            paused: 0,
            attention: 0,
            ended_otherwise: 0,
            created_ms: 0,
            finished_ms: None,
            action: None,
        }
    }

    #[test]
    fn the_speeds_of_batches_come_to_the_whole() {
        let mut batches = [running(3), running(2), running(1)];
        (batches[0].speed, batches[2].speed) = (30, 90);
        share_speed(&mut batches, 100);
        assert_eq!(batches.map(|batch| batch.speed), [25, 0, 75]);
        let mut batches = [running(1)];
        share_speed(&mut batches, 100);
        assert_eq!(batches[0].speed, 0, "nothing of it moves");
    }

    #[test]
    fn the_last_batch_ends_when_everything_does() {
        let left = |batches: &[Batch]| -> Vec<Option<u64>> {
            batches.iter().map(|batch| batch.seconds_left).collect()
        };
        // As they are taken.
        let mut batches = [running(3), running(7), running(9)];
        batches[1].state = BatchState::Waiting;
        share_time_left(&mut batches, &[100, 1_000, 300], Some(60));
        assert_eq!(left(&batches), [Some(15), None, Some(60)]);
        let mut batches = [running(1)];
        share_time_left(&mut batches, &[0], Some(5));
        assert_eq!(left(&batches), [Some(0)], "all has left, and is verified");
        share_time_left(&mut batches, &[9], None);
        assert_eq!(left(&batches), [Some(0)], "nothing new is said");
    }
}
