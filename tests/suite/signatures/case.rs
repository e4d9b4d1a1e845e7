//! One request, and how Ferry signs it.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ferry_model::profile::PlainHttp;
use ferry_model::{Addressing, Credentials, Provider, SignVersion};
use ferry_storage::endpoint::Address;
use ferry_storage::signing::key::Flavour;
use ferry_storage::signing::sigv4::{self, PayloadHash};
use ferry_storage::signing::{CredentialScope, KeyCache, Request, SigningTime, oss_v1, oss_v4};
use ferry_storage::{Clock, HttpClient, ObjectStore as _, Store, StoreConfig};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Which signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scheme {
    OssV1,
    OssV4,
    S3,
}

impl Scheme {
    pub(crate) fn provider(self) -> Provider {
        match self {
            Self::OssV1 | Self::OssV4 => Provider::Oss,
            Self::S3 => Provider::S3,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::OssV1 => "v1",
            Self::OssV4 => "v4",
            Self::S3 => "s3",
        }
    }
}

/// Where the signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    Header,
    Presign,
}

impl Form {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Presign => "presign",
        }
    }
}

/// What is said about the body of an S3 request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyHash {
    Signed,
    Unsigned,
}

/// Who puts the request together here.
#[derive(Debug, Clone)]
pub(crate) enum MadeBy {
    /// The signer alone.
    Signer,
    /// A store, asked for a link: it finds region, product and address by itself.
    Store(Rc<HttpClient>),
}

/// Someone who signs, with the keys derived so far: they are used again, as in a store.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    pub(crate) credentials: Credentials,
    pub(crate) keys: KeyCache,
}

/// One request to sign.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) number: usize,
    pub(crate) scheme: Scheme,
    pub(crate) form: Form,
    pub(crate) made_by: MadeBy,
    pub(crate) method: &'static str,
    pub(crate) endpoint: String,
    pub(crate) addressing: Addressing,
    /// What the addressing comes to here, as the other side is told it: `virtual`, `path` or
    /// `cname`.
    pub(crate) style: &'static str,
    pub(crate) bucket: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    /// Further headers to sign (OSS V4).
    pub(crate) additional: Vec<String>,
    pub(crate) identity: Rc<Identity>,
    /// Milliseconds since 1970: signatures know seconds only.
    pub(crate) epoch_ms: u64,
    /// Seconds.
    pub(crate) expires: u64,
    pub(crate) region: String,
    pub(crate) product: &'static str,
    pub(crate) body: String,
    pub(crate) body_hash: BodyHash,
}

/// A clock that stands still.
#[derive(Debug)]
struct At(SystemTime);

impl Clock for At {
    fn now(&self) -> SystemTime {
        self.0
    }
}

/// A signed request, by either side.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) signature: String,
    pub(crate) string_to_sign: String,
    pub(crate) canonical_request: Option<String>,
    pub(crate) authorization: Option<String>,
    pub(crate) url: String,
    /// Names in lower case, without `authorization`.
    pub(crate) headers: BTreeMap<String, String>,
}

impl Answer {
    pub(crate) fn read(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let header = |(name, value): (&String, &Value)| {
            (name.clone(), value.as_str().expect("text").to_owned())
        };
        Self {
            signature: text("signature").expect("signature"),
            string_to_sign: text("string_to_sign").expect("string_to_sign"),
            canonical_request: text("canonical_request"),
            authorization: text("authorization"),
            url: text("url").expect("url"),
            headers: value["headers"].as_object().expect("headers").iter().map(header).collect(),
        }
    }
}

