//! A part on its way: read once, checksummed in the same pass, handed on under the throttle.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use ferry_model::checksum::{Checksummer, Checksums, Wanted};
use ferry_model::{Fault, FaultKind, QueuedSource, SourceIdentity};
use ferry_storage::Payload;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::buffers::PIECE;
use super::{Files, MayChange, SourceFile, check, open_checked};
use crate::endpoint::throttle::Throttle;
use crate::live::Flight;
use crate::waits::Wait;

/// A body up to so many bytes is read at once, before it is sent: no more than a part under way
/// holds.
const AT_ONCE: u64 = PIECE as u64;

/// A file up to so many bytes is read when it is looked at for the first time: hundreds of transfers
/// may then wait with theirs in memory.
pub(crate) const AHEAD: u64 = 64 * 1024;
/// How long what was read ahead may be sent, unless the file is looked at again.
const FRESH_FOR: Duration = Duration::from_secs(2);

/// A whole file that was read before its first request.
#[derive(Debug)]
pub(crate) struct ReadAhead {
    bytes: Bytes,
    identity: SourceIdentity,
    at: Instant,
}

impl ReadAhead {
    /// Reads a small file; `None` where it is not what was queued, or cannot be read: opening it
    /// tells why.
    pub(crate) async fn of(files: &dyn Files, source: &QueuedSource, size: u64) -> Option<Self> {
        if size > AHEAD {
            return None;
        }
        let whole = files.read_whole(source, 0..size).await.ok()?;
        let identity = whole.opened;
        let same = identity.size == size && whole.afterwards.unchanged_since(&identity);
        same.then(|| Self { bytes: whole.bytes, identity, at: Instant::now() })
    }

    /// What the file was.
    pub(crate) fn identity(&self) -> SourceIdentity {
        self.identity
    }

    /// The bytes of `range`, if they are all of a file that is known to be so still.
    fn bytes_of(self, range: &Range) -> Option<Bytes> {
        let same = range.source.identity == Some(self.identity)
            && (range.offset, range.len) == (0, self.identity.size);
        (same && self.at.elapsed() < FRESH_FOR).then_some(self.bytes)
    }
}

/// A range of a queued file.
#[derive(Debug, Clone)]
pub(crate) struct Range {
    pub(crate) files: Arc<dyn Files>,
    pub(crate) source: QueuedSource,
    /// What of the file may be another than what was queued.
    pub(crate) may_change: MayChange,
    pub(crate) offset: u64,
    pub(crate) len: u64,
}

impl Range {
    /// A range of a file that is what was queued.
    pub(crate) fn of(files: Arc<dyn Files>, source: QueuedSource, offset: u64, len: u64) -> Self {
        Self { files, source, may_change: MayChange::Nothing, offset, len }
    }

    /// Opens the file, makes sure that it is what was queued, and begins to read.
    async fn begin<S: Send + 'static>(
        self,
        state: S,
        update: impl Fn(&mut S, &[u8]) + Send + 'static,
    ) -> Result<Reading<S>, Fault> {
        let file = open_checked(&*self.files, &self.source, self.may_change).await?;
        let state = Arc::new(Mutex::new(Some(state)));
        let tapped = Arc::clone(&state);
        let tap = move |piece: &[u8]| {
            if let Some(state) = lock(&tapped).as_mut() {
                update(state, piece);
            }
        };
        let pieces = file.read(self.offset..self.offset + self.len, Box::new(tap));
        let Self { source, may_change, len: left, .. } = self;
        Ok(Reading { file, pieces, source, may_change, left, state })
    }

    /// Reads the range at once, and makes sure that the file is what was queued before and after.
    async fn whole(&self) -> Result<Bytes, Fault> {
        let range = self.offset..self.offset + self.len;
        let whole = self.files.read_whole(&self.source, range).await?;
        check(&self.source, self.may_change, &whole.opened)?;
        check(&self.source, self.may_change, &whole.afterwards)?;
        Ok(whole.bytes)
    }

    /// Reads the range only for what `update` makes of it. Dropping the future stops the reading
    /// after the piece under way.
    pub(crate) async fn computed<S: Send + 'static>(
        self,
        state: S,
        update: impl Fn(&mut S, &[u8]) + Send + 'static,
    ) -> Result<S, Fault> {
        self.begin(state, update).await?.finish().await
    }

    /// Reads the range only for its checksums. Dropping the future stops the reading after the
    /// piece under way.
    pub(crate) async fn checksums(self, wanted: Wanted) -> Result<Checksums, Fault> {
        let sums = Checksummer::new(wanted);
        Ok(self.computed(sums, |sums, piece| sums.update(piece)).await?.finish())
    }

    /// As [`Range::checksums`], beside the task that asks: the parts of one file share a task, and
    /// an MD5 keeps a core busy for as long as the part takes.
    pub(crate) async fn checksums_aside(self, wanted: Wanted) -> Result<Checksums, Fault> {
        let aside = AbortOnDropHandle::new(tokio::spawn(self.checksums(wanted)));
        aside.await.unwrap_or_else(|error| {
            Err(Fault::new(FaultKind::Internal).with_detail(error.to_string()))
        })
    }

    /// Reads the range for its SHA-256. Dropping the future stops the reading after the piece under
    /// way.
    pub(crate) async fn sha256(self) -> Result<[u8; 32], Fault> {
        let digest = self.computed(Sha256::new(), |digest, piece| digest.update(piece)).await?;
        Ok(digest.finalize().into())
    }
}

