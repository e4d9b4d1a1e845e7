//! The sandbox as its users hold it: started, scripted, looked into, shut down.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::config::{Config, Credential};
use crate::context::Context;
use crate::error::ApiError;
#[cfg(feature = "testing")]
use crate::faults::Faults;
#[cfg(feature = "testing")]
use crate::ledger::Ledger;
use crate::serve::{self, Line};
use crate::store::{ObjectInfo, Reader, Store, UploadInfo};
use crate::wire::{ResetSwitch, Wire};

/// How long requests in flight may take to end when the sandbox shuts down.
const GRACE: Duration = Duration::from_millis(300);
/// How long accepting pauses after it failed, which happens when the process is out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Bytes read at a time when an object is read whole.
const READ_CHUNK: usize = 256 * 1024;

/// Why a sandbox did not start, or could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another sandbox, of this process or another, holds the root.
    #[error("the directory {root} is in use by another sandbox")]
    RootInUse {
        /// The root.
        root: PathBuf,
    },
    /// The root cannot be opened or made.
    #[error("the directory {root} cannot be used: {source}")]
    Root {
        /// The root.
        root: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// A bucket cannot be made.
    #[error("the bucket {name} cannot be made: {reason}")]
    Bucket {
        /// Its name.
        name: String,
        /// The store's own sentence.
        reason: String,
    },
}

/// A running sandbox. Dropped, it stops at once, as if its process had been killed;
/// [`shutdown`](Self::shutdown) stops it in order.
pub struct Sandbox {
    context: Arc<Context>,
    address: SocketAddr,
    closing: CancellationToken,
    aborting: DropGuard,
    accepting: JoinHandle<()>,
    connections: TaskTracker,
    /// Ends when the root is free.
    released: mpsc::Receiver<Infallible>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("address", &self.address)
            .field("root", &self.context.config.root)
            .finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Opens the root, makes the buckets of `config` that are missing, and listens.
    ///
    /// # Errors
    ///
    /// When the root is held or unusable, a bucket's name is invalid, or the address is taken.
    pub async fn start(config: Config) -> Result<Self, Error> {
        let (alive, released) = mpsc::channel(1);
        let opening = config.clone();
        let store = tokio::task::spawn_blocking(move || open(&opening, alive)).await.map_err(
            |error| Error::Root { root: config.root.clone(), source: io::Error::other(error) },
        )??;
        let listening = |source| Error::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;
        let context = Arc::new(Context::new(store, config));
        let door = Door {
            context: Arc::clone(&context),
            closing: CancellationToken::new(),
            aborting: CancellationToken::new(),
            connections: TaskTracker::new(),
        };
        Ok(Self {
            context,
            address,
            closing: door.closing.clone(),
            aborting: door.aborting.clone().drop_guard(),
            connections: door.connections.clone(),
            accepting: tokio::spawn(door.accept(listener)),
            released,
        })
    }

    /// Where clients connect, such as `http://127.0.0.1:40123`. Path style works on it as it is;
    /// for virtual hosts, `http://BUCKET.localhost:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address that is listened on.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The region that signatures must name.
    pub fn region(&self) -> &str {
        &self.context.config.region
    }

    /// The keys that are accepted now.
    pub fn credentials(&self) -> Vec<Credential> {
        self.context.credentials().as_ref().clone()
    }

    /// Accepts these keys and no others from the next request on, as when an STS token is replaced.
    pub fn set_credentials(&self, credentials: Vec<Credential>) {
        self.context.set_credentials(credentials);
    }

    /// Lets the STS token of this key die now: requests with it are refused as expired. Nothing
    /// happens when there is none.
    pub fn expire_token(&self, access_key_id: &str) {
        let mut credentials = self.credentials();
        for credential in
            credentials.iter_mut().filter(|credential| credential.access_key_id == access_key_id)
        {
            credential.expires = Some(SystemTime::UNIX_EPOCH);
        }
        self.set_credentials(credentials);
    }

