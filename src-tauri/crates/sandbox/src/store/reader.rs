//! Reading an object back, whole or a range, across the files it is made of.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use super::object::Object;

/// A cursor over a range of an object's bytes. It holds the object, so that its files outlive the
/// reading.
#[derive(Debug)]
pub(crate) struct Reader {
    _object: Arc<Object>,
    /// Files yet to be read from, last first.
    segments: Vec<Segment>,
    open: Option<(File, u64)>,
}

#[derive(Debug)]
struct Segment {
    path: PathBuf,
    skip: u64,
    take: u64,
}

impl Reader {
    /// Opens `length` bytes from `start`. The caller has checked the range against the object's
    /// size.
    ///
    /// # Errors
    ///
    /// `NotFound` when the object was replaced since it was looked up: look it up again.
    pub(crate) fn open(object: Arc<Object>, start: u64, length: u64) -> io::Result<Self> {
        let mut segments = Vec::new();
        let (mut at, end) = (0, start + length);
        for (path, size) in object.files() {
            let (from, to) = (start.max(at), end.min(at + size));
            if from < to {
                segments.push(Segment { path, skip: from - at, take: to - from });
            }
            at += size;
        }
        segments.reverse();
        let mut reader = Self { _object: object, segments, open: None };
        reader.advance()?;
        Ok(reader)
    }

    fn advance(&mut self) -> io::Result<bool> {
        let Some(segment) = self.segments.pop() else {
            self.open = None;
            return Ok(false);
        };
        let mut file = File::open(&segment.path)?;
        file.seek(SeekFrom::Start(segment.skip))?;
        self.open = Some((file, segment.take));
        Ok(true)
    }

    /// The next bytes, at most `limit`; `None` at the end.
    pub(crate) fn next_chunk(&mut self, limit: usize) -> io::Result<Option<Bytes>> {
        loop {
            let Some((file, left)) = &mut self.open else {
                return Ok(None);
            };
            if *left == 0 {
                self.advance()?;
                continue;
            }
            let want = limit.min(usize::try_from(*left).unwrap_or(limit));
            let mut buffer = vec![0; want];
            file.read_exact(&mut buffer)?;
            *left -= want as u64;
            return Ok(Some(buffer.into()));
        }
    }
}
