//! What is told outside of the window: how the queue stands, and the news of its batches.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use ferry_engine::EngineEvent;
use ferry_journal::{ListedBatch, Totals};
use ferry_model::visible::visible;
use ferry_model::{
    BatchId, BatchNow, Fault, Milestone, Milestones, ProfileId, ProfileKind, StandingGroup, Text,
    message,
};
use tokio::sync::broadcast;
use tokio::time::{Instant, Interval, MissedTickBehavior};

use crate::app::App;
use crate::messages::Work;
use crate::publisher::lock;

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(500);
/// How long it takes until what does not move is said to wait.
const PAUSE: Duration = Duration::from_secs(5);

/// How the queue stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Presence {
    /// Files that run, or wait for their turn or until they are quiet.
    pub active: u64,
    /// Files that are paused.
    pub paused: u64,
    /// Whether files are still being looked for.
    pub adding: bool,
    /// Whether something runs, or did a moment ago, and more is to come.
    pub moves: bool,
    /// What is being uploaded, as the window's headline has it.
    pub work: Option<Work>,
}

impl Presence {
    /// Whether anything is left that can go on without the user.
    pub fn works(&self) -> bool {
        self.active > 0 || self.adding
    }
}

/// Something that a user wants to know without looking at the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// What kind of news it is.
    pub milestone: Milestone,
    /// In a few words.
    pub title: Text,
    /// In a sentence.
    pub body: Text,
}

/// What is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// How the queue stands now.
    Presence(Presence),
    /// Something happened.
    News(News),
}

/// Tells how the queue stands, and what happens to its batches. It looks twice a second at most,
/// and only where something changed.
#[derive(Debug)]
pub struct PresenceWatch {
    app: App,
    events: broadcast::Receiver<EngineEvent>,
    looks: Interval,
    changed: bool,
    last: Option<Presence>,
    moved: Option<Instant>,
    milestones: Milestones,
    told: VecDeque<Told>,
}

impl App {
    /// Watches the queue for tray, notifications and taskbar.
    pub fn watch_presence(&self) -> PresenceWatch {
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        PresenceWatch {
            app: self.clone(),
            events: self.inner.engine.events(),
            looks,
            changed: true,
            last: None,
            moved: None,
            milestones: Milestones::default(),
            told: VecDeque::new(),
        }
    }

    /// How the queue stands at this moment.
    ///
    /// # Errors
    /// The journal's.
    pub async fn presence(&self) -> Result<Presence, Fault> {
        let totals = self.inner.journal.totals(None).await.map_err(|error| error.fault())?;
        Ok(self.presence_of(&totals))
    }

    fn presence_of(&self, totals: &Totals) -> Presence {
        let adding = self.inner.publisher.is_adding();
        Presence {
            active: totals.active + totals.until_quiet,
            paused: totals.paused,
            adding,
            moves: adding || !self.inner.engine.all_live().is_empty(),
            work: lock(&self.inner.publisher.told_work).clone(),
        }
    }

    fn batch_now(&self, batch: &ListedBatch, held: &BTreeMap<ProfileId, Fault>) -> BatchNow {
        let sums = &batch.totals;
        let is_held = held.contains_key(&batch.profile);
        let adding = lock(&self.inner.publisher.intakes).contains_key(&batch.id);
        BatchNow {
            runs: adding || sums.until_quiet > 0 || (sums.active > 0 && !is_held),
            open: adding || sums.open() > 0,
            needs: sums.group(StandingGroup::Attention) + if is_held { sums.active } else { 0 },
            done: sums.done,
        }
    }
}

impl PresenceWatch {
    /// The next thing to tell. Waits for it; the first is how the queue stands, and after the last
    /// the app has ended.
    pub async fn next(&mut self) -> Option<Told> {
        let stop = self.app.inner.publisher.stop.clone();
        loop {
            if let Some(told) = self.told.pop_front() {
                return Some(told);
            }
            tokio::select! {
                () = stop.cancelled() => return None,
                // A lagging receiver only means that more happened.
                _ = self.events.recv() => self.changed = true,
                _ = self.looks.tick() => {
                    if let Err(fault) = self.look().await {
                        tracing::warn!(%fault, "the queue could not be looked at");
                    }
                }
            }
        }
    }

    async fn look(&mut self) -> Result<(), Fault> {
        let moved = self.last.as_ref().is_none_or(|last| last.works() || last.moves);
        let intakes: BTreeSet<BatchId> =
            lock(&self.app.inner.publisher.intakes).keys().copied().collect();
        let begun = std::mem::take(&mut *lock(&self.app.inner.publisher.begun));
        if !self.changed && !moved && intakes.is_empty() && begun.is_empty() {
            return Ok(());
        }
        begun.into_iter().for_each(|batch| self.milestones.expect(batch));
        let also = self.milestones.watched().chain(intakes).collect();
        let read = self.app.inner.journal.batches_at_work(also).await;
        let (totals, batches) = read.map_err(|error| error.fault())?;
        self.changed = false;
        let held = self.app.inner.engine.holds();
        let now = batches.iter().map(|batch| (batch.id, self.app.batch_now(batch, &held)));
        for (id, milestone) in self.milestones.step(&now.collect()) {
            let Some(batch) = batches.iter().find(|batch| batch.id == id) else { continue };
            let news = self.news(batch, milestone, held.get(&batch.profile)).await?;
            self.told.push_back(Told::News(news));
        }
        let mut presence = self.app.presence_of(&totals);
        let now = Instant::now();
        if presence.moves {
            self.moved = Some(now);
        }
        // Between two files there is a moment in which none runs.
        let lately = self.moved.is_some_and(|moved| now.duration_since(moved) < PAUSE);
        presence.moves |= lately && presence.works();
        if self.last.as_ref() != Some(&presence) {
            self.last = Some(presence.clone());
            self.told.push_back(Told::Presence(presence));
        }
        Ok(())
    }

