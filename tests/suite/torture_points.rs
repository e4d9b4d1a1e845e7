//! A process that dies at every point of an upload, once, and again while it recovers. The points
//! are those after which journal and store can differ: before each transaction of the journal
//! begins and commits, before each request is sent, after it took effect, and after its answer.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use ferry_model::Provider;
use ferry_sandbox::{Action, Operation, Rule};
use futures_util::{StreamExt as _, stream};
use support::ferry::{BUCKET, Place};
use support::sweep::{Histogram, report, resent, runs, seed};
use tokio::process::Command;

#[path = "torture_points/torn.rs"]
mod torn;

use torn::{Mode, Orders, part_size};

/// Cases side by side: most of their time is a process that starts.
const SIDE_BY_SIDE: usize = 4;
/// `SIGABRT`: how the program dies at a point.
const ABORTED: i32 = 6;
/// The test that is the child where it has orders.
const CHILD: &str = "each_request_of_a_scenario_is_a_point";
const SMALL: &str = "small.bin";
const LARGE: &str = "large.bin";

/// What is done until nothing is left to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scenario {
    /// A file in one request. One file at a time: with two, what comes after what is chance, and a
    /// point has no name.
    Small,
    /// A file in several parts.
    Large,
    /// A file with one part on the store is cancelled.
    Cancel,
}

/// Where the program dies.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Point {
    /// At the step of this name and number.
    Step(String),
    /// After a request took effect, before anything of its answer is sent.
    Effect(Operation),
}

struct Case {
    place: Place,
    scenario: Scenario,
    provider: Provider,
    files: Vec<(&'static str, PathBuf)>,
}

/// How one run ended.
#[derive(Debug)]
struct Ran {
    died: bool,
    steps: Vec<String>,
    rows: Vec<String>,
}

impl Case {
    /// Files in the queue, of which nothing was sent; for a cancel, one part.
    async fn new(scenario: Scenario, provider: Provider) -> Self {
        let place = Place::new().await;
        let part = usize::try_from(part_size(provider)).expect("fits");
        let parts = if provider == Provider::Oss { 3 } else { 2 };
        let files = match scenario {
            Scenario::Small => [(SMALL, 999)],
            Scenario::Large | Scenario::Cancel => [(LARGE, (parts - 1) * part + 777)],
        };
        let write = |(name, size): (&'static str, usize)| {
            let mut bytes = vec![0u8; size];
            fastrand::Rng::with_seed(size as u64).fill(&mut bytes);
            (name, place.write(name, &bytes))
        };
        let files = files.into_iter().map(write).collect();
        let case = Self { place, scenario, provider, files };
        assert!(!case.run(Mode::Queue, None).await.died);
        if scenario == Scenario::Cancel {
            assert!(case.run(Mode::Run, Some("UploadPart answered#1")).await.died);
        }
        case
    }

