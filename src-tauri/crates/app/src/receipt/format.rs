//! The texts a receipt is written as, but for Media Hash Lists.

use super::ReceiptFile;

/// The columns of the table.
const COLUMNS: [&str; 17] = [
    "id",
    "source",
    "bucket",
    "key",
    "size",
    "state",
    "crc64",
    "md5",
    "sha256",
    "etag",
    "version_id",
    "request_id",
    "started",
    "finished",
    "verified_by",
    "took_ms",
    "afterwards",
];

/// Lines of a table, without the last line break.
fn table<Fields>(lines: impl IntoIterator<Item = Fields>) -> String
where
    Fields: IntoIterator,
    Fields::Item: AsRef<[u8]>,
{
    let mut writer = csv::Writer::from_writer(Vec::new());
    for fields in lines {
        writer.write_record(fields).expect("memory takes what is written, and lines are alike");
    }
    let bytes = writer.into_inner().expect("memory takes what is written");
    let text = String::from_utf8(bytes).expect("made of text");
    text.strip_suffix('\n').map(str::to_owned).unwrap_or(text)
}

/// The line of names.
pub(super) fn csv_head() -> String {
    table([COLUMNS])
}

/// A line for each file.
pub(super) fn csv_lines(files: &[ReceiptFile]) -> String {
    table(files.iter().map(|file| {
        let state = serde_json::to_value(file.state).unwrap_or_default();
        let proof = serde_json::to_value(file.verified_by).unwrap_or_default();
        let afterwards = serde_json::to_value(&file.afterwards).unwrap_or_default();
        let optional = |field: &Option<String>| field.clone().unwrap_or_default();
        [
            file.id.to_string(),
            file.source.clone(),
            file.bucket.clone(),
            file.key.clone(),
            file.size.to_string(),
            state.as_str().unwrap_or_default().to_owned(),
            optional(&file.crc64),
            optional(&file.md5),
            optional(&file.sha256),
            optional(&file.etag),
            optional(&file.version_id),
            optional(&file.request_id),
            optional(&file.started),
            optional(&file.finished),
            proof.as_str().unwrap_or_default().to_owned(),
            file.took_ms.map(|took| took.to_string()).unwrap_or_default(),
            afterwards.get("type").and_then(|word| word.as_str()).unwrap_or_default().to_owned(),
        ]
    }))
}

/// A line for `sha256sum` and `md5sum`: a name with a backslash or a line break is escaped, which a
/// backslash before the sum says.
pub(super) fn sum_line(sum: &str, name: &str) -> String {
    if name.contains(['\\', '\n', '\r']) {
        let name = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
        format!("\\{sum}  {name}")
    } else {
        format!("{sum}  {name}")
    }
}

#[cfg(test)]
mod tests {
    use ferry_model::{Proof, Standing, Tidied};

    use super::*;

    fn file(source: &str) -> ReceiptFile {
        ReceiptFile {
            id: 7,
            source: source.to_owned(),
            bucket: "films".to_owned(),
            key: "raw/a, b.mov".to_owned(),
            size: 12,
            state: Standing::Done,
            crc64: Some("18446744073709551615".to_owned()),
            md5: None,
            sha256: Some("00ff".to_owned()),
            etag: Some("\"9B2C\"".to_owned()),
            version_id: None,
            request_id: Some("5F1B".to_owned()),
            started: Some("2026-11-29T14:00:00Z".to_owned()),
            finished: None,
            taken_anew: false,
            verified_by: Some(Proof::Crc64Nvme),
            took_ms: Some(3_500),
            afterwards: None,
            replaced: false,
        }
    }

    #[test]
    fn a_table_quotes_what_would_break_it() {
        let expected = "7,\"/a/\"\"b\"\"\n.mov\",films,\"raw/a, b.mov\",12,done,\
             18446744073709551615,,00ff,\"\"\"9B2C\"\"\",,5F1B,2026-11-29T14:00:00Z,,crc64Nvme,3500,";
        assert_eq!(csv_lines(&[file("/a/\"b\"\n.mov")]), expected);
        assert_eq!(csv_head().split(',').count(), COLUMNS.len());
        let unknown = ReceiptFile { verified_by: None, took_ms: None, ..file("a") };
        assert!(csv_lines(&[unknown]).ends_with("5F1B,2026-11-29T14:00:00Z,,,,"));
        let moved = Tidied::Moved { to: "/sent/b.mov".to_owned() };
        let moved = ReceiptFile { afterwards: Some(moved), ..file("a") };
        assert!(csv_lines(&[moved]).ends_with(",3500,moved"));
        assert_eq!(csv_lines(&[]), "");
    }

    #[test]
    fn names_of_sums_are_escaped() {
        assert_eq!(sum_line("00ff", "/a/b.mov"), "00ff  /a/b.mov");
        assert_eq!(sum_line("00ff", "/a\\b\n.mov"), "\\00ff  /a\\\\b\\n.mov");
    }
}
