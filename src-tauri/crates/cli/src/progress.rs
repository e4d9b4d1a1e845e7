//! How a command shows its progress: a block on a terminal, a line now and then elsewhere, or not
//! at all.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use ferry_app::environment::language;
use ferry_app::messages::Row;
use ferry_app::model::{BatchId, Fault};
use ferry_app::{App, BatchReport, Offline, ProgressWatch, Reading, RunProgress};
use tokio::time::Instant;

use crate::args::ProgressChoice;
use crate::block::{Block, MOST_FILES};
use crate::output::Output;

/// When the first line of a log comes, and how far two of them are apart at least.
const SOONEST: Duration = Duration::from_secs(5);
/// How far two lines of a log are apart at most.
const LATEST: Duration = Duration::from_secs(60);

/// Where progress would be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Terminal {
    /// One that moves its cursor.
    Able,
    /// One that only takes lines, or none at all.
    Dumb,
}

impl Terminal {
    fn of_stderr() -> Self {
        Self::of(io::stderr().is_terminal(), std::env::var("TERM").ok().as_deref())
    }

    fn of(is_terminal: bool, term: Option<&str>) -> Self {
        match term {
            _ if !is_terminal => Self::Dumb,
            Some("dumb" | "") => Self::Dumb,
            // Where terminals have names, one without is not known to be able.
            None if cfg!(unix) => Self::Dumb,
            _ => Self::Able,
        }
    }
}

/// Shows the progress of one run.
#[derive(Debug)]
pub(crate) struct Progress {
    way: Way,
    watch: ProgressWatch,
    batch: Option<BatchId>,
    reading: Option<Reading>,
}

#[derive(Debug)]
enum Way {
    Block(Slots),
    Plain(Lines),
    None,
}

impl Progress {
    /// Of a batch, or of all of the queue. `choice` is `None` where scripts are told instead.
    pub(crate) fn begin(
        app: &App,
        batch: Option<BatchId>,
        reading: Option<Reading>,
        choice: Option<ProgressChoice>,
    ) -> Self {
        let way = match (choice, Terminal::of_stderr()) {
            (None | Some(ProgressChoice::None), _) => Way::None,
            (Some(ProgressChoice::Auto), Terminal::Able) => Way::Block(Slots::default()),
            _ => Way::Plain(Lines::new(Instant::now())),
        };
        Self { way, watch: app.watch_progress(batch), batch, reading }
    }

    /// Whether it draws on the terminal.
    pub(crate) fn draws(&self) -> bool {
        matches!(self.way, Way::Block(_))
    }

    /// Shows how it goes now, and returns how the transfers stand.
    pub(crate) async fn look(
        &mut self,
        app: &App,
        offline: &[(String, Offline)],
        out: &Output,
    ) -> Result<BatchReport, Fault> {
        if matches!(self.way, Way::None) {
            return app.batch_report(self.batch).await;
        }
        let RunProgress { report, totals, running, retries, requests } =
            app.progress(&mut self.watch).await?;
        let mut block = Block {
            totals,
            reading: self.reading.as_ref().is_some_and(Reading::goes_on),
            files: Vec::new(),
            running: running.len(),
            retries,
            requests,
            limit: app.hourly_limit(),
            waits_for: offline.first().map(|(endpoint, _)| endpoint.clone()),
        };
        if report.files == 0 {
            return Ok(report);
        }
        match &mut self.way {
            Way::Block(slots) => {
                block.files = slots.place(running);
                out.draw(block);
            }
            Way::Plain(lines) => {
                if lines.is_due(Instant::now()) {
                    out.notes(&[block.line(language())]).await;
                }
            }
            Way::None => {}
        }
        Ok(report)
    }
}

/// Which file has which line of the block. A file keeps its line while it runs, and there are never
/// fewer lines than before: nothing jumps.
#[derive(Debug, Default)]
struct Slots(Vec<Option<i64>>);

impl Slots {
    /// The files in their lines; those that are new take what is free, in their order.
    fn place(&mut self, mut running: Vec<Row>) -> Vec<Option<Row>> {
        let lines = running.len().min(MOST_FILES).max(self.0.len());
        self.0.resize(lines, None);
        let mut take = |wanted: &dyn Fn(&Row) -> bool| {
            running.iter().position(wanted).map(|at| running.remove(at))
        };
        let mut placed: Vec<Option<Row>> =
            self.0.iter().map(|id| take(&|row| Some(row.id) == *id)).collect();
        for (line, id) in placed.iter_mut().zip(&mut self.0) {
            *line = line.take().or_else(|| take(&|_| true));
            *id = line.as_ref().map(|row| row.id);
        }
        placed
    }
}

/// When the lines of a log come: soon after the start, and the less often the longer it takes.
#[derive(Debug)]
struct Lines {
    began: Instant,
    last: Instant,
}

impl Lines {
    fn new(now: Instant) -> Self {
        Self { began: now, last: now }
    }

    /// Whether the next one is due; it is taken for written then.
    fn is_due(&mut self, now: Instant) -> bool {
        let gap = self.last.duration_since(self.began).clamp(SOONEST, LATEST);
        let due = now.duration_since(self.last) >= gap;
        if due {
            self.last = now;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_needs_a_terminal_that_moves_its_cursor() {
        for (is_terminal, term, expected) in [
            (true, Some("xterm-256color"), Terminal::Able),
            (true, Some("dumb"), Terminal::Dumb),
            (true, Some(""), Terminal::Dumb),
            (false, Some("xterm"), Terminal::Dumb),
            (false, None, Terminal::Dumb),
        ] {
            assert_eq!(Terminal::of(is_terminal, term), expected, "{is_terminal} {term:?}");
        }
        let nameless = if cfg!(unix) { Terminal::Dumb } else { Terminal::Able };
        assert_eq!(Terminal::of(true, None), nameless);
    }

    #[test]
    fn lines_of_a_log_come_less_often_the_longer_it_takes() {
        let began = Instant::now();
        let mut lines = Lines::new(began);
        let due = (0..300).filter(|second| lines.is_due(began + Duration::from_secs(*second)));
        assert_eq!(due.collect::<Vec<_>>(), [5, 10, 20, 40, 80, 140, 200, 260]);
    }

    fn running(ids: &[i64]) -> Vec<Row> {
        ids.iter().map(|id| crate::block::tests::row(*id, "a.bin")).collect()
    }

    fn ids(placed: &[Option<Row>]) -> Vec<Option<i64>> {
        placed.iter().map(|row| row.as_ref().map(|row| row.id)).collect()
    }

    #[test]
    fn a_file_keeps_its_line_and_no_line_goes() {
        let mut slots = Slots::default();
        for (now, expected) in [
            (&[1, 2, 3][..], &[Some(1), Some(2), Some(3)][..]),
            (&[3, 1], &[Some(1), None, Some(3)]),
            (&[9, 3, 1, 8], &[Some(1), Some(9), Some(3), Some(8)]),
            (&[8, 4, 5, 6, 7], &[Some(4), Some(5), Some(6), Some(8), Some(7)]),
            (&[1, 2, 3, 4, 5, 6, 7], &[Some(4), Some(5), Some(6), Some(1), Some(7)]),
            (&[], &[None; 5]),
        ] {
            assert_eq!(ids(&slots.place(running(now))), expected, "{now:?}");
        }
    }
}
