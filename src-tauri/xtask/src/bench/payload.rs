//! The files that are sent. They are made once and kept below the target directory.

use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::process::{Failure, Outcome, say};

/// What a row sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Payload {
    /// One file of so many bytes.
    File(u64),
    /// So many files of so many bytes each.
    Files(u32, u64),
}

impl Payload {
    pub(super) fn bytes(self) -> u64 {
        match self {
            Self::File(bytes) => bytes,
            Self::Files(count, bytes) => u64::from(count) * bytes,
        }
    }

    /// The name of its file or folder.
    pub(super) fn name(self) -> String {
        match self {
            Self::File(bytes) => format!("{bytes}.bin"),
            Self::Files(count, bytes) => format!("{count}x{bytes}"),
        }
    }

    /// As people read it.
    pub(super) fn label(self) -> String {
        match self {
            Self::File(bytes) => format!("one file of {}", size(bytes)),
            Self::Files(count, bytes) => format!("{count} files of {}", size(bytes)),
        }
    }

    /// Where it is: a file or a folder. Makes it where it is missing, and reads it once, so that
    /// the first who sends it does not wait for the disk either.
    ///
    /// # Errors
    /// Where the disk does not take it.
    pub(super) fn prepared(self, folder: &Path) -> Outcome<PathBuf> {
        let path = folder.join(self.name());
        let made = match self {
            Self::File(bytes) => make_file(&path, bytes),
            Self::Files(count, bytes) => make_files(&path, count, bytes),
        };
        let done = made.and_then(|()| read(&path));
        done.map_err(|error| Failure(format!("{} cannot be made: {error}", path.display())))?;
        Ok(path)
    }
}

/// Bytes in the largest unit that leaves a whole number.
fn size(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.iter().find(|(shift, _)| bytes >> shift << shift == bytes && bytes > 0);
    unit.map_or_else(|| format!("{bytes} B"), |(shift, name)| format!("{} {name}", bytes >> shift))
}

fn make_file(path: &Path, bytes: u64) -> std::io::Result<()> {
    if path.metadata().is_ok_and(|file| file.len() == bytes) {
        return Ok(());
    }
    say(format!("Bench: making one file of {}", size(bytes)));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    fill(path, bytes, bytes)?;
    // Or the first who sends it shares the machine with its way to the disk.
    std::fs::File::open(path)?.sync_all()
}

fn make_files(folder: &Path, count: u32, bytes: u64) -> std::io::Result<()> {
    let name = |number: u32| folder.join(format!("{number:06}.bin"));
    // The last is written last.
    let last = name(count.saturating_sub(1));
    if last.metadata().is_ok_and(|file| file.len() == bytes) {
        return Ok(());
    }
    say(format!("Bench: making {count} files of {}", size(bytes)));
    std::fs::create_dir_all(folder)?;
    (0..count).try_for_each(|number| fill(&name(number), bytes, u64::from(number)))
}

/// Bytes that neither compress nor repeat, from a generator of one line (xorshift).
fn fill(path: &Path, bytes: u64, seed: u64) -> std::io::Result<()> {
    let room = usize::try_from(bytes.min(1 << 20)).unwrap_or(1 << 20);
    let mut out = BufWriter::with_capacity(room, std::fs::File::create(path)?);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ seed;
    for _ in 0..bytes / 8 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.write_all(&state.to_le_bytes())?;
    }
    out.write_all(&vec![0; (bytes % 8) as usize])?;
    out.flush()
}

/// Into the system's cache.
fn read(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        return std::fs::read_dir(path)?.try_for_each(|entry| read(&entry?.path()));
    }
    let mut file = std::fs::File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    while file.read(&mut buffer)? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_named() {
        assert_eq!(Payload::File(4 << 30).label(), "one file of 4 GiB");
        assert_eq!(Payload::Files(5000, 8 << 10).label(), "5000 files of 8 KiB");
        assert_eq!(Payload::File(1025).label(), "one file of 1025 B");
    }
}
