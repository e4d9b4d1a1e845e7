//! A transfer as a row of the window: what the journal says, overlaid with what is happening now.

use std::collections::{BTreeMap, HashMap};

use ferry_engine::{Activity, LiveView, Offline};
use ferry_journal::TransferRow;
use ferry_model::{Fault, PartPlan, Profile, ProfileId, Standing, TransferId, progress::Speed};

use crate::messages::{Row, RowState};

/// What rows are made with.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    pub(crate) profiles: HashMap<ProfileId, Profile>,
    pub(crate) live: HashMap<TransferId, LiveView>,
    /// Why the endpoint of a profile makes its transfers wait, or why it is held.
    pub(crate) waits: BTreeMap<ProfileId, Fault>,
    pub(crate) speeds: HashMap<TransferId, Speed>,
}

/// Why the transfers of a profile wait: it is held, or else its endpoint is away.
pub(crate) fn waits(
    holds: &BTreeMap<ProfileId, Fault>,
    offline: &[(String, Offline)],
    profiles: &HashMap<ProfileId, Profile>,
) -> BTreeMap<ProfileId, Fault> {
    let mut waits = holds.clone();
    for (endpoint, away) in offline {
        for profile in profiles.values().filter(|profile| profile.endpoint == *endpoint) {
            waits.entry(profile.id).or_insert_with(|| away.fault.clone());
        }
    }
    waits
}

pub(crate) fn row(transfer: &TransferRow, around: &Surroundings) -> Row {
    let live = around.live.get(&transfer.id);
    let waits = around.waits.get(&transfer.profile);
    let state = state(transfer, live, waits);
    let sent = match live {
        Some(live) if !transfer.standing.has_ended() => {
            live.acked.max(transfer.acked_bytes) + live.flying
        }
        _ => transfer.acked_bytes,
    }
    .min(transfer.size);
    let speed = around.speeds.get(&transfer.id).copied().unwrap_or_default();
    let plan = PartPlan::resumed(transfer.size, transfer.part_size);
    let parts = if plan.fits_one_request() { 0 } else { plan.count() };
    let fault = match state {
        RowState::Retrying => live.and_then(|live| live.fault.as_ref()),
        RowState::Waiting => waits,
        _ => transfer.fault.as_ref(),
    };
    let moving = state == RowState::Uploading;
    Row {
        id: transfer.id.0,
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
        sent,
        speed: if moving { speed.bytes_per_second() } else { 0 },
        seconds_left: if moving { speed.seconds_left(transfer.size - sent) } else { None },
        state,
        parts_done: if parts == 0 {
            0
        } else {
            u32::try_from(transfer.acked_bytes.div_ceil(transfer.part_size.max(1)))
                .unwrap_or(parts)
                .min(parts)
        },
        parts,
        retries: live.map_or(0, |live| live.retries),
        problem: fault.map(Into::into),
    }
}

fn destination(transfer: &TransferRow, around: &Surroundings) -> String {
    let scheme =
        around.profiles.get(&transfer.profile).map_or("oss", |profile| profile.provider.word());
    format!("{scheme}://{}/{}", transfer.bucket, transfer.key)
}

fn state(transfer: &TransferRow, live: Option<&LiveView>, waits: Option<&Fault>) -> RowState {
    match transfer.standing {
        Standing::Paused => RowState::Paused,
        Standing::Failed => RowState::Failed,
        Standing::Conflict => RowState::Conflict,
        Standing::SourceChanged => RowState::SourceChanged,
        Standing::Done => RowState::Done,
        Standing::Skipped => RowState::Skipped,
        Standing::Cancelled => RowState::Cancelled,
        Standing::Active if waits.is_some() => RowState::Waiting,
        Standing::Active if transfer.phase.takes_back() => RowState::Cancelling,
        Standing::Active => match live.map(|live| live.activity) {
            None => RowState::Queued,
            Some(Activity::Preparing | Activity::Uploading) => RowState::Uploading,
            Some(Activity::Verifying) => RowState::Verifying,
            Some(Activity::Cancelling) => RowState::Cancelling,
            Some(Activity::Retrying) => RowState::Retrying,
        },
    }
}
