//! Installing the package, what it brings beside the window, and removing it.

use super::system::System;
use crate::process::Outcome;
use crate::release::version;

/// The name of the package.
const PACKAGE: &str = "ferry";
/// The programs of the package.
const PROGRAMS: [&str; 2] = ["/usr/bin/ferry", "/usr/bin/ferry-desktop"];
/// What reads pages of the manual, completions and entries in menus, and what the package only
/// recommends: installed after the window was seen without them.
const TOOLS: &[&str] =
    &["man-db", "bash-completion", "desktop-file-utils", "dbus-daemon", "gnome-keyring"];
/// Asks for completions as bash does at a tab, and prints them.
const COMPLETE: &str = r#"
. /usr/share/bash-completion/bash_completion
_completion_loader ferry
set -- $(complete -p ferry)
while [ "$1" != -F ]; do shift; done
COMP_WORDS=(ferry pu) COMP_CWORD=1 COMP_LINE="ferry pu" COMP_POINT=8
"$2" ferry pu ferry
printf '%s\n' "${COMPREPLY[@]}"
"#;

/// Installs the package into a system that has nothing.
///
/// # Errors
/// Where apt refuses, something that a program needs is missing, or the version is another.
pub(super) fn install(system: &System, package: &str) -> Outcome {
    system.apt(&["update"])?;
    let before = packages(system)?;
    system.apt(&["install", package])?;
    let more = packages(system)?.saturating_sub(before + 1);
    is_installed(system, &version()?)?;
    for program in PROGRAMS {
        let libraries = system.root_runs(&["ldd", program])?;
        if let Some(missing) = libraries.lines().find(|line| line.contains("not found")) {
            return Err(system.failure(&format!(
                "{program} misses what no dependency brings: {}",
                missing.trim()
            )));
        }
    }
    system.saw(format!("installed, {more} packages with it, no library is missing"));
    let wanted = format!("{PACKAGE} {}", version()?);
    let told = system.user_runs(&[], &["ferry", "--version"])?;
    if told.trim() != wanted {
        return Err(system.failure(&format!("`ferry --version` says “{}”", told.trim())));
    }
    system.saw(format!("`ferry --version` says “{wanted}”"));
    Ok(())
}

/// Whether dpkg has exactly this version, in order.
///
/// # Errors
/// What it has instead.
pub(super) fn is_installed(system: &System, version: &str) -> Outcome {
    let wanted = format!("install ok installed {version}");
    let format = "--showformat=${Status} ${Version}";
    let status = system.root_runs(&["dpkg-query", "--show", format, PACKAGE])?;
    if status == wanted {
        return Ok(());
    }
    Err(system.failure(&format!("dpkg calls the package “{status}”, not “{wanted}”")))
}

/// Installs what the next steps take.
///
/// # Errors
/// Where apt fails.
pub(super) fn tools(system: &System) -> Outcome {
    system.apt(&[&["install"], TOOLS].concat())
}

/// Looks at pages of the manual, completions, and the entry in menus.
///
/// # Errors
/// Where one is missing or has a fault.
pub(super) fn words(system: &System) -> Outcome {
    let files = files(system)?;
    let manual = system.user_runs(&[("MANWIDTH", "80")], &["man", "ferry"])?;
    if !manual.contains("SYNOPSIS")
        || !manual.contains("ferry put") && !manual.contains("ferry-put")
    {
        return Err(system.failure(&format!("`man ferry` shows no manual:\n{manual}")));
    }
    let pages = files.iter().filter_map(|file| file.strip_prefix("/usr/share/man/man1/"));
    let pages: Vec<&str> = pages.filter_map(|page| page.strip_suffix(".1.gz")).collect();
    for page in &pages {
        let found = system.user_runs(&[], &["man", "-w", page])?;
        if !found.trim().ends_with(&format!("/{page}.1.gz")) {
            return Err(system.failure(&format!("`man {page}` shows {}", found.trim())));
        }
    }
    system.saw(format!(
        "`man ferry` shows {} lines; {} pages",
        manual.lines().count(),
        pages.len()
    ));

    let completed = system.user_runs(&[], &["bash", "-c", COMPLETE])?;
    if completed.split_whitespace().ne(["put"]) {
        return Err(system.failure(&format!("bash completes `ferry pu` to “{completed}”")));
    }
    system.saw("bash completes `ferry pu` to `ferry put`");

    let entry = files.iter().find(|file| file.ends_with(".desktop"));
    let entry = entry.ok_or_else(|| system.failure("the package has no entry in menus"))?;
    system.user_runs(&[], &["desktop-file-validate", entry])?;
    let text = crate::files::read(&system.path(entry))?;
    let program = text.lines().find_map(|line| line.strip_prefix("Exec="));
    let program = program.and_then(|words| words.split(' ').next()).unwrap_or_default();
    system.user_runs(&[], &["sh", "-c", "command -v \"$0\"", program])?;
    system.saw(format!("{entry} is valid and starts `{program}`"));
    Ok(())
}

/// Removes the package with its settings; what the user has stays, these files among it.
///
/// # Errors
/// Where a file of the package stays, or one of the user's does not.
pub(super) fn remove(system: &System, kept: &[&str]) -> Outcome {
    let files = files(system)?;
    let before = of_the_user(system)?;
    if let Some(none) = kept.iter().find(|file| !before.contains(**file)) {
        return Err(system.failure(&format!("the user has no {none} that could stay:\n{before}")));
    }
    system.apt(&["purge", PACKAGE])?;
    if let Some(file) = files.iter().find(|file| system.path(file).symlink_metadata().is_ok()) {
        return Err(system.failure(&format!("{file} is there after the removal")));
    }
    if system.root_runs(&["dpkg-query", "--show", PACKAGE]).is_ok() {
        return Err(system.failure("dpkg knows the package after its removal"));
    }
    let after = of_the_user(system)?;
    if let Some(lost) = before.lines().find(|line| !after.lines().any(|it| it == *line)) {
        return Err(system.failure(&format!("the removal changed a file of the user's: {lost}")));
    }
    system.saw(format!(
        "purged: {} files of the package are gone, {} of the user's stay as they were",
        files.len(),
        before.lines().count()
    ));
    Ok(())
}

/// The files of the package, without folders.
fn files(system: &System) -> Outcome<Vec<String>> {
    let listed = system.root_runs(&["dpkg-query", "--listfiles", PACKAGE])?;
    let files = listed.lines().filter(|file| !system.path(file).is_dir());
    let files: Vec<String> = files.map(str::to_owned).collect();
    let missing = files.iter().find(|file| system.path(file).symlink_metadata().is_err());
    match missing {
        None => Ok(files),
        Some(file) => Err(system.failure(&format!("{file} of the package was not installed"))),
    }
}

/// Every file that the user has, with its sum.
fn of_the_user(system: &System) -> Outcome<String> {
    let find = ["find", "/home", "-type", "f", "-exec", "sha256sum", "{}", "+"];
    system.root_runs(&find)
}

/// How many packages the system has.
fn packages(system: &System) -> Outcome<usize> {
    let known = system.root_runs(&["dpkg-query", "--show", "--showformat=."])?;
    Ok(known.len())
}
