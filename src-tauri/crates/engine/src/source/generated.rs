//! Files whose bytes are made when they are read: a benchmark measures the way to the store, not
//! the disk, and must not need as much memory as it sends.

use std::ops::Range;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use ferry_model::{Fault, FaultKind, QueuedSource, SourceIdentity};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};

use super::{Files, Item, SourceFile, Tap, Walk};

/// Bytes of the block that all files are made of. A prime number, so that no two parts of a file
/// are cut at the same place of it and are therefore the same.
const BLOCK: usize = 1_048_573;
/// Most bytes of a piece.
const PIECE: usize = 256 * 1024;
/// Files that a walk finds at once.
const A_PAGE: u64 = 1_000;
/// By what each file begins elsewhere in the block than the one before.
const STEP: u64 = 65_537;

/// Files of random bytes that stand on no disk: so many of one size, in one folder.
///
/// All are cut from one block of 1 MiB, so that they take no more memory however many and large
/// they are. No two files of a folder begin alike, and random bytes do not compress: no proxy and
/// no store saves itself work.
///
/// ```
/// use std::path::PathBuf;
/// use ferry_engine::GeneratedFiles;
///
/// let files = GeneratedFiles::new(PathBuf::from("/small"), 500, 16 * 1024, 7);
/// assert_eq!(files.folder().to_str(), Some("/small"));
/// ```
#[derive(Debug, Clone)]
pub struct GeneratedFiles {
    folder: PathBuf,
    count: u64,
    size: u64,
    block: Bytes,
}

impl GeneratedFiles {
    /// `count` files of `size` bytes in `folder`, an absolute path that need not be there. The seed
    /// makes the bytes.
    pub fn new(folder: PathBuf, count: u64, size: u64, seed: u64) -> Self {
        let mut block = vec![0; BLOCK];
        fastrand::Rng::with_seed(seed).fill(&mut block);
        Self { folder, count, size, block: block.into() }
    }

    /// The folder to add.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn name(number: u64) -> String {
        format!("{number:08}.bin")
    }

    /// The number of the file at a path; `None` for any other.
    fn number(&self, path: &Path) -> Option<u64> {
        let name = path.file_name()?.to_str()?;
        let number = name.strip_suffix(".bin")?.parse().ok()?;
        let is_there = number < self.count && path == self.folder.join(Self::name(number));
        is_there.then_some(number)
    }

    fn identity(&self, number: u64) -> SourceIdentity {
        SourceIdentity { device: 1, file: number, size: self.size, modified_ns: 0, changed_ns: 0 }
    }

    fn item(&self, number: u64) -> Item {
        let name = Self::name(number);
        let path = self.folder.join(&name);
        let folder = self.folder.file_name().map(|name| name.to_string_lossy().into_owned());
        Item {
            resolved: Some(path.clone()),
            path,
            components: folder.into_iter().chain([name]).collect(),
            outcome: Ok(self.identity(number)),
        }
    }

    /// As many bytes of a file from `offset` on as stand together in the block.
    fn piece(&self, number: u64, offset: u64, left: u64) -> Bytes {
        let at = (number.wrapping_mul(STEP).wrapping_add(offset) % BLOCK as u64) as usize;
        let most = PIECE.min(BLOCK - at);
        let len = usize::try_from(left).map_or(most, |left| left.min(most));
        self.block.slice(at..at + len)
    }
}

#[async_trait]
impl Files for GeneratedFiles {
    async fn open(&self, source: &QueuedSource) -> Result<Box<dyn SourceFile>, Fault> {
        match self.number(&source.path) {
            Some(number) => Ok(Box::new(Generated { files: self.clone(), number })),
            None => Err(Fault::new(FaultKind::SourceMissing).with_subject(source.shown())),
        }
    }

    async fn is_folder(&self, source: &QueuedSource) -> bool {
        source.path == self.folder
    }

