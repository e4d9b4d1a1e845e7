//! An input that can be read once, as standard input: what was read of it stays in memory until the
//! store has it.
//!
//! Its transfer sees it as a file: each part is a range that can be read again for another try. A
//! range that was released, or lies ahead of what was read, cannot.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use ferry_model::{Fault, FaultKind, PartRange, QueuedSource, SourceIdentity, StreamPlan};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Files, Item, SourceFile, Tap, Walk};
use crate::lock::lock;

/// Most bytes of a piece.
const PIECE: usize = 256 * 1024;

/// How an input begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// It ended within the first part, and has so many bytes.
    Whole(u64),
    /// It goes on behind the first part.
    Long,
}

/// What is known of an input, and what of it is in memory.
#[derive(Debug, Default)]
struct Held {
    /// By their first byte.
    pieces: BTreeMap<u64, Bytes>,
    bytes: u64,
    /// Bytes that were read so far.
    read: u64,
    /// Whether it ended, and how.
    ended: Option<Result<(), Fault>>,
    /// Most bytes to hold.
    budget: u64,
    /// Its bytes, if it ended within the first part.
    whole: Option<u64>,
}

impl Held {
    fn has(&self, end: u64) -> bool {
        self.read >= end || self.ended.is_some()
    }

    fn piece(&mut self, bytes: Bytes) {
        let len = bytes.len() as u64;
        self.pieces.insert(self.read, bytes);
        self.read += len;
        self.bytes += len;
    }

    /// Forgets the pieces of a part. One that reaches into the next part is cut.
    fn release(&mut self, part: PartRange) {
        let end = part.offset + part.len;
        let at: Vec<u64> = self.pieces.range(..end).map(|(at, _)| *at).collect();
        for at in at.into_iter().rev() {
            let Some(bytes) = self.pieces.get_mut(&at) else { continue };
            if at + (bytes.len() as u64) <= part.offset {
                break;
            }
            let before = bytes.split_to((part.offset.saturating_sub(at)) as usize);
            let gone = bytes.split_to(bytes.len().min((end - at.max(part.offset)) as usize));
            let rest = std::mem::take(bytes);
            self.pieces.remove(&at);
            self.bytes -= gone.len() as u64;
            for (at, bytes) in [(at, before), (end, rest)] {
                if !bytes.is_empty() {
                    self.pieces.insert(at, bytes);
                }
            }
        }
    }

    /// The pieces of a range, if all of it is in memory.
    fn range(&self, range: &Range<u64>) -> Option<Vec<Bytes>> {
        let from = self.pieces.range(..=range.start).next_back().map_or(range.start, |(at, _)| *at);
        let (mut at, mut found) = (range.start, Vec::new());
        for (begin, bytes) in self.pieces.range(from..range.end) {
            let end = (begin + bytes.len() as u64).min(range.end);
            if *begin > at || end <= at {
                break;
            }
            found.push(bytes.slice((at - begin) as usize..(end - begin) as usize));
            at = end;
        }
        (at == range.end).then_some(found)
    }
}

/// An input that is read once.
#[derive(Debug)]
pub(crate) struct Once {
    plan: StreamPlan,
    held: watch::Sender<Held>,
    /// Cancelled once its put has ended.
    closed: CancellationToken,
}

impl Once {
    pub(crate) fn new(plan: StreamPlan) -> Arc<Self> {
        let budget = plan.part(1).map_or(0, StreamPlan::budget);
        let held = watch::channel(Held { budget, ..Held::default() }).0;
        Arc::new(Self { plan, held, closed: CancellationToken::new() })
    }

    /// Reads the input to its end, or until [`Self::close`], never more ahead than the budget
    /// holds.
    pub(crate) async fn read_from(self: Arc<Self>, mut input: impl AsyncRead + Send + Unpin) {
        let mut buffer = BytesMut::new();
        let ended = loop {
            let has_room = |held: &Held| held.bytes < held.budget;
            let step = async {
                // The sender lives in `self`, so waiting cannot fail.
                let _ = self.held.subscribe().wait_for(has_room).await;
                buffer.reserve(PIECE);
                (&mut input).take(PIECE as u64).read_buf(&mut buffer).await
            };
            let read = tokio::select! {
                biased;
                () = self.closed.cancelled() => return,
                read = step => read,
            };
            match read {
                Ok(0) => break Ok(()),
                Ok(_) => self.held.send_modify(|held| held.piece(buffer.split().freeze())),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => break Err(unreadable().with_detail(error.to_string())),
            }
        };
        self.held.send_modify(|held| held.ended = Some(ended));
    }

    /// Reads no more of it.
    pub(crate) fn close(&self) {
        self.closed.cancel();
    }

