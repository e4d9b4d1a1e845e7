//! The raw server.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// One request as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// The request line and the headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn line(&self) -> &str {
        self.head.split("\r\n").next().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.split("\r\n").skip(1).filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn length(&self) -> usize {
        self.header("content-length").map_or(0, |text| text.parse().expect("length"))
    }
}

/// What the server does when a head came.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Reads the body and answers.
    Answer(String),
    /// Reads so many bytes of the body, answers and closes.
    AnswerEarly(usize, String),
    /// Reads the body and answers piece by piece with a pause before each.
    Drip(Vec<String>, Duration),
    /// Reads so many bytes of the body and closes.
    Close(usize),
    /// Reads so many bytes of the body and does nothing more.
    Hang(usize),
    /// Reads the body in pieces of so many bytes with a pause before each, then answers.
    Slow(usize, Duration, String),
}

/// An answer with a length.
pub(crate) fn answer(status: u16, headers: &[&str], body: &str) -> Step {
    Step::Answer(text(status, headers, body))
}

pub(crate) fn text(status: u16, headers: &[&str], body: &str) -> String {
    let more: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!("HTTP/1.1 {status} Status\r\nContent-Length: {}\r\n{more}\r\n{body}", body.len())
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) endpoint: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<Mutex<usize>>,
}

impl Server {
    /// Answers the n-th request with the n-th step, the last one from then on.
    pub(crate) async fn start(steps: Vec<Step>) -> Self {
        let socket = TcpSocket::new_v4().expect("socket");
        // A small window, as a slow network has: what is not read is not taken.
        socket.set_recv_buffer_size(16 * 1024).expect("buffer");
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("bind");
        let listener = socket.listen(64).expect("listen");
        let address = listener.local_addr().expect("address");
        let server = Self {
            address,
            endpoint: format!("http://{address}"),
            seen: Arc::default(),
            connections: Arc::default(),
        };
        tokio::spawn(accept(
            listener,
            Arc::new(steps),
            Arc::clone(&server.seen),
            Arc::clone(&server.connections),
        ));
        server
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("seen").clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().expect("connections")
    }
}

async fn accept(
    listener: TcpListener,
    steps: Arc<Vec<Step>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<Mutex<usize>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        *connections.lock().expect("connections") += 1;
        let (steps, seen) = (Arc::clone(&steps), Arc::clone(&seen));
        tokio::spawn(async move {
            // The client may go away at any time: that ends the connection, not the test.
            let _ = serve(stream, &steps, &seen).await;
        });
    }
}

async fn serve(
    mut stream: TcpStream,
    steps: &[Step],
    seen: &Mutex<Vec<Seen>>,
) -> std::io::Result<()> {
    loop {
        let mut request = Seen { head: read_head(&mut stream).await?, body: Vec::new() };
        let at = {
            let mut seen = seen.lock().expect("seen");
            seen.push(request.clone());
            seen.len() - 1
        };
        let length = request.length();
        let step = steps[at.min(steps.len() - 1)].clone();
        let wanted = match &step {
            Step::Answer(_) | Step::Drip(..) => length,
            Step::AnswerEarly(bytes, _) | Step::Close(bytes) | Step::Hang(bytes) => {
                (*bytes).min(length)
            }
            Step::Slow(..) => 0,
        };
        let mut body = vec![0; wanted];
        stream.read_exact(&mut body).await?;
        if let Step::Slow(piece, pause, _) = &step {
            while body.len() < length {
                tokio::time::sleep(*pause).await;
                let begin = body.len();
                body.resize((begin + piece).min(length), 0);
                stream.read_exact(&mut body[begin..]).await?;
            }
        }
        request.body = body;
        seen.lock().expect("seen")[at] = request;
        match step {
            Step::Answer(text) | Step::Slow(_, _, text) => {
                stream.write_all(text.as_bytes()).await?
            }
            Step::AnswerEarly(_, text) => {
                stream.write_all(text.as_bytes()).await?;
                // Lets the answer arrive before the reset that unread bytes cause.
                tokio::time::sleep(Duration::from_millis(200)).await;
                return Ok(());
            }
            Step::Drip(pieces, pause) => {
                for piece in pieces {
                    tokio::time::sleep(pause).await;
                    stream.write_all(piece.as_bytes()).await?;
                    stream.flush().await?;
                }
            }
            Step::Close(_) => return Ok(()),
            Step::Hang(_) => std::future::pending().await,
        }
    }
}

async fn read_head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
