//! Texts as the page gets them: those of the host ready to show, and the messages of its own.

use std::collections::BTreeMap;

use ferry_model::{Language, Text};
use serde::{Deserialize, Serialize};
use ts_rs::{Config, TS};

/// The messages of the page in one language, as the catalogue has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PageTexts {
    /// The language's code.
    pub language: String,
    /// Its files in Fluent, one after the other.
    pub source: String,
}

impl PageTexts {
    /// Of every language, the first one first.
    fn all() -> Vec<Self> {
        let of = |language: &Language| Self {
            language: language.code().to_owned(),
            source: language.page().join("\n"),
        };
        Language::ALL.iter().map(of).collect()
    }

    /// The script that hands them to the page, as `window.ferryTexts`. It has to run before the
    /// page's own: with a command instead, the first text would wait for its answer.
    pub fn script() -> String {
        let texts = serde_json::to_string(&Self::all()).expect("texts are JSON");
        format!("window.ferryTexts = {texts};")
    }
}

/// A text in every language: the window shows the one it is set to, and can be set to another one
/// at any time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words(BTreeMap<Language, String>);

impl Words {
    /// The words in `language`.
    pub fn in_language(&self, language: Language) -> &str {
        self.0.get(&language).map_or("", String::as_str)
    }

    /// A sentence, and the next one after it.
    pub(crate) fn followed_by(&self, next: &Self) -> Self {
        let both = |language: &Language| {
            format!("{} {}", self.in_language(*language), next.in_language(*language))
        };
        Self(Language::ALL.iter().map(|language| (*language, both(language))).collect())
    }
}

impl From<Text> for Words {
    fn from(text: Text) -> Self {
        Self(Language::ALL.iter().map(|it| (*it, text.in_language(*it))).collect())
    }
}

/// By hand, because the languages are not written down in this crate.
impl TS for Words {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;

    fn docs() -> Option<String> {
        Some(
            "/**\n * A text in every language; the window shows the one it is set to.\n */\n"
                .into(),
        )
    }

    fn decl(config: &Config) -> String {
        format!("type Words = {};", Self::inline(config))
    }

    fn name(_: &Config) -> String {
        "Words".into()
    }

    fn inline(_: &Config) -> String {
        let languages: Vec<String> =
            Language::ALL.iter().map(|language| format!("{:?}", language.code())).collect();
        format!("Record<{}, string>", languages.join(" | "))
    }

    fn output_path() -> Option<std::path::PathBuf> {
        Some("Words.ts".into())
    }
}
