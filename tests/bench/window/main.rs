//! Figures of the real window: what the page's process costs, how a large drop and a long history
//! feel, how soon something is painted. `cargo xtask bench window` builds everything and runs it.
//!
//! `bench-window [working] [backend] [drop] [history] [start] [--rounds N] [--files N] [--rows N]` prints a
//! section of Markdown for each.

#[cfg(target_os = "linux")]
mod backend;
#[cfg(target_os = "linux")]
#[path = "drop.rs"]
mod big_drop;
#[cfg(target_os = "linux")]
mod destination;
#[cfg(target_os = "linux")]
mod figures;
#[cfg(target_os = "linux")]
mod history;
#[cfg(target_os = "linux")]
mod processes;
#[cfg(target_os = "linux")]
mod start;
#[cfg(target_os = "linux")]
mod working;

#[cfg(target_os = "linux")]
/// What is measured, and how much of it.
#[derive(Debug)]
struct Request {
    /// All, without one.
    sections: Vec<String>,
    rounds: usize,
    /// Files of the large drop.
    files: usize,
    /// Rows of the long history.
    rows: usize,
}

#[cfg(target_os = "linux")]
const SECTIONS: [&str; 5] = ["working", "backend", "drop", "history", "start"];

#[cfg(target_os = "linux")]
impl Request {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut request = Self { sections: Vec::new(), rounds: 3, files: 100_000, rows: 300_000 };
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let number = arguments.next().and_then(|text| text.parse().ok());
                number.filter(|number| *number > 0).ok_or(format!("{argument} needs a number"))
            };
            match argument.as_str() {
                "--rounds" => request.rounds = number()?,
                "--files" => request.files = number()?,
                "--rows" => request.rows = number()?,
                name if SECTIONS.contains(&name) => request.sections.push(name.to_owned()),
                name => return Err(format!("`{name}` is none of {}", SECTIONS.join(", "))),
            }
        }
        Ok(request)
    }

    fn wants(&self, section: &str) -> bool {
        self.sections.is_empty() || self.sections.iter().any(|name| name == section)
    }
}

/// The threads of the store, which a person has on another computer, count as little as may be: it
/// takes no processor from the window. Programs are started by the main thread.
#[cfg(target_os = "linux")]
fn main() -> Result<(), String> {
    let request = Request::read(std::env::args().skip(1))?;
    let step_back = || {
        if let Err(error) = rustix::process::nice(19) {
            eprintln!("the store counts as much as the window: {error}");
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .on_thread_start(step_back)
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(measure(request));
    Ok(())
}

#[cfg(target_os = "linux")]
async fn measure(request: Request) {
    if request.wants("working") {
        print!("{}", working::section(request.rounds).await);
    }
    if request.wants("backend") {
        print!("{}", backend::section(request.rounds).await);
    }
    if request.wants("drop") {
        print!("{}", big_drop::section(request.files).await);
    }
    if request.wants("history") {
        print!("{}", history::section(request.rows, request.rounds).await);
    }
    if request.wants("start") {
        print!("{}", start::section(request.rounds).await);
    }
}

/// The figures come from `/proc`, the drags from X11.
#[cfg(not(target_os = "linux"))]
fn main() -> Result<(), String> {
    Err("the window is measured on Linux only".to_owned())
}
