//! One connection's bytes, with or without TLS.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Bytes read at a time: large enough that calls cost little, small enough for a core's cache.
const BUFFER: usize = 256 * 1024;
/// The longest head that is read.
const LONGEST_HEAD: usize = 64 * 1024;

/// What bytes travel over.
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<rustls::StreamOwned<rustls::ServerConnection, TcpStream>>),
}

impl Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = match self {
                Self::Plain(stream) => stream.read(into),
                Self::Tls(stream) => stream.read(into),
            };
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes),
            Self::Tls(stream) => {
                stream.write_all(bytes)?;
                stream.flush()
            }
        }
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => &stream.sock,
        }
    }
}

/// A connection with the bytes that were read ahead.
pub(crate) struct Wire {
    stream: Stream,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Wire {
    pub(crate) fn new(stream: Stream) -> Self {
        // Zeroed pages come from the system untouched: idle connections cost little memory.
        Self { stream, buffer: vec![0; BUFFER], start: 0, end: 0 }
    }

    /// The next request's head without its empty line; `None` where the peer has closed.
    pub(crate) fn head(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut searched = self.start;
        loop {
            let unread = &self.buffer[searched..self.end];
            if let Some(at) = unread.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = self.buffer[self.start..searched + at].to_vec();
                self.start = searched + at + 4;
                return Ok(Some(head));
            }
            if self.end - self.start > LONGEST_HEAD {
                return Err(io::Error::other("a head without an end"));
            }
            searched = self.end.saturating_sub(3).max(self.start);
            if self.end == self.buffer.len() {
                self.buffer.copy_within(self.start..self.end, 0);
                searched -= self.start;
                self.end -= self.start;
                self.start = 0;
            }
            match self.stream.read(&mut self.buffer[self.end..])? {
                0 if self.start == self.end => return Ok(None),
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                length => self.end += length,
            }
        }
    }

    /// Some of the next bytes, at most so many and at least one.
    pub(crate) fn some(&mut self, most: usize) -> io::Result<&[u8]> {
        if self.start == self.end {
            let room = self.buffer.len().min(most);
            self.start = 0;
            self.end = self.stream.read(&mut self.buffer[..room])?;
            if self.end == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let end = self.end.min(self.start.saturating_add(most));
        Ok(&self.buffer[self.start..end])
    }

    /// Goes on behind so many bytes of those that [`Self::some`] returned.
    pub(crate) fn consume(&mut self, bytes: usize) {
        self.start += bytes;
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Ends the connection so that the peer sees a reset.
    pub(crate) fn reset(self) {
        let socket = socket2::SockRef::from(self.stream.tcp());
        // Without it the peer sees an orderly end, which is a fault as well.
        let _ = socket.set_linger(Some(Duration::ZERO));
    }
}
