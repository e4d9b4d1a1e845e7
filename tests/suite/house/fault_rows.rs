//! Each row of the fault matrix has a test, by its name, or stands among the known limits.

use std::collections::BTreeSet;
use std::path::Path;

use crate::files_ending;

/// The rows of the fault matrix that names of tests begin with: `c2_c4_a_name` stands for two.
fn rows_of(name: &str) -> impl Iterator<Item = String> {
    let is_row = |word: &&str| {
        let digits = word.strip_prefix(|letter| "cnhldks".contains(letter)).unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    name.split('_').take_while(is_row).map(str::to_uppercase)
}

/// Names of the functions that an attribute of a test stands above.
fn tests_in(text: &str) -> impl Iterator<Item = &str> {
    let mut is_test = false;
    text.lines().filter_map(move |line| {
        let line = line.trim_start();
        is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        let (_, name) = line.split_once("fn ").filter(|_| is_test)?;
        is_test = false;
        name.split(['(', '<']).next()
    })
}

#[test]
fn each_row_of_the_fault_matrix_has_a_test_or_a_known_limit() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let matrix = include_str!("../fault_rows.txt").lines().filter(|line| !line.starts_with('#'));
    let rows: BTreeSet<&str> = matrix.filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(rows.len(), 73, "the matrix has other rows");
    let mut files = Vec::new();
    for folder in ["src-tauri", "tests"] {
        files_ending(&root.join(folder), &["rs"], &mut files);
    }
    let read = |path: &Path| std::fs::read_to_string(path).expect("the workspace can be read");
    let mut covered: BTreeSet<String> = BTreeSet::new();
    for path in &files {
        covered.extend(tests_in(&read(path)).flat_map(rows_of));
    }
    // Each cell of the fault table ends with its row.
    let table = read(&root.join("src-tauri/crates/engine/tests/fault_table.txt"));
    let cells = table.lines().filter_map(|line| line.rsplit_once(" (")?.1.strip_suffix(')'));
    covered.extend(cells.map(str::to_owned));
    for book in ["en", "zh-CN"] {
        let page = format!("docs/{book}/src/reference/limits.md");
        let text = read(&root.join(&page));
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        let limits: BTreeSet<&str> = words.filter(|word| rows.contains(word)).collect();
        let known = |row: &&&str| limits.contains(**row) || covered.contains(**row);
        let open: Vec<_> = rows.iter().filter(|row| !known(row)).collect();
        assert!(open.is_empty(), "neither a test nor a known limit of {page}: {open:?}");
    }
    let odd: Vec<_> = covered.iter().filter(|row| !rows.contains(row.as_str())).collect();
    assert!(odd.is_empty(), "tests are named after rows that the matrix does not have: {odd:?}");
}

#[test]
fn tests_are_known_by_their_rows() {
    let text = "#[test]\nfn c2_c11_a() {}\nfn c3_helper() {}\n    #[tokio::test]\n    async fn s3_name() {}\n#[test]\nfn s_d() {}";
    let found: Vec<_> = tests_in(text).flat_map(rows_of).collect();
    assert_eq!(found, ["C2", "C11", "S3"]);
}
