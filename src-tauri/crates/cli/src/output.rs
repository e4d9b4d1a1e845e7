//! The only place that writes: lines on stdout and stderr, JSON for scripts, and the block that
//! shows progress on a terminal.
//!
//! - A line is shown with its hidden characters made visible, whatever it was made of, so that no
//!   name and no server can move the cursor or forge a line. JSON is escaped instead, and exact.
//! - Each stream has a thread of its own: a pipe that is not read holds up its writer, and must
//!   not hold up a signal.
//! - A reader that left is no error; other failures are remembered for the exit code.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ferry_app::model::visible::{is_hidden, visible};
use ferry_app::model::{Fault, Text};
use serde::Serialize;
use tokio::sync::oneshot;

use crate::block::Block;
use crate::screen::Screen;
use crate::signals::Signals;
use crate::text::{say, told};

/// How long a reader may still take its time after a signal.
const GRACE: Duration = Duration::from_millis(500);
/// Lines of the log that may wait for the terminal; more are dropped.
const LOG_LINES: usize = 1_024;

/// Writes to stdout and stderr. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    signals: Signals,
    stdout: Stream,
    stderr: Stream,
}

/// What became of what was written.
#[derive(Debug, Default)]
struct State {
    /// The reader left, or does not read: nothing more is written.
    ended: AtomicBool,
    /// The reader left.
    closed: AtomicBool,
    /// The first failure that was not the reader's leaving.
    failure: OnceLock<String>,
    /// Lines of the log that were not written yet.
    log_lines: AtomicUsize,
    /// Whether the last block was not drawn yet.
    block_waits: AtomicBool,
}

#[derive(Debug, Clone)]
struct Stream {
    jobs: Sender<Job>,
    state: Arc<State>,
}

#[derive(Debug)]
enum Job {
    Write(String, oneshot::Sender<()>),
    Log(String),
    Draw(Box<Block>),
    Clear(oneshot::Sender<()>),
}

impl Output {
    /// Starts the writing threads.
    ///
    /// # Errors
    /// The system's, when it has no thread left.
    pub(crate) fn start(signals: Signals) -> io::Result<Self> {
        Ok(Self {
            signals,
            stdout: Stream::start("stdout", io::stdout())?,
            stderr: Stream::start("stderr", io::stderr())?,
        })
    }

    /// A line on stdout.
    pub(crate) async fn line(&self, line: &str) {
        self.write(&self.stdout, visible(line) + "\n").await;
    }

    /// Lines on stdout.
    pub(crate) async fn lines(&self, lines: &[String]) {
        self.write(&self.stdout, shown(lines)).await;
    }

    /// Text that is a result itself, for a pipe: exact there, and shown visibly on a terminal.
    pub(crate) async fn data(&self, text: &str) {
        if io::stdout().is_terminal() {
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            self.lines(&lines).await;
        } else {
            self.write(&self.stdout, format!("{text}\n")).await;
        }
    }

    /// One JSON object as a line on stdout.
    pub(crate) async fn json(&self, value: &impl Serialize) {
        self.json_lines(std::slice::from_ref(value)).await;
    }

    /// JSON objects, a line each, on stdout.
    pub(crate) async fn json_lines(&self, values: &[impl Serialize]) {
        let mut text = String::new();
        for value in values {
            text.push_str(&escaped(&serde_json::to_string(value).expect("no map has odd keys")));
            text.push('\n');
        }
        self.write(&self.stdout, text).await;
    }

    /// Lines on stderr.
    pub(crate) async fn notes(&self, lines: &[String]) {
        self.write(&self.stderr, shown(lines)).await;
    }

    /// A remark on stderr, with the program's name before it.
    pub(crate) async fn remark(&self, text: &str) {
        self.write(&self.stderr, format!("ferry: {}\n", visible(text))).await;
    }

    /// A remark in the user's language.
    pub(crate) async fn tell(&self, text: &Text) {
        self.remark(&say(text)).await;
    }

    /// A fault in a sentence, with what to do and what the store said.
    pub(crate) async fn complain(&self, fault: &Fault) {
        self.remark(&told(fault)).await;
    }

    /// A question on stderr, whose answer is typed after it.
    pub(crate) async fn ask(&self, question: &Text) {
        self.write(&self.stderr, visible(&say(question)) + " ").await;
    }

    /// A screen of the command line's own grammar, as `--help` prints it.
    pub(crate) async fn grammar(&self, error: &clap::Error) {
        let stream = if error.use_stderr() { &self.stderr } else { &self.stdout };
        let text = error.render().to_string();
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        self.write(stream, shown(&lines)).await;
    }

    /// Draws the block anew, below all lines. On a terminal that is stopped it stands still.
    pub(crate) fn draw(&self, block: Block) {
        if !self.stderr.state.block_waits.swap(true, Ordering::SeqCst) {
            let _ = self.stderr.jobs.send(Job::Draw(Box::new(block)));
        }
    }

