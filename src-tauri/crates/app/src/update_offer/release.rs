//! What is told of a release (`latest.json`, as Tauri's updater reads it), and whether a package
//! is signed as one.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ferry_model::visible::visible;
use ferry_model::{Fault, FaultKind};
use minisign_verify::{PublicKey, Signature};
use semver::Version;
use serde::Deserialize;

/// Most lines of what changed that are shown, and most characters of each.
const MOST_LINES: usize = 12;
const MOST_CHARACTERS: usize = 240;

/// A release that is offered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Release {
    pub(crate) version: Version,
    /// What changed, a line each, ready to show.
    pub(crate) notes: Vec<String>,
    /// Its page for people.
    pub(crate) page: Option<String>,
    /// What this Ferry can be replaced by; `None` where a package manager does that.
    pub(crate) package: Option<Package>,
    /// As it was told, for the installer.
    pub(crate) manifest: serde_json::Value,
}

/// A package, and what is written in the `.sig` file beside it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Package {
    pub(crate) url: String,
    signature: String,
}

#[derive(Deserialize)]
struct Manifest {
    version: String,
    notes: Option<String>,
    page: Option<String>,
    #[serde(default)]
    platforms: BTreeMap<String, Package>,
}

impl Release {
    /// Reads what is told at `place`, with the package of the first of these targets.
    ///
    /// # Errors
    /// [`FaultKind::UpdateRefused`].
    pub(crate) fn read(told: &[u8], place: &str, targets: &[String]) -> Result<Self, Fault> {
        let unreadable = |why: String| refused(format!("the list of releases: {why}"));
        let manifest: serde_json::Value =
            serde_json::from_slice(told).map_err(|error| unreadable(error.to_string()))?;
        let read = Manifest::deserialize(&manifest).map_err(|error| unreadable(error.to_string()));
        let Manifest { version, notes, page, mut platforms } = read?;
        let version = Version::parse(version.trim_start_matches('v'))
            .map_err(|error| unreadable(error.to_string()))?;
        Ok(Self {
            version,
            notes: shown(&notes.unwrap_or_default()),
            page: page.filter(|page| is_beside(page, place)),
            package: targets.iter().find_map(|target| platforms.remove(target)),
            manifest,
        })
    }

    /// Whether these bytes are the package of this version, signed by `key`: a public key of
    /// minisign in base64. The version is part of what is signed, so that no older package passes
    /// for this one.
    ///
    /// # Errors
    /// [`FaultKind::UpdateRefused`].
    pub(crate) fn check(&self, bytes: &[u8], key: &str) -> Result<(), Fault> {
        let package = self.package.as_ref().ok_or_else(|| refused("there is no package"))?;
        let why = |error: minisign_verify::Error| refused(error.to_string());
        let key = PublicKey::decode(&text_of(key)?).map_err(why)?;
        let signature = Signature::decode(&text_of(&package.signature)?).map_err(why)?;
        key.verify(bytes, &signature, true).map_err(why)?;
        let signed = signature.trusted_comment().split('\t');
        let signed = signed.filter_map(|field| field.strip_prefix("version:")).next();
        match signed.map(|it| Version::parse(it.trim_start_matches('v'))) {
            Some(Ok(signed)) if signed == self.version => Ok(()),
            _ => Err(refused("the signature is of another version, or of none")),
        }
    }
}

/// Whether a key can be read.
pub(crate) fn is_key(key: &str) -> bool {
    text_of(key).is_ok_and(|text| PublicKey::decode(&text).is_ok())
}

