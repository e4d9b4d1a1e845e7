//! What is read of an answer's headers, and whole answers that are no success.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ferry_model::checksum::same_etag;
use ferry_model::reaction::backoff;
use ferry_model::{Credentials, Fault, FaultKind, Provider, Secret};
use ferry_storage::endpoint::{Scheme, url};
use ferry_storage::error::answer::{
    Asked, Head, OnlyIfAbsent, classify, retry_after as read_retry_after,
};
use ferry_storage::signing::key::{Flavour, SigningKey};
use ferry_storage::signing::sigv4::PayloadHash;
use ferry_storage::signing::{CredentialScope, Request, Signed, oss_v1, sigv4};
use ferry_storage::store::object::{self, ContentRange};
use ferry_storage::{Delivery, EtagMeaning, clock, crc64_nvme};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::documents;

/// The longest a store may ask to wait, in seconds.
const LONGEST_WAIT: u32 = 300;
/// Most characters of a store's text that are kept.
const LONGEST_TEXT: usize = 2000;
/// The same for what was signed.
const LONGEST_SIGNED: usize = 6000;
/// 9999-12-31T23:59:59Z.
const LATEST: i64 = 253_402_300_799;
/// Like real ones, with a capital: hosts and regions that a store names have none.
const SECRET: &str = "K3y";
const TOKEN: &str = "to+ken/=";

pub(crate) fn date(input: &[u8]) {
    let Some(head) = with("date", input) else { return };
    let Some(sent) = head.date() else { return };
    assert!((0..=LATEST).contains(&sent), "{sent} is in no year that a date has");
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(sent.unsigned_abs());
    let again = with("date", httpdate::fmt_http_date(time).as_bytes()).expect("a header");
    assert_eq!(again.date(), Some(sent), "the same second has another number");
    for now in [0, 1_768_465_845, sent.unsigned_abs(), u64::from(u32::MAX) * 100] {
        let offset = clock::offset(sent, SystemTime::UNIX_EPOCH + Duration::from_secs(now));
        assert!(offset.abs() <= LATEST, "an offset of {offset}");
        assert_eq!(
            i64::try_from(now).expect("small").min(LATEST) + offset,
            sent,
            "the store's time is not met from {now}"
        );
    }
}

/// The first line is `Retry-After`, the second `Date`.
pub(crate) fn retry_after(input: &[u8]) {
    let mut lines = input.split(|byte| *byte == b'\n');
    let Some(mut head) = with("retry-after", lines.next().unwrap_or_default()) else { return };
    if let Some(date) = lines.next().and_then(|line| HeaderValue::from_bytes(line).ok()) {
        head.headers.insert("date", date);
    }
    let asked = read_retry_after(&head);
    assert!(asked.is_none_or(|seconds| seconds <= LONGEST_WAIT), "a wait of {asked:?}");
    let text = head.header("retry-after").unwrap_or_default();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        let dates = httpdate::parse_http_date(text).is_ok() && head.date().is_some();
        assert!(asked.is_none() || dates, "{text:?} is neither digits nor a date");
    } else {
        let digits = text.trim_start_matches('0');
        let number = if digits.len() > 3 { LONGEST_WAIT } else { digits.parse().unwrap_or(0) };
        assert_eq!(asked, Some(number.min(LONGEST_WAIT)), "{text}");
    }
    let mut fault = Fault::new(FaultKind::Throttled);
    fault.retry_after_seconds = asked;
    assert_eq!(
        backoff(&fault, 0, 0.0),
        Duration::from_secs(asked.unwrap_or_default().into()),
        "what is asked for is waited"
    );
}

pub(crate) fn etag(input: &[u8]) {
    let Some(head) = with("etag", input) else { return };
    let Some(etag) = object::etag(&head) else { return };
    documents::is_etag(&etag);
    assert!(head.header("etag").is_some_and(|sent| sent.contains(&etag)), "it was changed");
    assert!(
        same_etag(&etag, &format!("W/\"{}\"", etag.to_ascii_uppercase())),
        "quotes, a weak mark and the case do not count"
    );
    let quoted = with("etag", format!("\"{etag}\"").as_bytes()).expect("a header");
    if !etag.starts_with("W/") {
        assert_eq!(object::etag(&quoted).as_ref(), Some(&etag), "quoted and read again");
    }
    documents::is_read_back(&[(1, etag.clone())]);
    for provider in [Provider::Oss, Provider::S3] {
        means_md5_rightly(provider, &head, &etag);
    }
}

fn means_md5_rightly(provider: Provider, head: &Head, etag: &str) {
    if object::etag_meaning(provider, head, etag) == EtagMeaning::Opaque {
        return;
    }
    let (md5, count) = etag.split_once('-').map_or((etag, None), |(md5, count)| (md5, Some(count)));
    assert!(md5.len() == 32 && md5.chars().all(|c| c.is_ascii_hexdigit()), "{etag} is no MD5");
    assert!(
        count.is_none_or(
            |count| provider == Provider::S3 && count.bytes().all(|byte| byte.is_ascii_digit())
        ),
        "{etag}"
    );
}