/// A range being read, and what is computed over it.
struct Reading<S> {
    file: Box<dyn SourceFile>,
    pieces: BoxStream<'static, Result<Bytes, Fault>>,
    source: QueuedSource,
    may_change: MayChange,
    left: u64,
    state: Arc<Mutex<Option<S>>>,
}

impl<S> Reading<S> {
    /// The next piece; `None` once the range was read whole and the file is still what was queued.
    async fn next(&mut self) -> Option<Result<Bytes, Fault>> {
        match self.pieces.next().await {
            Some(Ok(piece)) => {
                self.left = self.left.saturating_sub(piece.len() as u64);
                Some(Ok(piece))
            }
            Some(Err(fault)) => Some(Err(fault)),
            None => self.ended().await.err().map(Err),
        }
    }

    /// At the end of a range: all of it was read, and the file was not written to meanwhile.
    async fn ended(&mut self) -> Result<(), Fault> {
        if self.left > 0 {
            return Err(Fault::new(FaultKind::Internal).with_detail("a range was not read whole"));
        }
        check(&self.source, self.may_change, &self.file.identity_now().await?)
    }

    /// What was computed over the bytes so far.
    fn take_state(&self) -> Result<S, Fault> {
        let state = lock(&self.state).take();
        state.ok_or_else(|| Fault::new(FaultKind::Internal).with_detail("a range was read twice"))
    }

    /// Reads to the end.
    async fn finish(mut self) -> Result<S, Fault> {
        while let Some(piece) = self.next().await {
            piece?;
        }
        self.take_state()
    }
}

/// What became of a range that was streamed: filled when the last byte was read.
#[derive(Debug, Default, Clone)]
pub(crate) struct Outcome(Arc<Mutex<Option<Result<Checksums, Fault>>>>);

impl Outcome {
    fn set(&self, outcome: Result<Checksums, Fault>) {
        *lock(&self.0) = Some(outcome);
    }

    /// The checksums, or why reading failed; `None` when the transport stopped taking bytes before
    /// the end.
    pub(crate) fn get(&self) -> Option<Result<Checksums, Fault>> {
        lock(&self.0).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no code panics while holding this lock")
}

/// What a request's headers tell of its body. It has to be known before the body is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tells {
    Nothing,
    Md5,
    Nvme,
    Both,
}

impl Tells {
    /// What is computed to tell it; `None` for nothing.
    fn wanted(self) -> Option<Wanted> {
        match self {
            Self::Nothing => None,
            Self::Md5 => Some(Wanted::WithMd5),
            Self::Nvme => Some(Wanted::WithNvme),
            Self::Both => Some(Wanted::WithBoth),
        }
    }

    fn payload(self, sums: Option<&Checksums>, len: u64, stream: Pieces) -> Payload {
        let (md5, nvme) =
            (matches!(self, Self::Md5 | Self::Both), matches!(self, Self::Nvme | Self::Both));
        Payload {
            len,
            content_md5: sums.and_then(|sums| sums.md5).filter(|_| md5),
            crc64_nvme: sums.and_then(|sums| sums.crc64_nvme).filter(|_| nvme),
            stream,
        }
    }
}

