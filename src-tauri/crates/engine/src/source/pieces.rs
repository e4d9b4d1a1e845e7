//! Reads a range of an open file in pieces.
//!
//! What the system has in memory is read at once, on the thread that sends it: handing each piece
//! from thread to thread costs more than copying it. Where it has to wait for the disk, a thread
//! for blocking work reads the rest of the range, a few pieces ahead.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use ferry_model::{Fault, FaultKind};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use tokio::sync::mpsc;

use super::Tap;
use super::buffers::Buffer;
use super::identity::refused;

/// Pieces that may wait between disk and network.
const WAITING: usize = 2;

/// A range of a file that is to be read, and how far that is.
pub(super) struct Pieces {
    pub(super) file: Arc<File>,
    /// The file's name in faults.
    pub(super) name: String,
    /// The file's size when it was opened.
    pub(super) size: u64,
    pub(super) range: Range<u64>,
    pub(super) tap: Tap,
}

/// A piece that was read, or none where it would have to wait for the disk.
enum Read {
    Piece(Bytes),
    WouldWait,
}

/// How far a stream of pieces is.
enum State {
    Memory(Pieces),
    Disk(mpsc::Receiver<Result<Bytes, Fault>>),
    Ended,
}

impl Pieces {
    /// The pieces. After the last one of the file, one byte more than its size is an error: the
    /// file grew.
    pub(super) fn stream(self) -> BoxStream<'static, Result<Bytes, Fault>> {
        stream::unfold(State::Memory(self), |state| async move {
            match state {
                State::Memory(reading) => reading.next_from_memory().await,
                State::Disk(pieces) => next_from_disk(pieces).await,
                State::Ended => None,
            }
        })
        .boxed()
    }

    async fn next_from_memory(mut self) -> Option<(Result<Bytes, Fault>, State)> {
        match self.read(read_from_memory) {
            Ok(Some(Read::Piece(piece))) => Some((Ok(piece), State::Memory(self))),
            Ok(Some(Read::WouldWait)) => next_from_disk(self.read_ahead()).await,
            Ok(None) => None,
            Err(error) => Some((Err(read_failed(&error, &self.name)), State::Ended)),
        }
    }

    /// Reads the rest on a thread for blocking work. It stops when the receiver is dropped.
    fn read_ahead(mut self) -> mpsc::Receiver<Result<Bytes, Fault>> {
        let (pieces, waiting) = mpsc::channel(WAITING);
        tokio::task::spawn_blocking(move || {
            loop {
                let piece = match self.read(read_from_disk) {
                    Ok(Some(Read::Piece(piece))) => Ok(piece),
                    Ok(Some(Read::WouldWait) | None) => return,
                    Err(error) => Err(read_failed(&error, &self.name)),
                };
                let failed = piece.is_err();
                // The reader may be gone already.
                if pieces.blocking_send(piece).is_err() || failed {
                    return;
                }
            }
        });
        waiting
    }

    /// The next piece; `None` at the end.
    fn read(
        &mut self,
        read: impl Fn(&File, &mut [u8], u64) -> io::Result<Option<usize>>,
    ) -> io::Result<Option<Read>> {
        if self.range.is_empty() {
            return has_not_grown(&self.file, self.size, self.range.end).map(|()| None);
        }
        let left = self.range.end - self.range.start;
        let mut buffer = Buffer::take(usize::try_from(left).unwrap_or(usize::MAX));
        let got = match read(&self.file, &mut buffer, self.range.start)? {
            None => return Ok(Some(Read::WouldWait)),
            Some(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Some(got) => got,
        };
        self.range.start += got as u64;
        let piece = buffer.freeze(got);
        (self.tap)(&piece);
        Ok(Some(Read::Piece(piece)))
    }
}

/// Reads a range at once; `None` where `read` would have to wait for the disk.
pub(super) fn read_whole(
    file: &File,
    name: &str,
    size: u64,
    mut range: Range<u64>,
    read: impl Fn(&File, &mut [u8], u64) -> io::Result<Option<usize>>,
) -> Result<Option<Bytes>, Fault> {
    let failed = |error: io::Error| read_failed(&error, name);
    let len = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
    let mut bytes = vec![0; len];
    let mut left = &mut bytes[..];
    while !left.is_empty() {
        let Some(read) = read(file, left, range.start).map_err(failed)? else { return Ok(None) };
        if read == 0 {
            return Err(failed(io::ErrorKind::UnexpectedEof.into()));
        }
        range.start += read as u64;
        left = &mut left[read..];
    }
    has_not_grown(file, size, range.end).map_err(failed)?;
    Ok(Some(bytes.into()))
}

/// At the end of the file, one byte more than its size is an error.
fn has_not_grown(file: &File, size: u64, end: u64) -> io::Result<()> {
    if end == size && read_at(file, &mut [0], size)? != 0 {
        let why = "the file is longer than when it was queued";
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    Ok(())
}

async fn next_from_disk(
    mut pieces: mpsc::Receiver<Result<Bytes, Fault>>,
) -> Option<(Result<Bytes, Fault>, State)> {
    let piece = pieces.recv().await?;
    let state = if piece.is_ok() { State::Disk(pieces) } else { State::Ended };
    Some((piece, state))
}

fn read_failed(error: &io::Error, name: &str) -> Fault {
    let mut fault = refused(error, name);
    if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData) {
        fault.kind = FaultKind::SourceChanged;
    }
    fault
}

