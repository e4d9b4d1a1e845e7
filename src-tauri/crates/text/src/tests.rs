use super::*;

#[test]
fn a_tag_means_its_region_then_its_language_then_english() {
    for (tag, expected) in [
        ("zh_CN.UTF-8", Language::Zh),
        ("zh-Hans", Language::Zh),
        ("zh_TW", Language::Zh),
        ("ZH-cn", Language::Zh),
        ("zh", Language::Zh),
        ("en_US.UTF-8", Language::En),
        ("de_DE@euro", Language::En),
        ("C.UTF-8", Language::En),
        ("zhuang", Language::En),
        ("", Language::En),
    ] {
        assert_eq!(Language::from_tag(tag), expected, "{tag}");
    }
}

#[test]
fn a_language_is_found_by_its_code() {
    for language in Language::ALL {
        assert_eq!(Language::from_code(language.code()), Some(*language));
    }
    assert_eq!(Language::from_code("system"), None);
}

#[test]
fn a_text_has_no_language_until_it_is_shown() {
    let text = message::span_two(message::span_days(1u32), message::span_hours(2u32));
    assert_eq!(text.in_language(Language::En), "1 day and 2 hours");
    assert_eq!(text.in_language(Language::Zh), "1 天 2 小时");
    assert_eq!(text.to_string(), "1 day and 2 hours");
    let json = serde_json::to_value(&text).expect("is written");
    assert_eq!(json, serde_json::json!({ "en": "1 day and 2 hours", "zh": "1 天 2 小时" }));
}

#[test]
fn texts_stand_in_a_row_as_their_language_has_them() {
    let both = || vec![Text::plain("a"), message::span_days(3u32)];
    let shown =
        |text: Text| Language::ALL.iter().map(|it| text.in_language(*it)).collect::<Vec<_>>();
    assert_eq!(shown(Text::list(both())), ["a, 3 days", "a、3 天"]);
    assert_eq!(shown(Text::sentences(both())), ["a 3 days", "a3 天"]);
    assert_eq!(shown(Text::list(Vec::new())), ["", ""]);
}

#[test]
fn what_is_unknown_is_no_name() {
    let sentence = |name| message::fault_source_missing(name).to_string();
    assert_eq!(sentence(None), "The file is not there.");
    for name in ["0", "other", "one", "", "{ $subject }"] {
        assert_eq!(sentence(Some(name)), format!("“{name}” is not there."));
    }
}

#[test]
fn names_are_shown_as_they_are() {
    let name = "a\u{2068}b\n{ $x }.“c”";
    assert_eq!(message::fault_hint_region(name).to_string().matches(name).count(), 1);
    assert_eq!(Text::plain(name).in_language(Language::Zh), name);
}
