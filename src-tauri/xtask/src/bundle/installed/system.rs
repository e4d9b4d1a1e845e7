//! A system to work in: a tree with its mounts, and commands in it as root or as a user.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::tree;
use crate::process::{Failure, Outcome, finish, output, say};

/// The number of the user whom all data belongs to, and of that user's group.
const USER: &str = "1000";
/// That user's home.
const HOME: &str = "/home/user";
/// What a command may take at most, in seconds: fetching packages takes longest.
const LONGEST: &str = "600";
/// How long something may take to come.
const TIMEOUT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);

/// A tree that is entered.
#[derive(Debug)]
pub(super) struct System {
    name: &'static str,
    root: PathBuf,
    /// Where pictures and logs are put.
    logs: PathBuf,
}

/// A process that is ended when this is dropped.
#[derive(Debug)]
pub(super) struct Running(Child);

impl Running {
    /// Starts a program.
    ///
    /// # Errors
    /// Where it does not start.
    pub(super) fn start(command: &mut Command) -> Outcome<Self> {
        let child = command.stdin(Stdio::null()).spawn();
        let name = command.get_program().to_string_lossy().into_owned();
        child.map(Self).map_err(|error| Failure(format!("`{name}` does not start: {error}")))
    }

    /// The first line that it writes to its standard output, which has to be piped.
    ///
    /// # Errors
    /// Where there is none.
    pub(super) fn first_line(&mut self) -> Outcome<String> {
        let output = self.0.stdout.as_mut();
        let output = output.ok_or_else(|| Failure("its output is not piped".to_owned()))?;
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line)
            .map_err(|error| Failure(format!("a program says nothing: {error}")))?;
        match line.trim() {
            "" => Err(Failure("a program ended without a word".to_owned())),
            line => Ok(line.to_owned()),
        }
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// Where it stays.
    pub(super) fn stop(mut self, signal: &str) -> Outcome {
        finish(Command::new("kill").args(["-s", signal, &self.0.id().to_string()]))?;
        wait_for("the end of a program", || self.0.try_wait().ok().flatten()).map(drop)
    }

    /// Whether it ended by itself.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl System {
    /// Mounts what programs expect, and makes a user.
    ///
    /// # Errors
    /// Where the system refuses.
    pub(super) fn enter(source: &tree::Source, root: &Path, logs: &Path) -> Outcome<Self> {
        let system = Self { name: source.name, root: root.into(), logs: logs.into() };
        std::fs::create_dir_all(logs).map_err(|error| system.failure(&error.to_string()))?;
        let mount = |options: &[&str], to: &str| {
            finish(Command::new("mount").args(options).arg(system.path(to)))
        };
        mount(&["-t", "proc", "proc"], "proc")?;
        mount(&["--rbind", "/dev"], "dev")?;
        // Those of other systems are not to be seen.
        mount(&["-t", "tmpfs", "-o", "mode=1777", "tmpfs"], "dev/shm")?;
        mount(&["-t", "tmpfs", "-o", "mode=1777", "tmpfs"], "tmp")?;
        let archives = tree::archives(source.suite)?;
        mount(&["--bind", &archives.to_string_lossy()], "var/cache/apt/archives")?;
        // There is nothing in it that starts services.
        system.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n")?;
        finish(Command::new("chmod").arg("755").arg(system.path("usr/sbin/policy-rc.d")))?;
        finish(Command::new("cp").args(["-L", "/etc/resolv.conf"]).arg(system.path("etc")))?;
        system.root_runs(&["useradd", "--create-home", "--uid", USER, "user"])?;
        let runtime = format!("/run/user/{USER}");
        system.root_runs(&["install", "-d", "-m", "700", "-o", USER, "-g", USER, &runtime])?;
        Ok(system)
    }

    /// Says what a step saw.
    pub(super) fn saw(&self, what: impl AsRef<str>) {
        say(format!("{}: {}", self.name, what.as_ref()));
    }

    /// A fault of the package, on this system.
    pub(super) fn failure(&self, what: &str) -> Failure {
        Failure(format!("{}: {what}", self.name))
    }

