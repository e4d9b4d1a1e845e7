//! The form of each request.

use std::time::Duration;

use bytes::Bytes;
use ferry_model::profile::PlainHttp;
use ferry_model::{Addressing, Encryption, FaultKind, Provider, SignVersion};
use ferry_storage::signing::{CredentialScope, Request, SigningKey, key::Flavour, oss_v4, sigv4};
use ferry_storage::{
    Clock, Delivery, HttpClient, HttpOptions, IfAbsent, ObjectOptions, ObjectStore, Payload, Store,
};
use futures_util::StreamExt;

use crate::server::{Seen, Server, answer};
use crate::{Frozen, config, credentials, store};

const OBJECT: &[&str] = &[
    "ETag: \"5D41402ABC4B2A76B9719D911017C592\"",
    "x-oss-request-id: R1",
    "x-oss-hash-crc64ecma: 42",
];

#[tokio::test]
async fn every_key_arrives_as_it_is() {
    let server = Server::start(vec![answer(200, OBJECT, "")]).await;
    let store = store(Provider::Oss, &server.endpoint);
    let keys = [
        ("a//b/", "a//b/"),
        ("/lead", "/lead"),
        ("//", "//"),
        ("a/%2e/%2E%2e/b", "a/%252e/%252E%252e/b"),
        ("a+b c", "a%2Bb%20c"),
        ("what?x=1&y#z", "what%3Fx%3D1%26y%23z"),
        ("照片/😀 (1).txt", "%E7%85%A7%E7%89%87/%F0%9F%98%80%20%281%29.txt"),
        (
            "r!'()*~-_.$&,:;=@[]|^`{}\"<>\\x",
            "r%21%27%28%29%2A~-_.%24%26%2C%3A%3B%3D%40%5B%5D%7C%5E%60%7B%7D%22%3C%3E%5Cx",
        ),
        ("tab\tline\nend", "tab%09line%0Aend"),
    ];
    for (key, _) in keys {
        store
            .put_object(key, &ObjectOptions::default(), Payload::from_bytes("hello".into()))
            .await
            .expect(key);
    }
    for (seen, (key, encoded)) in server.seen().iter().zip(keys) {
        assert_eq!(seen.line(), format!("PUT /bkt/{encoded} HTTP/1.1"), "{key}");
        assert_eq!(store.object_url(key), format!("{}/bkt/{encoded}", server.endpoint));
    }
    assert_eq!(server.connections(), 1, "the connection is kept");
}

