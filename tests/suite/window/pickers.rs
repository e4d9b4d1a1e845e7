//! The system's own dialogs of files, answered by the keyboard as a user does.

use support::desktop::{Desktop, Keyring};
use support::ferry::Place;
use support::window::Window;

use crate::{TURN, bytes, in_state, profile};

#[tokio::test(flavor = "multi_thread")]
async fn files_and_folders_are_picked_and_receipts_saved_in_the_systems_dialogs() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let film = desktop.write("files/film.bin", &bytes(90_000, 1));
    desktop.write("album/first.jpg", b"first");
    desktop.write("album/second.jpg", b"second");
    desktop.write("instrument/run.raw", b"run");
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.look("en", "light").await;
    profile(&window, &place, "Harbour").await;
    // One list, however many batches the files come in.
    window.click("view-history").await;

    window.click("add").await;
    window.click("add-files").await;
    desktop.answer_dialog("Add files to upload", Some(&film));
    window.rows_until("the picked file", |rows| in_state(rows, "done") == 1).await;
    window.click("add").await;
    window.click("add-folder").await;
    desktop.answer_dialog("Add folders to upload", Some(&desktop.path("album")));
    window.rows_until("the picked folder", |rows| in_state(rows, "done") == 3).await;

    // Closed, it does nothing.
    window.click("add").await;
    window.click("add-files").await;
    desktop.answer_dialog("Add files to upload", None);
    window.click("add").await;
    window.click("add-watch").await;
    window.click("watch-folder").await;
    desktop.answer_dialog("Choose a folder to watch", Some(&desktop.path("instrument")));
    let shown = "return document.querySelector('[data-testid=\"watch-folder-path\"]').innerText.endsWith('/instrument')";
    window.until("the picked folder in the form", shown).await;
    window.type_into("watch-quiet", "1").await;
    window.click("watch-begin").await;
    window.rows_until("the file of the watch", |rows| in_state(rows, "done") == 4).await;

    window.click("view-done").await;
    window.click("batch-receipt").await;
    window.see("receipt-sums").await;
    let receipt = desktop.path("saved receipt.csv");
    window.click("receipt-save").await;
    desktop.answer_dialog("Save the receipt", Some(&receipt));
    let saved = "return document.querySelector('[data-testid=\"receipt-note\"]').innerText.includes('saved receipt.csv')";
    window.until("the note of the saved receipt", saved).await;
    assert!(std::fs::read_to_string(&receipt).is_ok_and(|text| text.lines().count() > 1));
    window.click("receipt-close").await;
    window.quit().await;
}
