//! From an answer that is no success to a fault: its body or headers parsed, its hints checked
//! before they are passed on.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ferry_model::reaction::LONGEST_RETRY_AFTER;
use ferry_model::{Credentials, Fault, FaultKind, Provider, SignatureCheck, SignatureClue};
use http::HeaderMap;

use super::table::kind_of;
use super::{Delivery, StoreError, suggestion};
use crate::decimal::decimal;
use crate::endpoint::Scheme;
use crate::signing::redact::redact;
use crate::signing::{Signed, compare};
use crate::xml::ErrorDocument;

/// Longest text of a store that is kept.
const TEXT_LIMIT: usize = 2000;
/// Longest text of what was signed that is kept.
const SIGNED_LIMIT: usize = 6000;

/// Status and headers of an answer, and who may have given it.
#[derive(Debug, Clone)]
pub struct Head {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The proxy that could have answered in the store's place: of plain http only.
    pub proxy: Option<String>,
}

impl Head {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// The store's request id: also the mark by which a store's answer is told from a proxy's.
    pub fn request_id(&self) -> Option<&str> {
        self.header("x-oss-request-id").or_else(|| self.header("x-amz-request-id"))
    }

    /// When the answer was sent, in seconds since 1970.
    pub fn date(&self) -> Option<i64> {
        let time = httpdate::parse_http_date(self.header("date")?).ok()?;
        i64::try_from(time.duration_since(std::time::SystemTime::UNIX_EPOCH).ok()?.as_secs()).ok()
    }

    /// Whether the body calls itself HTML: no store's answer does.
    pub fn is_html(&self) -> bool {
        self.header("content-type")
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"))
    }
}

/// What was asked, as far as it decides what an answer means and what may be told of it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The store's dialect.
    pub provider: Provider,
    /// http or https.
    pub scheme: Scheme,
    /// The endpoint's host without the bucket.
    pub endpoint_host: &'a str,
    /// The bucket.
    pub bucket: &'a str,
    /// The region that was signed for.
    pub region: &'a str,
    /// The key, if the request named one.
    pub key: Option<&'a str>,
    /// Whether the request was conditional on the object's absence.
    pub only_if_absent: OnlyIfAbsent,
    /// The permissions that the request needs, as `oss:PutObject`.
    pub permission: &'a str,
    /// What it was signed with, so that nothing of it is repeated.
    pub credentials: &'a Credentials,
    /// The signature, to be compared with what the store signed. Absent where the request is not at
    /// hand any more.
    pub signed: Option<&'a Signed>,
}

/// Whether a request was conditional on the object's absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnlyIfAbsent {
    /// It was.
    Asked,
    /// It was not.
    NotAsked,
}