    /// Every root stands for the one folder; patterns leave out nothing.
    fn walk(&self, _: Walk) -> BoxStream<'static, Result<Vec<Item>, Fault>> {
        let files = self.clone();
        let pages = (0..self.count).step_by(A_PAGE as usize);
        stream::iter(pages)
            .map(move |first| {
                let end = files.count.min(first + A_PAGE);
                Ok((first..end).map(|number| files.item(number)).collect())
            })
            .boxed()
    }
}

/// An open file.
#[derive(Debug)]
struct Generated {
    files: GeneratedFiles,
    number: u64,
}

#[async_trait]
impl SourceFile for Generated {
    fn identity(&self) -> SourceIdentity {
        self.files.identity(self.number)
    }

    async fn identity_now(&self) -> Result<SourceIdentity, Fault> {
        Ok(self.identity())
    }

    fn read(&self, range: Range<u64>, mut tap: Tap) -> BoxStream<'static, Result<Bytes, Fault>> {
        if range.end > self.files.size {
            return stream::iter([Err(Fault::new(FaultKind::SourceChanged))]).boxed();
        }
        let (files, number) = (self.files.clone(), self.number);
        stream::iter(std::iter::successors(Some((range.start, Bytes::new())), {
            move |(offset, _)| {
                let piece = files.piece(number, *offset, range.end - offset);
                (!piece.is_empty()).then(|| (offset + piece.len() as u64, piece))
            }
        }))
        .skip(1)
        .map(move |(_, piece)| {
            tap(&piece);
            Ok(piece)
        })
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Root;

    async fn walk(files: &GeneratedFiles) -> Vec<Item> {
        let roots = vec![Root { path: files.folder().to_owned(), led_to: None, below: None }];
        let pages = files.walk(Walk { roots, ..Walk::default() }).collect::<Vec<_>>().await;
        pages.into_iter().flat_map(|page| page.expect("no pattern is wrong")).collect()
    }

    async fn read(files: &GeneratedFiles, item: &Item, range: Range<u64>) -> Vec<u8> {
        let file = files.open(&item.source()).await.expect("opens");
        let pieces = file.read(range, Box::new(|_| {})).collect::<Vec<_>>().await;
        pieces.into_iter().map(|piece| piece.expect("reads")).collect::<Vec<Bytes>>().concat()
    }

    #[tokio::test]
    async fn a_walk_finds_every_file_once_below_the_folders_name() {
        let files = GeneratedFiles::new("/x/small".into(), 2_001, 5, 1);
        let found = walk(&files).await;
        assert_eq!(found.len(), 2_001);
        assert_eq!(found[7].components, ["small", "00000007.bin"]);
        let paths: std::collections::BTreeSet<_> = found.iter().map(|item| &item.path).collect();
        assert_eq!(paths.len(), found.len());
        for other in ["/x/small", "/x/small/00002001.bin", "/y/00000007.bin", "/x/small/7.bin"] {
            let source = QueuedSource { path: other.into(), resolved: None, identity: None };
            let kind = files.open(&source).await.err().map(|fault| fault.kind);
            assert_eq!(kind, Some(FaultKind::SourceMissing), "{other}");
        }
    }

    #[tokio::test]
    async fn a_part_is_the_same_each_time_and_no_two_are_alike() {
        const PART: u64 = 8 << 20;
        let files = GeneratedFiles::new("/large".into(), 2, 3 * PART, 1);
        let found = walk(&files).await;
        let mut parts = Vec::new();
        for item in &found {
            for start in [0, PART, 2 * PART] {
                let part = read(&files, item, start..start + PART).await;
                assert_eq!(part.len() as u64, PART);
                assert!(part == read(&files, item, start..start + PART).await, "read again");
                assert!(parts.iter().all(|other| *other != part), "two parts are alike");
                parts.push(part);
            }
        }
        assert_eq!(read(&files, &found[0], 9..9).await, b"");
        let file = files.open(&found[0].source()).await.expect("opens");
        let beyond = file.read(0..3 * PART + 1, Box::new(|_| {})).next().await;
        assert!(matches!(beyond, Some(Err(fault)) if fault.kind == FaultKind::SourceChanged));
    }
}
