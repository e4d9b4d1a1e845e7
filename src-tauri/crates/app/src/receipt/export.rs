//! A receipt as a text for other programs, written piece by piece: it may be long.

use std::path::PathBuf;

use ferry_engine::FileDigests;
use ferry_journal::ReceiptRow;
use ferry_model::receipt::has_object;
use ferry_model::{BatchId, Fault, FaultKind, Text, message};

use super::mhl::{self, Root};
use super::{HistoryEntry, ReceiptFile, ReceiptFormat, file, format, hex, moment};
use crate::app::{App, now_ms};

/// Files of a piece.
const PIECE: u64 = 1_000;

/// Where digests come from that were not computed while a file was uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingDigests {
    /// Nowhere: the file is left out of the list.
    LeaveOut,
    /// From the local file, as long as it is what was uploaded.
    ReadFiles,
}

impl MissingDigests {
    /// From local files if that was asked for.
    pub fn asked(read_files: bool) -> Self {
        if read_files { Self::ReadFiles } else { Self::LeaveOut }
    }
}

/// Why a list of digests cannot have an uploaded file.
#[derive(Debug, Clone, PartialEq)]
pub enum WhyLeftOut {
    /// The digest was not computed while it was uploaded.
    NoDigest,
    /// It is no longer what was uploaded.
    Changed,
    /// Nothing tells whether it still is what was uploaded.
    NoProof,
    /// Its name cannot stand in a Media Hash List.
    Name,
    /// It cannot be read.
    Unreadable(Box<Fault>),
}

impl WhyLeftOut {
    /// In a sentence.
    pub fn text(&self) -> Text {
        match self {
            Self::NoDigest => message::left_out_no_digest(),
            Self::Changed => message::left_out_changed(),
            Self::NoProof => message::left_out_no_proof(),
            Self::Name => message::left_out_name(),
            Self::Unreadable(fault) => fault.sentence(),
        }
    }
}

impl From<Fault> for WhyLeftOut {
    fn from(fault: Fault) -> Self {
        match fault.kind {
            FaultKind::SourceChanged => Self::Changed,
            FaultKind::Unproven => Self::NoProof,
            _ => Self::Unreadable(Box::new(fault)),
        }
    }
}

/// An uploaded file that a list of digests cannot have.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftOut {
    /// The file.
    pub source: String,
    /// Why.
    pub why: WhyLeftOut,
}

/// Some lines of a receipt.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReceiptPiece {
    /// The lines, without the last line break; empty where there are none.
    pub text: String,
    /// Files of which there are no lines, though they were uploaded.
    pub left_out: Vec<LeftOut>,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Head,
    Files { offset: u64 },
    End,
}

/// A receipt that is being written.
#[derive(Debug)]
pub struct ReceiptExport {
    app: App,
    batch: BatchId,
    entry: HistoryEntry,
    format: ReceiptFormat,
    missing: MissingDigests,
    root: Root,
    stage: Stage,
    /// Files with lines.
    listed: u64,
}

impl App {
    /// Begins to write a receipt.
    ///
    /// # Errors
    /// [`FaultKind::NoSuchBatch`]; the journal's.
    pub async fn export_receipt(
        &self,
        batch: BatchId,
        format: ReceiptFormat,
        missing: MissingDigests,
    ) -> Result<ReceiptExport, Fault> {
        Ok(ReceiptExport {
            app: self.clone(),
            batch,
            entry: self.receipt(batch).await?,
            format,
            missing,
            root: Root::default(),
            stage: Stage::Head,
            listed: 0,
        })
    }
}

impl ReceiptExport {
    /// The batch.
    pub fn entry(&self) -> &HistoryEntry {
        &self.entry
    }

    /// The folder that the paths of a Media Hash List stand below, once its first piece is there.
    pub fn root(&self) -> PathBuf {
        self.root.folder().to_owned()
    }

    /// How many files have lines so far.
    pub fn listed(&self) -> u64 {
        self.listed
    }

    /// The next lines; `None` at the end.
    ///
    /// # Errors
    /// The journal's.
    ///
    /// # Cancellation
    /// Dropping the future stops the reading of files after the piece under way.
    pub async fn next(&mut self) -> Result<Option<ReceiptPiece>, Fault> {
        match self.stage {
            Stage::Head => {
                self.stage = Stage::Files { offset: 0 };
                let text = self.head().await?;
                Ok(Some(ReceiptPiece { text, left_out: Vec::new() }))
            }
            Stage::Files { offset } => {
                let page = self.app.inner.journal.receipt_page(self.batch, offset, PIECE).await;
                let page = page.map_err(|error| error.fault())?;
                if offset >= page.total {
                    self.stage = Stage::End;
                    return Ok(Some(ReceiptPiece { text: self.tail(), left_out: Vec::new() }));
                }
                self.stage = Stage::Files { offset: offset + PIECE };
                Ok(Some(self.files(page.rows).await))
            }
            Stage::End => Ok(None),
        }
    }

