//! A transfer as a row of the window: what the journal says, overlaid with what is happening now.

use std::collections::{BTreeMap, HashMap};

use ferry_engine::{Activity, LiveView, Offline};
use ferry_journal::{Filter as JournalFilter, StateGroup, TransferProgress, TransferRow};
use ferry_model::progress::{Progress, Speed};
use ferry_model::{
    BatchId, Deferred, ExistingPolicy, Fault, PartPlan, Profile, ProfileId, Standing,
    StandingGroup, TransferCommand, TransferId,
};

use crate::messages::{Action, Filter, Row, RowList, RowState, Side};
use crate::pending;

/// What rows are made with.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    pub(crate) profiles: HashMap<ProfileId, Profile>,
    pub(crate) live: HashMap<TransferId, LiveView>,
    /// Why the endpoint of a profile makes its transfers wait, or why it is held.
    pub(crate) waits: BTreeMap<ProfileId, Fault>,
    pub(crate) speeds: HashMap<TransferId, Speed>,
    /// What rows wait for that can be undone.
    pub(crate) pending: BTreeMap<TransferId, Deferred>,
}

/// Why the transfers of a profile wait: it is held, or else its endpoint is offline.
pub(crate) fn waits(
    holds: &BTreeMap<ProfileId, Fault>,
    offline: &[(String, Offline)],
    profiles: &HashMap<ProfileId, Profile>,
) -> BTreeMap<ProfileId, Fault> {
    let mut waits = holds.clone();
    for (endpoint, outage) in offline {
        for profile in profiles.values().filter(|profile| profile.endpoint == *endpoint) {
            waits.entry(profile.id).or_insert_with(|| outage.fault.clone());
        }
    }
    waits
}

pub(crate) fn row(transfer: &TransferRow, around: &Surroundings) -> Row {
    let live = around.live.get(&transfer.id);
    let waits = around.waits.get(&transfer.profile);
    let state = state(transfer, live, waits);
    let progress = progress(&transfer.into(), live);
    let speed = around.speeds.get(&transfer.id).copied().unwrap_or_default();
    let plan = PartPlan::resumed(transfer.size, transfer.part_size);
    let parts = if plan.fits_one_request() { 0 } else { plan.count() };
    let fault = match state {
        RowState::Retrying => live.and_then(|live| live.fault.as_ref()),
        RowState::Waiting => waits,
        _ => transfer.fault.as_ref(),
    };
    let moving = state == RowState::Uploading;
    let pending = around.pending.get(&transfer.id).copied();
    let conflict = state == RowState::Conflict;
    Row {
        id: transfer.id.0,
        batch: transfer.batch.0,
        name: transfer.name.clone(),
        folder: transfer
            .source
            .as_path()
            .parent()
            .map(|folder| folder.display().to_string())
            .unwrap_or_default(),
        destination: destination(transfer, around),
        profile: around
            .profiles
            .get(&transfer.profile)
            .map(|profile| profile.name.clone())
            .unwrap_or_default(),
        size: transfer.size,
        acked: progress.acked(),
        in_flight: progress.in_flight(),
        percent: progress.percent(transfer.standing == Standing::Done),
        speed: if moving { speed.bytes_per_second() } else { 0 },
        seconds_left: if moving { speed.seconds_left(progress.unsent()) } else { None },
        state,
        group: group(transfer.standing),
        actions: if pending.is_some() { Vec::new() } else { offered(transfer) },
        parts_done: if parts == 0 {
            0
        } else {
            u32::try_from(progress.acked().div_ceil(plan.part_size())).unwrap_or(parts).min(parts)
        },
        parts,
        retries: live.map_or(0, |live| live.retries),
        finished_ms: transfer.receipt.finished_ms.filter(|_| transfer.standing.has_ended()),
        problem: fault.map(Into::into),
        pending: pending.map(pending::pending),
        replaced: transfer.standing == Standing::Cancelled && transfer.receipt.replaced,
        already_there: transfer.standing == Standing::Done && transfer.there.is_some(),
        there: transfer
            .there
            .filter(|_| conflict)
            .map(|there| Side { size: there.size, modified_ms: there.modified_ms }),
        here: conflict.then(|| Side {
            size: transfer.size,
            modified_ms: transfer.identity.map(|file| file.modified_ns.div_euclid(1_000_000)),
        }),
    }
}

/// How far a transfer has come: the journal's word, with what happened since to a running one.
pub(crate) fn progress(transfer: &TransferProgress, live: Option<&LiveView>) -> Progress {
    match live {
        Some(live) if !transfer.standing.has_ended() => {
            Progress::new(transfer.size, live.acked.max(transfer.acked_bytes), live.flying)
        }
        _ => Progress::new(transfer.size, transfer.acked_bytes, 0),
    }
}

/// Whether one of them runs that neither its endpoint nor its profile makes wait.
pub(crate) fn any_runs(progress: &[TransferProgress], waits: &BTreeMap<ProfileId, Fault>) -> bool {
    progress.iter().any(|of| of.standing == Standing::Active && !waits.contains_key(&of.profile))
}

