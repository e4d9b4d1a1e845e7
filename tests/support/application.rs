//! The user's own server that a store calls back.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Gives every request the same answer, and keeps what it was sent.
#[derive(Debug)]
pub struct Application {
    /// Where it listens.
    pub url: String,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Application {
    /// Listens on loopback until the test ends, and answers with this status and body.
    pub async fn start(status: u16, answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/", listener.local_addr().expect("listens"));
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bodies);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, status, answer, Arc::clone(&kept)));
            }
        });
        Self { url, bodies }
    }

    /// The bodies it was sent, in the order of their arrival.
    pub fn bodies(&self) -> Vec<String> {
        self.bodies.lock().expect("nobody panics with it").clone()
    }
}

async fn serve(mut stream: TcpStream, status: u16, answer: &str, bodies: Arc<Mutex<Vec<String>>>) {
    let mut seen = Vec::new();
    let body = loop {
        if let Some(body) = whole(&seen) {
            break body;
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(read @ 1..) => seen.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    };
    bodies.lock().expect("nobody panics with it").push(body);
    let length = answer.len();
    let answer = format!(
        "HTTP/1.1 {status} As Told\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}"
    );
    // A caller that went away needs no answer.
    let _ = stream.write_all(answer.as_bytes()).await;
}

/// The body, once all of it is there.
fn whole(seen: &[u8]) -> Option<String> {
    let seen = String::from_utf8_lossy(seen);
    let (head, body) = seen.split_once("\r\n\r\n")?;
    let length = head
        .to_ascii_lowercase()
        .split_once("content-length: ")?
        .1
        .lines()
        .next()?
        .trim()
        .parse::<usize>()
        .ok()?;
    (body.len() >= length).then(|| body.to_owned())
}
