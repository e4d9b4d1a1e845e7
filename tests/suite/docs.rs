//! The documentation, held against the repository and the program: links and pictures lead
//! somewhere, files that are named are there, the books have the same pages, commands have the
//! options that are shown, and JSON has the fields that are promised.

#[cfg(unix)]
#[path = "docs/contract.rs"]
mod contract;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const BOOKS: [&str; 2] = ["en", "zh-CN"];
/// What people read beside the books.
const BESIDE: [&str; 6] = [
    "README.md",
    "README.zh-CN.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "tests/bench/README.md",
];

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the tests are below the root").to_owned()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn pages_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the repository can be read") {
        let path = entry.expect("the repository can be read").path();
        if path.is_dir() {
            pages_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// All pages, the books' and those beside.
fn pages() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = BESIDE.iter().map(|name| root().join(name)).collect();
    for book in BOOKS {
        pages_below(&root().join("docs").join(book).join("src"), &mut found);
    }
    assert!(found.len() > 40, "only {} pages", found.len());
    found
}

/// The lines outside of blocks of code, and those inside of blocks of this language.
fn split<'t>(text: &'t str, language: &str) -> (Vec<&'t str>, Vec<&'t str>) {
    let (mut prose, mut code, mut inside) = (Vec::new(), Vec::new(), None);
    for line in text.lines() {
        match (line.trim_start().strip_prefix("```"), inside) {
            (Some(begun), None) => inside = Some(begun == language),
            (Some(_), Some(_)) => inside = None,
            (None, Some(true)) => code.push(line),
            (None, Some(false)) => {}
            (None, None) => prose.push(line),
        }
    }
    (prose, code)
}

/// What links and pictures of a line lead to: `](…)`, `src="…"`, `srcset="…"`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let ends = [("](", ')'), (" src=\"", '"'), (" srcset=\"", '"')];
    ends.into_iter().flat_map(move |(begins, end)| {
        line.split(begins).skip(1).filter_map(move |rest| rest.split(end).next())
    })
}

/// The places of a page that a link can name, as mdBook and GitHub make them of headings.
fn places(text: &str) -> BTreeSet<String> {
    let headings = split(text, "").0.into_iter().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            words.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
        })
        .collect()
}

