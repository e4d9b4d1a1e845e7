//! Holds the languages against each other, and the catalogue against the code that says it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[path = "../src/catalogue.rs"]
mod catalogue;

use catalogue::{Message, PARTS, WINDOW, is_of_the_page, messages, parameters, place};

/// Says of a translation that it is meant to be what English says.
const SAME: &str = "Same as in English.";

/// The list of the page's messages, made from the catalogue.
const LIST: &str = "Messages.ts";

type Messages = BTreeMap<String, Message>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("messages")
}

/// The messages of English, and of every other language by its tag.
fn languages() -> (Messages, BTreeMap<String, Messages>) {
    let mut all: BTreeMap<String, Messages> = std::fs::read_dir(folder())
        .expect("the catalogue can be read")
        .map(|language| language.expect("the catalogue can be read"))
        .map(|language| {
            (language.file_name().to_string_lossy().into_owned(), messages(&language.path()))
        })
        .collect();
    let english = all.remove("en").expect("English is there");
    assert!(!all.is_empty(), "no other language is there");
    (english, all)
}

fn is_part(message: &Message) -> bool {
    message.file == Path::new(PARTS)
}

/// What one language has and another one lacks.
fn lacking(has: &Messages, lacks: &Messages) -> Vec<String> {
    let said = has.values().filter(|message| !is_part(message));
    said.filter(|message| !lacks.contains_key(&message.id)).map(|it| it.id.clone()).collect()
}

/// Messages that another file of the same name does not have, or that need other parameters.
fn differing(english: &Messages, other: &Messages) -> Vec<String> {
    let pairs = english.values().filter(|message| !is_part(message));
    pairs
        .filter_map(|message| Some((message, other.get(&message.id)?)))
        .filter(|(message, translated)| {
            message.file != translated.file
                || parameters(english, message) != parameters(other, translated)
        })
        .map(|(message, _)| message.id.clone())
        .collect()
}

/// Messages that say what English says, though nothing says that this is meant; and those that are
/// said to, and do not.
fn untranslated(english: &Messages, other: &Messages) -> Vec<String> {
    let has_words = |message: &Message| {
        message.words.iter().any(|words| words.contains(|c: char| c.is_alphabetic()))
    };
    let wrong = |message: &&Message| {
        let Some(original) = english.get(&message.id) else { return false };
        let meant = message.remarks.iter().any(|line| line == SAME);
        meant != (has_words(original) && original.text == message.text)
    };
    other.values().filter(wrong).map(|message| message.id.clone()).collect()
}

#[test]
fn no_message_is_missing_in_a_language_and_none_is_left_over() {
    let (english, others) = languages();
    for (tag, other) in others {
        assert_eq!(lacking(&english, &other), [""; 0], "missing in {tag}");
        assert_eq!(lacking(&other, &english), [""; 0], "left over in {tag}");
    }
}

#[test]
fn a_message_is_in_the_same_file_and_needs_the_same_in_every_language() {
    let (english, others) = languages();
    for (tag, other) in others {
        assert_eq!(differing(&english, &other), [""; 0], "other parameters or file in {tag}");
    }
}

#[test]
fn every_message_is_translated() {
    let (english, others) = languages();
    for (tag, other) in others {
        assert_eq!(untranslated(&english, &other), [""; 0], "as in English in {tag}");
    }
}

