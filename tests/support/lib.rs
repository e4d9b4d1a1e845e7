//! What the acceptance suites share.

pub mod python;
pub mod ferry;
pub mod read_back;
