//! When uploads run by themselves at all: by hours of the week, and by what the connection costs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::timetable::{Hour, Timetable};

/// What is done on a connection that is paid by its bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum OnMetered {
    /// Uploads go on.
    #[default]
    Upload,
    /// They wait.
    Wait,
}

/// Whether the connection is paid by its bytes. What the system does not tell counts as free.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Connection {
    /// It is not, as far as the system tells.
    #[default]
    Free,
    /// It is.
    Metered,
}

/// When uploads run. Absent fields have their defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunRules {
    /// The hours in which they do.
    pub hours: Timetable,
    /// Whether they do on a connection that is paid by its bytes.
    pub metered: OnMetered,
}

/// Why no upload runs, although some wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standby {
    /// It is outside of their hours.
    Hours {
        /// Minutes until they begin.
        minutes: u16,
    },
    /// The connection is paid by its bytes.
    Metered,
}

impl RunRules {
    /// Why no upload runs now; `None` where they run.
    pub fn standby(&self, hour: Hour, connection: Connection) -> Option<Standby> {
        match (hour, self.metered, connection) {
            (Hour::Closed { minutes }, ..) => Some(Standby::Hours { minutes }),
            (Hour::Open, OnMetered::Wait, Connection::Metered) => Some(Standby::Metered),
            (Hour::Open, ..) => None,
        }
    }

    /// Whether time or the connection can change what holds.
    pub fn is_always(&self) -> bool {
        self.hours.is_always() && self.metered == OnMetered::Upload
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_wait_outside_their_hours_and_where_bytes_cost() {
        let rules = |metered| RunRules { metered, ..RunRules::default() };
        let (open, closed) = (Hour::Open, Hour::Closed { minutes: 30 });
        let (free, paid) = (Connection::Free, Connection::Metered);
        for (metered, hour, connection, expected) in [
            (OnMetered::Upload, open, free, None),
            (OnMetered::Upload, open, paid, None),
            (OnMetered::Wait, open, free, None),
            (OnMetered::Wait, open, paid, Some(Standby::Metered)),
            (OnMetered::Wait, closed, paid, Some(Standby::Hours { minutes: 30 })),
            (OnMetered::Upload, closed, free, Some(Standby::Hours { minutes: 30 })),
        ] {
            let found = rules(metered).standby(hour, connection);
            assert_eq!(found, expected, "{metered:?} {hour:?} {connection:?}");
        }
        assert!(RunRules::default().is_always() && !rules(OnMetered::Wait).is_always());
    }
}