/// Text of all sources with one of these endings below a folder, without tests of their own.
fn sources(folder: &Path, endings: &[&str], text: &mut String) {
    for entry in std::fs::read_dir(folder).expect("the workspace can be read") {
        let path = entry.expect("the workspace can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_test = matches!(name, "tests" | "tests.rs")
            || name.ends_with("_tests.rs")
            || name.ends_with(".test.ts");
        if path.is_dir() && !is_test && !matches!(name, "target" | "fuzz") {
            sources(&path, endings, text);
        } else if endings.iter().any(|ending| name.ends_with(ending)) && !is_test && name != LIST {
            text.push_str(&std::fs::read_to_string(&path).expect("the workspace can be read"));
        }
    }
}

/// What of the page's source tells what it says.
struct Page {
    /// The paths of names: `a.b.c`, `b.c` and `c` of `text.a.b.c(d)`, without brackets.
    paths: BTreeSet<String>,
    /// All names, also in strings.
    names: BTreeSet<String>,
}

impl Page {
    fn of(text: &str) -> Self {
        let is_part = |c: char| c.is_alphanumeric() || c == '.' || c == '_';
        let mut paths = BTreeSet::new();
        for path in text.split(|c: char| !is_part(c)) {
            let mut rest = path;
            while let Some((_, after)) = rest.split_once('.') {
                paths.insert(after.to_owned());
                rest = after;
            }
        }
        Self { paths, names: names(text).into_iter().map(str::to_owned).collect() }
    }

    /// By its path; or by a group that is taken as a whole, and a name in it.
    fn says(&self, message: &Message) -> bool {
        let place = place(&message.id);
        let (leaf, groups) = place.split_last().expect("a name is not empty");
        let named = |name: &String| name.split(['.', '-']).all(|part| self.names.contains(part));
        let from_group = (1..=groups.len())
            .any(|depth| self.paths.contains(&groups[..depth].join(".")) && named(leaf));
        from_group || self.paths.contains(&place.join("."))
    }
}

/// The names in a source.
fn names(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect()
}

/// Messages that nothing says.
fn unused(all: &Messages, said: &dyn Fn(&Message) -> bool) -> Vec<String> {
    let referred: BTreeSet<&String> = all.values().flat_map(|it| &it.references).collect();
    all.values()
        .filter(|message| !referred.contains(&message.id) && (is_part(message) || !said(message)))
        .map(|message| message.id.clone())
        .collect()
}

#[test]
fn every_message_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let (mut rust, mut page) = (String::new(), String::new());
    sources(&root.join("src-tauri"), &[".rs"], &mut rust);
    sources(&root.join("ui/src"), &[".svelte", ".ts"], &mut page);
    let (rust, page) = (names(&rust), Page::of(&page));
    let said = |message: &Message| {
        let in_rust = !message.file.starts_with(WINDOW) && rust.contains(message.id.as_str());
        in_rust || (is_of_the_page(&message.file) && page.says(message))
    };
    let (english, others) = languages();
    assert_eq!(unused(&english, &said), [""; 0], "said nowhere");
    for (tag, other) in others {
        assert_eq!(unused(&other, &said), [""; 0], "said nowhere in {tag}");
    }
}

/// A language made of these lines, in a file of its own.
fn language(file: &str, lines: &[(&str, &str)]) -> Messages {
    let lines = lines.iter().map(|(id, words)| {
        let names = words.split('$').skip(1).filter_map(|rest| rest.split(' ').next());
        let message = Message {
            id: (*id).to_owned(),
            file: PathBuf::from(file),
            declared: Vec::new(),
            remarks: Vec::new(),
            variables: names.map(str::to_owned).collect(),
            references: BTreeSet::new(),
            words: vec![(*words).to_owned()],
            text: (*words).to_owned(),
        };
        (message.id.clone(), message)
    });
    lines.collect()
}

#[test]
fn what_is_wrong_is_found() {
    let english = language("a.ftl", &[("b", "Pause"), ("c", "$count files"), ("d", "OSS")]);
    let mut other = language("a.ftl", &[("b", "Pause"), ("c", "$files 个文件"), ("e", "多余")]);
    assert_eq!(lacking(&english, &other), ["d"]);
    assert_eq!(lacking(&other, &english), ["e"]);
    assert_eq!(differing(&english, &other), ["c"]);
    assert_eq!(untranslated(&english, &other), ["b"]);
    other.get_mut("b").expect("is there").remarks.push(SAME.to_owned());
    assert_eq!(untranslated(&english, &other), [""; 0]);
    let moved = language("z.ftl", &[("b", "暂停")]);
    assert_eq!(differing(&english, &moved), ["b"]);
    let said = language("window/a.ftl", &[("a_b", ""), ("a_c", ""), ("d_e", ""), ("d_x__y", "")]);
    let page = Page::of("{text.a.b(1)} {text.a.cd} const all = text.d; all.e; f.a");
    assert_eq!(unused(&said, &|message| page.says(message)), ["a_c", "d_x__y"]);
    let names = names("message::b(1); let cd = d;");
    assert_eq!(unused(&english, &|message| names.contains(message.id.as_str())), ["c"]);
}
