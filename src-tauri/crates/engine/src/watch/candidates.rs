//! Files of a watch that are new or changed, until they are complete. Their number is bounded: what
//! finds no room is found again by a later look.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ferry_model::{SourceIdentity, TakeOrder};
use tokio::time::Instant;

/// Most files that are waited for at once.
const MOST: usize = 50_000;

/// A file that is not complete yet, as far as is known.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) path: Arc<Path>,
    /// What it was when it was last seen to change.
    pub(super) identity: SourceIdentity,
    /// What the same file was when it was first seen.
    first: SourceIdentity,
    /// Whether it was already asked whether to begin with it while it grows.
    is_begun: bool,
    /// When it was last seen to change.
    since: Instant,
    /// When to look at it again.
    look_at: Instant,
}

impl Candidate {
    /// How long it has been as it is.
    pub(super) fn quiet_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.since)
    }
}

/// A place in the order in which files are taken.
type Rank = (i64, Arc<Path>);

/// All of a watch.
#[derive(Debug)]
pub(super) struct Candidates {
    order: TakeOrder,
    quiet: Duration,
    ranked: BTreeMap<Rank, Candidate>,
    ranks: HashMap<Arc<Path>, i64>,
    overflowed: bool,
}

impl Candidates {
    pub(super) fn new(order: TakeOrder, quiet: Duration) -> Self {
        let (ranked, ranks) = Default::default();
        Self { order, quiet, ranked, ranks, overflowed: false }
    }

    pub(super) fn len(&self) -> usize {
        self.ranked.len()
    }

    /// Whether some found no room since the last time that this was asked, and there is room again.
    pub(super) fn take_overflow(&mut self) -> bool {
        let has_room = self.len() < MOST / 2;
        if has_room { std::mem::take(&mut self.overflowed) } else { false }
    }

    /// A file that is new or changed was seen.
    pub(super) fn see(&mut self, path: &Path, identity: SourceIdentity, now: Instant) {
        let (first, is_begun) = match self.remove(path) {
            Some(known) if identity.unchanged_since(&known.identity) => {
                return self.insert(known);
            }
            Some(same) if identity.is_same_file(&same.identity) => (same.first, same.is_begun),
            _ => (identity, false),
        };
        let (path, look_at) = (Arc::from(path), now + self.quiet);
        self.insert(Candidate { path, identity, first, is_begun, since: now, look_at });
    }

    fn insert(&mut self, candidate: Candidate) {
        let modified = candidate.identity.modified_ns;
        let rank = match self.order {
            TakeOrder::OldestFirst => modified,
            TakeOrder::NewestFirst => modified.saturating_neg(),
        };
        let path = Arc::clone(&candidate.path);
        self.ranks.insert(Arc::clone(&path), rank);
        self.ranked.insert((rank, path), candidate);
        if self.ranked.len() > MOST
            && let Some(((_, path), _)) = self.ranked.pop_last()
        {
            self.ranks.remove(&path);
            self.overflowed = true;
        }
    }

    /// A file is known as it is, or gone.
    pub(super) fn remove(&mut self, path: &Path) -> Option<Candidate> {
        let (path, rank) = self.ranks.remove_entry(path)?;
        self.ranked.remove(&(rank, path))
    }

    /// Takes those that have grown to `least` bytes or more, to be begun before they are complete:
    /// each once.
    pub(super) fn take_growing(&mut self, least: u64, most: usize) -> Vec<Candidate> {
        let grows = |candidate: &Candidate| {
            !candidate.is_begun
                && candidate.identity.size >= least
                && candidate.identity.has_grown_since(&candidate.first)
        };
        let growing = self.ranked.values_mut().filter(|candidate| grows(candidate)).take(most);
        growing
            .map(|candidate| {
                candidate.is_begun = true;
                candidate.clone()
            })
            .collect()
    }

    /// Those to look at now, the first to be taken first.
    pub(super) fn due(&self, now: Instant, most: usize) -> Vec<Candidate> {
        let due = self.ranked.values().filter(|candidate| candidate.look_at <= now);
        due.take(most).cloned().collect()
    }

    /// When the next one is to be looked at.
    pub(super) fn next(&self) -> Option<Instant> {
        self.ranked.values().map(|candidate| candidate.look_at).min()
    }

