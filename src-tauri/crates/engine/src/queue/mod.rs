//! Which transfers run: the scheduler with its slots.

pub(crate) mod scheduler;
