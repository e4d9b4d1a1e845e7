//! XML behind a guard: an answer is believed only if it is one whole document with the expected
//! root and the required fields.
//!
//! quick-xml alone (and with serde) takes an HTML login page, a cut document or a second root after
//! the first for success.

pub mod documents;
pub mod tree;

pub use documents::{
    BucketInfo, Completed, ErrorDocument, Initiated, ObjectsPage, PartsPage, UploadsPage,
};
pub use tree::{Element, Refused};

/// Most bytes of an ordinary answer.
pub const ANSWER_LIMIT: usize = 1 << 20;
/// Most bytes of a page of parts, uploads or objects.
pub const PAGE_LIMIT: usize = 8 << 20;
