//! A thread for each connection: nothing costs less where there are few, and two hundred are few.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::answer::Answer;
use crate::body::{self, Paces};
use crate::counts::Counts;
use crate::faults::{Fate, fate};
use crate::operations::Call;
use crate::options::Options;
use crate::pace::Pace;
use crate::request::{Operation, Request};
use crate::store::Store;
use crate::wire::{Stream, Wire};

/// A connection's thread calls nothing deep.
const STACK: usize = 256 * 1024;
/// Bytes read at a time where nothing is slowed down.
const STEP: usize = 256 * 1024;
/// Bytes that wait in the system for a connection that is slowed down: few, or they would hide it.
const SLOW_RECEIVE_BUFFER: usize = 128 * 1024;

/// The store and all who share it.
pub(crate) struct Server {
    pub(crate) options: Options,
    pub(crate) store: Store,
    pub(crate) counts: Counts,
    total: Option<Pace>,
    tls: Option<Arc<rustls::ServerConfig>>,
}

impl Server {
    pub(crate) fn new(options: Options, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let total = options.total_rate.map(Pace::new);
        Self { options, store: Store::default(), counts: Counts::new(), total, tls }
    }

    fn is_slow(&self) -> bool {
        self.total.is_some() || self.options.connection_rate.is_some()
    }

    /// Accepts connections, as long as the process lives.
    pub(crate) fn accept(self: &Arc<Self>, listener: &TcpListener) -> io::Result<()> {
        if self.is_slow() {
            // Taken over by what is accepted; set later, the peer would already know a larger one.
            socket2::SockRef::from(listener).set_recv_buffer_size(SLOW_RECEIVE_BUFFER)?;
        }
        loop {
            let (stream, _) = listener.accept()?;
            self.counts.connections.fetch_add(1, Ordering::Relaxed);
            let server = Arc::clone(self);
            std::thread::Builder::new().stack_size(STACK).spawn(move || {
                // A connection that breaks is its client's affair.
                let _ = server.serve(stream);
            })?;
        }
    }

    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let stream = match &self.tls {
            None => Stream::Plain(stream),
            Some(config) => {
                let connection =
                    rustls::ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
                Stream::Tls(Box::new(rustls::StreamOwned::new(connection, stream)))
            }
        };
        let pace = self.options.connection_rate.map(Pace::new);
        let paces = Paces {
            connection: pace.as_ref(),
            total: self.total.as_ref(),
            step: if self.is_slow() { STEP / 8 } else { STEP },
        };
        let mut wire = Wire::new(stream);
        while let Some(head) = wire.head()? {
            let Some(request) = Request::parse(&head, &self.options.bucket) else {
                return Err(io::Error::other("a head that cannot be read"));
            };
            self.counts.requests.fetch_add(1, Ordering::Relaxed);
            let Some(answer) = self.answer(&mut wire, &request, &paces)? else {
                wire.reset();
                return Ok(());
            };
            std::thread::sleep(self.options.latency);
            wire.write(&answer.bytes(&request))?;
            if request.closes() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// `None` where the connection is to break.
    fn answer(
        &self,
        wire: &mut Wire,
        request: &Request,
        paces: &Paces<'_>,
    ) -> io::Result<Option<Answer>> {
        if request.header("expect").is_some() {
            wire.write(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let counts = &self.counts;
        if matches!(request.operation(), Operation::PutObject | Operation::UploadPart) {
            let number = counts.uploads.fetch_add(1, Ordering::Relaxed);
            match fate(&self.options, number) {
                Fate::Served => {}
                Fate::Unavailable => {
                    body::text(wire, request, (paces, counts))?;
                    counts.unavailable.fetch_add(1, Ordering::Relaxed);
                    return Ok(Some(Answer::error(503, "SlowDown")));
                }
                Fate::Reset => {
                    body::half(wire, request, (paces, counts))?;
                    counts.resets.fetch_add(1, Ordering::Relaxed);
                    return Ok(None);
                }
            }
        }
        let call = Call { request, store: &self.store, options: &self.options, counts, paces };
        call.run(wire).map(Some)
    }
}
