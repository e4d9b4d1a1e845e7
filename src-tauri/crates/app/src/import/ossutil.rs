//! ossutil's `~/.ossutilconfig`, of version 1 and of version 2. One file can hold both: version 2
//! leaves the sections of version 1.
//!
//! Version 1: ossutil, lib/config_helper.go; for a bucket `[Bucket-Cname]` goes before
//! `[Bucket-Endpoint]`, that before `endpoint`. Version 2:
//! help.aliyun.com/en/oss/developer-reference/configure-ossutil2.

use std::path::Path;

use ferry_model::{Addressing, Provider};

use super::ini::{IniDialect, Section, plain, read, unquoted};
use super::{Candidate, CandidateKeys, Reason, Tool};

/// Reads an `.ossutilconfig`; `path` is only for [`super::Source`].
pub fn parse(text: &str, path: &Path) -> Vec<Candidate> {
    let mut found = second(&read(text, IniDialect::Ossutil2), path);
    found.extend(first(&read(text, IniDialect::Ossutil1), path));
    found
}

/// Version 1: one key, and addresses of single buckets.
fn first(sections: &[Section], path: &Path) -> Vec<Candidate> {
    let section = |name: &str| sections.iter().find(|section| section.name == name);
    let Some(key) = section("Credentials") else { return Vec::new() };
    // Each has had several names.
    let value = |names: &[&str]| {
        key.entries()
            .filter(|(name, _)| names.contains(&plain(name).as_str()))
            .map(|(_, value)| value)
            .last()
    };
    let (id, secret) =
        (value(&["accesskeyid", "accessid"]), value(&["accesskeysecret", "accesskey"]));
    let mode = value(&["mode"]).map(str::to_ascii_lowercase);
    let credentials = match mode.as_deref() {
        Some("ramrolearn") => CandidateKeys::unsupported(Reason::Role),
        Some("ecsramrole") => CandidateKeys::unsupported(Reason::Machine),
        _ if id.is_none() && secret.is_none() && section("AkService").is_some() => {
            CandidateKeys::unsupported(Reason::Machine)
        }
        _ => CandidateKeys::of_file(id, secret, value(&["ststoken"]), None),
    };
    let base = Candidate {
        endpoint: value(&["endpoint", "host"]).map(str::to_owned),
        region: value(&["region"]).map(str::to_owned),
        ..Candidate::new(Tool::Ossutil, path, "ossutil", Provider::Oss, credentials)
    };
    let mut found = vec![base.clone()];
    for (heading, addressing) in
        [("Bucket-Cname", Addressing::Cname), ("Bucket-Endpoint", Addressing::Auto)]
    {
        for (bucket, endpoint) in section(heading).into_iter().flat_map(Section::entries) {
            if found.iter().all(|other| other.bucket.as_deref() != Some(bucket)) {
                found.push(Candidate {
                    name: bucket.to_owned(),
                    bucket: Some(bucket.to_owned()),
                    endpoint: Some(endpoint.to_owned()),
                    addressing,
                    ..base.clone()
                });
            }
        }
    }
    found
}

/// How far `source_profile` is followed: further than anybody nests them, and an end to circles.
const MOST_STEPS: usize = 8;

/// Version 2: profiles, and addresses of single buckets.
fn second(sections: &[Section], path: &Path) -> Vec<Candidate> {
    let profiles: Vec<(String, &Section)> = sections
        .iter()
        .filter_map(|section| Some((profile_name(&section.name)?, section)))
        .collect();
    let value = |section: &'_ Section, name: &str| inherited(&profiles, section, name);
    let mut found = Vec::new();
    for (name, section) in &profiles {
        let get = |name: &str| value(section, name);
        let Some(credentials) = keys(&get) else { continue };
        found.push(Candidate {
            endpoint: get("endpoint"),
            region: get("region"),
            addressing: addressing(get("addressingstyle").as_deref()),
            ..Candidate::new(Tool::Ossutil, path, name, Provider::Oss, credentials)
        });
    }
    // Any profile may use them; the one that is used without a word is meant first.
    let usual = found.iter().position(|candidate| candidate.name == "default").unwrap_or(0);
    if let Some(base) = found.get(usual).cloned() {
        for section in sections {
            let Some(bucket) = after(&section.name, "buckets") else { continue };
            found.push(Candidate {
                name: bucket.clone(),
                bucket: Some(bucket),
                endpoint: section
                    .get("endpoint")
                    .map(str::to_owned)
                    .or_else(|| base.endpoint.clone()),
                region: section.get("region").map(str::to_owned).or_else(|| base.region.clone()),
                addressing: section
                    .get("addressingstyle")
                    .map_or(base.addressing, |style| addressing(Some(style))),
                ..base.clone()
            });
        }
    }
    found
}

/// The name of a section's profile: `[default]`, `[profile name]`.
fn profile_name(heading: &str) -> Option<String> {
    if heading.eq_ignore_ascii_case("default") {
        return Some("default".to_owned());
    }
    after(heading, "profile")
}

/// What follows the first word of a heading, if it is this.
fn after(heading: &str, word: &str) -> Option<String> {
    let (first, rest) = heading.split_once(char::is_whitespace)?;
    let rest = unquoted(rest.trim());
    (first.eq_ignore_ascii_case(word) && !rest.is_empty()).then(|| rest.to_owned())
}

/// A profile's value, or that of the profile it builds on.
fn inherited(profiles: &[(String, &Section)], section: &Section, name: &str) -> Option<String> {
    let mut section = section;
    for _ in 0..MOST_STEPS {
        if let Some(value) = section.get(name) {
            return Some(value.to_owned());
        }
        let source = section.get("sourceprofile")?;
        section = profiles.iter().find(|(name, _)| name == source)?.1;
    }
    None
}

fn addressing(style: Option<&str>) -> Addressing {
    match style.map(str::to_ascii_lowercase).as_deref() {
        Some("virtual") => Addressing::Virtual,
        Some("path") => Addressing::Path,
        Some("cname") => Addressing::Cname,
        _ => Addressing::Auto,
    }
}

/// `None` for a profile that says nothing of a key.
fn keys(get: &impl Fn(&str) -> Option<String>) -> Option<CandidateKeys> {
    let (id, secret, token) = (get("accesskeyid"), get("accesskeysecret"), get("ststoken"));
    let file = |token: Option<String>| {
        CandidateKeys::of_file(id.as_deref(), secret.as_deref(), token.as_deref(), None)
    };
    let mode = get("mode").unwrap_or_default();
    let reason = match plain(&mode).as_str() {
        "ak" => return Some(file(None)),
        "ststoken" if token.is_none() => Reason::Incomplete,
        "ststoken" => return Some(file(token)),
        "process" => return Some(CandidateKeys::of_command(get("credentialprocess").as_deref())),
        "ramrolearn" => Reason::Role,
        "ecsramrole" => Reason::Machine,
        "oidcrolearn" | "oidc" => Reason::Oidc,
        "uri" | "credentialsuri" | "credentialuri" => Reason::Address,
        "anonymous" => Reason::Anonymous,
        // Without a mode, by what is there.
        "" if id.is_some() || secret.is_some() => return Some(file(token)),
        "" if get("credentialprocess").is_some() => {
            return Some(CandidateKeys::of_command(get("credentialprocess").as_deref()));
        }
        "" if get("credentialuri").is_some() => Reason::Address,
        "" if get("oidcproviderarn").is_some() => Reason::Oidc,
        "" if get("ecsrolename").is_some() => Reason::Machine,
        "" => return None,
        _ => Reason::UnknownMode,
    };
    Some(CandidateKeys::unsupported(reason))
}
