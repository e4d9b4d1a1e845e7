//! Which modules of a crate import which: none reach each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::{sources, without_tests};

/// The first names of every path that begins with `crate::`, also of a group in braces.
fn own_paths(code: &str) -> BTreeSet<String> {
    let name = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut found = BTreeSet::new();
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    for (at, path) in code.match_indices("crate::") {
        // `$crate::` and names that end so are not meant.
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[at + path.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            found.insert(name(rest));
            continue;
        };
        let (mut depth, mut begins) = (0, true);
        for (index, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                c if c.is_whitespace() => {}
                _ if begins && depth == 0 => {
                    found.insert(name(&group[index..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    found
}

/// Which module of a crate a name at its root comes from: `pub use error::{A, B}` in `lib.rs`.
fn reexports(root: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for statement in without_tests(root).split(';') {
        let Some((_, path)) = statement.split_once("use ") else { continue };
        let Some((module, names)) = path.trim().split_once("::") else { continue };
        for name in names.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
            if name.starts_with(char::is_uppercase) {
                found.insert(name.to_owned(), module.to_owned());
            }
        }
    }
    found
}

/// Which modules at the root of a crate import which.
fn module_graph(src: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut files = Vec::new();
    sources(src, &mut files);
    let root =
        ["lib.rs", "main.rs"].iter().find_map(|name| std::fs::read_to_string(src.join(name)).ok());
    let reexports = reexports(&root.expect("a crate has a root"));
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in files {
        let inside = path.strip_prefix(src).expect("below src");
        let first = inside.components().next().expect("a name").as_os_str().to_string_lossy();
        let module = first.trim_end_matches(".rs").to_owned();
        if !matches!(module.as_str(), "lib" | "main") {
            let text = std::fs::read_to_string(&path).expect("the workspace can be read");
            graph.entry(module).or_default().extend(own_paths(&without_tests(&text)));
        }
    }
    let modules: BTreeSet<String> = graph.keys().cloned().collect();
    for (module, taken) in &mut graph {
        let resolved = taken.iter().map(|name| reexports.get(name).unwrap_or(name).clone());
        *taken = resolved.filter(|name| modules.contains(name) && name != module).collect();
    }
    graph
}

/// The groups of modules that reach each other.
fn cycles(graph: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<Vec<String>> {
    let reached = |from: &String| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(module) = next.pop() {
            for taken in &graph[module] {
                if seen.insert(taken) {
                    next.push(taken);
                }
            }
        }
        seen
    };
    let reach: BTreeMap<&String, BTreeSet<&String>> =
        graph.keys().map(|module| (module, reached(module))).collect();
    graph
        .keys()
        .map(|module| {
            let both =
                |other: &&String| reach[module].contains(other) && reach[*other].contains(module);
            graph.keys().filter(both).cloned().collect::<Vec<_>>()
        })
        .filter(|group| group.len() > 1)
        .collect()
}

#[test]
fn no_modules_of_a_crate_import_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri");
    let mut crates = vec![root.clone(), root.join("xtask"), root.join("crates/storage/fuzz")];
    let folders = std::fs::read_dir(root.join("crates")).expect("the workspace can be read");
    crates.extend(folders.map(|entry| entry.expect("the workspace can be read").path()));
    assert!(crates.len() > 8, "only {} crates were found", crates.len());
    let mut found = Vec::new();
    for folder in crates {
        for group in cycles(&module_graph(&folder.join("src"))) {
            found.push((folder.clone(), group));
        }
    }
    assert!(
        found.is_empty(),
        "modules that need each other become one, or take what both need from a third: {found:#?}"
    );
}

#[test]
fn cycles_are_found_through_groups_and_names_of_the_root() {
    let paths = own_paths(
        "use crate::{a, b::{c, d}, E};\nfn f() -> crate::g::H { $crate::i }\n// crate::j",
    );
    assert_eq!(paths.into_iter().collect::<Vec<_>>(), ["E", "a", "b", "g"]);
    let names = reexports("mod error;\npub use error::{Fault, inner::Kind};\npub use plan::Part;");
    let names: Vec<_> =
        names.iter().map(|(name, module)| (name.as_str(), module.as_str())).collect();
    assert_eq!(names, [("Fault", "error"), ("Kind", "error"), ("Part", "plan")]);
    let graph = [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"), ("e", "e2"), ("e2", "e")];
    let graph: BTreeMap<String, BTreeSet<String>> = graph
        .iter()
        .map(|(from, to)| ((*from).to_owned(), BTreeSet::from([(*to).to_owned()])))
        .collect();
    let found: Vec<_> = cycles(&graph).into_iter().collect();
    assert_eq!(found, [vec!["a", "b", "c"], vec!["e", "e2"]]);
}
