//! Reads the files of the catalogue: which messages a language has, what fills each, and what it
//! refers to. The build script makes the functions of this crate from it, and tests hold the
//! languages against each other.
//!
//! The comment above a message declares what fills it, in the order of the function's parameters:
//! `# $count (Number) files that wait`. `String` is a name, a number with its unit or another
//! text; `Optional` is a name that may be unknown, which is then 0 in the message.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{
    CallArguments, Entry, Expression, InlineExpression, Message as Parsed, Pattern, PatternElement,
};

/// Holds what other messages of the same language are made of. Each language has its own.
pub(crate) const PARTS: &str = "parts.ftl";
/// The folder of the messages that the page alone says.
pub(crate) const WINDOW: &str = "window";
/// The file of those that both say.
const SHARED: &str = "time.ftl";

/// What fills a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameter {
    /// Its name, without the `$`.
    pub(crate) name: String,
    /// What stands in brackets behind it.
    pub(crate) kind: String,
}

/// One message of one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// Its name.
    pub(crate) id: String,
    /// Its file, below the folder of the language.
    pub(crate) file: PathBuf,
    /// What its comment declares.
    pub(crate) declared: Vec<Parameter>,
    /// The lines of its comment that declare nothing.
    pub(crate) remarks: Vec<String>,
    /// The names of what fills it, without those of the messages it refers to.
    pub(crate) variables: BTreeSet<String>,
    /// The messages it refers to.
    pub(crate) references: BTreeSet<String>,
    /// Its words, without what fills it: each variant's.
    pub(crate) words: Vec<String>,
    /// As it stands in the file.
    pub(crate) text: String,
}

/// Whether the page says the messages of a file.
pub(crate) fn is_of_the_page(file: &Path) -> bool {
    file.starts_with(WINDOW) || file == Path::new(SHARED)
}

/// Where the page has a message: `totals_files` is `totals.files`. Two strokes stand for the dot in
/// a name: `rules_options__tags` is `rules["options.tags"]`.
pub(crate) fn place(id: &str) -> Vec<String> {
    id.replace("__", ".").split('_').map(str::to_owned).collect()
}

/// The names of all files of a language, below its folder.
///
/// # Panics
/// Where the folder cannot be read.
pub(crate) fn files(language: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(language.join(&folder)).expect("the catalogue is there");
        for entry in entries {
            let entry = entry.expect("the catalogue can be read");
            let name = folder.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(name);
            } else if name.extension().is_some_and(|extension| extension == "ftl") {
                found.push(name);
            }
        }
    }
    found.sort();
    found
}

/// The messages of a language, by their names.
///
/// # Panics
/// Where a file is not in order, says a message twice, or declares other parameters than it uses.
pub(crate) fn messages(language: &Path) -> BTreeMap<String, Message> {
    let mut found = BTreeMap::new();
    for file in files(language) {
        let path = language.join(&file);
        let source = std::fs::read_to_string(&path).expect("the catalogue can be read");
        let resource = fluent_syntax::parser::parse(source.as_str())
            .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", path.display()));
        for entry in resource.body {
            match entry {
                Entry::Message(parsed) => {
                    let message = read(&parsed, &file);
                    let id = message.id.clone();
                    let twice = found.insert(id.clone(), message);
                    assert!(twice.is_none(), "{}: {id} is there twice", path.display());
                }
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
                Entry::Term(_) | Entry::Junk { .. } => {
                    panic!("{}: neither a message nor a comment: {entry:?}", path.display())
                }
            }
        }
    }
    found
}

/// Everything that fills a message, also what the messages it refers to need.
///
/// # Panics
/// Where it refers to a message that is not there.
pub(crate) fn parameters(
    messages: &BTreeMap<String, Message>,
    message: &Message,
) -> BTreeSet<String> {
    let mut found = message.variables.clone();
    for reference in &message.references {
        let referred = messages.get(reference);
        let referred = referred.unwrap_or_else(|| panic!("{} refers to {reference}", message.id));
        found.extend(parameters(messages, referred));
    }
    found
}

fn read(parsed: &Parsed<&str>, file: &Path) -> Message {
    let id = parsed.id.name.to_owned();
    assert!(parsed.attributes.is_empty(), "{id}: a text of its own is a message of its own");
    let value = parsed.value.as_ref().unwrap_or_else(|| panic!("{id} has no text"));
    let comment = parsed.comment.as_ref().map(|comment| comment.content.as_slice());
    let mut message = Message {
        id,
        file: file.to_owned(),
        declared: Vec::new(),
        remarks: Vec::new(),
        variables: BTreeSet::new(),
        references: BTreeSet::new(),
        words: Vec::new(),
        text: String::new(),
    };
    for line in comment.unwrap_or_default() {
        match parameter(line) {
            Some(declared) => message.declared.push(declared),
            None => message.remarks.push((*line).to_owned()),
        }
    }
    look_at(value, &mut message);
    message.text = format!("{value:?}");
    message
}

/// `$name (Kind) what it is`.
fn parameter(line: &str) -> Option<Parameter> {
    let (name, rest) = line.strip_prefix('$')?.split_once(" (")?;
    let (kind, _) = rest.split_once(')')?;
    Some(Parameter { name: name.to_owned(), kind: kind.to_owned() })
}

fn look_at(pattern: &Pattern<&str>, message: &mut Message) {
    let mut words = String::new();
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => words.push_str(value),
            PatternElement::Placeable { expression } => look_into(expression, message),
        }
    }
    message.words.push(words);
}

fn look_into(expression: &Expression<&str>, message: &mut Message) {
    match expression {
        Expression::Inline(inline) => look_inside(inline, message),
        Expression::Select { selector, variants } => {
            look_inside(selector, message);
            for variant in variants {
                look_at(&variant.value, message);
            }
        }
    }
}

fn look_inside(inline: &InlineExpression<&str>, message: &mut Message) {
    let calls = |arguments: &CallArguments<&str>, message: &mut Message| {
        for argument in &arguments.positional {
            look_inside(argument, message);
        }
    };
    match inline {
        InlineExpression::VariableReference { id } => {
            message.variables.insert(id.name.to_owned());
        }
        InlineExpression::MessageReference { id, .. } => {
            message.references.insert(id.name.to_owned());
        }
        InlineExpression::FunctionReference { arguments, .. } => calls(arguments, message),
        InlineExpression::Placeable { expression } => look_into(expression, message),
        InlineExpression::StringLiteral { .. }
        | InlineExpression::NumberLiteral { .. }
        | InlineExpression::TermReference { .. } => {}
    }
}
