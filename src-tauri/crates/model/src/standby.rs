//! When uploads run by themselves at all: by hours of the week, by what the connection costs, and by
//! the network interface that it goes through.

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
    /// The name of the network interface that they need, as the system calls it; `None` for any.
    pub interface: Option<String>,
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
    /// The connection goes through another network interface than they need, or there is none.
    Interface,
}

impl RunRules {
    /// Why no upload runs now; `None` where they run. `outgoing` is the interface that the
    /// connection goes through.
    pub fn standby(
        &self,
        hour: Hour,
        connection: Connection,
        outgoing: Option<&str>,
    ) -> Option<Standby> {
        if let Hour::Closed { minutes } = hour {
            return Some(Standby::Hours { minutes });
        }
        let needed = self.interface.as_deref();
        if needed.is_some() && needed != outgoing {
            return Some(Standby::Interface);
        }
        let waits = self.metered == OnMetered::Wait && connection == Connection::Metered;
        waits.then_some(Standby::Metered)
    }

    /// Whether what holds can change although nothing tells of it: with the clock, or with the
    /// routes of the computer.
    pub fn changes_untold(&self) -> bool {
        !self.hours.is_always() || self.interface.is_some()
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
            let found = rules(metered).standby(hour, connection, Some("eth0"));
            assert_eq!(found, expected, "{metered:?} {hour:?} {connection:?}");
        }
        assert!(!rules(OnMetered::Wait).changes_untold());
    }

    #[test]
    fn uploads_wait_for_their_network_interface() {
        let rules = |name: Option<&str>| RunRules {
            interface: name.map(str::to_owned),
            ..RunRules::default()
        };
        for (needed, outgoing, expected) in [
            (None, None, None),
            (None, Some("wlan0"), None),
            (Some("eth0"), Some("eth0"), None),
            (Some("eth0"), Some("wlan0"), Some(Standby::Interface)),
            (Some("eth0"), None, Some(Standby::Interface)),
        ] {
            let found = rules(needed).standby(Hour::Open, Connection::Free, outgoing);
            assert_eq!(found, expected, "{needed:?} {outgoing:?}");
            assert_eq!(rules(needed).changes_untold(), needed.is_some());
        }
    }
}
