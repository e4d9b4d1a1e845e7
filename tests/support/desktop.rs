//! A desktop without a screen: a display, a window manager, a session bus, a keyring, a driver for
//! the page, a drag. Each part ends with its guard, and nothing else does.

mod screen;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::ferry::program;
pub use screen::{Area, Drag};

/// Larger than the window, so that a drag source finds room beside it.
const SCREEN: &str = "1440x1000x24";
/// How long a part of the desktop may take to come or to go.
const TIMEOUT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(25);
/// The password of the keyring.
const PASSWORD: &str = "the keyring's password";
/// Starts the keyring in the background, unlocked.
const UNLOCK: &str = r#"printf '%s' "$KEYRING_PASSWORD" | gnome-keyring-daemon --replace --unlock --components=secrets --foreground >/dev/null &"#;
/// A session bus that starts nothing by itself: a keyring is there only where one was started.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><keep_umask/><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
"#;

/// Whether a session has a keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyring {
    /// gnome-keyring, unlocked.
    Unlocked,
    /// gnome-keyring, locked, on a desktop without a prompt for its password.
    Locked,
    /// No service of that kind.
    None,
}

/// A process with all that it started, ended together.
#[derive(Debug)]
pub(crate) struct Group(Child);

impl Group {
    pub(crate) fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).process_group(0).spawn();
        Self(child.unwrap_or_else(|error| {
            panic!("{command:?}: {error}: `cargo xtask test` installs what the tests take")
        }))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // The leader is not waited for before, so its number cannot mean another group by now.
        drop(
            Command::new("kill")
                .args(["-KILL", "--", &format!("-{}", self.0.id())])
                .stderr(Stdio::null())
                .status(),
        );
        drop(self.0.wait());
    }
}

/// A screen with a window manager, and a home for the programs on it.
#[derive(Debug)]
pub struct Desktop {
    display: String,
    home: tempfile::TempDir,
    /// What programs log, as `FERRY_LOG` has it.
    log: &'static str,
    /// Whether programs take it for GNOME.
    gnome: bool,
    // Dropped in this order: the manager before its screen.
    _manager: Group,
    _screen: Group,
}

/// One login on the desktop: a bus, a keyring or none, and a driver that starts the window.
#[derive(Debug)]
pub struct Session {
    _group: Group,
    /// Where the driver listens.
    pub driver: String,
    pub(crate) bus: String,
    /// Its `XDG_RUNTIME_DIR`.
    runtime: PathBuf,
}

