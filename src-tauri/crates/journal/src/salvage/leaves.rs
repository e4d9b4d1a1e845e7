//! The rows of a table whose tree is damaged above them: its leaves are still in the file, and get
//! a new tree.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::image::PAGE;

/// First byte of a page that holds rows.
const LEAF: u8 = 0x0d;
/// First byte of a page that points to others.
const INTERIOR: u8 = 0x05;
/// Bytes of a leaf's header, and of an interior page's.
const LEAF_HEADER: usize = 8;
const INTERIOR_HEADER: usize = 12;
/// Pages under one page: what surely finds room, whatever their numbers.
const FAN_OUT: usize = 250;

/// A page, with the numbers of its first and last row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Leaf {
    first: i64,
    last: i64,
    page: u32,
}

/// Makes a new tree at `root` of every leaf whose rows have at least so many columns.
pub(super) fn gather(image: &Path, root: u32, columns: usize) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(image)?;
    let mut leaves = find(&mut file, columns)?;
    leaves.sort_unstable();
    // Two that claim the same rows: one is a copy from before.
    let mut last = i64::MIN;
    leaves.retain(|leaf| {
        let apart = leaf.first > last;
        last = last.max(leaf.last);
        apart
    });
    let mut pages = u32::try_from(file.metadata()?.len() / PAGE as u64).unwrap_or(u32::MAX);
    while leaves.len() > FAN_OUT {
        let mut above = Vec::with_capacity(leaves.len().div_ceil(FAN_OUT));
        for under in leaves.chunks(FAN_OUT) {
            pages += 1;
            write_page(&mut file, pages, &interior(under))?;
            let (first, last) = (under[0].first, under[under.len() - 1].last);
            above.push(Leaf { first, last, page: pages });
        }
        leaves = above;
    }
    match leaves.as_slice() {
        [] => return Ok(()),
        [only] => {
            let mut page = vec![0; PAGE];
            read_page(&mut file, only.page, &mut page)?;
            write_page(&mut file, root, &page)?;
        }
        many => write_page(&mut file, root, &interior(many))?,
    }
    super::image::patch_header(&mut file)
}

fn find(file: &mut File, columns: usize) -> io::Result<Vec<Leaf>> {
    let pages = u32::try_from(file.metadata()?.len() / PAGE as u64).unwrap_or(u32::MAX);
    let mut page = vec![0; PAGE];
    let mut leaves = Vec::new();
    for number in 2..=pages {
        read_page(file, number, &mut page)?;
        leaves.extend(leaf(&page, columns).map(|(first, last)| Leaf { first, last, page: number }));
    }
    Ok(leaves)
}

/// The numbers of the first and last row, if the page is a leaf of such rows.
fn leaf(page: &[u8], columns: usize) -> Option<(i64, i64)> {
    let cells = usize::from(u16::from_be_bytes([*page.get(3)?, *page.get(4)?]));
    if page[0] != LEAF || cells == 0 || cells > (PAGE - LEAF_HEADER) / 4 {
        return None;
    }
    let (first, found) = row(page, 0)?;
    let (last, _) = row(page, cells - 1)?;
    (found >= columns && first <= last).then_some((first, last))
}

/// A row's number, and how many columns it has.
fn row(page: &[u8], cell: usize) -> Option<(i64, usize)> {
    let at = LEAF_HEADER + 2 * cell;
    let mut at = usize::from(u16::from_be_bytes([*page.get(at)?, *page.get(at + 1)?]));
    let _bytes = varint(page, &mut at)?;
    let number = varint(page, &mut at)?.cast_signed();
    let begin = at;
    let end = begin.checked_add(usize::try_from(varint(page, &mut at)?).ok()?)?;
    let mut columns = 0;
    while at < end {
        varint(page, &mut at)?;
        columns += 1;
    }
    (at == end).then_some((number, columns))
}

fn varint(page: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0u64;
    for byte in 0..9 {
        let bits = *page.get(*at)?;
        *at += 1;
        if byte == 8 {
            return Some(value << 8 | u64::from(bits));
        }
        value = value << 7 | u64::from(bits & 0x7f);
        if bits & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// A number as nine bytes: longer than it needs to be, and always right.
fn nine_bytes(value: u64) -> [u8; 9] {
    let mut bytes = [0; 9];
    bytes[8] = (value & 0xff) as u8;
    for (place, byte) in bytes[..8].iter_mut().rev().enumerate() {
        *byte = (value >> (8 + 7 * place)) as u8 | 0x80;
    }
    bytes
}

/// A page that points to these, in order.
fn interior(under: &[Leaf]) -> Vec<u8> {
    let mut page = vec![0; PAGE];
    let cells = under.len() - 1;
    let mut content = PAGE;
    for (cell, leaf) in under[..cells].iter().enumerate() {
        content -= 13;
        page[content..content + 4].copy_from_slice(&leaf.page.to_be_bytes());
        page[content + 4..content + 13].copy_from_slice(&nine_bytes(leaf.last.cast_unsigned()));
        let at = INTERIOR_HEADER + 2 * cell;
        page[at..at + 2].copy_from_slice(&(content as u16).to_be_bytes());
    }
    page[0] = INTERIOR;
    page[3..5].copy_from_slice(&(cells as u16).to_be_bytes());
    page[5..7].copy_from_slice(&(content as u16).to_be_bytes());
    page[8..12].copy_from_slice(&under[cells].page.to_be_bytes());
    page
}

fn read_page(file: &mut File, number: u32, page: &mut [u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(u64::from(number - 1) * PAGE as u64))?;
    file.read_exact(page)
}

fn write_page(file: &mut File, number: u32, page: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(u64::from(number - 1) * PAGE as u64))?;
    file.write_all(page)
}

#[cfg(test)]
#[test]
fn numbers_are_read_as_they_are_written() {
    for value in [0, 1, 127, 128, 300, 1 << 31, u64::MAX >> 1, u64::MAX] {
        let mut at = 0;
        assert_eq!(varint(&nine_bytes(value), &mut at), Some(value), "{value}");
        assert_eq!(at, 9);
    }
}
