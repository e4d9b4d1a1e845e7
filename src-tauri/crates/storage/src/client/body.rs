//! The body of a request: exactly the announced bytes, in pieces small enough to see them move.

use std::io;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream};
use http_body::{Body, Frame, SizeHint};

use super::SharedProgress;
use super::watchdog::Progress;

/// Bytes of a piece. As the whole of it must have gone to the system before it counts as progress,
/// this and what the system takes at once, 32 KiB on Linux, over the idle timeout are the slowest
/// speed that counts as moving: below 1 KiB a second.
const PIECE: usize = 16 * 1024;

/// Most bytes that the HTTP client holds and the system has not taken yet. Without a bound it would
/// hold 400 KiB, and a slow network would look like a peer that does not answer.
const MOST_HELD: u64 = 256 * 1024;

/// A body and its progress.
pub(crate) struct SendBody {
    remaining: u64,
    piece: Bytes,
    /// Never locked: the mutex makes the stream `Sync`, as the HTTP client wants its bodies.
    stream: Mutex<Option<BoxStream<'static, io::Result<Bytes>>>>,
    progress: SharedProgress,
}

impl SendBody {
    /// Bytes in memory, or none.
    pub(crate) fn bytes(bytes: Bytes) -> Self {
        Self::new(bytes.len() as u64, bytes, None)
    }

    /// `length` bytes of a stream. Fewer or more are an error of the source.
    pub(crate) fn stream(length: u64, stream: BoxStream<'static, io::Result<Bytes>>) -> Self {
        Self::new(length, Bytes::new(), Some(stream))
    }

    fn new(
        length: u64,
        piece: Bytes,
        stream: Option<BoxStream<'static, io::Result<Bytes>>>,
    ) -> Self {
        Self {
            remaining: length,
            piece,
            stream: Mutex::new(stream),
            progress: SharedProgress::new(Progress::new(length)),
        }
    }

    pub(crate) fn progress(&self) -> &SharedProgress {
        &self.progress
    }

    fn poll_source(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        match self.stream.get_mut().expect("nothing locks it") {
            Some(stream) => Pin::new(stream).poll_next(context),
            None => Poll::Ready(None),
        }
    }

    /// Why the transport must stop here: a short body would leave the peer waiting, so the
    /// connection is given up.
    fn fail(&self, error: io::Error) -> Poll<Option<Result<Frame<Bytes>, SourceFailed>>> {
        self.progress.source_failed(error);
        Poll::Ready(Some(Err(SourceFailed)))
    }
}

/// The source's error is kept in the progress; this only stops the transport.
#[derive(Debug, thiserror::Error)]
#[error("the source of the body failed")]
pub(crate) struct SourceFailed;

/// A piece that tells when the transport is through with it.
struct Tracked {
    piece: Bytes,
    progress: SharedProgress,
}

impl AsRef<[u8]> for Tracked {
    fn as_ref(&self) -> &[u8] {
        &self.piece
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.progress.sent(self.piece.len() as u64);
    }
}

impl Body for SendBody {
    type Data = Bytes;
    type Error = SourceFailed;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, SourceFailed>>> {
        let this = self.get_mut();
        if this.remaining == 0 {
            return Poll::Ready(None);
        }
        ready!(this.progress.poll_room(MOST_HELD, context));
        while this.piece.is_empty() {
            this.progress.waits_for_source();
            match ready!(this.poll_source(context)) {
                Some(Ok(piece)) => this.piece = piece,
                Some(Err(error)) => return this.fail(error),
                None => {
                    return this.fail(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        "fewer bytes came than were announced",
                    ));
                }
            }
        }
        if this.piece.len() as u64 > this.remaining {
            return this.fail(io::Error::new(
                io::ErrorKind::InvalidData,
                "more bytes came than were announced",
            ));
        }
        let piece = this.piece.split_to(this.piece.len().min(PIECE));
        this.remaining -= piece.len() as u64;
        this.progress.handed_over(piece.len() as u64);
        let tracked = Tracked { piece, progress: SharedProgress::clone(&this.progress) };
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_owner(tracked)))))
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}
