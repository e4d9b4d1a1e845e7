//! SigV4: the requests are built from the call's name and arguments, as botocore's callers give
//! them.

use std::collections::BTreeMap;
use std::time::Duration;

use ferry_model::{Addressing, Credentials, Provider};
use ferry_storage::endpoint::{Address, endpoint_of_region};
use ferry_storage::signing::sigv4::{self, PayloadHash};
use ferry_storage::signing::{
    CredentialScope, Request, Signed, SigningKey, UNSIGNED_PAYLOAD, key::Flavour,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{cases, credentials, taken_apart, text, time_of};

/// Where an argument of a call goes.
const HEADERS: &[(&str, &str)] = &[
    ("ACL", "x-amz-acl"),
    ("CacheControl", "cache-control"),
    ("ContentDisposition", "content-disposition"),
    ("ContentEncoding", "content-encoding"),
    ("ContentLanguage", "content-language"),
    ("ContentMD5", "content-md5"),
    ("ContentType", "content-type"),
    ("IfMatch", "if-match"),
    ("IfNoneMatch", "if-none-match"),
    ("Range", "range"),
    ("RequestPayer", "x-amz-request-payer"),
    ("SSEKMSKeyId", "x-amz-server-side-encryption-aws-kms-key-id"),
    ("ServerSideEncryption", "x-amz-server-side-encryption"),
    ("StorageClass", "x-amz-storage-class"),
    ("Tagging", "x-amz-tagging"),
    ("CopySourceRange", "x-amz-copy-source-range"),
];

const QUERY: &[(&str, &str)] = &[
    ("ContinuationToken", "continuation-token"),
    ("Delimiter", "delimiter"),
    ("KeyMarker", "key-marker"),
    ("MaxKeys", "max-keys"),
    ("MaxParts", "max-parts"),
    ("MaxUploads", "max-uploads"),
    ("PartNumber", "partNumber"),
    ("PartNumberMarker", "part-number-marker"),
    ("Prefix", "prefix"),
    ("ResponseCacheControl", "response-cache-control"),
    ("ResponseContentDisposition", "response-content-disposition"),
    ("ResponseContentEncoding", "response-content-encoding"),
    ("ResponseContentLanguage", "response-content-language"),
    ("ResponseContentType", "response-content-type"),
    ("ResponseExpires", "response-expires"),
    ("StartAfter", "start-after"),
    ("UploadId", "uploadId"),
    ("UploadIdMarker", "upload-id-marker"),
    ("VersionId", "versionId"),
];

/// Arguments that are neither: bucket, key, body, metadata, and what the body is made of.
const ELSEWHERE: &[&str] = &["Bucket", "Key", "Body", "Metadata", "MultipartUpload"];

/// The method of an operation, and the query it always has.
fn operation(name: &str) -> Option<(&'static str, &'static [(&'static str, &'static str)])> {
    const LISTED: &[(&str, &str)] = &[("encoding-type", "url")];
    Some(match name {
        "get_object" | "list_parts" => ("GET", &[]),
        "head_object" | "head_bucket" => ("HEAD", &[]),
        "put_object" | "upload_part" => ("PUT", &[]),
        "delete_object" | "abort_multipart_upload" => ("DELETE", &[]),
        "complete_multipart_upload" => ("POST", &[]),
        "create_multipart_upload" => ("POST", &[("uploads", "")]),
        "list_objects" => ("GET", LISTED),
        "list_objects_v2" => ("GET", &[("list-type", "2"), ("encoding-type", "url")]),
        "list_multipart_uploads" => ("GET", &[("uploads", "")]),
        "get_bucket_location" => ("GET", &[("location", "")]),
        _ => return None,
    })
}

struct Case {
    name: String,
    value: Value,
    credentials: Credentials,
    address: Address,
    method: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
}

impl Case {
    fn all(file: &str) -> Vec<Self> {
        cases(file).into_iter().map(|value| Self::read(file, value)).collect()
    }

    fn read(file: &str, value: Value) -> Self {
        let name = format!("{file}: {}", text(&value, "id"));
        let args = &value["args"];
        let endpoint = match text(&value, "endpoint").split_once(' ') {
            Some(_) => endpoint_of_region(Provider::S3, text(&value, "region")),
            None => text(&value, "endpoint").to_owned(),
        };
        let addressing = match text(&value, "operation") {
            // botocore always asks this with the bucket in the path.
            "get_bucket_location" => Addressing::Path,
            _ => text(&value, "addressing").parse::<Addressing>().expect("addressing"),
        };
        let address = Address::new(Provider::S3, &endpoint, args["Bucket"].as_str(), addressing)
            .expect("address");
        let mut case = Self {
            credentials: credentials(
                &value["access_key_id"],
                &value["secret_access_key"],
                &value["session_token"],
            ),
            method: text(&value, "method").to_owned(),
            query: Vec::new(),
            headers: vec![("host".to_owned(), address.host())],
            name,
            address,
            value,
        };
        if !case.take_arguments() {
            case.take_expected_url();
        }
        case
    }

    /// Builds query and headers from the call; false if the operation or an argument is not in the
    /// tables above.
    fn take_arguments(&mut self) -> bool {
        let Some((method, fixed)) = operation(text(&self.value, "operation")) else { return false };
        assert_eq!(method, self.method, "{}: method", self.name);
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let (mut query, mut headers) = (Vec::new(), Vec::new());
        for (name, argument) in self.value["args"].as_object().expect("args") {
            if let Some((_, header)) = HEADERS.iter().find(|(known, _)| known == name) {
                headers.push(((*header).to_owned(), plain(argument)));
            } else if let Some((_, parameter)) = QUERY.iter().find(|(known, _)| known == name) {
                query.push(((*parameter).to_owned(), plain(argument)));
            } else if !ELSEWHERE.contains(&name.as_str()) {
                return false;
            }
        }
        for (name, value) in self.value["args"]["Metadata"].as_object().into_iter().flatten() {
            headers.push((format!("x-amz-meta-{}", name.to_lowercase()), plain(value)));
        }
        query.extend(fixed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.query.extend(query);
        self.headers.extend(headers);
        true
    }

    /// For calls the tables do not know: the query and headers the vector says were signed, without
    /// what the signature adds.
    fn take_expected_url(&mut self) {
        let expected = &self.value["expected"];
        let (_, _, pairs) = taken_apart(text(expected, "url"));
        let pairs = pairs
            .into_iter()
            .flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value)));
        self.query = pairs.filter(|(name, _)| !name.starts_with("X-Amz-")).collect();
        let added = ["host", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"];
        for (name, value) in expected["signed_headers"].as_object().into_iter().flatten() {
            if !added.contains(&name.as_str()) {
                self.headers.push((name.clone(), value.as_str().expect("text").to_owned()));
            }
        }
    }

    fn body(&self) -> Vec<u8> {
        if let Some(body) = self.value["expected"]["body_utf8"].as_str() {
            return body.as_bytes().to_vec();
        }
        let repeated = &self.value["args"]["Body"]["bytes_repeat"];
        match (repeated[0].as_str(), repeated[1].as_u64()) {
            (Some(unit), Some(count)) => {
                unit.repeat(usize::try_from(count).expect("small")).into_bytes()
            }
            _ => Vec::new(),
        }
    }

    fn path(&self) -> String {
        self.address.path(self.value["args"]["Key"].as_str())
    }

    fn request<'a>(&'a self, path: &'a str) -> Request<'a> {
        let args = &self.value["args"];
        Request {
            method: &self.method,
            bucket: args["Bucket"].as_str(),
            key: args["Key"].as_str(),
            path,
            query: &self.query,
            headers: &self.headers,
        }
    }

    fn scope(&self) -> CredentialScope<'_> {
        CredentialScope {
            region: text(&self.value, "region"),
            product: self.value["service"].as_str().unwrap_or("s3"),
        }
    }

    fn key(&self) -> SigningKey {
        let date = text(&self.value, "time")[..10].replace('-', "");
        SigningKey::derive(Flavour::S3, &self.credentials.access_key_secret, &date, self.scope())
    }

    fn compare(&self, signed: &Signed) {
        let expected = &self.value["expected"];
        assert_eq!(
            signed.canonical_request.as_deref(),
            expected["canonical_request"].as_str(),
            "{}: canonical request",
            self.name
        );
        assert_eq!(
            signed.string_to_sign,
            text(expected, "string_to_sign"),
            "{}: string to sign",
            self.name
        );
        assert_eq!(signed.signature, text(expected, "signature"), "{}: signature", self.name);
        let query: Vec<_> = self.query.iter().chain(&signed.query).cloned().collect();
        let url = self.address.url(self.value["args"]["Key"].as_str(), &query);
        assert_eq!(taken_apart(&url), taken_apart(text(expected, "url")), "{}: url", self.name);
    }
}

