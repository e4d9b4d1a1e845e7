//! Fuzz targets for everything of a store's answer that `ferry-storage` reads: XML, headers, and
//! the texts of endpoints.
//!
//! A target takes any bytes and panics if what was read of them breaks a rule that the rest of
//! Ferry relies on: not only that reading ends without a panic, but that what was believed is
//! whole, bounded and of the form that it is said to have. The rules are said here in other words
//! than in the code they hold, so that a change over there is seen.
//!
//! Two drivers run the targets: `tests/short.rs`, which replays the corpus and a fixed number of
//! seeded changes of it at every `cargo test`, and `main.rs`, which libFuzzer drives for `cargo
//! xtask fuzz`. The corpus lies in `corpus/GROUP/TARGET/`, beside the words of each group,
//! `corpus/GROUP.dict`.
//!
//! May import: `ferry-storage` and `ferry-model`. Nothing imports it.

pub mod corpus;
mod documents;
mod headers;
pub mod mutate;
mod texts;
mod whole;

/// Something that is read of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// What it is one of: a folder of the corpus, with words of its own.
    pub group: &'static str,
    /// Its name: a folder of the group.
    pub name: &'static str,
    /// Reads the input as the store's, and panics if what came of it breaks a rule.
    pub run: fn(&[u8]),
}

const fn target(group: &'static str, name: &'static str, run: fn(&[u8])) -> Target {
    Target { group, name, run }
}

/// Every target.
pub const TARGETS: &[Target] = &[
    target("documents", "initiate_result", documents::initiate_result),
    target("documents", "list_parts_result", documents::list_parts_result),
    target("documents", "list_uploads_result", documents::list_uploads_result),
    target("documents", "list_objects_result", documents::list_objects_result),
    target("documents", "complete_result", documents::complete_result),
    target("documents", "error_document", documents::error_document),
    target("documents", "error_in_a_header", headers::error_in_a_header),
    target("documents", "bucket_info", documents::bucket_info),
    target("documents", "bucket_location", documents::bucket_location),
    target("headers", "error_answer", headers::error_answer),
    target("headers", "object_head", headers::object_head),
    target("headers", "date", headers::date),
    target("headers", "retry_after", headers::retry_after),
    target("headers", "etag", headers::etag),
    target("headers", "crc64", headers::crc64),
    target("headers", "crc64_nvme", headers::crc64_nvme),
    target("headers", "content_range", headers::content_range),
    target("texts", "endpoint", texts::endpoint),
    target("texts", "percent", texts::percent),
];
