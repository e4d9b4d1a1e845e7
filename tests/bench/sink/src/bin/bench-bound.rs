//! The least that an upload with a checksum can cost: read, CRC-64, plain sockets.
//!
//! `bench-bound [--connections N] [--part BYTES] [--md5] ADDRESS BUCKET PATH` sends a file in parts
//! or a folder's files whole, without signatures, retries or a journal, and compares the CRC-64
//! that the sink answers.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use md5::{Digest as _, Md5};

/// Bytes read and sent at a time.
const BUFFER: usize = 256 * 1024;

#[derive(Debug)]
struct Plan {
    address: String,
    bucket: String,
    connections: usize,
    part: u64,
    md5: bool,
}

/// Bytes of a file that go into one request.
#[derive(Debug)]
struct Piece {
    path: PathBuf,
    offset: u64,
    length: u64,
    target: String,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-bound: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<()> {
    let mut plan = Plan {
        address: String::new(),
        bucket: String::new(),
        connections: 4,
        part: 16 << 20,
        md5: false,
    };
    let mut places = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let value = arguments.next().and_then(|value| value.parse::<u64>().ok());
            value.ok_or_else(|| io::Error::other(format!("{argument} needs a number")))
        };
        match argument.as_str() {
            "--connections" => plan.connections = number()? as usize,
            "--part" => plan.part = number()?,
            "--md5" => plan.md5 = true,
            _ => places.push(argument),
        }
    }
    let Ok([address, bucket, path]) = <[String; 3]>::try_from(places) else {
        return Err(io::Error::other("ADDRESS BUCKET PATH"));
    };
    (plan.address, plan.bucket) = (address, bucket);
    let path = Path::new(&path);
    if path.is_dir() { send_folder(&plan, path) } else { send_file(&plan, path) }
}

fn send_file(plan: &Plan, path: &Path) -> io::Result<()> {
    let size = path.metadata()?.len();
    let mut connection = Connection::open(plan)?;
    let target = format!("/{}/bound/large", plan.bucket);
    let begun = connection.ask("POST", &format!("{target}?uploads"), "")?;
    let id = between(&begun, "<UploadId>", "</UploadId>")?;
    let pieces: Vec<Piece> = (0..size.div_ceil(plan.part))
        .map(|index| Piece {
            path: path.into(),
            offset: index * plan.part,
            length: plan.part.min(size - index * plan.part),
            target: format!("{target}?partNumber={}&uploadId={id}", index + 1),
        })
        .collect();
    let etags = send(plan, &pieces)?;
    let parts = etags.iter().enumerate().map(|(index, etag)| {
        format!("<Part><PartNumber>{}</PartNumber><ETag>{etag}</ETag></Part>", index + 1)
    });
    let body =
        format!("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", parts.collect::<String>());
    connection.ask("POST", &format!("{target}?uploadId={id}"), &body).map(drop)
}

fn send_folder(plan: &Plan, folder: &Path) -> io::Result<()> {
    let mut pieces = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        pieces.push(Piece {
            length: entry.metadata()?.len(),
            offset: 0,
            target: format!("/{}/bound/{}", plan.bucket, entry.file_name().to_string_lossy()),
            path: entry.path(),
        });
    }
    send(plan, &pieces).map(drop)
}

/// Sends all pieces over the plan's connections and returns their ETags.
fn send(plan: &Plan, pieces: &[Piece]) -> io::Result<Vec<String>> {
    let next = AtomicUsize::new(0);
    let sent = std::thread::scope(|scope| {
        let work = || {
            let mut connection = Connection::open(plan)?;
            let mut etags = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(piece) = pieces.get(index) else { return Ok(etags) };
                etags.push((index, connection.put(piece, plan.md5)?));
            }
        };
        let threads: Vec<_> =
            (0..plan.connections.min(pieces.len())).map(|_| scope.spawn(work)).collect();
        let results = threads.into_iter().map(|thread| thread.join().expect("no thread panics"));
        results.collect::<io::Result<Vec<_>>>()
    })?;
    let mut etags: Vec<(usize, String)> = sent.into_iter().flatten().collect();
    etags.sort_unstable();
    Ok(etags.into_iter().map(|(_, etag)| etag).collect())
}

