use super::super::answer::read;
use super::super::child::excerpt;
use super::super::error::ProcessCause;
use super::*;

#[test]
fn each_vendors_form_is_read() {
    let hour = Some(NOW + HOUR);
    let cases = [
        // docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
        (
            r#"{"Version":1,"AccessKeyId":"ASIA1","SecretAccessKey":"s/+=","SessionToken":"t","Expiration":"2026-01-01T01:00:00Z"}"#,
            key("ASIA1", "s/+=", Some("t"), hour),
        ),
        (
            r#"{"Version":1,"AccessKeyId":"AKIA1","SecretAccessKey":"s","SessionToken":null,"Expiration":"","AccountId":"1"}"#,
            key("AKIA1", "s", None, None),
        ),
        (
            r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":"","Expiration":"2026-01-01T09:00:00.000+08:00"}"#,
            key("A", "s", None, hour),
        ),
        (
            r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"\u5bc6\"\\","Expiration":"2026-01-01T01:00:00+0000"}"#,
            key("A", "密\"\\", None, hour),
        ),
        // help.aliyun.com/en/oss/developer-reference/configure-ossutil2, "external process"
        (r#"{"AccessKeyId":"LTAI1","AccessKeySecret":"s"}"#, key("LTAI1", "s", None, None)),
        (
            " {\"AccessKeyId\":\"STS.1\",\"AccessKeySecret\":\"s\",\"SecurityToken\":\"t\",\"Expiration\":\"2026-01-01T01:00:00Z\"}\r\n",
            key("STS.1", "s", Some("t"), hour),
        ),
        (
            r#"{"Code":"Success","AccessKeyId":"STS.1","AccessKeySecret":"s","SecurityToken":"t","Expiration":"2026-01-01T01:00:00Z"}"#,
            key("STS.1", "s", Some("t"), hour),
        ),
        // aliyun-cli, config/profile.go: the answer is a profile of its own file.
        (
            r#"{"mode":"AK","access_key_id":"LTAI2","access_key_secret":"s","sts_token":"left over"}"#,
            key("LTAI2", "s", None, None),
        ),
        (
            r#"{"mode":"StsToken","access_key_id":"STS.2","access_key_secret":"s","sts_token":"t","region_id":"cn-beijing"}"#,
            key("STS.2", "s", Some("t"), None),
        ),
        (
            r#"{"mode":"StsToken","access_key_id":"STS.2","access_key_secret":"s","sts_token":"t","sts_expiration":1767229200}"#,
            key("STS.2", "s", Some("t"), hour),
        ),
        (
            r#"{"access_key_id":"STS.2","access_key_secret":"s","sts_token":"t","expiration":"2026-01-01T01:00:00Z"}"#,
            key("STS.2", "s", Some("t"), hour),
        ),
        // AssumeRole of either STS.
        (
            r#"{"RequestId":"r","Credentials":{"AccessKeyId":"STS.3","AccessKeySecret":"s","SecurityToken":"t","Expiration":"2026-01-01T01:00:00Z"}}"#,
            key("STS.3", "s", Some("t"), hour),
        ),
        (
            r#"{"Credentials":{"AccessKeyId":"ASIA3","SecretAccessKey":"s","SessionToken":"t","Expiration":"2026-01-01T01:00:00+00:00"}}"#,
            key("ASIA3", "s", Some("t"), hour),
        ),
        (
            "\u{feff}{\"AccessKeyId\":\"bom\",\"AccessKeySecret\":\"s\"}",
            key("bom", "s", None, None),
        ),
    ];
    for (text, expected) in cases {
        let got = read(text.as_bytes(), NOW).unwrap_or_else(|cause| panic!("{text}: {cause}"));
        // Credentials show nothing of themselves: compare piece by piece.
        assert_eq!(got.access_key_id, expected.access_key_id, "{text}");
        assert_eq!(got.access_key_secret.expose(), expected.access_key_secret.expose(), "{text}");
        assert_eq!(
            got.security_token.as_ref().map(Secret::expose),
            expected.security_token.as_ref().map(Secret::expose),
            "{text}"
        );
        assert_eq!(got.expires_ms, expected.expires_ms, "{text}");
    }
}