    async fn head(&mut self) -> Result<String, Fault> {
        match self.format {
            ReceiptFormat::Csv => Ok(format::csv_head()),
            ReceiptFormat::Json => serde_json::to_string(&self.entry).map_err(internal),
            ReceiptFormat::Sha256sum | ReceiptFormat::Md5sum => Ok(String::new()),
            ReceiptFormat::Mhl => {
                self.find_root().await?;
                let host = gethostname::gethostname();
                let comment = format!("{} {}", self.entry.profile, self.entry.prefix);
                Ok(mhl::head(&moment(now_ms()), &host.to_string_lossy(), comment.trim()))
            }
        }
    }

    async fn find_root(&mut self) -> Result<(), Fault> {
        let mut offset = 0;
        loop {
            let page = self.app.inner.journal.receipt_page(self.batch, offset, PIECE).await;
            let page = page.map_err(|error| error.fault())?;
            for row in page.rows.iter().filter(|row| has_object(row.standing)) {
                self.root.take_in(row.source.as_path());
            }
            offset += PIECE;
            if offset >= page.total {
                return Ok(());
            }
        }
    }

    fn tail(&self) -> String {
        match self.format {
            ReceiptFormat::Mhl if self.listed > 0 => {
                format!("{}\n{}", mhl::AFTER_ENTRIES, mhl::TAIL)
            }
            ReceiptFormat::Mhl => mhl::TAIL.to_owned(),
            _ => String::new(),
        }
    }

    async fn files(&mut self, rows: Vec<ReceiptRow>) -> ReceiptPiece {
        if self.format == ReceiptFormat::Csv {
            let files: Vec<ReceiptFile> = rows.iter().map(file).collect();
            return ReceiptPiece { text: format::csv_lines(&files), left_out: Vec::new() };
        }
        let mut piece = ReceiptPiece::default();
        let mut lines = Vec::new();
        for row in rows {
            match self.lines_of(&row).await {
                Ok(Some(line)) => {
                    if self.format == ReceiptFormat::Mhl && self.listed == 0 {
                        lines.push(mhl::BEFORE_ENTRIES.to_owned());
                    }
                    self.listed += 1;
                    lines.push(line);
                }
                Ok(None) => {}
                Err(why) => {
                    let source = row.source.as_path().display().to_string();
                    piece.left_out.push(LeftOut { source, why });
                }
            }
        }
        piece.text = lines.join("\n");
        piece
    }

    /// A file's lines; `None` where the format has nothing to say of it.
    async fn lines_of(&self, row: &ReceiptRow) -> Result<Option<String>, WhyLeftOut> {
        if self.format == ReceiptFormat::Json {
            return Ok(Some(serde_json::to_string(&file(row)).map_err(internal)?));
        }
        if !has_object(row.standing) {
            return Ok(None);
        }
        let source = row.source.as_path();
        let name = source.display().to_string();
        Ok(Some(match self.format {
            ReceiptFormat::Sha256sum => format::sum_line(&hex(&self.sha256(row).await?), &name),
            ReceiptFormat::Md5sum => format::sum_line(&hex(&self.md5(row).await?.0), &name),
            ReceiptFormat::Csv | ReceiptFormat::Json | ReceiptFormat::Mhl => {
                let path = self.root.path_of(source).ok_or(WhyLeftOut::Name)?;
                let (md5, hashed_ms) = self.md5(row).await?;
                let (md5, hashed) = (hex(&md5), moment(hashed_ms));
                let size = row.size;
                mhl::entry(&mhl::Entry { path: &path, size, md5: &md5, hashed: &hashed })
            }
        }))
    }

    /// A file's MD5, and when it was computed.
    async fn md5(&self, row: &ReceiptRow) -> Result<([u8; 16], i64), WhyLeftOut> {
        match row.receipt.md5 {
            Some(md5) => Ok((md5, row.receipt.finished_ms.unwrap_or_else(now_ms))),
            None => Ok((self.read_again(row).await?.md5, now_ms())),
        }
    }

    async fn sha256(&self, row: &ReceiptRow) -> Result<[u8; 32], WhyLeftOut> {
        match row.receipt.sha256 {
            Some(sha256) => Ok(sha256),
            None => Ok(self.read_again(row).await?.sha256),
        }
    }

    async fn read_again(&self, row: &ReceiptRow) -> Result<FileDigests, WhyLeftOut> {
        match self.missing {
            MissingDigests::ReadFiles => Ok(self.app.inner.engine.digests_of(row).await?),
            MissingDigests::LeaveOut => Err(WhyLeftOut::NoDigest),
        }
    }
}

fn internal(error: serde_json::Error) -> Fault {
    Fault::new(FaultKind::Internal).with_detail(error.to_string())
}
