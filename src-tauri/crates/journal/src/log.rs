//! The write-ahead log as bytes: which frames SQLite will believe, and whether commits stand behind
//! one that it will not.
//!
//! SQLite reads a log up to the first frame whose checksum is wrong, and says nothing of the rest.
//! That is right after a power cut and wrong after damage, so it is looked at here first.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The header's first word, but for its lowest bit: which byte order the checksums have.
const MAGIC: u32 = 0x377f_0682;

/// One page in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Which page it is, from 1.
    pub(crate) page: u32,
    /// Where its bytes stand in the log.
    pub(crate) offset: u64,
}

/// What a log holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Log {
    /// Bytes of a page; 0 where there is no log.
    pub(crate) page_size: u32,
    /// What is committed, in order.
    pub(crate) frames: Vec<Frame>,
    /// Pages of the database after the last commit.
    pub(crate) pages: u32,
    /// Whether commits stand behind a frame that is damaged, or the header is.
    pub(crate) cut: bool,
}

impl Log {
    /// Reads a log; one that is missing or empty holds nothing.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            other => other?,
        };
        let mut file = BufReader::with_capacity(1 << 20, file);
        let mut header = [0; HEADER];
        if !fill(&mut file, &mut header)? {
            return Ok(Self::default());
        }
        let magic = word(&header, 0);
        let page_size = word(&header, 8);
        let order = if magic & 1 == 1 { u32::from_be_bytes } else { u32::from_le_bytes };
        let mut sums = checksum((0, 0), &header[..24], order);
        let known = magic & !1 == MAGIC && (512..=65_536).contains(&page_size);
        if !known || !page_size.is_power_of_two() || sums != (word(&header, 24), word(&header, 28))
        {
            return Ok(Self { cut: true, ..Self::default() });
        }
        let mut log = Self { page_size, ..Self::default() };
        let mut frame = vec![0; FRAME_HEADER + page_size as usize];
        let mut believed = true;
        let mut committed = 0;
        let mut offset = HEADER as u64;
        while fill(&mut file, &mut frame)? {
            let (page, pages) = (word(&frame, 0), word(&frame, 4));
            // A frame of an older round of the same file has other salts.
            let ours = frame[8..16] == header[16..24] && page != 0;
            let (head, content) = frame.split_at(FRAME_HEADER);
            let next = checksum(checksum(sums, &head[..8], order), content, order);
            believed = believed && ours && next == (word(head, 16), word(head, 20));
            if believed {
                sums = next;
                log.frames.push(Frame { page, offset: offset + FRAME_HEADER as u64 });
                if pages != 0 {
                    committed = log.frames.len();
                    log.pages = pages;
                }
            } else if ours && pages != 0 {
                log.cut = true;
                break;
            }
            offset += frame.len() as u64;
        }
        log.frames.truncate(committed);
        Ok(log)
    }
}

/// Whether the buffer could be filled to its end.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(buffer) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        other => other.map(|()| true),
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk().map_or(0, |word| u32::from_be_bytes(*word))
}

/// SQLite's sums over a log, carried on from `sums`.
fn checksum(sums: (u32, u32), bytes: &[u8], order: fn([u8; 4]) -> u32) -> (u32, u32) {
    let (pairs, _) = bytes.as_chunks::<8>();
    pairs.iter().fold(sums, |(first, second), pair| {
        let [a, b, c, d, e, f, g, h] = *pair;
        let first = first.wrapping_add(order([a, b, c, d])).wrapping_add(second);
        (first, second.wrapping_add(order([e, f, g, h])).wrapping_add(first))
    })
}
