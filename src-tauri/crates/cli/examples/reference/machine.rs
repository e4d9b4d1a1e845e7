//! The state machine of a transfer, from the table that the model's tests hold it to.

use std::collections::BTreeSet;

/// Every pair of phase and event that has a row.
const TABLE: &str = include_str!("../../../model/src/machine/table.txt");
/// Where each phase and each end stands in the picture, in columns and rows.
const PLACES: [(&str, f64, f64); 17] = [
    ("Putting", 2.0, 0.0),
    ("Fresh", 0.0, 1.0),
    ("Creating", 1.0, 1.0),
    ("Sending", 2.0, 1.0),
    ("Completing", 3.0, 1.0),
    ("Verifying", 4.0, 1.0),
    ("Done", 5.0, 1.0),
    ("Discarding", 1.0, 2.0),
    ("Vanished", 2.0, 2.0),
    ("Merged", 3.0, 2.0),
    ("Contested", 4.0, 2.0),
    ("Adopting", 5.0, 2.0),
    ("Skipping", 4.0, 3.0),
    ("Skipped", 5.0, 3.0),
    ("Aborting", 0.0, 3.0),
    ("Withdrawing", 1.0, 3.0),
    ("Cancelled", 2.0, 3.0),
];
/// The way of a large file that meets nothing in its way.
const MAIN: [(&str, &str); 5] = [
    ("Fresh", "Creating"),
    ("Creating", "Sending"),
    ("Sending", "Completing"),
    ("Completing", "Verifying"),
    ("Verifying", "Done"),
];
const ENDS: [&str; 3] = ["Done", "Skipped", "Cancelled"];
/// Half of a box, and what lies between the middles of two.
const HALF: (f64, f64) = (52.0, 17.0);
const STEP: (f64, f64) = (150.0, 96.0);

/// A row of the table.
struct Row {
    phase: &'static str,
    event: String,
    to: &'static str,
}

fn rows() -> impl Iterator<Item = Row> {
    TABLE.lines().filter_map(|line| {
        let (pair, to) = line.split_once(" -> ")?;
        let (phase, event) = pair.split_once(' ')?;
        // The table ends a word where the event's content begins.
        let open = event.contains('(') && !event.contains(')');
        Some(Row { phase, event: format!("{event}{}", if open { ")" } else { "" }), to })
    })
}

/// What each event leads to, a table for each phase.
pub(crate) fn tables() -> String {
    let mut text = String::new();
    let mut last = "";
    for Row { phase, event, to } in rows() {
        if phase != last {
            text.push_str(&format!("\n## {phase}\n\n| Event | Leads to |\n|---|---|\n"));
            last = phase;
        }
        text.push_str(&format!("| `{event}` | `{to}` |\n"));
    }
    text
}

/// Which phase leads to which other, as a picture.
///
/// # Errors
/// Where a phase has no place in it.
pub(crate) fn picture() -> Result<String, String> {
    let mut edges: BTreeSet<(&str, &str)> = BTreeSet::new();
    for Row { phase, to, .. } in rows() {
        let to = to.split(',').next().unwrap_or(to).trim_end_matches('?');
        if phase != to {
            edges.insert((phase, to));
        }
    }
    let (width, height) = (5.0 * STEP.0 + 2.0 * HALF.0 + 24.0, 3.0 * STEP.1 + 2.0 * HALF.1 + 66.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"14\">\n\
         <title>Phases of a transfer</title>\n\
         <defs><marker id=\"end\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" \
         markerUnits=\"userSpaceOnUse\" markerWidth=\"10\" markerHeight=\"10\" \
         orient=\"auto-start-reverse\"><path d=\"M0 0L8 4L0 8z\" fill=\"context-stroke\"/>\
         </marker></defs>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#ffffff\"/>\n"
    );
    for (from, to) in &edges {
        let main = MAIN.contains(&(*from, *to));
        let (colour, thick) = if main { ("#0b5ed7", 2.4) } else { ("#8a8f98", 1.2) };
        svg.push_str(&format!(
            "<path d=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{thick}\" \
             marker-end=\"url(#end)\"/>\n",
            way(place(from)?, place(to)?)
        ));
    }
    for (name, column, row) in PLACES {
        let (x, y) = middle(column, row);
        let (fill, edge) =
            if ENDS.contains(&name) { ("#e7f4ea", "#2e7d43") } else { ("#f3f5f8", "#5b6472") };
        svg.push_str(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"8\" fill=\"{fill}\" \
             stroke=\"{edge}\"/><text x=\"{x}\" y=\"{}\" text-anchor=\"middle\" \
             fill=\"#1c2026\">{name}</text>\n",
            x - HALF.0,
            y - HALF.1,
            2.0 * HALF.0,
            2.0 * HALF.1,
            y + 5.0,
        ));
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn place(name: &str) -> Result<(f64, f64), String> {
    let found = PLACES.iter().find(|(known, ..)| *known == name);
    found
        .map(|(_, column, row)| (*column, *row))
        .ok_or_else(|| format!("{name} has no place in the picture: name it in PLACES"))
}

fn middle(column: f64, row: f64) -> (f64, f64) {
    (12.0 + HALF.0 + column * STEP.0, 44.0 + HALF.1 + row * STEP.1)
}

/// A line between two boxes, bent around what stands between them.
fn way(from: (f64, f64), to: (f64, f64)) -> String {
    let (start, end) = (middle(from.0, from.1), middle(to.0, to.1));
    let (dx, dy) = (end.0 - start.0, end.1 - start.1);
    let length = dx.hypot(dy);
    // To the left of its own direction, so that the ways there and back are two.
    let far = (to.0 - from.0).abs() > 1.0 || (to.1 - from.1).abs() > 1.0;
    let bend = if far { 0.16 * length } else { 9.0 };
    let control = (
        f64::midpoint(start.0, end.0) + dy / length * 2.0 * bend,
        f64::midpoint(start.1, end.1) - dx / length * 2.0 * bend,
    );
    let (a, b) = (edge(start, control), edge(end, control));
    format!("M{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}", a.0, a.1, control.0, control.1, b.0, b.1)
}

/// Where the line from the middle of a box to a point leaves the box.
fn edge(middle: (f64, f64), towards: (f64, f64)) -> (f64, f64) {
    let (dx, dy) = (towards.0 - middle.0, towards.1 - middle.1);
    let across = if dx == 0.0 { f64::INFINITY } else { (HALF.0 + 3.0) / dx.abs() };
    let up = if dy == 0.0 { f64::INFINITY } else { (HALF.1 + 3.0) / dy.abs() };
    let share = across.min(up).min(1.0);
    (middle.0 + dx * share, middle.1 + dy * share)
}
