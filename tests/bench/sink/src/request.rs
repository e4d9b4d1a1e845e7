//! The head of a request, and what it asks for.

/// Whose headers and sums the answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Oss,
    S3,
}

/// What the store can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    PutObject,
    HeadObject,
    DeleteObject,
    Initiate,
    UploadPart,
    Complete,
    Abort,
    ListParts,
    ListUploads,
    ListObjects,
    /// The bucket is there; nothing more is said of it.
    Bucket,
    Unknown,
}

/// A request but for its body.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Percent-decoded, without its bucket.
    pub(crate) key: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
}

impl Request {
    /// Reads a head, which ends before its empty line.
    pub(crate) fn parse(head: &[u8], bucket: &str) -> Option<Self> {
        let text = std::str::from_utf8(head).ok()?;
        let mut lines = text.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?.to_owned(), first.next()?);
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect();
        let mut request = Self { method, key: String::new(), query, headers };
        request.key = request.key_in(path, bucket);
        Some(request)
    }

    fn key_in(&self, path: &str, bucket: &str) -> String {
        let path = decoded(path.strip_prefix('/').unwrap_or(path));
        let host = self.header("host").unwrap_or("");
        if host.strip_prefix(bucket).is_some_and(|rest| rest.starts_with('.')) {
            return path;
        }
        match path.strip_prefix(bucket) {
            Some(rest) => rest.strip_prefix('/').unwrap_or(rest).to_owned(),
            None => path,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn dialect(&self) -> Dialect {
        let signed = self.header("authorization").is_some_and(|value| value.starts_with("OSS"));
        if signed || self.headers.iter().any(|(name, _)| name.starts_with("x-oss-")) {
            Dialect::Oss
        } else {
            Dialect::S3
        }
    }

    pub(crate) fn operation(&self) -> Operation {
        let has = |name| self.query(name).is_some();
        match (self.method.as_str(), self.key.is_empty()) {
            ("PUT", false) if has("partNumber") => Operation::UploadPart,
            ("PUT", false) => Operation::PutObject,
            ("HEAD", false) => Operation::HeadObject,
            ("POST", false) if has("uploads") => Operation::Initiate,
            ("POST", false) if has("uploadId") => Operation::Complete,
            ("GET", false) if has("uploadId") => Operation::ListParts,
            ("DELETE", false) if has("uploadId") => Operation::Abort,
            ("DELETE", false) => Operation::DeleteObject,
            ("GET", true) if has("uploads") => Operation::ListUploads,
            ("GET", true) if has("list-type") || has("prefix") => Operation::ListObjects,
            ("GET" | "HEAD" | "PUT", true) => Operation::Bucket,
            _ => Operation::Unknown,
        }
    }

    /// Whether the connection ends with this request.
    pub(crate) fn closes(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    pub(crate) fn content_length(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }

    pub(crate) fn is_chunked(&self) -> bool {
        self.header("transfer-encoding").is_some_and(|value| value.ends_with("chunked"))
    }

    /// Whether the body is in the chunks of AWS, within whatever carries it.
    pub(crate) fn is_aws_chunked(&self) -> bool {
        self.header("x-amz-content-sha256").is_some_and(|value| value.starts_with("STREAMING-"))
            || self.header("content-encoding").is_some_and(|value| value.contains("aws-chunked"))
    }
}

fn decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> Request {
        Request::parse(text.replace('\n', "\r\n").as_bytes(), "bench").expect("a whole head")
    }

    #[test]
    fn the_bucket_stands_in_the_path_or_in_the_host() {
        let path = request("PUT /bench/a%20b/%E4%B8%AD HTTP/1.1\nHost: 127.0.0.1:1");
        assert_eq!((path.key.as_str(), path.operation()), ("a b/中", Operation::PutObject));
        let host = request("POST /a/b?uploads HTTP/1.1\nHost: bench.localhost:1");
        assert_eq!((host.key.as_str(), host.operation()), ("a/b", Operation::Initiate));
        let same = request("PUT /bench/x HTTP/1.1\nHost: bench.localhost:1");
        assert_eq!(same.key, "bench/x");
        let whole = request("GET /bench/?uploads= HTTP/1.1\nHost: h");
        assert_eq!(whole.operation(), Operation::ListUploads);
    }

    #[test]
    fn the_dialect_is_the_signers() {
        let oss = request("PUT /bench/a HTTP/1.1\nHost: h\nAuthorization: OSS4-HMAC-SHA256 C");
        assert_eq!(oss.dialect(), Dialect::Oss);
        let s3 = request("PUT /bench/a HTTP/1.1\nHost: h\nAuthorization: AWS4-HMAC-SHA256 C");
        assert_eq!(s3.dialect(), Dialect::S3);
    }
}
