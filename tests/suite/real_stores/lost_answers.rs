//! Answers that never come: the store has done what was asked, and the connection breaks before it
//! can say so.

use std::sync::{Arc, Mutex};

use support::ferry::{Place, Ran};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::{Ground, MIB, all_uploads, random};

/// Stands before a store and swallows the first answer to each kind of request that is still on its
/// list.
struct Swallower {
    endpoint: String,
    left: Arc<Mutex<Vec<&'static str>>>,
}

impl Swallower {
    async fn start(store: &str, kinds: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let store = store.strip_prefix("http://").expect("plain http").to_owned();
        let left = Arc::new(Mutex::new(kinds.to_vec()));
        let kinds = Arc::clone(&left);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // Either side may go away at any time: that ends the connection.
                tokio::spawn(pass_on(client, store.clone(), Arc::clone(&kinds)));
            }
        });
        Self { endpoint, left }
    }
}

/// Which kind of request this is, by its first line.
fn kind(line: &str) -> &'static str {
    let query = line.split_once('?').map_or("", |(_, query)| query);
    match line.split(' ').next() {
        Some("PUT") if query.contains("partNumber=") => "part",
        Some("PUT") => "put",
        Some("POST") if query.contains("uploadId=") => "complete",
        Some("POST") => "initiate",
        _ => "other",
    }
}

/// One request after another, until an answer is swallowed.
async fn pass_on(
    mut client: TcpStream,
    store: String,
    left: Arc<Mutex<Vec<&'static str>>>,
) -> std::io::Result<()> {
    let mut store = TcpStream::connect(store).await?;
    loop {
        let head = read_head(&mut client).await?;
        let kind = kind(head.lines().next().unwrap_or_default());
        store.write_all(head.as_bytes()).await?;
        let mut body = (&mut client).take(length(&head));
        tokio::io::copy(&mut body, &mut store).await?;
        // Whole, so that the store has done what it says.
        let answer = read_answer(&mut store, &head).await?;
        let doomed = {
            let mut left = left.lock().expect("nobody panics with it");
            left.iter().position(|other| *other == kind).map(|at| left.remove(at)).is_some()
        };
        if doomed {
            return Ok(());
        }
        client.write_all(&answer).await?;
    }
}

/// The whole answer to a request, as it came.
async fn read_answer(store: &mut TcpStream, request: &str) -> std::io::Result<Vec<u8>> {
    let head = read_head(store).await?;
    let mut answer = head.clone().into_bytes();
    if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        read_to(store, &mut answer, b"\r\n0\r\n\r\n").await?;
    } else if !request.starts_with("HEAD ") {
        let begin = answer.len();
        answer.resize(begin + usize::try_from(length(&head)).expect("fits"), 0);
        store.read_exact(&mut answer[begin..]).await?;
    }
    Ok(answer)
}

async fn read_head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    read_to(stream, &mut head, b"\r\n\r\n").await?;
    Ok(String::from_utf8_lossy(&head).into_owned())
}

async fn read_to(stream: &mut TcpStream, bytes: &mut Vec<u8>, end: &[u8]) -> std::io::Result<()> {
    while !bytes.ends_with(end) {
        bytes.push(stream.read_u8().await?);
    }
    Ok(())
}

fn length(head: &str) -> u64 {
    let value = head.lines().find_map(|line| {
        line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
    });
    value.unwrap_or(0)
}

pub(crate) async fn lost_answers_are_settled_by_asking(ground: &Ground<'_>) {
    let mut expected = Vec::new();
    let place = Place::new().await;
    for (policy, kinds) in [
        ("ask", &["initiate", "part", "complete", "put"][..]),
        ("overwrite", &["put", "complete", "part", "initiate"]),
    ] {
        let large = place.write(format!("{policy}/大 +%/large.bin"), &random(11 * MIB, 1));
        let small = place.write(format!("{policy}/大 +%/small.bin"), &random(77, 2));
        let swallower = Swallower::start(&ground.store.endpoint, kinds).await;
        let folder = place.path(policy);
        let options = ["--part-size", "5MiB", "--existing", policy];
        let put = ground.store.put_through(
            &swallower.endpoint,
            &place,
            &[&folder],
            &ground.destination(""),
            &options,
        );
        let ran = Ran::of(put).await;
        ran.assert_verified(2);
        assert_eq!(
            *swallower.left.lock().expect("nobody panics with it"),
            [""; 0],
            "every kind was lost once"
        );
        // The one part whose answer was lost went twice, and so did the small file at most.
        assert!(ran.number("sent_bytes") <= 16 * MIB as u64 + 2 * 77, "{ran:?}");
        expected.push((format!("{policy}/大 +%/large.bin"), large));
        expected.push((format!("{policy}/大 +%/small.bin"), small));
    }
    ground.store.assert_holds(ground.bucket, &expected).await;
    assert_eq!(all_uploads(&ground.ferry(), "").await.expect("lists"), []);
}