impl Desktop {
    /// Starts a screen under a free number.
    ///
    /// # Panics
    /// When a program is missing or does not come up.
    pub fn start() -> Self {
        let home = tempfile::Builder::new()
            .prefix("ferry-desktop-")
            .tempdir()
            .expect("a temporary folder");
        std::fs::write(home.path().join("bus.conf"), BUS).expect("writes");
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]);
        let mut screen = Group::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
        let display = format!(":{}", first_line(screen.0.stdout.take().expect("is piped")));
        let mut command = Command::new("openbox");
        command
            .env("DISPLAY", &display)
            .env("HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path().join("config"));
        let manager = Group::start(command.stdout(Stdio::null()).stderr(Stdio::null()));
        let desktop =
            Self { display, home, log: "warn", gnome: false, _manager: manager, _screen: screen };
        wait_for("a window manager", || {
            let asked = desktop
                .tool("xprop")
                .args(["-root", "_NET_SUPPORTING_WM_CHECK"])
                .output()
                .expect("xprop runs");
            String::from_utf8_lossy(&asked.stdout).contains("window id").then_some(())
        });
        desktop
    }

    /// From the next login on, programs take it for GNOME, with settings in a file
    /// (`config/glib-2.0/settings/keyfile`).
    pub fn is_gnome(&mut self) {
        self.gnome = true;
    }

    /// From the next login on, everything is logged that can be.
    pub fn log_everything(&mut self) {
        self.log = "trace";
    }

    /// A path in the home of this desktop.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.home.path().join(name)
    }

    /// Where Ferry keeps its queue on this desktop.
    pub fn data_dir(&self) -> PathBuf {
        self.path("ferry")
    }

    /// A program that becomes Ferry's window and keeps what it logs: the driver throws that away.
    pub fn starter(&self) -> PathBuf {
        let (window, log) = (program("ferry-desktop"), self.path("session.log"));
        let script =
            format!("#!/bin/sh\nexec '{}' \"$@\" 2>>'{}'\n", window.display(), log.display());
        let path = self.write("start-ferry", script.as_bytes());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).expect("is ours");
        path
    }

    /// Writes a file into this desktop's home.
    pub fn write(&self, name: impl AsRef<Path>, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("below the home")).expect("makes folders");
        std::fs::write(&path, bytes).expect("writes");
        path
    }

    /// Logs in anew: a fresh bus, and the keyring as it was left.
    pub fn log_in(&self, keyring: Keyring) -> Session {
        let runtime = tempfile::Builder::new()
            .prefix("run-")
            .tempdir_in(self.home.path())
            .expect("a temporary folder")
            .keep();
        std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o700))
            .expect("is ours");
        let port = free_port();
        let keyring_daemon = match keyring {
            Keyring::Unlocked => UNLOCK,
            Keyring::Locked => {
                "gnome-keyring-daemon --components=secrets --foreground >/dev/null &"
            }
            Keyring::None => "",
        };
        let script = format!(
            "{}\nunset KEYRING_PASSWORD\nexport DBUS_SYSTEM_BUS_ADDRESS=$DBUS_SESSION_BUS_ADDRESS\nprintf '%s\\n' \"$DBUS_SESSION_BUS_ADDRESS\"\nexec WebKitWebDriver --port={port} >&2",
            keyring_daemon
        );
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.path("session.log"))
            .expect("writes");
        let mut command = self.tool("dbus-run-session");
        command.arg("--config-file").arg(self.path("bus.conf")).args(["--", "bash", "-c", &script]);
        for (name, folder) in [
            ("XDG_DATA_HOME", "share"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
            ("HOME", ""),
        ] {
            command.env(name, self.path(folder));
        }
        command
            .env("XDG_RUNTIME_DIR", &runtime)
            .env("FERRY_DATA_DIR", self.data_dir())
            .env("KEYRING_PASSWORD", PASSWORD);
        // Without a graphics card WebKit composes through Mesa's software renderer, which crashes
        // now and then.
        command.env("WEBKIT_DISABLE_COMPOSITING_MODE", "1");
        command
            .env("FERRY_LOG", self.log)
            .env("LC_ALL", "C.UTF-8")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("NO_AT_BRIDGE", "1")
            .env_remove("WAYLAND_DISPLAY");
        command
            .env_remove("ALL_PROXY")
            .env_remove("all_proxy")
            .env_remove("http_proxy")
            .env_remove("https_proxy")
            .env_remove("HTTP_PROXY")
            .env_remove("HTTPS_PROXY");
        if self.gnome {
            command.env("XDG_CURRENT_DESKTOP", "GNOME").env("GSETTINGS_BACKEND", "keyfile");
        }
        let mut group = Group::start(command.stdout(Stdio::piped()).stderr(log));
        let bus = first_line(group.0.stdout.take().expect("is piped"));
        wait_for("the page's driver", || std::net::TcpStream::connect(("127.0.0.1", port)).ok());
        let driver = format!("http://127.0.0.1:{port}");
        let session = Session { _group: group, driver, bus, runtime };
        if keyring == Keyring::Unlocked {
            wait_for("the keyring", || session.keyring_is_open(self).then_some(()));
        }
        session
    }

    /// Unlocks the keyring of a session that began with a locked one.
    pub fn unlock(&self, session: &Session) {
        let mut command = self.tool("bash");
        command.args(["-c", UNLOCK]).env("KEYRING_PASSWORD", PASSWORD);
        command.env("DBUS_SESSION_BUS_ADDRESS", &session.bus);
        command.env("XDG_RUNTIME_DIR", &session.runtime).env("HOME", self.path(""));
        command.env("XDG_DATA_HOME", self.path("share"));
        assert!(command.status().is_ok_and(|status| status.success()), "bash runs");
        wait_for("the keyring", || session.keyring_is_open(self).then_some(()));
    }

    /// A program on this screen.
    pub fn tool(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command.env("DISPLAY", &self.display).stdin(Stdio::null());
        command
    }

    /// Runs xdotool and gives what it prints.
    pub fn xdotool(&self, arguments: &[&str]) -> String {
        let ran = self.tool("xdotool").args(arguments).output().expect("xdotool runs");
        String::from_utf8_lossy(&ran.stdout).trim().to_owned()
    }

    /// Starts Ferry once more in a session, with these arguments. Returns its exit code.
    pub fn start_again(&self, session: &Session, arguments: &[&Path]) -> Option<i32> {
        self.start_in(&session.bus, arguments)
    }

    /// The same in the session of this bus.
    pub fn start_in(&self, bus: &str, arguments: &[&Path]) -> Option<i32> {
        let arguments: Vec<&OsStr> = arguments.iter().map(|path| path.as_os_str()).collect();
        self.starting(bus, &arguments).status().expect("the program runs").code()
    }

    /// Starts Ferry in a session without a driver of its page. It ends with the session at the
    /// latest.
    pub fn start_with(&self, session: &Session, arguments: &[&str]) -> impl Drop {
        let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        let mut command = self.starting(&session.bus, &arguments);
        command.env_remove("TAURI_WEBVIEW_AUTOMATION");
        Group::start(&mut command)
    }

    fn starting(&self, bus: &str, arguments: &[&OsStr]) -> Command {
        let mut command = self.tool(self.starter().to_str().expect("Unicode"));
        command.args(arguments).env("DBUS_SESSION_BUS_ADDRESS", bus);
        command.env("DBUS_SYSTEM_BUS_ADDRESS", bus);
        command
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_DATA_HOME", self.path("share"));
        command.env("WEBKIT_DISABLE_COMPOSITING_MODE", "1").env("LC_ALL", "C.UTF-8");
        command.env("FERRY_DATA_DIR", self.data_dir()).env("HOME", self.path(""));
        command
    }

    /// The process behind Ferry's window on this desktop.
    pub fn ferry(&self) -> Option<u32> {
        self.running(&program("ferry-desktop"))
    }

    /// The process of a program on this desktop.
    pub fn running(&self, program: &Path) -> Option<u32> {
        self.process(|exe| exe == program)
    }

    /// The process of the page of Ferry's window on this desktop.
    pub fn page(&self) -> Option<u32> {
        self.process(|exe| exe.ends_with("WebKitWebProcess"))
    }

    /// A process of this desktop whose program is wanted.
    fn process(&self, wanted: impl Fn(&Path) -> bool) -> Option<u32> {
        let data = format!("FERRY_DATA_DIR={}", self.data_dir().display());
        let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
        processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).find(
            |process: &u32| {
                let folder = PathBuf::from(format!("/proc/{process}"));
                let ours = std::fs::read_link(folder.join("exe")).is_ok_and(|exe| wanted(&exe));
                let told = std::fs::read(folder.join("environ")).unwrap_or_default();
                ours && told.split(|byte| *byte == 0).any(|variable| variable == data.as_bytes())
            },
        )
    }

    /// Every file below Ferry's folder that holds these bytes.
    pub fn files_with(&self, bytes: &[u8]) -> Vec<PathBuf> {
        let mut folders = vec![self.data_dir()];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                match entry.file_type().expect("a type") {
                    kind if kind.is_dir() => folders.push(entry.path()),
                    _ if std::fs::read(entry.path())
                        .unwrap_or_default()
                        .windows(bytes.len())
                        .any(|some| some == bytes) =>
                    {
                        found.push(entry.path())
                    }
                    _ => {}
                }
            }
        }
        found
    }
}

