//! OSS's upload callback: once an object is stored, a server of the user's choice is told, and its
//! answer becomes the answer to the client (OSS: "Callback", "HTTP status code 203").
//!
//! Two things are not done: the request to that server carries no RSA signature, which only OSS
//! itself could make, and nothing but loopback is ever called, so that a sandbox cannot be used to
//! reach into a network.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{Request as Outgoing, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use md5::{Digest as _, Md5};
use serde_json::Value;
use tokio::net::TcpStream;

use crate::error::ApiError;
use crate::percent;
use crate::request::Request;

/// Most addresses in one `callbackUrl`.
const MOST_URLS: usize = 5;
/// Largest answer of the user's server that is passed on, in bytes.
const LARGEST_ANSWER: usize = 3 * 1024 * 1024;

/// How variables are put into the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyType {
    /// `application/x-www-form-urlencoded`: their values percent-encoded.
    Form,
    /// `application/json`: their values as JSON.
    Json,
}

/// What the client asked for, checked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Callback {
    urls: Vec<Uri>,
    host: Option<String>,
    body: String,
    body_type: BodyType,
    /// The client's own variables, by their names with `x:`.
    own: BTreeMap<String, String>,
}

/// What the user's server is told about the object.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    /// Without quotes.
    pub(crate) etag: &'a str,
    /// Bytes.
    pub(crate) size: u64,
    pub(crate) crc64: u64,
    pub(crate) mime_type: &'a str,
    /// `PutObject` or `CompleteMultipartUpload`.
    pub(crate) operation: &'a str,
    pub(crate) request_id: &'a str,
}

impl Callback {
    /// Reads `x-oss-callback` and `x-oss-callback-var`, or their forms in the query of a link.
    /// `None` when no server is named.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when they are not base64 of a JSON object, the body is missing or of the
    /// wrong type, an address is no http URL, or an own variable's name does not begin with `x:`.
    pub(crate) fn read(request: &Request) -> Result<Option<Self>, ApiError> {
        let named = |header: &'static str, query: &'static str| {
            request
                .header(header)
                .map(|text| (header, text))
                .or_else(|| request.query.get(query).map(|text| (query, text)))
        };
        let Some((name, text)) = named("x-oss-callback", "callback") else { return Ok(None) };
        let refusal = |message: &str, ec: &str| ApiError::argument(name, text, message).ec(ec);
        let fields = object(text).ok_or_else(|| {
            refusal("The callback configuration is not json format.", "0007-00000001")
        })?;
        let field = |field: &str| fields.get(field).and_then(Value::as_str);
        let Some(urls) = field("callbackUrl").filter(|urls| !urls.is_empty()) else {
            return Ok(None);
        };
        let urls: Vec<Uri> = urls
            .split(';')
            .map(|url| url_of(url.trim()))
            .collect::<Option<_>>()
            .filter(|urls: &Vec<Uri>| urls.len() <= MOST_URLS)
            .ok_or_else(|| refusal("The callbackUrl is not a valid URL.", "0007-00000004"))?;
        let body = field("callbackBody").filter(|body| !body.is_empty()).ok_or_else(|| {
            refusal("The callbackBody is not a string, or it is empty.", "0007-00000011")
        })?;
        let body_type = match field("callbackBodyType") {
            None | Some("" | "application/x-www-form-urlencoded") => BodyType::Form,
            Some("application/json") => BodyType::Json,
            Some(_) => {
                return Err(refusal("The callbackBodyType is not supported.", "0007-00000008"));
            }
        };
        let own = match named("x-oss-callback-var", "callback-var") {
            None => BTreeMap::new(),
            Some((name, text)) => own_variables(text).ok_or_else(|| {
                ApiError::argument(
                    name,
                    text,
                    "The callback-var is not a json object of texts whose names begin with x:.",
                )
            })?,
        };
        let host = field("callbackHost").filter(|host| !host.is_empty()).map(str::to_owned);
        Ok(Some(Self { urls, host, body: body.to_owned(), body_type, own }))
    }

    /// Tells the servers in their order, until one takes it. Gives its JSON.
    ///
    /// # Errors
    ///
    /// `CallbackFailed`, status 203, with what went wrong at the last of them.
    ///
    /// # Cancellation
    ///
    /// Dropped on its way, the server may or may not have been told.
    pub(crate) async fn send(
        &self,
        facts: &Facts<'_>,
        limit: Duration,
    ) -> Result<String, ApiError> {
        let body = self.filled(facts);
        let mut problem = None;
        for url in &self.urls {
            let outcome = match tokio::time::timeout(limit, self.post(url, &body, facts)).await {
                Ok(outcome) => outcome,
                Err(_) => Err(("Cost too long time.".to_owned(), "0007-00000202")),
            };
            match outcome {
                Ok(answer) => return Ok(answer),
                Err(reason) => problem = Some(reason),
            }
        }
        let (message, ec) = problem.unwrap_or_default();
        Err(ApiError::new("CallbackFailed").message(message).ec(ec))
    }

