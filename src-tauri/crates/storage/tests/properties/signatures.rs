//! What a signature depends on, and what it does not.

use std::time::Duration;

use ferry_model::{Addressing, Provider};
use ferry_storage::endpoint::Address;
use ferry_storage::signing::key::Flavour;
use ferry_storage::signing::sigv4::{self, PayloadHash};
use ferry_storage::signing::{
    CredentialScope, Request, Signed, SigningKey, SigningTime, oss_v1, oss_v4,
};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::{at, credentials, decoded, is_plain, name, pairs, query};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    OssV1,
    OssV4,
    S3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Header,
    Presign,
}

const SCHEMES: [Scheme; 3] = [Scheme::OssV1, Scheme::OssV4, Scheme::S3];
const FORMS: [Form; 2] = [Form::Header, Form::Presign];

/// All that a signature may depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts {
    method: &'static str,
    bucket: String,
    key: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    seconds: u64,
    expires: u64,
    region: String,
    product: &'static str,
    secret: String,
    token: Option<String>,
    addressing: Addressing,
}

impl Parts {
    fn address(&self, scheme: Scheme) -> Address {
        let provider = if scheme == Scheme::S3 { Provider::S3 } else { Provider::Oss };
        Address::new(
            provider,
            "https://store.example.com:8443",
            Some(&self.bucket),
            self.addressing,
        )
        .expect("address")
    }

    fn sign(&self, scheme: Scheme, form: Form) -> Signed {
        let address = self.address(scheme);
        let path = address.path(Some(&self.key));
        let mut headers = self.headers.clone();
        headers.push(("Host".to_owned(), address.host()));
        let request = Request {
            method: self.method,
            bucket: Some(&self.bucket),
            key: Some(&self.key),
            path: &path,
            query: &self.query,
            headers: &headers,
        };
        let (now, expires) = (at(self.seconds), Duration::from_secs(self.expires));
        let credentials = credentials(&self.secret, self.token.as_deref());
        let scope = CredentialScope { region: &self.region, product: self.product };
        let key = |flavour| {
            SigningKey::derive(
                flavour,
                &credentials.access_key_secret,
                &SigningTime::from(now).date,
                scope,
            )
        };
        match (scheme, form) {
            (Scheme::OssV1, Form::Header) => oss_v1::sign(&request, &credentials, now),
            (Scheme::OssV1, Form::Presign) => oss_v1::presign(&request, &credentials, now, expires),
            (Scheme::OssV4, Form::Header) => {
                oss_v4::sign(&request, scope, &key(Flavour::Oss), &credentials, now, &["range"])
            }
            (Scheme::OssV4, Form::Presign) => oss_v4::presign(
                &request,
                scope,
                &key(Flavour::Oss),
                &credentials,
                now,
                expires,
                &["range"],
            ),
            (Scheme::S3, Form::Header) => sigv4::sign(
                &request,
                scope,
                &key(Flavour::S3),
                &credentials,
                now,
                PayloadHash::Unsigned,
            ),
            (Scheme::S3, Form::Presign) => {
                sigv4::presign(&request, scope, &key(Flavour::S3), &credentials, now, expires)
            }
        }
    }

    fn header(&mut self, name: &str) -> &mut String {
        let found = self.headers.iter_mut().find(|(known, _)| known == name);
        &mut found.expect("every request has it").1
    }
}

fn parts() -> impl Strategy<Value = Parts> {
    let method = prop_oneof![Just("GET"), Just("PUT"), Just("POST"), Just("HEAD"), Just("DELETE")];
    let addressing = prop_oneof![Just(Addressing::Virtual), Just(Addressing::Path)];
    // A path's empty last segment is the bucket's own address.
    (
        method,
        "[a-z0-9]{3,8}",
        name(),
        query(),
        0..4_000_000_000u64,
        1..604_800u64,
        "[a-z]{2}-[a-z]{4,8}-[1-9]",
        "\\PC{1,70}",
        addressing,
    )
        .prop_map(
            |(method, bucket, key, query, seconds, expires, region, secret, addressing)| Parts {
                method,
                bucket,
                key,
                query,
                headers: [
                    "Content-Type",
                    "Content-MD5",
                    "x-oss-meta-a",
                    "x-amz-meta-a",
                    "Range",
                    "User-Agent",
                ]
                .map(|name| (name.to_owned(), "v".to_owned()))
                .into(),
                seconds,
                expires,
                region,
                product: "oss",
                secret,
                token: Some("token".to_owned()),
                addressing,
            },
        )
}

