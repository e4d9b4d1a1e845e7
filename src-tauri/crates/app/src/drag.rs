//! Files that are held over the window: above which destination, and where they go when let go.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use ferry_model::ProfileId;

use crate::app::App;
use crate::drop_zones::{Drag, PagePoint};
use crate::messages::{DropZone, Problem, Update};
use crate::publisher::lock;

impl App {
    /// Says whether something of the page, as an open dialog, is in the way of files that are
    /// dropped: they are not taken then, and the page says so while they are held over it.
    pub fn refuse_drops(&self, refuse: bool) {
        self.inner.refuses_drops.store(refuse, Ordering::Relaxed);
    }

    /// Says where in the page destinations stand while files are held over it. The page knows;
    /// what is let go between two of its answers must not go astray.
    pub fn set_drop_zones(&self, zones: Vec<DropZone>) {
        lock(&self.inner.publisher.drag).zones = zones;
    }

    /// Tells the window that `count` files hover over it; 0 when they left.
    pub async fn dragging(&self, count: u32) {
        *lock(&self.inner.publisher.drag) = Drag { count, ..Drag::default() };
        self.publish_drag(count, None).await;
    }

    /// Tells the window which destination they are held over now.
    pub async fn dragged_to(&self, point: PagePoint) {
        let (count, target) = {
            let mut drag = lock(&self.inner.publisher.drag);
            let target = drag.at(point);
            if drag.target == target {
                return;
            }
            drag.target = target;
            (drag.count, target)
        };
        self.publish_drag(count, target).await;
    }

    /// Takes what is let go there as [`App::add_paths`] does: under the destination that stands at
    /// that place, and under the chosen one anywhere else. Nothing is taken while the page
    /// [refuses](App::refuse_drops) it.
    ///
    /// # Errors
    /// Those of [`App::add_paths`].
    pub async fn drop_paths(&self, paths: Vec<PathBuf>, point: PagePoint) -> Result<(), Problem> {
        let target = lock(&self.inner.publisher.drag).at(point);
        self.dragging(0).await;
        if self.inner.refuses_drops.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.add_paths_under(target.map(ProfileId), paths).await
    }

    async fn publish_drag(&self, count: u32, target: Option<i64>) {
        if let Some(subscription) = self.inner.publisher.sink.lock().await.as_mut() {
            subscription.send(|seq| Update::Dragging { seq, count, target });
        }
    }
}