    /// Waits until it is known whether it is longer than the first part.
    ///
    /// # Errors
    /// [`FaultKind::SourceReadFailed`].
    pub(crate) async fn beginning(&self) -> Result<Beginning, Fault> {
        self.wait_for(self.plan.first() + 1).await;
        let mut begins = Ok(Beginning::Long);
        self.held.send_if_modified(|held| {
            match &held.ended {
                Some(Ok(())) if held.read <= self.plan.first() => {
                    held.whole = Some(held.read);
                    begins = Ok(Beginning::Whole(held.read));
                }
                Some(Err(fault)) => begins = Err(fault.clone()),
                _ => {}
            }
            false
        });
        begins
    }

    /// Waits for part `number`, and gives its range; `None` at the end.
    ///
    /// # Errors
    /// [`FaultKind::SourceReadFailed`]; [`FaultKind::TooLarge`] where the service takes no more.
    pub(crate) async fn part(&self, number: u32) -> Result<Option<PartRange>, Fault> {
        let part = self.plan.part(number);
        let (offset, end) = match part {
            Some(part) => {
                self.held.send_modify(|held| held.budget = StreamPlan::budget(part));
                (part.offset, part.offset + part.len)
            }
            None => (self.plan.most(), self.plan.most() + 1),
        };
        self.wait_for(end).await;
        let held = self.held.borrow();
        if let Some(Err(fault)) = &held.ended {
            return Err(fault.clone());
        }
        let len = held.read.min(end) - offset.min(held.read);
        match part {
            _ if len == 0 => Ok(None),
            Some(part) => Ok(Some(PartRange { len, ..part })),
            None => Err(Fault::new(FaultKind::TooLarge)
                .with_subject(NAME)
                .with_detail(format!("more than {} bytes: give a larger --part-size", offset))),
        }
    }

    async fn wait_for(&self, end: u64) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.held.subscribe().wait_for(|held| held.has(end)).await;
    }

    /// The store has this part: its bytes are not needed any more.
    pub(crate) fn release(&self, part: PartRange) {
        self.held.send_modify(|held| held.release(part));
    }

    pub(crate) fn plan(&self) -> StreamPlan {
        self.plan
    }

    /// Whether it is longer than the first part, as far as that is known.
    pub(crate) fn is_long(&self) -> bool {
        self.held.borrow().whole.is_none()
    }

    /// As a file. Of what is long, the size is not known when it is looked at first, and stays 0.
    pub(crate) fn identity(&self) -> SourceIdentity {
        let size = self.held.borrow().whole.unwrap_or(0);
        SourceIdentity { device: 0, file: 0, size, modified_ns: 0, changed_ns: 0 }
    }
}

/// What stands for the input where a path or a name is wanted.
pub(crate) const NAME: &str = "-";

/// Whether a queued file stands for an input that is read once. Every other path is absolute.
pub(crate) fn is_once(path: &Path) -> bool {
    path.as_os_str() == NAME
}

/// The fault of what cannot be read, or not again.
pub(crate) fn unreadable() -> Fault {
    Fault::new(FaultKind::SourceReadFailed).with_subject(NAME)
}

/// The inputs of this process, by the ids that their objects carry.
#[derive(Debug, Default)]
pub(crate) struct Inputs(Mutex<BTreeMap<String, Arc<Once>>>);

impl Inputs {
    pub(crate) fn add(&self, ferry_id: &str, input: Arc<Once>) {
        lock(&self.0).insert(ferry_id.to_owned(), input);
    }

    pub(crate) fn of(&self, ferry_id: &str) -> Option<Arc<Once>> {
        lock(&self.0).get(ferry_id).cloned()
    }

    /// Ends the reading of an input.
    pub(crate) fn close(&self, ferry_id: &str) {
        if let Some(input) = lock(&self.0).remove(ferry_id) {
            input.close();
        }
    }
}

/// One input, as the file system that its transfer sees.
#[derive(Debug, Clone)]
pub(crate) struct OnceFiles(pub(crate) Arc<Once>);

#[async_trait]
impl Files for OnceFiles {
    async fn open(&self, _: &QueuedSource) -> Result<Box<dyn SourceFile>, Fault> {
        Ok(Box::new(self.clone()))
    }

    async fn is_folder(&self, _: &QueuedSource) -> bool {
        false
    }

    fn walk(&self, _: Walk) -> BoxStream<'static, Result<Vec<Item>, Fault>> {
        stream::empty().boxed()
    }
}

#[async_trait]
impl SourceFile for OnceFiles {
    fn identity(&self) -> SourceIdentity {
        self.0.identity()
    }

    async fn identity_now(&self) -> Result<SourceIdentity, Fault> {
        Ok(self.0.identity())
    }

    fn read(&self, range: Range<u64>, mut tap: Tap) -> BoxStream<'static, Result<Bytes, Fault>> {
        let pieces = self.0.held.borrow().range(&range);
        let Some(pieces) = pieces else {
            let gone = unreadable().with_detail("its bytes are sent, and can be read only once");
            return stream::iter([Err(gone)]).boxed();
        };
        stream::iter(pieces)
            .map(move |piece| {
                tap(&piece);
                Ok(piece)
            })
            .boxed()
    }
}

#[cfg(test)]
mod tests {
    use ferry_model::plan::MIB;
    use ferry_model::{PartLimits, Provider};

