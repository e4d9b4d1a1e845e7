//! Queue, settings and questions over a desktop that writes down what it is told.

use std::path::PathBuf;
use std::sync::PoisonError;

use async_trait::async_trait;
use ferry_app::model::{Language, OnClose};

use super::*;
use crate::desktop::Clipboard;

/// A desktop that does nothing but write down.
#[derive(Default)]
struct Recorder {
    /// Whether it shows trays.
    tray: bool,
    /// Whether its user looks at the window.
    looked_at: bool,
    told: std::sync::Mutex<Vec<String>>,
}

impl Recorder {
    fn record(&self, what: String) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    /// What it was told since it was asked last.
    fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Desktop for Recorder {
    async fn has_tray(&self) -> bool {
        self.tray
    }

    async fn knows_trays(&self) -> bool {
        self.tray
    }

    async fn show_tray(&self, tray: Option<Tray>) {
        let Some(tray) = tray else { return self.record("no tray".to_owned()) };
        let can = |can, name: &str| if can { format!(" [{name}]") } else { String::new() };
        let (pause, resume) =
            (can(tray.can_pause, &tray.pause), can(tray.can_resume, &tray.resume));
        let title = tray.title.map(|title| format!(" ({title})")).unwrap_or_default();
        self.record(format!("tray: {}{title}{pause}{resume}", tray.line));
    }

    fn is_looked_at(&self) -> bool {
        self.looked_at
    }

    fn put_away(&self, place: Place) {
        self.record(format!("away: {place:?}"));
    }

    async fn notify(&self, notification: Notification) {
        self.record(format!("{}: {}", notification.title, notification.body));
    }

    async fn keep_awake(&self, reason: Option<String>) {
        self.record(format!("awake: {}", reason.unwrap_or_else(|| "no".to_owned())));
    }

    fn show_progress(&self, progress: Option<Progress>) {
        self.record(match progress {
            None => "no progress".to_owned(),
            Some(Progress { percent, waits }) => {
                format!("{percent} %{}", if waits { ", waits" } else { "" })
            }
        });
    }

    fn opens_at_login(&self) -> Option<bool> {
        None
    }

    fn set_opens_at_login(&self, _: bool) -> Result<(), String> {
        Err("no".to_owned())
    }

    async fn open_page(&self, _: String) -> Result<(), String> {
        Ok(())
    }

    async fn show_in_folder(&self, path: PathBuf) -> Result<(), String> {
        self.record(format!("shows {}", path.display()));
        Ok(())
    }

    async fn clipboard(&self) -> Clipboard {
        Clipboard::Nothing
    }
}

fn over(recorder: Recorder) -> (Integration, Arc<Recorder>) {
    let recorder = Arc::new(recorder);
    let say: Say = Box::new(|text| text.in_language(Language::En));
    (Integration::new(Arc::clone(&recorder) as Arc<dyn Desktop>, say), recorder)
}

fn with_tray() -> (Integration, Arc<Recorder>) {
    over(Recorder { tray: true, ..Recorder::default() })
}

fn set(on_close: OnClose) -> DesktopSettings {
    DesktopSettings { on_close, ..DesktopSettings::default() }
}

/// Three of ten files are done, a quarter of the bytes, 125 s are left.
fn uploading() -> Presence {
    let work = Work {
        files: 10,
        done: 3,
        bytes: 400,
        acked: 100,
        percent: 25,
        seconds_left: Some(125),
        ..Work::default()
    };
    Presence { active: 7, moves: true, work: Some(work), ..Presence::default() }
}

#[tokio::test]
async fn tray_progress_and_sleep_follow_the_queue() {
    let (integration, desktop) = with_tray();
    integration.presence(uploading()).await;
    assert_eq!(
        desktop.told(),
        [
            "tray: 2 min 5 s left, 3 of 10 files (2 min 5 s left) [Pause all]",
            "awake: Files are being uploaded",
            "25 %",
        ]
    );
    integration.presence(Presence { moves: false, ..uploading() }).await;
    assert_eq!(
        desktop.told(),
        ["tray: Waiting, 3 of 10 files [Pause all]", "awake: no", "25 %, waits"]
    );
    integration.presence(Presence { paused: 7, ..Presence::default() }).await;
    assert_eq!(
        desktop.told(),
        ["tray: Nothing is being uploaded [Resume all]", "no progress"],
        "it was let sleep already"
    );
}

#[tokio::test]
async fn each_of_it_goes_off_by_its_setting() {
    let (integration, desktop) = with_tray();
    integration.presence(uploading()).await;
    desktop.told();
    let settings = DesktopSettings { tray: false, keep_awake: false, ..set(OnClose::Ask) };
    integration.follow(settings).await;
    assert_eq!(desktop.told(), ["no tray", "awake: no"]);
    let news = |milestone| News { milestone, title: "a".into(), body: "b".into() };
    for (done, needs, told) in
        [(true, true, vec!["a: b", "a: b"]), (true, false, vec!["a: b"]), (false, false, vec![])]
    {
        let settings = DesktopSettings { notify_done: done, notify_needs: needs, ..settings };
        integration.follow(settings).await;
        desktop.told();
        integration.news(&news(Milestone::Done)).await;
        integration.news(&news(Milestone::NeedsYou)).await;
        assert_eq!(desktop.told(), told, "{done} {needs}");
    }
    let (integration, desktop) = over(Recorder { looked_at: true, ..Recorder::default() });
    integration.news(&news(Milestone::Done)).await;
    assert_eq!(desktop.told(), Vec::<String>::new(), "who looks at the window sees it there");
}

#[tokio::test]
async fn a_window_that_is_put_away_goes_where_it_can_come_back_from() {
    for (tray, place) in [(true, "away: Tray"), (false, "away: Taskbar")] {
        let (integration, desktop) = over(Recorder { tray, ..Recorder::default() });
        assert_eq!(integration.close(true).await, Closing::Ask { tray });
        assert_eq!(desktop.told(), Vec::<String>::new(), "nothing before the answer");
        assert_eq!(integration.answer(CloseChoice::Background, true).await, Closing::Nothing);
        assert_eq!(desktop.told(), [place]);
        integration.follow(set(OnClose::Background)).await;
        desktop.told();
        assert_eq!(integration.close(true).await, Closing::Nothing);
        assert_eq!(desktop.told(), [place], "it is not asked again");
    }
}

#[tokio::test]
async fn it_quits_once_nothing_is_left_to_do_unless_it_is_to_stay() {
    let (integration, _) = with_tray();
    integration.presence(uploading()).await;
    integration.close(true).await;
    assert_eq!(integration.answer(CloseChoice::QuitWhenDone, true).await, Closing::Nothing);
    assert_eq!(integration.presence(uploading()).await, Next::GoOn);
    let waits = Presence { moves: false, ..uploading() };
    assert_eq!(integration.presence(waits).await, Next::GoOn, "the network comes back some day");
    let reads = Presence { adding: true, ..Presence::default() };
    assert_eq!(integration.presence(reads).await, Next::GoOn, "a folder is being read");
    let paused = Presence { paused: 2, ..Presence::default() };
    assert_eq!(integration.presence(paused.clone()).await, Next::Quit);
    assert!(integration.quits_when_done().await);
    integration.stay_open().await;
    assert_eq!(integration.presence(paused).await, Next::GoOn);
}

#[tokio::test]
async fn an_answer_that_comes_too_late_quits() {
    let (integration, desktop) = with_tray();
    integration.close(true).await;
    assert_eq!(integration.answer(CloseChoice::Background, false).await, Closing::Quit);
    assert_eq!(desktop.told(), Vec::<String>::new());
    integration.close(true).await;
    assert_eq!(integration.answer(CloseChoice::Stay, true).await, Closing::Nothing);
    assert_eq!(integration.close(true).await, Closing::Ask { tray: true }, "it is a new question");
}
