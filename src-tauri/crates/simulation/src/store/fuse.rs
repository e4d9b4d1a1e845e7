//! The moments of its requests at which the program may die.

use std::sync::Mutex;

use tokio::sync::Notify;

/// Lets the program die at a chosen moment of its requests: before one, after its effect, or after
/// its answer.
#[derive(Debug, Default)]
pub struct Fuse {
    left: Mutex<Option<u64>>,
    blown: Notify,
}

impl Fuse {
    /// The program dies at the so-manieth moment from now; `None`: at none.
    pub fn set(&self, moments: Option<u64>) {
        *self.left.lock().expect("no code panics while holding this lock") = moments;
    }

    /// Returns when that moment was reached.
    pub async fn blown(&self) {
        self.blown.notified().await;
    }

    pub(super) async fn moment(&self) {
        let blows = {
            let mut left = self.left.lock().expect("no code panics while holding this lock");
            let before = *left;
            *left = left.and_then(|left| left.checked_sub(1)).filter(|left| *left > 0);
            before == Some(1)
        };
        if blows {
            self.blown.notify_one();
            std::future::pending::<()>().await;
        }
    }
}
