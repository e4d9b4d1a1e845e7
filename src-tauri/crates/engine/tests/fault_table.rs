//! The operation x fault table: what becomes of a transfer when a request of one operation meets
//! one fault, once and always.
//!
//! `fault_table.txt` holds one row for each cell. Each cell is an engine and a sandbox of its own
//! under a paused clock, so that waits of minutes take no time. After the faults have ended, each
//! transfer must come to rest: by itself where it waits, after a retry where it failed.

mod bench;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bench::{BUCKET, Bench};
use bytes::Bytes;
use ferry_engine::{Change, MemoryFiles, TransferCommand};
use ferry_journal::{Selection, TransferRow};
use ferry_model::{Provider, Standing};
use ferry_sandbox::{Action, Operation, Rule};

/// The smallest part of OSS; what is less than S3's is taken for S3's.
const PART: u64 = 102_400;
const SMALL: usize = 1_000;
const PATH: &str = "/files/table.bin";
const KEY: &str = "table.bin";
/// How long a transfer may need until it rests, or is said to wait: a merge that is never answered
/// has twenty tries of minutes each.
const WATCHED: Duration = Duration::from_secs(8 * 60 * 60);
/// As [`WATCHED`], where an outage is probed all the time.
const PROBED: Duration = Duration::from_secs(15 * 60);
/// A fault that fires so often meets a loop without a wait.
const LOOP: u64 = 200;
/// Larger than any answer may be.
const OVERSIZE: usize = 9 * 1024 * 1024;

const OPERATIONS: [Operation; 8] = [
    Operation::PutObject,
    Operation::Initiate,
    Operation::UploadPart,
    Operation::ListParts,
    Operation::Complete,
    Operation::Abort,
    Operation::HeadObject,
    Operation::ListUploads,
];

struct Fault {
    name: &'static str,
    /// Its row in the fault matrix.
    row: &'static str,
    action: Action,
    only: &'static [Operation],
}

