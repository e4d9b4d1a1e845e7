//! The TypeScript twin of the page's messages, written as ts-rs writes those of types: by a test
//! whose name holds `export_bindings`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::Language;
use crate::catalogue::{Message, is_of_the_page, messages, place};

const HEAD: &str = "\
// This file was generated from the catalogue of messages, src-tauri/crates/text. Do not edit this \
file manually.
";

/// What stands at a place of the dictionary.
enum Entry<'a> {
    Message(&'a Message),
    Group(BTreeMap<String, Entry<'a>>),
}

fn tree(all: &BTreeMap<String, Message>) -> BTreeMap<String, Entry<'_>> {
    let mut root = BTreeMap::new();
    for message in all.values().filter(|message| is_of_the_page(&message.file)) {
        let mut place = place(&message.id);
        let leaf = place.pop().expect("a name is not empty");
        let mut group = &mut root;
        for name in place {
            let entry = group.entry(name).or_insert_with(|| Entry::Group(BTreeMap::new()));
            let Entry::Group(inner) = entry else { panic!("{} is below a message", message.id) };
            group = inner;
        }
        let before = group.insert(leaf, Entry::Message(message));
        assert!(before.is_none(), "{} is a message and a group", message.id);
    }
    root
}

/// A message's parameters with their types, as the page gives them.
fn parameters(message: &Message) -> String {
    let typed: Vec<String> = message
        .declared
        .iter()
        .map(|parameter| match parameter.kind.as_str() {
            "Number" => format!("{}: number", parameter.name),
            "String" => format!("{}: string", parameter.name),
            words => format!("{}: {words}", parameter.name),
        })
        .collect();
    typed.join(", ")
}

fn write(entries: &BTreeMap<String, Entry<'_>>, indent: usize, text: &mut String) {
    let margin = " ".repeat(indent);
    for (name, entry) in entries {
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric());
        let name = if is_plain { name.clone() } else { format!("{name:?}") };
        match entry {
            Entry::Group(inner) => {
                text.push_str(&format!("{margin}readonly {name}: {{\n"));
                write(inner, indent + 2, text);
                text.push_str(&format!("{margin}}};\n"));
            }
            Entry::Message(message) if message.declared.is_empty() => {
                text.push_str(&format!("{margin}readonly {name}: string;\n"));
            }
            Entry::Message(message) => {
                let taken = parameters(message);
                text.push_str(&format!("{margin}readonly {name}: ({taken}) => string;\n"));
            }
        }
    }
}

fn bindings(all: &BTreeMap<String, Message>) -> String {
    let codes: Vec<String> = Language::ALL.iter().map(|it| format!("{:?}", it.code())).collect();
    let tags: Vec<String> =
        Language::ALL.iter().map(|it| format!("{:?}: {:?}", it.code(), it.tag())).collect();
    let mut text = format!(
        "{HEAD}\n\
         /** The codes of the languages. What one has no text for is said in the first. */\n\
         export const LANGUAGES = [{}] as const;\n\n\
         /** A language, by its code. */\n\
         export type Language = (typeof LANGUAGES)[number];\n\n\
         /** The BCP 47 tag of each, which is the name of its folder. */\n\
         export const TAGS: Record<Language, string> = {{ {} }};\n\n\
         /** What every language has to say, by its place: `totals_files` is `totals.files`. */\n\
         export interface Dictionary {{\n",
        codes.join(", "),
        tags.join(", ")
    );
    write(&tree(all), 2, &mut text);
    text.push_str("}\n");
    text
}

#[test]
fn export_bindings_messages() {
    let folder = std::env::var_os("TS_RS_EXPORT_DIR").expect("cargo's configuration names it");
    let english = messages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("messages/en"));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    std::fs::write(PathBuf::from(folder).join("Messages.ts"), bindings(&english))
        .expect("the folder can be written to");
}
