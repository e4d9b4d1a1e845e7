//! The order in which files are taken: batch by batch as they rank, and in each batch file by file.
//!
//! Nothing that runs loses its slot by a move: the order is that of what waits.

use serde::{Deserialize, Serialize};

use crate::machine::Standing;

/// Where something is moved to, among what can be moved with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// Before all others.
    Top,
    /// Before the next one above that is not moved itself.
    Up,
    /// Behind the next one below that is not moved itself.
    Down,
    /// Behind all others.
    Bottom,
}

impl Place {
    /// Every place.
    pub const ALL: [Self; 4] = [Self::Top, Self::Up, Self::Down, Self::Bottom];

    /// A list of things, some of them chosen, with the chosen ones moved. Chosen ones keep their
    /// order among each other, and so do the others.
    pub fn moved<T: Clone>(self, things: &[T], is_chosen: impl Fn(&T) -> bool) -> Vec<T> {
        let mut things = things.to_vec();
        match self {
            Self::Top => things.sort_by_key(|thing| !is_chosen(thing)),
            Self::Bottom => things.sort_by_key(|thing| is_chosen(thing)),
            Self::Up => lift(&mut things, &is_chosen),
            Self::Down => {
                things.reverse();
                lift(&mut things, &is_chosen);
                things.reverse();
            }
        }
        things
    }
}

/// Moves each run of chosen things before the one above it.
fn lift<T>(things: &mut [T], is_chosen: &impl Fn(&T) -> bool) {
    for at in 1..things.len() {
        if is_chosen(&things[at]) && !is_chosen(&things[at - 1]) {
            things.swap(at, at - 1);
        }
    }
}

/// Whether a transfer has a place in the order: what has ended has none.
pub fn is_ranked(standing: Standing) -> bool {
    !standing.has_ended()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_things_move_together() {
        let moved = |place: Place, chosen: &str| {
            place
                .moved(&['a', 'b', 'c', 'd', 'e'], |thing| chosen.contains(*thing))
                .into_iter()
                .collect::<String>()
        };
        for (place, chosen, expected) in [
            (Place::Top, "d", "dabce"),
            (Place::Top, "bd", "bdace"),
            (Place::Bottom, "bd", "acebd"),
            (Place::Up, "c", "acbde"),
            (Place::Up, "bc", "bcade"),
            (Place::Up, "ac", "acbde"),
            (Place::Up, "ab", "abcde"),
            (Place::Down, "c", "abdce"),
            (Place::Down, "bc", "adbce"),
            (Place::Down, "ce", "abdce"),
            (Place::Up, "", "abcde"),
        ] {
            assert_eq!(moved(place, chosen), expected, "{place:?} {chosen}");
        }
    }
}
