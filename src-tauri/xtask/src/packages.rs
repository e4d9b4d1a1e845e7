//! System packages, where the system is Debian's or Ubuntu's. Other systems bring what Tauri needs
//! in their own way.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::process::{Failure, Outcome, finish, output, say};

/// What compiling and showing the window takes.
pub(crate) const TO_BUILD: &[&str] = &["build-essential", "pkg-config", "libwebkit2gtk-4.1-dev"];

/// What Tauri's own tool takes to pack a window that has an icon in the tray.
pub(crate) const TO_BUNDLE: &[&str] = &["libayatana-appindicator3-dev"];

/// What an AppImage takes beside it: its tool asks what kind of file each is, and takes the library
/// that reads icons.
pub(crate) const TO_MAKE_AN_APPIMAGE: &[&str] = &["file", "librsvg2-dev"];

/// What looks packages over.
pub(crate) const TO_LOOK_OVER: &[&str] = &["lintian", "rpm"];

/// What the tests take beside it: a screen, a window manager, a keyring, the library for an icon in
/// the tray, a driver for the page, a browser, a drag source, a clipboard, a check of the entry in
/// menus, what compiles installers for Windows, Python's environments, real proxies, a real S3 store.
pub(crate) const TO_TEST: &[&str] = &[
    "xvfb",
    "xauth",
    "openbox",
    "xdotool",
    "x11-utils",
    "imagemagick",
    "dbus-x11",
    "fonts-dejavu-core",
    "fonts-noto-cjk",
    "chromium",
    "webkit2gtk-driver",
    "python3-gi",
    "gir1.2-gtk-3.0",
    "gnome-keyring",
    "libsecret-tools",
    "libayatana-appindicator3-1",
    "xclip",
    "desktop-file-utils",
    "appstream",
    "nsis",
    "wixl",
    "minisign",
    "python3-venv",
    "curl",
    "iproute2",
    "squid",
    "tinyproxy",
    "microsocks",
    "ceph-mon",
    "ceph-osd",
    "ceph-common",
    "radosgw",
];

/// Lists older than this may name packages that the mirrors no longer hold.
const LISTS_STAY_FRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// Who may call apt without being asked for a password.
#[derive(Debug, Clone, Copy)]
enum Right {
    Root,
    Sudo,
}

/// Installs those of `wanted` that are missing.
///
/// # Errors
/// Where apt fails, or where it may not be called: the reason then holds the line for the user to
/// run.
pub(crate) fn install(wanted: &[&str]) -> Outcome {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    if !Path::new("/usr/bin/dpkg-query").exists() || !Path::new("/usr/bin/apt-get").exists() {
        say(format!(
            "System packages: not a Debian or Ubuntu system, so the counterparts of these are taken as given: {}",
            wanted.join(" ")
        ));
        return Ok(());
    }
    let missing: Vec<&str> =
        wanted.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        say(format!("System packages: all {} are there", wanted.len()));
        return Ok(());
    }
    let Some(right) = right() else {
        return Err(Failure(format!(
            "these system packages are missing, and this account may not install them without a password. Run this line, then start again:\n\
             sudo apt-get update && sudo apt-get install -y --no-install-recommends {}",
            missing.join(" ")
        )));
    };
    freshen(right)?;
    say(format!("System packages: installing {}", missing.join(" ")));
    let install = || {
        let mut command = apt_get(right, &["install", "-y", "--no-install-recommends"]);
        finish(command.args(&missing).stdout(Stdio::null()))
    };
    install().or_else(|Failure(reason)| {
        say(format!("System packages: once more with new lists, because {reason}"));
        update(right)?;
        install()
    })
}

