//! The script of faults as a file.
//!
//! ```toml
//! # The server's clock against the computer's; negative is behind.
//! clock-offset-seconds = 0
//!
//! # Rules are tried in their order; the first that picks a request decides.
//! [[fault]]
//! # Which requests; all that is named must hold, and every name may be left out.
//! on = { operation = "UploadPart", bucket = "b", key = "photos/*", part = 3 }
//! # How often: `nth` is the nth such request alone; `after` skips the first ones, `times` is at
//! # most so often; `chance` is a probability with a `seed`.
//! nth = 2
//! # Only so long after the start, in seconds: an outage.
//! window = { from = 10, until = 100 }
//! # What happens to them.
//! then = { status = { status = 503, code = "SlowDown", retry-after = 5 } }
//! ```
//!
//! The names of `operation` are those of [`Operation`], as `PutObject`, `Initiate`, `Complete`.
//! Those of `then` are `status`, `early-status`, `effect-then-status` (each with `status` and
//! `code`; `status` also with `retry-after` in seconds), `refuse` (also with `message`, `ec`, and
//! the tables `elements` and `headers`), `ok-with-error` (`code`), `redirect` (`location`),
//! `reset`, `reset-after-body` (`bytes`), `stall`, `stop-reading`, `effect-then-reset`,
//! `effect-then-stall`, `delay`, `delay-answer` and `throttle` (`milliseconds`), `slow` (`bytes-per-second`),
//! `html`, `empty`, `corrupt-crc`, `corrupt-etag`, `truncate-answer` and `oversize-answer`
//! (`bytes`), `wrong-body` (`text`), `drop-part`. Those without fields are written
//! `then = "reset"`. [`Action`] says what each does.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::faults::{Action, Rule};
use crate::operation::Operation;
use crate::refusal::Refusal;

