//! The watched folder, and every state that a file of it ever had.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use ferry_engine::{Change, MemoryFiles};

use super::plan::{OUTSIDE, of_burst};

/// The watched folder, which is a volume of its own.
pub(super) const FOLDER: &str = "/data/in";

/// Bytes that no other file has.
pub(super) fn content(random: &mut fastrand::Rng) -> Bytes {
    let mut bytes = vec![0; random.usize(16..120_000)];
    random.fill(&mut bytes);
    bytes.into()
}

/// A state of a file.
#[derive(Debug, Clone)]
struct Stand {
    bytes: Bytes,
    /// Since when the file has had these bytes.
    from: Duration,
    to: Option<Duration>,
    /// Whether a program had it open for writing.
    written_to: bool,
}

impl Stand {
    /// Whether it was complete at its end, or is now: closed, and quiet for long enough.
    fn is_complete(&self, quiet: Duration, now: Duration) -> bool {
        !self.written_to && self.to.unwrap_or(now) - self.from >= quiet
    }
}

/// The folder.
pub(super) struct Folder {
    files: MemoryFiles,
    quiet: Duration,
    history: BTreeMap<PathBuf, Vec<Stand>>,
    /// Files that a program has open for writing: the path under which it opened each, and where
    /// that file stands now.
    writers: Vec<(PathBuf, Option<PathBuf>)>,
    links: BTreeSet<PathBuf>,
    mounted: bool,
    /// Changes of files when they were looked at last.
    noted: u64,
}

impl Folder {
    pub(super) fn new(files: MemoryFiles, quiet: Duration) -> Self {
        files.apply(Change::Write(
            OUTSIDE.into(),
            Bytes::from_static(b"a secret that nobody chose"),
        ));
        files.apply(Change::Mount(FOLDER.into()));
        let (history, writers, links) = Default::default();
        Self { files, quiet, history, writers, links, mounted: true, noted: 0 }
    }

    pub(super) fn files(&self) -> MemoryFiles {
        self.files.clone()
    }

    /// Writes many files at once, each with bytes of its own; their paths.
    pub(super) fn burst(&mut self, numbers: Range<usize>, now: Duration) -> Vec<PathBuf> {
        if !self.mounted {
            return Vec::new();
        }
        let mut changed = Vec::with_capacity(numbers.len());
        for number in numbers {
            let path = of_burst(number);
            let bytes = Bytes::from(format!("{number} at {now:?}"));
            self.links.remove(&path);
            self.files.apply(Change::Write(path.clone(), bytes));
            changed.push(path);
        }
        self.note(now);
        changed
    }

    /// Changes something; the paths that changed.
    pub(super) fn apply(&mut self, change: &Change, now: Duration) -> Vec<PathBuf> {
        let mut changed = Vec::new();
        match change {
            Change::Mount(_) if self.mounted => return changed,
            Change::Mount(_) => self.mounted = true,
            Change::Unmount(_) if !self.mounted => return changed,
            Change::Unmount(_) => {
                // Who writes can write no more.
                self.close_all(now);
                self.mounted = false;
            }
            // Nothing is written where no volume is.
            _ if !self.mounted => return changed,
            Change::Rename(from, to) if self.is_folder(from) => {
                // The system refuses to replace a folder that is not empty.
                if self.is_folder(to) {
                    return changed;
                }
                for path in self.files.paths_below(from) {
                    let new = to.join(path.strip_prefix(from).unwrap_or(&path));
                    self.moved(&path, Some(&new));
                    if self.links.remove(&path) {
                        self.links.insert(new);
                    }
                }
                // Of what is in a folder, the system tells nothing.
                changed.extend([from.clone(), to.clone()]);
            }
            Change::Rename(from, to) => {
                if from == to || !self.is_file(from) {
                    return changed;
                }
                self.links.remove(to);
                self.moved(to, None);
                self.moved(from, Some(to));
                changed.extend([from.clone(), to.clone()]);
            }
            Change::Write(path, _) => {
                self.links.remove(path);
                changed.push(path.clone());
            }
            Change::Link(path, _) => {
                self.moved(path, None);
                self.links.insert(path.clone());
                changed.push(path.clone());
            }
            Change::Remove(path) | Change::Replace(path, _) => {
                for gone in self.files.paths_below(path) {
                    self.moved(&gone, None);
                    self.links.remove(&gone);
                }
                changed.push(path.clone());
            }
            Change::BeginWriting(path) if self.is_file(path) => {
                self.writers.push((path.clone(), Some(path.clone())));
            }
            Change::EndWriting(path) => return self.end_writing(path, now),
            Change::Append(path, _)
            | Change::WriteHead(path, _)
            | Change::WriteQuietly(path, _)
            | Change::Resize(path, _)
            | Change::Touch(path) => {
                if !self.is_file(path) {
                    return changed;
                }
                changed.push(path.clone());
            }
            _ => {}
        }
        self.files.apply(change.clone());
        self.note(now);
        changed
    }

