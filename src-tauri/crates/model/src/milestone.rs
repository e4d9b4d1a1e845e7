//! Which moments of a batch its user is told of.

use std::collections::BTreeMap;

use crate::BatchId;

/// How a batch stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchNow {
    /// Files that can go on by themselves, also those that are still being looked for.
    pub runs: bool,
    /// Whether any file of it is left to do, be it by the user.
    pub open: bool,
    /// Files that want the user.
    pub needs: u64,
    /// Files that are verified.
    pub done: u64,
}

/// A moment of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Milestone {
    /// Nothing of it is left to do.
    Done,
    /// Files of it want the user.
    NeedsYou,
}

/// The batches that are watched, and how many files each was told to want the user with.
#[derive(Debug, Default)]
pub struct Milestones {
    told: BTreeMap<BatchId, u64>,
    began: bool,
}

impl Milestones {
    /// The batches to look at, beside those that have anything to run.
    pub fn watched(&self) -> impl Iterator<Item = BatchId> {
        self.told.keys().copied()
    }

    /// Watches a batch that was begun, which may have ended by the next look.
    pub fn expect(&mut self, batch: BatchId) {
        self.told.entry(batch).or_insert(0);
    }

    /// What happened since the last look. What stood so at the first one is no news.
    ///
    /// A batch wants the user once when its first file does, and once more when it has come to
    /// rest with others that do.
    pub fn step(&mut self, now: &BTreeMap<BatchId, BatchNow>) -> Vec<(BatchId, Milestone)> {
        self.told.retain(|id, _| now.contains_key(id));
        let mut news = Vec::new();
        for (id, batch) in now {
            let is_news = self.began || self.told.contains_key(id);
            if !batch.open {
                if self.told.remove(id).is_some() && batch.done > 0 {
                    news.push((*id, Milestone::Done));
                }
                continue;
            }
            let told = self.told.entry(*id).or_insert(if is_news { 0 } else { batch.needs });
            if batch.needs == 0 {
                *told = 0;
            } else if *told == 0 || (!batch.runs && batch.needs > *told) {
                *told = batch.needs;
                news.push((*id, Milestone::NeedsYou));
            }
        }
        self.began = true;
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNS: BatchNow = BatchNow { runs: true, open: true, needs: 0, done: 0 };
    const ENDED: BatchNow = BatchNow { runs: false, open: false, needs: 0, done: 9 };

    fn needs(needs: u64, runs: bool) -> BatchNow {
        BatchNow { runs, needs, ..RUNS }
    }

    /// What each of these looks at one batch says.
    fn looks(looks: &[BatchNow]) -> Vec<Option<Milestone>> {
        let mut milestones = Milestones::default();
        milestones.step(&BTreeMap::new());
        let look = |now: &BatchNow| {
            let news = milestones.step(&BTreeMap::from([(BatchId(1), *now)]));
            news.first().map(|(_, milestone)| *milestone)
        };
        looks.iter().map(look).collect()
    }

    #[test]
    fn a_batch_is_done_once() {
        assert_eq!(looks(&[RUNS, RUNS, ENDED, ENDED]), [None, None, Some(Milestone::Done), None]);
        let left_out = BatchNow { done: 0, ..ENDED };
        assert_eq!(looks(&[RUNS, left_out]), [None, None], "nothing of it was uploaded");
        assert_eq!(looks(&[ENDED]), [None], "nobody saw it run");
        let mut milestones = Milestones::default();
        milestones.expect(BatchId(1));
        let news = milestones.step(&BTreeMap::from([(BatchId(1), ENDED)]));
        assert_eq!(news, [(BatchId(1), Milestone::Done)], "it was quick");
    }

    #[test]
    fn it_wants_the_user_at_the_first_file_and_when_it_rests_with_more() {
        let you = Some(Milestone::NeedsYou);
        let seen = looks(&[
            RUNS,
            needs(1, true),
            needs(7, true),
            needs(9, false),
            needs(9, false),
            RUNS,
            needs(2, true),
        ]);
        assert_eq!(seen, [None, you, None, you, None, None, you]);
        let decided = looks(&[needs(3, false), needs(1, false), ENDED]);
        assert_eq!(decided, [you, None, Some(Milestone::Done)]);
    }

    #[test]
    fn what_stood_so_at_the_start_is_no_news_and_what_is_gone_is_forgotten() {
        let mut milestones = Milestones::default();
        let now = BTreeMap::from([(BatchId(1), needs(4, true)), (BatchId(2), ENDED)]);
        assert_eq!(milestones.step(&now), []);
        assert_eq!(milestones.watched().collect::<Vec<_>>(), [BatchId(1)]);
        assert_eq!(milestones.step(&BTreeMap::new()), []);
        assert_eq!(milestones.watched().count(), 0);
    }
}
