//! A request as the sandbox reads it: method, raw path, decoded query, headers.

use http::request::Parts;
use http::{HeaderMap, Method};

use crate::error::ApiError;
use crate::percent::{self, Plus};

/// Whose rules a request follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Dialect {
    /// Alibaba Cloud OSS.
    Oss,
    /// Amazon S3 and its kin.
    S3,
}

impl Dialect {
    /// Prefix of the dialect's own headers.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Oss => "x-oss-",
            Self::S3 => "x-amz-",
        }
    }
}

/// The decoded query, in the order of the wire.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    fn parse(text: &str) -> Option<Self> {
        text.split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Some((percent::decode(name, Plus::Space)?, percent::decode(value, Plus::Space)?))
            })
            .collect::<Option<_>>()
            .map(Self)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(candidate, _)| candidate == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The head of a request. The body travels apart.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The path exactly as the request line has it, still encoded.
    pub(crate) raw_path: String,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
    /// The Host header, with its port if it has one.
    pub(crate) host: String,
}

impl Request {
    /// Reads a head. Fails with `InvalidURI` where an escape does not decode to UTF-8.
    pub(crate) fn read(parts: Parts) -> Result<Self, ApiError> {
        let query = Query::parse(parts.uri.query().unwrap_or(""))
            .ok_or_else(|| ApiError::new("InvalidURI"))?;
        let host = parts
            .headers
            .get(http::header::HOST)
            .and_then(|value| value.to_str().ok())
            .or_else(|| parts.uri.authority().map(|authority| authority.as_str()))
            .unwrap_or("")
            .to_owned();
        Ok(Self {
            method: parts.method,
            raw_path: parts.uri.path().to_owned(),
            query,
            headers: parts.headers,
            host,
        })
    }

    /// A header's value as text; `None` when absent or not visible ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A number from the query, or `default` when the name is absent or empty.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when it is no number.
    pub(crate) fn number(&self, name: &str, default: u64) -> Result<u64, ApiError> {
        match self.query.get(name) {
            None | Some("") => Ok(default),
            Some(text) => text.parse().map_err(|_| {
                ApiError::argument(name, text, "The argument must be a whole number.")
            }),
        }
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// A request from its pieces, for tests of whatever reads one.
    pub(crate) fn request(method: &str, url: &str, headers: &[(&str, &str)]) -> Request {
        let mut builder = http::Request::builder().method(method);
        let uri: http::Uri = url.parse().expect("a test's URL parses");
        if let Some(authority) = uri.authority() {
            let host = match (authority.port_u16(), uri.scheme_str()) {
                (Some(443), Some("https")) | (Some(80), Some("http")) => authority.host(),
                _ => authority.as_str(),
            };
            builder = builder.header("host", host);
        }
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let (parts, ()) =
            builder.uri(uri).body(()).expect("a test's request is valid").into_parts();
        Request::read(parts).expect("a test's request reads")
    }
}

#[cfg(test)]
mod tests {
    use super::testing::request;

    #[test]
    fn reads_the_path_raw_and_the_query_decoded() {
        let request = request("GET", "http://h/b//a%2F../x?uploads&a=%2B+b&e=", &[]);
        assert_eq!(request.raw_path, "/b//a%2F../x");
        assert_eq!(request.query.get("a"), Some("+ b"));
        assert!(request.query.has("uploads") && request.query.has("e"));
        assert_eq!(request.host, "h");
    }
}
