//! A model of OSS and S3 in memory, for one thread and a paused clock.

mod contents;
mod course;
mod ledger;
mod wire;

pub use contents::{Again, Contents, Health, Manners, OWNER, Part, Upload, Version};
pub use course::{Ask, Course, Fate, NoFaults, Operation, Script};
pub use ledger::{Ending, Entry, Ledger};
pub use wire::{Fuse, MemoryBucket, MemoryStore, Service, State};
