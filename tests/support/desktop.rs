//! A desktop without a screen: a display, a window manager, a session bus, a keyring, a driver for
//! the page, a drag. Each part ends with its guard, and nothing else does.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::ferry::program;

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

/// A mouse that holds files. Dropped, it lets them go where it is.
#[derive(Debug)]
pub struct Drag<'a> {
    desktop: &'a Desktop,
    held: bool,
    _source: Group,
}

/// A window's place on the screen, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Without the frame.
    pub width: i32,
    /// Without the frame.
    pub height: i32,
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

    /// The number of Ferry's window, once it is shown.
    pub fn window(&self) -> String {
        wait_for("Ferry's window", || {
            let found = self.xdotool(&["search", "--onlyvisible", "--name", "^Ferry$"]);
            found.lines().next_back().map(str::to_owned)
        })
    }

    /// Types a path into the dialog of this title, and confirms it; closes it where there is none.
    /// Returns once the dialog is gone.
    pub fn answer_dialog(&self, title: &str, path: Option<&Path>) {
        let find = || {
            let found = self.xdotool(&["search", "--onlyvisible", "--name", &format!("^{title}$")]);
            found.lines().next_back().map(str::to_owned)
        };
        let dialog = wait_for(title, find);
        self.painted(&dialog);
        self.xdotool(&["windowactivate", "--sync", &dialog]);
        match path {
            None => drop(self.xdotool(&["key", "Escape"])),
            Some(path) => {
                // Among recent files, no folder can be named.
                self.xdotool(&["key", "alt+Home"]);
                self.xdotool(&["key", "ctrl+l"]);
                // What a name field holds is replaced.
                self.xdotool(&["key", "ctrl+a"]);
                let path = path.to_str().expect("Unicode");
                self.xdotool(&["type", "--delay", "20", path]);
            }
        }
        // The dialog takes a path once it has looked for it.
        wait_for("the end of the dialog", || {
            if path.is_some() && self.xdotool(&["getactivewindow"]) == dialog {
                self.xdotool(&["key", "Return"]);
            }
            find().is_none().then_some(())
        });
    }

    /// Where the window stands.
    pub fn area(&self, window: &str) -> Area {
        let told = self.tool("xwininfo").args(["-id", window]).output().expect("xwininfo runs");
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let number = |name: &str| {
            let line = told.lines().find_map(|line| line.trim().strip_prefix(name));
            line.and_then(|value| value.trim().parse().ok())
                .unwrap_or_else(|| panic!("no {name} in {told}"))
        };
        Area {
            x: number("Absolute upper-left X:"),
            y: number("Absolute upper-left Y:"),
            width: number("Width:"),
            height: number("Height:"),
        }
    }

    /// Moves the window off the corner of the drag source, with this size.
    pub fn resize(&self, window: &str, width: i32, height: i32) {
        self.xdotool(&[
            "windowmove",
            window,
            "100",
            "40",
            "windowsize",
            window,
            &width.to_string(),
            &height.to_string(),
        ]);
        wait_for("the window's new size", || {
            let area = self.area(window);
            (area.width == width && area.height == height).then_some(())
        });
    }

    /// Writes what the screen shows, or one window of it, as a PNG.
    pub fn screenshot(&self, window: Option<&str>, to: &Path) {
        std::fs::create_dir_all(to.parent().expect("a file in a folder")).expect("makes folders");
        let status =
            self.tool("import").args(["-window", window.unwrap_or("root")]).arg(to).status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "no screenshot: imagemagick is missing?"
        );
    }

    /// How bright a point of the screen is, of 255.
    pub fn brightness(&self, (x, y): (i32, i32)) -> u8 {
        let point = format!("1x1+{x}+{y}");
        let mut command = self.tool("import");
        command.args(["-window", "root", "-crop", &point, "-depth", "8", "gray:-"]);
        let told = command.output().expect("imagemagick is there").stdout;
        *told.first().unwrap_or_else(|| panic!("{point} is not on the screen"))
    }

    /// Waits until something is painted in the window.
    pub fn painted(&self, window: &str) {
        let picture = self.path("painted.png");
        wait_for("a painted window", || {
            self.screenshot(Some(window), &picture);
            let colours = Command::new("identify")
                .args(["-format", "%k"])
                .arg(&picture)
                .output()
                .expect("imagemagick is there");
            String::from_utf8_lossy(&colours.stdout)
                .trim()
                .parse()
                .is_ok_and(|colours: u32| colours > 50)
                .then_some(())
        });
    }

    /// Takes files with the mouse and holds them over a place of the window, in shares of its size.
    pub fn drag(&self, window: &str, files: &[&Path], (x, y): (f64, f64)) -> Drag<'_> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/drag_source.py");
        let mut command = self.tool("/usr/bin/python3");
        command
            .arg(script)
            .args(files)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("NO_AT_BRIDGE", "1");
        let mut source = Group::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
        assert_eq!(first_line(source.0.stdout.take().expect("is piped")), "ready");
        let to = self.area(window);
        let share = |whole: i32, share: f64| (f64::from(whole) * share) as i32;
        let (from, to) = ((30, 30), (to.x + share(to.width, x), to.y + share(to.height, y)));
        // The pauses are the choreography of a hand: the toolkit wants to see a press, a threshold
        // crossed, and a way.
        self.mouse_to(from, 200);
        self.xdotool(&["mousedown", "1"]);
        std::thread::sleep(Duration::from_millis(200));
        (1..=4).for_each(|step| self.mouse_to((from.0 + 4 * step, from.1 + 4 * step), 50));
        for step in 1..=15 {
            self.mouse_to(
                (from.0 + (to.0 - from.0) * step / 15, from.1 + (to.1 - from.1) * step / 15),
                30,
            );
        }
        self.mouse_to((to.0 + 3, to.1 + 3), 50);
        self.mouse_to(to, 50);
        Drag { desktop: self, held: true, _source: source }
    }

    fn mouse_to(&self, (x, y): (i32, i32), rest: u64) {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string()]);
        std::thread::sleep(Duration::from_millis(rest));
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

impl Drag<'_> {
    /// Lets the files go over the window.
    pub fn drop_here(mut self) {
        std::thread::sleep(Duration::from_millis(250));
        self.desktop.xdotool(&["mouseup", "1"]);
        self.held = false;
        // The files are asked for after the button is up.
        std::thread::sleep(Duration::from_millis(300));
    }

    /// Takes the files away from the window.
    pub fn leave(mut self) {
        (1..=4).for_each(|step| self.desktop.mouse_to((60 - 10 * step, 80), 40));
        self.desktop.xdotool(&["key", "Escape"]);
        self.desktop.xdotool(&["mouseup", "1"]);
        self.held = false;
        std::thread::sleep(Duration::from_millis(200));
    }
}

impl Drop for Drag<'_> {
    fn drop(&mut self) {
        if self.held {
            self.desktop.xdotool(&["mouseup", "1"]);
        }
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
