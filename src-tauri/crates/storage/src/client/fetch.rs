//! A GET of an address that is no store's: nothing is signed. Redirects are followed, as places
//! where programs are published lead to others.

use std::time::Duration;

use bytes::Bytes;
use ferry_model::{Fault, FaultKind};
use http::StatusCode;
use http::header::LOCATION;
use reqwest::{Response, Url};

use super::{CONNECT_TIMEOUT, HttpClient, Timeouts};
use crate::endpoint::is_loopback;
use crate::error::transport;

/// How often an answer may lead elsewhere.
const MOST_REDIRECTS: usize = 5;

impl HttpClient {
    /// Gets what is at an address, at most `most` bytes, within `limit`. Only https is spoken, but
    /// to this computer itself.
    ///
    /// # Errors
    /// [`FaultKind::InvalidInput`] for an address that cannot be used, also one that an answer leads
    /// to; those of the way there; [`FaultKind::ServerError`] for a status that is no success;
    /// [`FaultKind::NotStore`] for more bytes; [`FaultKind::Stalled`].
    ///
    /// # Cancellation
    /// Dropping the future closes the connection.
    pub async fn fetch(&self, url: &str, most: usize, limit: Duration) -> Result<Bytes, Fault> {
        let url: Url = url.parse().map_err(|_| unusable(url, "it is no URL"))?;
        let late = || Fault::new(FaultKind::Stalled).with_subject(host_of(&url));
        let followed = tokio::time::timeout(limit, self.follow(url.clone(), most));
        followed.await.unwrap_or_else(|_| Err(late()))
    }

    async fn follow(&self, mut url: Url, most: usize) -> Result<Bytes, Fault> {
        check(&url, is_local(&url))?;
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.get(&url).await?;
            let status = answer.status();
            if status.is_success() {
                let body = http::Response::from(answer).into_body();
                let whole = self.collect(body, most, host_of(&url), Timeouts::Usual).await;
                return whole.map_err(|error| error.fault);
            }
            url = match leads_to(&answer) {
                Some(place) => {
                    let next = url.join(place).map_err(|_| unusable(place, "it is no URL"))?;
                    check(&next, is_local(&url))?;
                    next
                }
                None => return Err(refused(status, &url)),
            };
        }
        Err(unusable(url.as_str(), "too many addresses lead to others"))
    }

    async fn get(&self, url: &Url) -> Result<Response, Fault> {
        let proxy = self.proxies.proxy_for(url).await?;
        let client = self.client(proxy.as_ref())?;
        let sent = client.get(url.clone()).send();
        let sent = CONNECT_TIMEOUT.scope(self.options.connect_timeout, sent).await;
        let server = proxy.as_ref().map(|proxy| proxy.server.as_str());
        sent.map_err(|error| transport::of_client(&error.without_url(), host_of(url), server).fault)
    }
}

/// Where an answer leads, if anywhere.
fn leads_to(answer: &Response) -> Option<&str> {
    let place = answer.headers().get(LOCATION).filter(|_| answer.status().is_redirection());
    place.and_then(|place| place.to_str().ok())
}

/// Whether requests to a URL go to this computer itself.
fn is_local(url: &Url) -> bool {
    is_loopback(host_of(url))
}

fn host_of(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

/// Only this computer itself may lead to itself, or be asked without TLS.
fn check(url: &Url, from_here: bool) -> Result<(), Fault> {
    match url.scheme() {
        "https" if from_here || !is_local(url) => Ok(()),
        "http" if from_here && is_local(url) => Ok(()),
        _ => Err(unusable(url.as_str(), "it is not https")),
    }
}

fn unusable(url: &str, why: &str) -> Fault {
    Fault::new(FaultKind::InvalidInput).with_subject(url).with_detail(why)
}

fn refused(status: StatusCode, url: &Url) -> Fault {
    let mut fault = Fault::new(FaultKind::ServerError).with_subject(host_of(url));
    fault.status = Some(status.as_u16());
    fault
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::client::HttpOptions;

    const LIMIT: Duration = Duration::from_secs(20);

    /// A server that answers each path so; its origin.
    async fn server(answers: &'static [(&'static str, &'static str)]) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    request.push(stream.read_u8().await.unwrap());
                }
                let request = String::from_utf8(request).unwrap();
                let path = request.split(' ').nth(1).unwrap();
                let found = answers.iter().find(|(name, _)| *name == path);
                let answer = found.map_or("404 Not Found\r\n\r\n", |(_, answer)| answer);
                stream.write_all(format!("HTTP/1.1 {answer}").as_bytes()).await.unwrap();
            }
        });
        origin
    }

    #[tokio::test]
    async fn what_an_address_leads_to_is_fetched_and_nothing_else() {
        let origin = server(&[
            ("/file", "200 OK\r\ncontent-length: 5\r\n\r\nbytes"),
            ("/moved", "302 Found\r\nlocation: /file\r\n\r\n"),
            ("/round", "302 Found\r\nlocation: /round\r\n\r\n"),
            ("/plain", "302 Found\r\nlocation: http://example.com/\r\n\r\n"),
            ("/odd", "302 Found\r\nlocation: file:///etc/passwd\r\n\r\n"),
            ("/nowhere", "302 Found\r\n\r\n"),
            ("/broken", "500 Internal Server Error\r\n\r\n"),
        ])
        .await;
        let http = HttpClient::new(HttpOptions::default());
        let fetch = |path: &str, most| {
            let (http, url) = (http.clone(), format!("{origin}{path}"));
            async move { http.fetch(&url, most, LIMIT).await.map_err(|it| (it.kind, it.status)) }
        };
        for path in ["/file", "/moved"] {
            assert_eq!(fetch(path, 5).await.as_deref(), Ok(&b"bytes"[..]), "{path}");
        }
        assert_eq!(fetch("/file", 4).await, Err((FaultKind::NotStore, None)));
        for path in ["/round", "/plain", "/odd"] {
            assert_eq!(fetch(path, 5).await, Err((FaultKind::InvalidInput, None)), "{path}");
        }
        for (path, status) in [("/none", 404), ("/broken", 500), ("/nowhere", 302)] {
            let expected = Err((FaultKind::ServerError, Some(status)));
            assert_eq!(fetch(path, 5).await, expected, "{path}");
        }
    }

    #[test]
    fn another_computer_is_asked_over_tls_and_leads_to_no_address_here() {
        for (url, from_here, expected) in [
            ("https://example.com/latest.json", false, true),
            ("https://example.com/latest.json", true, true),
            ("http://example.com/latest.json", true, false),
            ("http://example.com/latest.json", false, false),
            ("http://127.0.0.1:9000/", true, true),
            ("http://127.0.0.1:9000/", false, false),
            ("https://localhost/", false, false),
            ("ftp://example.com/", true, false),
        ] {
            assert_eq!(check(&url.parse().unwrap(), from_here).is_ok(), expected, "{url}");
        }
    }
}
