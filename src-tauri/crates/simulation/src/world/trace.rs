//! What happened, as lines and as one number that two runs of a seed must agree in.

use std::fmt::Write as _;

/// The trace of a life.
#[derive(Debug, Default)]
pub struct Trace {
    hash: u64,
    lines: Option<Vec<String>>,
    buffer: String,
}

impl Trace {
    /// A trace that keeps its lines.
    pub fn kept() -> Self {
        Self { lines: Some(Vec::new()), ..Self::default() }
    }

    /// Adds a line.
    pub fn add(&mut self, line: std::fmt::Arguments<'_>) {
        self.buffer.clear();
        let _ = self.buffer.write_fmt(line);
        self.buffer.push('\n');
        // FNV-1a: the same in every process and version.
        for byte in self.buffer.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if let Some(lines) = &mut self.lines {
            lines.push(self.buffer.trim_end().to_owned());
        }
    }

    /// The number.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// The lines that were kept.
    pub fn lines(&self) -> &[String] {
        self.lines.as_deref().unwrap_or_default()
    }
}
