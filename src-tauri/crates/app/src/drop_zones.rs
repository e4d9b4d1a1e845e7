//! Where in the page destinations stand while files are held over it.

use crate::messages::DropZone;

/// A place in the page, in shares of its width and height: so neither the window's scale nor the
/// zoom of the page matters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PagePoint {
    /// From its left edge, 0 to 1.
    pub x: f64,
    /// From its top, 0 to 1.
    pub y: f64,
}

/// What is held over the window.
#[derive(Debug, Default)]
pub(crate) struct Drag {
    /// Files and folders.
    pub(crate) count: u32,
    /// Where in the page destinations stand.
    pub(crate) zones: Vec<DropZone>,
    /// The destination that they are held over.
    pub(crate) target: Option<i64>,
}

impl Drag {
    /// The destination that stands there.
    pub(crate) fn at(&self, PagePoint { x, y }: PagePoint) -> Option<i64> {
        let holds = |zone: &&DropZone| {
            (zone.left..zone.right).contains(&x) && (zone.top..zone.bottom).contains(&y)
        };
        self.zones.iter().find(holds).map(|zone| zone.profile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_where_it_stands_and_nowhere_else() {
        let zone =
            |profile, top| DropZone { profile, left: 0.0, top, right: 0.2, bottom: top + 0.1 };
        let drag = Drag { zones: vec![zone(1, 0.1), zone(2, 0.2)], ..Drag::default() };
        for (x, y, expected) in [
            (0.1, 0.15, Some(1)),
            (0.1, 0.2, Some(2)),
            (0.0, 0.1, Some(1)),
            (0.2, 0.15, None),
            (0.1, 0.05, None),
            (0.1, 0.35, None),
            (-0.1, 0.15, None),
        ] {
            assert_eq!(drag.at(PagePoint { x, y }), expected, "{x}, {y}");
        }
    }
}
