//! A TCP proxy that does to connections what HTTP cannot say: latency, little bandwidth, small
//! pieces, resets, half-closed connections, silence, and no listener at all. What it does is set
//! while it runs and holds for the connections that are accepted from then on.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Bytes moved at a time.
const PIECE: usize = 16 * 1024;
/// Bytes that a client may send before they are handed on.
const RECEIVE_BUFFER: u32 = 32 * 1024;

/// How one direction of a connection ends before its sender ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Both ends get a reset.
    Reset,
    /// Both ends get an orderly end of both directions.
    Close,
    /// This direction ends in order; the other goes on.
    HalfClose,
    /// Everything is read and nothing handed on.
    Swallow,
    /// Nothing is read any more: the sender's window fills.
    StopReading,
}

/// What happens to one direction of a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Way {
    /// How long each piece waits before it is handed on.
    pub latency: Duration,
    /// Most bytes a second.
    pub bytes_per_second: Option<u64>,
    /// Pieces are handed on in slices of at most so many bytes.
    pub slice: Option<usize>,
    /// After so many bytes the direction ends so.
    pub end: Option<(u64, Ending)>,
}

impl Way {
    /// Ends so after so many bytes.
    pub fn ending(after: u64, ending: Ending) -> Self {
        Self { end: Some((after, ending)), ..Self::default() }
    }
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Conduct {
    /// To what the client sends.
    pub to_server: Way,
    /// To what the server answers.
    pub to_client: Way,
}

struct Shared {
    upstream: SocketAddr,
    conduct: Mutex<Conduct>,
    connections: AtomicU64,
    to_server: AtomicU64,
    to_client: AtomicU64,
    /// Changes when every connection is to be reset.
    resets: watch::Sender<u64>,
}

/// A running proxy. Dropped, it refuses connections; those that are open go on.
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Mutex<Option<JoinHandle<()>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for FaultProxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FaultProxy").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        if let Some(accepting) = lock(&self.accepting).take() {
            accepting.abort();
        }
    }
}

