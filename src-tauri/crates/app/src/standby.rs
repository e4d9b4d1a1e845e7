//! Keeps uploads to their hours, and off connections that are paid by their bytes, as the settings
//! say.

use std::sync::Mutex;
use std::time::Duration;

use ferry_model::standby::{Connection, RunRules, Standby};
use tokio::sync::Notify;

use crate::app::App;
use crate::publisher::lock;
use crate::watches::local_moment;

/// How often the clock is looked at while uploads have hours: it may be put forward or back, and a
/// computer may have slept.
const LOOK: Duration = Duration::from_secs(1);

/// What decides whether uploads run.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    rules: RunRules,
    connection: Connection,
    /// The user lets them run until the rules would, too.
    anyway: bool,
}

impl Rules {
    pub(crate) fn new(rules: RunRules) -> Self {
        let state = State { rules, ..State::default() };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut lock(&self.state));
        self.changed.notify_one();
    }

    fn change_by_themselves(&self) -> bool {
        !lock(&self.state).rules.hours.is_always()
    }

    /// What holds now.
    fn standby(&self) -> Option<Standby> {
        let mut state = lock(&self.state);
        let hour = local_moment(&state.rules.hours).hour;
        let standby = state.rules.standby(hour, state.connection);
        state.anyway &= standby.is_some();
        standby.filter(|_| !state.anyway)
    }
}

impl App {
    /// Keeps uploads to the settings' hours and connections from now on, until the app shuts down.
    /// What a command uploads because somebody asks for it now is not kept to them.
    pub(crate) async fn keep_to_run_rules(&self) {
        let rules = &self.inner.run_rules;
        self.inner.engine.set_standby(rules.standby()).await;
        let app = self.clone();
        tokio::spawn(async move {
            let stop = app.inner.publisher.stop.clone();
            let rules = &app.inner.run_rules;
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = rules.changed.notified() => {}
                    () = tokio::time::sleep(LOOK), if rules.change_by_themselves() => {}
                }
                app.inner.engine.set_standby(rules.standby()).await;
            }
        });
    }

    /// The system tells whether the connection is paid by its bytes.
    pub fn set_connection(&self, connection: Connection) {
        self.inner.run_rules.change(|state| state.connection = connection);
    }

    /// Lets uploads run although the settings say that they wait; the next time that they have to
    /// wait, they do.
    pub fn upload_anyway(&self) {
        self.inner.run_rules.change(|state| state.anyway = true);
    }

    pub(crate) fn set_run_rules(&self, rules: RunRules) {
        self.inner.run_rules.change(|state| {
            state.anyway &= state.rules == rules;
            state.rules = rules;
        });
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
