//! Two signed requests, held against each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::case::{Answer, Case, Form, MadeBy, Scheme};
use crate::{Party, Spelling};

/// What differs, with the request and both sides' texts; `None` if nothing does.
pub(crate) fn difference(
    party: &Party,
    case: &Case,
    ours: &Answer,
    theirs: &Answer,
) -> Option<String> {
    let authorization = |answer: &Answer| match party.spelling {
        Spelling::Same => answer.authorization.clone(),
        Spelling::SameFields => answer.authorization.as_deref().map(fields),
    };
    let headers = theirs_on_the_wire(case, &ours.headers, &theirs.headers);
    let checks = [
        ("canonical request", ours.canonical_request == theirs.canonical_request),
        ("string to sign", ours.string_to_sign == theirs.string_to_sign),
        ("signature", ours.signature == theirs.signature),
        ("authorization", authorization(ours) == authorization(theirs)),
        ("address", address(&ours.url) == address(&theirs.url)),
        ("headers", ours.headers == headers),
    ];
    let different: Vec<&str> =
        checks.iter().filter(|(_, same)| !same).map(|(what, _)| *what).collect();
    if different.is_empty() {
        return None;
    }
    let mut text = format!(
        "request {}: another {}\n{:#}\n",
        case.number,
        different.join(", "),
        case.to_json()
    );
    for (who, answer) in [("Ferry", ours), ("the other side", theirs)] {
        let _ = writeln!(text, "--- {who}: string to sign\n{}", answer.string_to_sign);
        if let Some(canonical) = &answer.canonical_request {
            let _ = writeln!(text, "--- {who}: canonical request\n{canonical}");
        }
        let _ = writeln!(
            text,
            "--- {who}: {}\n{}\n{:?}\n{:?}",
            answer.signature, answer.url, answer.authorization, answer.headers
        );
    }
    Some(text)
}

/// `Authorization`'s fields in order, without the blanks between them.
fn fields(text: &str) -> String {
    let (algorithm, rest) = text.split_once(' ').unwrap_or((text, ""));
    let mut fields: Vec<String> = rest
        .split(',')
        .map(|field| match field.trim().split_once("AdditionalHeaders=") {
            // oss2 signs them in order, but lists them in the order of their first letters.
            Some((_, names)) => format!("AdditionalHeaders={}", sorted(names, ';')),
            None => field.trim().to_owned(),
        })
        .collect();
    fields.sort();
    format!("{algorithm} {}", fields.join(","))
}

fn sorted(list: &str, separator: char) -> String {
    let mut items: Vec<&str> = list.split(separator).collect();
    items.sort_unstable();
    items.join(&separator.to_string())
}

/// Scheme, host and path, and the query's pairs in order: as they are on the wire, still encoded.
fn address(url: &str) -> (String, String, Vec<&str>) {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let (scheme, rest) = place.split_once("://").unwrap_or(("", place));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    // A flag may be sent with or without `=`.
    let mut pairs: Vec<&str> =
        query.split('&').map(|pair| pair.strip_suffix('=').unwrap_or(pair)).collect();
    pairs.sort_unstable();
    let default_port = if scheme == "http" { ":80" } else { ":443" };
    let host = host.to_ascii_lowercase();
    (
        format!("{scheme}://{}", host.strip_suffix(default_port).unwrap_or(&host)),
        path.to_owned(),
        pairs,
    )
}

/// The other side's headers without those that it adds for its own sake and does not sign.
fn theirs_on_the_wire(
    case: &Case,
    ours: &BTreeMap<String, String>,
    theirs: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut headers = theirs.clone();
    headers.retain(|name, _| {
        ours.contains_key(name) || !matches!(name.as_str(), "user-agent" | "accept-encoding")
    });
    // Ferry sends it with V4 as the newer SDKs do; oss2 does not. It is not signed.
    if let (Scheme::OssV4, Form::Header, Some(date)) = (case.scheme, case.form, ours.get("date")) {
        headers.entry("date".to_owned()).or_insert_with(|| date.clone());
    }
    headers
}

/// A comparison says as much as its requests hold: each form, method, way of addressing, and kind
/// of name has to be among them.
pub(crate) fn assert_covered(cases: &[Case]) {
    let kinds: BTreeSet<_> =
        cases.iter().map(|case| (case.scheme, case.form, case.method, case.style)).collect();
    let styles: BTreeSet<_> = cases.iter().map(|case| (case.scheme, case.style)).collect();
    let forms: BTreeSet<_> = cases.iter().map(|case| (case.scheme, case.form)).collect();
    // One scheme has its forms, methods and styles in every combination.
    let combinations = styles.len() * forms.len()
        / cases.iter().map(|case| case.scheme).collect::<BTreeSet<_>>().len()
        * 5;
    assert_eq!(kinds.len(), combinations, "{kinds:?}");
    let keys = || cases.iter().filter_map(|case| case.key.as_deref());
    let traits: [(&str, bool); 12] = [
        ("a link by a store", cases.iter().any(|case| matches!(case.made_by, MadeBy::Store(_)))),
        ("beyond the basic plane", keys().any(|key| key.chars().any(|c| u32::from(c) > 0xffff))),
        ("combining marks", keys().any(|key| key.contains('\u{301}'))),
        ("control characters", keys().any(|key| key.contains('\n'))),
        ("dots", keys().any(|key| key.contains("/../"))),
        ("slashes", keys().any(|key| key.contains("//"))),
        ("a slash at the end", keys().any(|key| key.ends_with('/'))),
        ("as long as keys may be", keys().any(|key| key.len() > 1000)),
        (
            "a bucket without key",
            cases.iter().any(|case| case.key.is_none() && case.bucket.is_some()),
        ),
        ("a token", cases.iter().any(|case| case.identity.token.is_some())),
        ("no token", cases.iter().any(|case| case.identity.token.is_none())),
        ("a flag", cases.iter().any(|case| case.query.iter().any(|(_, value)| value.is_empty()))),
    ];
    for (name, covered) in traits {
        assert!(covered, "no request with: {name}");
    }
}
