//! What packages hold beside the window and its entry in menus.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Build;
use crate::process::{Failure, Outcome, finish, output, root};
use crate::release::version;

/// Of the sources, with the folder where it is installed.
const OF_THE_SOURCES: &[(&str, &str)] = &[
    ("src-tauri/linux/dev.ferry.uploader.metainfo.xml", "/usr/share/metainfo"),
    ("src-tauri/linux/copyright", "/usr/share/doc/ferry"),
    ("icons/ferry.svg", "/usr/share/icons/hicolor/scalable/apps"),
];

/// The files of a package, by where they are installed.
#[derive(Debug)]
pub(super) struct Contents {
    /// What is installed where.
    pub(super) files: Vec<(String, PathBuf)>,
}

impl Contents {
    /// Makes what is not in the sources: pages of the manual, completions, the list of changes.
    ///
    /// # Errors
    /// Where a tool for it fails.
    pub(super) fn make(programs: &Path) -> Outcome<Self> {
        let made = programs.join("packaged");
        let broken = |error| Failure(format!("{} cannot be written: {error}", made.display()));
        if made.exists() {
            std::fs::remove_dir_all(&made).map_err(broken)?;
        }
        std::fs::create_dir_all(&made).map_err(broken)?;
        let manual = format!("examples/manual{}", std::env::consts::EXE_SUFFIX);
        finish(Command::new(programs.join(manual)).arg(&made))?;
        let window = "src-tauri/linux/ferry-desktop.1";
        std::fs::copy(root().join(window), made.join("man/ferry-desktop.1")).map_err(broken)?;
        let program = format!("ferry{}", std::env::consts::EXE_SUFFIX);
        let mut files = vec![(format!("/usr/bin/{program}"), programs.join(program))];
        for page in listed(&made.join("man"))? {
            // Windows has neither such pages nor gzip.
            if cfg!(windows) {
                continue;
            }
            compress(&page)?;
            let name = format!("{}.gz", name_of(&page));
            files.push((format!("/usr/share/man/man1/{name}"), page.with_file_name(&name)));
        }
        for (made_as, installed) in [
            ("bash/ferry.bash", "/usr/share/bash-completion/completions/ferry"),
            ("zsh/_ferry", "/usr/share/zsh/vendor-completions/_ferry"),
            ("fish/ferry.fish", "/usr/share/fish/vendor_completions.d/ferry.fish"),
        ] {
            files.push((installed.to_owned(), made.join(made_as)));
        }
        for (source, folder) in OF_THE_SOURCES {
            let source = root().join(source);
            let name = match name_of(&source).as_str() {
                // Tauri calls the others after the program.
                "ferry.svg" => "ferry-desktop.svg".to_owned(),
                name => name.to_owned(),
            };
            files.push((format!("{folder}/{name}"), source));
        }
        if cfg!(target_os = "linux") {
            // Tauri's tool has a setting for it, and puts it into a folder by another name.
            let changelog = made.join("changelog");
            std::fs::write(&changelog, changes()?).map_err(broken)?;
            compress(&changelog)?;
            files.push(("/usr/share/doc/ferry/changelog.gz".to_owned(), made.join("changelog.gz")));
            let told = output(Command::new(programs.join("ferry")).args(["watch", "unit"]))?;
            let unit = made.join("ferry-watch.service");
            std::fs::write(&unit, installed_unit(&told, &programs.join("ferry")))
                .map_err(broken)?;
            files.push(("/usr/lib/systemd/user/ferry-watch.service".to_owned(), unit));
        }
        Ok(Self { files })
    }

