//! Which transfers run: the scheduler with its slots, profiles that are held, and the user's
//! commands.

pub(crate) mod commands;
pub(crate) mod holds;
pub(crate) mod scheduler;
