//! What Ferry is told of a release when it looks for a newer version: `latest.json`, as Tauri's
//! updater reads it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::assets::{SIGNATURE, updates};
use super::changes::Changes;
use crate::process::{Failure, Outcome, output};

/// The name of the file.
pub(super) const LATEST: &str = "latest.json";

/// The signatures of what Ferry installs over itself, in base64, by the names of the files.
///
/// # Errors
/// Where one cannot be read, or is not of this version: minisign's trusted comment has to say so.
pub(super) fn signatures(folder: &Path, version: &str) -> Outcome<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for (_, name) in updates(version) {
        let path = folder.join(format!("{name}.{SIGNATURE}"));
        let text = crate::files::read(&path)?;
        if !text.lines().any(|line| line == trusted_comment(version)) {
            return Err(Failure(format!(
                "{} does not say of which version it is: sign with `-t version:{version}`",
                path.display()
            )));
        }
        found.insert(name, output(Command::new("base64").arg("-w0").arg(&path))?);
    }
    Ok(found)
}

/// The line of a signature that says which version it is of.
fn trusted_comment(version: &str) -> String {
    format!("trusted comment: version:{version}")
}

/// The text of the file.
///
/// # Errors
/// Where a signature is missing.
pub(super) fn latest(
    version: &str,
    repository: &str,
    changes: &Changes,
    signatures: &BTreeMap<String, String>,
) -> Outcome<String> {
    let place = format!("https://github.com/{repository}/releases");
    let mut platforms = Vec::new();
    for (target, name) in updates(version) {
        let signature = signatures.get(&name);
        let signature =
            signature.ok_or_else(|| Failure(format!("the signature of {name} is missing")))?;
        let url = format!("{place}/download/v{version}/{name}");
        platforms.push(format!(
            "    {}: {{ \"url\": {}, \"signature\": {} }}",
            text(target),
            text(&url),
            text(signature.trim())
        ));
    }
    Ok(format!(
        "{{\n  \"version\": {},\n  \"notes\": {},\n  \"pub_date\": {},\n  \"page\": {},\n  \
         \"platforms\": {{\n{}\n  }}\n}}\n",
        text(version),
        text(&changes.notes),
        text(&format!("{}T00:00:00Z", changes.date)),
        text(&format!("{place}/tag/v{version}")),
        platforms.join(",\n")
    ))
}

/// A text as JSON has it.
fn text(of: &str) -> String {
    let mut json = String::from("\"");
    for c in of.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            c if c.is_control() => json.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes() -> Changes {
        Changes { date: "2026-11-30".to_owned(), notes: "- says \"a\\b\"\n- more".to_owned() }
    }

    #[test]
    fn each_package_has_its_address_and_its_signature() {
        let signatures: BTreeMap<String, String> = updates("1.2.3")
            .into_iter()
            .enumerate()
            .map(|(at, (_, name))| (name, format!("c2ln{at}")))
            .collect();
        let latest = |signatures: &BTreeMap<String, String>| {
            latest("1.2.3", "owner/ferry", &changes(), signatures)
        };
        let told = latest(&signatures).expect("is whole");
        let place = "https://github.com/owner/ferry/releases";
        for line in [
            r#""version": "1.2.3","#.to_owned(),
            r#""notes": "- says \"a\\b\"\n- more","#.to_owned(),
            r#""pub_date": "2026-11-30T00:00:00Z","#.to_owned(),
            format!(r#""page": "{place}/tag/v1.2.3","#),
            format!(
                r#""darwin-aarch64-app": {{ "url": "{place}/download/v1.2.3/{}", "signature": "{}" }}"#,
                "Ferry_1.2.3_aarch64.app.tar.gz", signatures["Ferry_1.2.3_aarch64.app.tar.gz"]
            ),
        ] {
            assert!(told.contains(&line), "{line} in {told}");
        }
        for (_, name) in updates("1.2.3") {
            let mut lacking = signatures.clone();
            lacking.remove(&name);
            assert!(latest(&lacking).is_err(), "without {name}");
        }
    }

    #[test]
    fn a_signature_says_of_which_version_it_is() {
        let folder = std::env::temp_dir().join(format!("ferry-updates-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("makes");
        let write = |version: &str| {
            let comment = trusted_comment(version);
            for (_, name) in updates("1.2.3") {
                let path = folder.join(format!("{name}.{SIGNATURE}"));
                std::fs::write(path, format!("untrusted comment: a\nAAAA\n{comment}\nAAAA\n"))
                    .expect("writes");
            }
        };
        write("1.2.3");
        let found = signatures(&folder, "1.2.3").expect("are of the version");
        write("1.2.2");
        let other = signatures(&folder, "1.2.3");
        drop(std::fs::remove_dir_all(&folder));
        assert_eq!(found.len(), updates("1.2.3").len());
        assert!(found.values().all(|it| it.starts_with("dW50cnVzdGVk")), "{found:?}");
        assert!(other.is_err(), "another version");
    }
}
