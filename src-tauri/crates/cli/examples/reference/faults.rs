//! What can go wrong, in a language: a section for each kind of fault.

use ferry_app::model::{Affects, Fault, FaultKind, Language, Retry};
use serde_json::Value;

use crate::commands::escaped;

/// All kinds, in the order of their declaration.
pub(crate) fn page(language: Language) -> String {
    FaultKind::ALL.iter().map(|kind| section(*kind, language)).collect()
}

fn section(kind: FaultKind, language: Language) -> String {
    let fault = Fault::new(kind);
    let (sentence, hint) =
        (fault.sentence().in_language(language), fault.hint().in_language(language));
    format!(
        "### `{}`\n\n**{}** {}\n\n`retry: {}` · `affects: {}`\n\n",
        word(kind),
        escaped(&sentence),
        escaped(&hint),
        again(kind.retry()),
        whom(kind.affects()),
    )
}

/// The kind as JSON has it.
fn word(kind: FaultKind) -> String {
    match serde_json::to_value(kind) {
        Ok(Value::String(word)) => word,
        other => format!("{other:?}"),
    }
}

fn again(retry: Retry) -> &'static str {
    match retry {
        Retry::No => "no",
        Retry::Backoff => "backoff",
        Retry::Once => "once",
        Retry::SlowDown => "slow-down",
    }
}

fn whom(affects: Affects) -> &'static str {
    match affects {
        Affects::Item => "file",
        Affects::Profile => "profile",
        Affects::Endpoint => "endpoint",
        Affects::Computer => "computer",
        Affects::Volume => "volume",
    }
}
