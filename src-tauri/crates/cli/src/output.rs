//! What is printed: sentences in the user's language, progress bars on a terminal, JSON lines for
//! scripts.

use std::io::{IsTerminal as _, Write as _};

use ferry_app::messages::{Problem, RowState};
use ferry_app::model::size::show_bytes;
use ferry_app::model::{Fault, Language, Text};
use ferry_app::{BatchReport, QueueItem};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

/// The language of the environment's locale.
pub(crate) fn language() -> Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    Language::from_tag(locale.as_deref().unwrap_or("en"))
}

pub(crate) fn say(text: &Text) -> &str {
    text.in_language(language())
}

/// A fault in a sentence with what to do, and what the store said.
pub(crate) fn complain(fault: &Fault) {
    eprintln!("ferry: {}", told(fault));
}

pub(crate) fn told(fault: &Fault) -> String {
    let mut text = visible(&format!("{} {}", say(&fault.sentence()), say(&fault.hint())));
    let facts = [
        ("", &fault.code),
        ("EC ", &fault.ec),
        ("request id ", &fault.request_id),
        ("", &fault.message),
    ];
    let facts: Vec<String> = facts
        .iter()
        .filter_map(|(name, value)| Some(format!("{name}{}", visible(value.as_deref()?))))
        .collect();
    if !facts.is_empty() {
        text.push_str(&format!(" [{}]", facts.join("; ")));
    }
    text
}

/// A problem of a use-case in a sentence with what to do, and what was said about it.
pub(crate) fn problem_line(problem: &Problem) -> String {
    let (sentence, hint) = match language() {
        Language::En => (&problem.sentence.en, &problem.hint.en),
        Language::Zh => (&problem.sentence.zh, &problem.hint.zh),
    };
    // The report begins with these two; what follows is known about this one alone.
    let facts: Vec<String> = problem.report.lines().skip(2).map(visible).collect();
    if facts.is_empty() {
        format!("{sentence} {hint}")
    } else {
        format!("{sentence} {hint} [{}]", facts.join("; "))
    }
}

/// A name with control characters made visible: it must not move the cursor or forge a line.
pub(crate) fn visible(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c.is_control() { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] })
        .collect()
}

/// One JSON object as a line. A closed pipe ends the output, not the upload.
pub(crate) fn json_line(value: &impl Serialize) {
    if let Ok(line) = serde_json::to_string(value) {
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }
}

/// One transfer as a line.
pub(crate) fn item_line(item: &QueueItem) -> String {
    let state = serde_json::to_value(item.state)
        .ok()
        .and_then(|word| word.as_str().map(str::to_owned))
        .unwrap_or_default();
    let percent = match item.state {
        RowState::Done => 100,
        _ => (item.acked * 100).checked_div(item.size).unwrap_or(0),
    };
    let mut line = format!(
        "{:>6}  {:<13} {:>10} {:>3}%  {} -> {}",
        item.id,
        state,
        show_bytes(item.size),
        percent,
        visible(&item.source),
        visible(&item.destination)
    );
    if let Some(fault) = &item.fault {
        line.push_str(&format!("\n        {}", told(fault)));
    }
    line
}

/// The bar on a terminal; silent elsewhere.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new(json: bool) -> Self {
        let target = if !json && std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style = "{bar:30} {percent:>3}%  {binary_bytes} / {binary_total_bytes}  {binary_bytes_per_sec}  {eta}  {msg}";
        bar.set_style(ProgressStyle::with_template(style).expect("the template is fixed"));
        Self(bar)
    }

    pub(crate) fn show(&self, report: &BatchReport, flying: u64) {
        // Nothing of nothing would show as all of it.
        if report.bytes == 0 {
            return;
        }
        self.0.set_length(report.bytes);
        self.0.set_position((report.acked_bytes + flying).min(report.bytes));
        self.0.set_message(format!("{} / {}", report.verified + report.skipped, report.files));
    }

    pub(crate) fn line(&self, line: &str) {
        self.0.suspend(|| eprintln!("{line}"));
    }

    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}
