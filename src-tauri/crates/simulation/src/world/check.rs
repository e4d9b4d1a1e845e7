//! What must hold after every step. The numbers are those of the fault matrix.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::SystemTime;

use ferry_engine::Engine;
use ferry_journal::{Journal, Selection, TransferRow};
use ferry_model::{Affects, ExistingPolicy, FaultKind, Provider, Standing, TransferId};
use ferry_storage::IfAbsent;

use super::source::secret;
use super::{Cursed, World};
use crate::clock::WorldClock;
use crate::store::{Ending, Fate, Health, Ledger, Operation, Version};

/// What did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which invariant.
    pub invariant: &'static str,
    /// What was found.
    pub what: String,
}

impl Violation {
    pub(crate) fn new(invariant: &'static str, what: String) -> Self {
        Self { invariant, what }
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.invariant, self.what)
    }
}

macro_rules! hold {
    ($invariant:literal, $holds:expr, $($what:tt)*) => {
        if !$holds {
            return Err(Violation::new($invariant, format!($($what)*)));
        }
    };
}

mod requests;

/// What is remembered between two looks.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// The file of each transfer that ever was, by the id its object carries, and its policy.
    owners: BTreeMap<String, (PathBuf, ExistingPolicy)>,
    /// Transfers to which the world did something that explains sending again.
    excused: BTreeSet<String>,
    /// Rows that the user took off the list: each is gone once nothing of it is open.
    removed: BTreeSet<TransferId>,
    /// Rows that were seen done.
    done: BTreeSet<TransferId>,
    /// How many versions of each key of each store were looked at.
    versions: BTreeMap<(usize, String), usize>,
    /// How many requests of each store were looked at.
    requests: BTreeMap<usize, usize>,
    /// What was last told of a row.
    traced: BTreeMap<TransferId, String>,
}

impl Watch {
    pub(crate) fn excuse(&mut self, owner: &str) {
        self.excused.insert(owner.to_owned());
    }

    pub(crate) fn may_go(&mut self, rows: impl IntoIterator<Item = TransferId>) {
        self.removed.extend(rows);
    }
}

impl World {
    /// Looks at everything.
    pub(crate) async fn check(&mut self, journal: &Journal) -> Result<(), Violation> {
        let standings = journal.standings(Selection::All).await.expect("the journal works");
        let ids: Vec<TransferId> = standings.into_iter().map(|row| row.0).collect();
        let rows = journal.transfers(&ids).await.expect("the journal works");
        let rows: BTreeMap<TransferId, TransferRow> =
            rows.into_iter().map(|row| (row.id, row)).collect();
        let go = self.undo_watch.check(&self.rows, &rows, self.clock.elapsed())?;
        self.watch.may_go(go);
        self.nothing_is_lost(&rows)?;
        self.note_chosen_links(&rows);
        self.rows = rows;
        self.curse();
        for row in self.rows.values() {
            let named = (row.source.0.clone(), row.existing);
            self.watch.owners.insert(row.ferry_id.clone(), named);
            let state = format!(
                "{:?} {:?} {:?}",
                row.phase,
                row.standing,
                row.fault.as_ref().map(|fault| fault.kind)
            );
            if self.watch.traced.get(&row.id) != Some(&state) {
                self.trace.add(format_args!("  {} {} {state}", row.id.0, row.key));
                self.watch.traced.insert(row.id, state);
            }
        }
        self.rows_are_honest()?;
        for place in 0..self.places.len() {
            self.objects_are_whole(place)?;
            self.one_upload_each(place)?;
            self.nothing_is_sent_twice(place)?;
        }
        Ok(())
    }

    /// I2.
    fn nothing_is_lost(&self, rows: &BTreeMap<TransferId, TransferRow>) -> Result<(), Violation> {
        for (id, before) in &self.rows {
            // An add that is done again makes new rows of those that have ended, also of one that
            // ends in the middle of it.
            let made_anew = |(new, row): (&TransferId, &TransferRow)| {
                !self.rows.contains_key(new) && row.source == before.source
            };
            hold!(
                "I2",
                rows.contains_key(id)
                    || before.standing.has_ended()
                    || before.identity.is_none()
                    || self.watch.removed.contains(id)
                    || rows.iter().any(made_anew),
                "row {} of {} is gone",
                id.0,
                before.key
            );
        }
        Ok(())
    }

    /// A link that is dropped itself is followed. It may take the file's place before the path is
    /// added again or within that intake, so the new row's size tells what the intake found.
    fn note_chosen_links(&mut self, rows: &BTreeMap<TransferId, TransferRow>) {
        let is_dropped =
            |path| self.added.iter().any(|added| added.paths.iter().any(|it| it == path));
        for (id, row) in rows {
            if !self.rows.contains_key(id) && is_dropped(row.source.as_path()) {
                self.sources.note_queued(row.source.as_path(), row.size);
            }
        }
    }

