//! The texts a receipt is written as.

use super::ReceiptFile;

/// How a receipt is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptFormat {
    /// A table: RFC 4180, with a line of names.
    Csv,
    /// A JSON object for each file, a line each.
    Json,
    /// What `sha256sum --check` reads, of the files whose SHA-256 was computed.
    Sha256sum,
    /// What `md5sum --check` reads, of the files whose MD5 was computed.
    Md5sum,
}

/// The columns of the table.
const COLUMNS: [&str; 14] = [
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
];

/// A line of the table.
fn csv_line<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let fields: Vec<String> = fields.into_iter().map(csv_field).collect();
    fields.join(",")
}

fn csv_field(field: &str) -> String {
    if field.contains(['"', ',', '\n', '\r']) || field.starts_with(char::is_whitespace) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// A line for `sha256sum` and `md5sum`: a name with a backslash or a line break is escaped, which a
/// backslash before the sum says.
fn sum_line(sum: &str, name: &str) -> String {
    if name.contains(['\\', '\n', '\r']) {
        let name = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
        format!("\\{sum}  {name}")
    } else {
        format!("{sum}  {name}")
    }
}

/// What stands before the files; empty where nothing does.
pub fn receipt_head(format: ReceiptFormat) -> String {
    match format {
        ReceiptFormat::Csv => csv_line(COLUMNS),
        ReceiptFormat::Json | ReceiptFormat::Sha256sum | ReceiptFormat::Md5sum => String::new(),
    }
}

/// The lines of some files, without the last line break. Files that the format has nothing to say
/// of are left out.
pub fn receipt_lines(format: ReceiptFormat, files: &[ReceiptFile]) -> String {
    let lines: Vec<String> = files.iter().filter_map(|file| line(format, file)).collect();
    lines.join("\n")
}

fn line(format: ReceiptFormat, file: &ReceiptFile) -> Option<String> {
    match format {
        ReceiptFormat::Csv => {
            let state = serde_json::to_value(file.state).ok()?;
            let (id, size) = (file.id.to_string(), file.size.to_string());
            let optional = |field: &'_ Option<String>| field.clone().unwrap_or_default();
            let fields = [
                id,
                file.source.clone(),
                file.bucket.clone(),
                file.key.clone(),
                size,
                state.as_str().unwrap_or_default().to_owned(),
                optional(&file.crc64),
                optional(&file.md5),
                optional(&file.sha256),
                optional(&file.etag),
                optional(&file.version_id),
                optional(&file.request_id),
                optional(&file.started),
                optional(&file.finished),
            ];
            Some(csv_line(fields.iter().map(String::as_str)))
        }
        ReceiptFormat::Json => serde_json::to_string(file).ok(),
        ReceiptFormat::Sha256sum => Some(sum_line(file.sha256.as_deref()?, &file.source)),
        ReceiptFormat::Md5sum => Some(sum_line(file.md5.as_deref()?, &file.source)),
    }
}

#[cfg(test)]
mod tests {
    use ferry_model::Standing;

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
        }
    }

    #[test]
    fn a_table_quotes_what_would_break_it() {
        let lines = receipt_lines(ReceiptFormat::Csv, &[file("/a/\"b\"\n.mov")]);
        let expected = "7,\"/a/\"\"b\"\"\n.mov\",films,\"raw/a, b.mov\",12,done,\
             18446744073709551615,,00ff,\"\"\"9B2C\"\"\",,5F1B,2026-11-29T14:00:00Z,";
        assert_eq!(lines, expected);
        assert_eq!(receipt_head(ReceiptFormat::Csv).split(',').count(), COLUMNS.len());
    }

    #[test]
    fn sums_are_of_the_files_that_have_one_and_names_are_escaped() {
        let files = [file("/a/b.mov"), file("/a\\b\n.mov")];
        let lines = receipt_lines(ReceiptFormat::Sha256sum, &files);
        assert_eq!(lines, "00ff  /a/b.mov\n\\00ff  /a\\\\b\\n.mov");
        assert_eq!(receipt_lines(ReceiptFormat::Md5sum, &files), "");
    }

    #[test]
    fn each_file_is_an_object_on_a_line() {
        let lines = receipt_lines(ReceiptFormat::Json, &[file("/a/b.mov")]);
        let read: serde_json::Value = serde_json::from_str(&lines).expect("JSON");
        assert_eq!(
            (&read["versionId"], &read["state"]),
            (&serde_json::Value::Null, &"done".into())
        );
    }
}