/// Why a script cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// It is no TOML, or has a field that means nothing here.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// A value is out of its range.
    #[error("fault {number}: {reason}")]
    Value {
        /// Which fault of the file, from 1.
        number: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// A script that was read.
#[derive(Debug, Clone)]
pub struct Script {
    pub(crate) clock_offset_seconds: Option<i64>,
    pub(crate) faults: Vec<(Rule, Action)>,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    ///
    /// When it is no TOML, names a field that is not known, or has a value out of range.
    pub fn read(text: &str) -> Result<Self, ScriptError> {
        let file: File = toml::from_str(text)?;
        let faults = file.fault.into_iter().enumerate().map(|(index, row)| {
            let value = |reason| ScriptError::Value { number: index + 1, reason };
            Ok((row.rule().map_err(value)?, row.then.action().map_err(value)?))
        });
        Ok(Self {
            clock_offset_seconds: file.clock_offset_seconds,
            faults: faults.collect::<Result<_, ScriptError>>()?,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    clock_offset_seconds: Option<i64>,
    #[serde(default)]
    fault: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Row {
    #[serde(default)]
    on: On,
    nth: Option<u64>,
    after: Option<u64>,
    times: Option<u64>,
    chance: Option<f64>,
    seed: Option<u64>,
    window: Option<Window>,
    then: Then,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct On {
    operation: Option<Operation>,
    bucket: Option<String>,
    key: Option<String>,
    part: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Window {
    from: f64,
    until: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
enum Then {
    Status {
        status: u16,
        code: String,
        retry_after: Option<u64>,
    },
    EarlyStatus {
        status: u16,
        code: String,
    },
    EffectThenStatus {
        status: u16,
        code: String,
    },
    Refuse {
        status: u16,
        code: String,
        message: Option<String>,
        ec: Option<String>,
        #[serde(default)]
        elements: BTreeMap<String, String>,
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    OkWithError {
        code: String,
    },
    Redirect {
        location: String,
    },
    Reset,
    ResetAfterBody {
        bytes: u64,
    },
    Stall,
    StopReading,
    EffectThenReset,
    EffectThenStall,
    Delay {
        milliseconds: u64,
    },
    DelayAnswer {
        milliseconds: u64,
    },
    Throttle {
        milliseconds: u64,
    },
    Slow {
        bytes_per_second: u64,
    },
    DamageBody,
    Html,
    Empty,
    CorruptCrc,
    CorruptEtag,
    TruncateAnswer {
        bytes: u64,
    },
    OversizeAnswer {
        bytes: usize,
    },
    WrongBody {
        text: String,
    },
    DropPart,
}

impl Row {
    fn rule(&self) -> Result<Rule, &'static str> {
        let mut rule = match self.on.operation {
            Some(operation) => Rule::on(operation),
            None => Rule::any(),
        };
        if let Some(bucket) = &self.on.bucket {
            rule = rule.bucket(bucket);
        }
        if let Some(key) = &self.on.key {
            rule = rule.key(key);
        }
        if let Some(part) = self.on.part {
            rule = rule.part(part);
        }
        rule = match (self.nth, self.after, self.times) {
            (Some(0), ..) => return Err("nth counts from 1"),
            (Some(nth), None, None) => rule.nth(nth),
            (Some(_), ..) => return Err("nth stands alone, without after and times"),
            (None, after, times) => {
                let rule = rule.after(after.unwrap_or(0));
                times.map_or(rule.clone(), |times| rule.times(times))
            }
        };
        rule = match (self.chance, self.seed) {
            (Some(chance), seed) if (0.0..=1.0).contains(&chance) => {
                rule.chance(chance, seed.unwrap_or(0))
            }
            (Some(_), _) => return Err("chance is from 0 to 1"),
            (None, Some(_)) => return Err("seed needs chance"),
            (None, None) => rule,
        };
        let Some(window) = &self.window else { return Ok(rule) };
        let seconds = |seconds| {
            Duration::try_from_secs_f64(seconds).map_err(|_| "a window has seconds from 0 on")
        };
        let (from, until) = (seconds(window.from)?, seconds(window.until)?);
        if from < until { Ok(rule.between(from, until)) } else { Err("the window is empty") }
    }
}

impl Then {
    fn action(self) -> Result<Action, &'static str> {
        let checked = |status: u16| match status {
            100..=999 => Ok(status),
            _ => Err("a status is from 100 to 999"),
        };
        Ok(match self {
            Self::Status { status, code, retry_after: None } => {
                Action::Status { status: checked(status)?, code }
            }
            Self::Status { status, code, retry_after: Some(seconds) } => {
                Action::RetryAfter { status: checked(status)?, code, seconds }
            }
            Self::EarlyStatus { status, code } => {
                Action::EarlyStatus { status: checked(status)?, code }
            }
            Self::EffectThenStatus { status, code } => {
                Action::EffectThenStatus { status: checked(status)?, code }
            }
            Self::Refuse { status, code, message, ec, elements, headers } => {
                let mut refusal = Refusal::new(checked(status)?, code);
                if let Some(message) = message {
                    refusal = refusal.message(message);
                }
                if let Some(ec) = ec {
                    refusal = refusal.ec(ec);
                }
                refusal = elements
                    .into_iter()
                    .fold(refusal, |refusal, (name, value)| refusal.element(name, value));
                refusal = headers
                    .into_iter()
                    .fold(refusal, |refusal, (name, value)| refusal.header(name, value));
                Action::Refuse(refusal)
            }
            Self::OkWithError { code } => Action::OkWithError { code },
            Self::Redirect { location } => Action::Redirect(location),
            Self::Reset => Action::Reset,
            Self::ResetAfterBody { bytes } => Action::ResetAfterBody(bytes),
            Self::Stall => Action::Stall,
            Self::StopReading => Action::StopReading,
            Self::EffectThenReset => Action::EffectThenReset,
            Self::EffectThenStall => Action::EffectThenStall,
            Self::Delay { milliseconds } => Action::Delay(Duration::from_millis(milliseconds)),
            Self::DelayAnswer { milliseconds } => {
                Action::DelayAnswer(Duration::from_millis(milliseconds))
            }
            Self::Throttle { milliseconds } => {
                Action::Throttle(Duration::from_millis(milliseconds))
            }
            Self::Slow { bytes_per_second } => Action::Slow(bytes_per_second),
            Self::DamageBody => Action::DamageBody,
            Self::Html => Action::Html200,
            Self::Empty => Action::Empty200,
            Self::CorruptCrc => Action::CorruptCrc,
            Self::CorruptEtag => Action::CorruptEtag,
            Self::TruncateAnswer { bytes } => Action::TruncateAnswer(bytes),
            Self::OversizeAnswer { bytes } => Action::OversizeAnswer(bytes),
            Self::WrongBody { text } => Action::WrongBody(text),
            Self::DropPart => Action::DropPart,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_becomes_rules_and_actions() {
        let script = Script::read(
            r#"
            clock-offset-seconds = -7200

            [[fault]]
            on = { operation = "UploadPart", key = "a/*", part = 3 }
            nth = 2
            then = "reset"

            [[fault]]
            then = { throttle = { milliseconds = 300 } }

            [[fault]]
            after = 1
            times = 4
            chance = 0.5
            seed = 9
            window = { from = 10, until = 100.5 }
            then = { status = { status = 503, code = "SlowDown", retry-after = 5 } }
            "#,
        )
        .unwrap();
        assert_eq!(script.clock_offset_seconds, Some(-7200));
        let window = (Duration::from_secs(10), Duration::from_millis(100_500));
        let expected = [
            (Rule::on(Operation::UploadPart).key("a/*").part(3).nth(2), Action::Reset),
            (Rule::any(), Action::Throttle(Duration::from_millis(300))),
            (
                Rule::any().after(1).times(4).chance(0.5, 9).between(window.0, window.1),
                Action::RetryAfter { status: 503, code: "SlowDown".to_owned(), seconds: 5 },
            ),
        ];
        assert_eq!(script.faults, expected);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (text, reason) in [
            ("clock-ofset-seconds = 1", "unknown field `clock-ofset-seconds`"),
            ("[[fault]]\nthen = \"reset\"\nnht = 1", "unknown field `nht`"),
            (
                "[[fault]]\nthen = { reset-after-body = { byte = 1 } }",
                "unexpected keys in table: byte",
            ),
            ("[[fault]]\nthen = \"explode\"", "unknown variant `explode`"),
            ("[[fault]]\non = { operation = \"Put\" }\nthen = \"reset\"", "unknown variant `Put`"),
            ("[[fault]]\nnth = 1", "missing field `then`"),
            ("[[fault]]\nthen = \"reset\"\nnth = 0", "fault 1: nth counts from 1"),
            ("[[fault]]\nthen = \"reset\"\nnth = 1\ntimes = 2", "nth stands alone"),
            ("[[fault]]\nthen = \"reset\"\nchance = 2.0", "chance is from 0 to 1"),
            ("[[fault]]\nthen = \"reset\"\nseed = 2", "seed needs chance"),
            (
                "[[fault]]\nthen = \"reset\"\nwindow = { from = 2, until = 1 }",
                "the window is empty",
            ),
            ("[[fault]]\nthen = { status = { status = 99, code = \"X\" } }", "from 100 to 999"),
        ] {
            let error = Script::read(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
