//! The language of the shell's own words: titles of native dialogs and messages outside the page.

use std::sync::{PoisonError, RwLock};

use ferry_app::environment;
use ferry_app::messages::Problem;
use ferry_app::model::{Language, Text, message};
use tauri_plugin_dialog::MessageDialogButtons;

/// Which language native dialogs speak. Follows the settings as soon as they are known.
#[derive(Debug)]
pub(crate) struct Speech {
    system: Language,
    spoken: RwLock<Language>,
}

impl Speech {
    /// The language of the system's locale.
    pub(crate) fn of_the_system() -> Self {
        Self::of(environment::language())
    }

    fn of(system: Language) -> Self {
        Self { system, spoken: RwLock::new(system) }
    }

    /// Takes over the language of the settings: the code of one, or anything else for the system's.
    pub(crate) fn follow(&self, setting: &str) {
        let language = Language::from_code(setting).unwrap_or(self.system);
        *self.spoken.write().unwrap_or_else(PoisonError::into_inner) = language;
    }

    /// The language.
    pub(crate) fn language(&self) -> Language {
        *self.spoken.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The words of a text.
    pub(crate) fn say(&self, text: &Text) -> String {
        text.in_language(self.language())
    }

    /// The one button of a native message.
    pub(crate) fn close(&self) -> MessageDialogButtons {
        MessageDialogButtons::OkCustom(self.say(&message::dialog_close()))
    }

    /// A problem as a paragraph: what happened, then what to do.
    pub(crate) fn tell(&self, problem: &Problem) -> String {
        let [sentence, hint] =
            [&problem.sentence, &problem.hint].map(|words| words.in_language(self.language()));
        format!("{sentence}\n\n{hint}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_outranks_the_system_and_system_returns_to_it() {
        let speech = Speech::of(Language::Zh);
        for (setting, word) in [("en", "Close"), ("system", "关闭"), ("zh", "关闭")] {
            speech.follow(setting);
            assert_eq!(speech.say(&message::dialog_close()), word, "{setting}");
        }
    }
}
