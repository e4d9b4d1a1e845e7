//! Ferry against real S3 servers that are not ours and that verify signatures. Each server is
//! started once and goes through the same checks; where S3 servers differ, `real_stores/habits.rs`
//! says how. The checks that any store passes stand with the simulation, whose model passes them
//! too.
#![cfg(unix)]

#[path = "real_stores/benchmarks.rs"]
mod benchmarks;
#[path = "real_stores/checksums.rs"]
mod checksums;
#[path = "real_stores/habits.rs"]
mod habits;
#[path = "real_stores/links.rs"]
mod links;
#[path = "real_stores/lost_answers.rs"]
mod lost_answers;
#[path = "real_stores/names.rs"]
mod names;
#[path = "real_stores/options.rs"]
mod options;
#[path = "real_stores/refusals.rs"]
mod refusals;
#[path = "real_stores/uploads.rs"]
mod uploads;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use ferry_simulation::conformance;
use ferry_storage::{
    Clock, ListedPart, ListedUpload, ObjectStore, Payload, Store, StoreError, all_pages,
};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, TryStreamExt as _};
use habits::Habits;
use support::stores::{KEY_ID, RealStore, SECRET, Server};

const MIB: usize = 1024 * 1024;

/// A check that takes longer waits for something that will not come.
const LONGEST_CHECK: Duration = Duration::from_secs(300);

/// What a check works on: a bucket of its own, named after it.
struct Ground<'s> {
    store: &'s RealStore,
    habits: &'static Habits,
    bucket: &'s str,
}

impl Ground<'_> {
    fn ferry(&self) -> Store {
        self.store.bucket(self.bucket)
    }

    /// A clock that is off by so many seconds.
    fn ferry_at(&self, seconds_off: i64) -> Store {
        self.store.bucket_with(self.bucket, KEY_ID, SECRET, Arc::new(Off(seconds_off)))
    }

    fn destination(&self, prefix: &str) -> String {
        format!("{}/{prefix}", self.bucket)
    }
}

/// The system's clock, put forward or back by some seconds.
#[derive(Debug)]
struct Off(i64);

impl Clock for Off {
    fn now(&self) -> SystemTime {
        let by = Duration::from_secs(self.0.unsigned_abs());
        if self.0 < 0 { SystemTime::now() - by } else { SystemTime::now() + by }
    }
}

/// An upload's parts, over all pages.
async fn all_parts(
    ferry: &Store,
    key: &str,
    upload_id: &str,
) -> Result<Vec<ListedPart>, StoreError> {
    all_pages(|marker| ferry.list_parts(key, upload_id, marker)).await
}

/// The uploads below a prefix, over all pages.
async fn all_uploads(ferry: &Store, prefix: &str) -> Result<Vec<ListedUpload>, StoreError> {
    all_pages(|marker| ferry.list_uploads(prefix, marker)).await
}

type Check = for<'a> fn(&'a Ground<'_>) -> BoxFuture<'a, ()>;

macro_rules! checks {
    ($($module:ident::$name:ident),* $(,)?) => { &[$((stringify!($name), |ground| $module::$name(ground).boxed())),*] };
}

const CHECKS: &[(&str, Check)] = checks![
    names::any_key_is_the_key,
    names::odd_file_names_arrive,
    options::options_are_kept,
    options::options_are_kept_or_refused_aloud,
    refusals::wrong_keys_are_named,
    refusals::a_wrong_clock_is_corrected,
    refusals::a_bucket_that_is_not_there_is_named,
    links::links_give_the_object_by_any_name,
    links::links_end_and_cannot_be_changed,
    checksums::crc64_nvme_is_told_or_read_over,
    checksums::what_the_server_answers_is_learnt,
    uploads::edge_sizes_arrive,
    uploads::a_piped_input_arrives_or_leaves_nothing,
    uploads::existing_objects_are_treated_as_told,
    uploads::a_killed_upload_goes_on,
    uploads::a_cancelled_upload_leaves_nothing,
    uploads::wrong_keys_stop_the_upload,
    lost_answers::lost_answers_are_settled_by_asking,
    benchmarks::a_benchmark_leaves_no_version_behind,
];

/// Runs every check, also where one fails.
async fn check(server: Server, habits: &'static Habits) {
    let common = conformance::CHECKS.iter().map(|(name, _)| *name);
    let names: Vec<&str> = common.chain(CHECKS.iter().map(|(name, _)| *name)).collect();
    let buckets: Vec<String> = names.iter().map(|name| name.replace('_', "-")).collect();
    let store =
        RealStore::start(server, &buckets.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut failed = Vec::new();
    for (at, (name, bucket)) in names.iter().zip(&buckets).enumerate() {
        let begun = Instant::now();
        let outcome = match conformance::CHECKS.get(at) {
            Some((_, check)) => {
                let ground = conformance::Ground {
                    store: Arc::new(store.bucket(bucket)),
                    habits: habits.common,
                    now: SystemTime::now(),
                };
                outcome(check(&ground)).await
            }
            None => {
                let (_, check) = CHECKS[at - conformance::CHECKS.len()];
                outcome(check(&Ground { store: &store, habits, bucket })).await
            }
        };
        println!(
            "{server:?}: {name} {} in {:.1?}",
            if outcome == Passed::Yes { "passed" } else { "FAILED" },
            begun.elapsed()
        );
        failed.extend((outcome == Passed::No).then_some(*name));
    }
    assert!(failed.is_empty(), "{server:?}: {failed:?} failed, see above");
}

#[derive(PartialEq, Eq)]
enum Passed {
    Yes,
    No,
}

async fn outcome(check: BoxFuture<'_, ()>) -> Passed {
    let ended = AssertUnwindSafe(tokio::time::timeout(LONGEST_CHECK, check)).catch_unwind().await;
    if matches!(ended, Ok(Ok(()))) { Passed::Yes } else { Passed::No }
}

#[tokio::test(flavor = "multi_thread")]
async fn seaweedfs_holds_what_ferry_sends() {
    check(Server::SeaweedFs, &habits::SEAWEEDFS).await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn ceph_holds_what_ferry_sends() {
    check(Server::Ceph, &habits::CEPH).await;
}

fn random(length: usize, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; length];
    fastrand::Rng::with_seed(seed).fill(&mut bytes);
    bytes
}

fn payload(bytes: &[u8]) -> Payload {
    Payload::from_bytes(Bytes::copy_from_slice(bytes))
}

/// An object's bytes, or a range of them.
async fn read(ferry: &Store, key: &str, range: Option<(u64, u64)>) -> Result<Vec<u8>, StoreError> {
    let pieces = ferry.get(key, range).await?;
    Ok(pieces.try_collect::<Vec<Bytes>>().await.expect("the body comes whole").concat())
}

/// What a call must be refused with.
#[track_caller]
fn refused<T: std::fmt::Debug>(what: &str, outcome: Result<T, StoreError>) -> StoreError {
    match outcome {
        Ok(value) => panic!("{what}: was not refused: {value:?}"),
        Err(error) => error,
    }
}
