//! Faults that tests script: which requests they touch, and what happens to those.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::operation::Operation;
use crate::refusal::Refusal;

/// What happens to a request that a rule picks.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The body is read, nothing is done, and this error is the answer.
    Status {
        /// HTTP status, 100 to 999.
        status: u16,
        /// Code of the `<Error>`.
        code: String,
    },
    /// As `Status`, but answered before the body is read, and the connection is closed.
    EarlyStatus {
        /// HTTP status, 100 to 999.
        status: u16,
        /// Code of the `<Error>`.
        code: String,
    },
    /// As `Status`, with a `Retry-After` header.
    RetryAfter {
        /// HTTP status, 100 to 999.
        status: u16,
        /// Code of the `<Error>`.
        code: String,
        /// The header's value in seconds.
        seconds: u64,
    },
    /// The connection is reset (RST) at once; nothing is read or done.
    Reset,
    /// The connection is reset after this many bytes of the body; nothing is done. A shorter body
    /// is read whole, then reset.
    ResetAfterBody(u64),
    /// The body is read whole, nothing is done and nothing is ever answered.
    Stall,
    /// Nothing of the body is read, nothing is ever answered: the client's window fills.
    StopReading,
    /// The operation is done in full, then the connection is reset in place of an answer.
    EffectThenReset,
    /// The operation is done in full, then this error is the answer.
    EffectThenStatus {
        /// HTTP status, 100 to 999.
        status: u16,
        /// Code of the `<Error>`.
        code: String,
    },
    /// The operation is done in full, and nothing is ever answered.
    EffectThenStall,
    /// All goes well, but begins only after this time.
    Delay(Duration),
    /// All goes well, but the answer comes only after this time.
    DelayAnswer(Duration),
    /// All goes well, but the answer comes only after this time, and says so as OSS does where an
    /// account's bandwidth is used up: by `x-oss-qos-delay-time`, in milliseconds.
    Throttle(Duration),
    /// The operation is done in full; the answer ends after so many bytes of its body, though it
    /// announced all of them.
    TruncateAnswer(u64),
    /// The operation is done in full; so many spaces follow the answer's text.
    OversizeAnswer(usize),
    /// The operation is done in full; this text is the answer's body.
    WrongBody(String),
    /// A part is taken and acknowledged, and then it is lost. Other operations go well.
    DropPart,
    /// All goes well, but the body is read no faster than this many bytes a second.
    Slow(u64),
    /// The body is read, nothing is done; a proxy's HTML page with status 200 is the answer.
    Html200,
    /// The body is read, nothing is done; a 200 without body or headers of the store is the answer.
    Empty200,
    /// All goes well, but the answer's `x-oss-hash-crc64ecma` and `x-amz-checksum-*` are wrong, in
    /// header and body; of a list, the first part's.
    CorruptCrc,
    /// All goes well, but the answer's ETag is wrong, in header and body.
    CorruptEtag,
    /// All goes well, but the body's first byte is another when it arrives: what is stored, and
    /// what is answered about it, is of the damaged bytes. For bodies without `aws-chunked`
    /// framing.
    DamageBody,
    /// The body is read, nothing is done; the answer is 200 with some space and then an `<Error>`,
    /// as S3 does at Complete.
    OkWithError {
        /// Code of the `<Error>`.
        code: String,
    },
    /// The body is read, nothing is done, and this error is the answer, with all that it carries.
    Refuse(Refusal),
    /// The body is read, nothing is done; the answer is a 307 to this location.
    Redirect(String),
}

/// Which requests a fault touches. All conditions must hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    operation: Option<Operation>,
    bucket: Option<String>,
    key: Option<String>,
    part: Option<u32>,
    skip: u64,
    limit: Option<u64>,
    chance: Option<(f64, u64)>,
    window: Option<Range<Duration>>,
}

impl Rule {
    /// Every request that asks for `operation`.
    pub fn on(operation: Operation) -> Self {
        Self { operation: Some(operation), ..Self::any() }
    }

    /// Every request.
    pub fn any() -> Self {
        Self {
            operation: None,
            bucket: None,
            key: None,
            part: None,
            skip: 0,
            limit: None,
            chance: None,
            window: None,
        }
    }

    /// Only in this bucket.
    #[must_use]
    pub fn bucket(mut self, name: impl Into<String>) -> Self {
        self.bucket = Some(name.into());
        self
    }

    /// Only for keys of this pattern, in which `*` stands for any text.
    #[must_use]
    pub fn key(mut self, pattern: impl Into<String>) -> Self {
        self.key = Some(pattern.into());
        self
    }

    /// Only for this part number.
    #[must_use]
    pub fn part(mut self, number: u32) -> Self {
        self.part = Some(number);
        self
    }

    /// Only the nth matching request, from 1.
    #[must_use]
    pub fn nth(self, n: u64) -> Self {
        self.after(n.saturating_sub(1)).times(1)
    }

    /// Not the first `n` matching requests.
    #[must_use]
    pub fn after(mut self, n: u64) -> Self {
        self.skip = n;
        self
    }

    /// At most `n` times.
    #[must_use]
    pub fn times(mut self, n: u64) -> Self {
        self.limit = Some(n);
        self
    }

    /// Once.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// With this probability (0 to 1), drawn from a generator with this seed.
    #[must_use]
    pub fn chance(mut self, probability: f64, seed: u64) -> Self {
        self.chance = Some((probability, seed));
        self
    }

