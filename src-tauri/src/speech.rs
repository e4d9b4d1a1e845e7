//! The language of the shell's own words: titles of native dialogs and messages outside the page.

use std::sync::atomic::{AtomicBool, Ordering};

use ferry_app::messages::{Problem, Words};
use ferry_app::model::Language;
use tauri_plugin_dialog::MessageDialogButtons;

/// Which language native dialogs speak. Follows the settings as soon as they are known.
#[derive(Debug)]
pub(crate) struct Speech {
    system_is_chinese: bool,
    chinese: AtomicBool,
}

impl Speech {
    /// The language of the system's locale.
    pub(crate) fn of_the_system() -> Self {
        let system_is_chinese = locale_is_chinese(|name| std::env::var(name).ok());
        Self { system_is_chinese, chinese: AtomicBool::new(system_is_chinese) }
    }

    /// Takes over the language of the settings: `en`, `zh`, or anything else for the system's.
    pub(crate) fn follow(&self, setting: &str) {
        let chinese = match setting {
            "en" => false,
            "zh" => true,
            _ => self.system_is_chinese,
        };
        self.chinese.store(chinese, Ordering::Relaxed);
    }

    /// One wording of two.
    pub(crate) fn choose<'a>(&self, en: &'a str, zh: &'a str) -> &'a str {
        if self.chinese.load(Ordering::Relaxed) { zh } else { en }
    }

    /// The wording of `words`.
    pub(crate) fn say<'a>(&self, words: &'a Words) -> &'a str {
        let chinese = self.chinese.load(Ordering::Relaxed);
        words.in_language(if chinese { Language::Zh } else { Language::En })
    }

    /// The one button of a native message.
    pub(crate) fn close(&self) -> MessageDialogButtons {
        MessageDialogButtons::OkCustom(self.choose("Close", "关闭").to_owned())
    }

    /// A problem as a paragraph: what happened, then what to do.
    pub(crate) fn tell(&self, problem: &Problem) -> String {
        format!("{}\n\n{}", self.say(&problem.sentence), self.say(&problem.hint))
    }
}

/// Whether the POSIX locale asks for Chinese: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that
/// is set counts.
fn locale_is_chinese(variable: impl Fn(&str) -> Option<String>) -> bool {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(variable)
        .find(|value| !value.is_empty())
        .is_some_and(|value| value.to_ascii_lowercase().starts_with("zh"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        let cases: [(&[(&str, &str)], bool); 5] = [
            (&[], false),
            (&[("LANG", "zh_CN.UTF-8")], true),
            (&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C.UTF-8")], false),
            (&[("LANG", "en_US.UTF-8"), ("LC_ALL", ""), ("LC_MESSAGES", "zh_TW")], true),
            (&[("LANG", "de_DE.UTF-8")], false),
        ];
        for (variables, chinese) in cases {
            let found = |name: &str| {
                variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(locale_is_chinese(found), chinese, "{variables:?}");
        }
    }

    #[test]
    fn the_setting_outranks_the_system_and_system_returns_to_it() {
        let speech = Speech { system_is_chinese: true, chinese: AtomicBool::new(true) };
        speech.follow("en");
        assert_eq!(speech.choose("Open", "打开"), "Open");
        speech.follow("system");
        assert_eq!(speech.choose("Open", "打开"), "打开");
    }
}
