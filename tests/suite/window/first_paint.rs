//! What the screen shows before the page's first paint.

use std::time::{Duration, Instant};

use support::desktop::{Desktop, Keyring};
use support::window::Window;

use crate::TURN;

/// Brighter than anything but text is in the dark theme, of 255.
const BRIGHT: u8 = 96;
/// How long a start is watched: well past the first paint.
const WATCHED: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_white_is_shown_before_a_dark_page() {
    let _turn = TURN.lock().await;
    let desktop = Desktop::start();
    let window = Window::open(&desktop, Keyring::None).await;
    window.look("en", "dark").await;
    // A place of the window without text.
    let area = desktop.area(&window.id);
    let spot = (area.x + area.width - 12, area.y + area.height - 60);
    window.quit().await;

    // As users start it: a driver shows an empty page of its own first.
    let session = desktop.log_in(Keyring::None);
    let seen = std::thread::scope(|scope| {
        let started = scope.spawn(|| desktop.start_again(&session, &[]));
        let mut seen = Vec::new();
        let begun = Instant::now();
        while begun.elapsed() < WATCHED {
            seen.push(desktop.brightness(spot));
        }
        desktop.close(&desktop.window());
        assert_eq!(started.join().expect("ends"), Some(0));
        seen
    });
    assert!(seen.iter().any(|brightness| *brightness > 0), "no window was shown: {seen:?}");
    assert!(seen.iter().all(|brightness| *brightness < BRIGHT), "brightness of 255: {seen:?}");
}