/// The filter that shows a transfer of this standing.
fn group(standing: Standing) -> Filter {
    match standing.group() {
        StandingGroup::Active => Filter::Active,
        StandingGroup::Paused => Filter::Paused,
        StandingGroup::Attention => Filter::Attention,
        StandingGroup::Ended => Filter::Ended,
    }
}

/// The actions of a row: what the model allows, without those that another one on the row covers.
fn offered(transfer: &TransferRow) -> Vec<Action> {
    let fault = transfer.fault.as_ref().map(|fault| fault.kind);
    let covered = |command: TransferCommand| match (command, transfer.standing) {
        // A failed or ended row leaves by Remove, which takes back what is open; one whose file
        // changed by Skip; others by Cancel, which keeps them in sight.
        (TransferCommand::Cancel, standing) => {
            standing == Standing::Failed || standing.has_changed_source()
        }
        (TransferCommand::Remove, standing) => {
            standing != Standing::Failed && !standing.has_ended()
        }
        (TransferCommand::Retry, standing) => standing.has_changed_source(),
        _ => false,
    };
    TransferCommand::ALL
        .iter()
        .filter(|command| command.allowed(transfer.phase.name(), transfer.standing, fault))
        .filter(|command| !covered(**command))
        .filter_map(|command| action_of(*command))
        .collect()
}

/// The window's word for a command; `None` where it gives none.
pub(crate) fn action_of(command: TransferCommand) -> Option<Action> {
    Some(match command {
        TransferCommand::Pause => Action::Pause,
        TransferCommand::Resume => Action::Resume,
        TransferCommand::Retry => Action::Retry,
        TransferCommand::StartOver => Action::StartOver,
        TransferCommand::WaitUntilQuiet => Action::WaitUntilQuiet,
        TransferCommand::Cancel => Action::Cancel,
        TransferCommand::Remove => Action::Remove,
        TransferCommand::Decide(ExistingPolicy::Overwrite) => Action::Overwrite,
        TransferCommand::Decide(ExistingPolicy::Skip) => Action::Skip,
        TransferCommand::Decide(ExistingPolicy::Rename) => Action::Rename,
        TransferCommand::Decide(ExistingPolicy::Ask | ExistingPolicy::SkipIdentical) => {
            return None;
        }
    })
}

/// The command behind the window's word.
pub(crate) fn command_of(action: Action) -> TransferCommand {
    match action {
        Action::Pause => TransferCommand::Pause,
        Action::Resume => TransferCommand::Resume,
        Action::Retry => TransferCommand::Retry,
        Action::StartOver => TransferCommand::StartOver,
        Action::WaitUntilQuiet => TransferCommand::WaitUntilQuiet,
        Action::Cancel => TransferCommand::Cancel,
        Action::Remove => TransferCommand::Remove,
        Action::Overwrite => TransferCommand::Decide(ExistingPolicy::Overwrite),
        Action::Skip => TransferCommand::Decide(ExistingPolicy::Skip),
        Action::Rename => TransferCommand::Decide(ExistingPolicy::Rename),
    }
}

fn destination(transfer: &TransferRow, around: &Surroundings) -> String {
    let scheme =
        around.profiles.get(&transfer.profile).map_or("oss", |profile| profile.provider.word());
    format!("{scheme}://{}/{}", transfer.bucket, transfer.key)
}

/// The state of a transfer of which nothing is under way.
pub(crate) fn state_at_rest(standing: Standing) -> RowState {
    match standing {
        Standing::Active => RowState::Queued,
        Standing::Paused => RowState::Paused,
        Standing::Failed => RowState::Failed,
        Standing::Conflict => RowState::Conflict,
        Standing::SourceChanged => RowState::SourceChanged,
        Standing::UntilQuiet => RowState::Settling,
        Standing::Done => RowState::Done,
        Standing::Skipped => RowState::Skipped,
        Standing::Cancelled => RowState::Cancelled,
    }
}

fn state(transfer: &TransferRow, live: Option<&LiveView>, waits: Option<&Fault>) -> RowState {
    match transfer.standing {
        Standing::Active if waits.is_some() => RowState::Waiting,
        Standing::Active if transfer.phase.takes_back() => RowState::Cancelling,
        Standing::Active => match live.map(|live| live.activity) {
            None => RowState::Queued,
            Some(Activity::Preparing | Activity::Uploading) => RowState::Uploading,
            Some(Activity::Growing) => RowState::Growing,
            Some(Activity::Verifying) => RowState::Verifying,
            Some(Activity::Cancelling) => RowState::Cancelling,
            Some(Activity::Retrying) => RowState::Retrying,
        },
        standing => state_at_rest(standing),
    }
}

