//! Sums and signatures, by the system's own tools.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::assets::{SIGNATURE, SUMS, found_in};
use crate::files;
use crate::process::{Failure, Outcome, output};

/// Writes the list of sums over every file of a folder but itself and the signatures.
pub(super) fn write(folder: &Path) -> Outcome {
    let names: Vec<String> = summed(folder)?;
    let list = output(Command::new("sha256sum").arg("--").args(&names).current_dir(folder))?;
    std::fs::write(folder.join(SUMS), list)
        .map_err(|error| Failure(format!("{SUMS} cannot be written: {error}")))
}

/// The sums by the names of their files.
pub(super) fn read(folder: &Path) -> Outcome<BTreeMap<String, String>> {
    parse(&files::read(&folder.join(SUMS))?)
}

/// Whether every file has its sum in the list, and no other is there.
pub(super) fn check(folder: &Path) -> Outcome {
    let listed: Vec<String> = read(folder)?.into_keys().collect();
    let there = summed(folder)?;
    if listed != there {
        return Err(Failure(format!("{SUMS} lists {listed:?}, and there are {there:?}")));
    }
    let mut check = Command::new("sha256sum");
    output(check.args(["--check", "--strict", "--quiet", SUMS]).current_dir(folder)).map(drop)
}

/// Whether a file has the signature beside it by this key.
pub(super) fn check_signature(file: &Path, key: &Path) -> Outcome {
    output(Command::new("minisign").args(["-V", "-q", "-p"]).arg(key).arg("-m").arg(file)).map(drop)
}

/// What the list of sums is about, sorted.
fn summed(folder: &Path) -> Outcome<Vec<String>> {
    let signature = format!(".{SIGNATURE}");
    let names = found_in(folder)?.into_keys();
    Ok(names.filter(|name| name != SUMS && !name.ends_with(&signature)).collect())
}

/// Reads lines `SUM  NAME`.
fn parse(list: &str) -> Outcome<BTreeMap<String, String>> {
    let line = |line: &str| {
        let (sum, name) = line.split_once("  ")?;
        let is_sum = sum.len() == 64 && sum.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_sum.then(|| (name.to_owned(), sum.to_owned()))
    };
    let read = |text: &str| line(text).ok_or_else(|| Failure(format!("`{text}` is no sum")));
    list.lines().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_none_is_refused() {
        assert!(parse("ca97  a").is_err());
        assert!(parse(&format!("{}  a b", "0".repeat(64))).is_ok_and(|it| it.contains_key("a b")));
    }
}

/// Releases are summed up and signed on Linux, whose tools these are.
#[cfg(all(test, target_os = "linux"))]
mod tests_of_tools {
    use super::*;

    /// A folder that is gone afterwards.
    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("ferry-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).expect("makes");
            Self(path)
        }

        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.0.join(name), text).expect("writes");
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(std::fs::remove_dir_all(&self.0));
        }
    }

    #[test]
    fn a_changed_a_missing_and_an_added_file_are_found() {
        let folder = Folder::new("sums");
        folder.write("a.deb", "a");
        folder.write("b.zip", "b");
        folder.write("b.zip.minisig", "not summed");
        write(&folder.0).expect("sums up");
        let sums = read(&folder.0).expect("reads");
        assert_eq!(
            sums["a.deb"],
            "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
        );
        check(&folder.0).expect("is right");
        folder.write("a.deb", "A");
        assert!(check(&folder.0).is_err(), "a changed file");
        folder.write("a.deb", "a");
        folder.write("c.rpm", "c");
        assert!(check(&folder.0).is_err(), "an added file");
        std::fs::remove_file(folder.0.join("c.rpm")).expect("removes");
        check(&folder.0).expect("is right again");
        std::fs::remove_file(folder.0.join("a.deb")).expect("removes");
        assert!(check(&folder.0).is_err(), "a missing file");
    }

    #[test]
    fn only_the_right_key_has_signed_only_this_file() {
        let folder = Folder::new("signatures");
        let pair = |name: &str| {
            let mut make = Command::new("minisign");
            make.args(["-G", "-W", "-p", &format!("{name}.pub"), "-s", &format!("{name}.key")]);
            output(make.current_dir(&folder.0)).expect("`cargo xtask test` installs minisign");
            folder.0.join(format!("{name}.pub"))
        };
        let (ours, theirs) = (pair("ours"), pair("theirs"));
        folder.write("a.zip", "a");
        let mut sign = Command::new("minisign");
        output(sign.args(["-S", "-s", "ours.key", "-m", "a.zip"]).current_dir(&folder.0))
            .expect("signs");
        let file = folder.0.join("a.zip");
        check_signature(&file, &ours).expect("is right");
        assert!(check_signature(&file, &theirs).is_err(), "another key");
        folder.write("a.zip", "b");
        assert!(check_signature(&file, &ours).is_err(), "another file");
        folder.write("b.zip", "b");
        assert!(check_signature(&folder.0.join("b.zip"), &ours).is_err(), "no signature");
    }
}
