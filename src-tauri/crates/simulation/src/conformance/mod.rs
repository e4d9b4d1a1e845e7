//! What every store has to do, checked operation by operation: the model in memory, the practice
//! server and real stores go through the same checks. Where they differ, [`Habits`] says how.

mod habits;
mod lists;
mod objects;
mod uploads;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use ferry_storage::{
    ListedEntry, ListedPart, ListedUpload, ObjectStore, Payload, StoreError, all_pages,
};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, TryStreamExt as _};

pub use habits::{Answer, CEPH, Crc64, Etags, Habits, OSS, S3, SEAWEEDFS};

const MIB: usize = 1024 * 1024;

/// What a check works on: an empty bucket.
#[derive(Debug)]
pub struct Ground {
    /// The bucket.
    pub store: Arc<dyn ObjectStore>,
    /// Where it differs.
    pub habits: Habits,
    /// The time by the store's clock.
    pub now: SystemTime,
}

impl Ground {
    #[track_caller]
    fn assert_recent(&self, time: SystemTime) {
        let off = self
            .now
            .duration_since(time)
            .or_else(|_| time.duration_since(self.now))
            .unwrap_or_default();
        assert!(off < Duration::from_secs(120), "{off:?}");
    }
}

/// One check; it panics where the store does something else.
pub type Check = for<'a> fn(&'a Ground) -> BoxFuture<'a, ()>;

macro_rules! checks {
    ($($module:ident::$name:ident),* $(,)?) => {
        &[$((stringify!($name), |ground| $module::$name(ground).boxed())),*]
    };
}

/// The checks by name. Each wants a bucket of its own.
pub const CHECKS: &[(&str, Check)] = checks![
    objects::objects_go_and_come_back,
    objects::only_if_absent_replaces_nothing,
    objects::a_deleted_object_is_gone,
    objects::other_bytes_than_announced_are_refused,
    uploads::parts_make_an_object,
    uploads::an_upload_that_ended_is_gone,
    uploads::parts_that_do_not_fit_are_refused,
    lists::lists_go_on_past_their_first_page,
    lists::objects_are_listed_below_a_prefix,
    lists::lists_of_objects_go_on_past_their_first_page,
];

fn random(length: usize, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; length];
    fastrand::Rng::with_seed(seed).fill(&mut bytes);
    bytes
}

fn payload(bytes: &[u8]) -> Payload {
    Payload::from_bytes(Bytes::copy_from_slice(bytes))
}

/// An object's bytes, or a range of them.
async fn read(
    store: &dyn ObjectStore,
    key: &str,
    range: Option<(u64, u64)>,
) -> Result<Vec<u8>, StoreError> {
    let pieces = store.get(key, range).await?;
    Ok(pieces.try_collect::<Vec<Bytes>>().await.expect("the body comes whole").concat())
}

/// The parts of an upload, from all pages.
async fn all_parts(
    store: &dyn ObjectStore,
    key: &str,
    upload_id: &str,
) -> Result<Vec<ListedPart>, StoreError> {
    all_pages(|marker| store.list_parts(key, upload_id, marker)).await
}

/// The uploads under way, from all pages.
async fn all_uploads(
    store: &dyn ObjectStore,
    prefix: &str,
) -> Result<Vec<ListedUpload>, StoreError> {
    all_pages(|marker| store.list_uploads(prefix, marker)).await
}

/// Objects and common prefixes, from all pages, in order.
async fn all_objects(
    store: &dyn ObjectStore,
    prefix: &str,
    delimiter: Option<&str>,
) -> Result<(Vec<(String, u64)>, Vec<String>), StoreError> {
    let listed = all_pages(|marker| store.list_objects(prefix, delimiter, marker)).await?;
    let (mut objects, mut prefixes) = (Vec::new(), Vec::new());
    for entry in listed {
        match entry {
            ListedEntry::Object(object) => objects.push((object.key, object.size)),
            ListedEntry::CommonPrefix(prefix) => prefixes.push(prefix),
        }
    }
    objects.sort();
    prefixes.sort();
    Ok((objects, prefixes))
}

/// What a call must be refused with.
#[track_caller]
fn refused<T: std::fmt::Debug>(what: &str, outcome: Result<T, StoreError>) -> StoreError {
    match outcome {
        Ok(value) => panic!("{what}: was not refused: {value:?}"),
        Err(error) => error,
    }
}
