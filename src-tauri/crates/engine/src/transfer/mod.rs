//! One transfer: a task that executes the model's effects until the transfer rests.

pub(crate) mod attempts;
mod checksums;
mod compare;
mod growing;
pub(crate) mod parts;
mod piped;
pub(crate) mod prepare;
mod requests;
mod tail;
pub(crate) mod task;
