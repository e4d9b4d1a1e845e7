//! Faults as the window shows them.

use ferry_model::{Fault, FaultKind};

use crate::messages::Problem;

impl From<&Fault> for Problem {
    fn from(fault: &Fault) -> Self {
        Self {
            kind: word(fault.kind),
            sentence: fault.sentence().into(),
            hint: fault.hint().into(),
            code: fault.code.clone(),
            ec: fault.ec.clone(),
            request_id: fault.request_id.clone(),
            report: fault.report(),
            suggested_endpoint: fault.suggested_endpoint.clone(),
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::from(&fault)
    }
}

impl From<ferry_journal::JournalError> for Problem {
    fn from(error: ferry_journal::JournalError) -> Self {
        Self::from(error.fault())
    }
}

/// A kind's camelCase word.
pub(crate) fn word(kind: FaultKind) -> String {
    match serde_json::to_value(kind) {
        Ok(serde_json::Value::String(word)) => word,
        _ => format!("{kind:?}"),
    }
}
