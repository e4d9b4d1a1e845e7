//! Reads a profile form: what was typed or pasted becomes an endpoint, a region, a bucket and a
//! prefix, before anything is saved.

pub(crate) mod limit;
pub(crate) mod network;
pub(crate) mod options;

use ferry_model::{
    Addressing, ConnectionLimits, Day, Fault, FaultKind, KeyParts, KeySource, KeyTemplate,
    LinkSettings, Naming, Profile, ProfileId, ProfileKind, Provider, SignVersion, destination, key,
};
use ferry_storage::endpoint::{self, HostKind, Remark, regions};

use crate::messages::{FieldProblem, FormReading, KeySourceChoice, OptionsForm, ProfileForm};

/// The example object of the form.
const EXAMPLE: &str = "example.txt";
/// The file of the template's preview.
const EXAMPLE_FILE: &[&str] = &["album", "photo.jpg"];

/// Understands a form. Never fails: what is wrong stands beside the field.
pub(crate) fn read(form: &ProfileForm) -> FormReading {
    let mut problems = Vec::new();
    let mut read = ProfileForm { name: form.name.trim().to_owned(), ..form.clone() };
    if read.name.is_empty() {
        problem(
            &mut problems,
            "name",
            Fault::new(FaultKind::InvalidInput).with_detail("a profile needs a name"),
        );
    }
    read.bucket = read.bucket.trim().to_owned();
    let remarks = read_endpoint(form, &mut read, &mut problems);
    if read.bucket.is_empty() {
        problem(&mut problems, "bucket", Fault::new(FaultKind::InvalidBucketName).with_subject(""));
    } else if let Err(fault) = check_bucket(&read) {
        problem(&mut problems, "bucket", fault);
    }
    if !read.region.is_empty() && !regions::is_id(&read.region) {
        let why = "a region has letters, digits and hyphens only, as cn-hangzhou";
        problem(
            &mut problems,
            "region",
            Fault::new(FaultKind::InvalidInput).with_subject(read.region.clone()).with_detail(why),
        );
    }
    // V1 signs no region.
    let signs_region = read.provider == Provider::S3 || read.sign == SignVersion::V4;
    if read.region.is_empty()
        && signs_region
        && !problems.iter().any(|problem| problem.field == "endpoint")
    {
        problem(
            &mut problems,
            "region",
            Fault::new(FaultKind::RegionMissing).with_subject(read.bucket.clone()),
        );
    }
    if let Err(fault) = key::check(read.provider, &key::join(&read.prefix, &[EXAMPLE])) {
        problem(&mut problems, "prefix", fault);
    }
    read_naming(&mut read, &mut problems);
    read_limits(&mut read, &mut problems);
    read_links(&mut read, &mut problems);
    match limit::schedule(&read.limit) {
        Ok(schedule) => read.limit = (&schedule).into(),
        Err(fault) => problem(&mut problems, "limit", fault),
    }
    let network = network::read(&read.network);
    read.network = network.form;
    problems.extend(network.problems);
    read.key_command = read.key_command.trim().to_owned();
    if read.key_source == KeySourceChoice::Process && read.key_command.is_empty() {
        problem(
            &mut problems,
            "keyCommand",
            Fault::new(FaultKind::InvalidInput).with_detail("which command prints the key?"),
        );
    }
    problems.extend(option_problems(read.provider, &read.options));
    let example_key = match KeyTemplate::parse(&read.key_template) {
        Ok(template) => template.key(&KeyParts {
            prefix: &read.prefix,
            components: EXAMPLE_FILE,
            day: today(),
            hash8: "5f3a09c1",
        }),
        Err(_) => String::new(),
    };
    let example_url = example(&read).unwrap_or_default();
    let of_keys = [&read.prefix, &read.key_template].into_iter().filter_map(|it| key::remark(it));
    let remarks = remarks.iter().map(Remark::text).chain(of_keys).map(Into::into).collect();
    FormReading {
        form: read,
        example_url,
        example_file: EXAMPLE_FILE.join("/"),
        example_key,
        problems,
        remarks,
    }
}

