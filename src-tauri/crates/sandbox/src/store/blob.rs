//! A file with data first and its record behind: `data | JSON | length of the JSON (u64, LE) |
//! magic`.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::config::DataPolicy;

const MAGIC: &[u8; 8] = b"FERRYSB1";
/// Bytes behind the JSON.
const FOOTER: u64 = 16;
/// Zeros shorter than this are written, not skipped.
const SMALLEST_HOLE: usize = 4096;
static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];

/// A file on its way. Dropped before [`seal`](Self::seal), it leaves nothing.
#[derive(Debug)]
pub(crate) struct Blob {
    file: File,
    path: Option<PathBuf>,
    policy: DataPolicy,
}

impl Blob {
    pub(crate) fn create(path: PathBuf, policy: DataPolicy) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        Ok(Self { file, path: Some(path), policy })
    }

    /// Appends data. Runs of zeros become holes.
    pub(crate) fn write(&mut self, data: &[u8]) -> io::Result<()> {
        match self.policy {
            DataPolicy::Discard => Ok(()),
            DataPolicy::Keep if is_hole(data) => {
                let skip = i64::try_from(data.len()).map_err(io::Error::other)?;
                self.file.seek(SeekFrom::Current(skip)).map(|_| ())
            }
            DataPolicy::Keep => self.file.write_all(data),
        }
    }

    /// Appends the record and moves the file to where it is found: the moment it becomes visible.
    pub(crate) fn seal(mut self, record: &impl Serialize, destination: &Path) -> io::Result<()> {
        let json = serde_json::to_vec(record)?;
        let mut tail = json;
        let length = tail.len() as u64;
        tail.extend_from_slice(&length.to_le_bytes());
        tail.extend_from_slice(MAGIC);
        self.file.write_all(&tail)?;
        if let Some(path) = &self.path {
            std::fs::rename(path, destination)?;
        }
        self.path = None;
        Ok(())
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            super::remove(path);
        }
    }
}

fn is_hole(data: &[u8]) -> bool {
    data.len() >= SMALLEST_HOLE
        && data.chunks(ZEROS.len()).all(|chunk| chunk == &ZEROS[..chunk.len()])
}

/// Reads the record of a sealed file.
pub(crate) fn read_record<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let broken = || io::Error::new(io::ErrorKind::InvalidData, "not a sealed file");
    let footer_at = length.checked_sub(FOOTER).ok_or_else(broken)?;
    file.seek(SeekFrom::Start(footer_at))?;
    let mut footer = [0; FOOTER as usize];
    file.read_exact(&mut footer)?;
    let (json_length, magic) = footer.split_at(8);
    if magic != MAGIC {
        return Err(broken());
    }
    let json_length = json_length.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
    let json_at = footer_at.checked_sub(json_length).ok_or_else(broken)?;
    file.seek(SeekFrom::Start(json_at))?;
    let mut json = vec![0; usize::try_from(json_length).map_err(io::Error::other)?];
    file.read_exact(&mut json)?;
    Ok(serde_json::from_slice(&json)?)
}

/// Writes a small JSON file whole or not at all.
pub(crate) fn write_json(
    temporary: &Path,
    destination: &Path,
    value: &impl Serialize,
) -> io::Result<()> {
    std::fs::write(temporary, serde_json::to_vec(value)?)?;
    std::fs::rename(temporary, destination)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_keep_the_length_and_the_record() {
        let directory = tempfile::tempdir().unwrap();
        let end = directory.path().join("end");
        let mut blob = Blob::create(directory.path().join("tmp"), DataPolicy::Keep).unwrap();
        blob.write(b"head").unwrap();
        for _ in 0..1024 {
            blob.write(&ZEROS).unwrap();
        }
        blob.seal(&"record", &end).unwrap();
        assert_eq!(read_record::<String>(&end).unwrap(), "record");
        let mut data = vec![1; 4 + 1024];
        File::open(&end).unwrap().read_exact(&mut data).unwrap();
        assert_eq!(&data[..4], b"head");
        assert!(data[4..].iter().all(|byte| *byte == 0));
        assert!(std::fs::metadata(&end).unwrap().len() > 64 * 1024 * 1024);
    }

    #[test]
    fn an_unsealed_blob_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let mut blob = Blob::create(directory.path().join("tmp"), DataPolicy::Keep).unwrap();
        blob.write(b"half").unwrap();
        drop(blob);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_cut_file_is_no_record() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cut");
        for content in [
            &b""[..],
            b"short",
            b"0123456789abcdefFERRYSB0",
            b"\xff\xff\xff\xff\xff\xff\xff\xffFERRYSB1",
        ] {
            std::fs::write(&path, content).unwrap();
            assert!(read_record::<String>(&path).is_err());
        }
    }
}
