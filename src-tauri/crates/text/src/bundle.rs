//! Says messages in a language.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

use crate::Language;

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<BTreeMap<Language, Bundle>> =
    LazyLock::new(|| Language::ALL.iter().map(|language| (*language, read(*language))).collect());

fn read(language: Language) -> Bundle {
    let tag: LanguageIdentifier = language.tag().parse().expect("a folder is a language's tag");
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Marks around what fills a message would be copied with it, and shown by many terminals.
    bundle.set_use_isolating(false);
    for source in language.sources() {
        let resource = FluentResource::try_new((*source).to_owned())
            .expect("the build script has read the same text");
        bundle.add_resource(resource).expect("no message is there twice");
    }
    bundle
}

/// The message `id` in `language`, or in the first language where it has no such message.
pub(crate) fn format(language: Language, id: &str, filled: &FluentArgs<'_>) -> String {
    let spoken = [language, Language::ALL[0]];
    let found = spoken.iter().find_map(|language| {
        let bundle = &BUNDLES[language];
        Some((bundle, bundle.get_message(id)?.value()?))
    });
    let Some((bundle, pattern)) = found else { return id.to_owned() };
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(filled), &mut errors).into_owned();
    debug_assert!(errors.is_empty(), "{id} in {language:?}: {errors:?}");
    text
}
