//! The contract: each object that the page names is written by the program, with its fields.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use ferry_sandbox::{Action, Operation, Rule};
use serde_json::{Map, Value};
use support::ferry::{BUCKET, Place, REGION, Ran};
use support::poll::until;
use support::watching;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::{read, root, spans};

/// Fields that hold another object of the contract, or a list of them, each with its name there.
const INSIDE: [(&str, &str); 9] = [
    ("addresses", "address"),
    ("cleanup", "cleanup"),
    ("fault", "fault"),
    ("findings", "finding"),
    ("item", "item"),
    ("large", "figures"),
    ("receipt", "receipt"),
    ("small", "figures"),
    ("watch", "watched"),
];

/// What the page promises, and which objects were met.
#[derive(Debug)]
struct Contract {
    /// For each object its fields, and whether each is always there.
    objects: BTreeMap<String, BTreeMap<String, bool>>,
    met: BTreeSet<String>,
}

impl Contract {
    fn read() -> Self {
        let text = read(&root().join("docs/en/src/reference/contract.md"));
        let mut objects: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
        let mut object = None;
        for line in text.lines() {
            if line.starts_with('#') {
                object = line.strip_prefix("### `").and_then(|name| name.strip_suffix('`'));
            }
            let (Some(object), Some(row)) = (object, line.strip_prefix("| `")) else { continue };
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            for field in spans(&format!("`{}", cells[0])) {
                let fields = objects.entry(object.to_owned()).or_default();
                fields.insert(field.to_owned(), cells[1] == "yes");
            }
        }
        Self { objects, met: BTreeSet::new() }
    }

    /// Holds a line that a program wrote to the object of this name.
    #[track_caller]
    fn hold(&mut self, name: &str, line: &str) {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let object = value.as_object().unwrap_or_else(|| panic!("no object: {line}"));
        let differences = self.differences(name, object);
        assert!(differences.is_empty(), "{differences:#?}");
    }

