//! OSS signatures V1 and V4, by header and by query.

use std::collections::BTreeMap;
use std::time::Duration;

use ferry_model::{Addressing, Credentials, Provider};
use ferry_storage::endpoint::Address;
use ferry_storage::signing::{
    CredentialScope, Request, Signed, SigningKey, key::Flavour, oss_v1, oss_v4,
};
use serde_json::Value;

use crate::{cases, credentials, taken_apart, text, time_of};

/// What every case has.
struct Case {
    name: String,
    value: Value,
    credentials: Credentials,
    address: Address,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
}

impl Case {
    fn all(file: &str) -> Vec<Self> {
        cases(file).into_iter().map(|value| Self::read(file, value)).collect()
    }

    fn read(file: &str, value: Value) -> Self {
        let addressing = text(&value, "addressing").parse::<Addressing>().expect("addressing");
        let address = Address::new(
            Provider::Oss,
            text(&value, "endpoint"),
            value["bucket"].as_str(),
            addressing,
        )
        .expect("address");
        let pair = |pair: &Value| {
            (
                pair[0].as_str().expect("name").to_owned(),
                pair[1].as_str().expect("value").to_owned(),
            )
        };
        let headers = value["headers"].as_object().expect("headers").iter();
        Self {
            name: format!("{file}: {}", text(&value, "id")),
            credentials: credentials(
                &value["access_key_id"],
                &value["access_key_secret"],
                &value["security_token"],
            ),
            address,
            query: value["query"].as_array().expect("query").iter().map(pair).collect(),
            headers: headers
                .map(|(name, value)| (name.clone(), value.as_str().expect("text").to_owned()))
                .collect(),
            value,
        }
    }

    fn request<'a>(&'a self, path: &'a str) -> Request<'a> {
        Request {
            method: text(&self.value, "method"),
            bucket: self.value["bucket"].as_str(),
            key: self.value["key"].as_str(),
            path,
            query: &self.query,
            headers: &self.headers,
        }
    }

    fn path(&self) -> String {
        self.address.path(self.value["key"].as_str())
    }

    fn expires(&self) -> Duration {
        Duration::from_secs(self.value["expires_seconds"].as_u64().expect("expires_seconds"))
    }

    fn scope(&self) -> CredentialScope<'_> {
        CredentialScope {
            region: text(&self.value, "sign_region"),
            product: text(&self.value, "product"),
        }
    }

    fn key(&self) -> SigningKey {
        let date = text(&self.value, "time")[..10].replace('-', "");
        SigningKey::derive(Flavour::Oss, &self.credentials.access_key_secret, &date, self.scope())
    }

    fn additional(&self) -> Vec<&str> {
        let names = self.value["additional_headers"].as_array().map_or(&[][..], Vec::as_slice);
        names.iter().map(|name| name.as_str().expect("name")).collect()
    }

    /// Compares the texts, then the signature: a wrong text says more than a wrong hash.
    fn compare(&self, signed: &Signed) {
        let expected = &self.value["expected"];
        if let Some(canonical) = expected["canonical_request"].as_str() {
            assert_eq!(
                signed.canonical_request.as_deref(),
                Some(canonical),
                "{}: canonical request",
                self.name
            );
        }
        assert_eq!(
            signed.string_to_sign,
            text(expected, "string_to_sign"),
            "{}: string to sign",
            self.name
        );
        assert_eq!(signed.signature, text(expected, "signature"), "{}: signature", self.name);
        if let Some(authorization) = expected["authorization"].as_str() {
            assert_eq!(
                signed.authorization.as_deref(),
                Some(authorization),
                "{}: authorization",
                self.name
            );
        }
    }

    fn compare_headers(&self, signed: &Signed) {
        let Some(expected) = self.value["expected"]["signed_request_headers"].as_object() else {
            return;
        };
        let mut sent: BTreeMap<String, &str> = self
            .headers
            .iter()
            .chain(&signed.headers)
            .map(|(name, value)| (name.to_lowercase(), value.as_str()))
            .collect();
        if !expected.contains_key("authorization") {
            sent.remove("authorization");
        }
        let expected: BTreeMap<String, &str> = expected
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().expect("text")))
            .collect();
        assert_eq!(sent, expected, "{}: headers", self.name);
    }

    fn compare_url(&self, signed: &Signed) {
        let query: Vec<_> = self.query.iter().chain(&signed.query).cloned().collect();
        let url = self.address.url(self.value["key"].as_str(), &query);
        assert_eq!(
            taken_apart(&url),
            taken_apart(text(&self.value["expected"], "url")),
            "{}: url",
            self.name
        );
    }
}

#[test]
fn vectors_of_oss_v1_headers() {
    for case in Case::all("oss_v1_header.json") {
        let path = case.path();
        let signed = oss_v1::sign(&case.request(&path), &case.credentials, time_of(&case.value));
        case.compare(&signed);
        case.compare_headers(&signed);
        case.compare_url(&signed);
    }
}

#[test]
fn vectors_of_oss_v1_urls() {
    for case in Case::all("oss_v1_presign.json") {
        let path = case.path();
        let signed = oss_v1::presign(
            &case.request(&path),
            &case.credentials,
            time_of(&case.value),
            case.expires(),
        );
        case.compare(&signed);
        case.compare_url(&signed);
    }
}

#[test]
fn vectors_of_oss_v4_headers() {
    for case in Case::all("oss_v4_header.json") {
        let path = case.path();
        let request = case.request(&path);
        let signed = oss_v4::sign(
            &request,
            case.scope(),
            &case.key(),
            &case.credentials,
            time_of(&case.value),
            &case.additional(),
        );
        case.compare(&signed);
        case.compare_headers(&signed);
        case.compare_url(&signed);
    }
}

#[test]
fn vectors_of_oss_v4_urls() {
    for case in Case::all("oss_v4_presign.json") {
        let path = case.path();
        let request = case.request(&path);
        let (key, now, additional) = (case.key(), time_of(&case.value), case.additional());
        let signed = oss_v4::presign(
            &request,
            case.scope(),
            &key,
            &case.credentials,
            now,
            case.expires(),
            &additional,
        );
        case.compare(&signed);
        case.compare_url(&signed);
    }
}
