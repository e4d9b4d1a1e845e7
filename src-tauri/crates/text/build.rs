//! Makes a function of each message, so that a name or a parameter that is not in the catalogue
//! does not compile, and a list of the languages from their folders.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[path = "src/catalogue.rs"]
#[allow(dead_code)]
mod catalogue;

use catalogue::{Message, PARTS, WINDOW, is_of_the_page};

/// The language that declares what there is, and whose text is shown where another one has none.
const FIRST: &str = "en";

fn main() {
    println!("cargo::rerun-if-changed=messages");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo names a folder"));
    let write = |name: &str, text: String| {
        std::fs::write(out.join(name), text).expect("the folder can be written to");
    };
    write("languages.rs", languages());
    write("messages.rs", functions());
}

/// The folders, the first language first.
fn tags() -> Vec<String> {
    let folders = std::fs::read_dir("messages").expect("the catalogue is there");
    let mut tags: Vec<String> = folders
        .map(|folder| folder.expect("the catalogue can be read").file_name())
        .map(|name| name.into_string().expect("a language tag"))
        .collect();
    tags.sort_by_key(|tag| (tag != FIRST, tag.clone()));
    tags
}

/// A language's word in settings and in what the page gets: `zh` for zh-CN. A second region of the
/// same language goes by its whole tag.
fn code(tag: &str, taken: &mut BTreeSet<String>) -> String {
    let short = tag.split('-').next().unwrap_or(tag).to_owned();
    if taken.insert(short.clone()) { short } else { tag.to_owned() }
}

fn languages() -> String {
    let mut taken = BTreeSet::new();
    let all: Vec<(String, String, String)> = tags()
        .into_iter()
        .map(|tag| {
            let code = code(&tag, &mut taken);
            (variant(&code), code, tag)
        })
        .collect();
    let mut text = String::from(
        "/// A language of the window and the command line.\n\
         #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]\n\
         pub enum Language {\n",
    );
    let mut lists = [const { String::new() }; 5];
    for (variant, code, tag) in &all {
        let _ = writeln!(text, "    /// {tag}\n    #[serde(rename = \"{code}\")]\n    {variant},");
        let _ = write!(lists[0], "Self::{variant}, ");
        let _ = write!(lists[1], "Self::{variant} => \"{code}\", ");
        let _ = write!(lists[2], "Self::{variant} => \"{tag}\", ");
        let here = |file: &Path| !file.starts_with(WINDOW);
        let _ = write!(lists[3], "Self::{variant} => &[{}], ", sources(tag, here));
        let _ = write!(lists[4], "Self::{variant} => &[{}], ", sources(tag, is_of_the_page));
    }
    let [all, codes, tags, sources, page] = lists;
    let _ = write!(
        text,
        "}}\n\n\
         impl Language {{\n\
         /// All of them. What one has no text for is said in the first.\n\
         pub const ALL: &'static [Self] = &[{all}];\n\
         /// Its word in settings and in what the page gets.\n\
         pub fn code(self) -> &'static str {{ match self {{ {codes} }} }}\n\
         /// Its BCP 47 tag.\n\
         pub fn tag(self) -> &'static str {{ match self {{ {tags} }} }}\n\
         pub(crate) fn sources(self) -> &'static [&'static str] {{ match self {{ {sources} }} }}\n\
         /// The files of the messages that the page says.\n\
         pub fn page(self) -> &'static [&'static str] {{ match self {{ {page} }} }}\n\
         }}\n"
    );
    text
}

/// The files of a language that `of` takes.
fn sources(tag: &str, of: impl Fn(&Path) -> bool) -> String {
    let files = catalogue::files(&Path::new("messages").join(tag));
    let taken = files.iter().filter(|file| of(file));
    taken
        .map(|file| {
            let file = file.to_string_lossy().replace('\\', "/");
            format!(
                "include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/messages/{tag}/{file}\")), "
            )
        })
        .collect()
}

/// `ZhTw` of `zh-TW`.
fn variant(code: &str) -> String {
    let word = |part: &str| {
        let (first, rest) = part.split_at(1);
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    };
    code.split('-').map(word).collect()
}

fn functions() -> String {
    let messages = catalogue::messages(&Path::new("messages").join(FIRST));
    let mut text = String::new();
    for message in messages.values() {
        let used = catalogue::parameters(&messages, message);
        let declared: BTreeSet<String> =
            message.declared.iter().map(|parameter| parameter.name.clone()).collect();
        let is_part = message.file == Path::new(PARTS);
        assert!(
            is_part || used == declared,
            "{}: declares {declared:?}, uses {used:?}",
            message.id
        );
        if !is_part && !message.file.starts_with(WINDOW) {
            text.push_str(&function(message));
        }
    }
    text
}

fn function(message: &Message) -> String {
    let id = &message.id;
    let (mut taken, mut given) = (String::new(), String::new());
    for parameter in &message.declared {
        let name = &parameter.name;
        let (kind, value) = match parameter.kind.as_str() {
            "Number" => ("impl Into<Number>", format!("Argument::Number({name}.into())")),
            "String" => ("impl Into<Text>", format!("Argument::Text({name}.into())")),
            "Optional" => ("Option<&str>", format!("Argument::from({name})")),
            other => panic!("{id}: {other} is neither Number, String nor Optional"),
        };
        let _ = write!(taken, "{name}: {kind}, ");
        let _ = write!(given, "(\"{name}\", {value}), ");
    }
    let words = message.words.join(" ").replace('\n', " ");
    format!(
        "/// Of `{}`: {}\npub fn {id}({taken}) -> Text {{ Text::message(\"{id}\", vec![{given}]) }}\n",
        message.file.display(),
        words.trim()
    )
}