    /// The body with its variables replaced.
    fn filled(&self, facts: &Facts<'_>) -> String {
        let mut out = String::new();
        let mut rest = self.body.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, tail)) = after.split_once('}') else { break };
            out.push_str(before);
            out.push_str(&self.variable(name, facts));
            rest = tail;
        }
        out + rest
    }

    /// The value of a variable in the form of the body; an unknown one is empty.
    fn variable(&self, name: &str, facts: &Facts<'_>) -> String {
        let text = match name {
            "bucket" => facts.bucket,
            "object" => facts.key,
            "etag" => facts.etag,
            "mimeType" => facts.mime_type,
            "operation" => facts.operation,
            "reqId" => facts.request_id,
            "clientIp" => "127.0.0.1",
            "size" => return facts.size.to_string(),
            "crc64" => return facts.crc64.to_string(),
            name => self.own.get(name).map_or("", String::as_str),
        };
        match self.body_type {
            BodyType::Form => percent::encode(text.as_bytes()),
            BodyType::Json => Value::from(text).to_string(),
        }
    }

    async fn post(
        &self,
        url: &Uri,
        body: &str,
        facts: &Facts<'_>,
    ) -> Result<String, (String, &'static str)> {
        let failed =
            |status: u16, why: &str| (format!("Error status : {status}. {why}"), "0007-00000203");
        let address = loopback(url).ok_or_else(|| {
            ("Private address is forbidden to callback.".to_owned(), "0007-00000201")
        })?;
        let unreached =
            |_| failed(502, "OSS can not connect to your callback_url, please check it.");
        let stream = TcpStream::connect(address).await.map_err(unreached)?;
        let broken = |_| failed(502, "The connection to your callback_url broke.");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let request = self
            .request(url, body, facts)
            .ok_or_else(|| failed(400, "The request cannot be made."))?;
        let exchange = async {
            let answer = sender.send_request(request).await?;
            let (head, body) = answer.into_parts();
            Ok::<_, hyper::Error>((head, Limited::new(body, LARGEST_ANSWER).collect().await))
        };
        // The connection is driven beside the exchange and ends with it.
        let exchanged = tokio::select! {
            exchanged = exchange => exchanged,
            _ = async { let _ = connection.await; std::future::pending::<()>().await } => unreachable!("it never ends"),
        };
        let (head, body) = exchanged.map_err(broken)?;
        if head.status != StatusCode::OK {
            return Err(failed(head.status.as_u16(), "Your callback_url did not answer with 200."));
        }
        if !head.headers.contains_key(header::CONTENT_LENGTH) {
            return Err(failed(400, "User server return too long content-length value"));
        }
        let body = body
            .map_err(|_| failed(400, "User server return too long content-length value"))?
            .to_bytes();
        let text = String::from_utf8(body.into())
            .ok()
            .filter(|text| serde_json::from_str::<Value>(text).is_ok());
        text.ok_or_else(|| ("Response body is not valid json format.".to_owned(), "0007-00000205"))
    }

    fn request(&self, url: &Uri, body: &str, facts: &Facts<'_>) -> Option<Outgoing<Full<Bytes>>> {
        let target = url.path_and_query().map_or("/", |target| target.as_str());
        let host =
            self.host.as_deref().or_else(|| url.authority().map(|authority| authority.as_str()))?;
        let kind = match self.body_type {
            BodyType::Form => "application/x-www-form-urlencoded",
            BodyType::Json => "application/json",
        };
        Outgoing::post(if target.is_empty() { "/" } else { target })
            .header(header::HOST, host)
            .header(header::CONNECTION, "close")
            .header(header::CONTENT_TYPE, kind)
            .header(header::USER_AGENT, "ferry-sandbox-callback")
            .header("content-md5", BASE64_STANDARD.encode(Md5::digest(body)))
            .header("x-oss-bucket", facts.bucket)
            .header("x-oss-request-id", facts.request_id)
            .header("x-oss-tag", "CALLBACK")
            .body(Full::new(Bytes::from(body.to_owned())))
            .ok()
    }
}

