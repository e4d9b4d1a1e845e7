//! The file of the audit log: lines are added, and nothing of it is ever changed. A full file is
//! set aside under a name with the time; none is deleted here.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Bytes from which on a file is set aside.
const FULL: u64 = 16 * 1024 * 1024;

/// Adds lines and makes them durable, in a file of its own once this one is full.
pub(super) fn append(path: &Path, lines: &str, moment: &str) -> io::Result<()> {
    if std::fs::metadata(path).is_ok_and(|file| file.len() >= FULL) {
        std::fs::rename(path, set_aside(path, moment))?;
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    // It tells names of files and of people.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let broken = if ends_whole(&mut file)? { "" } else { "\n" };
    file.write_all([broken, lines].concat().as_bytes())?;
    file.sync_data()
}

/// Whether its last line has an end: a crash may have cut it.
fn ends_whole(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// The name of a full file: free, and ordered by time.
fn set_aside(path: &Path, moment: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy()));
    let ending = ending.unwrap_or_default();
    let moment = moment.replace(':', "-");
    let named = |n: u32| {
        let n = if n == 0 { String::new() } else { format!("-{n}") };
        path.with_file_name(format!("{stem}-{moment}{n}{ending}"))
    };
    (0..).map(named).find(|path| !path.exists()).unwrap_or_else(|| named(0))
}

/// The ids that stand in this file, and in the one that was set aside last. A line that a crash cut
/// has none.
pub(super) fn ids(path: &Path) -> io::Result<HashSet<String>> {
    let mut found = HashSet::new();
    for path in before(path)?.into_iter().chain([path.to_owned()]) {
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for line in BufReader::new(file).split(b'\n') {
            #[derive(serde::Deserialize)]
            struct Line {
                id: String,
            }
            if let Ok(Line { id }) = serde_json::from_slice(&line?) {
                found.insert(id);
            }
        }
    }
    Ok(found)
}

/// The file that was set aside last.
fn before(path: &Path) -> io::Result<Option<PathBuf>> {
    let Some(folder) = path.parent() else { return Ok(None) };
    let stem = format!("{}-", path.file_stem().unwrap_or_default().to_string_lossy());
    let mut last = None;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?.path();
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_ours = name.starts_with(&stem) && entry.extension() == path.extension();
        if is_ours && last.as_ref().is_none_or(|last| *last < entry) {
            last = Some(entry);
        }
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_added_and_found_again_also_after_a_cut_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("audit.jsonl");
        assert!(ids(&path).expect("nothing is there").is_empty());
        append(&path, "{\"id\":\"a\"}\n", "t").expect("writes");
        let mut file = OpenOptions::new().append(true).open(&path).expect("opens");
        file.write_all(b"{\"id\":\"cu").expect("writes");
        append(&path, "{\"id\":\"b\"}\n{\"id\":\"c\"}\n", "t").expect("writes");
        let text = std::fs::read_to_string(&path).expect("reads");
        assert_eq!(text, "{\"id\":\"a\"}\n{\"id\":\"cu\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n");
        let found = ids(&path).expect("reads");
        assert_eq!(found, ["a", "b", "c"].map(str::to_owned).into());
    }

    #[test]
    fn a_full_file_is_set_aside_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("audit.jsonl");
        let full = format!("{{\"id\":\"old\",\"x\":\"{}\"}}\n", "x".repeat(FULL as usize));
        append(&path, &full, "t").expect("writes");
        append(&path, "{\"id\":\"new\"}\n", "2026-01-02T03:04:05Z").expect("writes");
        let aside = folder.path().join("audit-2026-01-02T03-04-05Z.jsonl");
        assert_eq!(std::fs::read_to_string(&aside).expect("is there"), full);
        assert_eq!(std::fs::read_to_string(&path).expect("is there"), "{\"id\":\"new\"}\n");
        assert_eq!(ids(&path).expect("reads"), ["old", "new"].map(str::to_owned).into());
    }
}
