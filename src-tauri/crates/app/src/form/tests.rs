//! What forms of profiles mean, and what is wrong with them.

use ferry_model::Language;

use super::*;

fn form(provider: Provider, endpoint: &str, region: &str, bucket: &str) -> ProfileForm {
    ProfileForm {
        name: "Photos".into(),
        endpoint: endpoint.into(),
        region: region.into(),
        bucket: bucket.into(),
        ..ProfileForm::blank(provider)
    }
}

#[test]
fn what_is_pasted_is_understood() {
    use Provider::{Oss, S3};
    for (typed, url, region, bucket) in [
        (
            form(Oss, "cn-hangzhou", "", "photos"),
            "https://photos.oss-cn-hangzhou.aliyuncs.com/example.txt",
            "cn-hangzhou",
            "photos",
        ),
        (
            form(Oss, "", "oss-cn-shanghai", "photos"),
            "https://photos.oss-cn-shanghai.aliyuncs.com/example.txt",
            "cn-shanghai",
            "photos",
        ),
        (
            form(Oss, " ", "华东1（杭州）", "photos"),
            "https://photos.oss-cn-hangzhou.aliyuncs.com/example.txt",
            "cn-hangzhou",
            "photos",
        ),
        (
            form(Oss, "", "https://oss-cn-beijing.aliyuncs.com", "photos"),
            "https://photos.oss-cn-beijing.aliyuncs.com/example.txt",
            "cn-beijing",
            "photos",
        ),
        (
            form(Oss, "https://photos.oss-cn-beijing.aliyuncs.com/2026/a/", "", ""),
            "https://photos.oss-cn-beijing.aliyuncs.com/2026/a/example.txt",
            "cn-beijing",
            "photos",
        ),
        (
            form(Oss, "oss://photos/2026/", "cn-hangzhou", ""),
            "https://photos.oss-cn-hangzhou.aliyuncs.com/2026/example.txt",
            "cn-hangzhou",
            "photos",
        ),
        (
            form(Oss, "img.example.com", "cn-hangzhou", "photos"),
            "https://img.example.com/example.txt",
            "cn-hangzhou",
            "photos",
        ),
        (
            form(Oss, "图片.example", "杭州", "photos"),
            "https://xn--wcsw84d.example/example.txt",
            "cn-hangzhou",
            "photos",
        ),
        (
            form(Oss, "oss-accelerate.aliyuncs.com", "cn-hangzhou", "photos"),
            "https://photos.oss-accelerate.aliyuncs.com/example.txt",
            "cn-hangzhou",
            "photos",
        ),
        (
            form(Oss, "photos.cb-f8z7.cn-heyuan.oss-cloudbox.aliyuncs.com", "", ""),
            "https://photos.cb-f8z7.cn-heyuan.oss-cloudbox.aliyuncs.com/example.txt",
            "cn-heyuan",
            "photos",
        ),
        (
            form(S3, "https://minio.lan:9000", "", "data"),
            "https://minio.lan:9000/data/example.txt",
            "us-east-1",
            "data",
        ),
        // The guess from a host's name does not overrule what was typed.
        (
            form(S3, "https://s3.us-lab.example.com", "eu-1", "data"),
            "https://s3.us-lab.example.com/data/example.txt",
            "eu-1",
            "data",
        ),
        (
            form(S3, "https://s3.us-lab.example.com", "", "data"),
            "https://s3.us-lab.example.com/data/example.txt",
            "us-lab",
            "data",
        ),
        (
            form(S3, "eu-central-1", "", "data"),
            "https://data.s3.eu-central-1.amazonaws.com/example.txt",
            "eu-central-1",
            "data",
        ),
        (
            form(S3, "s3.eu-west-1.amazonaws.com", "", "Old_Data"),
            "https://s3.eu-west-1.amazonaws.com/Old_Data/example.txt",
            "eu-west-1",
            "Old_Data",
        ),
        (
            form(S3, "oss-cn-hangzhou.aliyuncs.com", "", "data"),
            "https://data.s3.oss-cn-hangzhou.aliyuncs.com/example.txt",
            "cn-hangzhou",
            "data",
        ),
        (
            form(
                S3,
                "0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com",
                "us-east-1",
                "data",
            ),
            "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com/data/example.txt",
            "auto",
            "data",
        ),
        // Typed for OSS, but Amazon's.
        (
            form(Oss, "https://data.s3.eu-west-1.amazonaws.com/a.txt?X-Amz-Signature=x", "", ""),
            "https://data.s3.eu-west-1.amazonaws.com/example.txt",
            "eu-west-1",
            "data",
        ),
    ] {
        let reading = read(&typed);
        assert_eq!(reading.problems, [], "{}", typed.endpoint);
        assert_eq!(
            (
                reading.example_url.as_str(),
                reading.form.region.as_str(),
                reading.form.bucket.as_str()
            ),
            (url, region, bucket)
        );
        // What was understood is understood again as the same.
        let again = read(&reading.form);
        assert_eq!((again.form, again.problems), (reading.form, Vec::new()), "{}", typed.endpoint);
    }
}

