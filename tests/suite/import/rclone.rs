//! rclone's settings, as it reads and writes them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use fastrand::Rng;
use ferry_app::import::{CandidateKeys, parse_rclone};
use ferry_app::model::Secret;

use crate::{clean, printable, python, ran};

fn rclone(folder: &Path) -> Command {
    let mut command =
        clean(&python().with_file_name(if cfg!(windows) { "rclone.exe" } else { "rclone" }));
    command.arg("--config").arg(folder.join("rclone.conf"));
    command
}

/// What rclone itself makes of its file, and what Ferry does: the five texts of each remote of type
/// s3.
fn compare_rclone(folder: &Path) -> usize {
    const FIELDS: [&str; 5] =
        ["access_key_id", "secret_access_key", "session_token", "endpoint", "region"];
    let dump: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_slice(&ran(rclone(folder).args(["config", "dump"])))
            .expect("rclone dumps JSON");
    let text = std::fs::read_to_string(folder.join("rclone.conf")).expect("is there");
    let found = parse_rclone(&text, Path::new("file")).expect("is plain");
    let remotes: Vec<_> = dump
        .iter()
        .filter(|(_, remote)| remote.get("type").is_some_and(|kind| kind == "s3"))
        .collect();
    assert_eq!(found.len(), remotes.len(), "{text}");
    for (name, remote) in &remotes {
        let candidate = found
            .iter()
            .find(|candidate| candidate.name == **name)
            .unwrap_or_else(|| panic!("no {name} in {text}"));
        let CandidateKeys::Static(credentials) = &candidate.credentials else {
            panic!("{candidate:?}")
        };
        let ours = [
            Some(credentials.access_key_id.as_str()),
            Some(credentials.access_key_secret.expose()),
            credentials.security_token.as_ref().map(Secret::expose),
            candidate.endpoint.as_deref(),
            candidate.region.as_deref(),
        ];
        let theirs = FIELDS
            .map(|field| remote.get(field).map(String::as_str).filter(|value| !value.is_empty()));
        assert_eq!(ours, theirs, "{name} in {text}");
    }
    remotes.len()
}

/// A value as a file may hold it. What rclone refuses as a whole, and what it takes for a variable,
/// is left out.
fn rclone_value(rng: &mut Rng) -> String {
    loop {
        let value = printable(rng);
        let value = match rng.u8(..6) {
            0 => format!("`{value}`"),
            1 => format!("\"\"\"{value}\"\"\""),
            2 => format!("\"{value}\""),
            _ => value,
        };
        let open =
            |quote: &str| value.strip_prefix(quote).is_some_and(|rest| !rest.contains(quote));
        let empty = ["``", "\"\"\"\"\"\""].contains(&value.as_str());
        if !open("`")
            && !open("\"\"\"")
            && !value.contains("%(")
            && !empty
            && !value.starts_with("` ")
            && !value.contains(" `")
        {
            return value;
        }
    }
}

#[test]
fn rclones_settings_are_read_as_rclone_reads_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut rng = Rng::with_seed(42);
    let mut text = String::from("\u{feff}# a comment\n");
    for nth in 0..400 {
        let end = ["\n", "\r\n"][rng.usize(..2)];
        let mut lines =
            vec![format!("[{}r{nth}{}]", ["", " "][rng.usize(..2)], ["", " "][rng.usize(..2)])];
        lines.push(format!("type = {}", ["s3", "s3", "s3", "alias"][rng.usize(..4)]));
        lines.push(format!("access_key_id = {}", rclone_value(&mut rng)));
        lines.push(format!(
            "  secret_access_key{}{}",
            ["=", " = ", " : "][rng.usize(..3)],
            rclone_value(&mut rng)
        ));
        for (name, odds) in [("session_token", 2), ("endpoint", 1), ("region", 3)] {
            if rng.u8(..4) < odds {
                lines.push(format!("{name} = {}", rclone_value(&mut rng)));
            }
        }
        lines.insert(
            rng.usize(1..lines.len()),
            ["; access_key_id = no", "", "   # x"][rng.usize(..3)].into(),
        );
        text.extend(lines.iter().flat_map(|line| [line.as_str(), end]));
    }
    std::fs::write(folder.path().join("rclone.conf"), text).expect("writes");
    assert!(compare_rclone(folder.path()) > 250);
}

#[test]
fn what_rclone_writes_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut rng = Rng::with_seed(3);
    let mut secrets: Vec<String> =
        ["a`b", "a`b\"c", "\"lead", "a=b:c", "#h", ";s", "x\"\"\"y", "tr`ail\\"]
            .map(str::to_owned)
            .to_vec();
    secrets.extend((0..20).map(|_| rclone_value(&mut rng)));
    for (nth, secret) in secrets.iter().enumerate() {
        ran(rclone(folder.path())
            .args([
                "config",
                "create",
                &format!("r{nth}"),
                "s3",
                "provider=Minio",
                "access_key_id=id",
            ])
            .args([format!("secret_access_key={secret}"), "--non-interactive".into()]));
    }
    assert_eq!(compare_rclone(folder.path()), secrets.len());
}