    /// Puts the server's clock this many seconds ahead of the machine's, or behind it when
    /// negative.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.context.store.set_clock_offset(seconds);
    }

    /// Adds the rules of a script behind those that are there, and sets the clock as it says. Its
    /// time windows begin now.
    #[cfg(feature = "testing")]
    pub fn play(&self, script: &crate::Script) {
        if let Some(seconds) = script.clock_offset_seconds {
            self.set_clock_offset(seconds);
        }
        for (rule, action) in &script.faults {
            self.faults().add(rule.clone(), action.clone());
        }
    }

    /// The script of faults.
    #[cfg(feature = "testing")]
    pub fn faults(&self) -> &Faults {
        &self.context.faults
    }

    /// The record of what arrived.
    #[cfg(feature = "testing")]
    pub fn ledger(&self) -> &Ledger {
        &self.context.ledger
    }

    /// The current version of an object; `None` when there is none.
    pub fn object(&self, bucket: &str, key: &str) -> Option<ObjectInfo> {
        let bucket = self.context.store.bucket(bucket).ok()?;
        bucket.object(key).map(|object| object.info())
    }

    /// Every object of a bucket, by key. Empty when there is no such bucket.
    pub fn objects(&self, bucket: &str) -> Vec<ObjectInfo> {
        self.context.store.bucket(bucket).map(|bucket| bucket.all_objects()).unwrap_or_default()
    }

    /// The bytes of an object, whole and in memory. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is no such object or its data was discarded, and what the disk says.
    pub fn read_object(&self, bucket: &str, key: &str) -> io::Result<Vec<u8>> {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        let bucket = self.context.store.bucket(bucket).map_err(|_| missing())?;
        let object = bucket.object(key).ok_or_else(missing)?;
        if !object.is_readable() {
            return Err(missing());
        }
        let size = object.record.size;
        let mut reader = Reader::open(object, 0, size)?;
        let mut out = Vec::new();
        while let Some(chunk) = reader.next_chunk(READ_CHUNK)? {
            out.extend_from_slice(&chunk);
        }
        Ok(out)
    }

    /// Uploads of a bucket that are neither completed nor aborted, by key and age.
    pub fn open_uploads(&self, bucket: &str) -> Vec<UploadInfo> {
        self.context
            .store
            .bucket(bucket)
            .map(|bucket| bucket.uploads().iter().map(|upload| upload.info()).collect())
            .unwrap_or_default()
    }

    /// Makes a bucket; nothing happens when it is there.
    ///
    /// # Errors
    ///
    /// When the name is invalid or the disk refuses.
    pub fn create_bucket(&self, name: &str) -> Result<(), Error> {
        self.context
            .store
            .create_bucket(name)
            .map(|_| ())
            .map_err(|error| bucket_error(name, &error))
    }

    /// Stops accepting, lets requests in flight end for a moment, aborts the rest. When it returns
    /// the root is free for another sandbox.
    pub async fn shutdown(self) {
        self.closing.cancel();
        self.stop().await;
    }

    /// Stops at once: connections are cut in the middle, as when the process is killed. When it
    /// returns the root is free for another sandbox.
    pub async fn abort(self) {
        self.stop().await;
    }

    async fn stop(self) {
        let Self { context, closing, aborting, accepting, connections, mut released, .. } = self;
        if closing.is_cancelled() {
            connections.close();
            let _ = accepting.await;
            // Connections keep their own time limit once they are closing.
            connections.wait().await;
        } else {
            aborting.disarm().cancel();
            connections.close();
            let _ = accepting.await;
            connections.wait().await;
        }
        drop(context);
        // Bodies that were being written give up when their connection is gone; the last of them
        // frees the root.
        let _ = released.recv().await;
    }
}

fn open(config: &Config, alive: mpsc::Sender<Infallible>) -> Result<Store, Error> {
    let root = config.root.clone();
    let store = Store::open(root.clone(), config.data, config.clock_offset_seconds, alive)
        .map_err(|source| match source.kind() {
            io::ErrorKind::WouldBlock => Error::RootInUse { root },
            _ => Error::Root { root, source },
        })?;
    for name in &config.buckets {
        store.create_bucket(name).map_err(|error| bucket_error(name, &error))?;
    }
    Ok(store)
}

fn bucket_error(name: &str, error: &ApiError) -> Error {
    Error::Bucket { name: name.to_owned(), reason: error.message.clone() }
}

/// What lets connections in.
struct Door {
    context: Arc<Context>,
    closing: CancellationToken,
    aborting: CancellationToken,
    connections: TaskTracker,
}

impl Door {
    async fn accept(self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                () = self.closing.cancelled() => return,
                () = self.aborting.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    // Without it small answers may wait for the client's acknowledgement.
                    let _ = stream.set_nodelay(true);
                    self.connections.spawn(connection(
                        Arc::clone(&self.context),
                        stream,
                        self.closing.clone(),
                        self.aborting.clone(),
                    ));
                }
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

async fn connection(
    context: Arc<Context>,
    stream: TcpStream,
    closing: CancellationToken,
    aborting: CancellationToken,
) {
    let line = Line {
        #[cfg(feature = "testing")]
        connection: context.ledger.connection(),
        reset: ResetSwitch::default(),
    };
    let wire = Wire::new(stream, line.reset.clone());
    let idle = context.config.limits.idle;
    let service =
        service_fn(move |request| serve::serve(Arc::clone(&context), line.clone(), request));
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle)
        .serve_connection(TokioIo::new(wire), service);
    tokio::pin!(serving);
    tokio::select! {
        // How a connection ends is the client's affair, or a fault's.
        _ = serving.as_mut() => return,
        () = aborting.cancelled() => return,
        () = closing.cancelled() => {}
    }
    serving.as_mut().graceful_shutdown();
    tokio::select! {
        _ = serving => {}
        () = aborting.cancelled() => {}
        () = tokio::time::sleep(GRACE) => {}
    }
}