/// A change of one part.
#[derive(Debug, Clone)]
enum Change {
    Method,
    Bucket,
    Key(Index, char),
    QueryValue(Index, char),
    QueryName(Index, char),
    QueryMore(String, String),
    QueryLess(Index),
    Header(&'static str),
    Second,
    Expires,
    Region,
    Product,
    Secret(char),
    Token,
    NoToken,
}

impl Change {
    fn apply(&self, parts: &mut Parts) {
        let grow = |text: &mut String, c: char| text.push(c);
        match self {
            Self::Method => parts.method = if parts.method == "GET" { "PUT" } else { "GET" },
            Self::Bucket => parts.bucket.push('x'),
            Self::Key(at, c) => {
                let places: Vec<usize> = parts.key.char_indices().map(|(place, _)| place).collect();
                parts.key.insert(places[at.index(places.len())], *c);
            }
            Self::QueryValue(at, c) if !parts.query.is_empty() => {
                let at = at.index(parts.query.len());
                grow(&mut parts.query[at].1, *c);
            }
            Self::QueryName(at, c) if !parts.query.is_empty() => {
                let at = at.index(parts.query.len());
                grow(&mut parts.query[at].0, *c);
            }
            Self::QueryLess(at) if !parts.query.is_empty() => {
                let at = at.index(parts.query.len());
                parts.query.remove(at);
            }
            Self::QueryValue(..) | Self::QueryName(..) | Self::QueryLess(_) => {
                parts.query.push(("acl".into(), String::new()))
            }
            Self::QueryMore(name, value) => parts.query.push((name.clone(), value.clone())),
            Self::Header(name) => grow(parts.header(name), 'x'),
            Self::Second => parts.seconds += 1,
            Self::Expires => parts.expires += 1,
            Self::Region => parts.region.push('x'),
            Self::Product => parts.product = "oss-cloudbox",
            Self::Secret(c) => grow(&mut parts.secret, *c),
            Self::Token => parts.token = Some("tokem".to_owned()),
            Self::NoToken => parts.token = None,
        }
    }

