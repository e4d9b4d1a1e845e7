//! The parsers over files as their tools write them, and over anything at all; the places over
//! folders made for it.

mod files;
mod places;
mod properties;

use std::path::Path;

use ferry_model::{Language, Secret};

use super::*;

/// A candidate in one line: `name provider endpoint region bucket addressing: key`, `-` for what is
/// not known.
fn line(candidate: &Candidate) -> String {
    let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
    let keys = match &candidate.credentials {
        CandidateKeys::Static(key) => {
            let token = key.security_token.as_ref().map_or("-", Secret::expose);
            let end = key.expires_ms.map_or("-".to_owned(), |end| end.to_string());
            format!("{} {} {token} {end}", key.access_key_id, key.access_key_secret.expose())
        }
        CandidateKeys::Process(command) => format!("${command}"),
        CandidateKeys::Unsupported { reason, instead } => format!("{reason:?} {}", or(instead)),
    };
    let Candidate { name, provider, addressing, .. } = candidate;
    let (provider, addressing) = (provider.word(), addressing.word());
    let extra: Vec<&str> = [&candidate.acl, &candidate.storage_class]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let extra = if extra.is_empty() { String::new() } else { format!(" +{}", extra.join("+")) };
    format!(
        "{name} {provider} {} {} {} {addressing}: {}{extra}",
        or(&candidate.endpoint),
        or(&candidate.region),
        or(&candidate.bucket),
        keys.trim_end_matches(" -")
    )
}

fn check(found: &[Candidate], expected: &[&str]) {
    assert_eq!(found.iter().map(line).collect::<Vec<_>>(), expected);
}

fn file() -> &'static Path {
    Path::new("/home/someone/file")
}