/// A body's bytes.
type Pieces = BoxStream<'static, io::Result<Bytes>>;

/// Opens the range and makes a payload of it; or of what was read ahead of it. The bytes count as
/// under way in `flight` as the transport takes them. What the headers tell is read before: a large
/// range twice, a small one once.
///
/// # Errors
/// The source's faults, before anything is sent. Later ones end the stream with an I/O error and
/// stand in the [`Outcome`].
pub(crate) async fn payload(
    range: Range,
    ahead: Option<ReadAhead>,
    wanted: Wanted,
    tells: Tells,
    throttle: Arc<Throttle>,
    mut flight: Flight,
) -> Result<(Payload, Outcome), Fault> {
    let (len, outcome) = (range.len, Outcome::default());
    if len <= AT_ONCE {
        let bytes = match ahead.and_then(|ahead| ahead.bytes_of(&range)) {
            Some(bytes) => bytes,
            None => range.whole().await?,
        };
        let mut sums = Checksummer::new(wanted);
        sums.update(&bytes);
        let sums = sums.finish();
        outcome.set(Ok(sums));
        flight.waited(Wait::Disk);
        let pieces = stream::iter((!bytes.is_empty()).then_some(Ok(bytes))).boxed();
        return Ok((tells.payload(Some(&sums), len, paced(pieces, throttle, flight)), outcome));
    }
    let told = match tells.wanted() {
        Some(told) => Some(range.clone().checksums_aside(told).await?),
        None => None,
    };
    // An MD5 costs more than all else: one that was told of is not computed once more.
    let earlier = told.filter(|told| wanted.md5() && told.md5.is_some());
    let wanted = if earlier.is_some() { wanted.without_md5() } else { wanted };
    let reading = range.begin(Checksummer::new(wanted), Checksummer::update).await?;
    flight.waited(Wait::Disk);
    let sending = Sending { reading: Some(reading), held: None, earlier, outcome: outcome.clone() };
    let pieces = stream::unfold(sending, |mut sending| async move {
        let piece = sending.next().await?;
        Some((piece, sending))
    });
    let pieces = paced(pieces.boxed(), throttle, flight);
    Ok((tells.payload(told.as_ref(), len, pieces), outcome))
}

/// The last piece is held back until the outcome stands: the answer may come at once after it.
struct Sending {
    /// `None` once it ended.
    reading: Option<Reading<Checksummer>>,
    held: Option<Bytes>,
    /// The sums of the same range with an MD5, which is not computed again.
    earlier: Option<Checksums>,
    outcome: Outcome,
}

impl Sending {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            let reading = self.reading.as_mut()?;
            match reading.next().await {
                Some(Ok(piece)) => {
                    if let Some(before) = self.held.replace(piece) {
                        return Some(Ok(before));
                    }
                }
                Some(Err(fault)) => return Some(Err(self.fail(fault))),
                None => {
                    let sums = reading.take_state();
                    return match sums {
                        Ok(sums) => {
                            let sums = sums.finish();
                            let earlier = self.earlier.as_ref();
                            let sums = earlier.map_or(sums, |earlier| sums.with_md5_of(earlier));
                            self.outcome.set(Ok(sums));
                            self.reading = None;
                            self.held.take().map(Ok)
                        }
                        Err(fault) => Some(Err(self.fail(fault))),
                    };
                }
            }
        }
    }

    fn fail(&mut self, fault: Fault) -> io::Error {
        let error = io::Error::other(fault.to_string());
        self.outcome.set(Err(fault));
        self.reading = None;
        error
    }
}

fn paced(pieces: Pieces, throttle: Arc<Throttle>, flight: Flight) -> Pieces {
    let state = (pieces, Bytes::new(), throttle, flight);
    stream::unfold(state, |(mut pieces, mut rest, throttle, mut flight)| async move {
        flight.waited(Wait::Send);
        if rest.is_empty() {
            match pieces.next().await? {
                Ok(piece) => rest = piece,
                Err(error) => return Some((Err(error), (pieces, rest, throttle, flight))),
            }
            flight.waited(Wait::Disk);
        }
        let piece = rest.split_to(throttle.step(rest.len()));
        throttle.take(piece.len() as u64).await;
        flight.waited(Wait::Limit);
        flight.sent(piece.len() as u64);
        Some((Ok(piece), (pieces, rest, throttle, flight)))
    })
    .boxed()
}