    /// Only from `start` to before `end`, counted from when the rule was added.
    #[must_use]
    pub fn between(mut self, start: Duration, end: Duration) -> Self {
        self.window = Some(start..end);
        self
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        fn holds<T: PartialEq>(wanted: Option<&T>, found: Option<&T>) -> bool {
            wanted.is_none() || wanted == found
        }
        holds(self.operation.as_ref(), Some(&probe.operation))
            && holds(self.part.as_ref(), probe.part.as_ref())
            && holds(self.bucket.as_deref().as_ref(), probe.bucket.as_ref())
            && self
                .key
                .as_ref()
                .is_none_or(|pattern| probe.key.is_some_and(|key| glob(pattern, key)))
    }
}

/// What a rule looks at.
pub(crate) struct Probe<'a> {
    pub(crate) operation: Operation,
    pub(crate) bucket: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    pub(crate) part: Option<u32>,
}

/// Names a rule that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RuleId(u64);

#[derive(Debug)]
struct Armed {
    id: RuleId,
    rule: Rule,
    action: Action,
    random: fastrand::Rng,
    added: Instant,
    seen: u64,
    fired: u64,
}

impl Armed {
    /// Whether the rule picks this request, which it matches.
    fn fires(&mut self) -> bool {
        let age = self.added.elapsed();
        if self.rule.window.as_ref().is_some_and(|window| !window.contains(&age)) {
            return false;
        }
        self.seen += 1;
        if self.seen <= self.rule.skip || self.rule.limit.is_some_and(|limit| self.fired >= limit) {
            return false;
        }
        let drawn = self.rule.chance.is_none_or(|(probability, _)| self.random.f64() < probability);
        self.fired += u64::from(drawn);
        drawn
    }
}

/// The script of faults of one sandbox. Cheap to clone.
///
/// Rules are tried in the order in which they were added; the first that picks a request decides,
/// and those behind it do not see the request.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    armed: Arc<Mutex<Vec<Armed>>>,
    next: Arc<AtomicU64>,
}

impl Faults {
    /// Adds a rule behind those that are there.
    pub fn add(&self, rule: Rule, action: Action) -> RuleId {
        let id = RuleId(self.next.fetch_add(1, Ordering::Relaxed));
        let seed = rule.chance.map_or(0, |(_, seed)| seed);
        self.armed().push(Armed {
            id,
            rule,
            action,
            random: fastrand::Rng::with_seed(seed),
            added: Instant::now(),
            seen: 0,
            fired: 0,
        });
        id
    }

    /// How often the rule picked a request; 0 when it is gone.
    pub fn fired(&self, id: RuleId) -> u64 {
        self.armed().iter().find(|armed| armed.id == id).map_or(0, |armed| armed.fired)
    }

    /// Takes one rule away. Requests it already holds stay as they are.
    pub fn remove(&self, id: RuleId) {
        self.armed().retain(|armed| armed.id != id);
    }

    /// Takes all rules away.
    pub fn clear(&self) {
        self.armed().clear();
    }

    pub(crate) fn pick(&self, probe: &Probe<'_>) -> Option<Action> {
        self.armed().iter_mut().find_map(|armed| {
            (armed.rule.matches(probe) && armed.fires()).then(|| armed.action.clone())
        })
    }

    fn armed(&self) -> MutexGuard<'_, Vec<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether `text` is of the pattern, in which `*` stands for any text.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            rest.char_indices()
                .map(|(index, _)| index)
                .chain([rest.len()])
                .any(|index| glob(tail, &rest[index..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(operation: Operation, key: &str, part: Option<u32>) -> Probe<'_> {
        Probe { operation, bucket: Some("b"), key: Some(key), part }
    }

    #[test]
    fn globs() {
        for (pattern, text, expected) in [
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c*e", "abcde", true),
            ("a*d", "abc", false),
            ("照*", "照片", true),
            ("abc", "abcd", false),
            ("*", "", true),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn the_nth_of_its_kind_is_picked_once() {
        let faults = Faults::default();
        let id =
            faults.add(Rule::on(Operation::UploadPart).key("a*").part(2).nth(2), Action::Reset);
        let mut picked = Vec::new();
        for _ in 0..4 {
            assert!(faults.pick(&probe(Operation::UploadPart, "abc", Some(1))).is_none());
            assert!(faults.pick(&probe(Operation::UploadPart, "xbc", Some(2))).is_none());
            assert!(faults.pick(&probe(Operation::PutObject, "abc", None)).is_none());
            picked.push(faults.pick(&probe(Operation::UploadPart, "abc", Some(2))).is_some());
        }
        assert_eq!(picked, [false, true, false, false]);
        assert_eq!(faults.fired(id), 1);
    }

    #[test]
    fn chance_is_the_same_for_the_same_seed() {
        let run = || -> Vec<bool> {
            let faults = Faults::default();
            faults.add(Rule::any().chance(0.5, 7), Action::Reset);
            (0..64)
                .map(|_| faults.pick(&probe(Operation::PutObject, "k", None)).is_some())
                .collect()
        };
        let picked = run();
        assert_eq!(picked, run());
        let count = picked.iter().filter(|picked| **picked).count();
        assert!((16..48).contains(&count), "{count} of 64");
    }
}
