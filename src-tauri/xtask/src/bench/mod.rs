//! `cargo xtask bench`: Ferry beside its peers and beside a raw bound, in turn in the same run,
//! against a store that costs next to nothing. How to read it: `tests/bench/README.md`.

mod contender;
mod figures;
mod measure;
mod payload;
mod queue;
mod report;
mod results;
mod resume;
mod rows;
mod sink;
mod tools;
mod verdict;
mod watch;
mod window;

use std::path::Path;

use crate::process::{Failure, Outcome, say, target_directory};
use contender::Contender;
use payload::Payload;
use rows::{ROWS, Row};
use tools::{Build, Tools};
use verdict::Series;

/// Runs of each contender, unless told otherwise.
const ROUNDS: u32 = 3;

/// Rows about Ferry alone, beside [`ROWS`].
const ALONE: [&str; 4] = ["queue", "resume", "watch", "window"];

/// What is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Request {
    /// All rows, without one.
    rows: Vec<String>,
    quick: bool,
    build: Build,
    rounds: Option<u32>,
    /// Only these contenders, where there are some.
    only: Vec<String>,
}

impl Request {
    fn wants(&self, row: &str) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|name| name == row)
    }

    /// Who takes part in a row.
    fn line_up(&self, row: &Row) -> Vec<Contender> {
        let takes_part = |one: Contender| match self.only.as_slice() {
            [] if self.quick => row.needed(one),
            [] => true,
            only => only.iter().any(|name| name == one.name()),
        };
        row.contenders.iter().copied().filter(|one| takes_part(*one)).collect()
    }

    fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 1 } else { ROUNDS })
    }

    /// Whether what is measured is all there is.
    fn is_whole(&self) -> bool {
        self.rows.is_empty() && self.only.is_empty() && !self.quick
    }
}

/// Measures the rows and prints a table of each; all of them together become `RESULTS.md`.
///
/// # Errors
/// Where an argument is not understood, something does not build, or, after all rows, where Ferry
/// or the bound failed in one. Who fails stands so in the table.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    let request = read(arguments)?;
    let rows: Vec<Row> = ROWS
        .iter()
        .filter(|row| request.wants(row.name))
        .map(|row| if request.quick { Row { payload: row.quick, ..*row } } else { *row })
        .collect();
    let wanted: Vec<Contender> = rows.iter().flat_map(|row| request.line_up(row)).collect();
    let tools = Tools::prepared(&wanted, request.build)?;
    let heading = results::heading(request.rounds())?;
    let folder = target_directory()?.join("bench");
    let mut sections = Vec::new();
    let mut shown = |section: String| {
        println!("\n{section}");
        sections.push(section);
    };
    let mut failed = Vec::new();
    for row in &rows {
        let series = measured(row, &request, (&tools, &folder))?;
        let own = series.iter().filter(|one| !one.contender.is_peer() && one.failed);
        failed.extend(own.map(|one| format!("{} in {}", one.contender.name(), row.name)));
        shown(report::table(row, &series));
    }
    let (queued, resumed) = if request.quick { (50_000, 1 << 30) } else { (300_000, 4 << 30) };
    if request.wants("queue") {
        let payload = Payload::Files(queued, 0);
        shown(queue::section(payload, request.rounds(), (&tools, &folder))?);
    }
    if request.wants("resume") {
        let payload = Payload::File(resumed);
        shown(resume::section(payload, request.rounds(), (&tools, &folder))?);
    }
    if request.wants("watch") {
        shown(watch::section(request.quick, (&tools, &folder))?);
    }
    if request.wants("window") {
        shown(window::section(request.quick, request.rounds(), request.build)?);
    }
    if request.is_whole() {
        results::write(&heading, &sections)?;
    }
    if failed.is_empty() { Ok(()) } else { Err(Failure(format!("failed: {}", failed.join(", ")))) }
}

/// All rounds of a row: by turns, so that a slow minute of the machine meets everybody.
fn measured(
    row: &Row,
    request: &Request,
    (tools, folder): (&Tools, &Path),
) -> Outcome<Vec<Series>> {
    let rounds = request.rounds();
    let path = row.payload.prepared(&folder.join("data"))?;
    let mut series: Vec<Series> = request
        .line_up(row)
        .into_iter()
        .map(|contender| Series { contender, runs: Vec::new(), failed: false })
        .collect();
    for round in 1..=rounds {
        for one in series.iter_mut().filter(|one| !one.failed) {
            let name = one.contender.name();
            let scratch = folder.join("scratch").join(format!("{}-{name}", row.name));
            match measure::once(one.contender, row, tools, (&path, &scratch)) {
                Ok(run) => {
                    say(format!(
                        "Bench: {} {round}/{rounds}: {name} {:.2} s, CPU {:.2} s, {:.0} MiB; \
                         the sink's CPU {:.2} s",
                        row.name,
                        run.wall.as_secs_f64(),
                        run.cpu.as_secs_f64(),
                        run.peak_mib,
                        run.sink_cpu.as_secs_f64()
                    ));
                    one.runs.push(run);
                }
                Err(Failure(reason)) => {
                    let log = measure::log_of(&scratch);
                    say(format!("Bench: {}: {name}: {reason}: {}", row.name, log.display()));
                    // Half of its rounds are no measurement.
                    one.runs.clear();
                    one.failed = true;
                }
            }
        }
    }
    Ok(series)
}

/// The names of all rows.
fn names() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.name).chain(ALONE)
}

fn read(arguments: &[&str]) -> Outcome<Request> {
    let mut request = Request::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "--quick" => request.quick = true,
            "--built" => request.build = Build::Nothing,
            "--rounds" => {
                let number = rest.next().and_then(|text| text.parse().ok());
                let positive = number.filter(|rounds| *rounds > 0);
                request.rounds =
                    Some(positive.ok_or_else(|| Failure("--rounds needs a number".into()))?);
            }
            "--only" => {
                let names = rest.next().ok_or_else(|| Failure("--only needs names".into()))?;
                request.only = names.split(',').map(str::to_owned).collect();
            }
            name if names().any(|row| row == name) => request.rows.push(name.into()),
            name => {
                let known: Vec<&str> = names().collect();
                return Err(Failure(format!("`{name}` is no row: {}", known.join(", "))));
            }
        }
    }
    if let Some(name) =
        request.only.iter().find(|name| Contender::ALL.iter().all(|one| one.name() != **name))
    {
        let known: Vec<&str> = Contender::ALL.iter().map(|one| one.name()).collect();
        return Err(Failure(format!("`{name}` is not measured: {}", known.join(", "))));
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read() {
        let request = read(&["small", "--built", "--rounds", "5", "--only", "ferry,bound"]);
        let expected = Request {
            rows: vec!["small".into()],
            quick: false,
            build: Build::Nothing,
            rounds: Some(5),
            only: vec!["ferry".into(), "bound".into()],
        };
        assert_eq!(request.expect("known arguments"), expected);
        for wrong in [&["tiny"][..], &["--rounds", "0"], &["--only", "curl"], &["--only"]] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