/// Reads what is in memory: some bytes; none at the file's end; `None` where the system or the file
/// system would wait, or cannot say.
#[cfg(target_os = "linux")]
pub(super) fn read_from_memory(
    file: &File,
    buffer: &mut [u8],
    offset: u64,
) -> io::Result<Option<usize>> {
    use rustix::io::{Errno, ReadWriteFlags, preadv2};
    let mut buffers = [io::IoSliceMut::new(buffer)];
    match preadv2(file, &mut buffers, offset, ReadWriteFlags::NOWAIT) {
        Ok(read) => Ok(Some(read)),
        Err(Errno::AGAIN | Errno::INTR | Errno::NOTSUP | Errno::NOSYS) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn read_from_memory(_: &File, _: &mut [u8], _: u64) -> io::Result<Option<usize>> {
    Ok(None)
}

pub(super) fn read_from_disk(
    file: &File,
    buffer: &mut [u8],
    offset: u64,
) -> io::Result<Option<usize>> {
    loop {
        match read_at(file, buffer, offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read.map(Some),
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(test)]
mod tests {
    use super::super::buffers::PIECE;
    use super::*;

    type ReadAt = fn(&File, &mut [u8], u64) -> io::Result<Option<usize>>;

    /// Reads a range with one of the two ways only.
    fn read_all(
        file: &File,
        range: Range<u64>,
        size: u64,
        read: impl Fn(&File, &mut [u8], u64) -> io::Result<Option<usize>> + Copy,
    ) -> io::Result<u64> {
        let file = Arc::new(file.try_clone()?);
        let mut reading = Pieces { file, name: "file".into(), size, range, tap: Box::new(|_| {}) };
        let mut len = 0;
        while let Some(Read::Piece(piece)) = reading.read(read)? {
            len += piece.len() as u64;
        }
        Ok(len)
    }

    #[test]
    fn a_range_is_read_exactly_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, vec![7u8; PIECE + 10]).expect("writes");
        let file = File::open(&path).expect("opens");
        let size = PIECE as u64 + 10;
        let read = |range, size| read_all(&file, range, size, read_from_disk);
        assert_eq!(read(0..size, size).expect("whole"), size);
        assert_eq!(read(3..9, size).expect("inner"), 6);
        for (range, size, expected) in [
            (0..size, size, None),
            (3..9, size, None),
            (0..size + 1, size + 1, Some(FaultKind::SourceChanged)),
            (0..size - 1, size - 1, Some(FaultKind::SourceChanged)),
        ] {
            // Systems other than Linux always wait: they have nothing in memory.
            let memory: ReadAt = read_from_memory;
            for (read, reads) in [(memory, cfg!(target_os = "linux")), (read_from_disk, true)] {
                let whole = super::read_whole(&file, "file", size, range.clone(), read);
                let refused = whole.as_ref().err().map(|fault| fault.kind);
                assert_eq!(refused, expected.filter(|_| reads), "{range:?}");
                let whole = whole.ok().flatten();
                assert!(
                    whole.is_none_or(|bytes| bytes.len() as u64 == range.end - range.start),
                    "{range:?}"
                );
            }
        }
        let short = read(0..size + 1, size + 1).expect_err("short");
        assert_eq!(short.kind(), io::ErrorKind::UnexpectedEof);
        let long = read(0..size - 1, size - 1).expect_err("long");
        assert_eq!(long.kind(), io::ErrorKind::InvalidData);
    }

    #[tokio::test]
    async fn pieces_are_the_bytes_of_the_file_in_order_whichever_way_they_come() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let bytes: Vec<u8> = (0..2 * PIECE + 5).map(|at| (at % 251) as u8).collect();
        std::fs::write(&path, &bytes).expect("writes");
        let reading = || {
            let (file, size) = (Arc::new(File::open(&path).expect("opens")), bytes.len() as u64);
            Pieces { file, name: "file".into(), size, range: 1..size, tap: Box::new(|_| {}) }
        };
        let disk = stream::unfold(State::Disk(reading().read_ahead()), |state| async move {
            let State::Disk(pieces) = state else { return None };
            next_from_disk(pieces).await
        });
        for pieces in [reading().stream(), disk.boxed()] {
            let pieces: Vec<Bytes> = pieces.map(|piece| piece.expect("reads")).collect().await;
            assert_eq!(pieces.concat(), bytes[1..]);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_was_just_written_is_read_from_memory() {
        let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).expect("a folder on a disk");
        let path = folder.path().join("file");
        std::fs::write(&path, vec![7u8; 100]).expect("writes");
        let file = File::open(&path).expect("opens");
        assert_eq!(read_all(&file, 0..100, 100, read_from_memory).expect("reads"), 100);
    }
}
