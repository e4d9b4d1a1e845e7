//! When uploads run by themselves: the settings' rules, held against the clock and the connection.

use std::sync::Mutex;

use ferry_model::standby::{Connection, RunRules, Standby};
use tokio::sync::Notify;

use crate::calendar::local_moment;
use crate::interfaces;
use crate::publisher::lock;

/// What decides whether uploads run.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    state: Mutex<State>,
    /// Wakes who keeps uploads to them.
    pub(crate) changed: Notify,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) rules: RunRules,
    pub(crate) connection: Connection,
    /// The user lets them run until the rules would, too.
    pub(crate) anyway: bool,
}

impl Rules {
    pub(crate) fn new(rules: RunRules) -> Self {
        let state = State { rules, ..State::default() };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut lock(&self.state));
        self.changed.notify_one();
    }

    /// Whether what holds can change although nothing tells of it.
    pub(crate) fn change_untold(&self) -> bool {
        lock(&self.state).rules.changes_untold()
    }

    /// What holds now.
    pub(crate) fn standby(&self) -> Option<Standby> {
        let mut state = lock(&self.state);
        let hour = local_moment(&state.rules.hours).hour;
        let outgoing = state.rules.interface.as_ref().and_then(|_| interfaces::outgoing());
        let standby = state.rules.standby(hour, state.connection, outgoing.as_deref());
        state.anyway &= standby.is_some();
        standby.filter(|_| !state.anyway)
    }
}

#[cfg(test)]
mod tests {
    use ferry_model::standby::OnMetered;

    use super::*;

    #[test]
    fn what_the_user_lets_run_waits_again_the_next_time() {
        let rules = Rules::new(RunRules { metered: OnMetered::Wait, ..RunRules::default() });
        let connect = |connection| rules.change(|state| state.connection = connection);
        assert_eq!(rules.standby(), None);
        connect(Connection::Metered);
        assert_eq!(rules.standby(), Some(Standby::Metered));
        rules.change(|state| state.anyway = true);
        assert_eq!(rules.standby(), None);
        connect(Connection::Free);
        assert_eq!(rules.standby(), None);
        connect(Connection::Metered);
        assert_eq!(rules.standby(), Some(Standby::Metered));
    }
}
