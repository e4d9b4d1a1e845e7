//! The licences of everything Ferry is built from.

use std::process::Command;

use crate::process::{Failure, Outcome, cargo, output, root, say};

/// Licences that allow what Ferry does with the code: use and pass it on under its own.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BlueOak-1.0.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "NCSA",
    "OpenSSL",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

/// Packages of the UI's build alone, which no user receives, under a licence that is not in the
/// list.
const TOOLS: &[(&str, &str)] = &[("Python-2.0", "argparse"), ("CC-BY-4.0", "caniuse-lite")];

/// Checks each crate, for every system that Ferry is built for, and each npm package.
///
/// # Errors
/// Where one has no licence or one outside the list.
pub(crate) fn check() -> Outcome {
    let crates = of_crates()?;
    let packages = of_npm_packages()?;
    let count = (crates.len(), packages.len());
    let refused: Vec<String> = crates
        .iter()
        .chain(&packages)
        .filter(|(name, licence)| !passes(name, licence))
        .map(|(name, licence)| format!("{name} ({licence})"))
        .collect();
    if refused.is_empty() {
        say(format!("Licences: {} crates and {} npm packages are fine", count.0, count.1));
        return Ok(());
    }
    Err(Failure(format!("the licence is not among those allowed: {}", refused.join(", "))))
}

fn passes(name: &str, licence: &str) -> bool {
    let tool = |(known, package): &(&str, &str)| {
        *known == licence && name.split('@').next() == Some(*package)
    };
    is_allowed(licence) || TOOLS.iter().any(tool)
}

fn of_crates() -> Outcome<Vec<(String, String)>> {
    let arguments = [
        "tree",
        "--workspace",
        "--all-features",
        "--target",
        "all",
        "--edges",
        "normal,build,dev",
        "--prefix",
        "none",
        "--format",
        "{p}|{l}",
    ];
    let mut crates = pairs(&output(&mut cargo(&arguments))?);
    // A crate that was listed before ends with a mark.
    for (_, licence) in &mut crates {
        *licence = licence.trim_end_matches("(*)").trim().to_owned();
    }
    crates.sort();
    crates.dedup();
    Ok(crates)
}

fn of_npm_packages() -> Outcome<Vec<(String, String)>> {
    const LIST: &str = "const { packages } = JSON.parse(require('fs').readFileSync('package-lock.json', 'utf8'));
        for (const [path, { version, license }] of Object.entries(packages))
            if (path) console.log(`${path.split('node_modules/').pop()}@${version}|${license ?? ''}`);";
    Ok(pairs(&output(Command::new("node").args(["-e", LIST]).current_dir(root().join("ui")))?))
}

fn pairs(lines: &str) -> Vec<(String, String)> {
    lines
        .lines()
        .filter_map(|line| line.split_once('|'))
        .map(|(name, licence)| (name.trim().to_owned(), licence.to_owned()))
        .collect()
}

/// Whether an SPDX expression can be met with allowed licences alone. `AND` binds closer than `OR`;
/// an old `/` means `OR`.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any_of(&mut rest).is_some_and(|allowed| allowed && rest.is_empty())
}

fn any_of(words: &mut &[&str]) -> Option<bool> {
    let mut allowed = all_of(words)?;
    while take(words, "OR") {
        allowed |= all_of(words)?;
    }
    Some(allowed)
}

fn all_of(words: &mut &[&str]) -> Option<bool> {
    let mut allowed = one(words)?;
    while take(words, "AND") {
        allowed &= one(words)?;
    }
    Some(allowed)
}

fn one(words: &mut &[&str]) -> Option<bool> {
    if take(words, "(") {
        let allowed = any_of(words)?;
        return take(words, ")").then_some(allowed);
    }
    let (name, rest) = words.split_first()?;
    *words = rest;
    if take(words, "WITH") {
        let (exception, rest) = words.split_first()?;
        *words = rest;
        return Some(ALLOWED.contains(&format!("{name} WITH {exception}").as_str()));
    }
    Some(ALLOWED.contains(name))
}

fn take(words: &mut &[&str], word: &str) -> bool {
    match words.split_first() {
        Some((first, rest)) if *first == word => {
            *words = rest;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_met_or_not() {
        let cases = [
            ("MIT", true),
            ("MIT OR Apache-2.0", true),
            ("MIT/Apache-2.0", true),
            ("GPL-3.0-only", false),
            ("GPL-3.0-only OR MIT", true),
            ("GPL-3.0-only AND MIT", false),
            ("MIT AND (GPL-2.0-only OR BSD-3-Clause)", true),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("MIT OR GPL-3.0-only AND GPL-2.0-only", true),
            ("Apache-2.0 WITH LLVM-exception OR GPL-3.0-only", true),
            ("Apache-2.0 WITH Something-else", false),
            ("", false),
            ("(MIT", false),
            ("MIT Apache-2.0", false),
            ("SEE LICENSE IN LICENSE.txt", false),
        ];
        for (expression, allowed) in cases {
            assert_eq!(is_allowed(expression), allowed, "{expression}");
        }
    }

    #[test]
    fn a_tool_is_let_pass_by_name_and_licence_only() {
        assert!(passes("argparse@2.0.1", "Python-2.0"));
        assert!(!passes("argparse@2.0.1", "GPL-3.0-only"));
        assert!(!passes("another@2.0.1", "Python-2.0"));
    }
}
