//! What a new object shall be like, and on which request each option travels (as the request types of
//! the vendors' SDKs have it).

use ferry_model::{Encryption, ObjectHeader, ObjectHeaders, Provider};

use crate::percent;

/// What happens to an object that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IfAbsent {
    /// It is replaced.
    #[default]
    Replace,
    /// The request is refused ([`ferry_model::FaultKind::AlreadyExists`]):
    /// `x-oss-forbid-overwrite`, or `If-None-Match: *` on S3.
    OnlyIfAbsent,
}

/// Whether S3's Initiate names the checksum that the store is to compute of each part and of the
/// whole object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Announce {
    /// None.
    #[default]
    Nothing,
    /// CRC-64/NVME.
    Crc64Nvme,
}

/// Options of a new object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObjectOptions {
    /// The headers that are stored with it; its media type is guessed from the key's extension if
    /// absent.
    pub headers: ObjectHeaders,
    /// User metadata: names without the `x-…-meta-` prefix; values that headers cannot carry are
    /// percent-encoded.
    pub metadata: Vec<(String, String)>,
    /// What happens to an object that is there already.
    pub if_absent: IfAbsent,
    /// S3: only in place of the object with this ETag; refused
    /// ([`ferry_model::FaultKind::PreconditionFailed`]) where another is there. OSS has no such
    /// condition.
    pub if_match: Option<String>,
    /// The storage class, in the store's own word.
    pub storage_class: Option<String>,
    /// The canned ACL.
    pub acl: Option<String>,
    /// Expires.
    pub expires: Option<String>,
    /// Encryption by the store.
    pub encryption: Encryption,
    /// Tags.
    pub tagging: Vec<(String, String)>,
    /// S3: the checksum that the store is to compute of an upload.
    pub announce: Announce,
    /// OSS: the callback, base64 of its JSON.
    pub callback: Option<String>,
    /// OSS: the callback's own parameters, base64 of their JSON.
    pub callback_var: Option<String>,
    /// OSS: most **bits** a second that the store takes from one connection, 819,200 to
    /// 838,860,800.
    pub traffic_limit: Option<u64>,
}

/// The media type guessed from a key's extension.
pub fn content_type(key: &str) -> String {
    mime_guess::from_path(key).first_raw().unwrap_or("application/octet-stream").to_owned()
}

/// The requests that carry options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestKind {
    Put,
    Initiate,
    Part,
    Complete,
}

/// The prefix of user metadata.
pub(super) fn meta_prefix(provider: Provider) -> &'static str {
    match provider {
        Provider::Oss => "x-oss-meta-",
        Provider::S3 => "x-amz-meta-",
    }
}

impl ObjectOptions {
    /// Whether this request asks for a callback.
    pub(super) fn has_callback(&self, provider: Provider) -> bool {
        provider == Provider::Oss && self.callback.is_some()
    }

    /// The headers of one request.
    pub(super) fn headers(
        &self,
        provider: Provider,
        moment: RequestKind,
        key: &str,
    ) -> Vec<(String, String)> {
        let mut headers = match moment {
            RequestKind::Complete => vec![pair("content-type", "application/xml")],
            RequestKind::Part => vec![pair("content-type", "application/octet-stream")],
            RequestKind::Put | RequestKind::Initiate => self.creation_headers(provider, key),
        };
        match provider {
            Provider::Oss => self.add_oss(moment, &mut headers),
            Provider::S3 => self.add_s3(moment, &mut headers),
        }
        headers
    }