/// What is wrong with a batch's options, each beside its field.
pub(crate) fn option_problems(provider: Provider, form: &OptionsForm) -> Vec<FieldProblem> {
    let beside = |(field, fault): (&str, Fault)| FieldProblem {
        field: format!("options.{field}"),
        problem: fault.into(),
    };
    options::options(form).problems(provider).into_iter().map(beside).collect()
}

fn read_naming(read: &mut ProfileForm, problems: &mut Vec<FieldProblem>) {
    if read.key_template.trim().is_empty() {
        read.key_template = ferry_model::template::DEFAULT_TEMPLATE.to_owned();
    }
    if let Err(fault) = KeyTemplate::parse(&read.key_template) {
        problem(problems, "keyTemplate", fault);
    }
}

fn read_limits(read: &mut ProfileForm, problems: &mut Vec<FieldProblem>) {
    let seconds = ConnectionLimits::SECONDS;
    for (field, value) in
        [("connectSeconds", read.connect_seconds), ("idleSeconds", read.idle_seconds)]
    {
        if !seconds.contains(&value) {
            let why = format!("{value} s; {} to {} are possible", seconds.start(), seconds.end());
            problem(problems, field, Fault::new(FaultKind::InvalidInput).with_detail(why));
        }
    }
    if read.connections > ConnectionLimits::MOST_CONNECTIONS {
        let why = format!(
            "{}; at most {} are possible",
            read.connections,
            ConnectionLimits::MOST_CONNECTIONS
        );
        problem(problems, "connections", Fault::new(FaultKind::InvalidInput).with_detail(why));
    }
}

/// A domain for links is a host with or without its scheme; https is what a page that is itself
/// https can show.
fn read_links(read: &mut ProfileForm, problems: &mut Vec<FieldProblem>) {
    let typed = read.link_domain.trim().trim_end_matches('/');
    let (scheme, host) = typed.split_once("://").unwrap_or(("https", typed));
    let fits =
        host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':'));
    if typed.is_empty() {
        read.link_domain = String::new();
    } else if fits
        && matches!(scheme, "http" | "https")
        && host.contains(|c: char| c.is_ascii_alphanumeric())
    {
        read.link_domain = format!("{scheme}://{}", host.to_ascii_lowercase());
    } else {
        let why = "a domain, as https://img.example.com, without a path";
        problem(
            problems,
            "linkDomain",
            Fault::new(FaultKind::InvalidInput).with_subject(typed).with_detail(why),
        );
    }
}

/// Today, in the user's own time zone.
pub(crate) fn today() -> Day {
    day_of(jiff::Timestamp::now())
}

/// The day of a batch, from when it was made.
pub(crate) fn day_at(ms: i64) -> Day {
    day_of(jiff::Timestamp::from_millisecond(ms).unwrap_or_else(|_| jiff::Timestamp::now()))
}

fn day_of(time: jiff::Timestamp) -> Day {
    let date = time.to_zoned(jiff::tz::TimeZone::system()).date();
    Day {
        year: date.year().into(),
        month: date.month().unsigned_abs(),
        day: date.day().unsigned_abs(),
    }
}