#[test]
fn links_and_pictures_lead_somewhere() {
    let mut broken = Vec::new();
    let mut followed = 0;
    for page in pages() {
        let text = read(&page);
        for target in split(&text, "").0.into_iter().flat_map(targets) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            followed += 1;
            let (path, place) = target.split_once('#').unwrap_or((target, ""));
            let to = match path {
                "" => page.clone(),
                path => page.parent().expect("a page has a folder").join(path),
            };
            let leads = to.exists() && (place.is_empty() || places(&read(&to)).contains(place));
            if !leads {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(followed > 150, "only {followed} links were followed");
    assert!(broken.is_empty(), "these links lead nowhere: {broken:#?}");
}

#[test]
fn each_page_of_a_book_is_in_its_list() {
    for book in BOOKS {
        let sources = root().join("docs").join(book).join("src");
        let summary = read(&sources.join("SUMMARY.md"));
        let listed: BTreeSet<PathBuf> =
            summary.lines().flat_map(targets).map(|name| sources.join(name)).collect();
        let mut found = Vec::new();
        pages_below(&sources, &mut found);
        found.retain(|page| !page.ends_with("SUMMARY.md"));
        let found: BTreeSet<PathBuf> = found.into_iter().collect();
        assert_eq!(found, listed, "docs/{book}/src/SUMMARY.md lists the pages");
    }
}

/// What the Chinese book has not: what scripts meet, which the program writes or a test reads, and
/// what is for contributors. Chinese pages that lead there say that it is in English.
const ENGLISH_ONLY: [&str; 4] =
    ["contributing", "reference/commands.md", "reference/contract.md", "reference/files.md"];

/// What a page is made of, in order: the levels of its headings, the languages of its blocks of
/// code, the columns of its tables' rows, and its pictures without the language and the theme.
fn made_of(text: &str) -> [(&'static str, Vec<String>); 4] {
    let prose = split(text, "").0;
    let beginning = |sign: char| prose.iter().filter(move |line| line.starts_with(sign));
    let headings = beginning('#').filter_map(|line| line.split(' ').next());
    let blocks = text.lines().filter_map(|line| line.trim_start().strip_prefix("```")).step_by(2);
    let rows = beginning('|').map(|line| line.matches('|').count().to_string());
    let pictures =
        prose.iter().copied().flat_map(targets).filter(|target| target.ends_with(".png"));
    let pictures = pictures.map(|target| {
        let name = target.rsplit('/').next().unwrap_or(target);
        name.split("-en-").flat_map(|part| part.split("-zh-")).next().unwrap_or(name)
    });
    [
        ("headings", headings.map(str::to_owned).collect()),
        ("blocks of code", blocks.map(str::to_owned).collect()),
        ("rows of tables", rows.collect()),
        ("pictures", pictures.map(str::to_owned).collect()),
    ]
}

#[test]
fn the_books_have_the_same_pages_made_of_the_same() {
    let sources = BOOKS.map(|book| root().join("docs").join(book).join("src"));
    let [english, chinese] = sources.each_ref().map(|sources| -> BTreeSet<PathBuf> {
        let mut found = Vec::new();
        pages_below(sources, &mut found);
        let below = found.iter().filter_map(|page| page.strip_prefix(sources).ok());
        below.filter(|page| !page.ends_with("SUMMARY.md")).map(Path::to_owned).collect()
    });
    let wanted = |page: &&PathBuf| !ENGLISH_ONLY.iter().any(|only| page.starts_with(only));
    let wanted: BTreeSet<PathBuf> = english.iter().filter(wanted).cloned().collect();
    assert_eq!(chinese, wanted, "docs/zh-CN has these pages, docs/en those");
    for only in ENGLISH_ONLY {
        let is_there = english.iter().any(|page| page.starts_with(only));
        assert!(is_there, "{only} is in no book");
    }
    let mut pairs: Vec<[PathBuf; 2]> =
        wanted.iter().map(|page| sources.each_ref().map(|sources| sources.join(page))).collect();
    pairs.push(["README.md", "README.zh-CN.md"].map(|name| root().join(name)));
    let mut unlike = Vec::new();
    for [english, chinese] in pairs {
        let both = made_of(&read(&english)).into_iter().zip(made_of(&read(&chinese)));
        for ((what, ours), (_, theirs)) in both.filter(|(ours, theirs)| ours != theirs) {
            let (page, counts) = (chinese.display(), [ours.len(), theirs.len()]);
            unlike.push(format!("{page}: {what}, {counts:?}: {ours:?} in English, {theirs:?}"));
        }
    }
    assert!(unlike.is_empty(), "{unlike:#?}");
}

/// The spans of code in a line.
fn spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The folders of the repository that pages name files of.
const FOLDERS: [&str; 5] = ["src-tauri/", "ui/", "tests/", "docs/", ".github/"];

#[test]
fn files_that_pages_name_are_there() {
    let (mut named, mut missing) = (0, Vec::new());
    for page in pages() {
        for line in split(&read(&page), "").0 {
            for span in spans(line) {
                let is_file = FOLDERS.iter().any(|folder| span.starts_with(folder));
                if is_file && !span.contains("TAG") && !span.contains('*') {
                    named += 1;
                    if !root().join(span).exists() {
                        missing.push(format!("{}: {span} is not there", page.display()));
                    }
                }
            }
            // "- `FILE` (`WHAT IS IN IT`): why"
            let Some((file, rest)) =
                line.strip_prefix("- `").and_then(|rest| rest.split_once("` (`"))
            else {
                continue;
            };
            let text = std::fs::read_to_string(root().join(file)).unwrap_or_default();
            if let Some((what, _)) = rest.split_once("`)").filter(|(what, _)| !text.contains(what))
            {
                missing.push(format!("{}: {file} has no {what}", page.display()));
            }
        }
    }
    assert!(named > 130, "only {named} files are named");
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The options of each command, as the page that the program wrote has them.
fn options() -> BTreeMap<String, BTreeSet<String>> {
    let text = read(&root().join("docs/en/src/reference/commands.md"));
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut command = String::new();
    for line in text.lines() {
        let heading = line.trim_start_matches('#').trim();
        if line.starts_with('#') && heading.starts_with("ferry ") {
            command = heading.to_owned();
            found.entry(command.clone()).or_default();
        } else if let Some(argument) = line.strip_prefix("- `--") {
            let name = argument.split([' ', '`', '=', '[', '.']).next().unwrap_or_default();
            found.entry(command.clone()).or_default().insert(format!("--{name}"));
        }
    }
    assert!(found.len() > 20, "only {} commands", found.len());
    found
}

/// The calls of `ferry` in a line of a shell, each as its words; what is quoted is one `…`.
fn calls(line: &str) -> Vec<Vec<String>> {
    let line = line.split(" #").next().unwrap_or(line);
    let unquoted = line.split('\'').step_by(2).collect::<Vec<_>>().join("…");
    unquoted
        .split([';', '|'])
        .map(|call| call.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .filter(|words| words.first().is_some_and(|word| word == "ferry"))
        .collect()
}

#[test]
fn commands_that_are_shown_have_their_options() {
    let options = options();
    let (mut seen, mut wrong) = (0, Vec::new());
    for page in pages() {
        let text = read(&page).replace("\\\n", " ");
        for call in split(&text, "sh").1.into_iter().flat_map(calls) {
            let name = |words: usize| call[..words.min(call.len())].join(" ");
            let Some(known) = options.get(&name(3)).or_else(|| options.get(&name(2))) else {
                wrong.push(format!("{}: {} is no command", page.display(), name(3)));
                continue;
            };
            for word in call.iter().filter(|word| word.starts_with("--")) {
                seen += 1;
                let option = word.split('=').next().unwrap_or(word);
                if !known.contains(option) {
                    wrong.push(format!("{}: {} has no {option}", page.display(), name(3)));
                }
            }
        }
    }
    assert!(seen > 60, "only {seen} options were looked at");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