    async fn news(
        &self,
        batch: &ListedBatch,
        milestone: Milestone,
        held: Option<&Fault>,
    ) -> Result<News, Fault> {
        let sums = &batch.totals;
        let profiles = self.app.inner.journal.profiles().await.map_err(|error| error.fault())?;
        let profile = profiles.into_iter().find(|profile| profile.id == batch.profile);
        let profile = profile.map_or_else(
            || Text::plain(""),
            |profile| match profile.kind {
                ProfileKind::Practice => message::practice_bucket(),
                _ => Text::plain(visible(&profile.name)),
            },
        );
        let name = visible(&batch.label.name);
        let more = batch.label.roots.saturating_sub(1);
        let (title, body) = match (milestone, held) {
            (Milestone::Done, _) => {
                let left_out = sums.ended_otherwise();
                (
                    message::news_done_title(name, more),
                    message::news_done(sums.done, left_out, profile),
                )
            }
            (Milestone::NeedsYou, Some(fault)) => (
                message::news_needs_title(name, more),
                message::news_held(profile, fault.sentence()),
            ),
            (Milestone::NeedsYou, None) => (
                message::news_needs_title(name, more),
                message::news_needs(sums.group(StandingGroup::Attention)),
            ),
        };
        Ok(News { milestone, title, body })
    }
}

#[cfg(test)]
mod tests {
    use ferry_model::Language;

    use super::*;
    use crate::start::OpenOptions;

    async fn app(folder: &std::path::Path) -> App {
        let options = OpenOptions::in_memory(folder.join("data"));
        App::open(options).await.expect("opens")
    }

    fn words(text: &Text) -> [String; 2] {
        [Language::En, Language::Zh].map(|language| text.in_language(language))
    }

    #[tokio::test]
    async fn a_batch_is_seen_to_run_and_told_of_once_it_is_verified() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = app(folder.path()).await;
        let mut watch = app.watch_presence();
        let idle = watch.next().await.expect("how it stands");
        assert_eq!(idle, Told::Presence(Presence::default()));
        let files: Vec<_> = ["照片 a.jpg", "b.jpg"].map(|name| folder.path().join(name)).into();
        files.iter().for_each(|file| std::fs::write(file, "1").expect("writes"));
        app.add_paths(files).await.expect("are taken");
        assert!(app.presence().await.expect("reads").works(), "files are looked for");
        // So quick that it may never have been seen to run.
        let done = loop {
            if let Told::News(news) = watch.next().await.expect("more") {
                break news;
            }
        };
        assert!(!app.presence().await.expect("reads").works());
        assert_eq!(done.milestone, Milestone::Done);
        assert_eq!(
            words(&done.title),
            ["“照片 a.jpg” and 1 more are uploaded", "“照片 a.jpg”和另外 1 项已上传"]
        );
        assert_eq!(
            words(&done.body),
            [
                "2 files verified, in Practice bucket (this computer).",
                "已校验 2 个文件，位于 体验存储桶（本机）。"
            ]
        );
        app.shutdown().await;
        while let Some(told) = watch.next().await {
            assert!(matches!(told, Told::Presence(_)), "{told:?}");
        }
    }

    #[tokio::test]
    async fn a_picture_is_a_file_of_its_own_until_it_is_verified() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = app(folder.path()).await;
        let settings = first.settings().await.expect("reads");
        let slow = crate::messages::LimitForm { hours: Vec::new(), otherwise: "0.001".into() };
        let settings = crate::messages::Settings { limit: slow, ..settings };
        first.set_settings(settings.clone(), String::new()).await.expect("sets");
        for language in [Language::En, Language::En, Language::Zh] {
            first.add_picture(vec![7; 5_000], language).await.expect("is taken");
        }
        let pasted = || {
            let entries = std::fs::read_dir(folder.path().join("data/pasted")).expect("is there");
            let mut names: Vec<String> = entries
                .map(|entry| entry.expect("reads").file_name().into_string().expect("Unicode"))
                .collect();
            names.sort();
            names
        };
        let names = pasted();
        assert_eq!(names.len(), 3, "none writes over another: {names:?}");
        assert!(names[0].starts_with("Screenshot 20") && names[2].starts_with("截图 20"));
        first.shutdown().await;

        // One that nothing refers to, as a crash leaves it.
        std::fs::write(folder.path().join("data/pasted/left.png"), "1").expect("writes");
        let again = app(folder.path()).await;
        let wait = |count: usize| async move {
            let begun = std::time::Instant::now();
            while pasted().len() > count {
                assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", pasted());
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        wait(3).await;
        assert_eq!(pasted(), names, "what waits to be uploaded stays");
        let fast = crate::messages::Settings { limit: Default::default(), ..settings };
        again.set_settings(fast, String::new()).await.expect("sets");
        wait(0).await;
        again.shutdown().await;
    }
}
