//! A text that knows no language yet.

use fluent_bundle::{FluentArgs, FluentValue};
use serde::{Serialize, Serializer};

use crate::{Language, bundle, message};

/// A message that is not rendered in a language yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(Content);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    /// A name, or what another program says: the same in every language.
    Plain(String),
    Message {
        id: &'static str,
        arguments: Vec<(&'static str, Argument)>,
    },
    /// Texts, and what stands between two of them.
    Joined {
        between: Box<Text>,
        texts: Vec<Text>,
    },
}

/// What fills a message in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Argument {
    Text(Text),
    Number(Number),
    /// A name that is not known: 0 in the message, which no text is.
    Unknown,
}

/// A number that a message counts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number(u64);

impl Text {
    /// What is the same in every language.
    pub fn plain(text: impl Into<String>) -> Self {
        Self(Content::Plain(text.into()))
    }

    /// Things one after the other, as `a, b`.
    pub fn list(texts: Vec<Self>) -> Self {
        Self(Content::Joined { between: Box::new(message::between_things()), texts })
    }

    /// Sentences one after the other.
    pub fn sentences(texts: Vec<Self>) -> Self {
        Self(Content::Joined { between: Box::new(message::between_sentences()), texts })
    }

    pub(crate) fn message(id: &'static str, arguments: Vec<(&'static str, Argument)>) -> Self {
        Self(Content::Message { id, arguments })
    }

    /// Its words in `language`.
    pub fn in_language(&self, language: Language) -> String {
        match &self.0 {
            Content::Plain(text) => text.clone(),
            Content::Message { id, arguments } => {
                let mut filled = FluentArgs::with_capacity(arguments.len());
                for (name, argument) in arguments {
                    filled.set(*name, argument.in_language(language));
                }
                bundle::format(language, id, &filled)
            }
            Content::Joined { between, texts } => {
                let texts: Vec<String> =
                    texts.iter().map(|text| text.in_language(language)).collect();
                texts.join(&between.in_language(language))
            }
        }
    }
}

impl Argument {
    fn in_language(&self, language: Language) -> FluentValue<'_> {
        match self {
            Self::Text(Text(Content::Plain(text))) => FluentValue::from(text.as_str()),
            Self::Text(text) => FluentValue::from(text.in_language(language)),
            Self::Number(number) => FluentValue::from(number.0),
            Self::Unknown => FluentValue::from(0u64),
        }
    }
}

/// In the first language, English, as logs and reports have it.
impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.in_language(Language::ALL[0]))
    }
}

/// In every language, by their codes.
impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let said = |language: &Language| (language.code(), self.in_language(*language));
        serializer.collect_map(Language::ALL.iter().map(said))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Self::plain(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::plain(text)
    }
}

impl From<Option<&str>> for Argument {
    fn from(name: Option<&str>) -> Self {
        name.map_or(Self::Unknown, |name| Self::Text(Text::plain(name)))
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl From<u32> for Number {
    fn from(number: u32) -> Self {
        Self(number.into())
    }
}

impl From<usize> for Number {
    fn from(number: usize) -> Self {
        // No computer counts further.
        Self(number as u64)
    }
}