#[tokio::test]
async fn a_key_that_a_url_rewrites_is_not_sent() {
    let server = Server::start(vec![answer(200, OBJECT, "")]).await;
    let store = store(Provider::Oss, &server.endpoint);
    for key in ["a/../b", "./x", "../../etc/passwd", "a/.", ".."] {
        let error = store.head(key).await.expect_err(key);
        assert_eq!(
            (error.kind(), error.delivery),
            (FaultKind::KeyInvalid, Delivery::NotSent),
            "{key}: {error:?}"
        );
        assert_eq!(error.fault.subject.as_deref(), Some(key));
    }
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn a_put_carries_its_length_and_nothing_that_proxies_change() {
    let server = Server::start(vec![answer(200, OBJECT, "")]).await;
    let store = store(Provider::Oss, &server.endpoint);
    let pieces = ["he", "", "l", "lo"].map(|piece| Ok(Bytes::from(piece)));
    let payload = Payload {
        len: 5,
        content_md5: Some([0x5d; 16]),
        crc64_nvme: None,
        stream: futures_util::stream::iter(pieces).boxed(),
    };
    let options = ObjectOptions {
        if_absent: IfAbsent::OnlyIfAbsent,
        metadata: vec![("Who".into(), "a照".into())],
        encryption: Encryption::Aes256,
        ..ObjectOptions::default()
    };
    let stored = store.put_object("a.txt", &options, payload).await.expect("stored");
    assert_eq!(
        (stored.etag.as_deref(), stored.crc64),
        (Some("5D41402ABC4B2A76B9719D911017C592"), Some(42))
    );
    store
        .put_object("empty", &ObjectOptions::default(), Payload::from_bytes(Bytes::new()))
        .await
        .expect("empty");
    let [put, empty] = server.seen().try_into().expect("two");
    assert_eq!(put.body, b"hello");
    for (name, value) in [
        ("content-length", Some("5")),
        ("content-type", Some("text/plain")),
        ("content-md5", Some("XV1dXV1dXV1dXV1dXV1dXQ==")),
        ("x-oss-meta-who", Some("a%E7%85%A7")),
        ("x-oss-forbid-overwrite", Some("true")),
        ("x-oss-server-side-encryption", Some("AES256")),
        ("x-oss-security-token", Some("canary+token/=")),
        ("x-oss-content-sha256", Some("UNSIGNED-PAYLOAD")),
        ("x-oss-date", Some("20260115T083045Z")),
        ("host", Some(server.address.to_string().as_str())),
        ("user-agent", Some(concat!("ferry/", env!("CARGO_PKG_VERSION")))),
        ("transfer-encoding", None),
        ("expect", None),
        ("accept-encoding", None),
        ("referer", None),
    ] {
        assert_eq!(put.header(name), value, "{name}");
    }
    assert_eq!((empty.header("content-length"), empty.body.len()), (Some("0"), 0));
    for name in ["host", "content-length", "content-type", "content-md5", "authorization"] {
        assert_eq!(
            put.head.to_lowercase().matches(&format!("\r\n{name}:")).count(),
            1,
            "{name} once"
        );
    }
}

/// Signs again what arrived, as the store would.
pub(crate) fn signature_of(provider: Provider, seen: &Seen) -> String {
    let target = seen.line().split(' ').nth(1).expect("target");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let decode = |text: &str| {
        ferry_storage::percent::decode(text, ferry_storage::percent::Plus::Literal).expect("UTF-8")
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let query: Vec<_> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(n, v)| (decode(n), decode(v)))
        .collect();
    let own = [
        "accept",
        "authorization",
        "x-oss-date",
        "x-oss-security-token",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-content-sha256",
        "date",
    ];
    let lines = seen.head.split("\r\n").skip(1).filter_map(|line| line.split_once(": "));
    let headers: Vec<_> = lines
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .collect();
    let key = path.strip_prefix("/bkt/").filter(|key| !key.is_empty()).map(decode);
    let method = seen.line().split(' ').next().expect("method");
    let request = Request {
        method,
        bucket: Some("bkt"),
        key: key.as_deref(),
        path,
        query: &query,
        headers: &headers,
    };
    let credentials = credentials();
    let derive = |flavour, scope| {
        SigningKey::derive(flavour, &credentials.access_key_secret, "20260115", scope)
    };
    let signed = match provider {
        Provider::Oss => {
            let scope = CredentialScope { region: "cn-hangzhou", product: "oss" };
            oss_v4::sign(
                &request,
                scope,
                &derive(Flavour::Oss, scope),
                &credentials,
                Frozen.now(),
                &[],
            )
        }
        Provider::S3 => {
            let scope = CredentialScope { region: "us-east-1", product: "s3" };
            let payload = match seen.header("x-amz-content-sha256") {
                Some("UNSIGNED-PAYLOAD") => sigv4::PayloadHash::Unsigned,
                _ => sigv4::PayloadHash::Empty,
            };
            sigv4::sign(
                &request,
                scope,
                &derive(Flavour::S3, scope),
                &credentials,
                Frozen.now(),
                payload,
            )
        }
    };
    signed.authorization.expect("header form")
}

#[tokio::test]
async fn each_operation_has_its_request_and_its_signature() {
    for (provider, lines) in [
        (
            Provider::Oss,
            [
                "POST /bkt/k%20y?uploads&encoding-type=url",
                "PUT /bkt/k%20y?uploadId=U%2F1&partNumber=7",
                "GET /bkt/k%20y?uploadId=U%2F1&max-parts=1000&encoding-type=url",
                "GET /bkt/?uploads&max-uploads=1000&encoding-type=url&prefix=p%2Fq",
                "POST /bkt/k%20y?uploadId=U%2F1&encoding-type=url",
                "DELETE /bkt/k%20y?uploadId=U%2F1",
                "DELETE /bkt/k%20y",
                "DELETE /bkt/k%20y?versionId=V%2F1",
                "HEAD /bkt/k%20y",
                "GET /bkt/k%20y",
                "GET /bkt/?bucketInfo",
                "GET /bkt/?list-type=2&max-keys=1000&encoding-type=url&prefix=p%2Fq&delimiter=%2F",
            ],
        ),
        (
            Provider::S3,
            [
                "POST /bkt/k%20y?uploads",
                "PUT /bkt/k%20y?uploadId=U%2F1&partNumber=7",
                "GET /bkt/k%20y?uploadId=U%2F1&max-parts=1000",
                "GET /bkt?uploads&max-uploads=1000&prefix=p%2Fq",
                "POST /bkt/k%20y?uploadId=U%2F1",
                "DELETE /bkt/k%20y?uploadId=U%2F1",
                "DELETE /bkt/k%20y",
                "DELETE /bkt/k%20y?versionId=V%2F1",
                "HEAD /bkt/k%20y",
                "GET /bkt/k%20y",
                "GET /bkt?location",
                "GET /bkt?list-type=2&max-keys=1000&prefix=p%2Fq&delimiter=%2F",
            ],
        ),
    ] {
        let server = Server::start(vec![answer(500, &["x-oss-request-id: R"], "")]).await;
        let store = store(provider, &server.endpoint);
        let options =
            ObjectOptions { if_absent: IfAbsent::OnlyIfAbsent, ..ObjectOptions::default() };
        let parts = [(1, "E1".to_owned()), (7, "\"E7\"".to_owned())];
        store.initiate("k y", &options).await.expect_err("500");
        store
            .upload_part(
                "k y",
                "U/1",
                7,
                &ObjectOptions::default(),
                Payload::from_bytes("x".into()),
            )
            .await
            .expect_err("500");
        store.list_parts("k y", "U/1", None).await.expect_err("500");
        store.list_uploads("p/q", None).await.expect_err("500");
        store.complete("k y", "U/1", &parts, &options).await.expect_err("500");
        store.abort("k y", "U/1").await.expect_err("500");
        store.delete_object("k y", None).await.expect_err("500");
        store.delete_object("k y", Some("V/1")).await.expect_err("500");
        store.head("k y").await.expect_err("500");
        store.get("k y", Some((5, 9))).await.map(|_| ()).expect_err("500");
        store.bucket_info().await.expect_err("500");
        store.list_objects("p/q", Some("/"), None).await.expect_err("500");
        let seen = server.seen();
        for (seen, line) in seen.iter().zip(lines) {
            assert_eq!(seen.line(), format!("{line} HTTP/1.1"));
            assert_eq!(
                seen.header("authorization"),
                Some(signature_of(provider, seen).as_str()),
                "{line}"
            );
        }
        assert_eq!(seen[9].header("range"), Some("bytes=5-9"));
        let body = String::from_utf8(seen[4].body.clone()).expect("text");
        assert!(body.contains("<Part><PartNumber>7</PartNumber><ETag>\"E7\"</ETag></Part></CompleteMultipartUpload>"), "{body}");
        let condition = |seen: &Seen| match provider {
            Provider::Oss => seen.header("x-oss-forbid-overwrite").map(str::to_owned),
            Provider::S3 => seen.header("if-none-match").map(str::to_owned),
        };
        assert_eq!(
            condition(&seen[0]).as_deref(),
            if provider == Provider::Oss { Some("true") } else { None }
        );
        assert_eq!(
            condition(&seen[4]).as_deref(),
            if provider == Provider::Oss { Some("true") } else { Some("*") }
        );
    }
}

#[tokio::test]
async fn new_credentials_sign_the_next_request() {
    let server = Server::start(vec![answer(204, &["x-oss-request-id: R"], "")]).await;
    let store = store(Provider::Oss, &server.endpoint);
    store.abort("k", "U").await.expect("204");
    store.set_credentials(ferry_model::Credentials {
        access_key_id: "other".into(),
        security_token: None,
        ..credentials()
    });
    store.abort("k", "U").await.expect("204");
    let seen = server.seen();
    assert!(
        seen[0].head.contains("Credential=LTAI-example/")
            && seen[1].head.contains("Credential=other/")
    );
    assert!(seen[1].header("x-oss-security-token").is_none());
}

#[tokio::test]
async fn without_a_key_or_id_nothing_is_sent() {
    let server = Server::start(vec![answer(200, OBJECT, "")]).await;
    let store = store(Provider::Oss, &server.endpoint);
    let refused = store
        .put_object("", &ObjectOptions::default(), Payload::from_bytes("x".into()))
        .await
        .expect_err("no key");
    assert_eq!(refused.kind(), FaultKind::KeyInvalid);
    assert_eq!(store.abort("k", "").await.expect_err("no id").kind(), FaultKind::Internal);
    let header = ObjectOptions {
        metadata: vec![("bad name".into(), "x".into())],
        ..ObjectOptions::default()
    };
    let refused = store
        .put_object("k", &header, Payload::from_bytes("x".into()))
        .await
        .expect_err("bad header");
    assert_eq!(
        (refused.kind(), refused.delivery),
        (FaultKind::InvalidInput, ferry_storage::Delivery::NotSent)
    );
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_store_is_refused_where_it_would_be_unsafe() {
    let make = |endpoint: &str, change: &dyn Fn(&mut ferry_storage::StoreConfig)| {
        let mut config = config(Provider::Oss, endpoint);
        change(&mut config);
        let clock = std::sync::Arc::new(Frozen);
        Store::new(HttpClient::new(HttpOptions::default()), &config, credentials(), clock)
            .map(|_| ())
            .map_err(|fault| fault.kind)
    };
    let plain = "http://oss-cn-hangzhou.aliyuncs.com";
    assert_eq!(make(plain, &|_| {}), Err(FaultKind::InsecureEndpoint));
    assert_eq!(make(plain, &|config| config.plain_http = PlainHttp::Allow), Ok(()));
    assert_eq!(make("http://127.0.0.1:1", &|_| {}), Ok(()));
    assert_eq!(make("https://a@b.example", &|_| {}), Err(FaultKind::InvalidEndpoint));
    assert_eq!(make("https://b.example/bucket", &|_| {}), Err(FaultKind::InvalidEndpoint));
    assert_eq!(
        make("https://b.example", &|config| config.bucket = "a.evil/".into()),
        Err(FaultKind::InvalidBucketName)
    );
    assert_eq!(
        make("https://oss-accelerate.aliyuncs.com", &|config| config.region.clear()),
        Err(FaultKind::RegionMissing)
    );
    assert_eq!(
        make("https://oss-cn-hangzhou.aliyuncs.com", &|config| config.region.clear()),
        Ok(())
    );
}

#[test]
fn links_are_signed_by_query() {
    for (provider, sign, marks) in [
        (
            Provider::Oss,
            SignVersion::V4,
            vec![
                "x-oss-signature-version=OSS4-HMAC-SHA256",
                "x-oss-expires=3600",
                "%2Fcn-hangzhou%2Foss%2F",
            ],
        ),
        (
            Provider::Oss,
            SignVersion::V1,
            vec![
                "OSSAccessKeyId=LTAI-example",
                "Expires=1768469445",
                "security-token=canary%2Btoken%2F%3D",
            ],
        ),
        (
            Provider::S3,
            SignVersion::V4,
            vec![
                "X-Amz-Algorithm=AWS4-HMAC-SHA256",
                "X-Amz-Expires=3600",
                "X-Amz-SignedHeaders=host",
            ],
        ),
    ] {
        let mut config = config(provider, "https://static.example.com");
        (config.sign, config.addressing) = (sign, Addressing::Cname);
        let clock = std::sync::Arc::new(Frozen);
        let store =
            Store::new(HttpClient::new(HttpOptions::default()), &config, credentials(), clock)
                .expect("store");
        let url = store.presign_get("a b//照", Duration::from_secs(3600)).expect("link");
        assert!(url.starts_with("https://static.example.com/a%20b//%E7%85%A7?"), "{url}");
        for mark in marks {
            assert!(url.contains(mark), "{mark} in {url}");
        }
        for expires in [Duration::ZERO, Duration::from_secs(7 * 24 * 3600 + 1)] {
            assert_eq!(
                store.presign_get("k", expires).expect_err("bounds").kind,
                FaultKind::InvalidInput
            );
        }
        assert!(!format!("{store:?}").contains("canary"));
    }
}
