//! The files of a world, and everything that they ever were.

use std::collections::BTreeSet;
use std::path::PathBuf;

use bytes::Bytes;
use ferry_engine::{Change, MemoryFiles};

use super::plan::{Edit, NewFile};

/// What was not chosen for upload.
const SECRET: &str = "/home/secret";

/// One file.
#[derive(Debug)]
struct Source {
    path: PathBuf,
    /// What it was, and what it was set to become.
    history: Vec<Bytes>,
}

/// All files.
pub(crate) struct Sources {
    files: MemoryFiles,
    known: Vec<Source>,
    adds: usize,
    /// Volumes that are not there.
    unplugged: BTreeSet<PathBuf>,
    edited: BTreeSet<PathBuf>,
    linked: BTreeSet<PathBuf>,
    contents: u64,
}

/// Each add has a volume of its own.
fn volume(add: usize) -> PathBuf {
    format!("/data/{add}").into()
}

fn content(seed: u64, size: u64) -> Bytes {
    // A random block over and over, each numbered: made faster than random bytes.
    let mut block = [0; 1_024];
    fastrand::Rng::with_seed(seed).fill(&mut block);
    let mut bytes = vec![0; usize::try_from(size).expect("files are small")];
    for (number, piece) in bytes.chunks_mut(block.len()).enumerate() {
        piece.copy_from_slice(&block[..piece.len()]);
        if let Some(first) = piece.first_chunk_mut::<8>() {
            let mixed = u64::from_le_bytes(*first) ^ number as u64;
            *first = mixed.to_le_bytes();
        }
    }
    bytes.into()
}

impl Sources {
    pub(crate) fn new(files: MemoryFiles) -> Self {
        files.apply(Change::Write(SECRET.into(), secret()));
        Self {
            files,
            known: Vec::new(),
            adds: 0,
            unplugged: BTreeSet::new(),
            edited: BTreeSet::new(),
            linked: BTreeSet::new(),
            contents: 0,
        }
    }

    /// Makes files; what is to be added.
    pub(crate) fn make(&mut self, files: &[NewFile], folder: bool) -> Vec<PathBuf> {
        self.adds += 1;
        let root = volume(self.adds);
        self.files.apply(Change::Mount(root.clone()));
        let mut paths = Vec::new();
        for (at, file) in files.iter().enumerate() {
            // Few names, so that keys meet keys of earlier adds.
            let path = if folder {
                root.join(format!("{at}.bin"))
            } else {
                root.join(at.to_string()).join(format!("{}.bin", file.content % 12))
            };
            // It is not added, and tells a volume's folder from an empty mount point.
            if !folder {
                let neighbour = path.with_file_name("neighbour");
                self.files.apply(Change::Write(neighbour, Bytes::new()));
            }
            let bytes = content(file.content, file.size);
            self.files.apply(Change::Write(path.clone(), bytes.clone()));
            self.known.push(Source { path: path.clone(), history: vec![bytes] });
            paths.push(path);
        }
        if folder { vec![root] } else { paths }
    }

    pub(crate) fn edit(&mut self, which: usize, edit: Edit, later: Option<u64>) {
        let Some(at) = which.checked_rem(self.known.len()) else { return };
        self.contents += 1;
        let source = &mut self.known[at];
        let path = source.path.clone();
        if self.unplugged.iter().any(|volume| path.starts_with(volume)) {
            return;
        }
        let touches = matches!(edit, Edit::Touch | Edit::Forbid | Edit::Allow);
        // Where no file stands, touching makes an empty one.
        if touches && (self.linked.contains(&path) || self.files.bytes(&path).is_none()) {
            return;
        }
        if touches && later.is_some() {
            source.history.insert(0, Bytes::new());
        }
        let now = source.history.last().cloned().unwrap_or_default();
        let size = now.len() as u64;
        let other = |size| content(self.contents, size);
        let (change, becomes) = match edit {
            Edit::Rewrite => {
                let bytes = other(size);
                (Change::Write(path.clone(), bytes.clone()), Some(bytes))
            }
            Edit::RewriteQuietly => {
                let bytes = other(size);
                (Change::WriteQuietly(path.clone(), bytes.clone()), Some(bytes))
            }
            Edit::Replace => {
                let bytes = other(size / 2 + self.contents);
                (Change::Replace(path.clone(), bytes.clone()), Some(bytes))
            }
            Edit::Append => {
                let bytes: Bytes = [&now[..], b"more"].concat().into();
                (Change::Write(path.clone(), bytes.clone()), Some(bytes))
            }
            Edit::Truncate => {
                let bytes = now.slice(..now.len() / 2);
                (Change::Write(path.clone(), bytes.clone()), Some(bytes))
            }
            Edit::Touch => (Change::Touch(path.clone()), None),
            Edit::Remove => (Change::Remove(path.clone()), None),
            Edit::LinkToSecret => (Change::Link(path.clone(), SECRET.into()), None),
            Edit::Forbid => (Change::Forbid(path.clone()), None),
            Edit::Allow => (Change::Allow(path.clone()), None),
        };
        if edit == Edit::LinkToSecret {
            self.linked.insert(path.clone());
        }
        source.history.extend(becomes);
        self.edited.insert(path);
        match later {
            None => self.files.apply(change),
            Some(steps) => self.files.at_step(self.files.steps() + steps, change),
        }
    }

    /// The volume of an add is gone, counted around.
    pub(crate) fn unplug(&mut self, which: usize) {
        let Some(at) = which.checked_rem(self.adds) else { return };
        let volume = volume(at + 1);
        if self.unplugged.insert(volume.clone()) {
            self.files.apply(Change::Unmount(volume));
        }
    }

    /// It is there again.
    pub(crate) fn plug(&mut self, which: usize) {
        let Some(at) = which.checked_rem(self.adds) else { return };
        let volume = volume(at + 1);
        if self.unplugged.remove(&volume) {
            self.files.apply(Change::Mount(volume));
        }
    }

    /// All volumes are there.
    pub(crate) fn plug_all(&mut self) {
        for volume in std::mem::take(&mut self.unplugged) {
            self.files.apply(Change::Mount(volume));
        }
    }

    /// A path that was dropped itself is queued with this size: with the secret's, the user chose
    /// the link to it.
    pub(crate) fn note_queued(&mut self, path: &std::path::Path, size: u64) {
        if size == secret().len() as u64
            && self.linked.contains(path)
            && let Some(source) = self.known.iter_mut().find(|source| source.path == path)
        {
            source.history.push(secret());
        }
    }

    /// Whether these bytes were ever the whole of this file.
    pub(crate) fn was(&self, path: &std::path::Path, bytes: &Bytes) -> bool {
        let known = self.known.iter().find(|source| source.path == path);
        known.is_some_and(|source| source.history.contains(bytes))
    }

    /// Whether a file ever changed.
    pub(crate) fn is_edited(&self, path: &std::path::Path) -> bool {
        self.edited.contains(path)
    }
}

/// The bytes that were not chosen for upload.
pub(crate) fn secret() -> Bytes {
    Bytes::from_static(b"a secret that nobody chose")
}
