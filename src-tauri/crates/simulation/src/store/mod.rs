//! A model of OSS and S3 in memory, for one thread and a paused clock.

mod bucket;
mod client;
mod contents;
mod course;
mod fuse;
mod ledger;
mod listing;
mod wire;

pub use bucket::{MemoryBucket, Service, State};
pub use contents::{Again, Contents, Health, Manners, OWNER, Part, Upload, Version};
pub use course::{Ask, Course, Fate, NoFaults, Operation, Script};
pub use fuse::Fuse;
pub use ledger::{Ending, Entry, Ledger};
pub use wire::MemoryStore;
