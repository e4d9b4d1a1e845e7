//! Waits with a deadline: a test that waits for what never comes fails, and says for what.

use std::time::{Duration, Instant};

/// How long anything may take, on a machine that does much else.
const DEADLINE: Duration = Duration::from_secs(120);
/// Time between two looks.
const POLL: Duration = Duration::from_millis(10);

/// Waits until `reached` is true.
///
/// # Panics
/// When that takes too long.
pub async fn until(what: &str, mut reached: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < DEADLINE, "never came: {what}");
        tokio::time::sleep(POLL).await;
    }
}

/// Waits until `look` gives the same for as long as `pause`, and returns that.
///
/// # Panics
/// When that takes too long.
pub async fn at_rest<T: PartialEq>(what: &str, pause: Duration, mut look: impl FnMut() -> T) -> T {
    let begun = Instant::now();
    let mut before = look();
    loop {
        tokio::time::sleep(pause).await;
        let now = look();
        if now == before {
            return now;
        }
        assert!(begun.elapsed() < DEADLINE, "never came to rest: {what}");
        before = now;
    }
}