/// Fills in what endpoint and region tell, and says what the user should know about them.
fn read_endpoint(
    form: &ProfileForm,
    read: &mut ProfileForm,
    problems: &mut Vec<FieldProblem>,
) -> Vec<Remark> {
    read.region = understood_region(read.provider, &form.region);
    if form.endpoint.trim().is_empty() && regions::is_id(&read.region) {
        read.endpoint = endpoint::endpoint_of_region(read.provider, &read.region);
        return Vec::new();
    }
    let understood = match endpoint::understand(&form.endpoint, read.provider) {
        Ok(understood) => understood,
        Err(fault) => {
            problem(problems, "endpoint", fault);
            return Vec::new();
        }
    };
    if read.provider != understood.provider {
        read.provider = understood.provider;
        read.region = understood_region(read.provider, &form.region);
    }
    let mut remarks = understood.remarks;
    fill_region(read, understood.region, understood.kind);
    match understood.bucket {
        Some(bucket) if read.bucket.is_empty() => read.bucket = bucket,
        Some(bucket) if bucket != read.bucket => remarks.push(Remark::OtherBucket(bucket)),
        _ => {}
    }
    if let Some(prefix) = understood.prefix.filter(|_| read.prefix.is_empty()) {
        read.prefix = prefix;
    }
    match understood.endpoint {
        Some(endpoint) => read.endpoint = endpoint,
        // `oss://bucket` names no place; a region does.
        None if regions::is_id(&read.region) => {
            read.endpoint = endpoint::endpoint_of_region(read.provider, &read.region)
        }
        None => {
            read.endpoint = String::new();
            let why =
                "it names a bucket, but not where it is; enter the bucket's region or endpoint";
            problem(problems, "endpoint", Fault::new(FaultKind::InvalidEndpoint).with_detail(why));
        }
    }
    // On OSS a host that is none of Alibaba's is a custom domain, which is bound to one bucket.
    if read.provider == Provider::Oss
        && understood.kind == Some(HostKind::Custom)
        && read.addressing == Addressing::Auto
    {
        read.addressing = Addressing::Cname;
    }
    remarks
}

/// The host's region counts, except where it is a guess and the user knows better. A store of one's
/// own has no region; what it verifies against is the oldest one's name, unless it says otherwise.
fn fill_region(read: &mut ProfileForm, told: Option<String>, kind: Option<HostKind>) {
    let guessed = matches!(kind, Some(HostKind::Custom | HostKind::OssPrivate));
    match told {
        Some(region) if !guessed || read.region.is_empty() => read.region = region,
        _ => {}
    }
    let needs_one = matches!(
        kind,
        None | Some(
            HostKind::Amazon
                | HostKind::AmazonAccelerate
                | HostKind::Service
                | HostKind::OssAsS3
                | HostKind::OssAccelerate
        )
    );
    if read.region.is_empty() && read.provider == Provider::S3 && !needs_one {
        read.region = "us-east-1".into();
    }
}

/// `oss-cn-hangzhou`, `cn-hangzhou`, an endpoint and the console's `华东1（杭州）` mean the same region.
/// What is none of these is taken as it is typed.
fn understood_region(provider: Provider, typed: &str) -> String {
    let typed = typed.trim();
    if typed.is_empty() {
        return String::new();
    }
    let by_host = || {
        endpoint::understand(typed, provider)
            .ok()
            .filter(|understood| understood.kind != Some(HostKind::Custom))?
            .region
    };
    endpoint::region_typed(typed, provider).or_else(by_host).unwrap_or_else(|| typed.to_owned())
}

/// The bucket's name by the rules of the place it is in.
fn check_bucket(form: &ProfileForm) -> Result<(), Fault> {
    match endpoint::Address::new(form.provider, &form.endpoint, Some(&form.bucket), form.addressing)
    {
        Err(fault) if fault.kind == FaultKind::InvalidBucketName => Err(fault),
        _ => destination::check_bucket(form.provider, &form.bucket),
    }
}

fn example(form: &ProfileForm) -> Option<String> {
    let address =
        endpoint::Address::new(form.provider, &form.endpoint, Some(&form.bucket), form.addressing)
            .ok()?;
    Some(address.url(Some(&key::join(&form.prefix, &[EXAMPLE])), &[]))
}

fn problem(problems: &mut Vec<FieldProblem>, field: &str, fault: Fault) {
    problems.push(FieldProblem { field: field.to_owned(), problem: fault.into() });
}

