//! The parts of a file as a map: a cell for each part, or for a run of parts where there are more
//! than a map has cells.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The most cells of a map, however many parts there are.
pub const MOST_CELLS: u32 = 192;

/// What is known of a part that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartActivity {
    /// Its bytes are being sent, or its answer is awaited.
    InFlight,
    /// Its last request failed; the next one has not begun.
    Retrying,
}

/// What a cell shows. Of a run of parts: what most needs to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PartCell {
    /// None of its parts was begun.
    Waiting,
    /// Some of its parts are acknowledged, and none is under way.
    Partly,
    /// One of its parts is under way.
    InFlight,
    /// One of its parts is tried again.
    Retrying,
    /// The store acknowledged all of its parts.
    Acknowledged,
    /// The object made of them is verified.
    Verified,
}

/// The parts of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartMap {
    /// How many there are.
    pub parts: u32,
    /// Parts of each cell but the last, which may have fewer.
    pub per_cell: u32,
    /// Parts that the store acknowledged.
    pub acknowledged: u32,
    /// Parts under way, without those that are tried again.
    pub in_flight: u32,
    /// Parts that are tried again.
    pub retrying: u32,
    /// The cells in the order of their parts, at most [`MOST_CELLS`].
    pub cells: Vec<PartCell>,
}

/// What becomes of one part. What is told last in this order counts: of two requests for one part
/// the one that moves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    #[default]
    Waiting,
    Retrying,
    InFlight,
    Acknowledged,
}

/// The map of `parts` parts. Numbers are from 1; others than the file has are passed over, and a
/// part that is acknowledged is so whatever else is told of it: another request for it may still
/// be under way.
pub fn part_map(
    parts: u32,
    acknowledged: impl IntoIterator<Item = u32>,
    under_way: impl IntoIterator<Item = (u32, PartActivity)>,
    verified: bool,
) -> PartMap {
    let mut states = vec![Part::default(); parts as usize];
    let mut note = |number: u32, state: Part| {
        let at = number.checked_sub(1).and_then(|at| states.get_mut(at as usize));
        if let Some(part) = at {
            *part = state.max(*part);
        }
    };
    for (number, activity) in under_way {
        note(
            number,
            match activity {
                PartActivity::InFlight => Part::InFlight,
                PartActivity::Retrying => Part::Retrying,
            },
        );
    }
    for number in acknowledged {
        note(number, Part::Acknowledged);
    }
    if verified {
        states.fill(Part::Acknowledged);
    }
    let count = |state| states.iter().filter(|part| **part == state).count() as u32;
    let per_cell = parts.div_ceil(MOST_CELLS).max(1);
    PartMap {
        parts,
        per_cell,
        acknowledged: count(Part::Acknowledged),
        in_flight: count(Part::InFlight),
        retrying: count(Part::Retrying),
        cells: states
            .chunks(per_cell as usize)
            .map(|run| if verified { PartCell::Verified } else { cell(run) })
            .collect(),
    }
}

