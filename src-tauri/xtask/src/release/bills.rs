//! What is inside the programs, in CycloneDX, for those who look for weaknesses.

use std::path::Path;
use std::process::Command;

use super::assets::Bill;
use super::version;
use crate::process::{Failure, Outcome, cargo, finish, output, root};

/// Lists what npm installs for the page without its tools: `--omit dev` leaves out Svelte too, on
/// which tools stand as well.
const OF_THE_PAGE: &str = "
    const list = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'];
    const npm = require('child_process').spawnSync('npm', list, { maxBuffer: 1 << 28 });
    const bill = JSON.parse(npm.stdout);
    const ref = (it) => it['bom-ref'];
    bill.components = bill.components.filter((it) => it.scope === 'required');
    const there = new Set([bill.metadata.component, ...bill.components].map(ref));
    bill.dependencies = bill.dependencies.filter((it) => there.has(it.ref)).map((it) =>
        ({ ...it, dependsOn: it.dependsOn.filter((on) => there.has(on)) }));
    console.log(JSON.stringify(bill, null, 2));";

/// Writes them into a folder.
pub(super) fn write(folder: &Path) -> Outcome {
    finish(&mut cargo(&["cyclonedx", "--format", "json"]))?;
    let broken = |error| Failure(format!("{} cannot be written: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(broken)?;
    let version = version()?;
    for bill in Bill::ALL {
        let place = folder.join(bill.file(&version));
        let written = match bill {
            Bill::CommandLine => {
                std::fs::copy(root().join("src-tauri/crates/cli/ferry-cli.cdx.json"), place)
                    .map(drop)
            }
            Bill::Window => std::fs::copy(root().join("ferry-desktop.cdx.json"), place).map(drop),
            Bill::Page => std::fs::write(place, of_the_page()?),
        };
        written.map_err(broken)?;
    }
    Ok(())
}

fn of_the_page() -> Outcome<String> {
    output(Command::new("node").args(["-e", OF_THE_PAGE]).current_dir(root().join("ui")))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_what_is_bundled_and_none_of_its_tools() {
        let bill = of_the_page().expect("npm lists it");
        for (package, is_there) in [
            ("pkg:npm/svelte@", true),
            ("pkg:npm/bits-ui@", true),
            ("pkg:npm/%40tauri-apps/api@", true),
            ("pkg:npm/vite@", false),
            ("\"vite@", false),
            ("pkg:npm/eslint@", false),
        ] {
            assert_eq!(bill.contains(package), is_there, "{package}");
        }
        assert!(bill.contains("\"bomFormat\": \"CycloneDX\""));
    }
}
