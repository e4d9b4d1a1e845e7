//! S3 Signature V4 (AWS4-HMAC-SHA256, header and URL).

use super::scope::{CredentialScope, compact_time, field};
use super::{Verified, Verifier, hmac_sha256, mismatch, same, sha256_hex};
use crate::error::ApiError;
use crate::percent::{self, Plus};
use crate::request::{Dialect, Request};

const TERMINATOR: &str = "aws4_request";
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What the chunks of a `STREAMING-AWS4-HMAC-SHA256-PAYLOAD` body are signed with: a chain that
/// begins at the request's own signature.
#[derive(Debug, Clone)]
pub(crate) struct ChunkSigning {
    key: [u8; 32],
    date: String,
    scope: String,
    previous: String,
}

impl ChunkSigning {
    /// The chain of the examples in the S3 documentation, from this seed on.
    #[cfg(test)]
    pub(crate) fn documented(seed: &str) -> Self {
        let scope = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
        let scope = CredentialScope::parse(scope, TERMINATOR).expect("the documented scope is one");
        Self {
            key: scope.key("AWS4", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            date: "20130524T000000Z".to_owned(),
            scope: scope.text(),
            previous: seed.to_owned(),
        }
    }

    /// Whether `signature` is that of the next chunk, whose data hashes to `data_sha256`. Moves the
    /// chain on.
    pub(crate) fn check_chunk(&mut self, signature: &str, data_sha256: &[u8]) -> bool {
        let text = format!(
            "AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{EMPTY_SHA256}\n{}",
            self.date,
            self.scope,
            self.previous,
            hex::encode(data_sha256)
        );
        self.check(signature, &text)
    }

    /// Whether `signature` is that of the trailer with these lines (`name:value\n` each).
    pub(crate) fn check_trailer(&mut self, signature: &str, lines: &str) -> bool {
        let text = format!(
            "AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}\n{}",
            self.date,
            self.scope,
            self.previous,
            sha256_hex(lines.as_bytes())
        );
        self.check(signature, &text)
    }

    fn check(&mut self, signature: &str, text: &str) -> bool {
        let expected = hex::encode(hmac_sha256(&self.key, text.as_bytes()));
        let matches = same(expected.as_bytes(), signature.as_bytes());
        self.previous = expected;
        matches
    }
}

struct Claim<'a> {
    scope: CredentialScope<'a>,
    date: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
    payload: &'a str,
}

/// Verifies `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.
pub(super) fn header(verifier: &Verifier<'_>, request: &Request) -> Result<Verified, ApiError> {
    let authorization = request.header("authorization").unwrap_or("");
    let malformed = |message: &str| ApiError::new("AuthorizationHeaderMalformed").message(message);
    let scope = field(authorization, "Credential")
        .and_then(|text| CredentialScope::parse(text, TERMINATOR))
        .ok_or_else(|| {
            malformed("The authorization header is malformed; the Credential is mal-formed.")
        })?;
    let signed_headers = field(authorization, "SignedHeaders").ok_or_else(|| {
        malformed("The authorization header is malformed; SignedHeaders is missing.")
    })?;
    let signature = field(authorization, "Signature")
        .ok_or_else(|| malformed("The authorization header is malformed; Signature is missing."))?;
    let credential = verifier.credential(scope.access_key_id).map_err(s3_wording)?;
    check_scope(verifier, &scope, request, malformed)?;
    let (date, signed_at) = request_time(request).ok_or_else(|| {
        ApiError::new("AccessDenied")
            .message("AWS authentication requires a valid Date or x-amz-date header")
    })?;
    if !date.starts_with(scope.date) {
        return Err(malformed(
            "The authorization header is malformed; the date is not that of the scope.",
        ));
    }
    verifier.check_skew(signed_at)?;
    verifier.check_token(credential, request.header("x-amz-security-token"), Dialect::S3)?;
    let payload = request.header("x-amz-content-sha256").ok_or_else(|| {
        ApiError::new("MissingSecurityHeader")
            .message("Missing required header for this request: x-amz-content-sha256")
    })?;
    let claim = Claim { scope, date, signed_headers, signature, payload };
    compare(&claim, &credential.access_key_secret, request)
}

