//! One transfer of an object at a time: two that run side by side would replace each other's
//! object, and neither could tell whose upload a lost answer began.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ferry_journal::TransferRow;
use ferry_model::Profile;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::lock::lock;

/// Where an object is, whichever profile leads there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ObjectName {
    endpoint: String,
    bucket: String,
    key: String,
}

impl ObjectName {
    pub(crate) fn of(row: &TransferRow, profile: &Profile) -> Self {
        Self {
            endpoint: profile.endpoint.clone(),
            bucket: row.bucket.clone(),
            key: row.key.clone(),
        }
    }

    /// The object of another key in the same bucket.
    pub(crate) fn with_key(self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self }
    }
}

/// The objects that running transfers make, or wait to make.
#[derive(Debug, Default)]
pub(crate) struct Objects(Mutex<BTreeMap<ObjectName, Queue>>);

/// Who has an object, and how many it is kept for.
#[derive(Debug, Default)]
struct Queue {
    turn: Arc<AsyncMutex<()>>,
    places: usize,
}

/// The right to make an object. The next one in line has it once this is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    // Dropped before the place: it is given on while the queue is still known.
    _turn: OwnedMutexGuard<()>,
    _place: Place,
}

/// A place in the queue of an object, which is forgotten with the last.
#[derive(Debug)]
struct Place {
    objects: Arc<Objects>,
    name: ObjectName,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut queues = lock(&self.objects.0);
        if let Some(queue) = queues.get_mut(&self.name) {
            queue.places -= 1;
            if queue.places == 0 {
                queues.remove(&self.name);
            }
        }
    }
}

impl Objects {
    /// The turn, if it is free.
    pub(crate) fn try_turn(self: &Arc<Self>, name: ObjectName) -> Option<Turn> {
        let (place, turn) = self.place(name);
        Some(Turn { _turn: turn.try_lock_owned().ok()?, _place: place })
    }

    /// The turn, once those before have left, in the order in which they came.
    ///
    /// # Cancellation
    /// Dropping the future leaves the queue.
    pub(crate) async fn turn(self: &Arc<Self>, name: ObjectName) -> Turn {
        let (place, turn) = self.place(name);
        Turn { _turn: turn.lock_owned().await, _place: place }
    }

    fn place(self: &Arc<Self>, name: ObjectName) -> (Place, Arc<AsyncMutex<()>>) {
        let mut queues = lock(&self.0);
        let queue = queues.entry(name.clone()).or_default();
        queue.places += 1;
        (Place { objects: Arc::clone(self), name }, Arc::clone(&queue.turn))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn name(bucket: &str, key: &str) -> ObjectName {
        ObjectName { endpoint: "https://store".into(), bucket: bucket.into(), key: key.into() }
    }

    #[tokio::test]
    async fn one_at_a_time_in_the_order_of_coming() {
        let objects = Arc::new(Objects::default());
        let first = objects.try_turn(name("b", "k")).expect("nobody has it");
        assert!(objects.try_turn(name("b", "k")).is_none());
        let mut second = Box::pin(objects.turn(name("b", "k")));
        let mut third = Box::pin(objects.turn(name("b", "k")));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(third.as_mut().now_or_never().is_none());
        drop(first);
        assert!(objects.try_turn(name("b", "k")).is_none(), "others wait for it");
        assert!(third.as_mut().now_or_never().is_none());
        let second = second.await;
        drop(second);
        drop(third.await);
        assert!(lock(&objects.0).is_empty(), "nothing of it is kept");
    }

    #[tokio::test]
    async fn other_objects_do_not_wait_and_who_leaves_the_queue_is_forgotten() {
        let objects = Arc::new(Objects::default());
        let first = objects.try_turn(name("b", "k")).expect("nobody has it");
        let mut leaves = Box::pin(objects.turn(name("b", "k")));
        assert!(leaves.as_mut().now_or_never().is_none());
        drop(leaves);
        assert!(objects.try_turn(name("c", "k")).is_some());
        assert!(objects.try_turn(name("b", "l")).is_some());
        drop(first);
        assert!(lock(&objects.0).is_empty(), "nothing of it is kept");
        assert!(objects.try_turn(name("b", "k")).is_some());
    }
}
