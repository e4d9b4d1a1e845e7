//! What the window is told beside its rows, as long as it is so: what keeps the queue from going
//! on, and what the user has to know of.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;

use ferry_engine::Offline;
use ferry_model::standby::Standby;
use ferry_model::{Fault, KeySource, ProfileId};
use ferry_storage::clock;
use tokio::time::Instant;

use crate::app::{App, now_ms};
use crate::damage::{recovered, unreadable};
use crate::messages::{Notice, StandbyReason, Totals};
use crate::pending_drop;
use crate::publisher::{Subscription, lock};
use crate::rows::Surroundings;

/// The number of the notice about a damaged queue: apart from those that are counted up.
const RECOVERED: u64 = (1 << 52) - 1;
/// The number of the notice about rows that cannot be read.
const UNREADABLE: u64 = RECOVERED - 1;
/// The number of the notice about a newer version.
const NEW_VERSION: u64 = UNREADABLE - 1;

impl App {
    /// Closes a notice.
    pub async fn dismiss_notice(&self, id: u64) {
        lock(&self.inner.publisher.failures).retain(|(number, _)| *number != id);
        if id == RECOVERED {
            self.inner.publisher.recovery_seen.store(true, Ordering::Relaxed);
            if let Err(fault) = self.acknowledge_recovery().await {
                tracing::warn!(%fault, "that the notice was read could not be written down");
            }
        }
        if id == UNREADABLE {
            self.inner.publisher.unreadable.store(0, Ordering::Relaxed);
        }
        if id == NEW_VERSION {
            self.inner.updates.put_off();
        }
        self.inner.publisher.dirty.store(true, Ordering::Relaxed);
    }

    /// All there are now, in the order in which they are shown.
    pub(crate) fn notices(
        &self,
        subscription: &mut Subscription,
        (around, totals, holds): (&Surroundings, &Totals, &BTreeMap<ProfileId, Fault>),
    ) -> Vec<Notice> {
        let engine = &self.inner.engine;
        let mut notices = subscription.offline_notices(engine.offline(), holds);
        for volume in engine.missing_volumes() {
            let files = subscription.on_missing.0.get(&volume.device).copied().unwrap_or(0);
            notices.push(Notice::VolumeMissing { problem: volume.fault.into(), files });
        }
        for (id, fault) in holds {
            let profile = around.profiles.get(id);
            notices.push(Notice::ProfileHeld {
                profile: id.0,
                name: profile.map(|profile| profile.name.clone()).unwrap_or_default(),
                problem: fault.into(),
                key: fault.kind.key_trouble(),
                files: subscription.waiting.files_of(|profile| profile == *id),
            });
        }
        let offset = engine.clock_offset();
        if clock::is_worth_telling(offset) {
            notices.push(Notice::ClockOff { seconds: offset });
        }
        self.token_notices(around, totals, &mut notices);
        if let Some(trouble) = engine.journal_trouble() {
            notices.push(Notice::Journal { problem: trouble.fault.into(), files: totals.active });
        }
        if let Some(standby) = engine.standby().filter(|_| totals.active > 0) {
            notices.push(standby_notice(standby, totals.active));
        }
        self.standing_notices(&mut notices);
        notices
    }

    /// Tokens that end before the transfers now running, and those behind them, are expected to be
    /// done.
    fn token_notices(&self, around: &Surroundings, totals: &Totals, notices: &mut Vec<Notice>) {
        let Some(seconds_left) = totals.seconds_left else { return };
        let done_ms = now_ms()
            .saturating_add(i64::try_from(seconds_left.saturating_mul(1_000)).unwrap_or(i64::MAX));
        let running = self.inner.engine.running_profiles();
        for profile in around.profiles.values().filter(|profile| running.contains(&profile.id)) {
            if let Some(ends_ms) =
                ends_too_early(&profile.keys, self.inner.engine.key_ends(profile.id), done_ms)
                && !around.waits.contains_key(&profile.id)
            {
                notices.push(Notice::TokenEnds {
                    profile: profile.id.0,
                    name: profile.name.clone(),
                    ends_ms,
                });
            }
        }
    }

