//! The page in a browser: `cargo xtask serve` for people, `cargo xtask pages` for its tests.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::prepare::{self, Purpose};
use crate::process::{Failure, Outcome, built, finish, npm, say, target_directory};

/// The program that carries the page.
const HOST: &str = "ferry-web-host";

/// Whether this system has the browser and the fonts that the pictures were taken with.
pub(crate) const HERE: bool = cfg!(target_os = "linux");

/// Opens the page over a queue of its own, below cargo's target directory, until it is interrupted.
///
/// # Errors
/// Where preparing or building fails, or the host does not start.
pub(crate) fn serve() -> Outcome {
    prepare::machine(Purpose::Window)?;
    prepare::programs(Purpose::Window)?;
    let mut host = Command::new(built(HOST)?);
    host.arg(target_directory()?.join("serve"));
    // It ends when its standard input does: with this program.
    let failed = |error| Failure(format!("`{HOST}` does not start: {error}"));
    let mut host = host.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let url = address(&mut host).ok_or_else(|| Failure(format!("`{HOST}` says no address")))?;
    say(format!("Ferry: open {url}"));
    say(format!("With live sources: FERRY_WEB_HOST_URL='{url}' npm run dev --prefix ui"));
    let status = host.wait().map_err(failed)?;
    if status.success() { Ok(()) } else { Err(Failure(format!("`{HOST}` failed ({status})"))) }
}

/// Runs the tests of the page; `arguments` go to Playwright.
///
/// # Errors
/// Where preparing or building fails, or a test does.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    prepare::machine(Purpose::Tests)?;
    prepare::programs(Purpose::Window)?;
    finish(tests()?.args(arguments))
}

/// The tests of the page, over the programs that were built last.
///
/// # Errors
/// Where cargo's target directory cannot be told.
pub(crate) fn tests() -> Outcome<Command> {
    let mut command = npm(&["run", "--silent", "pages", "--"]);
    command.env("FERRY_WEB_HOST", built(HOST)?);
    Ok(command)
}

/// What the host says of itself in its first line, `{"origin":…,"token":…,"url":"…"}`.
fn address(host: &mut Child) -> Option<String> {
    let mut line = String::new();
    BufReader::new(host.stdout.take()?).read_line(&mut line).ok()?;
    let (_, url) = line.split_once("\"url\":\"")?;
    Some(url.split_once('"')?.0.to_owned())
}
