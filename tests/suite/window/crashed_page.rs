//! S5: the page's process ends, and nothing else does.

use std::process::Command;

use ferry_sandbox::Operation;
use support::desktop::{Desktop, Keyring};
use support::ferry::Place;
use support::poll::until;
use support::window::Window;

use crate::{MIB, TURN, bytes, profile};

#[tokio::test(flavor = "multi_thread")]
async fn s5_a_page_that_crashes_comes_back_while_uploads_go_on() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    profile(&window, &place, "Harbour").await;
    window.part_size("1").await;
    window.pace("2", "1").await;
    let film = desktop.write("files/film.mov", &bytes(12 * MIB, 1));
    window.drop_files(&[&film]).await;
    window.rows_until("a bar that moves", |rows| rows[0].percent > 0).await;
    let sent = || {
        let entries = place.sandbox.ledger().entries();
        entries.iter().filter(|entry| entry.operation == Operation::UploadPart).count()
    };
    let page = desktop.page().expect("the page has a process of its own");
    let before = sent();
    let killed = Command::new("kill").args(["-9", &page.to_string()]).status();
    assert!(killed.is_ok_and(|status| status.success()), "the page's process is there");
    until("another process of the page", || desktop.page().is_some_and(|now| now != page)).await;
    desktop.painted(&window.id);
    until("the rest of the file", || sent() >= 12).await;
    assert!(before < 12, "all of it had been sent before");
    until("its end", || place.sandbox.open_uploads(crate::BUCKET).is_empty()).await;
    desktop.kill();
}