/// Unpacks `wanted`, and what they need and this system lacks, below `folder`. Nothing is
/// installed.
///
/// # Errors
/// Where they cannot be had: this takes Debian, or a system that knows its packages.
pub(crate) fn unpack(wanted: &[&str], folder: &Path) -> Outcome {
    // Written last.
    let stamp = folder.join("packages.txt");
    let wanted_list = wanted.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|list| list == wanted_list) {
        return Ok(());
    }
    if let Some(right) = right() {
        freshen(right)?;
    }
    let broken = |error| Failure(format!("{} cannot be written: {error}", folder.display()));
    let archives = folder.join("archives");
    std::fs::create_dir_all(&archives).map_err(broken)?;
    let mut needed = Command::new("apt-get");
    needed.args(["install", "-qq", "--print-uris", "--no-install-recommends"]).args(wanted);
    let needed = output(&mut needed)?;
    let names: Vec<&str> =
        needed.lines().filter_map(package_of).chain(wanted.iter().copied()).collect();
    say(format!("System packages: unpacking {}", wanted.join(" ")));
    let mut download = Command::new("apt-get");
    download.args(["download", "-qq"]).args(names).current_dir(&archives);
    finish(download.stdout(Stdio::null()))?;
    for archive in std::fs::read_dir(&archives).map_err(broken)? {
        finish(Command::new("dpkg").arg("-x").arg(archive.map_err(broken)?.path()).arg(folder))?;
    }
    std::fs::remove_dir_all(&archives).map_err(broken)?;
    std::fs::write(&stamp, wanted_list).map_err(broken)
}

/// Reads `'http://…' NAME_VERSION_ARCHITECTURE.deb SIZE …`.
fn package_of(line: &str) -> Option<&str> {
    line.split_whitespace().nth(1)?.split_once('_').map(|(name, _)| name)
}

/// Updates apt's lists where they are old.
fn freshen(right: Right) -> Outcome {
    if lists_are_fresh() {
        return Ok(());
    }
    say("System packages: updating apt's lists");
    update(right)
}

fn update(right: Right) -> Outcome {
    finish(apt_get(right, &["update", "-qq"]).stdout(Stdio::null()))
}

/// Whether dpkg has it unpacked and configured.
fn is_installed(package: &str) -> bool {
    let status = output(
        Command::new("dpkg-query")
            .args(["-W", "-f=${db:Status-Status}\n", package])
            .stderr(Stdio::null()),
    );
    // One line for each architecture.
    status.is_ok_and(|lines| lines.lines().any(|line| line == "installed"))
}

fn right() -> Option<Right> {
    if output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0") {
        return Some(Right::Root);
    }
    let sudo = Command::new("sudo")
        .args(["-n", "true"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
    sudo.is_ok_and(|status| status.success()).then_some(Right::Sudo)
}

fn apt_get(right: Right, arguments: &[&str]) -> Command {
    // As arguments of `env`, because sudo drops variables.
    let call =
        ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"];
    let mut command = match right {
        Right::Root => Command::new(call[0]),
        Right::Sudo => {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", call[0]]);
            sudo
        }
    };
    command.args(&call[1..]).args(arguments).stdin(Stdio::null());
    command
}

/// Whether apt has lists at all, none of them long out of date.
fn lists_are_fresh() -> bool {
    let Ok(lists) = std::fs::read_dir("/var/lib/apt/lists") else { return false };
    let newest = lists
        .flatten()
        .filter(|list| list.file_name().to_string_lossy().contains("_Packages"))
        .filter_map(|list| list.metadata().ok()?.modified().ok())
        .max();
    // Mirrors keep the time of their own last change on a list; apt's stamp tells when it last
    // asked.
    let asked =
        std::fs::metadata("/var/lib/apt/lists/partial").and_then(|folder| folder.modified()).ok();
    let fresh = |time: SystemTime| time.elapsed().map_or(true, |age| age < LISTS_STAY_FRESH);
    newest.is_some_and(|newest| fresh(asked.map_or(newest, |asked| asked.max(newest))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_apt_would_fetch_is_read() {
        let line = "'http://mirror.example/pool/libllvm22_22.1.8%7edeb12u1_amd64.deb' \
                    libllvm22_1%3a22.1.8-1~deb12u1_amd64.deb 29378692 ";
        assert_eq!(package_of(line), Some("libllvm22"));
        assert_eq!(package_of(""), None);
    }
}