    /// Takes the block away.
    pub(crate) async fn clear_block(&self) {
        self.wait_for(&self.stderr, Job::Clear).await;
    }

    /// Where lines of the log go.
    pub(crate) fn log(&self) -> LogLine {
        LogLine(self.stderr.clone())
    }

    /// Whether stdout's reader left.
    pub(crate) fn is_closed(&self) -> bool {
        self.stdout.state.closed.load(Ordering::SeqCst)
    }

    /// Why output was lost, if that was not its reader's own choice.
    pub(crate) fn failure(&self) -> Option<&String> {
        self.stdout.state.failure.get().or_else(|| self.stderr.state.failure.get())
    }

    async fn write(&self, stream: &Stream, text: String) {
        if !text.is_empty() {
            self.wait_for(stream, |done| Job::Write(text, done)).await;
        }
    }

    /// Returns when the job is done; after a signal, when its time is up.
    async fn wait_for(&self, stream: &Stream, job: impl FnOnce(oneshot::Sender<()>) -> Job) {
        if stream.state.ended.load(Ordering::SeqCst) {
            return;
        }
        let (done, is_done) = oneshot::channel();
        let _ = stream.jobs.send(job(done));
        let given_up = async {
            self.signals.received().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            biased;
            _ = is_done => {}
            () = given_up => stream.state.ended.store(true, Ordering::SeqCst),
        }
    }
}

impl Stream {
    fn start(name: &str, target: impl io::Write + Send + 'static) -> io::Result<Self> {
        let (jobs, received) = channel();
        let state = Arc::new(State::default());
        std::thread::Builder::new().name(name.to_owned()).spawn({
            let state = Arc::clone(&state);
            move || write_all(&received, target, &state)
        })?;
        Ok(Self { jobs, state })
    }
}

/// Does the jobs of one stream, one after the other.
fn write_all(jobs: &Receiver<Job>, mut target: impl io::Write, state: &State) {
    let mut screen = Screen::stderr();
    while let Ok(job) = jobs.recv() {
        match job {
            Job::Write(text, done) => {
                state.attempt(|| screen.above(|| write(&mut target, &text)));
                let _ = done.send(());
            }
            Job::Log(text) => {
                state.attempt(|| screen.above(|| write(&mut target, &text)));
                state.log_lines.fetch_sub(1, Ordering::SeqCst);
            }
            Job::Draw(block) => {
                state.attempt(|| screen.show(*block));
                state.block_waits.store(false, Ordering::SeqCst);
            }
            Job::Clear(done) => {
                state.attempt(|| screen.clear());
                let _ = done.send(());
            }
        }
    }
}

fn write(target: &mut impl io::Write, text: &str) -> io::Result<()> {
    target.write_all(text.as_bytes())?;
    target.flush()
}

impl State {
    /// Writes something, unless nothing is written any more, and remembers how it failed.
    fn attempt(&self, write: impl FnOnce() -> io::Result<()>) {
        if self.ended.load(Ordering::SeqCst) {
            return;
        }
        if let Err(error) = write() {
            self.ended.store(true, Ordering::SeqCst);
            if error.kind() == io::ErrorKind::BrokenPipe {
                self.closed.store(true, Ordering::SeqCst);
            } else {
                // The first one is kept.
                let _ = self.failure.set(error.to_string());
            }
        }
    }
}

fn shown(lines: &[String]) -> String {
    lines.iter().map(|line| visible(line) + "\n").collect()
}

/// JSON whose hidden characters are escaped: a terminal shows it as it is, and a reader gets the
/// exact text. Outside its strings JSON has none.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            text.push(c);
        }
    }
    text
}

/// The last words of a process that has no other output any more.
pub(crate) fn last_words(text: &str) {
    let _ = writeln!(io::stderr(), "ferry: {}", visible(text));
}

/// Takes one event of the log, and never waits.
#[derive(Debug, Clone)]
pub(crate) struct LogLine(Stream);

impl io::Write for LogLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let state = &self.0.state;
        if state.log_lines.load(Ordering::SeqCst) < LOG_LINES {
            state.log_lines.fetch_add(1, Ordering::SeqCst);
            let text = String::from_utf8_lossy(bytes);
            let line = visible(text.trim_end_matches('\n')) + "\n";
            let _ = self.0.jobs.send(Job::Log(line));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_escaped_and_exact() {
        let text = "in\u{202e}\u{9b}31m\u{1b}\u{7f}\u{e0041}\n👩\u{200d}🚀 \"\\";
        let json = escaped(&serde_json::to_string(text).expect("is written"));
        assert!(!json.chars().any(is_hidden), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).expect("is JSON"), text);
    }

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(shown(&["a\nferry: done".into(), "b\r".into()]), "a␊ferry: done\nb␍\n");
    }
}
