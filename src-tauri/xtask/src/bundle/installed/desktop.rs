//! The window on a screen: started, looked at, and given a file by the mouse.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::system::{Running, System, wait_for};
use crate::files::{read, read_bytes};
use crate::process::{Failure, Outcome, output, root};

/// Larger than the window, so that the drag source finds room beside it.
const SCREEN: &str = "1440x1000x24";
/// Where the window is put: its left upper corner, and its size.
const WINDOW: [i32; 4] = [100, 40, 1100, 720];
/// Small enough for one request: the practice bucket then has it in one file.
const DRAGGED: usize = 3 * 1024 * 1024 + 17;
/// As many colours has a picture in which more than the ground is painted.
const PAINTED: u32 = 50;
/// The password of the keyring.
const PASSWORD: &str = "the keyring's password";

/// Starts the keyring in the background, unlocked.
const UNLOCK: &str = "printf '%s' \"$PASSWORD\" | gnome-keyring-daemon --replace --unlock \
                      --components=secrets --daemonize >/dev/null 2>&1";

/// A login with a bus and an unlocked keyring, which the package only recommends.
#[derive(Debug)]
pub(super) struct Session {
    _bus: Running,
    address: String,
}

impl Session {
    /// Starts both in the system.
    ///
    /// # Errors
    /// Where one of them does not start.
    pub(super) fn start(system: &System) -> Outcome<Self> {
        let daemon = ["dbus-daemon", "--session", "--nofork", "--print-address"];
        let mut bus =
            Running::start(system.user(&[], &daemon).stdout(Stdio::piped()).stderr(Stdio::null()))?;
        let session = Self { address: bus.first_line()?, _bus: bus };
        let mut variables = session.variables().to_vec();
        variables.push(("PASSWORD", PASSWORD));
        system.user_runs(&variables, &["sh", "-c", UNLOCK])?;
        Ok(session)
    }

    /// What programs of the session are told.
    pub(super) fn variables(&self) -> [(&str, &str); 1] {
        [("DBUS_SESSION_BUS_ADDRESS", &self.address)]
    }
}

/// A screen with a window manager, outside of the system.
#[derive(Debug)]
struct Screen {
    display: String,
    // Dropped in this order: the manager before its screen.
    _manager: Running,
    _screen: Running,
}

impl Screen {
    fn start(system: &System) -> Outcome<Self> {
        let mut screen = Command::new("Xvfb");
        screen.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-ac"]);
        let mut screen = Running::start(screen.stdout(Stdio::piped()).stderr(Stdio::null()))?;
        let display = format!(":{}", screen.first_line()?);
        let mut manager = Command::new("openbox");
        manager.env("DISPLAY", &display).env("HOME", system.log(""));
        manager.env("XDG_CONFIG_HOME", system.log("openbox"));
        let manager = Running::start(manager.stdout(Stdio::null()).stderr(Stdio::null()))?;
        Ok(Self { display, _manager: manager, _screen: screen })
    }

    fn tool(&self, name: &str, arguments: &[&str]) -> Command {
        let mut tool = Command::new(name);
        tool.args(arguments).env("DISPLAY", &self.display).env("NO_AT_BRIDGE", "1");
        tool.env_remove("WAYLAND_DISPLAY");
        tool
    }

    fn mouse(&self, arguments: &[&str], rest: u64) -> Outcome {
        output(&mut self.tool("xdotool", arguments))?;
        std::thread::sleep(Duration::from_millis(rest));
        Ok(())
    }

    fn mouse_to(&self, (x, y): (i32, i32), rest: u64) -> Outcome {
        self.mouse(&["mousemove", &x.to_string(), &y.to_string()], rest)
    }

    /// The number of Ferry's window, once it is shown.
    fn window(&self, ferry: &mut Running) -> Outcome<String> {
        let search = ["search", "--onlyvisible", "--name", "^Ferry$"];
        let found = wait_for("Ferry's window", || {
            let found = output(&mut self.tool("xdotool", &search)).unwrap_or_default();
            let window = found.lines().next_back().map(str::to_owned);
            // Without its program it will not come.
            window.map(Some).or_else(|| ferry.has_ended().then_some(None))
        })?;
        found.ok_or_else(|| Failure("ferry-desktop ended without a window".to_owned()))
    }

    /// Moves the window off the corner of the drag source, and waits until it is painted.
    fn place(&self, window: &str) -> Outcome<u32> {
        let [x, y, width, height] = WINDOW.map(|number| number.to_string());
        let place = ["windowmove", window, &x, &y, "windowsize", window, &width, &height];
        self.mouse(&place, 0)?;
        wait_for("a painted window", || {
            let import = ["-window", window, "-format", "%k", "info:"];
            let colours = output(&mut self.tool("import", &import)).unwrap_or_default();
            colours.trim().parse().ok().filter(|colours| *colours > PAINTED)
        })
    }

    /// Waits until the window looks the same twice: it shows changes some times a second.
    fn rests(&self, window: &str) -> Outcome {
        let mut last = String::new();
        wait_for("a window at rest", || {
            std::thread::sleep(Duration::from_millis(500));
            let import = ["-window", window, "-format", "%#", "info:"];
            let now = output(&mut self.tool("import", &import)).ok()?;
            (std::mem::replace(&mut last, now) == last).then_some(())
        })
    }