struct Connection {
    stream: TcpStream,
    host: String,
    buffer: Vec<u8>,
}

impl Connection {
    fn open(plan: &Plan) -> io::Result<Self> {
        let stream = TcpStream::connect(&plan.address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: plan.address.clone(), buffer: vec![0; BUFFER] })
    }

    fn put(&mut self, piece: &Piece, with_md5: bool) -> io::Result<String> {
        let mut file = File::open(&piece.path)?;
        let md5 = if with_md5 { self.md5(&mut file, piece)? } else { String::new() };
        file.seek(SeekFrom::Start(piece.offset))?;
        let head = head("PUT", &piece.target, &self.host, piece.length, &md5);
        let mut crc64 = crc64fast::Digest::new();
        let mut begin = head.len();
        self.buffer[..begin].copy_from_slice(head.as_bytes());
        let mut sent = 0;
        while sent < piece.length || begin > 0 {
            let room = (BUFFER - begin) as u64;
            let length = room.min(piece.length - sent) as usize;
            let bytes = &mut self.buffer[..begin + length];
            file.read_exact(&mut bytes[begin..])?;
            crc64.write(&bytes[begin..]);
            self.stream.write_all(bytes)?;
            sent += length as u64;
            begin = 0;
        }
        let answer = self.answer()?;
        let theirs = between(&answer, "x-oss-hash-crc64ecma: ", "\r\n")?;
        if theirs != crc64.sum64().to_string() {
            return Err(io::Error::other(format!("{} arrived damaged", piece.target)));
        }
        between(&answer, "ETag: ", "\r\n").map(str::to_owned)
    }

    /// As a header has it, which is sent before the bytes: they are read twice.
    fn md5(&mut self, file: &mut File, piece: &Piece) -> io::Result<String> {
        file.seek(SeekFrom::Start(piece.offset))?;
        let mut md5 = Md5::new();
        let mut read = 0;
        while read < piece.length {
            let length = (BUFFER as u64).min(piece.length - read) as usize;
            file.read_exact(&mut self.buffer[..length])?;
            md5.update(&self.buffer[..length]);
            read += length as u64;
        }
        // The sink does not look at it: hexadecimal costs what base64 does.
        Ok(format!("Content-MD5: {}\r\n", hex::encode(md5.finalize())))
    }

    fn ask(&mut self, method: &str, target: &str, body: &str) -> io::Result<String> {
        let head = head(method, target, &self.host, body.len() as u64, "");
        self.stream.write_all(format!("{head}{body}").as_bytes())?;
        self.answer()
    }

    /// An answer with status 200, its head and body.
    fn answer(&mut self) -> io::Result<String> {
        let mut end = 0;
        loop {
            let length = self.stream.read(&mut self.buffer[end..])?;
            if length == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            end += length;
            let text = String::from_utf8_lossy(&self.buffer[..end]);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            if !head.starts_with("HTTP/1.1 200") {
                return Err(io::Error::other(head.to_owned()));
            }
            let announced = between(&text, "Content-Length: ", "\r\n")?;
            if announced.parse() == Ok(body.len()) {
                return Ok(text.into_owned());
            }
        }
    }
}

fn head(method: &str, target: &str, host: &str, length: u64, more: &str) -> String {
    // The sink tells the dialect by it.
    format!(
        "{method} {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: OSS bound\r\n\
         {more}Content-Length: {length}\r\n\r\n"
    )
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> io::Result<&'a str> {
    text.split_once(before)
        .and_then(|(_, rest)| rest.split_once(after))
        .map(|(found, _)| found)
        .ok_or_else(|| io::Error::other(format!("`{before}` is missing in: {text}")))
}