/// Verifies `?X-Amz-Algorithm=AWS4-HMAC-SHA256&…`.
pub(super) fn presigned(verifier: &Verifier<'_>, request: &Request) -> Result<Verified, ApiError> {
    let query = &request.query;
    let invalid =
        |message: &str| ApiError::new("AuthorizationQueryParametersError").message(message);
    if query.get("X-Amz-Algorithm") != Some("AWS4-HMAC-SHA256") {
        return Err(invalid("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\""));
    }
    let scope = CredentialScope::parse(query.get("X-Amz-Credential").unwrap_or(""), TERMINATOR)
        .ok_or_else(|| invalid("Error parsing the X-Amz-Credential parameter"))?;
    let credential = verifier.credential(scope.access_key_id).map_err(s3_wording)?;
    check_scope(verifier, &scope, request, invalid)?;
    let date = query.get("X-Amz-Date").unwrap_or("");
    let signed_at =
        compact_time(date).filter(|_| date.starts_with(scope.date)).ok_or_else(|| {
            invalid("X-Amz-Date must be in the ISO8601 Long Format and of the scope's day")
        })?;
    verifier.check_life(signed_at, query.get("X-Amz-Expires"), invalid)?;
    let token =
        query.get("X-Amz-Security-Token").or_else(|| request.header("x-amz-security-token"));
    verifier.check_token(credential, token, Dialect::S3)?;
    let claim = Claim {
        scope,
        date,
        signed_headers: query.get("X-Amz-SignedHeaders").unwrap_or(""),
        signature: query.get("X-Amz-Signature").unwrap_or(""),
        payload: request.header("x-amz-content-sha256").unwrap_or("UNSIGNED-PAYLOAD"),
    };
    compare(&claim, &credential.access_key_secret, request)
}

fn s3_wording(error: ApiError) -> ApiError {
    let extra = error
        .extra
        .into_iter()
        .map(|(name, value)| {
            if name == "OSSAccessKeyId" { ("AWSAccessKeyId".into(), value) } else { (name, value) }
        })
        .collect();
    let message = match error.code.as_str() {
        "InvalidAccessKeyId" => {
            "The AWS Access Key Id you provided does not exist in our records.".to_owned()
        }
        _ => error.message,
    };
    ApiError { extra, message, ..error }
}

/// The time of signing, as text in the compact form and as an instant.
fn request_time(request: &Request) -> Option<(&str, time::OffsetDateTime)> {
    let date = request.header("x-amz-date")?;
    Some((date, compact_time(date)?))
}

fn check_scope(
    verifier: &Verifier<'_>,
    scope: &CredentialScope<'_>,
    request: &Request,
    refusal: impl Fn(&str) -> ApiError,
) -> Result<(), ApiError> {
    if scope.product != "s3" {
        return Err(refusal("the service of the credential must be \"s3\""));
    }
    // AWS answers GetBucketLocation whatever the region: it is how clients learn it.
    if scope.region == verifier.region || request.query.has("location") {
        return Ok(());
    }
    let message = format!(
        "The authorization header is malformed; the region '{}' is wrong; expecting '{}'",
        scope.region, verifier.region
    );
    Err(refusal(&message).with("Region", verifier.region))
}

