//! One transfer: a task that executes the model's effects until the transfer rests.

pub(crate) mod attempts;
pub(crate) mod task;
