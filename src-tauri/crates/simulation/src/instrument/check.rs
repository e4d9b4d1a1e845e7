//! What must hold: each object is a complete version of its file, written once, and at the end no
//! file is missing.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use ferry_engine::{Engine, RunningWatch};
use ferry_journal::Journal;

use super::{TO_REST, TO_SEND, World, key_of, lock, path_of};
use crate::store::Health;
use crate::world::Violation;

impl World {
    /// Everything that stands complete in the folder comes to the store, and every row ends.
    pub(super) async fn come_to_rest(
        &mut self,
        (engine, journal): (&Engine, &Journal),
        running: &RunningWatch,
    ) -> Result<(), Violation> {
        {
            let mut orders = lock(&self.orders);
            (orders.away_until, orders.calm) = (Duration::ZERO, true);
        }
        self.fuse.set(None);
        self.clock.set_skew(0);
        self.folder.settle(self.clock.elapsed());
        engine.try_now();
        let many = u32::try_from(self.plan.files).unwrap_or(u32::MAX);
        let end = self.clock.elapsed() + TO_REST + TO_SEND * many;
        loop {
            if !self.pass(self.step()).await? {
                return Err(Violation::new("I6", "the program died at rest".into()));
            }
            let open = self.bucket.state().contents.uploads().len();
            let live = engine.all_live();
            let runs = live.len();
            let left = journal.totals(None).await.expect("the journal works").open();
            let is_late = self.clock.elapsed() > end;
            let rests = open == 0 && runs == 0 && left == 0;
            if !rests && !is_late {
                continue;
            }
            let missing = self.missing();
            if rests && missing.is_empty() {
                return Ok(());
            }
            if is_late {
                let missing = (missing.len(), missing.iter().take(20).collect::<Vec<_>>());
                let what = format!(
                    "missing {missing:?}, {open} open uploads, {runs} run: {:?}, {left} rows \
                     are open; {:?}",
                    live.first(),
                    running.view()
                );
                return Err(Violation::new("missing", what));
            }
        }
    }

    /// The files whose bytes are not the newest version of their objects.
    fn missing(&self) -> Vec<PathBuf> {
        let state = self.bucket.state();
        let newest = |path: &PathBuf| {
            let versions = state.contents.objects().get(&key_of(path))?;
            Some(versions.last()?.bytes.clone())
        };
        let stands = self.folder.stands();
        let missing = stands.filter(|(path, bytes)| newest(path).as_ref() != Some(*bytes));
        missing.map(|(path, _)| path.clone()).collect()
    }

    /// Looks at every new version, and at what is gone.
    pub(super) fn check(&mut self) -> Result<(), Violation> {
        let now = self.clock.elapsed();
        let state = self.bucket.state();
        for (key, versions) in state.contents.objects() {
            let seen = match self.seen.get_mut(key) {
                Some(seen) => std::mem::replace(seen, versions.len()),
                None => self.seen.insert(key.clone(), versions.len()).unwrap_or_default(),
            };
            for at in seen..versions.len() {
                let version = &versions[at];
                self.outcome.written += 1;
                self.outcome
                    .trace
                    .add(format_args!("{now:?} {key} has {} bytes", version.bytes.len()));
                if version.health != Health::Sound {
                    return Err(Violation::new("mixed", format!("{key} is damaged")));
                }
                let path = path_of(key);
                self.folder
                    .was_complete(&path, &version.bytes, now)
                    .map_err(|why| Violation::new("partial", format!("{key} {why}")))?;
                let same = at.checked_sub(1).is_some_and(|before| {
                    versions[before].bytes == version.bytes
                        && versions[before].owner() != version.owner()
                });
                if same {
                    return Err(Violation::new("twice", format!("{key} was sent twice")));
                }
            }
        }
        let newest = |path: &PathBuf| -> Option<Bytes> {
            Some(state.contents.objects().get(&key_of(path))?.last()?.bytes.clone())
        };
        for (path, bytes) in self.folder.vanished(now) {
            if !self.plan.deletes || newest(&path).as_ref() != Some(&bytes) {
                return Err(Violation::new("lost", format!("{} was deleted", path.display())));
            }
        }
        Ok(())
    }
}
