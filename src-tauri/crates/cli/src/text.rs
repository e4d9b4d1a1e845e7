//! Sentences in the user's language, made of what the use-cases return.

use ferry_app::QueueItem;
use ferry_app::environment::language;
use ferry_app::messages::Problem;
use ferry_app::model::size::show_bytes;
use ferry_app::model::{Fault, Text};

pub(crate) fn say(text: &Text) -> String {
    text.in_language(language())
}

/// A fault in a sentence with what to do, and what the store said.
pub(crate) fn told(fault: &Fault) -> String {
    let mut text = format!("{} {}", say(&fault.sentence()), say(&fault.hint()));
    let facts = [
        ("", &fault.code),
        ("EC ", &fault.ec),
        ("request id ", &fault.request_id),
        ("", &fault.message),
    ];
    let facts: Vec<String> = facts
        .iter()
        .filter_map(|(name, value)| Some(format!("{name}{}", value.as_deref()?)))
        .collect();
    if !facts.is_empty() {
        text.push_str(&format!(" [{}]", facts.join("; ")));
    }
    text
}

/// A problem of a use-case in a sentence with what to do, and what was said about it.
pub(crate) fn problem_line(problem: &Problem) -> String {
    let [sentence, hint] =
        [&problem.sentence, &problem.hint].map(|words| words.in_language(language()));
    // The report begins with these two; what follows is known about this one alone.
    let facts: Vec<&str> = problem.report.lines().skip(2).collect();
    if facts.is_empty() {
        format!("{sentence} {hint}")
    } else {
        format!("{sentence} {hint} [{}]", facts.join("; "))
    }
}

/// Bytes a second, as `18.4 MiB/s`.
pub(crate) fn show_speed(bytes: u64) -> String {
    format!("{}/s", show_bytes(bytes))
}

/// One transfer as a line, with a second one for the reason why it rests or waits.
pub(crate) fn item_lines(item: &QueueItem) -> Vec<String> {
    let state = serde_json::to_value(item.state)
        .ok()
        .and_then(|word| word.as_str().map(str::to_owned))
        .unwrap_or_default();
    let mut lines = vec![format!(
        "{:>6}  {:<13} {:>10} {:>3}%  {} -> {}",
        item.id,
        state,
        show_bytes(item.size),
        item.percent,
        item.source,
        item.destination
    )];
    lines.extend(item.fault.as_ref().map(|fault| format!("        {}", told(fault))));
    lines
}
