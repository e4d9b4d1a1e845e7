//! What is on the screen: windows, pictures of them, and a mouse that drags files.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Desktop, Group, first_line, wait_for};

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
