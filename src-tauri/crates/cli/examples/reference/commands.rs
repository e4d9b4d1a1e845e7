//! The options of each command, from the grammar.

use clap::{Arg, Command};

/// All commands, one section each.
pub(crate) fn page(mut root: Command) -> String {
    root.build();
    let mut text = String::new();
    for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
        section(command, &format!("ferry {}", command.get_name()), 2, &mut text);
    }
    let codes = crate::exit::Exit::ALL
        .map(|exit| format!("| {} | {} |\n", exit.code(), escaped(exit.meaning())));
    text.push_str("## Exit codes\n\n| Code | Meaning |\n|---|---|\n");
    text.push_str(&codes.concat());
    text
}

fn section(command: &Command, name: &str, depth: usize, text: &mut String) {
    text.push_str(&format!("{} {name}\n\n", "#".repeat(depth)));
    if let Some(about) = command.get_long_about().or_else(|| command.get_about()) {
        text.push_str(&format!("{}\n\n", escaped(&about.to_string())));
    }
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim();
    let usage: Vec<&str> = usage.lines().map(str::trim).collect();
    text.push_str(&format!("```text\n{}\n```\n\n", usage.join("\n")));
    let shown = |argument: &&Arg| {
        !argument.is_hide_set() && !matches!(argument.get_id().as_str(), "help" | "version")
    };
    let mut groups: Vec<(&str, Vec<&Arg>)> = Vec::new();
    for argument in command.get_arguments().filter(shown) {
        let usual = if argument.is_positional() { "Arguments" } else { "Options" };
        let heading = argument.get_help_heading().unwrap_or(usual);
        match groups.iter_mut().find(|(name, _)| *name == heading) {
            Some((_, arguments)) => arguments.push(argument),
            None => groups.push((heading, vec![argument])),
        }
    }
    groups.sort_by_key(|(name, _)| match *name {
        "Arguments" => 0,
        "Options" => 1,
        _ => 2,
    });
    for (heading, arguments) in groups {
        text.push_str(&format!("**{heading}**\n\n"));
        for argument in arguments {
            text.push_str(&line(argument));
        }
        text.push('\n');
    }
    for below in command.get_subcommands().filter(|command| command.get_name() != "help") {
        section(below, &format!("{name} {}", below.get_name()), depth + 1, text);
    }
}

/// An argument as an item of a list.
fn line(argument: &Arg) -> String {
    let help = argument.get_long_help().or_else(|| argument.get_help());
    let help = help.map(ToString::to_string).unwrap_or_default();
    let (first, rest) = help.split_once('\n').unwrap_or((&help, ""));
    let mut line = format!("- `{}`: {}", argument.to_string().trim(), escaped(first));
    let possible = argument.get_possible_values();
    let takes_values = argument.get_num_args().is_some_and(|range| range.takes_values());
    if takes_values && !possible.is_empty() {
        let names: Vec<String> =
            possible.iter().map(|value| format!("`{}`", value.get_name())).collect();
        line.push_str(&format!(" (one of {})", names.join(", ")));
    }
    let defaults: Vec<String> = argument
        .get_default_values()
        .iter()
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    if takes_values && !defaults.is_empty() {
        line.push_str(&format!(" (default: {})", defaults.join(", ")));
    }
    if let Some(variable) = argument.get_env() {
        line.push_str(&format!(" (environment: `{}`)", variable.to_string_lossy()));
    }
    line.push('\n');
    if !rest.trim().is_empty() {
        let rest: Vec<String> = rest
            .trim_matches('\n')
            .lines()
            .map(|line| if line.is_empty() { String::new() } else { format!("  {line}") })
            .collect();
        line.push_str(&format!("\n  ```text\n{}\n  ```\n\n", rest.join("\n")));
    }
    line
}

/// Plain text as Markdown: nothing in it is markup, but what stands between backticks.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut is_code = false;
    for c in text.chars() {
        is_code ^= c == '`';
        if !is_code && matches!(c, '*' | '_' | '<' | '>' | '|' | '[' | ']' | '\\') {
            shown.push('\\');
        }
        shown.push(c);
    }
    shown
}
