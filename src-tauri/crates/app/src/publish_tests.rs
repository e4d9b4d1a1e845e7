//! What a window is told while files go up, over the real queue, engine and practice bucket.

use std::sync::atomic::AtomicU16;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferry_model::Provider;
use ferry_model::schedule::TimeOfDay;

use super::*;
use crate::limits::{WallTime, local_time};
use crate::messages::{
    Action, KeySourceChoice, LimitForm, LimitHours, Notice, Pending, ProfileForm, RowList,
    RowState, SaveSecret, SecretsInput, Settings, Target,
};
use crate::start::OpenOptions;

pub(super) const MIB: u64 = 1024 * 1024;

/// The last update's undo line and rows.
fn last_undo(window: &Listener) -> Option<crate::messages::Undo> {
    let updates = lock(&window.updates);
    let mut told = updates.iter().filter_map(|update| match update {
        Update::Snapshot { undo, .. } | Update::Rows { undo, .. } => Some(undo.clone()),
        _ => None,
    });
    told.next_back().flatten()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_undone_is_told_with_rows_as_they_will_be() {
    let window = Listener::open().await;
    window.limit(1).await;
    window.add("long.mov", 40).await;
    window.until("it moves", |_, rows| rows.iter().any(|row| row.acked > 0)).await;
    window.act(Action::Cancel).await;
    let pending = |rows: &[Row]| rows.iter().any(|row| row.pending == Some(Pending::Cancel));
    window.until("it waits", |totals, rows| pending(rows) && totals.active == 0).await;
    let undo = last_undo(&window).expect("can be undone");
    assert_eq!(
        (undo.action, undo.files, undo.name.as_deref()),
        (Pending::Cancel, 1, Some("long.mov"))
    );
    let (totals, rows) = window.shown().pop().expect("is shown");
    assert_eq!((totals.files, totals.ended_otherwise), (1, 1));
    assert_eq!((rows[0].actions.len(), rows[0].speed), (0, 0));
    window.app.undo(undo.number).await.expect("undoes");
    let goes_on = |rows: &[Row]| rows.iter().any(|row| row.state == RowState::Uploading);
    window.until("it goes on", |totals, rows| goes_on(rows) && totals.active == 1).await;
    assert_eq!(last_undo(&window), None);
    let (_, rows) = window.shown().pop().expect("is shown");
    assert_eq!(rows[0].pending, None);
}

/// A window without a page: the app over a folder of its own, and every update it was sent.
pub(super) struct Listener {
    pub(super) app: App,
    pub(super) updates: Arc<Mutex<Vec<Update>>>,
    folder: tempfile::TempDir,
}

impl Listener {
    pub(super) async fn open() -> Self {
        Self::open_at(local_time()).await
    }

    /// With this clock on the wall.
    async fn open_at(time: WallTime) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let options = OpenOptions::in_memory(folder.path().join("data"));
        let app = App::open_with(options, time).await.expect("opens");
        let updates = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&updates);
        app.subscribe(Box::new(move |update| lock(&kept).push(update))).await;
        app.set_viewport(Viewport { limit: 50, ..Viewport::default() }).await;
        Self { app, updates, folder }
    }

    /// Queues a file of so many MiB.
    pub(super) async fn add(&self, name: &str, mib: u64) {
        let path = self.folder.path().join(name);
        let file = std::fs::File::create(&path).expect("a file");
        file.set_len(mib * MIB).expect("room");
        self.app.add_paths(vec![path]).await.expect("is taken");
    }

    pub(super) async fn limit(&self, mib: u64) {
        self.limit_by(LimitForm { hours: Vec::new(), otherwise: mib.to_string() }).await;
    }

    async fn limit_by(&self, limit: LimitForm) {
        let settings = self.app.settings().await.expect("reads");
        let settings = Settings { parallel: Some(2), limit, ..settings };
        self.app.set_settings(settings, String::new()).await.expect("sets");
    }

    pub(super) async fn act(&self, action: Action) {
        self.app.act(action, Target::All).await.expect("acts");
    }

    /// Totals and rows as the window has them after each update.
    fn shown(&self) -> Vec<(Totals, Vec<Row>)> {
        let mut rows: Vec<Row> = Vec::new();
        let mut shown = Vec::new();
        for update in lock(&self.updates).iter() {
            let (page, changed, totals) = match update {
                Update::Snapshot { page, totals, .. } => (Some(page), &Vec::new(), totals),
                Update::Rows { page, rows, totals, .. } => (page.as_ref(), rows, totals),
                Update::Setup { .. }
                | Update::Watches { .. }
                | Update::Dragging { .. }
                | Update::CloseAsked { .. } => {
                    continue;
                }
            };
            if let Some(page) = page {
                rows.clone_from(&page.rows);
            }
            for row in &mut rows {
                if let Some(now) = changed.iter().find(|now| now.id == row.id) {
                    row.clone_from(now);
                }
            }
            shown.push((totals.clone(), rows.clone()));
        }
        shown
    }

    /// Waits until the first notice is as `wanted`.
    async fn until_notice(&self, what: &str, wanted: impl Fn(Option<Notice>) -> bool) {
        let now = || {
            let updates = lock(&self.updates);
            let mut told = updates.iter().filter_map(|update| match update {
                Update::Snapshot { notices, .. } | Update::Rows { notices, .. } => Some(notices),
                Update::Setup { .. }
                | Update::Watches { .. }
                | Update::Dragging { .. }
                | Update::CloseAsked { .. } => None,
            });
            told.next_back().and_then(|notices| notices.first().cloned())
        };
        for _ in 0..300 {
            if wanted(now()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{what} did not come: {:#?}", now());
    }

    async fn until(&self, what: &str, wanted: impl Fn(&Totals, &[Row]) -> bool) {
        for _ in 0..1_200 {
            if self.shown().last().is_some_and(|(totals, rows)| wanted(totals, rows)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{what} did not come: {:#?}", self.shown().last());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_settings_leave_out_of_folders_is_not_uploaded() {
    let window = Listener::open().await;
    let settings = window.app.settings().await.expect("reads");
    assert_eq!(settings.exclude, ferry_model::source::DEFAULT_EXCLUDES, "shown from the start");
    let exclude = |patterns: &[&str]| Settings {
        exclude: patterns.iter().map(|&pattern| pattern.to_owned()).collect(),
        ..settings.clone()
    };
    let refused =
        window.app.set_settings(exclude(&["a["]), String::new()).await.expect_err("not understood");
    assert_eq!(refused.kind, "invalidInput");
    window.app.set_settings(exclude(&["*.tmp"]), String::new()).await.expect("sets");
    let folder = window.folder.path().join("run");
    std::fs::create_dir(&folder).expect("a folder");
    for name in ["a.tmp", "b.txt", ".DS_Store"] {
        std::fs::write(folder.join(name), name).expect("writes");
    }
    window.app.add_paths(vec![folder]).await.expect("is taken");
    window.until("two files", |totals, _| totals.done == 2).await;
    let shown = window.shown();
    let mut names: Vec<_> = shown.last().expect("rows").1.iter().map(|row| &row.name).collect();
    names.sort();
    assert_eq!(names, [".DS_Store", "b.txt"]);
    window.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_hour_brings_another_limit_to_what_is_under_way() {
    let hour = Arc::new(AtomicU16::new(9));
    let clock = Arc::clone(&hour);
    let time = move || TimeOfDay::new(clock.load(Ordering::Relaxed), 30).expect("an hour");
    let window = Listener::open_at(Arc::new(time)).await;
    let day = LimitHours { from: "8:00".into(), to: "19:00".into(), rate: "0.25".into() };
    window.limit_by(LimitForm { hours: vec![day], otherwise: String::new() }).await;
    let shown = window.app.settings().await.expect("reads").limit;
    assert_eq!(shown.hours[0].from, "08:00");
    // At the day's limit it would take four minutes.
    window.add("film.bin", 60).await;
    window.until("the first byte", |totals, _| totals.in_flight > 0).await;
    hour.store(19, Ordering::Relaxed);
    window.until("the end of all", |totals, _| totals.done == 1).await;
    let refused = LimitForm { hours: Vec::new(), otherwise: "fast".into() };
    let settings = Settings { limit: refused, ..window.app.settings().await.expect("reads") };
    let refused = window.app.set_settings(settings, String::new()).await.expect_err("no rate");
    assert_eq!(refused.kind, "invalidInput");
    window.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_a_profile_takes_effect_while_its_files_go_up() {
    let window = Listener::open().await;
    let practice = window.app.chosen().await.expect("reads").expect("the practice bucket");
    let limit_to = async |rate: &str| {
        let stored = window.app.stored_profile(practice).await.expect("reads").expect("is there");
        let speed_limit = rate.parse().expect("a limit");
        let profile = Profile { speed_limit, ..stored };
        window.app.inner.journal.save_profile(&profile).await.expect("saves");
        window.app.read_profile_limits().await.expect("reads");
    };
    limit_to("256KiB/s").await;
    // At that limit it would take four minutes.
    window.add("film.bin", 60).await;
    window.until("the first byte", |totals, _| totals.in_flight > 0).await;
    limit_to("off").await;
    window.until("the end of all", |totals, _| totals.done == 1).await;
    window.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_never_runs_backwards_and_total_and_rows_agree() {
    let window = Listener::open().await;
    window.limit(24).await;
    window.add("film.bin", 60).await;
    window.until("some parts", |_, rows| rows.iter().any(|row| row.acked > 20 * MIB)).await;
    window.act(Action::Pause).await;
    window.until("a pause", |totals, _| totals.paused == 1).await;
    window.act(Action::Resume).await;
    window.until("the end", |totals, _| totals.done == 1).await;

    let shown = window.shown();
    let (mut before, mut parts) = (0, 0);
    for (totals, rows) in &shown {
        assert!(totals.acked >= before, "the total fell from {before} to {}", totals.acked);
        before = totals.acked;
        assert_eq!(totals.acked, rows.iter().map(|row| row.acked).sum::<u64>(), "{rows:?}");
        for row in rows {
            assert!(row.parts_done >= parts, "parts fell from {parts} to {}", row.parts_done);
            parts = row.parts_done;
            if row.state == RowState::Uploading {
                // 60 MiB in parts of 8: the last one is smaller.
                assert_eq!(u64::from(row.parts_done), row.acked.div_ceil(8 * MIB), "{row:?}");
                assert_eq!(totals.percent, row.percent, "{totals:?} {row:?}");
            }
        }
    }
    window.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s6_at_most_four_updates_come_a_second_and_none_when_nothing_changes() {
    let window = Listener::open().await;
    window.limit(16).await;
    window.add("film.bin", 24).await;
    window.until("the first byte", |totals, _| totals.in_flight > 0).await;
    let before = lock(&window.updates).len();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let moving = lock(&window.updates).len() - before;
    assert!((1..=5).contains(&moving), "{moving} updates in a second");
    window.act(Action::Pause).await;
    window.until("a pause", |totals, _| totals.paused == 1).await;
    // What was measured last may still have to be shown as gone.
    tokio::time::sleep(FRAME * 2).await;
    let before = lock(&window.updates).len();
    tokio::time::sleep(FRAME * 4).await;
    assert_eq!(lock(&window.updates).len() - before, 0, "nothing changed");
    window.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_is_counted_by_the_model_not_by_the_rows_in_view() {
    let window = Listener::open().await;
    window.app.set_viewport(Viewport { limit: 1, ..Viewport::default() }).await;
    for name in ["a", "b", "c"] {
        window.add(name, 1).await;
    }
    window.until("the end of all", |totals, _| totals.done == 3).await;
    window.limit(1).await;
    window.add("d", 24).await;
    window.until("a running one", |totals, _| totals.active == 1).await;
    window.app.select(7, Target::All).await;
    let counted = |action| {
        let updates = lock(&window.updates);
        let selected = updates.iter().rev().find_map(|update| match update {
            Update::Rows { selected, .. } if selected.number == 7 => Some(selected.clone()),
            _ => None,
        })?;
        let count = selected.actions.iter().find(|count| count.action == action)?;
        Some((count.files, selected.files, selected.unfinished, selected.done))
    };
    for _ in 0..100 {
        if counted(Action::Pause).is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(counted(Action::Pause), Some((1, 4, 1, 3)));
    assert_eq!(counted(Action::Cancel), Some((1, 4, 1, 3)));
    assert_eq!(counted(Action::Retry), Some((0, 4, 1, 3)));
    assert_eq!(counted(Action::Remove), Some((4, 4, 1, 3)));
    window.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_the_user_is_told_by_cause_and_shown_alone() {
    let window = Listener::open().await;
    for name in ["a.bin", "b.bin"] {
        window.add(name, 1).await;
    }
    window.until("the end of both", |totals, _| totals.done == 2).await;
    window.add("a.bin", 2).await;
    window.until("a question", |totals, _| (totals.needs, totals.conflict) == (1, 1)).await;
    let told = || {
        let updates = lock(&window.updates);
        let told = updates.iter().rev().find_map(|update| match update {
            Update::Rows { needs, .. } => Some(needs.clone()),
            _ => None,
        });
        told.unwrap_or_default()
    };
    let needs = told();
    assert_eq!(needs.len(), 1, "{needs:?}");
    let cause = &needs[0];
    assert_eq!((cause.files, cause.name.as_deref(), cause.folders), (1, Some("a.bin"), 1));
    assert_eq!(cause.actions, [Action::Rename, Action::Overwrite, Action::Skip]);
    let show = async |list: RowList| {
        window.app.set_viewport(Viewport { list, limit: 50, ..Viewport::default() }).await;
    };
    show(cause.list.clone()).await;
    window.until("it alone", |_, rows| rows.len() == 1 && rows[0].name == "a.bin").await;
    // A list for which rows have to be read is told anew once they are others.
    show(RowList { text: "B.BIN".into(), ..RowList::default() }).await;
    window.until("what is searched", |_, rows| rows.len() == 1 && rows[0].name == "b.bin").await;
    window.add("other b.bin", 1).await;
    window.until("what came since", |_, rows| rows.len() == 2).await;
    // A window that stands behind the end of its list is shown the end.
    let list = RowList { text: "B.BIN".into(), ..RowList::default() };
    let behind = Viewport { list, offset: 900, limit: 1, ..Viewport::default() };
    window.app.set_viewport(behind).await;
    window.until("the end", |_, rows| rows.len() == 1 && rows[0].name == "b.bin").await;
    show(RowList { until_ms: Some(1), ..RowList::default() }).await;
    window.until("nothing so old", |_, rows| rows.is_empty()).await;
    window
        .app
        .act(Action::Skip, Target::Matching { list: cause.list.clone() })
        .await
        .expect("acts");
    window.until("no question", |totals, _| (totals.needs, totals.ended_otherwise) == (0, 1)).await;
    assert_eq!(told(), []);
    window.app.shutdown().await;
}

#[tokio::test]
async fn a_new_profile_is_the_one_that_files_go_to() {
    let window = Listener::open().await;
    let form = |name: &str| ProfileForm {
        name: name.into(),
        endpoint: "http://127.0.0.1:9".into(),
        region: "cn-hangzhou".into(),
        bucket: "films".into(),
        key_source: KeySourceChoice::Environment,
        ..ProfileForm::blank(Provider::Oss)
    };
    let save = |id, name| {
        window.app.save_and_choose_profile(
            id,
            form(name),
            SecretsInput::default(),
            SaveSecret::Keyring,
        )
    };
    let first = save(None, "First").await.expect("saves").id;
    assert_eq!(window.app.chosen().await.expect("reads"), Some(first));
    let second = save(None, "Second").await.expect("saves").id;
    assert_eq!(window.app.chosen().await.expect("reads"), Some(second));
    save(Some(first), "First again").await.expect("saves");
    assert_eq!(window.app.chosen().await.expect("reads"), Some(second), "a change chooses nothing");
    window.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_added_to_a_held_profile_is_counted_though_nothing_happens_after_it() {
    let window = Listener::open().await;
    let form = ProfileForm {
        name: "Without a key".into(),
        endpoint: "http://127.0.0.1:9".into(),
        region: "cn-hangzhou".into(),
        bucket: "films".into(),
        key_source: KeySourceChoice::Keyring,
        ..ProfileForm::blank(Provider::Oss)
    };
    let (secrets, to) = (SecretsInput::default(), SaveSecret::Keyring);
    window.app.save_and_choose_profile(None, form, secrets, to).await.expect("saves");
    for count in 1..=3 {
        window.add(&format!("{count}.bin"), 1).await;
        let held =
            |files| matches!(files, Some(Notice::ProfileHeld { files, .. }) if files == count);
        window.until_notice("the files that wait", held).await;
    }
    window.app.shutdown().await;
}