impl FaultProxy {
    /// Listens on a free loopback port and hands everything on to `upstream`.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start(upstream: SocketAddr) -> Self {
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("listens");
        let address = listener.local_addr().expect("has an address");
        let shared = Arc::new(Shared {
            upstream,
            conduct: Mutex::default(),
            connections: AtomicU64::new(0),
            to_server: AtomicU64::new(0),
            to_client: AtomicU64::new(0),
            resets: watch::Sender::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { address, shared, accepting: Mutex::new(Some(accepting)) }
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as an http endpoint.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What happens to connections that are accepted from now on.
    pub fn set(&self, conduct: Conduct) {
        *lock(&self.shared.conduct) = conduct;
    }

    /// Resets every connection that is open.
    pub fn reset_all(&self) {
        self.shared.resets.send_modify(|resets| *resets += 1);
    }

    /// Refuses connections from now on, and resets those that are open. Nothing happens when it is
    /// down.
    pub async fn down(&self) {
        let accepting = lock(&self.accepting).take();
        if let Some(accepting) = accepting {
            accepting.abort();
            // The port is closed once the task is gone.
            let _ = accepting.await;
        }
        self.reset_all();
    }

    /// Accepts connections again, on the same port. Nothing happens when it is up.
    ///
    /// # Panics
    /// When another process took the port.
    pub fn up(&self) {
        let mut accepting = lock(&self.accepting);
        if accepting.is_none() {
            let listener = listen(self.address).expect("the port is still free");
            *accepting = Some(tokio::spawn(accept(listener, Arc::clone(&self.shared))));
        }
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// How many bytes were handed on to the server and to the clients.
    pub fn handed_on(&self) -> (u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.shared.to_server), read(&self.shared.to_client))
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // Connections of before may still linger on the port.
    socket.set_reuseaddr(true)?;
    // Loopback's segments hold 64 KiB: a slow link would seem to move in such steps only.
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.bind(address)?;
    socket.listen(1024)
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((client, _)) => {
                shared.connections.fetch_add(1, Ordering::Relaxed);
                let conduct = *lock(&shared.conduct);
                let resets = shared.resets.subscribe();
                tokio::spawn(connection(client, conduct, resets, Arc::clone(&shared)));
            }
            // Out of descriptors, most likely.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Why both directions end at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    Reset,
    Close,
}

async fn connection(
    mut client: TcpStream,
    conduct: Conduct,
    mut resets: watch::Receiver<u64>,
    shared: Arc<Shared>,
) {
    let Ok(mut server) = TcpStream::connect(shared.upstream).await else {
        let _ = client.set_zero_linger();
        return;
    };
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let cut = {
        let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
        let both = async {
            tokio::try_join!(
                pump(from_client, to_server, conduct.to_server, &shared.to_server),
                pump(from_server, to_client, conduct.to_client, &shared.to_client),
            )
        };
        tokio::select! {
            outcome = both => outcome.err(),
            _ = resets.changed() => Some(Cut::Reset),
        }
    };
    if cut == Some(Cut::Reset) {
        let _ = client.set_zero_linger();
        let _ = server.set_zero_linger();
    }
}

/// Hands on what comes, until it ends or is made to end.
async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    way: Way,
    count: &AtomicU64,
) -> Result<(), Cut> {
    let began = Instant::now();
    let mut passed = 0;
    let mut piece = vec![0; PIECE];
    loop {
        let left = way.end.map_or(u64::MAX, |(after, _)| after - passed);
        if let (0, Some((_, ending))) = (left, way.end) {
            return end(ending, from, to).await;
        }
        let most = PIECE.min(usize::try_from(left).unwrap_or(PIECE));
        let length = match from.read(&mut piece[..most]).await {
            Ok(0) => {
                let _ = to.shutdown().await;
                return Ok(());
            }
            Ok(length) => length,
            Err(_) => return Err(Cut::Reset),
        };
        if !way.latency.is_zero() {
            tokio::time::sleep(way.latency).await;
        }
        for slice in piece[..length].chunks(way.slice.unwrap_or(PIECE).max(1)) {
            to.write_all(slice).await.map_err(|_| Cut::Reset)?;
            passed += slice.len() as u64;
            count.fetch_add(slice.len() as u64, Ordering::Relaxed);
            if let Some(pace) = way.bytes_per_second {
                let due = Duration::from_secs_f64(passed as f64 / pace.max(1) as f64);
                tokio::time::sleep_until(began + due).await;
            }
        }
    }
}

async fn end(ending: Ending, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> Result<(), Cut> {
    match ending {
        Ending::Reset => Err(Cut::Reset),
        Ending::Close => Err(Cut::Close),
        Ending::HalfClose => {
            let _ = to.shutdown().await;
            // What still comes has nowhere to go; left unread, closing would become a reset.
            let _ = tokio::io::copy(&mut from, &mut tokio::io::sink()).await;
            Ok(())
        }
        Ending::Swallow => {
            let _ = tokio::io::copy(&mut from, &mut tokio::io::sink()).await;
            std::future::pending().await
        }
        Ending::StopReading => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer than any of these takes; where silence is right, long enough to tell.
    const LONG: Duration = Duration::from_secs(20);
    const SILENCE: Duration = Duration::from_millis(300);

    /// A server that sends back what it gets, and then ends.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("has an address");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                    let _ = to.shutdown().await;
                });
            }
        });
        address
    }

    async fn proxy(conduct: Conduct) -> FaultProxy {
        let proxy = FaultProxy::start(echo().await).await;
        proxy.set(conduct);
        proxy
    }

    fn to_server(way: Way) -> Conduct {
        Conduct { to_server: way, ..Conduct::default() }
    }

    fn to_client(way: Way) -> Conduct {
        Conduct { to_client: way, ..Conduct::default() }
    }

    /// Sends `bytes`, ends, and gives what came back, with how it ended.
    async fn round(proxy: &FaultProxy, bytes: usize) -> (usize, Result<(), io::ErrorKind>) {
        let mut stream = TcpStream::connect(proxy.address()).await.expect("connects");
        let sent = vec![7; bytes];
        let mut back = Vec::new();
        let (mut from, mut to) = stream.split();
        let sending = async {
            // May be cut on its way.
            let _ = to.write_all(&sent).await;
            let _ = to.shutdown().await;
        };
        let all = async { tokio::join!(sending, from.read_to_end(&mut back)) };
        let (_, outcome) = tokio::time::timeout(LONG, all).await.expect("ends");
        (back.len(), outcome.map(drop).map_err(|error| error.kind()))
    }

    #[tokio::test]
    async fn without_orders_it_hands_everything_on() {
        let proxy = proxy(Conduct::default()).await;
        assert_eq!(round(&proxy, 1_000_000).await, (1_000_000, Ok(())));
        assert_eq!((proxy.connections(), proxy.handed_on()), (1, (1_000_000, 1_000_000)));
    }

    #[tokio::test]
    async fn a_reset_comes_after_so_many_bytes_of_either_direction() {
        let reset = Err(io::ErrorKind::ConnectionReset);
        for (after, conduct) in [
            (0, to_server(Way::ending(0, Ending::Reset))),
            (50_000, to_server(Way::ending(50_000, Ending::Reset))),
        ] {
            let proxy = proxy(conduct).await;
            assert_eq!(round(&proxy, 100_000).await.1, reset, "{after}");
            assert_eq!(proxy.handed_on().0, after);
        }
        let proxy = proxy(to_client(Way::ending(50_000, Ending::Reset))).await;
        assert_eq!(round(&proxy, 100_000).await.1, reset);
        assert_eq!(proxy.handed_on().1, 50_000);
    }

    #[tokio::test]
    async fn an_answer_is_cut_in_its_middle() {
        let cut = to_client(Way::ending(10_000, Ending::HalfClose));
        assert_eq!(round(&proxy(cut).await, 100_000).await, (10_000, Ok(())));
        // Bytes that are left unread may turn an orderly end into a reset.
        let closing = proxy(to_client(Way::ending(10_000, Ending::Close))).await;
        assert!(round(&closing, 10_001).await.0 <= 10_000);
        assert_eq!(closing.handed_on().1, 10_000);
    }

    #[tokio::test]
    async fn a_half_closed_connection_still_answers() {
        let proxy = proxy(to_server(Way::ending(1000, Ending::HalfClose))).await;
        assert_eq!(round(&proxy, 5000).await, (1000, Ok(())));
    }

    #[tokio::test]
    async fn silence_answers_nothing_and_ends_nothing() {
        for conduct in [
            to_server(Way::ending(0, Ending::Swallow)),
            to_server(Way::ending(0, Ending::StopReading)),
            to_client(Way::ending(0, Ending::Swallow)),
        ] {
            let proxy = proxy(conduct).await;
            let mut stream = TcpStream::connect(proxy.address()).await.expect("connects");
            stream.write_all(b"hello").await.expect("is taken by the system");
            let answer = tokio::time::timeout(SILENCE, stream.read_u8()).await;
            assert!(answer.is_err(), "{conduct:?}: {answer:?}");
        }
        // What reads everything takes more than any buffer holds; what reads nothing does not.
        for (ending, taken) in [(Ending::Swallow, true), (Ending::StopReading, false)] {
            let proxy = proxy(to_server(Way::ending(0, ending))).await;
            let mut stream = TcpStream::connect(proxy.address()).await.expect("connects");
            let bytes = vec![0; 64 << 20];
            let limit = if taken { LONG } else { SILENCE };
            let sent = tokio::time::timeout(limit, stream.write_all(&bytes)).await;
            assert_eq!(sent.is_ok(), taken, "{ending:?}");
        }
    }

    #[tokio::test]
    async fn time_is_taken_as_ordered() {
        let begun = Instant::now();
        let latency = Way { latency: Duration::from_millis(150), ..Way::default() };
        let proxy_late = proxy(Conduct { to_server: latency, to_client: latency }).await;
        assert_eq!(round(&proxy_late, 10).await, (10, Ok(())));
        assert!(begun.elapsed() >= Duration::from_millis(300));

        let begun = Instant::now();
        let narrow = Way { bytes_per_second: Some(100_000), ..Way::default() };
        assert_eq!(round(&proxy(to_client(narrow)).await, 50_000).await, (50_000, Ok(())));
        assert!(begun.elapsed() >= Duration::from_millis(400));
    }

    #[tokio::test]
    async fn slices_arrive_whole_and_in_order() {
        let slices = Way { slice: Some(1), ..Way::default() };
        let proxy = proxy(Conduct { to_server: slices, to_client: slices }).await;
        let mut stream = TcpStream::connect(proxy.address()).await.expect("connects");
        let sent: Vec<u8> = (0..=255).cycle().take(5000).collect();
        stream.write_all(&sent).await.expect("sends");
        let mut back = vec![0; sent.len()];
        stream.read_exact(&mut back).await.expect("comes back");
        assert_eq!(back, sent);
    }

    #[tokio::test]
    async fn down_refuses_and_up_accepts_on_the_same_port() {
        let proxy = proxy(Conduct::default()).await;
        for _ in 0..3 {
            let mut open = TcpStream::connect(proxy.address()).await.expect("connects");
            open.write_all(b"x").await.expect("sends");
            assert_eq!(open.read_u8().await.expect("comes back"), b'x');
            proxy.down().await;
            proxy.down().await;
            let kind = open.read_u8().await.expect_err("is cut").kind();
            assert_eq!(kind, io::ErrorKind::ConnectionReset);
            let refused = TcpStream::connect(proxy.address()).await.expect_err("is down");
            assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
            proxy.up();
            proxy.up();
            assert_eq!(round(&proxy, 10).await, (10, Ok(())));
        }
    }
}