    /// What is laid over tauri.conf.json for programs that need this glibc.
    pub(super) fn configuration(&self, build: Build, (major, minor): (u32, u32)) -> String {
        let files: Vec<String> = self
            .files
            .iter()
            .map(|(to, from)| format!("{}:{}", json(to), json_path(from)))
            .collect();
        let files = format!(r#""files":{{{}}}"#, files.join(","));
        let libc = format!("libc6 (>= {major}.{minor})");
        // Without a list of authorities, no https.
        let deb = format!(r#"{files},"depends":["{libc}","ca-certificates"]"#);
        // It takes its time.
        let compression = match build {
            Build::Release => r#","compression":{"type":"xz","level":9}"#,
            Build::Debug => "",
        };
        // As rpm calls what programs take of glibc.
        let libc = format!("libc.so.6(GLIBC_{major}.{minor})(64bit)");
        let rpm = format!(r#"{files},"depends":["{libc}","ca-certificates"]{compression}"#);
        format!(r#"{{"bundle":{{"linux":{{"deb":{{{deb}}},"rpm":{{{rpm}}}}}}}}}"#)
    }
}

/// What is laid over tauri.conf.json where the command line has its place beside the window: on
/// Windows in the same folder, on macOS in `Ferry.app/Contents/MacOS`. PATH stays as it is. Tauri's
/// tool looks for the program under a name that ends in `host`.
///
/// # Errors
/// Where the program cannot be copied to that name.
pub(super) fn beside_the_window(programs: &Path, host: &str) -> Outcome<String> {
    let end = std::env::consts::EXE_SUFFIX;
    let (program, named) = (programs.join(format!("ferry{end}")), programs.join("packaged/ferry"));
    let copy = named.with_file_name(format!("ferry-{host}{end}"));
    std::fs::copy(program, &copy)
        .map_err(|error| Failure(format!("{} cannot be written: {error}", copy.display())))?;
    Ok(format!(r#"{{"bundle":{{"externalBin":[{}]}}}}"#, json_path(&named)))
}

/// The unit that the program prints for itself, as the one of the package: it starts the installed
/// program, and needs no words on where to save it.
fn installed_unit(told: &str, program: &Path) -> String {
    let lines = told.lines().filter(|line| !line.starts_with('#'));
    let unit: String = lines.flat_map(|line| [line, "\n"]).collect();
    unit.replace(&program.display().to_string(), "/usr/bin/ferry")
}

/// Debian's list of changes has one entry: what changed is told by ours.
fn changes() -> Outcome<String> {
    // Of the last commit, so that the same sources make the same package.
    let date = output(Command::new("git").args(["log", "-1", "--format=%cD"]).current_dir(root()))?;
    Ok(format!(
        "ferry ({}) unstable; urgency=medium\n\n  * CHANGELOG.md of the sources tells what is new.\n\n -- {}  {}\n",
        version()?,
        maintainer()?,
        date.trim()
    ))
}

/// The first of the authors in Cargo.toml: Tauri's tool takes the package's contact from there.
fn maintainer() -> Outcome<String> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml"))
        .map_err(|error| Failure(format!("Cargo.toml cannot be read: {error}")))?;
    let author = manifest.lines().find_map(|line| line.strip_prefix("authors = [\""));
    let author = author.and_then(|rest| rest.split('"').next());
    author.map(str::to_owned).ok_or_else(|| Failure("Cargo.toml names no author".to_owned()))
}

/// Puts `FILE.gz` in the place of a file, the same for the same bytes.
fn compress(file: &Path) -> Outcome {
    finish(Command::new("gzip").args(["-9", "-n", "-f"]).arg(file))
}

fn listed(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| Failure(format!("{} cannot be read: {error}", folder.display())))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn json_path(path: &Path) -> String {
    json(&path.display().to_string())
}

fn json(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_of_the_package_starts_the_installed_program() {
        let told = "# Save as x\n[Service]\nExecStart=\"/t/ferry\" \"watch\" \"run\"\n";
        let unit = installed_unit(told, Path::new("/t/ferry"));
        assert_eq!(unit, "[Service]\nExecStart=\"/usr/bin/ferry\" \"watch\" \"run\"\n");
    }

    #[test]
    fn what_is_laid_over_the_configuration_names_each_file_for_both_packages() {
        let contents = Contents {
            files: vec![("/usr/bin/ferry".to_owned(), PathBuf::from("/t/a \"b\"/ferry"))],
        };
        let files = r#""files":{"/usr/bin/ferry":"/t/a \"b\"/ferry"}"#;
        let deb = format!(r#""deb":{{{files},"depends":["libc6 (>= 2.34)","ca-certificates"]}}"#);
        let libc = r#""libc.so.6(GLIBC_2.34)(64bit)""#;
        let rpm = format!(r#""rpm":{{{files},"depends":[{libc},"ca-certificates"]}}"#);
        assert_eq!(
            contents.configuration(Build::Debug, (2, 34)),
            format!(r#"{{"bundle":{{"linux":{{{deb},{rpm}}}}}}}"#)
        );
    }

    #[test]
    fn the_command_line_is_where_it_is_looked_for() {
        let folder = std::env::temp_dir().join(format!("ferry-beside-{}", std::process::id()));
        let end = std::env::consts::EXE_SUFFIX;
        std::fs::create_dir_all(folder.join("packaged")).expect("makes");
        std::fs::write(folder.join(format!("ferry{end}")), "program").expect("writes");
        let configuration = beside_the_window(&folder, "x86_64-an-os").expect("copies");
        let named = json_path(&folder.join("packaged/ferry"));
        assert_eq!(configuration, format!(r#"{{"bundle":{{"externalBin":[{named}]}}}}"#));
        let copied = folder.join(format!("packaged/ferry-x86_64-an-os{end}"));
        assert_eq!(std::fs::read_to_string(copied).expect("is there"), "program");
        std::fs::remove_dir_all(&folder).expect("removes");
    }

    #[test]
    fn a_contact_is_named() {
        assert!(maintainer().is_ok_and(|author| author.contains('<') && author.contains('@')));
    }
}
