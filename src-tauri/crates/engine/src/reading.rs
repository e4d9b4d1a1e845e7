//! A part on its way: read once, checksummed in the same pass, handed on under the throttle.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use ferry_model::checksum::{Checksummer, Checksums, Md5Wanted};
use ferry_model::{Fault, FaultKind, SourceIdentity};
use ferry_storage::Payload;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use sha2::{Digest as _, Sha256};

use crate::endpoint::throttle::Throttle;
use crate::live::Flight;
use crate::source;

/// Bytes read at once. With two pieces waiting and one being sent, a part under way holds under 1
/// MiB.
const PIECE: usize = 256 * 1024;
/// Pieces that may wait between disk and network.
const WAITING: usize = 2;

/// A range of a file, and what it must still be.
#[derive(Debug, Clone)]
pub(crate) struct Range {
    pub(crate) path: PathBuf,
    pub(crate) identity: SourceIdentity,
    pub(crate) offset: u64,
    pub(crate) len: u64,
}

impl Range {
    /// Opens the file and makes sure that it is the one that was queued. Blocks on the disk.
    fn open(&self) -> Result<File, Fault> {
        let (file, identity) = source::open(&self.path)?;
        if identity == self.identity {
            Ok(file)
        } else {
            Err(Fault::new(FaultKind::SourceChanged).with_subject(source::shown(&self.path)))
        }
    }

    /// Reads the range, and makes sure at its end that the file was not written to meanwhile.
    fn read(&self, file: &mut File, take: impl FnMut(Bytes) -> bool) -> Result<(), Fault> {
        let name = source::shown(&self.path);
        source::read_range(
            file,
            self.offset..self.offset + self.len,
            self.identity.size,
            PIECE,
            take,
        )
        .map_err(|error| {
            let kind = match error.kind() {
                io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => {
                    FaultKind::SourceChanged
                }
                _ => FaultKind::SourceReadFailed,
            };
            Fault::new(kind).with_subject(name.clone()).with_detail(error.to_string())
        })?;
        let now =
            source::identity(&file.metadata().map_err(|error| source::refused(&error, &name))?);
        if now == self.identity {
            Ok(())
        } else {
            Err(Fault::new(FaultKind::SourceChanged).with_subject(name))
        }
    }

    /// Reads the range only for its checksums. Dropping the future stops the reading after the
    /// piece under way.
    pub(crate) async fn checksums(self, md5: Md5Wanted) -> Result<Checksums, Fault> {
        self.fold(Checksummer::new(md5), |sums, piece| sums.update(piece), Checksummer::finish)
            .await
    }

    /// Reads the range for its SHA-256. Dropping the future stops the reading after the piece under
    /// way.
    pub(crate) async fn sha256(self) -> Result<[u8; 32], Fault> {
        self.fold(
            Sha256::new(),
            |digest, piece| digest.update(piece),
            |digest| digest.finalize().into(),
        )
        .await
    }

    async fn fold<S: Send + 'static, T: Send + 'static>(
        self,
        mut state: S,
        update: impl Fn(&mut S, &[u8]) + Send + 'static,
        finish: impl FnOnce(S) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let stop = Arc::new(());
        let watched = Arc::downgrade(&stop);
        let outcome = blocking(move || {
            let mut file = self.open()?;
            self.read(&mut file, |piece| {
                update(&mut state, &piece);
                watched.strong_count() > 0
            })?;
            Ok(finish(state))
        })
        .await;
        drop(stop);
        outcome
    }
}

/// What became of a range that was streamed: filled when the last byte was read.
#[derive(Debug, Default, Clone)]
pub(crate) struct Outcome(Arc<Mutex<Option<Result<Checksums, Fault>>>>);

impl Outcome {
    fn set(&self, outcome: Result<Checksums, Fault>) {
        *self.0.lock().expect("no code panics while holding this lock") = Some(outcome);
    }

    /// The checksums, or why reading failed; `None` when the transport stopped taking bytes before
    /// the end.
    pub(crate) fn get(&self) -> Option<Result<Checksums, Fault>> {
        self.0.lock().expect("no code panics while holding this lock").clone()
    }
}

/// Opens the range and makes a payload of it. The bytes count as under way in `flight` as the
/// transport takes them.
///
/// # Errors
/// The source's faults, before anything is sent. Later ones end the stream with an I/O error and
/// stand in the [`Outcome`].
pub(crate) async fn payload(
    range: Range,
    md5: Md5Wanted,
    content_md5: Option<[u8; 16]>,
    throttle: Arc<Throttle>,
    flight: Flight,
) -> Result<(Payload, Outcome), Fault> {
    let len = range.len;
    let (range, mut file) = blocking(move || {
        let file = range.open()?;
        Ok((range, file))
    })
    .await?;
    let outcome = Outcome::default();
    if len == 0 {
        outcome.set(Ok(Checksummer::new(md5).finish()));
        return Ok((Payload { len, content_md5, stream: stream::empty().boxed() }, outcome));
    }
    let (pieces, waiting) = tokio::sync::mpsc::channel::<io::Result<Bytes>>(WAITING);
    let told = outcome.clone();
    tokio::task::spawn_blocking(move || {
        let mut sums = Checksummer::new(md5);
        // The last piece is held back until the outcome stands: the answer may come at once after
        // it.
        let mut held: Option<Bytes> = None;
        let mut taken = true;
        let done = range.read(&mut file, |piece| {
            sums.update(&piece);
            if let Some(before) = held.replace(piece) {
                taken = pieces.blocking_send(Ok(before)).is_ok();
            }
            taken
        });
        let last = match done {
            Ok(()) if taken => {
                told.set(Ok(sums.finish()));
                held.map(Ok)
            }
            Ok(()) => None,
            Err(fault) => {
                let error = io::Error::other(fault.to_string());
                told.set(Err(fault));
                Some(Err(error))
            }
        };
        if let Some(last) = last {
            // The transport may be gone already; the outcome says why all the same.
            let _ = pieces.blocking_send(last);
        }
    });
    Ok((Payload { len, content_md5, stream: paced(waiting, throttle, flight) }, outcome))
}

fn paced(
    waiting: tokio::sync::mpsc::Receiver<io::Result<Bytes>>,
    throttle: Arc<Throttle>,
    flight: Flight,
) -> BoxStream<'static, io::Result<Bytes>> {
    stream::unfold((waiting, throttle, flight), |(mut waiting, throttle, mut flight)| async move {
        let piece = waiting.recv().await?;
        if let Ok(piece) = &piece {
            throttle.take(piece.len() as u64).await;
            flight.sent(piece.len() as u64);
        }
        Some((piece, (waiting, throttle, flight)))
    })
    .boxed()
}

/// Runs disk work off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => Err(Fault::new(FaultKind::Internal).with_detail(error.to_string())),
    }
}
