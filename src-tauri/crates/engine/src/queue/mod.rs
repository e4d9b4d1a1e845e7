//! Which transfers run: the scheduler with its slots, one transfer of an object at a time.

pub(crate) mod scheduler;