    /// The first row's file never succeeds, in worlds that are so.
    fn curse(&mut self) {
        if self.plan.options.cursed == Cursed::None {
            return;
        }
        if let Some(first) = self.rows.values().next()
            && let Some(place) = self.places.iter().find(|place| place.profile.id == first.profile)
        {
            let mut orders = place.orders();
            if orders.cursed.is_empty() {
                orders.cursed.insert(first.key.clone());
            }
        }
    }

    pub(crate) fn is_cursed(&self, key: &str) -> bool {
        self.places.iter().any(|place| place.orders().cursed.contains(key))
    }

    /// Whether the store once answered a key's reads but not its writes. With few such keys,
    /// nothing tells that from a file that the store does not take: it may fail. That many do not
    /// is tested with many files.
    fn is_unwritten(&self, key: &str) -> bool {
        self.places.iter().any(|place| place.orders().unwritten.contains(key))
    }

    /// I1, I8.
    fn rows_are_honest(&mut self) -> Result<(), Violation> {
        let calm = self.plan.options.faults.is_empty();
        for row in self.rows.values() {
            if let Some(fault) = &row.fault {
                hold!("I8", fault.kind != FaultKind::Internal, "{}: {fault:?}", row.key);
                hold!(
                    "I8-outage",
                    !(calm
                        && row.standing == Standing::Failed
                        && fault.kind.affects() == Affects::Endpoint
                        && !self.is_cursed(&row.key)
                        && !self.is_unwritten(&row.key)),
                    "{} failed for what only its endpoint did: {fault:?}",
                    row.key
                );
            }
            if row.standing != Standing::Done || !self.watch.done.insert(row.id) {
                continue;
            }
            let place = self.places.iter().find(|place| place.profile.id == row.profile);
            let place = place.expect("every row has a profile");
            let state = place.bucket.state();
            let versions = state.contents.objects().get(&row.key).map_or(&[][..], Vec::as_slice);
            let path = row.source.as_path();
            let ours = versions.iter().rev().find(|it| it.owner() == Some(&row.ferry_id));
            let whole = match ours {
                Some(ours) => ours.health == Health::Sound && self.sources.was(path, &ours.bytes),
                None => versions.iter().any(|it| self.sources.was(path, &it.bytes)),
            };
            hold!(
                "I1",
                whole,
                "{} is done, but no object of it is its file: {:?}",
                row.key,
                ours.map(|ours| (ours.health, ours.bytes.len()))
            );
        }
        Ok(())
    }

    /// I3, I4, I9: each write as it is met.
    fn objects_are_whole(&mut self, place: usize) -> Result<(), Violation> {
        let state = self.places[place].bucket.state();
        for (key, versions) in state.contents.objects() {
            let seen = self.watch.versions.entry((place, key.clone())).or_default();
            for at in std::mem::replace(seen, versions.len())..versions.len() {
                let version = &versions[at];
                let Some(owner) = version.owner() else { continue };
                let before = at.checked_sub(1).map(|at| &versions[at]);
                let Some((path, existing)) = self.watch.owners.get(owner) else {
                    return Err(Violation::new("I2", format!("{key} belongs to no row")));
                };
                hold!(
                    "L7",
                    version.bytes != secret() || self.sources.was(path, &secret()),
                    "{key} is a secret that nobody chose"
                );
                if version.health == Health::Sound {
                    hold!(
                        "I4",
                        self.sources.was(path, &version.bytes),
                        "{key} is no state of its file ({} bytes)",
                        version.bytes.len()
                    );
                }
                let unseen = self.is_replaced_unseen(place, key, &versions[..=at], &state.ledger);
                if let Some(before) =
                    before.filter(|before| before.owner() != Some(owner) && !unseen)
                {
                    let allowed = [ExistingPolicy::Overwrite, ExistingPolicy::SkipIdentical];
                    hold!(
                        "I9",
                        allowed.contains(existing) && version.if_absent == IfAbsent::Replace,
                        "{key} replaced an object of {:?} under {existing:?}",
                        before.owner()
                    );
                }
                let twice = before.is_some_and(|before| {
                    before.owner() == Some(owner)
                        && before.health == Health::Sound
                        && before.bytes == version.bytes
                });
                let late = state.ledger.entries().iter().any(|entry| {
                    entry.owner.as_deref() == Some(owner) && matches!(entry.fate, Fate::Late(_))
                });
                hold!(
                    "I3",
                    !twice || late || self.watch.excused.contains(owner),
                    "{key} was written twice with the same bytes by one transfer"
                );
            }
        }
        Ok(())
    }

