//! The services of a desktop on a session's bus: they write down what they are asked.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::desktop::{Desktop, Group, Session, wait_for};

/// Services that run until the test ends.
#[derive(Debug)]
pub struct Services {
    log: PathBuf,
    bus: String,
    _group: Group,
}

/// A line of the tray's menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuLine {
    /// Its words.
    pub label: String,
    /// Whether it can be picked.
    pub enabled: bool,
}

fn client(session: &Session, desktop: &Desktop, arguments: &[&str]) -> Command {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/desktop_services.py");
    let mut command = session.tool(desktop, "/usr/bin/python3");
    command.arg(script).args(arguments).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn answers(session: &Session, desktop: &Desktop, arguments: &[&str]) -> Option<Vec<Value>> {
    let ran = client(session, desktop, arguments).output().expect("python runs");
    ran.status.success().then(|| lines(&ran.stdout))
}

fn lines(text: &[u8]) -> Vec<Value> {
    let text = String::from_utf8_lossy(text);
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

impl Services {
    /// Plays these: `notifications`, `screensaver`, `login`, `files`, `secrets`, `tray`.
    pub fn start(session: &Session, desktop: &Desktop, names: &[&str]) -> Self {
        let log = desktop.path("services.log");
        let mut command = client(session, desktop, &["serve"]);
        command.args(names).stdout(File::create(&log).expect("writes"));
        let services = Self { log, bus: session.bus.clone(), _group: Group::start(&mut command) };
        wait_for("the desktop's services", || {
            services.said().iter().any(|said| said["ready"] == true).then_some(())
        });
        services
    }

    /// The bus that they are on.
    pub fn bus(&self) -> &str {
        &self.bus
    }

    /// What they were asked so far.
    pub fn said(&self) -> Vec<Value> {
        lines(&std::fs::read(&self.log).unwrap_or_default())
    }

    /// What one of them was asked so far.
    pub fn said_by(&self, name: &str) -> Vec<Value> {
        self.said().into_iter().filter(|said| said["service"] == name).collect()
    }

    /// Waits until one of them was asked something that fits.
    pub fn until(&self, name: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        wait_for(what, || self.said_by(name).into_iter().find(|said| fits(said)))
    }
}

impl Session {
    /// The tray's menu; `None` where no icon is there.
    pub fn tray_menu(&self, desktop: &Desktop) -> Option<Vec<MenuLine>> {
        let lines = answers(self, desktop, &["menu"])?.into_iter().map(|line| MenuLine {
            label: line["label"].as_str().unwrap_or_default().to_owned(),
            enabled: line["enabled"] == true,
        });
        Some(lines.collect())
    }

    /// Picks a line of the tray's menu, once it is there.
    pub fn pick(&self, desktop: &Desktop, label: &str) {
        wait_for(label, || answers(self, desktop, &["pick", label]));
    }

    /// Clicks on a notification.
    pub fn click_on_notification(&self, desktop: &Desktop, number: &Value) {
        wait_for("the click", || answers(self, desktop, &["click", &number.to_string()]));
    }
}