/// Base64 of a JSON object.
fn object(text: &str) -> Option<serde_json::Map<String, Value>> {
    match serde_json::from_slice(&BASE64_STANDARD.decode(text).ok()?).ok()? {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}

fn own_variables(text: &str) -> Option<BTreeMap<String, String>> {
    let fields = object(text)?;
    fields
        .into_iter()
        .map(|(name, value)| match value {
            Value::String(value) if name.starts_with("x:") => Some((name, value)),
            _ => None,
        })
        .collect()
}

/// OSS takes addresses without a scheme for http.
fn url_of(text: &str) -> Option<Uri> {
    let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url: Uri = text.parse().ok()?;
    let is_http = matches!(url.scheme_str(), Some("http" | "https"));
    // A port that is no number reads as none at all.
    let named_port = url.authority()?.as_str().rsplit_once(url.host()?)?.1;
    let port_holds = named_port.is_empty() || url.port_u16().is_some();
    (is_http && port_holds).then_some(url)
}

/// Where to connect, if that is this machine and plain http.
fn loopback(url: &Uri) -> Option<SocketAddr> {
    if url.scheme_str() != Some("http") {
        return None;
    }
    let host = url.host()?.trim_start_matches('[').trim_end_matches(']');
    let is_local = host == "localhost" || host.ends_with(".localhost");
    let address: IpAddr = if is_local { Ipv4Addr::LOCALHOST.into() } else { host.parse().ok()? };
    address.is_loopback().then(|| SocketAddr::new(address, url.port_u16().unwrap_or(80)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::testing::request;

    fn facts() -> Facts<'static> {
        Facts {
            bucket: "b",
            key: "照 片&.jpg",
            etag: "5D41",
            size: 5,
            crc64: u64::MAX,
            mime_type: "text/plain",
            operation: "PutObject",
            request_id: "R",
        }
    }

    fn read(callback: &str, own: Option<&str>) -> Result<Option<Callback>, ApiError> {
        let callback = BASE64_STANDARD.encode(callback);
        let own = own.map(|own| BASE64_STANDARD.encode(own));
        let mut headers = vec![("x-oss-callback", callback.as_str())];
        headers.extend(own.as_deref().map(|own| ("x-oss-callback-var", own)));
        Callback::read(&request("PUT", "http://h/b/k", &headers))
    }

    #[test]
    fn variables_take_the_form_of_the_body() {
        let own = Some(r#"{"x:who":"al \"ice"}"#);
        let form = r#"{"callbackUrl":"127.0.0.1:9/x","callbackBody":"o=${object}&s=${size}&w=${x:who}&n=${nobody}&e=${etag}"}"#;
        let filled = read(form, own).unwrap().unwrap().filled(&facts());
        assert_eq!(filled, "o=%E7%85%A7%20%E7%89%87%26.jpg&s=5&w=al%20%22ice&n=&e=5D41");
        let json = r#"{"callbackUrl":"http://127.0.0.1/","callbackBody":"{\"o\":${object},\"s\":${size},\"w\":${x:who}}",
                       "callbackBodyType":"application/json"}"#;
        let filled = read(json, own).unwrap().unwrap().filled(&facts());
        let value: Value = serde_json::from_str(&filled).unwrap();
        assert_eq!(value, serde_json::json!({ "o": "照 片&.jpg", "s": 5, "w": "al \"ice" }));
    }

    #[test]
    fn what_is_no_callback_is_refused() {
        for (callback, own) in [
            ("not json", None),
            ("[1]", None),
            (r#"{"callbackUrl":"http://127.0.0.1/"}"#, None),
            (r#"{"callbackUrl":"http://127.0.0.1/","callbackBody":""}"#, None),
            (r#"{"callbackUrl":"http://127.0.0.1/","callbackBody":[1]}"#, None),
            (r#"{"callbackUrl":"ftp://127.0.0.1/","callbackBody":"a"}"#, None),
            (r#"{"callbackUrl":"127.0.0.1:port","callbackBody":"a"}"#, None),
            (r#"{"callbackUrl":"a;b;c;d;e;f","callbackBody":"a"}"#, None),
            (r#"{"callbackUrl":"a","callbackBody":"a","callbackBodyType":"text/plain"}"#, None),
            (r#"{"callbackUrl":"a","callbackBody":"a"}"#, Some(r#"{"who":"alice"}"#)),
            (r#"{"callbackUrl":"a","callbackBody":"a"}"#, Some(r#"{"x:who":1}"#)),
        ] {
            assert_eq!(
                read(callback, own).unwrap_err().code,
                "InvalidArgument",
                "{callback} {own:?}"
            );
        }
        assert_eq!(read(r#"{"callbackUrl":"","callbackBody":"a"}"#, None).unwrap(), None);
        let bare = request("PUT", "http://h/b/k?callback=%21", &[]);
        assert_eq!(Callback::read(&bare).unwrap_err().code, "InvalidArgument");
        assert_eq!(Callback::read(&request("PUT", "http://h/b/k", &[])).unwrap(), None);
    }

    #[test]
    fn only_this_machine_is_called() {
        for (url, expected) in [
            ("http://127.0.0.1:8080/x", Some("127.0.0.1:8080")),
            ("127.9.9.9/x", Some("127.9.9.9:80")),
            ("http://app.localhost:81", Some("127.0.0.1:81")),
            ("http://[::1]:82/", Some("[::1]:82")),
            ("https://127.0.0.1/", None),
            ("http://10.0.0.1/", None),
            ("http://example.com/", None),
            ("http://localhost.example.com/", None),
        ] {
            let address =
                url_of(url).and_then(|url| loopback(&url)).map(|address| address.to_string());
            assert_eq!(address.as_deref(), expected, "{url}");
        }
    }
}