fn cell(run: &[Part]) -> PartCell {
    let has = |state| run.contains(&state);
    if has(Part::Retrying) {
        PartCell::Retrying
    } else if has(Part::InFlight) {
        PartCell::InFlight
    } else if !has(Part::Acknowledged) {
        PartCell::Waiting
    } else if has(Part::Waiting) {
        PartCell::Partly
    } else {
        PartCell::Acknowledged
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::PartActivity::{InFlight, Retrying};
    use super::*;

    /// A letter for each cell.
    fn drawn(map: &PartMap) -> String {
        let letter = |cell: &PartCell| match cell {
            PartCell::Waiting => '.',
            PartCell::Partly => 'p',
            PartCell::InFlight => 'f',
            PartCell::Retrying => 'r',
            PartCell::Acknowledged => 'a',
            PartCell::Verified => 'v',
        };
        map.cells.iter().map(letter).collect()
    }

    /// Acknowledged parts, parts under way, the map, and its counts.
    type Case = (&'static [u32], &'static [(u32, PartActivity)], &'static str, [u32; 3]);

    #[test]
    fn a_few_parts_have_a_cell_each() {
        #[rustfmt::skip]
        let table: [Case; 8] = [
            (&[], &[], "......", [0, 0, 0]),
            (&[1, 2], &[(3, InFlight), (4, Retrying)], "aafr..", [2, 1, 1]),
            // Acknowledged, and a second request for it is still under way.
            (&[5], &[(5, InFlight), (4, InFlight)], "...fa.", [1, 1, 0]),
            // Of two requests for a part one failed, in either order.
            (&[], &[(1, Retrying), (1, InFlight)], "f.....", [0, 1, 0]),
            (&[], &[(1, InFlight), (1, Retrying)], "f.....", [0, 1, 0]),
            // What there is no part for.
            (&[0, 7, u32::MAX], &[(0, InFlight), (9, Retrying)], "......", [0, 0, 0]),
            (&[3, 3], &[], "..a...", [1, 0, 0]),
            (&[1, 2, 3, 4, 5, 6], &[], "aaaaaa", [6, 0, 0]),
        ];
        for (acknowledged, under_way, expected, counts) in table {
            let map = part_map(6, acknowledged.iter().copied(), under_way.iter().copied(), false);
            assert_eq!(drawn(&map), expected, "{acknowledged:?} {under_way:?}");
            assert_eq!([map.acknowledged, map.in_flight, map.retrying], counts, "{expected}");
            assert_eq!((map.parts, map.per_cell), (6, 1));
        }
        let verified = part_map(6, [1], [(2, InFlight)], true);
        assert_eq!((drawn(&verified).as_str(), verified.acknowledged), ("vvvvvv", 6));
        assert_eq!((verified.in_flight, verified.retrying), (0, 0));
        assert_eq!(drawn(&part_map(0, [], [], false)), "");
    }

    #[test]
    fn a_cell_of_a_run_shows_what_most_needs_to_be_seen() {
        // Three parts a cell.
        let parts = MOST_CELLS * 3 - 1;
        let acknowledged = [1, 2, 3, 4, 7, 8, 10, 11, parts - 1, parts];
        let under_way = [(8, InFlight), (9, InFlight), (12, Retrying), (13, InFlight)];
        let map = part_map(parts, acknowledged, under_way, false);
        assert_eq!((map.per_cell, map.cells.len()), (3, MOST_CELLS as usize));
        assert_eq!(&drawn(&map)[..6], "apfrf.");
        assert_eq!(map.cells.last(), Some(&PartCell::Acknowledged), "the last one has two parts");
        assert_eq!((map.acknowledged, map.in_flight, map.retrying), (10, 2, 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        /// A map has no more cells than there is room for, stands for each part once, and its
        /// cells say no more and no less than its counts.
        #[test]
        fn a_map_stands_for_every_part_and_says_what_is_so(
            parts in 0u32..=10_000,
            acknowledged in prop::collection::btree_set(0u32..10_100, 0..400),
            under_way in prop::collection::btree_map(0u32..10_100, any::<bool>(), 0..70),
            verified in any::<bool>(),
        ) {
            let activity = |tries| if tries { Retrying } else { InFlight };
            let flying = under_way.iter().map(|(number, tries)| (*number, activity(*tries)));
            let map = part_map(parts, acknowledged.iter().copied(), flying, verified);
            let cells = map.cells.len() as u32;
            prop_assert!(cells <= MOST_CELLS);
            prop_assert_eq!(cells, parts.div_ceil(map.per_cell));
            prop_assert!(map.acknowledged + map.in_flight + map.retrying <= parts);
            if verified {
                prop_assert!(map.cells.iter().all(|cell| *cell == PartCell::Verified));
                prop_assert_eq!(map.acknowledged, parts);
                return Ok(());
            }
            let is_there = |number: &u32| (1..=parts).contains(number);
            let there = acknowledged.iter().filter(|number| is_there(number)).count() as u32;
            prop_assert_eq!(map.acknowledged, there);
            let numbers = |cell: u32| {
                cell * map.per_cell + 1..=((cell + 1) * map.per_cell).min(parts)
            };
            for (at, cell) in map.cells.iter().enumerate() {
                let run: Vec<u32> = numbers(at as u32).collect();
                let acked = run.iter().filter(|number| acknowledged.contains(number)).count();
                let flies = |tries| run.iter().any(|number| {
                    under_way.get(number) == Some(&tries) && !acknowledged.contains(number)
                });
                let expected = match (flies(true), flies(false), acked) {
                    (true, _, _) => PartCell::Retrying,
                    (_, true, _) => PartCell::InFlight,
                    (_, _, 0) => PartCell::Waiting,
                    (_, _, acked) if acked == run.len() => PartCell::Acknowledged,
                    _ => PartCell::Partly,
                };
                prop_assert_eq!(*cell, expected, "cell {} of {}", at, cells);
            }
        }
    }
}
