//! Prometheus's text format, version 0.0.4.

use std::fmt::{Display, Write as _};

use ferry_model::times::Buckets;

/// What kind of numbers a family has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It only grows, in one run.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Counts by upper bounds.
    Histogram,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A label and its value.
pub(super) type Label<'a> = (&'a str, &'a str);

/// A text that grows, family by family.
#[derive(Debug, Default)]
pub(super) struct Exposition(String);

/// One family, to which samples are added.
#[derive(Debug)]
pub(super) struct Family<'a> {
    text: &'a mut String,
    name: &'static str,
}

impl Exposition {
    /// Begins a family. `help` is one line.
    pub(super) fn family(&mut self, name: &'static str, kind: Kind, help: &str) -> Family<'_> {
        // Writing to a text cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {}", kind.word());
        Family { text: &mut self.0, name }
    }

    /// A family of one number without labels.
    pub(super) fn number(
        &mut self,
        name: &'static str,
        kind: Kind,
        help: &str,
        value: impl Display,
    ) {
        self.family(name, kind, help).sample(&[], value);
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

impl Family<'_> {
    pub(super) fn sample(&mut self, labels: &[Label<'_>], value: impl Display) {
        self.line("", labels, value);
    }

    /// The buckets of a histogram, its sum and its count.
    pub(super) fn histogram(&mut self, labels: &[Label<'_>], buckets: &Buckets) {
        for (bound, count) in &buckets.up_to {
            let bound = bound.to_string();
            self.line("_bucket", &[labels, &[("le", bound.as_str())]].concat(), count);
        }
        self.line("_bucket", &[labels, &[("le", "+Inf")]].concat(), buckets.count);
        self.line("_sum", labels, buckets.sum_seconds);
        self.line("_count", labels, buckets.count);
    }

    fn line(&mut self, suffix: &str, labels: &[Label<'_>], value: impl Display) {
        let text = &mut *self.text;
        text.push_str(self.name);
        text.push_str(suffix);
        for (at, (name, value)) in labels.iter().enumerate() {
            text.push(if at == 0 { '{' } else { ',' });
            text.push_str(name);
            text.push_str("=\"");
            for c in value.chars() {
                match c {
                    '\\' => text.push_str("\\\\"),
                    '"' => text.push_str("\\\""),
                    '\n' => text.push_str("\\n"),
                    // No collector's terminal has any use for them.
                    c if c.is_control() => text.push('\u{fffd}'),
                    c => text.push(c),
                }
            }
            text.push('"');
        }
        if !labels.is_empty() {
            text.push('}');
        }
        // Writing to a text cannot fail.
        let _ = writeln!(text, " {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_have_their_type_and_labels_are_quoted() {
        let mut text = Exposition::default();
        text.number("ferry_a_total", Kind::Counter, "Some.", 3);
        let mut family = text.family("ferry_b", Kind::Gauge, "Others.");
        family.sample(&[("profile", "a\"b\\c\nd\u{1b}"), ("state", "open")], 0.5);
        let buckets = Buckets { up_to: vec![(0.005, 1), (10.0, 2)], count: 3, sum_seconds: 31.5 };
        text.family("ferry_c_seconds", Kind::Histogram, "Times.")
            .histogram(&[("operation", "UploadPart")], &buckets);
        let wanted = concat!(
            "# HELP ferry_a_total Some.\n# TYPE ferry_a_total counter\nferry_a_total 3\n",
            "# HELP ferry_b Others.\n# TYPE ferry_b gauge\n",
            "ferry_b{profile=\"a\\\"b\\\\c\\nd\u{fffd}\",state=\"open\"} 0.5\n",
            "# HELP ferry_c_seconds Times.\n# TYPE ferry_c_seconds histogram\n",
            "ferry_c_seconds_bucket{operation=\"UploadPart\",le=\"0.005\"} 1\n",
            "ferry_c_seconds_bucket{operation=\"UploadPart\",le=\"10\"} 2\n",
            "ferry_c_seconds_bucket{operation=\"UploadPart\",le=\"+Inf\"} 3\n",
            "ferry_c_seconds_sum{operation=\"UploadPart\"} 31.5\n",
            "ferry_c_seconds_count{operation=\"UploadPart\"} 3\n",
        );
        assert_eq!(text.into_text(), wanted);
    }
}
