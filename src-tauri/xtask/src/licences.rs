//! The licences of the npm packages that Ferry is built from; cargo-deny looks at the crates.

use std::process::Command;

use crate::process::{Failure, Outcome, output, root, say};

/// The list of licences that cargo-deny holds the crates to.
const RULES: &str = include_str!("../../../.cargo/deny.toml");

/// Packages of the UI's build alone, which no user receives, under a licence that is not in the
/// list.
const TOOLS: &[(&str, &str)] = &[("Python-2.0", "argparse"), ("CC-BY-4.0", "caniuse-lite")];

/// Packages that name their licence in a file alone, each version read by a person.
const IN_A_FILE: &[(&str, &str)] = &[("svelte-toolbelt@0.10.7", "MIT")];

/// Checks each npm package.
///
/// # Errors
/// Where one has no licence or one outside the list.
pub(crate) fn check() -> Outcome {
    let packages = of_npm_packages()?;
    let allowed = allowed(RULES);
    let refused: Vec<String> = packages
        .iter()
        .filter(|(name, licence)| !passes(&allowed, name, licence))
        .map(|(name, licence)| format!("{name} ({licence})"))
        .collect();
    if refused.is_empty() {
        say(format!("Licences: {} npm packages are fine", packages.len()));
        return Ok(());
    }
    Err(Failure(format!("the licence is not among those allowed: {}", refused.join(", "))))
}

/// The names in `allow = [ … ]`, each on a line of its own.
fn allowed(rules: &str) -> Vec<&str> {
    let after = rules.split_once("\nallow = [\n").map_or("", |(_, after)| after);
    after
        .lines()
        .take_while(|line| line.trim() != "]")
        .filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\","))
        .collect()
}

fn passes(allowed: &[&str], name: &str, licence: &str) -> bool {
    let tool = |(known, package): &(&str, &str)| {
        *known == licence && name.split('@').next() == Some(*package)
    };
    let in_a_file =
        |(package, known): &(&str, &str)| *package == name && is_allowed(allowed, known);
    is_allowed(allowed, licence)
        || TOOLS.iter().any(tool)
        || (licence.is_empty() && IN_A_FILE.iter().any(in_a_file))
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
fn is_allowed(allowed: &[&str], expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any_of(allowed, &mut rest).is_some_and(|met| met && rest.is_empty())
}

fn any_of(list: &[&str], words: &mut &[&str]) -> Option<bool> {
    let mut allowed = all_of(list, words)?;
    while take(words, "OR") {
        allowed |= all_of(list, words)?;
    }
    Some(allowed)
}

fn all_of(list: &[&str], words: &mut &[&str]) -> Option<bool> {
    let mut allowed = one(list, words)?;
    while take(words, "AND") {
        allowed &= one(list, words)?;
    }
    Some(allowed)
}

fn one(list: &[&str], words: &mut &[&str]) -> Option<bool> {
    if take(words, "(") {
        let allowed = any_of(list, words)?;
        return take(words, ")").then_some(allowed);
    }
    let (name, rest) = words.split_first()?;
    *words = rest;
    if take(words, "WITH") {
        let (exception, rest) = words.split_first()?;
        *words = rest;
        return Some(list.contains(&format!("{name} WITH {exception}").as_str()));
    }
    Some(list.contains(name))
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
        for (expression, met) in cases {
            assert_eq!(is_allowed(&allowed(RULES), expression), met, "{expression}");
        }
    }

    #[test]
    fn a_tool_is_let_pass_by_name_and_licence_only() {
        assert!(passes(&allowed(RULES), "argparse@2.0.1", "Python-2.0"));
        assert!(!passes(&allowed(RULES), "argparse@2.0.1", "GPL-3.0-only"));
        assert!(!passes(&allowed(RULES), "another@2.0.1", "Python-2.0"));
    }
}