    /// A file is to be looked at again later, or at once if something tells that it may be complete.
    pub(super) fn look_again(&mut self, path: &Path, at: Instant) {
        if let Some((path, rank)) = self.ranks.get_key_value(path)
            && let Some(candidate) = self.ranked.get_mut(&(*rank, Arc::clone(path)))
        {
            candidate.look_at = at;
        }
    }

    /// All are to be looked at now: a marker came.
    pub(super) fn look_at_all(&mut self, now: Instant) {
        for candidate in self.ranked.values_mut() {
            candidate.look_at = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: u64 = 100;
    const QUIET: Duration = Duration::from_secs(10);

    fn file(modified_ns: i64, size: u64) -> SourceIdentity {
        SourceIdentity { device: 1, file: 2, size, modified_ns, changed_ns: 1 }
    }

    fn paths(found: &[Candidate]) -> Vec<&str> {
        found.iter().filter_map(|candidate| candidate.path.to_str()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_is_looked_at_once_it_was_quiet_and_each_change_begins_anew() {
        let begin = Instant::now();
        let mut candidates = Candidates::new(TakeOrder::OldestFirst, QUIET);
        let mut see = |path: &str, identity, seconds| {
            candidates.see(Path::new(path), identity, begin + Duration::from_secs(seconds));
        };
        see("/b", file(2, 1), 0);
        see("/a", file(3, 1), 0);
        // Seen again as it was, and changed.
        see("/b", file(2, 1), 5);
        see("/a", file(3, 2), 5);
        let at = |seconds| begin + Duration::from_secs(seconds);
        assert_eq!(candidates.next(), Some(at(10)));
        assert!(candidates.due(at(9), 9).is_empty());
        assert_eq!(paths(&candidates.due(at(10), 9)), ["/b"]);
        assert_eq!(paths(&candidates.due(at(15), 9)), ["/b", "/a"]);
        assert_eq!(paths(&candidates.due(at(15), 1)), ["/b"]);
        assert_eq!(candidates.due(at(15), 9)[1].quiet_for(at(15)), QUIET);
        candidates.look_again(Path::new("/b"), at(20));
        assert_eq!(paths(&candidates.due(at(15), 9)), ["/a"]);
        candidates.remove(Path::new("/a"));
        assert_eq!((candidates.len(), candidates.next()), (1, Some(at(20))));
        candidates.look_at_all(at(0));
        assert_eq!(candidates.next(), Some(at(0)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_grows_is_begun_once() {
        let begin = Instant::now();
        let mut candidates = Candidates::new(TakeOrder::OldestFirst, QUIET);
        let mut see = |size, taken: usize| {
            candidates.see(Path::new("/a"), file(1, size), begin);
            assert_eq!(candidates.take_growing(LEAST, 9).len(), taken, "{size}");
        };
        see(LEAST, 0);
        see(LEAST + 1, 1);
        see(LEAST + 2, 0);
        // From its begin, and too short yet.
        for size in [1, LEAST - 1] {
            candidates.see(Path::new("/b"), file(1, size), begin);
            assert!(candidates.take_growing(LEAST, 9).is_empty());
        }
        candidates.see(Path::new("/b"), file(1, LEAST), begin);
        assert_eq!(paths(&candidates.take_growing(LEAST, 9)), ["/b"]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_finds_no_room_is_the_last_to_be_taken() {
        let now = Instant::now();
        for (order, kept) in [(TakeOrder::OldestFirst, "/0"), (TakeOrder::NewestFirst, "/50000")] {
            let mut candidates = Candidates::new(order, QUIET);
            for number in 0..=MOST {
                let modified = i64::try_from(number).expect("few");
                candidates.see(Path::new(&format!("/{number}")), file(modified, 1), now);
            }
            assert_eq!(candidates.len(), MOST);
            assert_eq!(paths(&candidates.due(now + QUIET, 1)), [kept], "{order:?}");
            assert!(!candidates.take_overflow(), "there is no room yet");
            for candidate in candidates.due(now + QUIET, MOST) {
                candidates.remove(&candidate.path);
            }
            assert!(candidates.take_overflow() && !candidates.take_overflow());
        }
    }
}
