//! Whole lives of a queue in one thread: the real engine over a store in memory, under scripted
//! faults, crashes and a paused clock, with what must always hold checked after every step.
//!
//! It is never shipped. May import: the engine and what the engine imports.
//!
//! Invariants:
//! - the same seed gives the same trace, in every process: time, randomness, files, journal and
//!   store are the world's own, and what it iterates over is ordered;
//! - the model of the stores passes the same conformance suite as real ones.

pub mod clock;
pub mod conformance;
pub mod instrument;
pub mod run;
pub mod store;
pub mod world;