    /// This program again, as the one that dies.
    fn command(&self, mode: Mode, at: Option<&str>) -> Command {
        let mut command = Command::new(std::env::current_exe().expect("its own path"));
        command
            .args(["--exact", CHILD, "--nocapture"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let orders = Orders {
            mode,
            data: self.place.path("data"),
            endpoint: self.place.sandbox.endpoint(),
            provider: self.provider,
            files: self.files.iter().map(|(_, path)| path.clone()).collect(),
            key_id: self.place.key.access_key_id.clone(),
            secret: self.place.key.access_key_secret.clone(),
            at: at.map(str::to_owned),
        };
        orders.give(&mut command);
        command
    }

    fn mode(&self) -> Mode {
        match self.scenario {
            Scenario::Small | Scenario::Large => Mode::Run,
            Scenario::Cancel => Mode::Cancel,
        }
    }

    async fn run(&self, mode: Mode, at: Option<&str>) -> Ran {
        let output = self.command(mode, at).output();
        let output = tokio::time::timeout(Duration::from_secs(120), output).await;
        let output = output.unwrap_or_else(|_| panic!("stuck at {at:?}")).expect("runs");
        let died = output.status.signal() == Some(ABORTED);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(died || output.status.success(), "{mode:?} {at:?}: {}: {told}", output.status);
        let text = String::from_utf8(output.stdout).expect("text");
        // The rest is what the test program says of itself.
        let lines = text.lines().filter(|line| line.starts_with("row ") || line.contains('#'));
        let (rows, steps) = lines.map(str::to_owned).partition(|line| line.starts_with("row "));
        Ran { died, steps, rows }
    }

    /// Runs until the request took effect, and kills.
    async fn run_to_effect(&self, operation: Operation) -> Ran {
        let sandbox = &self.place.sandbox;
        let rule = sandbox.faults().add(Rule::on(operation).once(), Action::EffectThenStall);
        let before = self.traces();
        let mut child = self.command(self.mode(), None).spawn().expect("starts");
        // What took effect before leaves no new trace: then it is killed soon after.
        let reached = async {
            let mut waited = 0;
            while sandbox.faults().fired(rule) == 0 || (self.traces() == before && waited < 500) {
                waited += sandbox.faults().fired(rule);
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let died = tokio::select! {
            () = reached => true,
            _ = child.wait() => false,
        };
        child.start_kill().expect("kills, or has ended");
        child.wait().await.expect("ends");
        sandbox.faults().remove(rule);
        Ran { died, steps: Vec::new(), rows: Vec::new() }
    }

    /// What the store holds: an upload, a part, an object more or less than before.
    fn traces(&self) -> (Vec<String>, usize, usize) {
        let uploads = self.place.sandbox.open_uploads(BUCKET);
        let parts = uploads.iter().map(|upload| upload.parts.len()).sum();
        let ids = uploads.into_iter().map(|upload| upload.upload_id).collect();
        (ids, parts, self.place.sandbox.objects(BUCKET).len())
    }

    async fn run_to(&self, point: &Point) -> Ran {
        match point {
            Point::Step(at) => self.run(self.mode(), Some(at)).await,
            Point::Effect(operation) => self.run_to_effect(*operation).await,
        }
    }

    /// Everything came to its end, once.
    fn check(&self, last: &Ran, shown: &str) -> u64 {
        let sandbox = &self.place.sandbox;
        let open = sandbox.open_uploads(BUCKET);
        assert!(open.is_empty(), "{shown}: left open: {open:?}");
        match self.scenario {
            Scenario::Small | Scenario::Large => {
                for (name, path) in &self.files {
                    let row = format!("row {name} Done None");
                    assert!(last.rows.contains(&row), "{shown}: {:?}", last.rows);
                    let object = sandbox.object(BUCKET, name);
                    let versions = object.unwrap_or_else(|| panic!("{shown}: lost")).versions;
                    assert_eq!(versions, 1, "{shown}: {name} was written more than once");
                    let stored = sandbox.read_object(BUCKET, name).expect("is there");
                    let bytes = std::fs::read(path).expect("reads");
                    assert!(stored == bytes, "{shown}: {name} differs");
                }
                let size = |path: &PathBuf| std::fs::metadata(path).expect("is there").len();
                resent(&self.place, self.files.iter().map(|(_, path)| size(path)).sum())
            }
            Scenario::Cancel => {
                assert_eq!(last.rows, [format!("row {LARGE} Cancelled None")], "{shown}");
                assert!(sandbox.object(BUCKET, LARGE).is_none(), "{shown}: made after all");
                0
            }
        }
    }
}

/// What a sweep found.
#[derive(Default)]
struct Found {
    /// Points at which a first run died.
    first: BTreeSet<String>,
    /// Points at which a recovery died.
    again: Histogram,
    missed: Vec<String>,
    deaths: u64,
    resent: u64,
}

/// Dies at a point, again at `again` of the recovery, and then no more.
async fn one(
    scenario: Scenario,
    provider: Provider,
    point: Point,
    again: Point,
) -> (Point, bool, Option<String>, u64) {
    let shown = format!("{scenario:?} {provider:?} {point:?}, then {again:?}");
    let case = Case::new(scenario, provider).await;
    let first = case.run_to(&point).await;
    let second = case.run_to(&again).await;
    let second = second.died.then(|| match &again {
        Point::Step(_) => second.steps.last().cloned().unwrap_or_default(),
        Point::Effect(operation) => format!("{operation:?} took effect"),
    });
    let last = case.run(case.mode(), None).await;
    let resent = case.check(&last, &shown);
    (point, first.died, second, resent)
}

/// The points of a scenario: the steps of an undisturbed run, and the effects.
async fn points(scenario: Scenario, provider: Provider) -> Vec<Point> {
    let case = Case::new(scenario, provider).await;
    let ran = case.run(case.mode(), None).await;
    case.check(&ran, "undisturbed");
    let effects = match scenario {
        Scenario::Small => &[Operation::PutObject][..],
        Scenario::Large => &[Operation::Initiate, Operation::UploadPart, Operation::Complete],
        Scenario::Cancel => &[Operation::Abort],
    };
    let steps = ran.steps.into_iter().map(Point::Step);
    steps.chain(effects.iter().copied().map(Point::Effect)).collect()
}

async fn sweep(name: &str, scenario: Scenario, provider: Provider, share: u64) {
    let seed = seed(20_261_128);
    let mut random = fastrand::Rng::with_seed(seed);
    let all = points(scenario, provider).await;
    // Each point, and again at the same one; then each with other moments of the recovery, as
    // often as asked for.
    let mut cases: Vec<_> = all.iter().map(|point| (point.clone(), point.clone())).collect();
    for _ in 0..runs(share) {
        let other = || Point::Step(format!("#{}", random.u64(1..=18)));
        let others: Vec<_> = std::iter::repeat_with(other).take(all.len()).collect();
        cases.extend(all.iter().cloned().zip(others));
    }
    let cases_run = cases.len();
    let mut found = Found::default();
    let mut running = stream::iter(cases)
        .map(|(point, again)| one(scenario, provider, point, again))
        .buffer_unordered(SIDE_BY_SIDE);
    while let Some((point, died, again, resent)) = running.next().await {
        let point = format!("{point:?}");
        if died {
            found.first.insert(point);
        } else {
            found.missed.push(point);
        }
        found.deaths += u64::from(died) + u64::from(again.is_some());
        if let Some(again) = again {
            let (point, _) = again.rsplit_once('#').unwrap_or((&again, ""));
            found.again.count(point);
        }
        found.resent += resent;
    }
    let visited = found.first.len();
    report(
        name,
        &[
            ("points", &all.len()),
            ("visited", &visited),
            ("cases", &cases_run),
            ("deaths", &found.deaths),
            ("in_recovery", &found.again),
            ("resent_bytes", &found.resent),
            ("seed", &seed),
        ],
    );
    assert_eq!(visited, all.len(), "not all were visited: {:?}", found.missed);
}

/// Where this program is started again to die, it is by this test.
#[test]
fn each_request_of_a_scenario_is_a_point() {
    if let Some(orders) = Orders::taken() {
        return orders.obey();
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let named = |scenario| {
        let points = runtime.block_on(points(scenario, Provider::Oss));
        points.iter().map(|point| format!("{point:?}")).collect::<Vec<_>>().join(" ")
    };
    let requests = [
        (Scenario::Small, &["Put"][..]),
        (Scenario::Large, &["Initiate", "UploadPart", "Complete"]),
        (Scenario::Cancel, &["Abort"]),
    ];
    for (scenario, requests) in requests {
        let points = named(scenario);
        for request in requests {
            for point in [
                format!("{request} before it is sent#1"),
                format!("{request} answered#1"),
                format!("begin after {request}#1"),
                format!("commit after {request}#1"),
            ] {
                assert!(points.contains(&point), "{scenario:?}, {point}: {points}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c2_c4_c6_c7_c10_every_point_of_a_put_on_oss_is_died_at_twice() {
    sweep("points-small-oss", Scenario::Small, Provider::Oss, 0).await;
    sweep("points-large-oss", Scenario::Large, Provider::Oss, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c2_c4_c6_c7_c10_every_point_of_a_put_on_s3_is_died_at_twice() {
    sweep("points-small-s3", Scenario::Small, Provider::S3, 0).await;
    sweep("points-large-s3", Scenario::Large, Provider::S3, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_every_point_of_a_cancel_on_oss_is_died_at_twice() {
    sweep("points-cancel-oss", Scenario::Cancel, Provider::Oss, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_every_point_of_a_cancel_on_s3_is_died_at_twice() {
    sweep("points-cancel-s3", Scenario::Cancel, Provider::S3, 0).await;
}