pub(crate) fn crc64(input: &[u8]) {
    let Some(head) = with("x-oss-hash-crc64ecma", input) else { return };
    if let Some(crc64) = object::crc64(&head) {
        let digits =
            head.header("x-oss-hash-crc64ecma").expect("it was read").trim_start_matches('0');
        assert_eq!(crc64.to_string().trim_start_matches('0'), digits, "another number");
    }
}

pub(crate) fn crc64_nvme(input: &[u8]) {
    let Some(head) = with(crc64_nvme::HEADER, input) else { return };
    if let Some(crc) = object::crc64_nvme(&head) {
        let text = head.header(crc64_nvme::HEADER).expect("it was read");
        assert_eq!(crc64_nvme::write(crc), text.trim(), "another number");
    }
}

pub(crate) fn content_range(input: &[u8]) {
    let Some(head) = with("content-range", input) else { return };
    let Some(range) = ContentRange::read(&head) else { return };
    assert!(
        range.first <= range.last && range.size.is_none_or(|size| range.last < size),
        "{range:?}"
    );
    let size = range.size.map_or("*".to_owned(), |size| size.to_string());
    let written = format!("bytes {}-{}/{size}", range.first, range.last);
    let again =
        with("content-range", written.as_bytes()).and_then(|head| ContentRange::read(&head));
    assert_eq!(again, Some(range), "written and read again");
    assert!(range.fits((range.first, range.last)));
    for asked in [
        (0, 0),
        (2, 4),
        (range.first, range.last.saturating_add(1)),
        (range.first.saturating_add(1), range.last),
    ] {
        if range.fits(asked) {
            assert_eq!(range.first, asked.0, "{range:?} for {asked:?}");
            assert!(range.last <= asked.1, "{range:?} for {asked:?}");
            assert!(
                range.last == asked.1 || range.size == range.last.checked_add(1),
                "{range:?} for {asked:?}: bytes are missing"
            );
        }
    }
}

/// The answer to HEAD: a status, headers, and no body.
pub(crate) fn object_head(input: &[u8]) {
    let Some((head, _)) = answer(input) else { return };
    for provider in [Provider::Oss, Provider::S3] {
        let Some(found) = object::object_head(provider, &head) else { continue };
        let length = head.header("content-length").expect("an object has a size");
        assert_eq!(
            found.size.to_string().trim_start_matches('0'),
            length.trim_start_matches('0'),
            "another size"
        );
        assert!(
            found.etag.is_some() || head.request_id().is_some(),
            "nothing marks this as a store's answer"
        );
        if let Some(etag) = &found.etag {
            documents::is_etag(etag);
            means_md5_rightly(provider, &head, etag);
        }
        if head.header("x-oss-server-side-encryption").is_some() && provider == Provider::Oss {
            assert_eq!(
                found.etag_meaning,
                EtagMeaning::Opaque,
                "what is encrypted has no MD5 for an ETag"
            );
        }
        assert!(found.metadata.len() <= head.headers.len());
        assert!(
            found.metadata.keys().all(|name| name.bytes().all(|byte| !byte.is_ascii_uppercase()))
        );
    }
}

/// HEAD's answer has its error in a header: it means what the same text means as a body.
pub(crate) fn error_in_a_header(input: &[u8]) {
    let mut head = with("x-oss-request-id", b"R").expect("a header");
    head.status = 404;
    let credentials = credentials();
    let asked = asked(Provider::Oss, "oss-cn-hangzhou.aliyuncs.com", &credentials);
    let by_body = classify(&asked, &head, input);
    let encoded =
        HeaderValue::from_str(&STANDARD.encode(input)).expect("base64 can stand in a header");
    head.headers.insert("x-oss-err", encoded);
    let by_header = classify(&asked, &head, b"");
    assert_eq!(format!("{:?}", by_header.fault), format!("{:?}", by_body.fault));
    assert_eq!(by_header.delivery, by_body.delivery);
    is_fit_to_show(&by_header.fault, &SIGNED_FOR_OSS);
}

/// An answer that is no success: a status, headers, an empty line, a body.
pub(crate) fn error_answer(input: &[u8]) {
    let Some((head, body)) = answer(input) else { return };
    for (provider, endpoint_host) in
        [(Provider::Oss, "oss-cn-hangzhou.aliyuncs.com"), (Provider::S3, "s3.eu.example.com")]
    {
        let credentials = credentials();
        let error = classify(&asked(provider, endpoint_host, &credentials), &head, body);
        is_fit_to_show(&error.fault, signed_for(provider));
        assert_eq!(error.fault.status, Some(head.status));
        assert!(error.delivery != Delivery::NotSent, "an answer came, so something was sent");
        assert!(error.fault.retry_after_seconds.is_none_or(|seconds| seconds <= LONGEST_WAIT));
        if let Some(host) = &error.fault.suggested_endpoint {
            let parts = url::parse(&format!("https://{host}")).expect("what is offered is a host");
            assert!(
                parts.path.is_empty()
                    && parts.port.is_none()
                    && host.parse::<std::net::IpAddr>().is_err(),
                "{host} is offered"
            );
            let known = [".aliyuncs.com", ".amazonaws.com", ".amazonaws.com.cn", ".eu.example.com"];
            assert!(known.iter().any(|service| host.ends_with(service)), "{host} is offered");
        }
    }
}