/// The profile that a read form means.
pub(crate) fn profile(id: ProfileId, kind: ProfileKind, form: &ProfileForm) -> Profile {
    Profile {
        id,
        name: form.name.clone(),
        kind,
        provider: form.provider,
        endpoint: form.endpoint.clone(),
        region: form.region.clone(),
        bucket: form.bucket.clone(),
        prefix: form.prefix.clone(),
        addressing: form.addressing,
        sign: form.sign,
        integrity: form.integrity,
        existing: form.existing,
        plain_http: form.plain_http,
        keys: match form.key_source {
            KeySourceChoice::Keyring => KeySource::Keyring,
            KeySourceChoice::Environment => KeySource::Environment,
            KeySourceChoice::Process => KeySource::Process { command: form.key_command.clone() },
        },
        options: options::options(&form.options),
        naming: Naming { template: form.key_template.clone(), form: form.key_form },
        limits: ConnectionLimits {
            connect_seconds: form.connect_seconds,
            idle_seconds: form.idle_seconds,
            connections: form.connections,
        },
        links: LinkSettings { domain: form.link_domain.clone() },
        network: form.network.clone().into(),
        // A form that was read has none that cannot be.
        speed_limit: limit::schedule(&form.limit).unwrap_or_default(),
    }
}

/// What the user may say of the practice bucket, beside what its server says.
pub(crate) fn practice_form(practice: &Profile, form: &ProfileForm) -> ProfileForm {
    ProfileForm {
        name: form.name.clone(),
        existing: form.existing,
        integrity: form.integrity,
        prefix: form.prefix.clone(),
        options: form.options.clone(),
        key_template: form.key_template.clone(),
        key_form: form.key_form,
        connect_seconds: form.connect_seconds,
        idle_seconds: form.idle_seconds,
        connections: form.connections,
        link_domain: form.link_domain.clone(),
        ..form_of(practice)
    }
}

/// A profile as a form.
pub(crate) fn form_of(profile: &Profile) -> ProfileForm {
    let (key_source, key_command) = match &profile.keys {
        KeySource::Keyring => (KeySourceChoice::Keyring, String::new()),
        KeySource::Environment => (KeySourceChoice::Environment, String::new()),
        KeySource::Process { command } => (KeySourceChoice::Process, command.clone()),
    };
    ProfileForm {
        name: profile.name.clone(),
        provider: profile.provider,
        endpoint: profile.endpoint.clone(),
        region: profile.region.clone(),
        bucket: profile.bucket.clone(),
        prefix: profile.prefix.clone(),
        addressing: profile.addressing,
        sign: profile.sign,
        integrity: profile.integrity,
        existing: profile.existing,
        plain_http: profile.plain_http,
        key_source,
        key_command,
        options: options::form_of(&profile.options),
        key_template: profile.naming.template.clone(),
        key_form: profile.naming.form,
        connect_seconds: profile.limits.connect_seconds,
        idle_seconds: profile.limits.idle_seconds,
        connections: profile.limits.connections,
        link_domain: profile.links.domain.clone(),
        network: profile.network.clone().into(),
        limit: (&profile.speed_limit).into(),
    }
}

#[cfg(test)]
mod tests {
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
                form(
                    Oss,
                    "https://data.s3.eu-west-1.amazonaws.com/a.txt?X-Amz-Signature=x",
                    "",
                    "",
                ),
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
            assert_eq!(
                (again.form, again.problems),
                (reading.form, Vec::new()),
                "{}",
                typed.endpoint
            );
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
                form(
                    Oss,
                    "https://b-1.oss-cn-hangzhou.aliyuncs.com/a/x.mp4?Signature=canary",
                    "",
                    "",
                ),
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
        typed.idle_seconds = 0;
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
        (typed.prefix, typed.key_template) =
            ("p/".into(), "{prefix}{dir}{stem}-{hash8}{ext}".into());
        typed.link_domain = "IMG.example.com/".into();
        let reading = read(&typed);
        assert_eq!(
            (reading.example_file.as_str(), reading.example_key.as_str()),
            ("album/photo.jpg", "p/album/photo-5f3a09c1.jpg")
        );
        assert_eq!(reading.form.link_domain, "https://img.example.com");
        assert_eq!(
            super::profile(ProfileId(1), ProfileKind::Saved, &reading.form).naming.template,
            typed.key_template
        );
        assert_eq!(
            form_of(&super::profile(ProfileId(1), ProfileKind::Saved, &reading.form)),
            reading.form
        );
    }
}
