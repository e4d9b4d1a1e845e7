//! The block on the terminal: drawn, drawn again in its place, taken away.
//!
//! The cursor rests at the beginning of the block's first line. Terminals that break lines anew
//! when they are made narrower keep it there, so that clearing from it to the end of the screen
//! takes away the whole block at every width. `indicatif`, and whatever else rests below its lines
//! and moves up by their number, leaves the broken ones behind.

use std::io::{self, Write as _};

use console::Term;
use ferry_app::environment::language;

use crate::block::{Block, Size};

/// What is drawn on a terminal.
#[derive(Debug)]
pub(crate) struct Screen {
    term: Term,
    shown: Option<Block>,
}

impl Screen {
    /// The terminal behind stderr.
    pub(crate) fn stderr() -> Self {
        Self { term: Term::buffered_stderr(), shown: None }
    }

    /// Shows the block as it is now.
    pub(crate) fn show(&mut self, block: Block) -> io::Result<()> {
        self.shown = Some(block);
        self.paint()
    }

    /// Takes the block away.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        match self.shown.take() {
            Some(_) => self.wipe(),
            None => Ok(()),
        }
    }

    /// Writes lines where the block stands, and the block below them.
    pub(crate) fn above(&mut self, write: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        if self.shown.is_none() {
            return write();
        }
        self.wipe()?;
        write()?;
        self.paint()
    }

    fn wipe(&mut self) -> io::Result<()> {
        self.term.clear_to_end_of_screen()?;
        self.term.flush()
    }

    fn paint(&mut self) -> io::Result<()> {
        let Some(block) = &self.shown else { return Ok(()) };
        // Asked each time: the terminal may have another size by now.
        let (rows, columns) = self.term.size();
        let lines = block.lines(Size { rows: rows.into(), columns: columns.into() }, language());
        self.term.clear_to_end_of_screen()?;
        write!(self.term, "{}\r", lines.join("\n"))?;
        if cfg!(windows) {
            // There the cursor is moved at once, whatever is still to be written.
            self.term.flush()?;
        }
        self.term.move_cursor_up(lines.len().saturating_sub(1))?;
        self.term.flush()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Read as _;

    use super::*;

    const ERASE: &str = "\r\u{1b}[0J";

    #[test]
    fn nothing_of_a_block_stays_beside_what_is_written_above_it_or_after_it() {
        let (mut reader, mut writer) = io::pipe().expect("a pipe");
        let (input, output) = (reader.try_clone(), writer.try_clone());
        let term = Term::read_write_pair(input.expect("one more"), output.expect("one more"));
        let mut screen = Screen { term, shown: None };
        let mut say = |screen: &mut Screen, text: &str| {
            screen.above(|| writer.write_all(text.as_bytes())).expect("it fits");
        };
        say(&mut screen, "before\n");
        screen.show(Block::default()).expect("it fits");
        say(&mut screen, "above\n");
        screen.clear().expect("it fits");
        say(&mut screen, "after\n");
        drop((writer, screen));
        let mut written = String::new();
        reader.read_to_string(&mut written).expect("is text");
        let block = Block::default().lines(Size { rows: 24, columns: 80 }, language());
        let block = format!("{ERASE}{}\r\u{1b}[1A", block.join("\n"));
        assert_eq!(written, format!("before\n{block}{ERASE}above\n{block}{ERASE}after\n"));
    }
}