    /// Where a path of the tree is outside of it.
    pub(super) fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside.trim_start_matches('/'))
    }

    /// Where a file of the user's is outside of the tree.
    pub(super) fn home(&self, name: &str) -> PathBuf {
        self.path(HOME).join(name)
    }

    /// Where a picture or a log is put.
    pub(super) fn log(&self, name: &str) -> PathBuf {
        self.logs.join(name)
    }

    /// Copies a file from outside into the tree, and returns its path there.
    ///
    /// # Errors
    /// Where it cannot be copied.
    pub(super) fn take(&self, file: &Path, name: &str) -> Outcome<String> {
        std::fs::copy(file, self.path("srv").join(name))
            .map_err(|error| self.failure(&format!("{}: {error}", file.display())))?;
        Ok(format!("/srv/{name}"))
    }

    /// Writes a file of the user's, and returns its path in the tree.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(super) fn give(&self, name: &str, bytes: &[u8]) -> Outcome<String> {
        let path = format!("{HOME}/{name}");
        std::fs::write(self.path(&path), bytes)
            .map_err(|error| self.failure(&format!("{path}: {error}")))?;
        self.root_runs(&["chown", "user:user", &path])?;
        Ok(path)
    }

    fn write(&self, name: &str, text: &str) -> Outcome {
        std::fs::write(self.path(name), text)
            .map_err(|error| self.failure(&format!("{name}: {error}")))
    }

    /// Runs a command as root, and returns what it printed.
    ///
    /// # Errors
    /// Where it fails.
    pub(super) fn root_runs(&self, command: &[&str]) -> Outcome<String> {
        let mut inside = self.chroot(&[], &[("HOME", "/root")], &["timeout", LONGEST]);
        output(inside.args(command)).map_err(|Failure(reason)| self.failure(&reason))
    }

    /// Calls apt-get, with what it says in a file.
    ///
    /// # Errors
    /// Where it fails, with the last lines of it.
    pub(super) fn apt(&self, arguments: &[&str]) -> Outcome {
        let log = self.log("apt.log");
        let open = || File::options().create(true).append(true).open(&log);
        let (out, err) = open()
            .and_then(|out| Ok((out, open()?)))
            .map_err(|error| self.failure(&format!("{}: {error}", log.display())))?;
        let mut proxies = vec![("HOME", "/root"), ("DEBIAN_FRONTEND", "noninteractive")];
        let named: Vec<_> = ["http_proxy", "https_proxy", "no_proxy"]
            .into_iter()
            .filter_map(|name| Some((name, std::env::var(name).ok()?)))
            .collect();
        proxies.extend(named.iter().map(|(name, value)| (*name, value.as_str())));
        let mut apt = self.chroot(&[], &proxies, &["timeout", LONGEST, "apt-get", "-q"]);
        // Packages that were fetched stay for the next run.
        apt.args(["-y", "-o", "APT::Keep-Downloaded-Packages=true"]);
        apt.args(["-o", "APT::Install-Recommends=false"]);
        // The tree is thrown away: nothing of it has to be safe on the disk.
        apt.args(["-o", "DPkg::Options::=--force-unsafe-io"]).args(arguments);
        finish(apt.stdin(Stdio::null()).stdout(out).stderr(err)).map_err(|_| {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            let lines: Vec<&str> = said.lines().rev().take(12).collect();
            let lines: Vec<&str> = lines.into_iter().rev().collect();
            self.failure(&format!("`apt-get {}` fails:\n{}", arguments.join(" "), lines.join("\n")))
        })
    }

    /// A command of the user's.
    pub(super) fn user(&self, variables: &[(&str, &str)], command: &[&str]) -> Command {
        let runtime = format!("/run/user/{USER}");
        let mut all = vec![("HOME", HOME), ("USER", "user"), ("XDG_RUNTIME_DIR", &runtime)];
        all.extend(variables);
        let who = format!("--userspec={USER}:{USER}");
        self.chroot(&[&who, &format!("--groups={USER}")], &all, command)
    }

    /// Runs a command of the user's to its end, and returns what it printed.
    ///
    /// # Errors
    /// Where it fails.
    pub(super) fn user_runs(
        &self,
        variables: &[(&str, &str)],
        command: &[&str],
    ) -> Outcome<String> {
        let bounded = [&["timeout", LONGEST], command].concat();
        output(self.user(variables, &bounded).stdin(Stdio::null()))
            .map_err(|Failure(reason)| self.failure(&reason))
    }

    fn chroot(&self, options: &[&str], variables: &[(&str, &str)], command: &[&str]) -> Command {
        let mut chroot = Command::new("chroot");
        chroot.args(options).arg(&self.root).args(command).env_clear();
        chroot.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        chroot.env("LC_ALL", "C.UTF-8").envs(variables.iter().copied());
        chroot
    }
}

/// Waits until something is there.
///
/// # Errors
/// Where it does not come.
pub(super) fn wait_for<T>(what: &str, mut there: impl FnMut() -> Option<T>) -> Outcome<T> {
    let begun = Instant::now();
    loop {
        if let Some(found) = there() {
            return Ok(found);
        }
        if begun.elapsed() > TIMEOUT {
            return Err(Failure(format!("{what} did not come within {TIMEOUT:?}")));
        }
        std::thread::sleep(POLL);
    }
}