fn faults() -> Vec<Fault> {
    let status = |status, code: &str| Action::Status { status, code: code.into() };
    let retry_after =
        |status, code: &str, seconds| Action::RetryAfter { status, code: code.into(), seconds };
    let all = &OPERATIONS[..];
    let with_xml = &[
        Operation::Initiate,
        Operation::ListParts,
        Operation::Complete,
        Operation::ListUploads,
    ][..];
    let with_checksum = &[Operation::PutObject, Operation::UploadPart, Operation::Complete][..];
    let with_body = &[Operation::PutObject, Operation::UploadPart][..];
    let rows = vec![
        ("reset", "N2", Action::Reset, all),
        ("reset-in-body", "N2", Action::ResetAfterBody(500), with_body),
        ("effect-then-reset", "N3", Action::EffectThenReset, all),
        ("stall", "N5", Action::Stall, all),
        ("effect-then-stall", "N5", Action::EffectThenStall, all),
        ("html-200", "N11", Action::Html200, all),
        ("empty-200", "N12", Action::Empty200, all),
        ("xml-truncated", "N12", Action::TruncateAnswer(60), with_xml),
        (
            "xml-other-root",
            "N12",
            Action::WrongBody("<Other><Key>x</Key></Other>".into()),
            with_xml,
        ),
        ("xml-unclosed", "N12", Action::WrongBody("<?xml version=\"1.0\"?><Err".into()), with_xml),
        ("oversized", "N8", Action::OversizeAnswer(OVERSIZE), with_xml),
        ("307-elsewhere", "N13", Action::Redirect("http://192.0.2.1/".into()), all),
        ("301-PermanentRedirect", "N13", status(301, "PermanentRedirect"), all),
        ("400-RequestTimeout", "H1", status(400, "RequestTimeout"), all),
        ("400-InvalidDigest", "H2", status(400, "InvalidDigest"), all),
        ("400-BadDigest", "H2", status(400, "BadDigest"), all),
        ("403-AccessDenied", "H3", status(403, "AccessDenied"), all),
        ("403-SignatureDoesNotMatch", "H3", status(403, "SignatureDoesNotMatch"), all),
        ("403-InvalidAccessKeyId", "H3", status(403, "InvalidAccessKeyId"), all),
        ("403-RequestTimeTooSkewed", "H4", status(403, "RequestTimeTooSkewed"), all),
        ("403-SecurityTokenExpired", "H5", status(403, "SecurityTokenExpired"), all),
        ("404-NoSuchUpload", "H6", status(404, "NoSuchUpload"), all),
        ("404-NoSuchBucket", "H7", status(404, "NoSuchBucket"), all),
        ("404-NoSuchKey", "H7", status(404, "NoSuchKey"), all),
        ("409-FileAlreadyExists", "H8", status(409, "FileAlreadyExists"), all),
        ("409-OperationAborted", "H8", status(409, "OperationAborted"), all),
        ("411-MissingContentLength", "H9", status(411, "MissingContentLength"), all),
        ("412-PreconditionFailed", "H9", status(412, "PreconditionFailed"), all),
        ("413-EntityTooLarge", "H9", status(413, "EntityTooLarge"), all),
        ("400-EntityTooSmall", "H9", status(400, "EntityTooSmall"), all),
        ("400-InvalidPart", "H9", status(400, "InvalidPart"), all),
        ("400-InvalidPartOrder", "H9", status(400, "InvalidPartOrder"), all),
        ("429-TooManyRequests", "H10", status(429, "TooManyRequests"), all),
        ("503-SlowDown", "H10", status(503, "SlowDown"), all),
        ("503-SlowDown-after-30", "H10", retry_after(503, "SlowDown", 30), all),
        ("503-SlowDown-after-3600", "H10", retry_after(503, "SlowDown", 3_600), all),
        ("500-InternalError", "H11", status(500, "InternalError"), all),
        ("502-BadGateway", "H11", status(502, "BadGateway"), all),
        ("503-ServiceUnavailable", "H11", status(503, "ServiceUnavailable"), all),
        ("504-GatewayTimeout", "H11", status(504, "GatewayTimeout"), all),
        (
            "effect-then-500",
            "H11",
            Action::EffectThenStatus { status: 500, code: "InternalError".into() },
            all,
        ),
        ("200-InternalError", "H12", Action::OkWithError { code: "InternalError".into() }, all),
        ("200-AccessDenied", "H12", Action::OkWithError { code: "AccessDenied".into() }, all),
        ("wrong-crc", "H13", Action::CorruptCrc, with_checksum),
        ("wrong-etag", "H13", Action::CorruptEtag, with_checksum),
        ("damaged-body", "H13", Action::DamageBody, with_body),
        ("part-dropped", "C5", Action::DropPart, &[Operation::UploadPart][..]),
    ];
    rows.into_iter().map(|(name, row, action, only)| Fault { name, row, action, only }).collect()
}

/// How often a fault comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    Once,
    Always,
}

/// What came of a cell.
struct Outcome {
    /// The class, and the kind of fault that is shown.
    class: String,
    /// Requests of the operation until then.
    requests: usize,
    /// Uploads that are open then.
    open: usize,
    /// The end after the faults have ended.
    after: String,
}

/// A file of one request, or of two parts of the smallest size that the service takes.
fn content(provider: Provider, operation: Operation) -> Bytes {
    let size = match (operation, provider) {
        (Operation::PutObject, _) => SMALL,
        (_, Provider::Oss) => 150_000,
        (_, Provider::S3) => 5 * 1024 * 1024 + SMALL,
    };
    let mut bytes = vec![0; size];
    fastrand::Rng::with_seed(7).fill(&mut bytes);
    bytes.into()
}
/// Brings a transfer to where it asks for the operation.
async fn begin(bench: &Bench, operation: Operation) {
    let faults = bench.sandbox.faults();
    let refused = |code: &str| Action::Status { status: 400, code: code.into() };
    let mut before_cancel = None;
    match operation {
        Operation::ListParts => {
            faults.add(Rule::on(Operation::Complete).once(), refused("InvalidPart"));
        }
        Operation::ListUploads => {
            faults.add(Rule::on(Operation::Initiate).once(), Action::EffectThenReset);
        }
        Operation::Abort => {
            let rule = Rule::on(Operation::Complete);
            before_cancel = Some(faults.add(rule, refused("InvalidArgument")));
        }
        _ => {}
    }
    let path = PathBuf::from(PATH);
    bench.add_with(&bench.profile, &[&path], |intake| intake.part_size = PART).await;
    if let Some(rule) = before_cancel {
        bench.engine.idle().await;
        faults.remove(rule);
        bench.engine.apply(TransferCommand::Cancel, Selection::All).await.expect("applies");
    }
}