/// The error that an answer is.
pub fn classify(asked: &Asked<'_>, head: &Head, body: &[u8]) -> StoreError {
    let document = document(head, body);
    let foreign = document.is_none()
        && head.request_id().is_none()
        && (head.is_html() || !body.trim_ascii().is_empty());
    // 407 is a proxy's alone (RFC 9110, 15.5.8); tinyproxy says 401 to a wrong password.
    let proxy_spoke = foreign && head.proxy.is_some();
    match head.status {
        407 => return refused_by_proxy(FaultKind::ProxySignIn, head),
        401 if proxy_spoke => return refused_by_proxy(FaultKind::ProxySignIn, head),
        403 if proxy_spoke => return refused_by_proxy(FaultKind::ProxyRefused, head),
        _ => {}
    }
    if foreign && !(500..=599).contains(&head.status) && head.status != 429 {
        return refused_as_foreign(head);
    }
    let document = document.unwrap_or_default();
    let code = document.get("Code");
    let ec = document.get("EC").or_else(|| head.header("x-oss-ec"));
    let kind = kind_in_context(asked, head, &document, kind_of(head.status, code, ec));
    let mut fault = Fault::new(kind);
    let text = |value: &str| scrub(asked, value, TEXT_LIMIT);
    fault.subject = subject(asked, kind);
    fault.status = Some(head.status);
    fault.code = code.map(text);
    fault.ec = ec.map(text);
    fault.request_id = document.get("RequestId").or_else(|| head.request_id()).map(text);
    fault.host_id = document.get("HostId").or_else(|| head.header("x-amz-id-2")).map(text);
    fault.recommended_page =
        document.get("RecommendDoc").filter(|page| page.starts_with("https://")).map(text);
    fault.message = document.get("Message").map(text).or_else(|| message_of_status(head));
    match kind {
        FaultKind::BadSignature => {
            fault.signature =
                asked.signed.map(|signed| Box::new(signature_check(asked, signed, &document)))
        }
        FaultKind::AccessDenied => {
            fault.permission =
                Some(asked.permission.to_owned()).filter(|permission| !permission.is_empty())
        }
        FaultKind::WrongEndpoint | FaultKind::WrongRegion => {
            fault.suggested_endpoint = suggestion::endpoint(asked, head, &document);
            fault.suggested_region = suggestion::region(asked, head, &document);
        }
        _ => {}
    }
    fault.retry_after_seconds = retry_after(head);
    // A failure inside the store may come after the effect, and who stands between may have let the
    // request through; every other answer comes instead of the effect.
    let delivery = match kind {
        FaultKind::ServerError | FaultKind::NotStore => Delivery::Perhaps,
        _ => Delivery::Answered,
    };
    StoreError::new(fault, delivery)
}

/// The error's document: the body, or on HEAD the header `x-oss-err`.
fn document(head: &Head, body: &[u8]) -> Option<ErrorDocument> {
    let read =
        |bytes: &[u8]| ErrorDocument::read(bytes).ok().or_else(|| ErrorDocument::salvage(bytes));
    let in_header =
        || STANDARD.decode(head.header("x-oss-err")?).ok().and_then(|bytes| read(&bytes));
    read(body).or_else(in_header)
}

fn refused_by_proxy(kind: FaultKind, head: &Head) -> StoreError {
    let mut fault = Fault::new(kind);
    fault.subject = head.proxy.clone();
    fault.status = Some(head.status);
    fault.message = message_of_status(head);
    StoreError::new(fault, Delivery::Answered)
}

fn refused_as_foreign(head: &Head) -> StoreError {
    let mut fault = Fault::new(FaultKind::NotStore)
        .with_detail(format!("HTTP {} without a store's document", head.status));
    fault.status = Some(head.status);
    fault.retry_after_seconds = retry_after(head);
    StoreError::new(fault, Delivery::Perhaps)
}

/// What the code means here: some codes mean several things.
fn kind_in_context(
    asked: &Asked<'_>,
    head: &Head,
    document: &ErrorDocument,
    kind: FaultKind,
) -> FaultKind {
    let names_endpoint = || {
        document.get("Endpoint").is_some()
            || document
                .get("Message")
                .is_some_and(|text| text.contains("must be addressed using the specified endpoint"))
    };
    let other_region =
        || head.header("x-amz-bucket-region").is_some_and(|region| region != asked.region);
    let says = |word: &str| {
        document.get("Message").is_some_and(|text| text.to_ascii_lowercase().contains(word))
    };
    match kind {
        FaultKind::AccessDenied if names_endpoint() => FaultKind::WrongEndpoint,
        // "This request is forbidden by kms", "not authorized to perform: kms:GenerateDataKey".
        FaultKind::AccessDenied if says(" kms") => FaultKind::EncryptionKeyRefused,
        // The same code is used where the key's id cannot be read.
        FaultKind::WrongRegion if document.get("Region").is_none() && says("access key") => {
            FaultKind::BadAccessKey
        }
        // A HEAD has no body: only this header says what the 400 was about.
        FaultKind::InvalidRequest if head.status == 400 && other_region() => FaultKind::WrongRegion,
        FaultKind::PreconditionFailed if asked.only_if_absent == OnlyIfAbsent::Asked => {
            FaultKind::AlreadyExists
        }
        FaultKind::BadAccessKey
            if head.status == 401 && asked.credentials.security_token.is_some() =>
        {
            FaultKind::TokenExpired
        }
        // Without a store's mark this is a login page's redirect, not a store's.
        FaultKind::WrongEndpoint
            if (300..=399).contains(&head.status) && !is_stores_redirect(asked, head, document) =>
        {
            FaultKind::NotStore
        }
        kind => kind,
    }
}

