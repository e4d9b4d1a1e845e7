//! Every kind speaks both languages, and well.

use super::*;
use crate::Language;
use crate::fault::{Affects, Retry};
use crate::fault_signature::{RequestPart, SignatureCheck};

/// A text in both languages.
#[derive(Debug, PartialEq)]
struct Said {
    en: String,
    zh: String,
}

fn said(text: &Text) -> Said {
    Said { en: text.in_language(Language::En), zh: text.in_language(Language::Zh) }
}

fn both(en: &str, zh: &str) -> Said {
    Said { en: en.to_owned(), zh: zh.to_owned() }
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// The texts of every kind, with a subject and without, and those that depend on what is known.
fn all_texts() -> Vec<(String, Said)> {
    let mut faults: Vec<Fault> = FaultKind::ALL
        .iter()
        .flat_map(|kind| [Fault::new(*kind), Fault::new(*kind).with_subject("a.bin")])
        .collect();
    let with = |kind, change: &dyn Fn(&mut Fault)| {
        let mut fault = Fault::new(kind);
        change(&mut fault);
        fault
    };
    for seconds in [-90, 7_200, 93_784] {
        faults
            .push(with(FaultKind::ClockSkew, &|fault| fault.clock_offset_seconds = Some(seconds)));
    }
    for clue in [
        SignatureClue::SameText,
        SignatureClue::Changed { what: vec![RequestPart::Header("content-type".into())] },
        SignatureClue::Unknown,
    ] {
        faults.push(with(FaultKind::BadSignature, &|fault| {
            fault.signature = Some(Box::new(check(clue.clone())))
        }));
    }
    faults.push(with(FaultKind::AccessDenied, &|fault| {
        fault.permission = Some("oss:PutObject".into())
    }));
    faults.push(with(FaultKind::WrongRegion, &|fault| {
        fault.suggested_region = Some("eu-west-1".into())
    }));
    faults.push(with(FaultKind::WrongEndpoint, &|fault| {
        fault.suggested_endpoint = Some("oss-cn-shanghai.aliyuncs.com".into())
    }));
    let texts = |fault: &Fault| {
        [
            (format!("{:?}: sentence", fault.kind), said(&fault.sentence())),
            (format!("{:?}: hint", fault.kind), said(&fault.hint())),
        ]
    };
    faults.iter().flat_map(texts).collect()
}

fn check(clue: SignatureClue) -> SignatureCheck {
    SignatureCheck {
        clue,
        theirs: Some("theirs".into()),
        ours: None,
        canonical_theirs: None,
        canonical_ours: None,
    }
}

#[test]
fn every_text_is_whole_and_in_its_language() {
    for (what, text) in all_texts() {
        assert!(
            text.en.starts_with(|c: char| c.is_ascii_uppercase() || c == '“' || c == '`'),
            "{what}: {}",
            text.en
        );
        assert!(
            text.en.ends_with('.') && text.zh.ends_with('。'),
            "{what}: a sentence ends with a full stop: {text:?}"
        );
        assert!(
            !text.en.contains(['{', '}']) && !text.zh.contains(['{', '}']),
            "{what} keeps a placeholder: {text:?}"
        );
        assert!(!text.en.chars().any(is_chinese), "{what} mixes Chinese into English");
        assert!(!text.en.contains("  ") && !text.zh.contains("  "), "{what}: {text:?}");
        // What the text quotes is not its own.
        let own_words = text.zh.replace("“a.bin”", "");
        let letters = own_words.chars().filter(|c| c.is_alphabetic()).count();
        let chinese = text.zh.chars().filter(|c| is_chinese(*c)).count();
        // Product words (Endpoint, AccessKey) stay as the console has them; each counts as many
        // letters, so a quarter is Chinese enough.
        assert!(chinese >= 3 && chinese * 4 >= letters, "{what} is hardly Chinese: {}", text.zh);
    }
}

#[test]
fn texts_are_short() {
    for (what, text) in all_texts() {
        let (en, zh) = if what.ends_with("sentence") { (90, 44) } else { (170, 76) };
        assert!(
            text.en.chars().count() <= en,
            "{what}, {} characters: {}",
            text.en.chars().count(),
            text.en
        );
        assert!(
            text.zh.chars().count() <= zh,
            "{what}, {} characters: {}",
            text.zh.chars().count(),
            text.zh
        );
    }
}

/// As the console writes: Chinese punctuation, a space between Chinese and Latin words, simplified
/// characters.
#[test]
fn chinese_is_set_as_chinese() {
    const TRADITIONAL: &str =
        "請檔傳設體與無這為會對於應個們時間來說還進開關動員業書長門問題當發麼樣點線網";
    for (what, text) in all_texts() {
        let signs: Vec<char> = text.zh.chars().collect();
        assert!(!signs.iter().any(|c| TRADITIONAL.contains(*c)), "{what}: {}", text.zh);
        for pair in signs.windows(2) {
            let [before, after] = pair else { unreachable!("windows of two") };
            let latin = |c: char| c.is_ascii_alphanumeric();
            let glued =
                (is_chinese(*before) && latin(*after)) || (latin(*before) && is_chinese(*after));
            assert!(!glued, "{what}: a space is missing between {before} and {after}: {}", text.zh);
            let western =
                is_chinese(*before) && matches!(after, ',' | ';' | ':' | '?' | '!' | '(' | '.');
            assert!(!western, "{what}: western punctuation {after}: {}", text.zh);
        }
    }
}

/// Latin words in a Chinese text are names that the console and the form leave as they are, or
/// examples to copy.
#[test]
fn chinese_borrows_names_only() {
    const NAMES: &str = "Linux ca-certificates fs.inotify.max user watches watch AccessKey Bucket CNAME Endpoint Ferry ID KMS OSS Secret SecurityToken TiB ferry history profile list gnome-keyring http https \
                         cn-hangzhou oss-cn-hangzhou.aliyuncs.com oss-cn-shanghai.aliyuncs.com eu-west-1 oss PutObject content-type a.bin CA PEM BEGIN CERTIFICATE proxy.example.com socks5 socks5h";
    let names: Vec<&str> = NAMES.split_whitespace().collect();
    for (what, text) in all_texts() {
        let words = text.zh.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.')));
        for word in words
            .map(|word| word.trim_matches('.'))
            .filter(|word| word.contains(|c: char| c.is_ascii_alphabetic()))
        {
            assert!(names.contains(&word), "{what}: “{word}” is no name: {}", text.zh);
        }
    }
}

#[test]
fn no_text_names_what_is_inside() {
    const INSIDE: &str = "journal sqlite database breaker reconcil machine hyper rustls tokio thread panic xml enum struct null errno \
                          multipart etag crc md5 sha- upload-id 日志 数据库 熔断 线程 状态机";
    for (what, text) in all_texts() {
        let texts = [text.en.to_lowercase(), text.zh.to_lowercase()];
        for word in INSIDE.split_whitespace() {
            assert!(
                texts.iter().all(|text| !text.contains(word)),
                "{what} says “{word}”: {text:?}"
            );
        }
        for kind in FaultKind::ALL {
            let name = format!("{kind:?}");
            let one_word = name.chars().filter(char::is_ascii_uppercase).count() == 1;
            assert!(
                one_word || (!text.en.contains(&name) && !text.zh.contains(&name)),
                "{what} says {name}"
            );
        }
    }
}

/// What promises that Ferry tries again is said only where it does, and the other way round.
#[test]
fn hints_keep_what_retrying_does() {
    for kind in FaultKind::ALL {
        let hint = said(&Fault::new(*kind).hint());
        let by_itself = matches!(kind.retry(), Retry::Backoff | Retry::SlowDown)
            || kind.affects() == Affects::Volume;
        let in_english = ["tries again by itself", "goes on by itself"]
            .iter()
            .any(|words| hint.en.contains(words));
        let in_chinese = hint.zh.contains("自动重试")
            || hint.zh.contains("自动继续")
            || hint.zh.contains("自动降低");
        // These two are tried again too, but what the user should do matters more.
        if !matches!(kind, FaultKind::NotStore | FaultKind::ChecksumMismatch) {
            assert_eq!((in_english, in_chinese), (by_itself, by_itself), "{kind:?}: {hint:?}");
        }
    }
}

#[test]
fn what_waits_for_an_endpoint_is_tried_again() {
    for kind in FaultKind::ALL {
        if kind.affects() == Affects::Endpoint {
            assert_ne!(kind.retry(), Retry::No, "{kind:?}: who waits must be woken");
        }
    }
}

#[test]
fn the_subject_is_named_and_never_read_as_a_placeholder() {
    let of = |kind, subject: &str| said(&Fault::new(kind).with_subject(subject).sentence());
    assert_eq!(
        of(FaultKind::NoSuchBucket, "photos"),
        both("The bucket “photos” does not exist.", "Bucket “photos” 不存在。")
    );
    assert_eq!(
        of(FaultKind::SourceMissing, "{file} {bucket}.bin").en,
        "“{file} {bucket}.bin” is not there."
    );
    assert_eq!(
        of(FaultKind::KeyCollision, "a/The object").en,
        "Another file added with it already goes to “a/The object”."
    );
    assert_eq!(
        Fault::new(FaultKind::KeyCollision).sentence().to_string(),
        "Another file added with it already goes to the object."
    );
    assert_eq!(of(FaultKind::InvalidBucketName, "").zh, "该 Bucket 不是有效的 Bucket 名称。");
}

#[test]
fn what_is_known_is_said() {
    let mut fault = Fault::new(FaultKind::ClockSkew);
    for (seconds, en, zh) in [
        (
            7_380,
            "This computer's clock is 2 hours and 3 minutes slow.",
            "本机时间慢了 2 小时 3 分钟。",
        ),
        (-60, "This computer's clock is 1 minute fast.", "本机时间快了 1 分钟。"),
        (
            -1_000_000_000,
            "This computer's clock is 11574 days and 1 hour fast.",
            "本机时间快了 11574 天 1 小时。",
        ),
        (30, "This computer's clock is too far off.", "本机时间偏差过大。"),
        (
            i64::MIN,
            "This computer's clock is 106751991167300 days and 15 hours fast.",
            "本机时间快了 106751991167300 天 15 小时。",
        ),
    ] {
        fault.clock_offset_seconds = Some(seconds);
        assert_eq!(said(&fault.sentence()), both(en, zh));
    }
    let mut fault = Fault::new(FaultKind::BadSignature);
    fault.signature = Some(Box::new(check(SignatureClue::SameText)));
    assert_eq!(fault.sentence().to_string(), "The AccessKey secret is wrong.");
    fault.signature = Some(Box::new(check(SignatureClue::Changed {
        what: vec![RequestPart::Header("content-type".into())],
    })));
    assert!(
        fault.sentence().to_string().contains("header content-type")
            && fault.hint().to_string().contains("proxy")
    );
}

#[test]
fn a_report_holds_everything() {
    let mut fault =
        Fault::new(FaultKind::WrongRegion).with_subject("subject-x").with_detail("message-x");
    (fault.status, fault.code, fault.ec) =
        (Some(403), Some("code-x".into()), Some("0042-00000203".into()));
    (fault.request_id, fault.host_id, fault.operation) =
        (Some("id-x".into()), Some("host-x".into()), Some("PUT UploadPart".into()));
    (fault.time, fault.recommended_page) =
        (Some("2026-01-15T08:30:45Z".into()), Some("https://page.example/x".into()));
    (fault.suggested_endpoint, fault.suggested_region) =
        (Some("endpoint-x".into()), Some("region-x".into()));
    (fault.permission, fault.retry_after_seconds, fault.clock_offset_seconds) =
        (Some("oss:X".into()), Some(17), Some(-321));
    fault.signature = Some(Box::new(SignatureCheck {
        clue: SignatureClue::SameText,
        theirs: Some("theirs-x".into()),
        ours: Some("ours-x".into()),
        canonical_theirs: Some("canonical-theirs-x".into()),
        canonical_ours: Some("canonical-ours-x".into()),
    }));
    let report = fault.report();
    for part in [
        "WrongRegion",
        "subject-x",
        "message-x",
        "status: 403",
        "code-x",
        "EC: 0042-00000203",
        "id-x",
        "host-x",
        "PUT UploadPart",
        "2026-01-15T08:30:45Z",
        "https://page.example/x",
        "endpoint-x",
        "region-x",
        "oss:X",
        "retry after: 17 s",
        "clock offset: -321 s",
        "theirs-x",
        "ours-x",
        "canonical-theirs-x",
        "canonical-ours-x",
        "the secrets differ",
    ] {
        assert!(report.contains(part), "{part} is missing in:\n{report}");
    }
}