async fn row(bench: &Bench) -> TransferRow {
    bench.rows().await.pop().expect("one transfer")
}

fn standing(row: &TransferRow) -> String {
    match &row.fault {
        Some(fault) => format!("{:?} {:?}", row.standing, fault.kind),
        None => format!("{:?} -", row.standing),
    }
}

async fn play(provider: Provider, operation: Operation, fault: &Fault, times: Times) -> Outcome {
    let files = MemoryFiles::new();
    files.apply(Change::Write(PATH.into(), content(provider, operation)));
    let bench = Bench::inline(files, provider, |_| {}).await;
    let mut rule = Rule::on(operation).times(if times == Times::Once { 1 } else { LOOP });
    if operation == Operation::UploadPart {
        rule = rule.part(1);
    }
    let rule = bench.sandbox.faults().add(rule, fault.action.clone());
    begin(&bench, operation).await;
    let watched = if operation == Operation::HeadObject { PROBED } else { WATCHED };
    let rested = tokio::time::timeout(watched, bench.engine.idle()).await.is_ok();
    let fired = bench.sandbox.faults().fired(rule);
    assert!(fired > 0, "the fault met no request");
    let class = if fired == LOOP {
        "Loops -".to_owned()
    } else if let Some(held) = bench.engine.holds().get(&bench.profile.id) {
        format!("Held {:?}", held.kind)
    } else if rested {
        standing(&row(&bench).await)
    } else {
        match bench.engine.offline().first() {
            Some((_, offline)) => format!("Waits {:?}", offline.fault.kind),
            // Each try takes long, and none is its last yet.
            None => "Trying -".to_owned(),
        }
    };
    let of_part = |part: Option<u32>| operation != Operation::UploadPart || part == Some(1);
    let entries = bench.sandbox.ledger().of(operation);
    let requests = entries.iter().filter(|entry| of_part(entry.part)).count();
    let open = bench.sandbox.open_uploads(BUCKET).len();
    bench.sandbox.faults().remove(rule);
    if class.starts_with("Held") || class.starts_with("Failed") {
        bench.engine.apply(TransferCommand::Retry, Selection::All).await.expect("applies");
    }
    let settled = tokio::time::timeout(WATCHED, bench.engine.idle()).await.is_ok();
    let after = if settled { standing(&row(&bench).await) } else { "Stuck -".to_owned() };
    check_rest(&bench, operation, fault).await;
    bench.engine.shutdown(Duration::from_secs(5)).await;
    Outcome { class, requests, open, after }
}

/// What holds in every cell.
async fn check_rest(bench: &Bench, operation: Operation, fault: &Fault) {
    let row = row(bench).await;
    assert_eq!(bench.engine.run_totals().unexpected_events, 0);
    let object = bench.sandbox.object(BUCKET, KEY);
    if row.standing == Standing::Done {
        let bytes = bench.sandbox.read_object(BUCKET, KEY).expect("done, so it is there");
        assert!(
            bytes == content(bench.profile.provider, operation),
            "done, but the object differs"
        );
    }
    if row.standing == Standing::Cancelled {
        assert_eq!(object.map(|object| object.size), None, "cancelled, but there");
    }
    // Of an Abort that is answered so, the store itself says that nothing is open.
    let denied = operation == Operation::Abort && fault.name.starts_with("404-NoSuch");
    if row.standing.has_ended() && !denied {
        assert_eq!(bench.sandbox.open_uploads(BUCKET).len(), 0, "ended, but an upload is open");
    }
}

/// What the table says of an outcome.
fn shown(fault: &Fault, outcome: &Outcome) -> String {
    let Outcome { class, requests, open, after } = outcome;
    format!("{class}, {requests} requests, {open} open, then {after} ({})", fault.row)
}

/// Whether what was seen is what the table says; its number of requests may be a bound (`<=9`).
fn agrees(expected: &str, seen: &str) -> bool {
    let (expected, seen): (Vec<&str>, Vec<&str>) =
        (expected.split(' ').collect(), seen.split(' ').collect());
    expected.len() == seen.len()
        && expected.iter().zip(&seen).all(|(expected, seen)| {
            let bound = expected.strip_prefix("<=").and_then(|bound| bound.parse::<u64>().ok());
            match (bound, seen.parse::<u64>()) {
                (Some(bound), Ok(seen)) => seen <= bound,
                _ => expected == seen,
            }
        })
}