impl Session {
    fn keyring_is_open(&self, desktop: &Desktop) -> bool {
        let mut store = self.tool(desktop, "secret-tool");
        store
            .args(["store", "--label=a try", "suite", "try"])
            .stdin(Stdio::piped())
            .stderr(Stdio::null());
        let mut store = store.spawn().expect("secret-tool runs");
        store.stdin.take().expect("is piped").write_all(b"x").expect("it reads");
        let stored = store.wait().expect("it ends").success();
        stored
            && self
                .tool(desktop, "secret-tool")
                .args(["clear", "suite", "try"])
                .status()
                .is_ok_and(|status| status.success())
    }

    /// A program in this session.
    pub fn tool(&self, desktop: &Desktop, name: &str) -> Command {
        let mut command = desktop.tool(name);
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.bus);
        command
    }

    /// What Ferry keeps in the keyring: the JSON text of each entry.
    pub fn secrets(&self, desktop: &Desktop) -> Vec<String> {
        let found = self
            .tool(desktop, "secret-tool")
            .args(["search", "--all", "--unlock", "service", "ferry"])
            .output();
        let found = found.expect("secret-tool runs").stdout;
        String::from_utf8_lossy(&found)
            .lines()
            .filter_map(|line| line.strip_prefix("secret = "))
            .map(str::to_owned)
            .collect()
    }
}

/// The first line that a program prints, without its end.
fn first_line(output: ChildStdout) -> String {
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).expect("it prints a line");
    line.trim().to_owned()
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("it listens").port()
}

pub(crate) fn wait_for<T>(what: &str, mut there: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(begun.elapsed() < TIMEOUT, "{what} did not come within {TIMEOUT:?}");
        std::thread::sleep(POLL);
    }
}
