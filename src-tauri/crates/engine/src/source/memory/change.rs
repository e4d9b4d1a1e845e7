//! What happens to files in memory.

use std::path::PathBuf;

use bytes::Bytes;

/// Something that happens to a file. Folders on the way are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Written over in place: the same inode with other bytes.
    Write(PathBuf, Bytes),
    /// Written over in place, and the old modification time set again.
    WriteQuietly(PathBuf, Bytes),
    /// Another file takes its place, as programs that save by renaming do.
    Replace(PathBuf, Bytes),
    /// Bytes are added at its end.
    Append(PathBuf, Bytes),
    /// Its first bytes are written over, as a recorder completes its header.
    WriteHead(PathBuf, Bytes),
    /// Cut off, or filled up with zeros.
    Resize(PathBuf, usize),
    /// Modified just now, with the same bytes.
    Touch(PathBuf),
    /// Gone, with all that is below it.
    Remove(PathBuf),
    /// Moved, with all that is below it.
    Rename(PathBuf, PathBuf),
    /// A link takes its place.
    Link(PathBuf, PathBuf),
    /// A folder, if there is none yet.
    Folder(PathBuf),
    /// A FIFO, a device or a socket takes its place.
    Special(PathBuf),
    /// May not be read any more.
    Forbid(PathBuf),
    /// May be read again.
    Allow(PathBuf),
    /// A program opens it for writing.
    BeginWriting(PathBuf),
    /// No program has it open for writing any more.
    EndWriting(PathBuf),
    /// A volume is mounted in this folder: the one that was unmounted there, or an empty one. The
    /// system gives it a number that none had before.
    Mount(PathBuf),
    /// The volume in this folder is gone with all that is on it; the folder stays.
    Unmount(PathBuf),
}
