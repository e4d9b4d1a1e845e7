//! The catalogue of messages: what Ferry says, in each of its languages.
//!
//! May import: the standard library, `serde`, and Fluent, which reads the messages
//! (<https://projectfluent.org>). Nothing here does I/O: the messages are built in.
//!
//! `messages/` has a folder for each language; another language is one more folder. English is the
//! first: its comments declare what fills each message, and it is shown where another language has
//! no text. The window's page gets `messages/*/window` and `time.ftl` from the host
//! ([`Language::page`]); this crate says all but the first.
//!
//! Invariants:
//! - each message of this crate is a function of [`message`] with its name, which takes what fills
//!   it: another name, or another parameter, does not compile;
//! - a [`Text`] knows no language until it is shown, so the window can switch at any time;
//! - all languages have the same messages, filled by the same (`tests/catalogue.rs`).

mod bundle;
mod text;

pub use text::{Number, Text};

use serde::{Deserialize, Serialize};

include!(concat!(env!("OUT_DIR"), "/languages.rs"));

impl Language {
    /// The language that settings call this.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|language| language.code() == code)
    }

    /// The language of a POSIX locale or BCP 47 tag, as `zh_CN.UTF-8` or `zh-Hans`: the one of that
    /// region, else one of that language, else the first of all.
    pub fn from_tag(tag: &str) -> Self {
        let tag = tag.split(['.', '@']).next().unwrap_or(tag).replace('_', "-");
        let language = |tag: &str| tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
        let exact = Self::ALL.iter().find(|known| known.tag().eq_ignore_ascii_case(&tag));
        let alike = || Self::ALL.iter().find(|known| language(known.tag()) == language(&tag));
        *exact.or_else(alike).unwrap_or(&Self::ALL[0])
    }
}

/// A function for each message, made from the catalogue by the build script.
pub mod message {
    #![allow(rustdoc::bare_urls, reason = "messages stand in their documentation as they are")]

    use crate::text::{Argument, Number, Text};

    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}

#[cfg(test)]
mod bindings;
#[cfg(test)]
#[allow(dead_code)]
mod catalogue;
#[cfg(test)]
mod tests;