    /// What belongs to the request that creates the object or its upload.
    fn creation_headers(&self, provider: Provider, key: &str) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        for header in ObjectHeader::all() {
            // These have a syntax of their own: percent-encoded they would mean something else, or
            // nothing.
            match (header, self.headers.get(header)) {
                (ObjectHeader::ContentType, "") => {
                    headers.push(pair(header.name(), content_type(key)));
                }
                (_, "") => {}
                (_, value) => headers.push(pair(header.name(), value)),
            }
        }
        headers.extend(self.expires.iter().map(|value| pair("expires", value)));
        for (name, value) in &self.metadata {
            headers.push((
                format!("{}{}", meta_prefix(provider), name.to_ascii_lowercase()),
                header_text(value),
            ));
        }
        headers
    }

    fn add_oss(&self, moment: RequestKind, headers: &mut Vec<(String, String)>) {
        if self.if_absent == IfAbsent::OnlyIfAbsent && moment != RequestKind::Part {
            headers.push(pair("x-oss-forbid-overwrite", "true"));
        }
        if matches!(moment, RequestKind::Put | RequestKind::Part) {
            headers.extend(
                self.traffic_limit.map(|limit| pair("x-oss-traffic-limit", limit.to_string())),
            );
        }
        if matches!(moment, RequestKind::Put | RequestKind::Complete) {
            for (name, value) in [
                ("x-oss-object-acl", &self.acl),
                ("x-oss-callback", &self.callback),
                ("x-oss-callback-var", &self.callback_var),
            ] {
                headers.extend(value.iter().map(|value| pair(name, value)));
            }
        }
        if matches!(moment, RequestKind::Put | RequestKind::Initiate) {
            headers
                .extend(self.storage_class.iter().map(|class| pair("x-oss-storage-class", class)));
            headers.extend(self.tags().map(|tags| pair("x-oss-tagging", tags)));
            self.add_encryption(
                "x-oss-server-side-encryption",
                ("KMS", "x-oss-server-side-encryption-key-id"),
                headers,
            );
        }
    }

    fn add_s3(&self, moment: RequestKind, headers: &mut Vec<(String, String)>) {
        if self.if_absent == IfAbsent::OnlyIfAbsent
            && matches!(moment, RequestKind::Put | RequestKind::Complete)
        {
            headers.push(pair("if-none-match", "*"));
        }
        if matches!(moment, RequestKind::Put | RequestKind::Complete) {
            headers
                .extend(self.if_match.iter().map(|etag| pair("if-match", format!("\"{etag}\""))));
        }
        if moment == RequestKind::Initiate && self.announce == Announce::Crc64Nvme {
            headers.push(pair("x-amz-checksum-algorithm", "CRC64NVME"));
            headers.push(pair("x-amz-checksum-type", "FULL_OBJECT"));
        }
        if matches!(moment, RequestKind::Put | RequestKind::Initiate) {
            headers.extend(self.acl.iter().map(|acl| pair("x-amz-acl", acl)));
            headers
                .extend(self.storage_class.iter().map(|class| pair("x-amz-storage-class", class)));
            headers.extend(self.tags().map(|tags| pair("x-amz-tagging", tags)));
            self.add_encryption(
                "x-amz-server-side-encryption",
                ("aws:kms", "x-amz-server-side-encryption-aws-kms-key-id"),
                headers,
            );
        }
    }

    /// `kms` is the dialect's word for the key service, and its header for the key's id.
    fn add_encryption(&self, header: &str, kms: (&str, &str), headers: &mut Vec<(String, String)>) {
        match &self.encryption {
            Encryption::Bucket => {}
            Encryption::Aes256 => headers.push(pair(header, "AES256")),
            Encryption::Kms { key_id } => {
                headers.push(pair(header, kms.0));
                if !key_id.is_empty() {
                    headers.push(pair(kms.1, key_id));
                }
            }
        }
    }

    fn tags(&self) -> Option<String> {
        let tag = |(name, value): &(String, String)| {
            format!("{}={}", percent::encode(name), percent::encode(value))
        };
        (!self.tagging.is_empty())
            .then(|| self.tagging.iter().map(tag).collect::<Vec<_>>().join("&"))
    }
}

