//! What closing the window does.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the user set for a window that is closed while files are on their way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum OnClose {
    /// Ask.
    #[default]
    Ask,
    /// Go on without a window.
    Background,
    /// Quit; the next start resumes.
    Quit,
    /// Go on without a window, and quit once nothing is left to do.
    QuitWhenDone,
}

/// What is done about a window that is asked to close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseStep {
    /// Quit.
    Quit,
    /// Put the question.
    Ask,
    /// Go on without a window.
    Background,
    /// Go on without a window, and quit once nothing is left to do.
    QuitWhenDone,
    /// Nothing: the question has only just been put.
    Ignore,
}

/// A second click on the frame's button that comes sooner belongs to a double click.
const DOUBLE_CLICK: Duration = Duration::from_secs(1);

/// What to do about a window that is asked to close. `works` says whether files are on their way,
/// `asked` how long ago the question was put that nobody has answered yet.
///
/// Who asks again while the question stands wants to be rid of the window, or has a page that no
/// longer answers: Ferry quits, which loses nothing.
pub fn close(set: OnClose, works: bool, asked: Option<Duration>) -> CloseStep {
    if !works {
        return CloseStep::Quit;
    }
    match asked {
        Some(age) if age < DOUBLE_CLICK => return CloseStep::Ignore,
        Some(_) => return CloseStep::Quit,
        None => {}
    }
    match set {
        OnClose::Ask => CloseStep::Ask,
        OnClose::Background => CloseStep::Background,
        OnClose::Quit => CloseStep::Quit,
        OnClose::QuitWhenDone => CloseStep::QuitWhenDone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_asks_only_while_files_are_on_their_way_and_as_it_was_set() {
        for (set, works, step) in [
            (OnClose::Ask, false, CloseStep::Quit),
            (OnClose::Background, false, CloseStep::Quit),
            (OnClose::Ask, true, CloseStep::Ask),
            (OnClose::Background, true, CloseStep::Background),
            (OnClose::Quit, true, CloseStep::Quit),
            (OnClose::QuitWhenDone, true, CloseStep::QuitWhenDone),
        ] {
            assert_eq!(close(set, works, None), step, "{set:?} {works}");
        }
    }

    #[test]
    fn who_asks_twice_gets_rid_of_it_and_a_double_click_asks_once() {
        let again = |age| close(OnClose::Ask, true, Some(Duration::from_millis(age)));
        assert_eq!(again(300), CloseStep::Ignore);
        assert_eq!(again(1_000), CloseStep::Quit);
        assert_eq!(close(OnClose::Ask, false, Some(Duration::ZERO)), CloseStep::Quit);
    }
}
