//! A page whose process ended is loaded again: the queue is the app's, and the page is told
//! everything anew.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tauri::WebviewWindow;
use webkit2gtk::WebViewExt as _;

/// A page that ends more often than this within [`WHILE`] is left as it is: what it ends of is
/// there again after each load.
const MOST: usize = 3;
const WHILE: Duration = Duration::from_secs(60);

/// When a page was loaded again.
#[derive(Debug, Default)]
struct Reloads(VecDeque<Instant>);

impl Reloads {
    /// Whether to load it once more.
    fn again(&mut self, now: Instant) -> bool {
        self.0.retain(|at| now.duration_since(*at) < WHILE);
        let again = self.0.len() < MOST;
        if again {
            self.0.push_back(now);
        }
        again
    }
}

/// Loads the window's page again whenever its process ends.
pub(crate) fn after_crashes(window: &WebviewWindow) -> tauri::Result<()> {
    window.with_webview(|webview| {
        let reloads = RefCell::new(Reloads::default());
        webview.inner().connect_web_process_terminated(move |page, reason| {
            let again = reloads.borrow_mut().again(Instant::now());
            tracing::error!(?reason, again, "the page's process ended");
            if again {
                page.reload();
            }
        });
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_keeps_ending_is_left_alone_until_it_has_lasted() {
        let begun = Instant::now();
        let mut reloads = Reloads::default();
        for (seconds, expected) in
            [(0, true), (1, true), (2, true), (3, false), (59, false), (60, true), (61, true)]
        {
            let now = begun + Duration::from_secs(seconds);
            assert_eq!(reloads.again(now), expected, "after {seconds} s");
        }
    }
}
