//! Every addressing form, with every signature, for every operation: the host that is asked, the
//! target on the request line, and the resource that is signed. The expected ones stand here as
//! literals; the signature is made again of them and compared.

use std::sync::Arc;
use std::time::Duration;

use ferry_model::profile::PlainHttp;
use ferry_model::{Addressing, Network, Provider, ProxyMode, SignVersion};
use ferry_storage::signing::{
    CredentialScope, Request, SigningKey, key::Flavour, oss_v1, oss_v4, sigv4,
};
use ferry_storage::{
    Clock, HttpClient, IfAbsent, ObjectOptions, ObjectStore, Payload, Store, StoreConfig,
};

use crate::server::{Seen, Server, answer};
use crate::{Frozen, config, credentials, short};

use Addressing::{Auto, Cname, Path, Virtual};
use SignVersion::{V1, V4};

/// One addressing form. `object` and `bucket` are the paths on the wire before the key and of the
/// bucket itself.
struct Form {
    endpoint: &'static str,
    addressing: Addressing,
    /// Typed; empty where the host tells it.
    region: &'static str,
    host: &'static str,
    object: &'static str,
    bucket: &'static str,
    /// What V4 signatures are valid for.
    scope: (&'static str, &'static str),
}

const fn form(
    endpoint: &'static str,
    addressing: Addressing,
    region: &'static str,
    host: &'static str,
    [object, bucket]: [&'static str; 2],
    scope: (&'static str, &'static str),
) -> Form {
    Form { endpoint, addressing, region, host, object, bucket, scope }
}

const IN_HOST: [&str; 2] = ["/", "/"];
const OSS_IN_PATH: [&str; 2] = ["/bkt/", "/bkt/"];
const S3_IN_PATH: [&str; 2] = ["/bkt/", "/bkt"];
const HANGZHOU: (&str, &str) = ("cn-hangzhou", "oss");

#[rustfmt::skip]
const OSS: &[Form] = &[
    form("oss-cn-hangzhou.aliyuncs.com", Auto, "", "bkt.oss-cn-hangzhou.aliyuncs.com", IN_HOST, HANGZHOU),
    form("oss-cn-hangzhou.aliyuncs.com", Virtual, "oss-cn-hangzhou", "bkt.oss-cn-hangzhou.aliyuncs.com", IN_HOST, HANGZHOU),
    form("oss-cn-hangzhou.aliyuncs.com", Path, "", "oss-cn-hangzhou.aliyuncs.com", OSS_IN_PATH, HANGZHOU),
    form("oss-cn-hangzhou-internal.aliyuncs.com", Auto, "", "bkt.oss-cn-hangzhou-internal.aliyuncs.com", IN_HOST, HANGZHOU),
    form("oss-accelerate.aliyuncs.com", Auto, "cn-hangzhou", "bkt.oss-accelerate.aliyuncs.com", IN_HOST, HANGZHOU),
    form("oss-accelerate-overseas.aliyuncs.com", Auto, "ap-southeast-1", "bkt.oss-accelerate-overseas.aliyuncs.com", IN_HOST, ("ap-southeast-1", "oss")),
    form("cn-hangzhou.oss.aliyuncs.com", Auto, "", "bkt.cn-hangzhou.oss.aliyuncs.com", IN_HOST, HANGZHOU),
    form("oss-cn-hzfinance.aliyuncs.com", Auto, "", "bkt.oss-cn-hzfinance.aliyuncs.com", IN_HOST, ("cn-hangzhou-finance", "oss")),
    form("oss-cn-shanghai-finance-1-pub.aliyuncs.com", Auto, "", "bkt.oss-cn-shanghai-finance-1-pub.aliyuncs.com", IN_HOST, ("cn-shanghai-finance-1", "oss")),
    form("cb-f8z7.cn-heyuan.oss-cloudbox.aliyuncs.com", Auto, "cn-heyuan", "bkt.cb-f8z7.cn-heyuan.oss-cloudbox.aliyuncs.com", IN_HOST, ("cb-f8z7", "oss-cloudbox")),
    form("img.example.com", Cname, "cn-hangzhou", "img.example.com", IN_HOST, HANGZHOU),
    form("图片.example.com:8080", Cname, "cn-hangzhou", "xn--wcsw84d.example.com:8080", IN_HOST, HANGZHOU),
    form("oss-cn-x1.cloud.example", Auto, "", "bkt.oss-cn-x1.cloud.example", IN_HOST, ("cn-x1", "oss")),
    form("192.0.2.7", Auto, "cn-hangzhou", "192.0.2.7", OSS_IN_PATH, HANGZHOU),
    form("192.0.2.7:9000", Virtual, "cn-hangzhou", "192.0.2.7:9000", OSS_IN_PATH, HANGZHOU),
    form("[2001:db8::7]:9000", Auto, "cn-hangzhou", "[2001:db8::7]:9000", OSS_IN_PATH, HANGZHOU),
];

#[rustfmt::skip]
const S3: &[Form] = &[
    form("s3.amazonaws.com", Auto, "", "bkt.s3.amazonaws.com", IN_HOST, ("us-east-1", "s3")),
    form("s3.eu-west-1.amazonaws.com", Auto, "", "bkt.s3.eu-west-1.amazonaws.com", IN_HOST, ("eu-west-1", "s3")),
    form("s3.eu-west-1.amazonaws.com", Path, "", "s3.eu-west-1.amazonaws.com", S3_IN_PATH, ("eu-west-1", "s3")),
    form("s3.dualstack.eu-west-1.amazonaws.com", Auto, "", "bkt.s3.dualstack.eu-west-1.amazonaws.com", IN_HOST, ("eu-west-1", "s3")),
    form("s3-accelerate.amazonaws.com", Auto, "eu-west-1", "bkt.s3-accelerate.amazonaws.com", IN_HOST, ("eu-west-1", "s3")),
    form("s3.cn-north-1.amazonaws.com.cn", Auto, "", "bkt.s3.cn-north-1.amazonaws.com.cn", IN_HOST, ("cn-north-1", "s3")),
    form("s3.oss-cn-hangzhou.aliyuncs.com", Auto, "", "bkt.s3.oss-cn-hangzhou.aliyuncs.com", IN_HOST, ("cn-hangzhou", "s3")),
    form("s3.oss-cn-hangzhou-internal.aliyuncs.com", Auto, "", "bkt.s3.oss-cn-hangzhou-internal.aliyuncs.com", IN_HOST, ("cn-hangzhou", "s3")),
    form("0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com", Auto, "", "0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com", S3_IN_PATH, ("auto", "s3")),
    form("cos.ap-guangzhou.myqcloud.com", Auto, "", "bkt.cos.ap-guangzhou.myqcloud.com", IN_HOST, ("ap-guangzhou", "s3")),
    form("s3.us-west-004.backblazeb2.com", Auto, "", "s3.us-west-004.backblazeb2.com", S3_IN_PATH, ("us-west-004", "s3")),
    form("minio.lan:9000", Auto, "", "minio.lan:9000", S3_IN_PATH, ("us-east-1", "s3")),
    form("minio.lan:9000", Virtual, "my-region", "bkt.minio.lan:9000", IN_HOST, ("my-region", "s3")),
    form("files.example.com", Cname, "eu-west-1", "files.example.com", IN_HOST, ("eu-west-1", "s3")),
    form("192.0.2.7:9000", Auto, "", "192.0.2.7:9000", S3_IN_PATH, ("us-east-1", "s3")),
    form("[2001:db8::7]", Auto, "", "[2001:db8::7]", S3_IN_PATH, ("us-east-1", "s3")),
];

/// Raw, and as it stands on the wire.
const KEY: (&str, &str) = ("目 录//a+b", "%E7%9B%AE%20%E5%BD%95//a%2Bb");

/// Method, whether it names the key, and the query on the wire, for OSS and for S3; in the order of
/// [`all_operations`].
#[rustfmt::skip]
const OPERATIONS: &[(&str, bool, &str, &str)] = &[
    ("PUT", true, "", ""),
    ("POST", true, "uploads&encoding-type=url", "uploads"),
    ("PUT", true, "uploadId=U%2F1&partNumber=7", "uploadId=U%2F1&partNumber=7"),
    ("GET", true, "uploadId=U%2F1&max-parts=1000&encoding-type=url", "uploadId=U%2F1&max-parts=1000"),
    ("GET", false, "uploads&max-uploads=1000&encoding-type=url&prefix=p%2Fq", "uploads&max-uploads=1000&prefix=p%2Fq"),
    ("POST", true, "uploadId=U%2F1&encoding-type=url", "uploadId=U%2F1"),
    ("DELETE", true, "uploadId=U%2F1", "uploadId=U%2F1"),
    ("DELETE", true, "versionId=V%2F1", "versionId=V%2F1"),
    ("HEAD", true, "", ""),
    ("GET", true, "", ""),
    ("GET", false, "bucketInfo", "location"),
    ("GET", false, "list-type=2&max-keys=1000&encoding-type=url&prefix=p%2Fq&delimiter=%2F&continuation-token=T%2B%2F%3D", "list-type=2&max-keys=1000&prefix=p%2Fq&delimiter=%2F&continuation-token=T%2B%2F%3D"),
];

fn store(provider: Provider, sign: SignVersion, form: &Form, server: &Server) -> Store {
    // The server stands in for hosts that are not its own, as a proxy does.
    let network = Network {
        proxy: ProxyMode::Manual,
        proxy_server: server.address.to_string(),
        ..Network::default()
    };
    let http = HttpClient::new(short(Duration::from_secs(20)));
    let http = http.over(&network, None).expect("a proxy");
    let config = StoreConfig {
        sign,
        addressing: form.addressing,
        region: form.region.to_owned(),
        // Without TLS, as the server here has no certificate for these names.
        plain_http: PlainHttp::Allow,
        ..config(provider, &format!("http://{}", form.endpoint))
    };
    Store::new(http, &config, credentials(), Arc::new(Frozen))
        .unwrap_or_else(|fault| panic!("{}: {fault}", form.endpoint))
}

/// Every operation once; each is refused.
async fn all_operations(store: &Store) {
    let options = ObjectOptions {
        if_absent: IfAbsent::OnlyIfAbsent,
        metadata: vec![("a".into(), "b".into())],
        ..ObjectOptions::default()
    };
    let key = KEY.0;
    store.put_object(key, &options, Payload::from_bytes("hello".into())).await.expect_err("500");
    store.initiate(key, &options).await.expect_err("500");
    store
        .upload_part(key, "U/1", 7, &ObjectOptions::default(), Payload::from_bytes("x".into()))
        .await
        .expect_err("500");
    store.list_parts(key, "U/1", None).await.expect_err("500");
    store.list_uploads("p/q", None).await.expect_err("500");
    store.complete(key, "U/1", &[(7, "E7".to_owned())], &options).await.expect_err("500");
    store.abort(key, "U/1").await.expect_err("500");
    store.delete_object(key, Some("V/1")).await.expect_err("500");
    store.head(key).await.expect_err("500");
    store.get(key, Some((5, 9))).await.map(|_| ()).expect_err("500");
    store.bucket_info().await.expect_err("500");
    store.list_objects("p/q", Some("/"), Some("T+/=".into())).await.expect_err("500");
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        ferry_storage::percent::decode(text, ferry_storage::percent::Plus::Literal).expect("UTF-8")
    };
    let pairs = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

/// Headers that the signature itself brings.
const OWN: &[&str] = &[
    "authorization",
    "date",
    "accept",
    "x-oss-date",
    "x-oss-content-sha256",
    "x-oss-security-token",
    "x-amz-date",
    "x-amz-content-sha256",
    "x-amz-security-token",
];

/// The `Authorization` that a store would expect for the resource that was meant.
fn authorization(
    provider: Provider,
    sign: SignVersion,
    form: &Form,
    row: (&str, bool, &str),
    seen: &Seen,
) -> String {
    let (method, with_key, query) = row;
    let lines = seen.head.split("\r\n").skip(1).filter_map(|line| line.split_once(": "));
    let headers: Vec<_> = lines
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .filter(|(name, _)| !OWN.contains(&name.as_str()))
        .collect();
    let path = if with_key { format!("{}{}", form.object, KEY.1) } else { form.bucket.to_owned() };
    let query = pairs(query);
    let request = Request {
        method,
        bucket: Some("bkt"),
        key: with_key.then_some(KEY.0),
        path: &path,
        query: &query,
        headers: &headers,
    };
    let credentials = credentials();
    let scope = CredentialScope { region: form.scope.0, product: form.scope.1 };
    let derive =
        |flavour| SigningKey::derive(flavour, &credentials.access_key_secret, "20260115", scope);
    let signed = match (provider, sign) {
        (Provider::Oss, V1) => oss_v1::sign(&request, &credentials, Frozen.now()),
        (Provider::Oss, V4) => {
            oss_v4::sign(&request, scope, &derive(Flavour::Oss), &credentials, Frozen.now(), &[])
        }
        (Provider::S3, _) => {
            let payload = if seen.header("content-length").is_some_and(|length| length != "0") {
                sigv4::PayloadHash::Unsigned
            } else {
                sigv4::PayloadHash::Empty
            };
            sigv4::sign(&request, scope, &derive(Flavour::S3), &credentials, Frozen.now(), payload)
        }
    };
    signed.authorization.expect("header form")
}

#[tokio::test]
async fn every_form_signs_every_operation_for_the_right_resource() {
    let mut checked = 0;
    for (provider, sign, forms) in
        [(Provider::Oss, V1, OSS), (Provider::Oss, V4, OSS), (Provider::S3, V4, S3)]
    {
        for form in forms {
            // A CloudBox speaks V4 only.
            if sign == V1 && form.scope.1 == "oss-cloudbox" {
                continue;
            }
            let server = Server::start(vec![answer(500, &["x-oss-request-id: R"], "")]).await;
            let store = store(provider, sign, form, &server);
            all_operations(&store).await;
            let seen = server.seen();
            assert_eq!(
                seen.len(),
                OPERATIONS.len(),
                "{}: each operation is one request",
                form.endpoint
            );
            for (seen, (method, with_key, oss_query, s3_query)) in seen.iter().zip(OPERATIONS) {
                let query = if provider == Provider::Oss { oss_query } else { s3_query };
                let path = if *with_key {
                    format!("{}{}", form.object, KEY.1)
                } else {
                    form.bucket.to_owned()
                };
                let target = if query.is_empty() { path } else { format!("{path}?{query}") };
                let what = format!(
                    "{provider:?} {sign:?} {} {:?}: {method} {target}",
                    form.endpoint, form.addressing
                );
                let line = format!("{method} http://{}{target} HTTP/1.1", form.host);
                assert_eq!(seen.line(), line, "{what}");
                assert_eq!(seen.header("host"), Some(form.host), "{what}");
                let expected =
                    authorization(provider, sign, form, (method, *with_key, query), seen);
                assert_eq!(seen.header("authorization"), Some(expected.as_str()), "{what}");
                let token = if provider == Provider::Oss {
                    "x-oss-security-token"
                } else {
                    "x-amz-security-token"
                };
                assert_eq!(seen.header(token), Some("canary+token/="), "{what}");
                checked += 1;
            }
        }
    }
    assert_eq!(checked, (OSS.len() - 1 + OSS.len() + S3.len()) * OPERATIONS.len());
}

#[test]
fn every_form_gives_links_for_the_right_resource() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
    let server = runtime.block_on(Server::start(vec![answer(500, &[], "")]));
    for (provider, sign, forms) in
        [(Provider::Oss, V1, OSS), (Provider::Oss, V4, OSS), (Provider::S3, V4, S3)]
    {
        for form in forms {
            let store = store(provider, sign, form, &server);
            let what = format!("{provider:?} {sign:?} {} {:?}", form.endpoint, form.addressing);
            let plain = format!("http://{}{}{}", form.host, form.object, KEY.1);
            assert_eq!(store.object_url(KEY.0), plain, "{what}");
            let link = store.presign_get(KEY.0, Duration::from_secs(3600)).expect("link");
            let (address, query) = link.split_once('?').expect("a query");
            assert_eq!(address, plain, "{what}");
            let query = pairs(query);
            let path = format!("{}{}", form.object, KEY.1);
            let headers = [("host".to_owned(), form.host.to_owned())];
            let headers = if provider == Provider::S3 { &headers[..] } else { &[] };
            let request = Request {
                method: "GET",
                bucket: Some("bkt"),
                key: Some(KEY.0),
                path: &path,
                query: &[],
                headers,
            };
            let credentials = credentials();
            let scope = CredentialScope { region: form.scope.0, product: form.scope.1 };
            let derive = |flavour| {
                SigningKey::derive(flavour, &credentials.access_key_secret, "20260115", scope)
            };
            let expires = Duration::from_secs(3600);
            let (signed, token) = match (provider, sign) {
                (Provider::Oss, V1) => (
                    oss_v1::presign(&request, &credentials, Frozen.now(), expires),
                    "security-token",
                ),
                (Provider::Oss, V4) => (
                    oss_v4::presign(
                        &request,
                        scope,
                        &derive(Flavour::Oss),
                        &credentials,
                        Frozen.now(),
                        expires,
                        &[],
                    ),
                    "x-oss-security-token",
                ),
                (Provider::S3, _) => (
                    sigv4::presign(
                        &request,
                        scope,
                        &derive(Flavour::S3),
                        &credentials,
                        Frozen.now(),
                        expires,
                    ),
                    "X-Amz-Security-Token",
                ),
            };
            assert_eq!(query, signed.query, "{what}");
            assert!(query.contains(&(token.to_owned(), "canary+token/=".to_owned())), "{what}");
        }
    }
}

#[tokio::test]
async fn oss_by_s3_gets_nothing_that_it_refuses() {
    let server = Server::start(vec![answer(500, &["x-oss-request-id: R"], "")]).await;
    let form =
        S3.iter().find(|form| form.endpoint == "s3.oss-cn-hangzhou.aliyuncs.com").expect("listed");
    let store = store(Provider::S3, V4, form, &server);
    all_operations(&store).await;
    for seen in server.seen() {
        let head = seen.head.to_lowercase();
        for refused in [
            "aws-chunked",
            "transfer-encoding",
            "x-amz-trailer",
            "x-amz-decoded-content-length",
            "x-amz-checksum-",
            "x-amz-sdk-",
            "x-oss-",
            "streaming-",
            "expect:",
        ] {
            assert!(!head.contains(refused), "{refused} in {head}");
        }
        assert!(head.contains("\r\nhost: bkt.s3.oss-cn-hangzhou.aliyuncs.com\r\n"));
        assert!(
            head.contains("\r\nx-amz-content-sha256: unsigned-payload\r\n")
                || head.contains("\r\nx-amz-content-sha256: e3b0c44298fc1c14"),
            "{head}"
        );
    }
}