fn credentials() -> Credentials {
    Credentials {
        access_key_id: "LTAI-1".to_owned(),
        access_key_secret: Secret::new(SECRET),
        security_token: Some(Secret::new(TOKEN)),
        expires_ms: None,
    }
}

fn asked<'a>(
    provider: Provider,
    endpoint_host: &'a str,
    credentials: &'a Credentials,
) -> Asked<'a> {
    Asked {
        provider,
        scheme: Scheme::Https,
        endpoint_host,
        bucket: "bkt",
        region: "cn-hangzhou",
        key: Some("dir/key"),
        only_if_absent: OnlyIfAbsent::Asked,
        permission: "oss:PutObject",
        credentials,
        signed: Some(signed_for(provider)),
    }
}

/// What a request for `dir/key` was signed with: a store that finds the signature wrong repeats its
/// own view of it.
static SIGNED_FOR_OSS: LazyLock<Signed> =
    LazyLock::new(|| oss_v1::sign(&request(&[]), &credentials(), SystemTime::UNIX_EPOCH));

static SIGNED_FOR_S3: LazyLock<Signed> = LazyLock::new(|| {
    let headers = [("host".to_owned(), "bkt.s3.eu.example.com".to_owned())];
    let (credentials, scope) =
        (credentials(), CredentialScope { region: "cn-hangzhou", product: "s3" });
    let key = SigningKey::derive(Flavour::S3, &credentials.access_key_secret, "19700101", scope);
    sigv4::sign(
        &request(&headers),
        scope,
        &key,
        &credentials,
        SystemTime::UNIX_EPOCH,
        PayloadHash::Empty,
    )
});

fn signed_for(provider: Provider) -> &'static Signed {
    match provider {
        Provider::Oss => &SIGNED_FOR_OSS,
        Provider::S3 => &SIGNED_FOR_S3,
    }
}

fn request(headers: &[(String, String)]) -> Request<'_> {
    Request {
        method: "GET",
        bucket: Some("bkt"),
        key: Some("dir/key"),
        path: "/dir/key",
        query: &[],
        headers,
    }
}

/// A fault's texts are logged, shown and copied.
fn is_fit_to_show(fault: &Fault, by: &Signed) {
    let told = [
        &fault.code,
        &fault.ec,
        &fault.request_id,
        &fault.message,
        &fault.host_id,
        &fault.recommended_page,
    ];
    let offered =
        [&fault.subject, &fault.suggested_region, &fault.suggested_endpoint, &fault.permission];
    let compared = fault
        .signature
        .as_deref()
        .map(|check| [&check.theirs, &check.ours, &check.canonical_theirs, &check.canonical_ours]);
    let texts = told.into_iter().chain(offered).map(|text| (text, LONGEST_TEXT));
    let texts = texts.chain(compared.into_iter().flatten().map(|text| (text, LONGEST_SIGNED)));
    for (text, limit) in texts.filter_map(|(text, limit)| Some((text.as_deref()?, limit))) {
        assert!(text.chars().count() <= limit, "a text of {} characters", text.chars().count());
        assert!(
            text.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'),
            "{text:?} holds control characters"
        );
        for secret in [SECRET, TOKEN, "to%2Bken%2F%3D", "to%2bken%2f%3d", by.signature.as_str()] {
            assert!(!text.contains(secret), "{text:?} shows a secret");
        }
    }
}

/// An answer with this one header, if HTTP can carry it.
fn with(name: &'static str, value: &[u8]) -> Option<Head> {
    let headers = HeaderMap::from_iter([(
        HeaderName::from_static(name),
        HeaderValue::from_bytes(value).ok()?,
    )]);
    Some(Head { status: 200, headers, proxy: None })
}

/// `STATUS`, lines of `name: value`, an empty line, the body.
fn answer(input: &[u8]) -> Option<(Head, &[u8])> {
    let mut rest = input;
    let mut line = || {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let line = &rest[..end];
        rest = &rest[end + 1..];
        Some(line)
    };
    let status = std::str::from_utf8(line()?)
        .ok()?
        .trim()
        .parse()
        .ok()
        .filter(|status| (100..=999).contains(status))?;
    let mut headers = HeaderMap::new();
    while let Some(header) = line().filter(|line| !line.is_empty()) {
        let colon = header.iter().position(|byte| *byte == b':')?;
        let value = HeaderValue::from_bytes(header[colon + 1..].trim_ascii()).ok()?;
        headers.append(HeaderName::from_bytes(&header[..colon]).ok()?, value);
    }
    Some((Head { status, headers, proxy: None }, rest))
}