impl Case {
    /// The request as the other side reads it.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "number": self.number,
            "scheme": self.scheme.word(),
            "form": self.form.word(),
            "method": self.method,
            "endpoint": self.endpoint,
            "addressing": self.style,
            "bucket": self.bucket,
            "key": self.key,
            "query": self.query,
            "headers": self.headers,
            "additional": self.additional,
            "access_key_id": self.identity.id,
            "access_key_secret": self.identity.secret,
            "security_token": self.identity.token,
            "epoch_ms": self.epoch_ms,
            "expires": self.expires,
            "region": self.region,
            "product": self.product,
            "body": self.body,
            "payload": match self.body_hash {
                BodyHash::Signed => "signed",
                BodyHash::Unsigned => "unsigned",
            },
        })
    }

    /// The request signed by Ferry.
    pub(crate) fn signed(&self) -> Answer {
        let address = Address::new(
            self.scheme.provider(),
            &self.endpoint,
            self.bucket.as_deref(),
            self.addressing,
        )
        .expect("address");
        let path = address.path(self.key.as_deref());
        let mut headers = self.headers.clone();
        if self.scheme == Scheme::S3 {
            headers.push(("host".to_owned(), address.host()));
        }
        let request = Request {
            method: self.method,
            bucket: self.bucket.as_deref(),
            key: self.key.as_deref(),
            path: &path,
            query: &self.query,
            headers: &headers,
        };
        let signed = self.sign(&request);
        let query: Vec<_> = self.query.iter().chain(&signed.query).cloned().collect();
        let mut all = BTreeMap::<String, String>::new();
        for (name, value) in
            self.headers.iter().chain(&signed.headers).filter(|(name, _)| name != "authorization")
        {
            all.insert(name.to_lowercase(), value.clone());
        }
        Answer {
            url: match &self.made_by {
                MadeBy::Signer => address.url(self.key.as_deref(), &query),
                MadeBy::Store(http) => self.link(HttpClient::clone(http)),
            },
            signature: signed.signature,
            string_to_sign: signed.string_to_sign,
            canonical_request: signed.canonical_request,
            authorization: signed.authorization,
            headers: all,
        }
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.epoch_ms)
    }

    fn link(&self, http: HttpClient) -> String {
        let config = StoreConfig {
            provider: self.scheme.provider(),
            endpoint: self.endpoint.clone(),
            // Either spelling is understood; a CloudBox's id stands in its host.
            region: match (self.scheme, self.product) {
                (Scheme::OssV4, "oss-cloudbox") => "cn-hangzhou".to_owned(),
                (Scheme::OssV4, _) if self.epoch_ms.is_multiple_of(2) => {
                    format!("oss-{}", self.region)
                }
                _ => self.region.clone(),
            },
            bucket: self.bucket.clone().expect("links are to objects"),
            addressing: self.addressing,
            sign: if self.scheme == Scheme::OssV1 { SignVersion::V1 } else { SignVersion::V4 },
            plain_http: PlainHttp::Allow,
        };
        let clock = Arc::new(At(self.now()));
        let store =
            Store::new(http, &config, self.identity.credentials.clone(), clock).expect("store");
        store
            .presign_get(
                self.key.as_deref().expect("links are to objects"),
                Duration::from_secs(self.expires),
            )
            .expect("link")
    }

    fn sign(&self, request: &Request<'_>) -> ferry_storage::signing::Signed {
        let now = self.now();
        let expires = Duration::from_secs(self.expires);
        let (identity, credentials) = (&self.identity, &self.identity.credentials);
        let date = SigningTime::from(now).date;
        let scope = CredentialScope { region: &self.region, product: self.product };
        let key =
            |flavour| identity.keys.key(flavour, &credentials.access_key_secret, &date, scope);
        let additional: Vec<&str> = self.additional.iter().map(String::as_str).collect();
        let hash = hex::encode(Sha256::digest(self.body.as_bytes()));
        let payload = match self.body_hash {
            BodyHash::Unsigned => PayloadHash::Unsigned,
            BodyHash::Signed if self.body.is_empty() => PayloadHash::Empty,
            BodyHash::Signed => PayloadHash::Sha256(&hash),
        };
        match (self.scheme, self.form) {
            (Scheme::OssV1, Form::Header) => oss_v1::sign(request, credentials, now),
            (Scheme::OssV1, Form::Presign) => oss_v1::presign(request, credentials, now, expires),
            (Scheme::OssV4, Form::Header) => {
                oss_v4::sign(request, scope, &key(Flavour::Oss), credentials, now, &additional)
            }
            (Scheme::OssV4, Form::Presign) => oss_v4::presign(
                request,
                scope,
                &key(Flavour::Oss),
                credentials,
                now,
                expires,
                &additional,
            ),
            (Scheme::S3, Form::Header) => {
                sigv4::sign(request, scope, &key(Flavour::S3), credentials, now, payload)
            }
            (Scheme::S3, Form::Presign) => {
                sigv4::presign(request, scope, &key(Flavour::S3), credentials, now, expires)
            }
        }
    }
}
