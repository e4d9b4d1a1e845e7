//! The watches that look for files in this process.

use std::collections::BTreeMap;
use std::sync::Mutex;

use ferry_engine::RunningWatch;
use ferry_model::WatchId;

/// The watches that look for files in this process; `None` where it runs none.
pub(crate) type Watching = Mutex<Option<BTreeMap<WatchId, RunningWatch>>>;
