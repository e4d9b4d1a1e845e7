//! The sentences and hints of faults, made of the messages of `fault_table` and of what a fault
//! knows: so that window and command line say the same.

use ferry_text::{Text, message};

use crate::fault::{Fault, FaultKind};
use crate::fault_signature::{SignatureClue, listed};
use crate::fault_table;

impl Fault {
    /// What happened, in a sentence.
    pub fn sentence(&self) -> Text {
        sentence(self)
    }

    /// What to do about it.
    pub fn hint(&self) -> Text {
        hint(self)
    }

    /// Everything that is known, line by line, for copying into a ticket.
    pub fn report(&self) -> String {
        let mut lines = vec![
            self.sentence().to_string(),
            self.hint().to_string(),
            format!("kind: {:?}", self.kind),
        ];
        let check = self.signature.as_deref();
        let facts = [
            ("operation", self.operation.clone()),
            ("subject", self.subject.clone()),
            ("time", self.time.clone()),
            ("status", self.status.map(|status| status.to_string())),
            ("code", self.code.clone()),
            ("EC", self.ec.clone()),
            ("request id", self.request_id.clone()),
            ("host id", self.host_id.clone()),
            ("message", self.message.clone()),
            ("recommended page", self.recommended_page.clone()),
            ("permission", self.permission.clone()),
            ("retry after", self.retry_after_seconds.map(|seconds| format!("{seconds} s"))),
            ("clock offset", self.clock_offset_seconds.map(|seconds| format!("{seconds} s"))),
            ("suggested endpoint", self.suggested_endpoint.clone()),
            ("suggested region", self.suggested_region.clone()),
            ("signature", check.map(|check| check.clue.note().to_string())),
            ("StringToSign of the store", check.and_then(|check| check.theirs.clone())),
            ("StringToSign of Ferry", check.and_then(|check| check.ours.clone())),
            (
                "CanonicalRequest of the store",
                check.and_then(|check| check.canonical_theirs.clone()),
            ),
            ("CanonicalRequest of Ferry", check.and_then(|check| check.canonical_ours.clone())),
        ];
        lines.extend(
            facts.into_iter().filter_map(|(name, value)| Some(format!("{name}: {}", value?))),
        );
        lines.join("\n")
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.sentence())?;
        if let Some(code) = &self.code {
            write!(f, " [{code}]")?;
        }
        if let Some(message) = &self.message {
            write!(f, " ({message})")?;
        }
        Ok(())
    }
}

/// The sentence of `fault`.
fn sentence(fault: &Fault) -> Text {
    let known = match fault.kind {
        FaultKind::ClockSkew => fault.clock_offset_seconds.and_then(clock_sentence),
        FaultKind::BadSignature => {
            fault.signature.as_deref().and_then(|check| signature_sentence(&check.clue))
        }
        _ => None,
    };
    let subject = fault.subject.as_deref().filter(|name| !name.is_empty());
    known.unwrap_or_else(|| fault_table::sentence(fault.kind, subject))
}

/// The hint of `fault`. Where the store named the right endpoint, region or permission, the hint
/// does too.
fn hint(fault: &Fault) -> Text {
    if let Some(endpoint) = &fault.suggested_endpoint {
        return message::fault_hint_endpoint(endpoint);
    }
    if let Some(region) = &fault.suggested_region {
        return message::fault_hint_region(region);
    }
    match (fault.kind, &fault.permission, fault.signature.as_deref()) {
        (FaultKind::AccessDenied, Some(permission), _) => {
            message::fault_hint_permission(permission)
        }
        (FaultKind::BadSignature, _, Some(check))
            if matches!(check.clue, SignatureClue::Changed { .. }) =>
        {
            message::fault_hint_changed_request()
        }
        _ => fault_table::hint(fault.kind),
    }
}

/// How far the clock is off, and to which side.
fn clock_sentence(offset: i64) -> Option<Text> {
    let span = span(offset.unsigned_abs())?;
    Some(if offset > 0 { message::fault_clock_slow(span) } else { message::fault_clock_fast(span) })
}

/// A span of time in its two largest units; none where it is less than a minute.
fn span(seconds: u64) -> Option<Text> {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let counts = [
        (days, message::span_days(days)),
        (hours, message::span_hours(hours)),
        (minutes, message::span_minutes(minutes)),
    ];
    let mut units = counts.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text);
    let large = units.next()?;
    Some(match units.next() {
        Some(small) => message::span_two(large, small),
        None => large,
    })
}

fn signature_sentence(clue: &SignatureClue) -> Option<Text> {
    match clue {
        SignatureClue::SameText => Some(message::fault_secret_wrong()),
        SignatureClue::Changed { what } => Some(message::fault_request_changed(listed(what))),
        SignatureClue::Unknown => None,
    }
}

#[cfg(test)]
#[path = "fault_text_tests.rs"]
mod tests;