/// The rows that a list of the window shows.
pub(crate) fn filter_of(list: &RowList) -> JournalFilter {
    let state = match list.filter {
        Filter::All => None,
        Filter::Active => Some(StateGroup::Group(StandingGroup::Active)),
        Filter::Paused => Some(StateGroup::Group(StandingGroup::Paused)),
        Filter::Attention => Some(StateGroup::Group(StandingGroup::Attention)),
        Filter::Conflict => Some(StateGroup::Only(Standing::Conflict)),
        Filter::Changed => Some(StateGroup::Changed),
        Filter::Failed => Some(StateGroup::Only(Standing::Failed)),
        Filter::Ended => Some(StateGroup::Group(StandingGroup::Ended)),
        Filter::Unverified => Some(StateGroup::Except(Standing::Done)),
    };
    JournalFilter {
        batch: list.batch.map(BatchId),
        state,
        text: Some(list.text.trim().to_owned()).filter(|text| !text.is_empty()),
        fault: list.fault,
        profile: list.profile.map(ProfileId),
        from_ms: list.from_ms,
        until_ms: list.until_ms,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use ferry_engine::Activity;
    use ferry_journal::SourcePath;
    use ferry_model::{BatchId, FaultKind, Integrity};

    use ferry_model::{Phase, PhaseName};

    use super::*;

    const MIB: u64 = 1024 * 1024;

    fn transfer(phase: PhaseName, standing: Standing, fault: Option<FaultKind>) -> TransferRow {
        TransferRow {
            id: TransferId(1),
            batch: BatchId(1),
            profile: ProfileId(1),
            bucket: "films".into(),
            key: "a.mov".into(),
            source: SourcePath::from(PathBuf::from("/x/a.mov")),
            name: "a.mov".into(),
            size: 100 * MIB,
            identity: None,
            part_size: 8 * MIB,
            existing: ExistingPolicy::Ask,
            integrity: Integrity::Standard,
            ferry_id: String::new(),
            phase: Phase::restored(phase, Some("u".into())).expect("an id is there"),
            standing,
            resolved: None,
            taken_anew: false,
            there: None,
            receipt: Default::default(),
            fault: fault.map(Fault::new),
            crc64: None,
            etag: None,
            acked_bytes: 24 * MIB,
            created_ms: 0,
            intent_ms: None,
            position: 1,
        }
    }

    #[test]
    fn a_row_offers_each_thing_once_and_nothing_that_cannot_help() {
        use Action::{
            Cancel, Overwrite, Pause, Remove, Rename, Resume, Retry, Skip, StartOver,
            WaitUntilQuiet,
        };
        for (phase, standing, fault, expected) in [
            (PhaseName::Sending, Standing::Active, None, vec![Pause, Cancel]),
            (PhaseName::Aborting, Standing::Active, None, vec![]),
            (PhaseName::Sending, Standing::Paused, None, vec![Resume, Cancel]),
            (
                PhaseName::Sending,
                Standing::Failed,
                Some(FaultKind::SourceMissing),
                vec![Retry, Remove],
            ),
            (PhaseName::Fresh, Standing::Failed, Some(FaultKind::KeyCollision), vec![Remove]),
            (
                PhaseName::Fresh,
                Standing::Conflict,
                Some(FaultKind::AlreadyExists),
                vec![Overwrite, Skip, Rename, Cancel],
            ),
            (
                PhaseName::Sending,
                Standing::SourceChanged,
                Some(FaultKind::SourceChanged),
                vec![StartOver, WaitUntilQuiet, Skip],
            ),
            (
                PhaseName::Sending,
                Standing::UntilQuiet,
                Some(FaultKind::SourceChanged),
                vec![StartOver, Skip],
            ),
            (PhaseName::Settled, Standing::Done, None, vec![Remove]),
        ] {
            assert_eq!(offered(&transfer(phase, standing, fault)), expected, "{standing:?}");
        }
    }

    #[test]
    fn a_row_shows_what_was_acknowledged_since_the_journal_was_read() {
        let around = |live: Option<LiveView>| Surroundings {
            live: live.map(|live| (TransferId(1), live)).into_iter().collect(),
            ..Surroundings::default()
        };
        let transfer = transfer(PhaseName::Sending, Standing::Active, None);
        let stored = row(&transfer, &around(None));
        assert_eq!((stored.acked, stored.in_flight, stored.parts_done), (24 * MIB, 0, 3));
        let live = LiveView {
            activity: Activity::Uploading,
            acked: 40 * MIB,
            flying: 5 * MIB,
            retries: 0,
            fault: None,
        };
        let now = row(&transfer, &around(Some(live)));
        assert_eq!((now.acked, now.in_flight, now.parts_done), (40 * MIB, 5 * MIB, 5));
        assert_eq!((now.percent, now.group), (40, Filter::Active));
        let waiting = Surroundings {
            waits: [(ProfileId(1), Fault::new(FaultKind::Unreachable))].into(),
            ..around(None)
        };
        let held = row(&transfer, &waiting);
        assert_eq!((held.state, held.speed, held.seconds_left), (RowState::Waiting, 0, None));
    }
}
