//! One run of a credential command: its output within bounds, its end within a time, and nothing of
//! it left behind.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use zeroize::Zeroizing;

use super::error::ProcessCause;
use crate::variables;

/// More than any key takes: with a token of the longest kind it is about 3 KiB.
pub(crate) const MOST_BYTES: usize = 64 * 1024;
/// Kept of the standard error's end.
const KEPT_BYTES: usize = 4 * 1024;
/// Shown of it.
const SHOWN_CHARACTERS: usize = 200;
/// After the program's own end: for what it wrote last, which something that it left running may
/// keep from ending.
const GRACE: Duration = Duration::from_millis(500);

/// A process, and on Unix the group it leads. Dropped before its end, all of it is killed.
struct Group {
    child: Child,
}

impl Drop for Group {
    fn drop(&mut self) {
        // The number is there until its end was waited for, and as long it belongs to no other
        // process.
        let Some(id) = self.child.id() else { return };
        #[cfg(unix)]
        if let Some(group) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
            let killed = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            tracing::debug!(?killed, "a credential command was given up");
        }
        #[cfg(windows)]
        {
            use std::os::windows::process::CommandExt as _;
            // Before the process itself, which tokio kills next: its children are found by their
            // living parent.
            let mut taskkill = std::process::Command::new("taskkill");
            taskkill.args(["/T", "/F", "/PID", &id.to_string()]).creation_flags(CREATE_NO_WINDOW);
            drop(
                taskkill.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status(),
            );
        }
    }
}

/// A console program started from a window would show one of its own.
#[cfg(windows)]
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

/// Runs a command to its end and returns what it wrote to its standard output. Its standard input
/// is empty, its folder and environment are this process's own, but for the variables that hold
/// keys: those are another source's, and none of its business.
///
/// # Errors
/// All causes but those of an answer.
///
/// # Cancellation
/// Dropping the future kills the command and, on Unix, all it has started in its process group.
pub(crate) async fn output(
    words: &[String],
    limit: Duration,
) -> Result<Zeroizing<Vec<u8>>, ProcessCause> {
    let (program, arguments) =
        words.split_first().ok_or(ProcessCause::NotACommand("the command is empty"))?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    for name in variables::all() {
        command.env_remove(name);
    }
    #[cfg(unix)]
    command.process_group(0);
    #[cfg(windows)]
    command.creation_flags(CREATE_NO_WINDOW);
    let child = command.spawn().map_err(|error| ProcessCause::NotStarted(error.to_string()))?;
    let mut group = Group { child };
    match tokio::time::timeout(limit, heard_out(&mut group.child)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(ProcessCause::TimedOut(limit.as_secs())),
    }
}

async fn heard_out(child: &mut Child) -> Result<Zeroizing<Vec<u8>>, ProcessCause> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    // One byte of room over the limit, so that it never grows: a buffer that grows leaves its old
    // self behind.
    let mut answer = Zeroizing::new(Vec::with_capacity(MOST_BYTES + 1));
    let mut said = Zeroizing::new(Vec::with_capacity(2 * KEPT_BYTES));
    let status = {
        let mut ending = pin!(ending(child, read(stdout, &mut answer)));
        let mut listening = pin!(listen(stderr, &mut said));
        let mut open = true;
        let status = loop {
            tokio::select! {
                status = &mut ending => break status,
                () = &mut listening, if open => open = false,
            }
        };
        if open {
            drop(tokio::time::timeout(GRACE, &mut listening).await);
        }
        status?
    };
    if !status.success() {
        return Err(ProcessCause::Failed { status: status.to_string(), said: excerpt(&said) });
    }
    Ok(answer)
}

/// Reads until both the output and the process have ended; the output alone is not waited for once
/// the process is gone.
async fn ending(
    child: &mut Child,
    reading: impl Future<Output = Result<(), ProcessCause>>,
) -> Result<ExitStatus, ProcessCause> {
    let mut reading = pin!(reading);
    tokio::select! {
        read = &mut reading => {
            read?;
            child.wait().await.map_err(unreadable)
        }
        status = child.wait() => {
            if let Ok(read) = tokio::time::timeout(GRACE, &mut reading).await {
                read?;
            }
            status.map_err(unreadable)
        }
    }
}

fn unreadable(error: io::Error) -> ProcessCause {
    ProcessCause::Unreadable(error.to_string())
}

/// Reads to the end, up to the most bytes.
async fn read(
    from: Option<impl AsyncRead + Unpin>,
    into: &mut Vec<u8>,
) -> Result<(), ProcessCause> {
    let Some(from) = from else { return Ok(()) };
    let most = MOST_BYTES as u64 + 1;
    from.take(most).read_to_end(into).await.map_err(unreadable)?;
    if into.len() > MOST_BYTES { Err(ProcessCause::TooMuch(MOST_BYTES)) } else { Ok(()) }
}

/// Reads to the end and keeps the last of it. What fails is not worth a word: this is only for an
/// explanation.
async fn listen(from: Option<impl AsyncRead + Unpin>, into: &mut Vec<u8>) {
    let Some(mut from) = from else { return };
    let mut chunk = Zeroizing::new([0_u8; KEPT_BYTES]);
    while let Ok(count @ 1..) = from.read(&mut *chunk).await {
        let surplus = (into.len() + count).saturating_sub(KEPT_BYTES).min(into.len());
        into.drain(..surplus);
        into.extend_from_slice(&chunk[..count]);
    }
}

/// The end of what a program said, on one line, without what looks like a key or a token: a script
/// that traces itself prints those.
pub(crate) fn excerpt(said: &[u8]) -> String {
    let text = Zeroizing::new(String::from_utf8_lossy(said).into_owned());
    let mut shown = String::new();
    let mut run = String::new();
    for character in text.chars().chain([' ']) {
        if character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '=' | '_' | '-') {
            run.push(character);
            continue;
        }
        shown.push_str(if looks_secret(&run) { "…" } else { &run });
        run.clear();
        let blank = character.is_whitespace() || character.is_control();
        match character {
            _ if blank && shown.ends_with(' ') => {}
            _ if blank => shown.push(' '),
            other => shown.push(other),
        }
    }
    let shown = shown.trim();
    let surplus = shown.chars().count().saturating_sub(SHOWN_CHARACTERS);
    if surplus == 0 {
        shown.to_owned()
    } else {
        format!("…{}", shown.chars().skip(surplus).collect::<String>())
    }
}

/// Long, and of small and capital letters and digits mixed, as keys are and words and paths seldom.
fn looks_secret(run: &str) -> bool {
    let has = |kind: fn(&char) -> bool| run.chars().any(|character| kind(&character));
    run.len() >= 16 && has(char::is_ascii_digit) && has(char::is_ascii_uppercase)
}