    /// Holds each line of a command by its type; lines without a type are `untyped` in this order,
    /// the last of them as often as it comes.
    #[track_caller]
    fn hold_run(&mut self, ran: &Ran, untyped: &[&str]) {
        let mut untyped = untyped.iter().copied();
        let mut last = None;
        for line in ran.stdout.lines() {
            let value: Value =
                serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {ran:#?}"));
            match value["type"].as_str() {
                Some(name) => self.hold(name, line),
                None => {
                    last = untyped.next().or(last);
                    self.hold(last.unwrap_or_else(|| panic!("a line has no type: {ran:#?}")), line);
                }
            }
        }
    }

    /// What an object lacks of the contract, and what the contract lacks of it.
    fn differences(&mut self, name: &str, object: &Map<String, Value>) -> Vec<String> {
        let Some(promised) = self.objects.get(name) else {
            return vec![format!("{name} is not in the contract: {object:?}")];
        };
        self.met.insert(name.to_owned());
        let unknown = object.keys().filter(|field| !promised.contains_key(*field));
        let missing =
            promised.iter().filter(|(field, always)| **always && !object.contains_key(*field));
        let mut found: Vec<String> =
            unknown.map(|field| format!("{name}: {field} is not in the contract")).collect();
        found.extend(missing.map(|(field, _)| format!("{name}: {field} is promised: {object:?}")));
        for (field, inner) in INSIDE {
            let values = match object.get(field) {
                Some(Value::Array(values)) => values.as_slice(),
                Some(value) => std::slice::from_ref(value),
                None => &[],
            };
            for inside in values.iter().filter_map(Value::as_object) {
                found.extend(self.differences(inner, inside));
            }
        }
        found
    }
}

fn destination() -> String {
    format!("oss://{BUCKET}/in/")
}

/// A command with the store's place.
fn at_the_store(place: &Place, arguments: &[&str]) -> Command {
    let mut command = place.ferry();
    command.args(arguments);
    command.args(["--endpoint", &place.sandbox.endpoint(), "--region", REGION, "--json"]);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn json_has_the_fields_of_the_contract() {
    let mut contract = Contract::read();
    let place = Place::new().await;
    runs(&mut contract, &place).await;
    lists(&mut contract, &place).await;
    rechecks(&mut contract, &place).await;
    hooks_and_metrics(&mut contract).await;
    standard_input(&mut contract).await;
    lost_queues(&mut contract).await;
    watches(&mut contract).await;
    measurements(&mut contract, &place).await;
    other_tools(&mut contract, &place).await;
    let missing: Vec<_> =
        contract.objects.keys().filter(|name| !contract.met.contains(*name)).collect();
    assert!(missing.is_empty(), "no program wrote these: {missing:?}");
}

/// Uploads that go well, that are in the way, that wait, and that are told of while they run.
async fn runs(contract: &mut Contract, place: &Place) {
    for name in ["a.txt", "b.txt", "taken.txt"] {
        place.write(format!("d/{name}"), name.as_bytes());
    }
    let (folder, destination) = (place.path("d"), destination());
    let ran = place.put_all(&[&folder.join("taken.txt")], &format!("{destination}d/"), &[]).await;
    contract.hold_run(&ran, &[]);
    // One cannot go, as another object has its name.
    place.write("d/taken.txt", b"something else");
    let ran = place.put_all(&[&folder], &destination, &[]).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    contract.hold_run(&ran, &[]);
    // A callback without an answer, and a store that gives none.
    let callback = ["--callback-url", "http://127.0.0.1:9/", "--callback-body", "x"];
    let file = place.write("called.txt", b"called");
    contract.hold_run(&place.put_all(&[&file], &destination, &callback).await, &[]);
    let file = place.write("lost.txt", b"lost");
    let mut command = place.ferry();
    command.arg("put").arg(&file).args([&destination, "--endpoint", "http://127.0.0.1:9"]);
    command.args(["--region", REGION, "--wait", "1s", "--json"]);
    let ran = Ran::of(command).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    contract.hold_run(&ran, &[]);
    let slow = place.write("slow.bin", &vec![7; 100_000]);
    contract.hold_run(&place.put_all(&[&slow], &destination, &["--limit", "20k"]).await, &[]);
}

/// What the queue, the history and the profiles hold.
async fn lists(contract: &mut Contract, place: &Place) {
    contract.hold_run(&place.run(["queue", "--json"]).await, &["item"]);
    contract.hold_run(&place.run(["history", "--json"]).await, &["history"]);
    let ran = place.run(["receipt", "1", "--format", "json"]).await;
    assert_eq!(ran.code, 0, "{ran:#?}");
    contract.hold_run(&ran, &["history", "receipt"]);
    let options = ["--keys", "environment", "--plain-http", "allow"];
    let added = place.add_profile("work", "oss", &options).await;
    assert_eq!(added.code, 0, "{added:#?}");
    contract.hold_run(&place.run(["profile", "list", "--json"]).await, &["profile"]);
    contract.hold_run(&place.run(["link", "--all", "--json"]).await, &[]);
}

/// Of the first batch, once another object has its name.
async fn rechecks(contract: &mut Contract, place: &Place) {
    let over = ["--existing", "overwrite"];
    let to = format!("{}d/", destination());
    place.put_all(&[&place.path("d/taken.txt")], &to, &over).await.assert_verified(1);
    let ran = place.run(["receipt", "1", "--verify", "--format", "json"]).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let (last, others) = lines.split_last().expect("a summary");
    assert_eq!(others.len(), 1, "{ran:#?}");
    contract.hold("recheck", others[0]);
    contract.hold("recheck-summary", last);
}

/// Hooks that get what happened, one that cannot be started, and the address of metrics.
async fn hooks_and_metrics(contract: &mut Contract) {
    let place = Place::new().await;
    let kept = |event: &str| place.path(format!("told-{event}"));
    let hook = |event: &str| format!("{event}=/bin/sh -c 'cat > {}'", kept(event).display());
    let hooks = [hook("verified"), hook("failed"), hook("batch"), "batch=/no/such/program".into()];
    let mut options: Vec<&str> = hooks.iter().flat_map(|hook| ["--hook", hook.as_str()]).collect();
    options.extend(["--metrics", "127.0.0.1:0"]);
    let refused = Action::Status { status: 400, code: "InvalidArgument".into() };
    place.sandbox.faults().add(Rule::on(Operation::PutObject).key("in/bad.txt"), refused);
    let files = ["good.txt", "bad.txt"].map(|name| place.write(name, name.as_bytes()));
    let ran = place.put_all(&[&files[0], &files[1]], &destination(), &options).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    contract.hold_run(&ran, &[]);
    for (event, object) in [("verified", "event"), ("failed", "event"), ("batch", "batch-event")] {
        contract.hold(object, &read(&kept(event)));
    }
}

/// Standard input that cannot be read: a folder can be opened, and not read.
async fn standard_input(contract: &mut Contract) {
    let place = Place::new().await;
    let key = format!("{}piped", destination());
    let mut command = place.put(&[Path::new("-")], &key, &[]);
    command.stdin(File::open(place.root.path()).expect("opens"));
    let ran = Ran::of(command).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    contract.hold_run(&ran, &[]);
}

/// An upload whose queue is gone, and a queue of which pages are.
async fn lost_queues(contract: &mut Contract) {
    let place = Place::new().await;
    place.sandbox.faults().add(Rule::on(Operation::UploadPart).part(2), Action::Stall);
    let file = place.write("large.bin", &vec![7; 2 << 20]);
    let mut child = place.start(place.put(&[&file], &destination(), &["--part-size", "1MiB"]));
    until("a part", || {
        place.sandbox.open_uploads(BUCKET).iter().any(|upload| !upload.parts.is_empty())
    })
    .await;
    child.kill().await.expect("it is killed");
    std::fs::remove_dir_all(place.path("data")).expect("the queue is lost");
    let file = file.to_str().expect("it is Unicode");
    let ran = Ran::of(at_the_store(&place, &["recover", &destination(), file])).await;
    assert_eq!(ran.code, 0, "{ran:#?}");
    contract.hold_run(&ran, &[]);

    let place = Place::new().await;
    for number in 0..60 {
        place.write(format!("d/{number}.bin"), &[number]);
    }
    place.put_all(&[&place.path("d")], &destination(), &[]).await.assert_verified(60);
    let queue = place.path("data").join("ferry.db");
    let mut bytes = std::fs::read(&queue).expect("reads");
    let middle = bytes.len() * 2 / 3 / 4096 * 4096;
    bytes[middle..middle + 4 * 4096].fill(0);
    std::fs::write(&queue, &bytes).expect("writes");
    contract.hold_run(&place.run(["queue", "--json"]).await, &["item"]);
}

/// A watch from its dry run to what came of its day.
async fn watches(contract: &mut Contract) {
    let (place, folder) = watching::place().await;
    let path = folder.to_str().expect("it is Unicode");
    let dry = ["watch", "add", path, "--profile", "lab", "--dry-run", "--json"];
    contract.hold_run(&place.run(dry).await, &[]);
    let added = watching::watch(&place, &folder, &[]).await;
    contract.hold("watched", &added.to_string());
    contract.hold_run(&place.run(["watch", "list", "--json"]).await, &["watched"]);
    place.write("in/a.txt", b"a");
    let running = watching::run(&place);
    until("the file's end", || {
        let mut listed = place.ferry();
        let listed = listed.args(["queue", "--json"]).as_std_mut().output();
        let listed = listed.expect("ferry runs").stdout;
        String::from_utf8_lossy(&listed).contains(r#""state":"done""#)
    })
    .await;
    contract.hold_run(&watching::stop(running).await, &[]);
    let ran = place.run(["watch", "days", &added["id"].to_string(), "--json"]).await;
    assert_eq!(ran.stdout.lines().count(), 1, "{ran:#?}");
    contract.hold_run(&ran, &["day"]);
}

/// The doctor and the benchmark.
async fn measurements(contract: &mut Contract, place: &Place) {
    let mut command = place.ferry();
    command.args(["doctor", "work", "--json"]);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    contract.hold_run(&Ran::of(command).await, &["checkup"]);
    let speed = format!("oss://{BUCKET}/speed");
    let sizes = ["bench", &speed, "--size", "16MiB", "--files", "3", "--file-size", "4KiB"];
    let ran = Ran::of(at_the_store(place, &sizes)).await;
    assert_eq!(ran.code, 0, "{ran:#?}");
    contract.hold_run(&ran, &[]);
}

/// Keys of other tools, and the practice store.
async fn other_tools(contract: &mut Contract, place: &Place) {
    let text = b"[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = no-secret\n";
    let mut command = place.ferry();
    command.args(["profile", "import", "--list", "--json"]);
    command.env("AWS_SHARED_CREDENTIALS_FILE", place.write("credentials", text));
    contract.hold_run(&Ran::of(command).await, &[]);
    let mut command = place.ferry();
    command.args(["sandbox", "--listen", "127.0.0.1:0", "--root"]).arg(place.path("practice"));
    let mut child = place.start(command);
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let line = lines.next_line().await.expect("reads").expect("a line");
    child.kill().await.expect("it is killed");
    contract.hold("sandbox", &line);
}

#[tokio::test]
async fn exit_codes_are_those_of_the_contract() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"a");
    let destination = format!("oss://{BUCKET}/");
    assert_eq!(place.put_all(&[&file], &destination, &[]).await.code, 0);
    place.write("a.txt", b"another");
    assert_eq!(place.put_all(&[&file], &destination, &[]).await.code, 1);
    assert_eq!(place.run(["put", "--no-such-option"]).await.code, 2);
    // The rows that begin with a number.
    let table = |page: &str| -> BTreeSet<String> {
        let text = read(&root().join("docs").join(page));
        let rows = text.lines().filter_map(|line| line.strip_prefix("| "));
        let numbers = rows.filter_map(|row| row.split(' ').next());
        numbers.filter(|word| word.parse::<u8>().is_ok()).map(str::to_owned).collect()
    };
    let promised = table("en/src/reference/contract.md");
    assert!(promised.contains("130"), "{promised:?}");
    for page in [
        "en/src/reference/commands.md",
        "en/src/guide/command-line.md",
        "zh-CN/src/guide/command-line.md",
    ] {
        assert_eq!(table(page), promised, "{page} has others");
    }
}
