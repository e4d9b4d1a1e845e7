//! Keeps uploads to their hours and to their network interface, and off connections that are paid by
//! their bytes, as the settings say.

use ferry_model::standby::{Connection, RunRules};

use crate::app::App;
use crate::calendar::look_due;
use crate::interfaces;

impl App {
    /// Keeps uploads to the settings' hours and connections from now on, until the app shuts down.
    /// What a command uploads on demand is not kept to them.
    pub(crate) async fn keep_to_run_rules(&self) {
        let rules = &self.inner.run_rules;
        self.inner.engine.set_standby(rules.standby()).await;
        let app = self.clone();
        tokio::spawn(async move {
            let stop = app.inner.publisher.stop.clone();
            let rules = &app.inner.run_rules;
            while look_due(&stop, &rules.changed, rules.change_untold()).await {
                app.inner.engine.set_standby(rules.standby()).await;
            }
        });
    }

    /// The system tells whether the connection is paid by its bytes.
    pub fn set_connection(&self, connection: Connection) {
        self.inner.run_rules.change(|state| state.connection = connection);
    }

    /// The names of the network interfaces that have an address others can reach.
    pub fn network_interfaces(&self) -> Vec<String> {
        interfaces::names()
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
