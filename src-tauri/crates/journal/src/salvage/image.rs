//! One file out of a damaged one and its log, with a first page that SQLite can begin from.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use rusqlite::Connection;

use crate::JournalError;
use crate::connect::in_memory;
use crate::folder::private;
use crate::log::Log;

/// Bytes of a page in every file this crate made.
pub(super) const PAGE: usize = 4096;
/// The first page begins with the file's header.
const FILE_HEADER: usize = 100;
/// The first byte of a page of a table's tree that points to others.
const INTERIOR: u8 = 0x05;

/// Writes what the file and its log hold together to `image`. A log alone is enough.
pub(super) fn merge(file: &Path, log_file: &Path, image: &Path) -> io::Result<()> {
    let log = Log::read(log_file)?;
    let mut to = private().truncate(true).open(image)?;
    match File::open(file) {
        Ok(mut from) => drop(io::copy(&mut from, &mut to)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    if !log.frames.is_empty() {
        let mut from = File::open(log_file)?;
        let mut page = vec![0; log.page_size as usize];
        for frame in &log.frames {
            from.seek(SeekFrom::Start(frame.offset))?;
            from.read_exact(&mut page)?;
            to.seek(SeekFrom::Start(u64::from(frame.page - 1) * u64::from(log.page_size)))?;
            to.write_all(&page)?;
        }
        to.set_len(u64::from(log.pages) * u64::from(log.page_size))?;
    }
    patch_header(&mut to)
}

/// Makes the header say what is so: no log beside it, this many whole pages.
pub(super) fn patch_header(file: &mut File) -> io::Result<()> {
    let pages = file.metadata()?.len().div_ceil(PAGE as u64).max(1);
    file.set_len(pages * PAGE as u64)?;
    let mut header = [0; FILE_HEADER];
    file.rewind()?;
    file.read_exact(&mut header)?;
    write_facts(&mut header, u32::try_from(pages).unwrap_or(u32::MAX));
    file.rewind()?;
    file.write_all(&header)
}

fn write_facts(header: &mut [u8], pages: u32) {
    header[..16].copy_from_slice(b"SQLite format 3\0");
    header[16..18].copy_from_slice(&[0x10, 0x00]);
    // Read and written without a log; no bytes reserved; the fractions that never vary.
    header[18..24].copy_from_slice(&[1, 1, 0, 64, 32, 32]);
    header[28..32].copy_from_slice(&pages.to_be_bytes());
    // Nothing is taken from the list of free pages: it may be damaged, and nothing is written.
    header[32..40].fill(0);
    // The page count is believed where these two agree.
    header.copy_within(24..28, 92);
    header[44..48].copy_from_slice(&4u32.to_be_bytes());
    header[56..60].copy_from_slice(&1u32.to_be_bytes());
}

/// Gives the image the schema of a new file: each table's tree begins at the same page in every
/// file, because the same steps made them in the same order. The pages that hold the schema are put
/// behind all others, and the first page points to them.
fn give_schema(image: &Path) -> Result<(), JournalError> {
    let template = in_memory(None)?.connection;
    let bytes = template.serialize(rusqlite::MAIN_DB).map_err(JournalError::from)?.to_vec();
    transplant(image, &bytes).map_err(|error| JournalError::of_write(&error))
}

fn transplant(image: &Path, template: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(image)?;
    let mut pages = u32::try_from(file.metadata()?.len() / PAGE as u64).unwrap_or(u32::MAX);
    let mut first = template[..PAGE].to_vec();
    if first[FILE_HEADER] == INTERIOR {
        // The rightmost child stands in the page's header, the others first in their cells.
        let cells =
            usize::from(u16::from_be_bytes([first[FILE_HEADER + 3], first[FILE_HEADER + 4]]));
        let mut children = vec![FILE_HEADER + 8];
        for cell in 0..cells {
            let at = FILE_HEADER + 12 + 2 * cell;
            children.push(usize::from(u16::from_be_bytes([first[at], first[at + 1]])));
        }
        file.seek(SeekFrom::End(0))?;
        for at in children {
            let child = first[at..at + 4].first_chunk().map_or(0, |word| u32::from_be_bytes(*word));
            let from = (child as usize - 1) * PAGE;
            file.write_all(&template[from..from + PAGE])?;
            pages += 1;
            first[at..at + 4].copy_from_slice(&pages.to_be_bytes());
        }
    }
    write_facts(&mut first, pages);
    file.rewind()?;
    file.write_all(&first)?;
    file.set_len(u64::from(pages) * PAGE as u64)
}

/// Opens the image with a schema that this code reads: its own where that can be had, else a new
/// file's.
pub(super) fn open(image: &Path) -> Result<Connection, JournalError> {
    let own = connect(image).map(|mut connection| {
        let usable = crate::schema::bring_up_to_date(&mut connection).is_ok();
        (connection, usable)
    });
    if let Ok((connection, true)) = own {
        return Ok(connection);
    }
    drop(own);
    give_schema(image)?;
    connect(image)
}

pub(super) fn connect(image: &Path) -> Result<Connection, JournalError> {
    let connection = Connection::open(image)?;
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;",
    )?;
    Ok(connection)
}