fn table() -> BTreeMap<&'static str, &'static str> {
    let lines = include_str!("fault_table.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once(" -> ").expect("a cell and its outcome")).collect()
}

/// One operation that meets one fault in one service's dialect.
struct Cell<'a> {
    provider: Provider,
    operation: Operation,
    fault: &'a Fault,
    times: Times,
}

impl Cell<'_> {
    /// Its name in the table. S3's cells have a row of their own only where they differ from OSS's.
    fn expected<'t>(&self, table: &BTreeMap<&str, &'t str>) -> &'t str {
        let own = table.get(self.name().as_str());
        let shared = || table.get(Cell { provider: Provider::Oss, ..*self }.name().as_str());
        own.or_else(shared).copied().unwrap_or("no row")
    }

    fn name(&self) -> String {
        let Self { operation, fault, times, .. } = self;
        let service = if self.provider == Provider::S3 { "S3 " } else { "" };
        format!("{service}{operation:?} {} {times:?}", fault.name)
    }

    /// Plays it; a panic is an outcome of its own.
    fn outcome(&self) -> String {
        let run = || run(self.provider, self.operation, self.fault, self.times);
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
            Ok(outcome) => shown(self.fault, &outcome),
            Err(panic) => {
                panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "panicked".to_owned())
            }
        }
    }
}

fn cells(faults: &[Fault], provider: Provider) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    for operation in OPERATIONS {
        for fault in faults.iter().filter(|fault| fault.only.contains(&operation)) {
            let cell = |times| Cell { provider, operation, fault, times };
            cells.extend([Times::Once, Times::Always].map(cell));
        }
    }
    cells
}

/// Plays cells side by side; lines for those of which the table says something else.
fn differing(cells: &[&Cell<'_>], table: &BTreeMap<&str, &str>) -> Vec<String> {
    let differ = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(cell) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (expected, seen) = (cell.expected(table), cell.outcome());
                    if !agrees(expected, &seen) {
                        let line = format!("{} -> {seen}    (table: {expected})", cell.name());
                        differ.lock().expect("no panic").push(line);
                    }
                }
            });
        }
    });
    let mut differ = differ.into_inner().expect("no panic");
    differ.sort();
    differ
}

/// S3's parts are fifty times as large: of its cells a test plays those with a row of their own and
/// a share of the others, and with `FERRY_RUNS` all.
const SHARE: usize = 8;

#[test]
fn every_operation_meets_every_fault_on_oss() {
    let (faults, table) = (faults(), table());
    let cells = cells(&faults, Provider::Oss);
    let differ = differing(&cells.iter().collect::<Vec<_>>(), &table);
    assert!(differ.is_empty(), "{} cells:\n{}", differ.len(), differ.join("\n"));
    assert!(cells.len() >= 600, "{} cells", cells.len());
    println!("sweep cells-oss: cells={} differ=0", cells.len());
}

#[test]
fn every_operation_meets_every_fault_on_s3() {
    let (faults, table) = (faults(), table());
    let cells = cells(&faults, Provider::S3);
    let all = std::env::var_os("FERRY_RUNS").is_some();
    let chosen = cells
        .iter()
        .enumerate()
        .filter(|(at, cell)| all || at % SHARE == 0 || table.contains_key(cell.name().as_str()));
    let chosen: Vec<_> = chosen.map(|(_, cell)| cell).collect();
    let differ = differing(&chosen, &table);
    assert!(differ.is_empty(), "{} cells:\n{}", differ.len(), differ.join("\n"));
    assert!(chosen.len() * SHARE >= cells.len(), "{} of {}", chosen.len(), cells.len());
    println!("sweep cells-s3: cells={} differ=0", chosen.len());
}

#[test]
fn the_table_has_no_row_without_a_cell() {
    let faults = faults();
    let both = [Provider::Oss, Provider::S3].map(|provider| cells(&faults, provider));
    let names: BTreeSet<String> = both.iter().flatten().map(Cell::name).collect();
    let unknown: Vec<_> = table().into_keys().filter(|cell| !names.contains(*cell)).collect();
    assert!(unknown.is_empty(), "there is no such cell: {unknown:?}");
}

fn run(provider: Provider, operation: Operation, fault: &Fault, times: Times) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(play(provider, operation, fault, times))
}