    /// Whether the last version replaces one that its writer could not know of: OSS has no
    /// conditional put that replaces only what one has seen. Ours had arrived damaged, a look
    /// showed so, and another client wrote after that look and before our next put.
    fn is_replaced_unseen(
        &self,
        place: usize,
        key: &str,
        versions: &[Version],
        ledger: &Ledger,
    ) -> bool {
        let [.., damaged, other, ours] = versions else { return false };
        let owner = ours.owner();
        if self.places[place].profile.provider != Provider::Oss {
            return false;
        }
        if is_late(key, versions, ledger) {
            return true;
        }
        if damaged.owner() != owner || damaged.health != Health::Damaged || other.owner().is_some()
        {
            return false;
        }
        let of_key = || ledger.entries().iter().filter(|entry| entry.key == key);
        let put = of_key().rev().find(|entry| {
            entry.operation == Operation::PutObject
                && entry.owner.as_deref() == owner
                && WorldClock::time_at(entry.at) <= ours.written
        });
        let Some(put) = put else { return false };
        let looks = of_key().filter(|entry| {
            entry.operation == Operation::HeadObject
                && entry.ending == Ending::Succeeded
                && entry.ended.is_some_and(|ended| ended <= put.at)
        });
        let last = looks.map(|look| WorldClock::time_at(look.at)).max();
        last.is_some_and(|last| damaged.written <= last && last <= other.written)
    }

    /// I10, and liveness: whatever is not done has a reason of its own.
    pub(crate) fn nothing_is_stuck(&self) -> Result<(), Violation> {
        for row in self.rows.values() {
            let reason = row.fault.as_ref().map(|fault| fault.kind);
            let own = matches!(
                reason,
                Some(
                    FaultKind::SourceMissing
                        | FaultKind::SourceUnreadable
                        | FaultKind::SourceChanged
                        | FaultKind::SourceIsLink
                        | FaultKind::SourceBehindLink
                        | FaultKind::SourceNotRegular
                        | FaultKind::KeyCollision
                        | FaultKind::EmptyFolder
                )
            );
            hold!(
                "I10",
                row.standing.has_ended() || own || self.is_cursed(&row.key),
                "{} stays {:?} {:?} {:?} with nothing in its way",
                row.key,
                row.phase,
                row.standing,
                row.fault
            );
        }
        Ok(())
    }

    /// I3 at rest: no upload is left open, and nothing runs.
    pub(crate) fn nothing_is_open(&self, engine: &Engine) -> Result<(), Violation> {
        hold!("I6", engine.all_live().is_empty(), "something still runs at rest");
        for row in self.rows.values() {
            hold!(
                "I10",
                row.standing.has_ended(),
                "{} stays {:?} {:?} after it was cancelled: {:?}",
                row.key,
                row.phase,
                row.standing,
                row.fault
            );
        }
        for place in &self.places {
            let state = place.bucket.state();
            if let Some((key, id)) = state.contents.uploads().keys().next() {
                return Err(Violation::new("I3", format!("upload {id} of {key} is left open")));
            }
        }
        Ok(())
    }

    /// Every request at the end, for the trace.
    pub(crate) fn trace_ledgers(&mut self) {
        for place in &self.places {
            let state = place.bucket.state();
            for entry in state.ledger.entries() {
                self.trace.add(format_args!(
                    "{:?} {:?} {} {:?} {:?} {:?} {:?} {} {:?} {}",
                    entry.at,
                    entry.operation,
                    entry.key,
                    entry.upload_id,
                    entry.number,
                    entry.fate,
                    entry.ending,
                    entry.received,
                    entry.carried_out,
                    entry.owner.as_deref().unwrap_or_default()
                ));
            }
        }
    }
}

/// Whether the last version may be the work of a request that was carried out late: when it was
/// sent, its owner's own damaged object stood there, which it may replace.
fn is_late(key: &str, versions: &[Version], ledger: &Ledger) -> bool {
    let Some(ours) = versions.last() else { return false };
    let replaces_own = |sent: SystemTime| {
        let there = versions.iter().rev().find(|version| version.written <= sent);
        there.is_some_and(|there| there.owner() == ours.owner() && there.health == Health::Damaged)
    };
    ledger.entries().iter().any(|entry| {
        let sent = WorldClock::time_at(entry.at);
        entry.key == key
            && entry.operation == Operation::PutObject
            && entry.owner.as_deref() == ours.owner()
            && matches!(entry.fate, Fate::Late(_))
            && sent <= ours.written
            && replaces_own(sent)
    })
}