#[test]
fn vectors_of_s3_headers() {
    for case in Case::all("s3_sigv4_header.json") {
        let expected = &case.value["expected"];
        let hash = hex::encode(Sha256::digest(case.body()));
        // Whether a body's hash is signed was botocore's configuration, which the cases do not
        // carry: the answer is taken from them.
        let payload = match text(&expected["signed_headers"], "x-amz-content-sha256") {
            UNSIGNED_PAYLOAD => PayloadHash::Unsigned,
            _ => PayloadHash::Sha256(&hash),
        };
        let path = case.path();
        let signed = sigv4::sign(
            &case.request(&path),
            case.scope(),
            &case.key(),
            &case.credentials,
            time_of(&case.value),
            payload,
        );
        case.compare(&signed);
        assert_eq!(
            signed.authorization.as_deref(),
            expected["authorization"].as_str(),
            "{}: authorization",
            case.name
        );
        let sent: BTreeMap<&str, &str> = case
            .headers
            .iter()
            .chain(&signed.headers)
            .filter(|(name, _)| name != "authorization")
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let wanted: BTreeMap<&str, &str> = expected["signed_headers"]
            .as_object()
            .expect("headers")
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str().expect("text")))
            .collect();
        assert_eq!(sent, wanted, "{}: headers", case.name);
    }
}

#[test]
fn vectors_of_s3_urls() {
    for case in Case::all("s3_sigv4_presign.json") {
        let expires =
            Duration::from_secs(case.value["expires_seconds"].as_u64().expect("expires_seconds"));
        let path = case.path();
        let signed = sigv4::presign(
            &case.request(&path),
            case.scope(),
            &case.key(),
            &case.credentials,
            time_of(&case.value),
            expires,
        );
        case.compare(&signed);
    }
}