#[test]
fn what_is_no_good_key_is_refused_without_quoting_it() {
    let cases = [
        ("", "it did not print one JSON object"),
        ("canary", "it did not print one JSON object"),
        (
            r#"{"AccessKeyId":"canary","AccessKeySecret":"canary"} {}"#,
            "it did not print one JSON object",
        ),
        (r#"["canary"]"#, "it did not print one JSON object"),
        (r#"{"AccessKeyId":["canary"],"AccessKeySecret":"s"}"#, "it did not print one JSON object"),
        (
            r#"{"AccessKeyId":"canary","AccessKeyId":"canary","AccessKeySecret":"s"}"#,
            "it did not print one JSON object",
        ),
        ("{}", "its answer has no access key id"),
        (r#"{"AccessKeyId":"","AccessKeySecret":"canary"}"#, "its answer has no access key id"),
        (r#"{"AccessKeyId":"canary"}"#, "its answer has no access key secret"),
        (r#"{"AccessKeyId":"canary","AccessKeySecret":""}"#, "its answer has no access key secret"),
        (
            r#"{"AccessKeyId":"canary","SecretAccessKey":"canary"}"#,
            "its answer is not of version 1",
        ),
        (
            r#"{"Version":2,"AccessKeyId":"canary","SecretAccessKey":"canary"}"#,
            "its answer is not of version 1",
        ),
        (
            r#"{"Version":1,"AccessKeyId":"canary","SecretAccessKey":"canary","AccessKeySecret":"canary"}"#,
            "its answer has none of the known forms",
        ),
        (
            r#"{"Credentials":{"Credentials":{"AccessKeyId":"canary","AccessKeySecret":"s"}}}"#,
            "its answer has none of the known forms",
        ),
        (
            r#"{"mode":"StsToken","access_key_id":"canary","access_key_secret":"s"}"#,
            "its answer has no STS token",
        ),
        (
            r#"{"mode":"RamRoleArn","access_key_id":"canary","access_key_secret":"s"}"#,
            "its answer is of a mode other than AK and StsToken",
        ),
        (
            r#"{"AccessKeyId":"canary","AccessKeySecret":"a\nb"}"#,
            "the key in its answer holds control characters",
        ),
        (
            r#"{"AccessKeyId":"a\u0000","AccessKeySecret":"canary"}"#,
            "the key in its answer holds control characters",
        ),
        (
            r#"{"AccessKeyId":"canary","AccessKeySecret":"s","SecurityToken":"\u0085"}"#,
            "the key in its answer holds control characters",
        ),
        (
            r#"{"AccessKeyId":"canary","AccessKeySecret":"s","Expiration":"canary"}"#,
            "the end of the key in its answer is no time that can be read",
        ),
        (
            r#"{"AccessKeyId":"canary","AccessKeySecret":"s","Expiration":"2026-01-01T01:00:00"}"#,
            "the end of the key in its answer is no time that can be read",
        ),
        (
            r#"{"AccessKeyId":"canary","AccessKeySecret":"s","Expiration":9223372036854775807}"#,
            "the end of the key in its answer is no time that can be read",
        ),
        (
            r#"{"AccessKeyId":"canary","AccessKeySecret":"s","Expiration":"2026-01-01T00:00:00Z"}"#,
            "the key it gave had already ended, at 2026-01-01T00:00:00Z",
        ),
    ];
    for (text, expected) in cases {
        let cause: ProcessCause = read(text.as_bytes(), NOW).expect_err(text);
        assert_eq!(cause.to_string(), expected, "{text}");
        assert!(!format!("{cause:?}").contains("canary"), "{text}");
    }
}

#[test]
fn an_excerpt_is_short_and_leaves_keys_out() {
    let long = "x ".repeat(300);
    let cases = [
        ("", ""),
        ("  no such profile:\r\n\tdev\u{1b}[0m ", "no such profile: dev [0m"),
        ("+ echo LTAI5tQx7Rk2Pm9sXyZ1aBcD", "+ echo …"),
        ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY, then", "…, then"),
        (
            "could not read /opt/python3/lib/helper.py of aws-vault",
            "could not read /opt/python3/lib/helper.py of aws-vault",
        ),
        (long.as_str(), "…"),
    ];
    for (said, expected) in cases {
        let got = excerpt(said.as_bytes());
        assert!(got.chars().count() <= 201, "{got}");
        assert!(
            if expected == "…" {
                got.starts_with("…x x") || got.starts_with("… x")
            } else {
                got == expected
            },
            "{said}: {got}"
        );
    }
    assert_eq!(excerpt(b"bad \xff byte"), "bad \u{fffd} byte");
}
