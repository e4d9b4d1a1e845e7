//! Whether a program holds the list of its crates, which cargo-auditable writes into it.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use crate::process::{Failure, Outcome, finish, output};

/// Where the list is.
const SECTION: &str = ".dep-v0";

/// Checks the program of a Linux archive of `ferry`. readelf knows those of every processor.
pub(super) fn check(archive: &Path) -> Outcome {
    let name = archive.file_name().unwrap_or_default().to_string_lossy();
    let folder = name.trim_end_matches(".tar.gz");
    let program = std::env::temp_dir().join(format!("{folder}-{}", std::process::id()));
    let broken = |error| Failure(format!("{} cannot be written: {error}", program.display()));
    let to = File::create(&program).map_err(broken)?;
    let mut tar = Command::new("tar");
    tar.arg("-xzOf").arg(archive).arg(format!("{folder}/ferry")).stdout(to);
    let sections = finish(&mut tar)
        .and_then(|()| output(Command::new("readelf").args(["-S", "-W"]).arg(&program)));
    std::fs::remove_file(&program).map_err(broken)?;
    if sections?.split_whitespace().any(|word| word == SECTION) {
        return Ok(());
    }
    Err(Failure(format!(
        "ferry of {name} holds no list of its crates: it is not of cargo-auditable"
    )))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_program_without_the_list_of_its_crates_is_refused() {
        let top = std::env::temp_dir().join(format!("ferry-crates-{}", std::process::id()));
        let name = "ferry-1.2.3-x86_64-linux";
        let (folder, archive) = (top.join(name), top.join(format!("{name}.tar.gz")));
        std::fs::create_dir_all(&folder).expect("makes");
        std::fs::write(top.join("list"), "list").expect("writes");
        let pack = || {
            let mut tar = Command::new("tar");
            finish(tar.arg("-czf").arg(&archive).arg("-C").arg(&top).arg(name)).expect("packs");
        };
        std::fs::copy("/bin/true", folder.join("ferry")).expect("copies");
        pack();
        let Failure(told) = check(&archive).expect_err("has no list");
        assert!(told.contains("no list of its crates"), "{told}");
        let mut add = Command::new("objcopy");
        add.arg(format!("--add-section={SECTION}={}", top.join("list").display()));
        finish(add.arg(folder.join("ferry"))).expect("adds");
        pack();
        check(&archive).expect("has the list");
        std::fs::remove_file(folder.join("ferry")).expect("removes");
        pack();
        assert!(check(&archive).is_err(), "no program at all");
        std::fs::remove_dir_all(&top).expect("removes");
    }
}
