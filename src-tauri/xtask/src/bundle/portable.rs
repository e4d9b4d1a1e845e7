//! An archive of `ferry` alone, for computers on which nothing can be installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::contents::Contents;
use super::glibc;
use crate::process::{Failure, Outcome, finish, output, root, say};
use crate::release::version;

/// What stands beside the program.
const BESIDE: [&str; 4] = ["README.md", "README.zh-CN.md", "CHANGELOG.md", "LICENSE"];

/// Packs the program, its pages of the manual and its completions. On Linux, the same program gives
/// the same archive.
///
/// # Errors
/// Where a file cannot be written, or tar fails.
pub(super) fn make(programs: &Path, contents: &Contents) -> Outcome<PathBuf> {
    let name = format!("ferry-{}-{}-{}", version()?, std::env::consts::ARCH, std::env::consts::OS);
    let folder = programs.join("bundle/portable");
    let top = folder.join(&name);
    for (installed, from) in &contents.files {
        let Some(place) = place(installed) else { continue };
        copy(from, &top.join(place))?;
    }
    for beside in BESIDE {
        copy(&root().join(beside), &top.join(beside))?;
    }
    let archive = folder.join(format!("{name}.{}", if cfg!(windows) { "zip" } else { "tar.gz" }));
    let mut tar = Command::new("tar");
    if cfg!(target_os = "linux") {
        let date = ["log", "-1", "--format=%ct"];
        let date = output(Command::new("git").args(date).current_dir(root()))?;
        tar.args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mode=go=rX,u+rw"])
            .arg(format!("--mtime=@{}", date.trim()))
            .args(["-I", "gzip -9 -n", "-cf"]);
        let (major, minor) = glibc::newest(&[programs.join("ferry")])?;
        say(format!("Portable: ferry runs on Linux with glibc {major}.{minor} or newer"));
    } else {
        // By the end of the archive's name.
        tar.arg("-acf");
    }
    finish(tar.arg(&archive).arg("-C").args([&folder, Path::new(&name)]))?;
    Ok(archive)
}

/// Where a file of a package is in the archive, if it belongs to the command line.
fn place(installed: &str) -> Option<PathBuf> {
    let (folder, name) = installed.rsplit_once('/')?;
    let folder = match folder {
        "/usr/bin" => "",
        "/usr/share/man/man1" if !name.starts_with("ferry-desktop") => "man",
        _ if installed.contains("completions") => "completions",
        _ => return None,
    };
    // Bash looks for it under the program's own name, which says nothing in one folder with others.
    let name = if installed.contains("bash-completion") { "ferry.bash" } else { name };
    Some(Path::new(folder).join(name))
}

fn copy(from: &Path, to: &Path) -> Outcome {
    let folder = to.parent().map_or(Ok(()), std::fs::create_dir_all);
    let copied = folder.and_then(|()| std::fs::copy(from, to));
    copied.map(drop).map_err(|error| {
        Failure(format!("{} cannot be copied to {}: {error}", from.display(), to.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_holds_what_belongs_to_the_command_line() {
        for (installed, expected) in [
            ("/usr/bin/ferry", Some("ferry")),
            ("/usr/share/man/man1/ferry-put.1.gz", Some("man/ferry-put.1.gz")),
            ("/usr/share/man/man1/ferry-desktop.1.gz", None),
            ("/usr/share/bash-completion/completions/ferry", Some("completions/ferry.bash")),
            ("/usr/share/zsh/vendor-completions/_ferry", Some("completions/_ferry")),
            ("/usr/share/metainfo/dev.ferry.uploader.metainfo.xml", None),
        ] {
            assert_eq!(place(installed).as_deref(), expected.map(Path::new), "{installed}");
        }
    }
}
