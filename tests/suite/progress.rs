//! How the command line shows its progress: a block of lines on a terminal that is never torn, and
//! no escape sequence anywhere else.
#![cfg(unix)]

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use ferry_sandbox::{Action, Operation, Rule};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use support::ferry::{BUCKET, Place, REGION};
use support::poll::until;
use tokio::process::{Child, Command};

const MIB: usize = 1024 * 1024;
/// Ends a test whose command never ends.
const DEADLINE: Duration = Duration::from_secs(60);

/// What a terminal got, and what it shows of that.
struct Seen {
    bytes: Vec<u8>,
    parser: vt100::Parser,
}

/// A terminal that a command writes to.
struct Terminal {
    controller: OwnedFd,
    seen: Arc<Mutex<Seen>>,
    reader: JoinHandle<()>,
    child: Child,
}

impl Terminal {
    /// Starts the command on a terminal of this size.
    fn start(mut command: Command, rows: u16, columns: u16) -> Self {
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&controller).expect("is granted");
        unlockpt(&controller).expect("is unlocked");
        let name = ptsname(&controller, Vec::new()).expect("has a name");
        let name = name.into_string().expect("is text");
        let side = File::options().read(true).write(true).open(name).expect("opens");
        set_size(&controller, rows, columns);
        command.stdin(side.try_clone().expect("is one more"));
        command.stdout(side.try_clone().expect("is one more"));
        command.stderr(side);
        let child = command.spawn().expect("ferry starts");
        // Its own copies of the terminal would keep it open.
        drop(command);
        let seen = Seen { bytes: Vec::new(), parser: vt100::Parser::new(rows, columns, 100) };
        let seen = Arc::new(Mutex::new(seen));
        let mut input = File::from(controller.try_clone().expect("is one more"));
        let reader = std::thread::spawn({
            let seen = Arc::clone(&seen);
            move || {
                let mut buffer = [0; 4096];
                // Linux fails with EIO once nobody has the other side any more.
                while let Ok(count @ 1..) = input.read(&mut buffer) {
                    let mut seen = seen.lock().expect("no reader panics");
                    seen.bytes.extend_from_slice(&buffer[..count]);
                    seen.parser.process(&buffer[..count]);
                }
            }
        });
        Self { controller, seen, reader, child }
    }

    /// The lines of the screen up to the last that shows something.
    fn lines(&self) -> Vec<String> {
        lines(&self.seen.lock().expect("no reader panics"))
    }

    /// Waits until the screen shows what is wanted.
    async fn until(&self, what: &str, wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
        let shown = tokio::time::timeout(DEADLINE, until(what, || wanted(&self.lines()))).await;
        assert!(shown.is_ok(), "never shown: {what}: {:#?}", self.lines());
        self.lines()
    }

    /// Another size; lines that are wider are cut, as xterm does.
    fn resize(&self, rows: u16, columns: u16) {
        let mut seen = self.seen.lock().expect("no reader panics");
        seen.parser.screen_mut().set_size(rows, columns);
        set_size(&self.controller, rows, columns);
    }

    fn interrupt(&self) {
        self.signal("-INT");
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().expect("runs").to_string();
        let sent = std::process::Command::new("kill").args([name, &pid]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Whether the command is stopped, as Linux tells.
    #[cfg(target_os = "linux")]
    fn is_stopped(&self) -> bool {
        let path = format!("/proc/{}/status", self.child.id().expect("runs"));
        let status = std::fs::read_to_string(path).unwrap_or_default();
        status.lines().any(|line| line.starts_with("State:\tT"))
    }

    /// The exit code, the last screen, and all that was written.
    async fn end(mut self) -> (Option<i32>, Vec<String>, String) {
        let ended = tokio::time::timeout(DEADLINE, self.child.wait()).await;
        let status = ended.expect("the command never ended").expect("it ends");
        tokio::task::block_in_place(|| self.reader.join()).expect("no reader panics");
        let seen = self.seen.lock().expect("no reader panics");
        (status.code(), lines(&seen), String::from_utf8_lossy(&seen.bytes).into_owned())
    }
}

fn set_size(terminal: &OwnedFd, rows: u16, columns: u16) {
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(terminal, size).expect("takes a size");
}

fn lines(seen: &Seen) -> Vec<String> {
    let (_, columns) = seen.parser.screen().size();
    let rows = seen.parser.screen().rows(0, columns);
    let mut lines: Vec<String> = rows.map(|row| row.trim_end().to_owned()).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// A put in words on a terminal that can move its cursor.
fn put(place: &Place, paths: &[PathBuf], options: &[&str]) -> Command {
    put_at(place, &place.sandbox.endpoint(), paths, options)
}

fn put_at(place: &Place, endpoint: &str, paths: &[PathBuf], options: &[&str]) -> Command {
    let mut command = place.ferry();
    command.arg("put").args(paths).arg(format!("oss://{BUCKET}/"));
    command.args(["--endpoint", endpoint, "--region", REGION]).args(options);
    command.env("TERM", "xterm-256color").env_remove("NO_COLOR");
    command
}

const LONG: &str = "一个很长的中文文件名用来看它在终端里占几列以及中间怎样省略.mov";

/// Three files of which every part hangs, so that what is shown comes to rest.
fn hanging(place: &Place) -> Vec<PathBuf> {
    place.sandbox.faults().add(Rule::on(Operation::UploadPart), Action::Stall);
    ["a.bin", LONG, "in\u{202e}\u{1b}[2Jb.bin"]
        .map(|name| place.write(name, &vec![7; 3 * MIB]))
        .into()
}

fn is_total(line: &str) -> bool {
    line.contains("0 / 3 files")
}

/// The lines of a whole block of three files.
fn is_block(lines: &[String]) -> bool {
    lines.len() == 5
        && is_total(&lines[0])
        && lines[1..4].iter().all(|line| line.starts_with("  0%"))
        && lines[4].starts_with("0 retries")
        && lines[4].contains("side by side")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_shows_one_block_that_follows_its_size_and_leaves_nothing() {
    let place = Place::new().await;
    let files = hanging(&place);
    let terminal = Terminal::start(put(&place, &files, &["--part-size", "1MiB"]), 24, 110);
    let wide = terminal.until("the block", is_block).await;
    assert!(wide.iter().any(|line| line.ends_with(LONG)), "{wide:#?}");
    assert!(wide.iter().any(|line| line.ends_with("in⟨U+202E⟩␛[2Jb.bin")), "{wide:#?}");
    for (rows, columns) in [(24, 44), (24, 200), (10, 60)] {
        terminal.resize(rows, columns);
        let fits = |lines: &[String]| {
            let whole = lines.iter().any(|line| line.ends_with(LONG));
            is_block(lines) && whole == (columns == 200) && lines[1].contains("MiB")
        };
        terminal.until("the block in another size", fits).await;
    }
    terminal.interrupt();
    let (code, last, _) = terminal.end().await;
    assert_eq!(code, Some(130), "{last:#?}");
    assert!(!last.iter().any(|line| is_total(line) || line.contains("running")), "{last:#?}");
    let summaries = last.iter().filter(|line| line.starts_with("0 of 3 files verified")).count();
    assert_eq!(summaries, 1, "{last:#?}");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_stopped_leaves_the_terminal_to_the_shell() {
    let place = Place::new().await;
    let files = hanging(&place);
    let terminal = Terminal::start(put(&place, &files, &["--part-size", "1MiB"]), 24, 80);
    for _ in 0..2 {
        terminal.until("the block", is_block).await;
        terminal.signal("-TSTP");
        until("the stop", || terminal.is_stopped()).await;
        terminal.until("an empty screen", <[String]>::is_empty).await;
        terminal.signal("-CONT");
    }
    terminal.until("the block again", is_block).await;
    terminal.interrupt();
    assert_eq!(terminal.end().await.0, Some(130));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_low_terminal_keeps_what_stood_above_the_block() {
    let place = Place::new().await;
    let files = hanging(&place);
    let mut command = Command::new("sh");
    let ferry = put(&place, &files, &["--part-size", "1MiB"]);
    command.args(["-c", "echo before; exec \"$@\"", "sh"]);
    command.arg(ferry.as_std().get_program()).args(ferry.as_std().get_args());
    for (key, value) in ferry.as_std().get_envs() {
        match value {
            Some(value) => command.env(key, value),
            None => command.env_remove(key),
        };
    }
    let terminal = Terminal::start(command, 4, 80);
    let shown = |lines: &[String]| {
        lines.len() == 4 && lines[0] == "before" && is_total(&lines[1]) && lines[3].contains("3 f")
    };
    terminal.until("the block below a line", shown).await;
    terminal.interrupt();
    assert_eq!(terminal.end().await.0, Some(130));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_stands_above_the_block_and_stays() {
    let place = Place::new().await;
    let file = place.write("a.bin", b"x");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = format!("http://{}", listener.local_addr().expect("has one"));
    drop(listener);
    let terminal = Terminal::start(put_at(&place, &nobody, &[file], &[]), 24, 200);
    let told = |lines: &[String]| {
        lines.len() > 3
            && lines[0].contains("cannot be reached")
            && lines[1].contains("Waiting for it")
            && lines[2].contains("0 / 1 files")
            && lines.last().is_some_and(|line| line.contains("waits for http://127.0.0.1"))
    };
    let shown = terminal.until("the fault above the block", told).await;
    terminal.interrupt();
    let (code, last, _) = terminal.end().await;
    assert_eq!(code, Some(130), "{last:#?}");
    assert_eq!(shown[..2], last[..2], "what was told stays");
    assert!(!last.iter().any(|line| line.contains("0 / 1 files")), "{last:#?}");
    assert!(last.last().is_some_and(|line| line.starts_with("0 of 1 files")), "{last:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_that_ends_well_leaves_its_summary_alone() {
    let place = slow().await;
    let files = [place.write("a.bin", b"x"), place.write("b.bin", b"y")];
    let mut command = put(&place, &files, &[]);
    command.env("LC_ALL", "zh_CN.UTF-8").env("NO_COLOR", "1");
    let (code, last, all) = Terminal::start(command, 24, 80).end().await;
    assert_eq!((code, last.len()), (Some(0), 1), "{last:#?}");
    assert!(last[0].starts_with("2 个文件"), "{last:#?}");
    assert!(all.contains("个文件正在上传"), "the block was there: {all}");
    let colours = all.match_indices('\u{1b}').filter(|(at, _)| {
        let sequence = all[at + 1..].trim_start_matches(['[', ';']);
        sequence.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m')
    });
    assert_eq!(colours.count(), 0, "{all:?}");
}

/// A store that takes its time, long enough for the block to be drawn.
async fn slow() -> Place {
    let place = Place::new().await;
    let delay = Duration::from_millis(1_200);
    place.sandbox.faults().add(Rule::on(Operation::PutObject), Action::Delay(delay));
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_the_cursor_but_the_block() {
    for (progress, term, block) in [
        ("auto", "xterm", true),
        ("auto", "dumb", false),
        ("plain", "xterm", false),
        ("none", "xterm", false),
    ] {
        let place = slow().await;
        let files = [place.write("a.bin", b"x")];
        let mut command = put(&place, &files, &["--progress", progress]);
        command.env("TERM", term);
        let (code, last, all) = Terminal::start(command, 24, 80).end().await;
        assert_eq!(code, Some(0), "{progress} {term}: {all}");
        assert_eq!(all.contains('\u{1b}'), block, "{progress} {term}: {all:?}");
        assert_eq!(last.len(), 1, "{progress} {term}: {last:#?}");
    }
    for progress in ["auto", "plain", "none"] {
        let place = slow().await;
        let files = [place.write("a.bin", b"x")];
        let mut command = put(&place, &files, &["--progress", progress]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = command.output().await.expect("ferry runs");
        let shown = String::from_utf8(output.stderr).expect("is text");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0), "{shown}");
        assert!(!shown.contains('\u{1b}') && shown.lines().count() == 1, "{progress}: {shown:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_get_their_lines_whatever_is_shown() {
    for progress in ["auto", "plain", "none"] {
        let place = slow().await;
        let files = [place.write("a.bin", b"x")];
        let options = ["--progress", progress, "--json"];
        let (code, _, all) = Terminal::start(put(&place, &files, &options), 24, 200).end().await;
        assert_eq!(code, Some(0), "{progress}: {all}");
        let kinds: Vec<String> = all
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("is JSON"))
            .map(|line| line["type"].as_str().expect("has a type").to_owned())
            .collect();
        assert_eq!(kinds, ["progress", "summary"], "{progress}: {all}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_gets_a_line_now_and_then() {
    let place = Place::new().await;
    let files = hanging(&place);
    let options = ["--part-size", "1MiB", "--progress", "plain"];
    // Real time is the point here: the first line comes after some seconds.
    let terminal = Terminal::start(put(&place, &files, &options), 24, 200);
    let shown = terminal.until("a line", |lines| !lines.is_empty()).await;
    assert!(is_total(&shown[0]) && shown[0].contains("3 files running"), "{shown:#?}");
    terminal.interrupt();
    let (code, last, all) = terminal.end().await;
    assert_eq!(code, Some(130), "{last:#?}");
    assert!(last.iter().any(|line| is_total(line)) && !all.contains('\u{1b}'), "{last:#?}");
}
