//! What the desktop is told of the queue, and what becomes of Ferry when its window is closed.

use std::sync::Arc;
use std::time::Instant;

use ferry_app::messages::{CloseChoice, DesktopSettings, Work};
use ferry_app::model::closing::{CloseStep, close};
use ferry_app::model::duration::duration;
use ferry_app::model::{Milestone, Text, message};
use ferry_app::{News, Presence};
use tokio::sync::Mutex;

use crate::desktop::{Desktop, Notification, Place, Progress, Tray};

/// Says a text in the user's language.
pub(crate) type Say = Box<dyn Fn(&Text) -> String + Send + Sync>;

/// Holds queue, settings and desktop together.
pub(crate) struct Integration {
    desktop: Arc<dyn Desktop>,
    say: Say,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    settings: DesktopSettings,
    presence: Presence,
    /// When the question was put that nobody has answered yet.
    asked: Option<Instant>,
    quits_when_done: bool,
    is_awake: bool,
    progress: Option<Progress>,
}

/// What is left to do about a window that is asked to close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closing {
    /// Quit.
    Quit,
    /// Put the question to its page.
    Ask {
        /// Whether Ferry can go on in the tray.
        tray: bool,
    },
    /// Nothing.
    Nothing,
}

/// Whether Ferry goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It does.
    GoOn,
    /// The user wanted it to quit once nothing is left to do, and nothing is.
    Quit,
}

impl Integration {
    pub(crate) fn new(desktop: Arc<dyn Desktop>, say: Say) -> Self {
        Self { desktop, say, state: Mutex::default() }
    }

    /// The desktop.
    pub(crate) fn desktop(&self) -> &dyn Desktop {
        &*self.desktop
    }

    /// Follows the settings, and the language.
    pub(crate) async fn follow(&self, settings: DesktopSettings) {
        let mut state = self.state.lock().await;
        state.settings = settings;
        self.tell(&mut state).await;
    }

    /// Tells the desktop how the queue stands.
    pub(crate) async fn presence(&self, presence: Presence) -> Next {
        let mut state = self.state.lock().await;
        state.presence = presence;
        self.tell(&mut state).await;
        if state.quits_when_done && !state.presence.works() { Next::Quit } else { Next::GoOn }
    }

    async fn tell(&self, state: &mut State) {
        let State { settings, presence, .. } = state;
        let tray = settings.tray.then(|| self.tray(presence));
        self.desktop.show_tray(tray).await;
        let awake = settings.keep_awake && presence.moves;
        if awake != state.is_awake {
            state.is_awake = awake;
            let reason = awake.then(|| (self.say)(&message::awake_reason()));
            self.desktop.keep_awake(reason).await;
        }
        let progress = state
            .presence
            .work
            .as_ref()
            .map(|work| Progress { percent: work.percent, waits: !state.presence.moves });
        if progress != state.progress {
            state.progress = progress;
            self.desktop.show_progress(progress);
        }
    }

    fn tray(&self, presence: &Presence) -> Tray {
        let say = |text: Text| (self.say)(&text);
        let left = presence.work.as_ref().filter(|_| presence.moves).and_then(|it| it.seconds_left);
        let line = say(match &presence.work {
            Some(work) => {
                message::tray_working(headline(work, presence.moves), work.done, work.files)
            }
            None if presence.works() => message::tray_uploading(),
            None => message::tray_idle(),
        });
        Tray {
            tooltip: say(message::tray_tooltip(line.as_str())),
            line,
            title: left.map(|seconds| say(message::tray_left(duration(seconds)))),
            show: say(message::tray_show()),
            pause: say(message::tray_pause()),
            can_pause: presence.active > 0,
            resume: say(message::tray_resume()),
            can_resume: presence.paused > 0,
            quit: say(message::tray_quit()),
        }
    }

    /// Shows news to a user who looks elsewhere, where the settings want it.
    pub(crate) async fn news(&self, news: &News) {
        let settings = self.state.lock().await.settings;
        let wanted = match news.milestone {
            Milestone::Done => settings.notify_done,
            Milestone::NeedsYou => settings.notify_needs,
        };
        if !wanted || self.desktop.is_looked_at() {
            return;
        }
        let say = |text: &Text| (self.say)(text);
        let notification = Notification {
            title: say(&news.title),
            body: say(&news.body),
            open: say(&message::tray_show()),
        };
        self.desktop.notify(notification).await;
    }

    /// The window is asked to close. `works` says whether files are on their way.
    pub(crate) async fn close(&self, works: bool) -> Closing {
        let mut state = self.state.lock().await;
        let asked = state.asked.map(|at| at.elapsed());
        match close(state.settings.on_close, works, asked) {
            CloseStep::Quit => Closing::Quit,
            CloseStep::Ignore => Closing::Nothing,
            CloseStep::Ask => {
                state.asked = Some(Instant::now());
                Closing::Ask { tray: self.desktop.has_tray().await }
            }
            CloseStep::Background => self.put_away().await,
            CloseStep::QuitWhenDone => {
                state.quits_when_done = true;
                self.put_away().await
            }
        }
    }

    /// The question was answered. Where nothing is left to do by then, every way to close quits.
    pub(crate) async fn answer(&self, choice: CloseChoice, works: bool) -> Closing {
        let mut state = self.state.lock().await;
        state.asked = None;
        match choice {
            CloseChoice::Stay => Closing::Nothing,
            CloseChoice::Quit => Closing::Quit,
            CloseChoice::Background | CloseChoice::QuitWhenDone if !works => Closing::Quit,
            CloseChoice::Background => {
                state.quits_when_done = false;
                self.put_away().await
            }
            CloseChoice::QuitWhenDone => {
                state.quits_when_done = true;
                self.put_away().await
            }
        }
    }

    /// Whether Ferry quits once nothing is left to do.
    pub(crate) async fn quits_when_done(&self) -> bool {
        self.state.lock().await.quits_when_done
    }

    /// Ferry stays, whatever was chosen before.
    pub(crate) async fn stay_open(&self) {
        self.state.lock().await.quits_when_done = false;
    }

    /// Into the tray where the user can get the window back from it, else into the taskbar.
    async fn put_away(&self) -> Closing {
        let place = if self.desktop.has_tray().await { Place::Tray } else { Place::Taskbar };
        self.desktop.put_away(place);
        Closing::Nothing
    }
}

/// What the window's headline says of it.
fn headline(work: &Work, moves: bool) -> Text {
    match work.seconds_left {
        _ if !moves => message::tray_waiting(),
        Some(seconds) => message::tray_left(duration(seconds)),
        None if work.acked >= work.bytes && work.in_flight == 0 => message::tray_verifying(),
        None => message::tray_uploading(),
    }
}

#[cfg(test)]
#[path = "integration_tests.rs"]
mod tests;