fn text_of(base64: &str) -> Result<String, Fault> {
    let bytes = BASE64_STANDARD.decode(base64).map_err(|error| refused(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| refused(error.to_string()))
}

fn refused(why: impl Into<String>) -> Fault {
    Fault::new(FaultKind::UpdateRefused).with_detail(why)
}

/// Whether a page is at the same origin as `place`: nothing else that a list of releases names is
/// opened in a browser.
fn is_beside(page: &str, place: &str) -> bool {
    let end = place.find("://").and_then(|at| place[at + 3..].find('/').map(|end| at + 3 + end));
    let origin = end.map(|end| &place[..=end]);
    page.bytes().all(|byte| byte.is_ascii_graphic())
        && origin.is_some_and(|origin| page.starts_with(origin))
}

/// The lines of what changed, bounded, with what cannot be seen made visible.
fn shown(notes: &str) -> Vec<String> {
    let mut lines = notes.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(|line| {
        match line.char_indices().nth(MOST_CHARACTERS) {
            Some((end, _)) => format!("{}…", visible(&line[..end])),
            None => visible(line),
        }
    });
    let mut shown: Vec<String> = lines.by_ref().take(MOST_LINES).collect();
    if lines.next().is_some() {
        shown.push("…".to_owned());
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = "https://example.com/ferry/latest.json";

    #[test]
    fn what_changed_is_bounded_and_shows_what_it_holds() {
        let long = "x".repeat(MOST_CHARACTERS + 1);
        let told =
            format!("# News\n\n- <b>bold</b>\u{202e}\u{7}\r\n{long}\n{}", "- more\n".repeat(20));
        let lines = shown(&told);
        assert_eq!(lines[1], "- <b>bold</b>⟨U+202E⟩␇");
        assert_eq!(lines[2].chars().count(), MOST_CHARACTERS + 1);
        assert_eq!((lines.len(), lines.last().map(String::as_str)), (MOST_LINES + 1, Some("…")));
        assert_eq!(shown("one\n\ntwo"), ["one", "two"]);
        assert_eq!(shown(" \n"), [""; 0]);
    }

    #[test]
    fn only_a_page_of_the_same_origin_is_offered() {
        for (page, expected) in [
            ("https://example.com/ferry/1.2.3", true),
            ("https://example.com.evil.example/", false),
            ("https://example.com@evil.example/", false),
            ("http://example.com/ferry", false),
            ("javascript:alert(1)", false),
            ("https://example.com/a b", false),
            ("https://example.com/\u{202e}", false),
        ] {
            assert_eq!(is_beside(page, PLACE), expected, "{page}");
        }
    }

    #[test]
    fn a_list_that_is_none_is_refused() {
        for told in ["", "<html>", "[]", "{}", r#"{"version":"new"}"#, r#"{"version":1}"#] {
            let read = Release::read(told.as_bytes(), PLACE, &[]).map_err(|fault| fault.kind);
            assert_eq!(read, Err(FaultKind::UpdateRefused), "{told}");
        }
        let told = br#"{"version":"v1.2.3","notes":null,"pub_date":"2026-01-01T00:00:00Z"}"#;
        let read = Release::read(told, PLACE, &[]).expect("reads");
        assert_eq!(read.version, Version::new(1, 2, 3));
        assert_eq!((read.notes, read.page, read.package), (Vec::new(), None, None));
    }

    #[test]
    fn the_package_is_that_of_the_best_target() {
        let told = br#"{"version":"1.2.3","platforms":{
            "windows-x86_64":{"url":"any","signature":""},
            "windows-x86_64-msi":{"url":"msi","signature":""}}}"#;
        let url = |targets: &[&str]| {
            let targets: Vec<String> = targets.iter().map(|it| (*it).to_owned()).collect();
            let read = Release::read(told, PLACE, &targets).expect("reads");
            read.package.map(|package| package.url)
        };
        let msi = url(&["windows-x86_64-msi", "windows-x86_64"]);
        assert_eq!(msi.as_deref(), Some("msi"));
        let nsis = url(&["windows-x86_64-nsis", "windows-x86_64"]);
        assert_eq!(nsis.as_deref(), Some("any"));
        assert_eq!(url(&["linux-x86_64"]), None);
        assert_eq!(url(&[]), None);
    }
}
