//! The last lines of the log, kept in memory for a report.

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, PoisonError};

/// Lines that are kept.
const LINES: usize = 1_000;
/// Bytes of a line that are kept.
const LENGTH: usize = 2_000;

/// The log of this process. Its lines hold no secret: none is ever written to a log.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecentLog;

static KEPT: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

impl RecentLog {
    /// The lines, the newest last.
    pub fn lines() -> Vec<String> {
        KEPT.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// A subscriber of `tracing` writes each line here, whole.
impl io::Write for RecentLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        for line in text.lines().filter(|line| !line.is_empty()) {
            if kept.len() == LINES {
                kept.pop_front();
            }
            kept.push_back(line.chars().take(LENGTH).collect());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn the_last_lines_are_kept() {
        let write = |line: String| RecentLog.write_all(line.as_bytes()).expect("memory takes it");
        for number in 0..=LINES {
            write(format!("line {number}\n"));
        }
        let lines = RecentLog::lines();
        assert_eq!((lines.len(), lines[0].as_str()), (LINES, "line 1"));
        write("x".repeat(3 * LENGTH));
        assert_eq!(RecentLog::lines().last().map(String::len), Some(LENGTH));
    }
}
