//! The desktop shell: one window over [`ferry_app::App`].
//!
//! It holds adapters only: commands that pass a request on, one channel that carries the answers,
//! the system's drop and file dialogs, the desktop around the window (`desktop`), the window and
//! its end. It may import `ferry-app` and Tauri, nothing else of Ferry.
//!
//! Invariants:
//! * A path reaches the app from the system's drop event, a native dialog, the clipboard or the
//!   program's arguments, never from the page.
//! * Every command is named in `src-tauri/permissions` and granted to the window `main` alone; a
//!   test holds both lists together.
//! * The process ends through `ending`, which lets the app write down what it knows first.

mod arguments;
mod commands;
mod connection;
mod desktop;
mod desktop_proxies;
mod drops;
mod ending;
mod integration;
mod logging;
mod pickers;
mod presence;
#[cfg(target_os = "linux")]
mod reload;
mod speech;
mod start;
mod updates;
mod window;
mod workers;

use std::mem::ManuallyDrop;
use std::process::ExitCode;

use tauri::{AppHandle, RunEvent, WindowEvent};
use tauri_plugin_window_state::StateFlags;

#[cfg(test)]
mod access_tests;

/// The configuration, the built page and the access list, compiled in.
fn context() -> tauri::Context {
    tauri::generate_context!()
}

/// Runs the window until it is closed.
///
/// Returns 0 after a clean end, 1 where there is no display or the queue cannot be opened.
pub fn run() -> ExitCode {
    logging::start();
    if !start::display_is_there() {
        eprintln!("Ferry needs a graphical session: neither DISPLAY nor WAYLAND_DISPLAY is set.");
        return ExitCode::FAILURE;
    }
    // Until the end: its tasks outlive every part of the window.
    let _workers = match workers::start() {
        Ok(workers) => ManuallyDrop::new(workers),
        Err(error) => {
            eprintln!("Ferry cannot start its threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    let opening = start::open_queue();
    let built = tauri::Builder::default()
        // First: a second start must end before any other part of it begins.
        .plugin(tauri_plugin_single_instance::init(|handle, arguments, folder| {
            arguments::second_start(handle, arguments, &folder);
        }))
        .plugin(tauri_plugin_dialog::init())
        .plugin(
            tauri_plugin_window_state::Builder::new()
                // Not whether it was visible: it may have been in the tray.
                .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
                .build(),
        )
        .plugin(tauri_plugin_updater::Builder::new().build())
        .plugin(tauri_plugin_autostart::Builder::new().arg(arguments::BACKGROUND).build())
        .manage(arguments::Early::default())
        .manage(ending::Ending::default())
        .manage(window::Chosen::default())
        .manage(speech::Speech::of_the_system())
        .invoke_handler(commands::handler())
        .setup(move |tauri| {
            ending::on_signals(tauri.handle());
            start::begin(tauri.handle(), opening);
            Ok(())
        })
        .build(context());
    match built {
        Ok(tauri) => exit_code(tauri.run_return(on_event)),
        Err(error) => {
            eprintln!("Ferry cannot start its window: {error}");
            ExitCode::FAILURE
        }
    }
}

fn on_event(handle: &AppHandle, event: RunEvent) {
    match event {
        RunEvent::ExitRequested { code, api, .. } => {
            ending::on_exit_requested(handle, code, &api);
        }
        RunEvent::WindowEvent { event: WindowEvent::CloseRequested { api, .. }, .. } => {
            presence::on_close_requested(handle, &api);
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::bring_to_front(handle),
        // "Open with", and a drop on the icon in the dock.
        #[cfg(any(target_os = "macos", target_os = "ios"))]
        RunEvent::Opened { urls } => {
            let paths = urls.iter().filter_map(|url| url.to_file_path().ok());
            arguments::add(handle, paths.collect());
        }
        _ => {}
    }
}

fn exit_code(code: i32) -> ExitCode {
    u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)
}
