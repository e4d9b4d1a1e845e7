//! What is done to a window's frame, and to the process behind it: closed, minimised, ended.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::desktop::{Desktop, wait_for};

/// How long a window stays on the screen after the key that closes it, and how often that is pressed.
const KEY_TIMEOUT: Duration = Duration::from_secs(3);
const KEY_PRESSES: usize = 3;

impl Desktop {
    /// Closes the window as a user does, and waits until its process has ended. On a busy machine a
    /// key press is lost now and then before the window manager sees it: a user presses again.
    pub fn close(&self, window: &str) {
        for _ in 0..KEY_PRESSES {
            self.press_close(window);
            let begun = Instant::now();
            while self.is_shown(window) && begun.elapsed() < KEY_TIMEOUT {
                std::thread::sleep(Duration::from_millis(50));
            }
            if !self.is_shown(window) {
                break;
            }
        }
        self.until_it_ended();
    }

    /// Waits until Ferry's process has ended.
    pub fn until_it_ended(&self) {
        wait_for("the end of Ferry", || self.ferry().is_none().then_some(()));
    }

    /// Waits until the window is on the screen, or no longer.
    pub fn until_shown(&self, window: &str, shown: bool) {
        let what = if shown { "the window on the screen" } else { "a window out of sight" };
        wait_for(what, || (self.is_shown(window) == shown).then_some(()));
    }

    /// Asks Ferry's process to end, as the system does when it shuts down.
    pub fn terminate(&self) {
        let process = self.ferry().expect("it runs").to_string();
        let sent = Command::new("kill").args(["-TERM", &process]).status();
        assert!(sent.is_ok_and(|status| status.success()));
        self.until_it_ended();
    }

    /// Presses the key that closes a window, once.
    pub fn press_close(&self, window: &str) {
        self.press(window, "alt+F4");
    }

    /// Presses a key in a window.
    pub fn press(&self, window: &str, key: &str) {
        self.xdotool(&["windowactivate", "--sync", window, "key", "--clearmodifiers", key]);
    }

    /// Whether the window is on the screen: neither minimised nor hidden.
    pub fn is_shown(&self, window: &str) -> bool {
        let told = self.tool("xwininfo").args(["-id", window]).output().expect("xwininfo runs");
        String::from_utf8_lossy(&told.stdout).contains("IsViewable")
    }

    /// Minimises the window, as its frame's button does.
    pub fn minimise(&self, window: &str) {
        self.xdotool(&["windowminimize", window]);
        self.until_shown(window, false);
    }

    /// The number of Ferry's window, wherever it is, if there is one.
    pub fn any_window(&self) -> Option<String> {
        let found = self.xdotool(&["search", "--name", "^Ferry$"]);
        found.lines().next_back().map(str::to_owned)
    }

    /// The number of Ferry's window, once it is there and minimised.
    pub fn minimised_window(&self) -> String {
        wait_for("a minimised window", || {
            let window = self.any_window()?;
            let told = self.tool("xprop").args(["-id", &window, "WM_STATE"]).output().ok()?;
            String::from_utf8_lossy(&told.stdout).contains("Iconic").then_some(window)
        })
    }

    /// Ends the window's process in the middle of whatever it does.
    pub fn kill(&self) {
        let process = self.ferry().expect("it runs").to_string();
        assert!(
            Command::new("kill")
                .args(["-KILL", &process])
                .status()
                .is_ok_and(|status| status.success())
        );
        wait_for("the end of Ferry", || self.ferry().is_none().then_some(()));
    }
}
