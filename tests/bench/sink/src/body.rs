//! Receives bodies: their sums are kept, their bytes are not.

use std::io;
use std::time::Instant;

use md5::{Digest as _, Md5};

use crate::chunks::Chunks;
use crate::counts::Counts;
use crate::options::Options;
use crate::pace::Pace;
use crate::request::{Dialect, Request};
use crate::store::Summary;
use crate::wire::Wire;

/// How fast bodies may arrive.
pub(crate) struct Paces<'a> {
    pub(crate) connection: Option<&'a Pace>,
    pub(crate) total: Option<&'a Pace>,
    /// Bytes read before the next wait: few where a link is slow, so that it flows.
    pub(crate) step: usize,
}

/// Sums of what has arrived.
struct Sums {
    size: u64,
    crc64: crc64fast::Digest,
    md5: Option<Md5>,
}

impl Sums {
    fn add(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.crc64.write(bytes);
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
    }
}

/// Reads the request's body to its end.
pub(crate) fn receive(
    wire: &mut Wire,
    request: &Request,
    options: &Options,
    (paces, counts): (&Paces<'_>, &Counts),
) -> io::Result<Summary> {
    let announced = request
        .header("x-amz-decoded-content-length")
        .and_then(|value| value.parse().ok())
        .or_else(|| request.content_length());
    let small = announced.is_some_and(|length| length <= options.md5_up_to);
    let mut sums = Sums { size: 0, crc64: crc64fast::Digest::new(), md5: small.then(Md5::new) };
    let mut aws = request.is_aws_chunked().then(Chunks::new);
    read(wire, request, (paces, counts), &mut |bytes| {
        match &mut aws {
            None => sums.add(bytes),
            Some(chunks) => {
                let fed = chunks.feed(bytes, &mut |data| sums.add(data));
                fed.ok_or_else(|| io::Error::other("a body that is not in AWS's chunks"))?;
            }
        }
        Ok(())
    })?;
    let trailers = aws.map(|chunks| chunks.trailers).unwrap_or_default();
    let crc64 = sums.crc64.sum64();
    let etag = match sums.md5 {
        Some(md5) if request.dialect() == Dialect::Oss => hex::encode_upper(md5.finalize()),
        Some(md5) => hex::encode(md5.finalize()),
        // Nobody can take it for an MD5.
        None => format!("{crc64:016X}-{:X}", sums.size),
    };
    Ok(Summary { size: sums.size, crc64, etag, checksum: checksum(request, trailers) })
}

fn checksum(request: &Request, trailers: Vec<(String, String)>) -> Option<(String, String)> {
    let is_checksum = |name: &str| {
        name.starts_with("x-amz-checksum-")
            && !matches!(name, "x-amz-checksum-algorithm" | "x-amz-checksum-type")
    };
    let headers = request.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
    headers.chain(trailers).find(|(name, _)| is_checksum(name))
}

/// A body that is text.
pub(crate) fn text(
    wire: &mut Wire,
    request: &Request,
    counts: (&Paces<'_>, &Counts),
) -> io::Result<String> {
    let mut bytes = Vec::new();
    read(wire, request, counts, &mut |data| {
        bytes.extend_from_slice(data);
        Ok(())
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads a body out of what HTTP frames it with.
fn read(
    wire: &mut Wire,
    request: &Request,
    (paces, counts): (&Paces<'_>, &Counts),
    data: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    if request.is_chunked() {
        let mut chunks = Chunks::new();
        while !chunks.ended() {
            let bytes = wire.some(paces.step)?;
            let mut result = Ok(());
            let fed = chunks.feed(bytes, &mut |bytes| {
                if result.is_ok() {
                    result = data(bytes);
                }
            });
            let fed = fed.ok_or_else(|| io::Error::other("a body that is not in chunks"))?;
            result?;
            wire.consume(fed);
            passed(paces, counts, fed);
        }
        return Ok(());
    }
    let mut left = request.content_length().unwrap_or(0);
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(paces.step);
        let bytes = wire.some(most)?;
        let length = bytes.len();
        data(bytes)?;
        wire.consume(length);
        left -= length as u64;
        passed(paces, counts, length);
    }
    Ok(())
}

/// Reads the first half of a body.
pub(crate) fn half(
    wire: &mut Wire,
    request: &Request,
    (paces, counts): (&Paces<'_>, &Counts),
) -> io::Result<()> {
    let mut left = request.content_length().unwrap_or(0) / 2;
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(paces.step);
        let length = wire.some(most)?.len();
        wire.consume(length);
        left -= length as u64;
        passed(paces, counts, length);
    }
    Ok(())
}

/// Counts bytes, and waits where they came too soon.
fn passed(paces: &Paces<'_>, counts: &Counts, bytes: usize) {
    counts.add_bytes(bytes as u64);
    let now = Instant::now();
    let wait = [paces.connection, paces.total]
        .into_iter()
        .flatten()
        .map(|pace| pace.wait(bytes, now))
        .max();
    if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
        std::thread::sleep(wait);
    }
}
