//! Lines of a section.

use std::fmt::Display;

/// The middle one; of an even number, the upper of both.
pub(crate) fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A line of a section: what was seen, in every round, and the goal, if there is one.
pub(crate) fn line(what: &str, seen: &[f64], unit: &str, goal: Goal) -> String {
    let all: Vec<String> = seen.iter().map(|value| format!("{value:.1}")).collect();
    let seen = middle(seen.to_vec());
    let told = match goal.0 {
        goal if goal.is_infinite() => String::new(),
        _ if seen <= goal.0 => format!("; goal {goal}, reached"),
        _ => format!("; goal {goal}, missed"),
    };
    format!("- {what}: {seen:.1} {unit} ({}){told}\n", all.join(", "))
}

/// The most that a figure may be; infinite where it has no goal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goal(pub(crate) f64);

impl Display for Goal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "at most {}", self.0)
    }
}
