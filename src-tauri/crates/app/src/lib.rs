//! What a user can do, as use-cases, and the typed messages of the window. Shell and command line call only this crate.

pub mod messages;
