//! A bare window of the toolkit, which `bench-window` measures Ferry's start beside: one page
//! with one sentence, no command, no plugin.

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .run(tauri::generate_context!("tests/bench/window/bare/tauri.conf.json"))
}
