use proptest::prelude::*;

use super::*;

/// Lines that look like the files', and some that look like nothing.
fn anything() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "[default]", "[profile x]", "[Credentials]", "[Bucket-Cname]", "[services s]", "[buckets b]", "[", "]", "=", ":", "\n", "\r\n", " ", "\t",
            "\"", "\"\"\"", "`", "'", "#", ";", "type = s3", "access_key_id = ", "accessKeyID=", "aws_access_key_id=", "source_profile = x",
            "s3 =\n  addressing_style = path", "{\"profiles\":[", "{\"name\":\"x\"}", "]}", "\u{feff}", "RCLONE_ENCRYPT_V0:", "mode=", "密",
        ]).prop_map(str::to_owned),
        1 => ".{0,12}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// What a secret could be: printable, without blanks around it.
fn secret() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[!-~]{1,60}", 1 => "[!-~]([ -~]{0,30}[!-~])?", 1 => "[!-~\u{4e00}-\u{4eff}é]{1,20}"]
}

fn only(found: Vec<Candidate>) -> String {
    let [candidate] = &found[..] else { panic!("one candidate, not {}", found.len()) };
    match &candidate.credentials {
        CandidateKeys::Static(key) => key.access_key_secret.expose().to_owned(),
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_a_parser_panic(one in anything(), other in anything()) {
        parse_ossutil(&one, file());
        drop(parse_aliyun(&one, file()));
        drop(parse_rclone(&one, file()));
        parse_aws(AwsFiles { credentials: Some((&one, file())), config: Some((&other, file())) });
    }

    #[test]
    fn a_secret_comes_out_as_its_tool_wrote_it(secret in secret(), end in prop::sample::select(vec!["\n", "\r\n", ""])) {
        let aws = format!("[default]{e}aws_access_key_id = id{e}aws_secret_access_key = {secret}{end}", e = if end.is_empty() { "\n" } else { end });
        prop_assert_eq!(&only(parse_aws(AwsFiles { credentials: Some((&aws, file())), config: None })), &secret);

        let first = format!("[Credentials]\nendpoint=e\naccessKeyID=id\naccessKeySecret={secret}{end}");
        prop_assert_eq!(&only(parse_ossutil(&first, file())), &secret);

        // Version 2 takes quotes off; its own secrets have none.
        let second = format!("[default]\naccessKeyID=id\naccessKeySecret=\"{secret}\"{end}");
        prop_assert_eq!(&only(parse_ossutil(&second, file())), &secret);

        let json = serde_json::json!({ "current": "a", "profiles": [{ "name": "a", "mode": "AK", "access_key_id": "id", "access_key_secret": secret }] });
        prop_assert_eq!(&only(parse_aliyun(&json.to_string(), file()).expect("is JSON")), &secret);

        // goconfig's writer: quotes only around a value with backticks in it.
        let written = match (secret.contains('`'), secret.contains('"')) {
            (true, true) => format!("\"\"\"{secret}\"\"\""),
            _ if secret.starts_with("\"\"\"") || secret.starts_with('`') => return Ok(()),
            _ => secret.clone(),
        };
        let rclone = format!("[r]\ntype = s3\naccess_key_id = id\nsecret_access_key = {written}{end}");
        prop_assert_eq!(&only(parse_rclone(&rclone, file()).expect("is plain")), &secret);
    }
}