    fn standing_notices(&self, notices: &mut Vec<Notice>) {
        let publisher = &self.inner.publisher;
        if publisher.quits_when_done.load(Ordering::Relaxed) {
            notices.push(Notice::QuitsWhenDone);
        }
        notices.extend(pending_drop::notices(&lock(&publisher.drops)));
        for progress in lock(&publisher.intakes).values() {
            notices.push(Notice::Adding { files: progress.files() });
        }
        for (id, fault) in lock(&publisher.failures).iter() {
            notices.push(Notice::Failed { id: *id, problem: fault.into() });
        }
        if let Some(recovery) = self.inner.journal.recovery_notice()
            && !publisher.recovery_seen.load(Ordering::Relaxed)
        {
            notices.push(Notice::Recovered { id: RECOVERED, text: recovered(&recovery).into() });
        }
        let rows = publisher.unreadable.load(Ordering::Relaxed);
        if rows > 0 {
            notices.push(Notice::Recovered { id: UNREADABLE, text: unreadable(rows).into() });
        }
        notices.extend(self.inner.updates.notice(NEW_VERSION));
    }
}

impl Subscription {
    /// The endpoints that are offline. Their countdown is told once for each try.
    /// A file of a held profile waits for that instead.
    fn offline_notices(
        &mut self,
        offline: Vec<(String, Offline)>,
        held: &BTreeMap<ProfileId, Fault>,
    ) -> Vec<Notice> {
        let now = Instant::now();
        let mut told = HashMap::new();
        let notices = offline.into_iter().map(|(endpoint, outage)| {
            let seconds = outage.next_try.saturating_duration_since(now).as_secs();
            let next_try_seconds = match self.next_tries.get(&endpoint) {
                Some((at, seconds)) if *at == outage.next_try => *seconds,
                _ => u32::try_from(seconds).unwrap_or(u32::MAX),
            };
            told.insert(endpoint.clone(), (outage.next_try, next_try_seconds));
            let files = self.waiting.files_of(|profile| {
                !held.contains_key(&profile)
                    && self.profiles.get(&profile).is_some_and(|known| known.endpoint == endpoint)
            });
            Notice::Offline { endpoint, problem: outage.fault.into(), next_try_seconds, files }
        });
        let notices = notices.collect();
        self.next_tries = told;
        notices
    }
}

fn standby_notice(standby: Standby, files: u64) -> Notice {
    let (reason, seconds) = match standby {
        Standby::Hours { minutes } => (StandbyReason::Hours, Some(u32::from(minutes) * 60)),
        Standby::Metered => (StandbyReason::Metered, None),
        Standby::Interface => (StandbyReason::Interface, None),
    };
    Notice::Standby { reason, seconds, files }
}

/// When a key ends, if that is before what needs it is done. A command gives the next one in time.
fn ends_too_early(keys: &KeySource, ends_ms: Option<i64>, done_ms: i64) -> Option<i64> {
    match keys {
        KeySource::Process { .. } => None,
        KeySource::Keyring | KeySource::Environment => ends_ms.filter(|ends| *ends < done_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_warned_of_only_where_it_ends_first_and_nothing_renews_it() {
        let command = KeySource::Process { command: "print-key".into() };
        for (keys, ends, expected) in [
            (&KeySource::Keyring, Some(999), Some(999)),
            (&KeySource::Environment, Some(999), Some(999)),
            (&KeySource::Keyring, Some(1_000), None),
            (&KeySource::Keyring, None, None),
            (&command, Some(999), None),
        ] {
            assert_eq!(ends_too_early(keys, ends, 1_000), expected, "{keys:?} {ends:?}");
        }
    }
}