    /// Writes what the screen shows as a PNG.
    fn picture(&self, to: &Path) -> Outcome {
        output(self.tool("import", &["-window", "root"]).arg(to)).map(drop)
    }

    /// Takes a file with the mouse, and lets it go over the middle of the window.
    fn drag(&self, file: &str) -> Outcome {
        let script = root().join("tests/clients/drag_source.py");
        let mut source = self.tool("/usr/bin/python3", &[]);
        source.arg(script).arg(file).env("PYTHONDONTWRITEBYTECODE", "1");
        let mut source = Running::start(source.stdout(Stdio::piped()).stderr(Stdio::null()))?;
        let ready = source.first_line()?;
        if ready != "ready" {
            return Err(Failure(format!("the drag source says “{ready}”")));
        }
        let [x, y, width, height] = WINDOW;
        let (from, to) = ((30, 30), (x + width / 2, y + height / 2));
        // The pauses are the choreography of a hand: the toolkit wants to see a press, a threshold
        // crossed, and a way.
        self.mouse_to(from, 200)?;
        self.mouse(&["mousedown", "1"], 200)?;
        for step in 1..=4 {
            self.mouse_to((from.0 + 4 * step, from.1 + 4 * step), 50)?;
        }
        for step in 1..=15 {
            let on_the_way = |from: i32, to: i32| from + (to - from) * step / 15;
            self.mouse_to((on_the_way(from.0, to.0), on_the_way(from.1, to.1)), 30)?;
        }
        self.mouse_to((to.0 + 3, to.1 + 3), 50)?;
        self.mouse_to(to, 250)?;
        // The files are asked for after the button is up.
        self.mouse(&["mouseup", "1"], 500)
    }
}

/// Opens the window, drags a file onto it, and waits until the command line calls it done.
///
/// # Errors
/// Where the window does not come, is not painted, or does not upload what it was given.
pub(super) fn drag_in(system: &System, session: Option<&Session>, name: &str) -> Outcome {
    let screen = Screen::start(system)?;
    let told = session.map(Session::variables);
    let variables: Vec<_> = told.iter().flatten().copied().collect();
    let log = system.log(&format!("window-{name}.log"));
    let mut ferry = start_window(system, &screen, &variables, &log)?;
    let wrong = |Failure(what): Failure| {
        let said = read(&log).unwrap_or_default();
        system.failure(&format!("{what}; the window says:\n{said}"))
    };
    let window = screen.window(&mut ferry).map_err(wrong)?;
    let colours = screen.place(&window).map_err(wrong)?;
    system.saw(format!("the window is painted in {colours} colours ({name})"));

    let bytes = noise(DRAGGED, name);
    let file = system.give(&format!("dragged-{name}.bin"), &bytes)?;
    screen.drag(&file)?;
    let source = format!("\"source\":\"{file}\"");
    let row = wait_for("the end of the upload of what was dragged", || {
        let queue = system.user_runs(&variables, &["ferry", "queue", "--json"]).ok()?;
        let row = queue.lines().find(|line| line.contains(&source))?;
        row.contains("\"state\":\"done\"").then(|| row.to_owned())
    });
    let rests = screen.rests(&window);
    screen.picture(&system.log(&format!("window-{name}.png")))?;
    row.and(rests).map_err(wrong)?;
    let practice = system.home(".local/share/ferry/practice");
    let held = holding(&practice, &bytes)?;
    let held = held.ok_or_else(|| system.failure("the practice bucket has no such bytes"))?;
    system.saw(format!("dragged and verified: {file}, {DRAGGED} bytes in {}", held.display()));
    ferry.stop("TERM").map_err(wrong)
}

fn start_window(
    system: &System,
    screen: &Screen,
    variables: &[(&str, &str)],
    log: &Path,
) -> Outcome<Running> {
    let file = std::fs::File::create(log)
        .map_err(|error| Failure(format!("{}: {error}", log.display())))?;
    let mut all = vec![("DISPLAY", screen.display.as_str()), ("FERRY_LOG", "warn")];
    // Without a graphics card WebKit composes through Mesa's software renderer, which crashes now
    // and then.
    all.push(("WEBKIT_DISABLE_COMPOSITING_MODE", "1"));
    all.extend(variables);
    Running::start(system.user(&all, &["ferry-desktop"]).stdout(Stdio::null()).stderr(file))
}

/// Bytes that do not repeat, the same for the same name.
pub(super) fn noise(length: usize, name: &str) -> Vec<u8> {
    let mut state =
        name.bytes().fold(1_u64, |state, byte| state.wrapping_mul(31).wrapping_add(byte.into()));
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

/// A file below `folder` that begins with these bytes, by its path there: the practice bucket
/// writes what it knows of an object behind it.
fn holding(folder: &Path, bytes: &[u8]) -> Outcome<Option<PathBuf>> {
    let found = output(Command::new("find").arg(folder).args(["-type", "f"]))?;
    for path in found.lines().map(Path::new) {
        if read_bytes(path)?.starts_with(bytes) {
            return Ok(path.strip_prefix(folder).ok().map(Path::to_path_buf));
        }
    }
    Ok(None)
}