    /// The file at a path stands at another one now, or at none.
    fn moved(&mut self, from: &Path, to: Option<&PathBuf>) {
        for (_, place) in &mut self.writers {
            if place.as_deref() == Some(from) {
                *place = to.cloned();
            }
        }
    }

    /// A program closes a file, wherever that stands now.
    fn end_writing(&mut self, opened: &Path, now: Duration) -> Vec<PathBuf> {
        let Some(at) = self.writers.iter().position(|(path, _)| path == opened) else {
            return Vec::new();
        };
        let (_, Some(place)) = self.writers.remove(at) else { return Vec::new() };
        if !self.is_open(&place) {
            self.files.apply(Change::EndWriting(place.clone()));
        }
        self.note(now);
        vec![place]
    }

    fn is_open(&self, path: &Path) -> bool {
        self.writers.iter().any(|(_, place)| place.as_deref() == Some(path))
    }

    fn is_file(&self, path: &Path) -> bool {
        !self.links.contains(path) && self.files.bytes(path).is_some()
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.files.paths_below(path).iter().any(|file| file != path)
    }

    /// Whether files changed since they were looked at: to look at very many takes long.
    fn has_changed(&self) -> bool {
        self.files.changes() != self.noted
    }

    /// Notes what every file is now.
    fn note(&mut self, now: Duration) {
        if !self.mounted || !self.has_changed() {
            return;
        }
        self.noted = self.files.changes();
        for path in self.files.paths_below(Path::new(FOLDER)) {
            self.history.entry(path).or_default();
        }
        let (files, links, writers) = (&self.files, &self.links, &self.writers);
        for (path, stands) in &mut self.history {
            let bytes = files.bytes(path).filter(|_| !links.contains(path));
            let written_to = writers.iter().any(|(_, place)| place.as_ref() == Some(path));
            let last = stands.last_mut().filter(|stand| stand.to.is_none());
            let same = last.as_ref().map(|stand| (&stand.bytes, stand.written_to))
                == bytes.as_ref().map(|bytes| (bytes, written_to));
            if same {
                continue;
            }
            // That a program closes a file changes no byte of it.
            let mut from = now;
            if let Some(last) = last {
                last.to = Some(now);
                if bytes.as_ref() == Some(&last.bytes) {
                    from = last.from;
                }
            }
            if let Some(bytes) = bytes {
                stands.push(Stand { bytes, from, to: None, written_to });
            }
        }
    }

    /// Files that are gone although nothing here took them away, with what they were.
    pub(super) fn vanished(&mut self, now: Duration) -> Vec<(PathBuf, Bytes)> {
        if !self.mounted || !self.has_changed() {
            return Vec::new();
        }
        let before: Vec<(PathBuf, Bytes)> =
            self.stands().map(|(path, bytes)| (path.clone(), bytes.clone())).collect();
        let gone = before.into_iter().filter(|(path, _)| self.files.bytes(path).is_none());
        let gone: Vec<_> = gone.collect();
        self.note(now);
        gone
    }

    /// All files with their bytes, but temporary ones.
    pub(super) fn stands(&self) -> impl Iterator<Item = (&PathBuf, &Bytes)> {
        let files =
            self.history.iter().filter(|(path, _)| path.extension() != Some("part".as_ref()));
        files.filter_map(|(path, stands)| {
            let last = stands.last().filter(|stand| stand.to.is_none())?;
            Some((path, &last.bytes))
        })
    }

    /// Every program has closed its files, and the volume is there.
    pub(super) fn settle(&mut self, now: Duration) {
        self.apply(&Change::Mount(FOLDER.into()), now);
        self.close_all(now);
    }

    fn close_all(&mut self, now: Duration) {
        for (_, place) in std::mem::take(&mut self.writers) {
            self.files.apply(Change::EndWriting(place.unwrap_or_default()));
        }
        self.note(now);
    }

    /// Whether a file had these bytes as a complete version.
    pub(super) fn was_complete(
        &self,
        path: &Path,
        bytes: &Bytes,
        now: Duration,
    ) -> Result<(), String> {
        let stands = self.history.get(path).map_or(&[][..], Vec::as_slice);
        let mut had = stands.iter().filter(|stand| stand.bytes == *bytes).peekable();
        if had.peek().is_none() {
            return Err(format!("holds {} bytes that its file never had", bytes.len()));
        }
        let states: Vec<&Stand> = had.collect();
        if states.iter().any(|stand| stand.is_complete(self.quiet, now)) {
            return Ok(());
        }
        let told = states.iter().map(|stand| {
            let Stand { from, to, written_to, .. } = stand;
            format!("from {from:?} to {to:?}{}", if *written_to { ", being written" } else { "" })
        });
        Err(format!("was not complete: {}", told.collect::<Vec<_>>().join("; ")))
    }

    /// How many complete versions there were.
    pub(super) fn complete_versions(&self) -> usize {
        let all = self.history.values().flatten();
        all.filter(|stand| stand.is_complete(self.quiet, Duration::MAX)).count()
    }
}
