//! An HTTP client of twenty lines: it sends exactly what it is told, tidies nothing and follows
//! nothing.

#![allow(dead_code, unreachable_pub)] // Each test file uses its own share of it.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use ferry_sandbox::{Config, Sandbox, Verification};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The bucket of every test.
pub const BUCKET: &str = "tests";

/// The header that makes an unsigned request count as S3.
pub const S3: (&str, &str) = ("x-amz-date", "20260115T083045Z");

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The text of the first element of this name.
    pub fn element(&self, name: &str) -> Option<String> {
        let text = self.text();
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (inner, _) = rest.split_once(&format!("</{name}>"))?;
        Some(inner.replace("&quot;", ""))
    }

    /// The text of every element of this name.
    pub fn elements(&self, name: &str) -> Vec<String> {
        let text = self.text();
        text.split(&format!("<{name}>"))
            .skip(1)
            .filter_map(|rest| {
                rest.split_once(&format!("</{name}>")).map(|(inner, _)| inner.to_owned())
            })
            .collect()
    }
}

/// A sandbox that checks no signatures, over `root`.
pub fn config(root: &Path) -> Config {
    Config {
        buckets: vec![BUCKET.to_owned()],
        verification: Verification::Off,
        ..Config::new(root)
    }
}

pub async fn start(root: &Path) -> Sandbox {
    Sandbox::start(config(root)).await.expect("the sandbox starts")
}

/// The bytes of a request's head.
pub fn head(method: &str, target: &str, headers: &[(&str, &str)], length: Option<usize>) -> String {
    let mut head =
        format!("{method} {target} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(length) = length {
        head.push_str(&format!("content-length: {length}\r\n"));
    }
    head.push_str("\r\n");
    head
}

/// One request on a connection of its own.
pub async fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Answer> {
    let length = matches!(method, "PUT" | "POST").then_some(body.len());
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(head(method, target, headers, length).as_bytes()).await?;
    stream.write_all(body).await?;
    receive(&mut stream).await
}

/// Reads an answer to the end of the connection.
pub async fn receive(stream: &mut TcpStream) -> io::Result<Answer> {
    let mut data = Vec::new();
    stream.read_to_end(&mut data).await?;
    let end = data.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.ok_or_else(|| io::Error::new(io::ErrorKind::UnexpectedEof, "no answer"))?;
    let head = String::from_utf8_lossy(&data[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status =
        lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|text| text.parse().ok());
    Ok(Answer {
        status: status.ok_or_else(|| io::Error::other("no status"))?,
        headers: lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect(),
        body: data[end + 4..].to_vec(),
    })
}

/// Opens an upload and gives its id.
pub async fn initiate(address: SocketAddr, key: &str) -> String {
    let answer = send(address, "POST", &format!("/{BUCKET}/{key}?uploads"), &[], b"")
        .await
        .expect("Initiate is answered");
    answer.element("UploadId").expect("Initiate gives an id")
}

/// Sends a part and gives its ETag.
pub async fn upload_part(
    address: SocketAddr,
    key: &str,
    id: &str,
    number: u32,
    body: &[u8],
) -> String {
    let target = format!("/{BUCKET}/{key}?partNumber={number}&uploadId={id}");
    let answer = send(address, "PUT", &target, &[], body).await.expect("UploadPart is answered");
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.header("etag").expect("a part has an ETag").to_owned()
}

/// The body of a Complete.
pub fn complete_body(parts: &[(u32, String)]) -> String {
    let parts: String = parts
        .iter()
        .map(|(number, etag)| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
        })
        .collect();
    format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>")
}

/// Completes an upload.
pub async fn complete(
    address: SocketAddr,
    key: &str,
    id: &str,
    parts: &[(u32, String)],
) -> io::Result<Answer> {
    let target = format!("/{BUCKET}/{key}?uploadId={id}");
    send(address, "POST", &target, &[], complete_body(parts).as_bytes()).await
}