fn compare(claim: &Claim<'_>, secret: &str, request: &Request) -> Result<Verified, ApiError> {
    let names: Vec<&str> = claim.signed_headers.split(';').collect();
    check_signed(request, &names)?;
    let canonical = canonical_request(claim, request, &names);
    let scope = claim.scope.text();
    let string_to_sign =
        format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{}", claim.date, sha256_hex(&canonical));
    let key = claim.scope.key("AWS4", secret);
    let expected = hex::encode(hmac_sha256(&key, string_to_sign.as_bytes()));
    if !same(expected.as_bytes(), claim.signature.as_bytes()) {
        let error = mismatch(claim.scope.access_key_id, claim.signature, string_to_sign.as_bytes())
            .with("CanonicalRequest", String::from_utf8_lossy(&canonical));
        return Err(s3_wording(error));
    }
    Ok(Verified {
        chunks: claim.payload.starts_with("STREAMING-AWS4-HMAC-SHA256").then(|| ChunkSigning {
            key,
            date: claim.date.to_owned(),
            scope,
            previous: expected,
        }),
    })
}

/// `host` and every `x-amz-*` header that came must be among the signed.
fn check_signed(request: &Request, names: &[&str]) -> Result<(), ApiError> {
    let unsigned: Vec<&str> = request
        .headers
        .keys()
        .map(|name| name.as_str())
        .filter(|name| *name == "host" || name.starts_with("x-amz-"))
        .filter(|name| !names.contains(name))
        .collect();
    if unsigned.is_empty() {
        return Ok(());
    }
    Err(ApiError::new("AccessDenied")
        .message("There were headers present in the request which were not signed")
        .with("HeadersNotSigned", unsigned.join(", ")))
}

fn canonical_request(claim: &Claim<'_>, request: &Request, names: &[&str]) -> Vec<u8> {
    let path = percent::decode(&request.raw_path, Plus::Literal)
        .map_or_else(|| request.raw_path.clone(), |path| percent::encode_path(path.as_bytes()));
    let mut out =
        format!("{}\n{path}\n{}\n", request.method, canonical_query(request)).into_bytes();
    for name in names {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        let values: Vec<Vec<u8>> =
            request.headers.get_all(*name).iter().map(|value| collapse(value.as_bytes())).collect();
        out.extend_from_slice(&values.join(&b','));
        out.push(b'\n');
    }
    out.push(b'\n');
    out.extend_from_slice(claim.signed_headers.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(claim.payload.as_bytes());
    out
}

/// Trimmed, with runs of spaces as one.
fn collapse(value: &[u8]) -> Vec<u8> {
    let words: Vec<&[u8]> = value
        .split(|byte| *byte == b' ' || *byte == b'\t')
        .filter(|word| !word.is_empty())
        .collect();
    words.join(&b' ')
}

/// All pairs but the signature, encoded, sorted, each with its `=`.
fn canonical_query(request: &Request) -> String {
    let mut pairs: Vec<(String, String)> = request
        .query
        .pairs()
        .filter(|(name, _)| *name != "X-Amz-Signature")
        .map(|(name, value)| (percent::encode(name.as_bytes()), percent::encode(value.as_bytes())))
        .collect();
    pairs.sort();
    let texts: Vec<String> =
        pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    texts.join("&")
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    /// The two examples of the S3 documentation: 65 KiB of `a` in chunks of 64 KiB, without and
    /// with a trailer.
    #[test]
    fn chunks_are_signed_as_the_documentation_shows() {
        let (large, small) = (Sha256::digest([b'a'; 65536]), Sha256::digest([b'a'; 1024]));
        let empty = Sha256::digest(b"");
        let mut plain = ChunkSigning::documented(
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        );
        assert!(plain.check_chunk(
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            &large
        ));
        assert!(plain.check_chunk(
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            &small
        ));
        assert!(plain.check_chunk(
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
            &empty
        ));
        let mut trailed = ChunkSigning::documented(
            "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
        );
        assert!(trailed.check_chunk(
            "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
            &large
        ));
        assert!(trailed.check_chunk(
            "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
            &small
        ));
        assert!(trailed.check_chunk(
            "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
            &empty
        ));
        let lines = "x-amz-checksum-crc32c:sOO8/Q==\n";
        assert!(trailed.check_trailer(
            "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
            lines
        ));
        assert!(!plain.check_chunk(
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
            &empty
        ));
    }
}