#[test]
fn what_is_missing_or_wrong_stands_beside_its_field() {
    use Provider::{Oss, S3};
    let v1 = |form: ProfileForm| ProfileForm { sign: SignVersion::V1, ..form };
    for (typed, fields) in [
        (form(Oss, "http://user:pw@x", "", "No Bucket"), vec!["endpoint", "bucket"]),
        (form(Oss, "", "", "photos"), vec!["endpoint"]),
        (form(Oss, "oss://photos/a", "", ""), vec!["endpoint"]),
        (form(Oss, "", "evil.example/", "photos"), vec!["endpoint", "region"]),
        (form(Oss, "oss://photos", "cn-hangzhou.evil", ""), vec!["endpoint", "region"]),
        (form(S3, "minio.lan", "my region", "photos"), vec!["region"]),
        (form(S3, "minio.lan", "My_Region-1", "photos"), vec![]),
        (form(Oss, "https://oss.console.aliyun.com/overview", "", "photos"), vec!["endpoint"]),
        // Custom domains and acceleration do not tell their region, and V4 signs it; V1 does
        // not.
        (form(Oss, "img.example.com", "", "photos"), vec!["region"]),
        (form(Oss, "oss-accelerate.aliyuncs.com", "", "photos"), vec!["region"]),
        (v1(form(Oss, "img.example.com", "", "photos")), vec![]),
        (form(S3, "bkt.s3-accelerate.amazonaws.com", "", ""), vec!["region"]),
        (form(Oss, "cn-hangzhou", "", "my.bucket"), vec!["bucket"]),
        (form(S3, "s3.oss-cn-hangzhou.aliyuncs.com", "", "Old_Data"), vec!["bucket"]),
        (form(S3, "minio.lan", "", "-bad-"), vec!["bucket"]),
    ] {
        let got: Vec<String> =
            read(&typed).problems.into_iter().map(|problem| problem.field).collect();
        assert_eq!(got, fields, "{typed:?}");
    }
    let mut typed = form(Oss, "http://user:pw@x", "", "No Bucket");
    typed.name = " ".into();
    typed.prefix = "/abs".into();
    let fields: Vec<String> =
        read(&typed).problems.into_iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["name", "endpoint", "bucket", "prefix"]);
}

#[test]
fn what_should_be_known_is_said() {
    use Provider::{Oss, S3};
    for (typed, words) in [
        (
            form(Oss, "https://b-1.oss-cn-hangzhou.aliyuncs.com/a/x.mp4?Signature=canary", "", ""),
            vec!["signature", "folder"],
        ),
        (form(Oss, "https://b-1.oss-cn-hangzhou.aliyuncs.com", "", "other"), vec!["“b-1”"]),
        (
            form(Oss, "oss-cn-hangzhou-internal.aliyuncs.com", "", "photos"),
            vec!["inside Alibaba Cloud"],
        ),
        (form(Oss, "s3.eu-west-1.amazonaws.com", "", "photos"), vec!["provider is S3"]),
        (form(S3, "http://minio.lan:9000", "", "photos"), vec!["plain http"]),
        (form(Oss, "cn-hangzhou", "", "photos"), vec![]),
    ] {
        let reading = read(&typed);
        assert_eq!(reading.remarks.len(), words.len(), "{:?}", reading.remarks);
        for (remark, word) in reading.remarks.iter().zip(words) {
            assert!(remark.in_language(Language::En).contains(word), "{word}: {remark:?}");
        }
        assert!(!format!("{reading:?}").contains("canary"));
    }
}

#[test]
fn what_is_wrong_with_the_rest_stands_beside_its_field_too() {
    let mut typed = form(Provider::S3, "us-east-1", "", "data");
    typed.key_template = "{yyyy}".into();
    typed.idle_seconds = 3_601;
    typed.connections = 129;
    typed.link_domain = "https://a/b".into();
    typed.limit.otherwise = "fast".into();
    typed.key_source = KeySourceChoice::Process;
    typed.options.acl = "everybody".into();
    let fields: Vec<String> =
        read(&typed).problems.into_iter().map(|problem| problem.field).collect();
    assert_eq!(
        fields,
        [
            "keyTemplate",
            "idleSeconds",
            "connections",
            "linkDomain",
            "limit",
            "keyCommand",
            "options.acl"
        ]
    );
}

#[test]
fn the_template_is_shown_at_work() {
    let mut typed = form(Provider::Oss, "cn-hangzhou", "", "photos");
    (typed.prefix, typed.key_template) = ("p/".into(), "{prefix}{dir}{stem}-{hash8}{ext}".into());
    typed.link_domain = "IMG.example.com/".into();
    let reading = read(&typed);
    assert_eq!(
        (reading.example_file.as_str(), reading.example_key.as_str()),
        ("album/photo.jpg", "p/album/photo-5f3a09c1.jpg")
    );
    assert_eq!(reading.form.link_domain, "https://img.example.com");
    assert_eq!(
        profile(ProfileId(1), ProfileKind::Saved, &reading.form).naming.template,
        typed.key_template
    );
    assert_eq!(form_of(&profile(ProfileId(1), ProfileKind::Saved, &reading.form)), reading.form);
}