    use super::*;

    fn plan() -> StreamPlan {
        StreamPlan::new(100 * 1024, PartLimits::of(Provider::Oss))
    }

    fn bytes(len: usize) -> Vec<u8> {
        (0..len).map(|at| (at % 251) as u8).collect()
    }

    async fn begun(len: usize) -> (Arc<Once>, Vec<u8>) {
        let (once, bytes) = (Once::new(plan()), bytes(len));
        Arc::clone(&once).read_from(&bytes[..]).await;
        (once, bytes)
    }

    fn read(once: &Arc<Once>, range: Range<u64>) -> Result<Vec<u8>, Fault> {
        let pieces = OnceFiles(Arc::clone(once)).read(range, Box::new(|_| {}));
        let pieces: Vec<Result<Bytes, Fault>> =
            futures_util::FutureExt::now_or_never(pieces.collect()).expect("in memory");
        Ok(pieces.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
    }

    #[tokio::test]
    async fn a_short_input_is_whole() {
        let part = plan().first() as usize;
        for len in [0, 1, part - 1, part] {
            let (once, bytes) = begun(len).await;
            assert_eq!(once.beginning().await, Ok(Beginning::Whole(len as u64)));
            assert_eq!(once.identity().size, len as u64);
            assert_eq!(read(&once, 0..len as u64), Ok(bytes));
        }
        let (once, _) = begun(part + 1).await;
        assert_eq!(once.beginning().await, Ok(Beginning::Long));
        assert_eq!(once.identity().size, 0);
    }

    #[tokio::test]
    async fn its_parts_are_its_bytes_and_are_gone_once_released() {
        let (once, bytes) = begun(1_000_000).await;
        let (mut number, mut sent) = (1, Vec::new());
        while let Some(part) = once.part(number).await.expect("readable") {
            let range = part.offset..part.offset + part.len;
            let first = read(&once, range.clone()).expect("in memory");
            assert_eq!(read(&once, range.clone()), Ok(first.clone()), "another try");
            sent.extend(first);
            once.release(part);
            assert_eq!(
                read(&once, range).map_err(|fault| fault.kind),
                Err(FaultKind::SourceReadFailed)
            );
            number += 1;
        }
        assert_eq!((number - 1, sent == bytes), (10, true));
        assert_eq!(once.held.borrow().bytes, 0);
    }

    #[tokio::test]
    async fn it_is_read_no_further_than_the_budget() {
        let once = Once::new(plan());
        let reading = tokio::spawn(Arc::clone(&once).read_from(tokio::io::repeat(7)));
        for number in 1..=2_000 {
            let part = once.part(number).await.expect("readable").expect("it goes on");
            let held = once.held.borrow().bytes;
            assert!(held <= 64 * MIB + PIECE as u64, "{held}");
            once.release(part);
        }
        once.close();
        reading.await.expect("it ends once it is closed");
    }

    #[tokio::test]
    async fn what_goes_wrong_is_told_in_the_place_of_the_next_part() {
        struct Broken;
        impl AsyncRead for Broken {
            fn poll_read(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
                _: &mut tokio::io::ReadBuf<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                std::task::Poll::Ready(Err(std::io::Error::other("gone")))
            }
        }
        let once = Once::new(plan());
        Arc::clone(&once).read_from(bytes(300_000).chain(Broken)).await;
        let part = once.part(1).await.expect_err("it broke");
        assert_eq!(part.kind, FaultKind::SourceReadFailed);
        assert!(part.to_string().contains("gone"), "{part}");
        assert!(once.beginning().await.is_err());
    }

    #[test]
    fn releasing_leaves_exactly_the_rest() {
        for seed in 0..500 {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut held = Held::default();
            let lengths: Vec<usize> =
                (0..random.usize(1..40)).map(|_| random.usize(1..2_000)).collect();
            let all = bytes(lengths.iter().sum());
            for len in lengths {
                let at = held.read as usize;
                held.piece(Bytes::copy_from_slice(&all[at..at + len]));
            }
            let (mut parts, mut offset) = (Vec::new(), 0);
            for number in 1..random.u32(2..20) {
                let len = random.u64(1..3_000).min(held.read - offset);
                parts.push(PartRange { number, offset, len });
                offset += len;
            }
            parts.retain(|part| part.len > 0);
            random.shuffle(&mut parts);
            while let Some(part) = parts.pop() {
                held.release(part);
                for left in &parts {
                    let range = left.offset..left.offset + left.len;
                    let wanted = &all[range.start as usize..range.end as usize];
                    let found = held.range(&range).map(|pieces| pieces.concat());
                    assert_eq!(found.as_deref(), Some(wanted), "{seed}");
                }
                assert_eq!(held.range(&(part.offset..part.offset + part.len)), None, "{seed}");
                let left: u64 = held.pieces.values().map(|piece| piece.len() as u64).sum();
                assert_eq!(held.bytes, left, "{seed}");
            }
        }
    }
}
