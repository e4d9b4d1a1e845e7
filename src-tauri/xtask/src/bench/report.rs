//! Figures as tables.

use std::fmt::Write as _;

use super::contender::Contender;
use super::figures::{Figure, Run, Spread};
use super::rows::Row;
use super::verdict::{Series, best_peer, judged, median};

const HEAD: &str = "\
| who | wall min / median / max | CPU | peak | requests | connections \
| wall: best peer | wall: bound | CPU: bound |
|---|---|---|---|---|---|---|---|---|";

/// A row's table, in Markdown, with its goals below.
pub(super) fn table(row: &Row, series: &[Series]) -> String {
    let mut text =
        format!("### {}: {}; the store {}\n\n{HEAD}\n", row.name, row.payload.label(), row.store);
    for one in series {
        text.push_str(&line(one, series));
        text.push('\n');
    }
    text.push('\n');
    for verdict in judged(row, series) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "- {}", verdict.line());
    }
    text
}

fn line(own: &Series, all: &[Series]) -> String {
    let name = own.contender.name();
    let (Some(wall), Some(cpu), Some(peak), Some(last)) = (
        Spread::of(&own.runs, Figure::Wall),
        Spread::of(&own.runs, Figure::Cpu),
        Spread::of(&own.runs, Figure::Peak),
        own.runs.last(),
    ) else {
        let why = if own.failed { "failed" } else { "not run" };
        return format!("| {name} | {why} | | | | | | | |");
    };
    let bound = all.iter().map(|series| series.contender).find(|one| one.is_bound());
    let Run { requests, connections, .. } = last;
    let ratio = |figure: Figure, other: Option<Contender>| {
        let other = other.filter(|other| *other != own.contender)?;
        let theirs = median(all, other, figure)?;
        Some(format!("{:.2}", median(all, own.contender, figure)? / theirs))
    };
    let shown = |ratio: Option<String>| ratio.unwrap_or_else(|| "-".into());
    format!(
        "| {name} | {:.2} / {:.2} / {:.2} s | {:.2} s | {:.0} MiB | {requests} | {connections} \
         | {} | {} | {} |",
        wall.min,
        wall.median,
        wall.max,
        cpu.median,
        peak.max,
        shown(ratio(Figure::Wall, best_peer(all, Figure::Wall))),
        shown(ratio(Figure::Wall, bound)),
        shown(ratio(Figure::Cpu, bound)),
    )
}
