//! The body of a request: exactly the announced bytes, in pieces small enough to see them move.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream};
use http_body::{Body, Frame, SizeHint};

use super::watchdog::Progress;
use super::{BUFFER, SharedProgress};

/// A body and its progress.
pub(crate) struct SendBody {
    remaining: u64,
    piece: Bytes,
    stream: Option<BoxStream<'static, io::Result<Bytes>>>,
    progress: SharedProgress,
}

impl SendBody {
    /// Bytes in memory, or none.
    pub(crate) fn bytes(bytes: Bytes) -> Self {
        let length = bytes.len() as u64;
        Self {
            remaining: length,
            piece: bytes,
            stream: None,
            progress: Arc::new(Progress::new(length)),
        }
    }

    /// `length` bytes of a stream. Fewer or more are an error of the source.
    pub(crate) fn stream(length: u64, stream: BoxStream<'static, io::Result<Bytes>>) -> Self {
        Self {
            remaining: length,
            piece: Bytes::new(),
            stream: Some(stream),
            progress: Arc::new(Progress::new(length)),
        }
    }

    pub(crate) fn progress(&self) -> &SharedProgress {
        &self.progress
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
        this.progress.asked();
        while this.piece.is_empty() {
            let next = match &mut this.stream {
                Some(stream) => ready!(Pin::new(stream).poll_next(context)),
                None => None,
            };
            match next {
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
        let piece = this.piece.split_to(this.piece.len().min(BUFFER));
        this.remaining -= piece.len() as u64;
        this.progress.took(piece.len() as u64);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}