fn pair(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// A text as a header can carry it: percent-encoded where it has other characters than visible
/// ASCII and inner single spaces.
fn header_text(text: &str) -> String {
    let visible = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if visible && text.trim() == text && !text.contains("  ") {
        text.to_owned()
    } else {
        percent::encode(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(headers: &[(String, String)]) -> Vec<&str> {
        headers.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn each_option_travels_where_the_service_takes_it() {
        let options = ObjectOptions {
            headers: [
                (ObjectHeader::ContentType, "text/plain"),
                (ObjectHeader::ContentEncoding, "gzip"),
            ]
            .into(),
            metadata: vec![("Author".into(), "照片 alice".into())],
            if_absent: IfAbsent::OnlyIfAbsent,
            storage_class: Some("IA".into()),
            acl: Some("private".into()),
            encryption: Encryption::Kms { key_id: "k1".into() },
            tagging: vec![("a b".into(), "1&2".into())],
            callback: Some("e30=".into()),
            traffic_limit: Some(819_200),
            announce: Announce::Crc64Nvme,
            ..ObjectOptions::default()
        };
        let of = |provider, moment| options.headers(provider, moment, "k");
        assert_eq!(
            names(&of(Provider::Oss, RequestKind::Put)),
            [
                "content-type",
                "content-encoding",
                "x-oss-meta-author",
                "x-oss-forbid-overwrite",
                "x-oss-traffic-limit",
                "x-oss-object-acl",
                "x-oss-callback",
                "x-oss-storage-class",
                "x-oss-tagging",
                "x-oss-server-side-encryption",
                "x-oss-server-side-encryption-key-id"
            ]
        );
        let initiate = of(Provider::Oss, RequestKind::Initiate);
        assert!(
            !names(&initiate).contains(&"x-oss-object-acl")
                && !names(&initiate).contains(&"x-oss-callback")
        );
        assert!(names(&initiate).contains(&"x-oss-forbid-overwrite"));
        for provider in [Provider::Oss, Provider::S3] {
            for moment in [RequestKind::Put, RequestKind::Initiate] {
                assert!(of(provider, moment).contains(&pair("content-encoding", "gzip")));
            }
        }
        assert_eq!(
            names(&of(Provider::Oss, RequestKind::Complete)),
            ["content-type", "x-oss-forbid-overwrite", "x-oss-object-acl", "x-oss-callback"]
        );
        assert_eq!(
            names(&of(Provider::Oss, RequestKind::Part)),
            ["content-type", "x-oss-traffic-limit"]
        );
        assert_eq!(names(&of(Provider::S3, RequestKind::Part)), ["content-type"]);
        assert!(names(&of(Provider::S3, RequestKind::Put)).contains(&"if-none-match"));
        assert!(!names(&of(Provider::S3, RequestKind::Initiate)).contains(&"if-none-match"));
        assert_eq!(
            names(&of(Provider::S3, RequestKind::Complete)),
            ["content-type", "if-none-match"]
        );
        let announced = |provider, moment| {
            of(provider, moment).contains(&pair("x-amz-checksum-type", "FULL_OBJECT"))
        };
        assert!(announced(Provider::S3, RequestKind::Initiate));
        for moment in [RequestKind::Put, RequestKind::Part, RequestKind::Complete] {
            assert!(!announced(Provider::S3, moment), "{moment:?}");
        }
        assert!(!announced(Provider::Oss, RequestKind::Initiate));
        let put = of(Provider::Oss, RequestKind::Put);
        assert!(put.contains(&pair("x-oss-meta-author", "%E7%85%A7%E7%89%87%20alice")));
        assert!(put.contains(&pair("x-oss-tagging", "a%20b=1%262")));
    }

    #[test]
    fn the_media_type_is_always_set() {
        let of = |key| {
            ObjectOptions::default().headers(Provider::Oss, RequestKind::Put, key)[0].1.clone()
        };
        assert_eq!(of("a/照片.JPG"), "image/jpeg");
        assert_eq!(of("no-extension"), "application/octet-stream");
    }
}