fn is_stores_redirect(asked: &Asked<'_>, head: &Head, document: &ErrorDocument) -> bool {
    document.get("Code").is_some()
        || head.request_id().is_some()
        || head.header("x-amz-bucket-region").is_some()
        || suggestion::is_plausible_redirect(asked, head)
}

/// What the store signed beside what was signed here.
fn signature_check(asked: &Asked<'_>, signed: &Signed, document: &ErrorDocument) -> SignatureCheck {
    // As bytes it comes undamaged by XML; as text, every service has it.
    let from_bytes = |name: &str| {
        let hexed: String = document.get(name)?.split_whitespace().collect();
        String::from_utf8(hex::decode(hexed).ok()?).ok()
    };
    let theirs =
        from_bytes("StringToSignBytes").or_else(|| document.get("StringToSign").map(str::to_owned));
    let canonical = from_bytes("CanonicalRequestBytes")
        .or_else(|| document.get("CanonicalRequest").map(str::to_owned));
    let clue = compare::compare(signed, theirs.as_deref(), canonical.as_deref());
    let shown = |text: &str| scrub(asked, text, SIGNED_LIMIT);
    let same = clue == SignatureClue::SameText;
    SignatureCheck {
        clue,
        theirs: theirs.as_deref().map(shown),
        ours: (!same).then(|| shown(&signed.string_to_sign)),
        canonical_theirs: canonical.as_deref().map(shown),
        canonical_ours: signed.canonical_request.as_deref().filter(|_| !same).map(shown),
    }
}

fn subject(asked: &Asked<'_>, kind: FaultKind) -> Option<String> {
    use FaultKind as K;
    match kind {
        K::NoSuchBucket
        | K::WrongEndpoint
        | K::WrongRegion
        | K::AddressingRefused
        | K::InvalidBucketName => Some(asked.bucket.to_owned()),
        K::AccountSuspended | K::StoreFull => Some(asked.bucket.to_owned()),
        _ => asked.key.map(str::to_owned),
    }
}

fn message_of_status(head: &Head) -> Option<String> {
    let reason =
        http::StatusCode::from_u16(head.status).ok().and_then(|status| status.canonical_reason());
    Some(format!("HTTP {} {}", head.status, reason.unwrap_or_default()).trim().to_owned())
}

/// How long the answer asks to wait (`Retry-After`; RFC 9110, 10.2.3), in seconds: digits, or a
/// date counted from the answer's own. At most [`LONGEST_RETRY_AFTER`], however many digits there
/// are.
pub fn retry_after(head: &Head) -> Option<u32> {
    let text = head.header("retry-after")?;
    let seconds = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        decimal(text).unwrap_or(u64::MAX)
    } else {
        let until = httpdate::parse_http_date(text)
            .ok()?
            .duration_since(std::time::SystemTime::UNIX_EPOCH)
            .ok()?
            .as_secs();
        until.saturating_sub(u64::try_from(head.date()?).ok()?)
    };
    u32::try_from(seconds.min(LONGEST_RETRY_AFTER.as_secs())).ok()
}

/// A store's text without anything secret in it: stores repeat what was signed, and that holds the
/// session token.
fn scrub(asked: &Asked<'_>, text: &str, limit: usize) -> String {
    let readable: String =
        text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    // Cut only then: a secret that is cut in two would not be found.
    redact(&readable, asked.credentials, asked.signed.map(|signed| signed.signature.as_str()))
        .chars()
        .take(limit)
        .collect()
}

#[cfg(test)]
mod tests;