    /// Whether this form of signature covers what the change did.
    fn is_signed(&self, scheme: Scheme, form: Form, before: &Parts, after: &Parts) -> bool {
        match self {
            Self::Method
            | Self::Bucket
            | Self::Key(..)
            | Self::Second
            | Self::Secret(_)
            | Self::Token
            | Self::NoToken => true,
            Self::QueryValue(..)
            | Self::QueryName(..)
            | Self::QueryMore(..)
            | Self::QueryLess(_) => {
                scheme != Scheme::OssV1 || sub_resources(before) != sub_resources(after)
            }
            Self::Region | Self::Product => scheme != Scheme::OssV1,
            Self::Expires => form == Form::Presign,
            Self::Header("User-Agent") => false,
            Self::Header("Range") => scheme != Scheme::OssV1,
            Self::Header("x-amz-meta-a") => scheme == Scheme::S3,
            Self::Header(_) => true,
        }
    }
}

/// The query parameters that V1 signs, of those that these tests have.
fn sub_resources(parts: &Parts) -> Vec<&(String, String)> {
    let signed = |name: &str| {
        name.starts_with("x-oss-") || matches!(name, "uploads" | "uploadId" | "partNumber" | "acl")
    };
    let mut found: Vec<_> = parts.query.iter().filter(|(name, _)| signed(name)).collect();
    found.sort();
    found
}

fn change() -> impl Strategy<Value = Change> {
    let character = || any::<char>();
    prop_oneof![
        Just(Change::Method),
        Just(Change::Bucket),
        (any::<Index>(), character()).prop_map(|(at, c)| Change::Key(at, c)),
        (any::<Index>(), character()).prop_map(|(at, c)| Change::QueryValue(at, c)),
        (any::<Index>(), character()).prop_map(|(at, c)| Change::QueryName(at, c)),
        (name(), name()).prop_map(|(name, value)| Change::QueryMore(name, value)),
        any::<Index>().prop_map(Change::QueryLess),
        proptest::sample::select(
            &["Content-Type", "Content-MD5", "x-oss-meta-a", "x-amz-meta-a", "Range", "User-Agent"]
                [..]
        )
        .prop_map(Change::Header),
        Just(Change::Second),
        Just(Change::Expires),
        Just(Change::Region),
        Just(Change::Product),
        // HMAC fills a short key up with zero bytes, so one more of them is no change.
        character().prop_filter("not zero", |c| *c != '\0').prop_map(Change::Secret),
        Just(Change::Token),
        Just(Change::NoToken),
    ]
}

/// Path and query of a canonical request.
fn canonical(signed: &Signed) -> (String, String) {
    let mut lines = signed
        .canonical_request
        .as_deref()
        .expect("V4 has one")
        .split('\n')
        .skip(1)
        .map(str::to_owned);
    (lines.next().expect("a path"), lines.next().expect("a query"))
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_signature_changes_with_each_part_that_it_covers_and_with_no_other(parts in parts(), change in change()) {
        let mut changed = parts.clone();
        change.apply(&mut changed);
        prop_assert_ne!(&parts, &changed);
        for scheme in SCHEMES {
            for form in FORMS {
                let (before, after) = (parts.sign(scheme, form), changed.sign(scheme, form));
                if change.is_signed(scheme, form, &parts, &changed) {
                    prop_assert_ne!(&before.signature, &after.signature, "{:?} {:?}", scheme, form);
                } else {
                    prop_assert_eq!(&before.signature, &after.signature, "{:?} {:?}", scheme, form);
                }
            }
        }
    }

    #[test]
    fn the_order_of_query_and_headers_does_not_matter(
        (parts, other) in parts().prop_flat_map(|parts| {
            let (query, headers) = (Just(parts.query.clone()).prop_shuffle(), Just(parts.headers.clone()).prop_shuffle());
            (Just(parts), query, headers).prop_map(|(parts, query, headers)| (parts.clone(), Parts { query, headers, ..parts }))
        }),
    ) {
        for scheme in SCHEMES {
            for form in FORMS {
                prop_assert_eq!(parts.sign(scheme, form).string_to_sign, other.sign(scheme, form).string_to_sign);
            }
        }
    }

    #[test]
    fn the_canonical_query_is_sorted_by_encoded_names_and_holds_every_pair_once(parts in parts()) {
        for scheme in [Scheme::OssV4, Scheme::S3] {
            for form in FORMS {
                let signed = parts.sign(scheme, form);
                let (_, line) = canonical(&signed);
                let encoded: Vec<(&str, &str)> = line.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
                prop_assert!(encoded.is_sorted(), "{line}");
                // `/` as well: names and values are no paths.
                prop_assert!(line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~%&=".contains(&byte)), "{line}");
                let last = |(name, _): &&(String, String)| !name.ends_with("ignature");
                let sent: Vec<_> = parts.query.iter().chain(signed.query.iter().filter(last)).cloned().collect();
                prop_assert_eq!(sorted(pairs(&line).expect("decodes")), sorted(sent));
            }
        }
    }

    #[test]
    fn what_is_signed_is_what_is_sent(parts in parts()) {
        for scheme in SCHEMES {
            for form in FORMS {
                let (address, signed) = (parts.address(scheme), parts.sign(scheme, form));
                let all: Vec<_> = parts.query.iter().chain(&signed.query).cloned().collect();
                let url = address.url(Some(&parts.key), &all);
                prop_assert!(is_plain(&url), "{url}");
                let target = &url["https://".len() + address.host().len()..];
                let (path, query) = target.split_once('?').unwrap_or((target, ""));
                prop_assert_eq!(pairs(query).expect("decodes"), all);
                prop_assert_eq!(path, address.path(Some(&parts.key)));
                let key = path.strip_prefix(match parts.addressing {
                    Addressing::Path => format!("/{}/", parts.bucket),
                    _ => "/".to_owned(),
                }.as_str());
                prop_assert_eq!(key.and_then(decoded), Some(parts.key.clone()));
                match scheme {
                    // V1 signs names that are not encoded.
                    Scheme::OssV1 => {
                        let resource = format!("/{}/{}", parts.bucket, parts.key);
                        prop_assert!(signed.string_to_sign.contains(&resource));
                    }
                    // The bucket is in what OSS signs, wherever it is sent.
                    Scheme::OssV4 => prop_assert_eq!(canonical(&signed).0, format!("/{}/{}", parts.bucket, key.expect("a key"))),
                    Scheme::S3 => prop_assert_eq!(canonical(&signed).0, path),
                }
            }
        }
    }
}
