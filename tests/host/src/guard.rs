//! Access: a request needs the token, and comes from the host's own page or from no page at all.

use std::net::SocketAddr;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::WebHost;

/// Where the page is served from while it is developed (`npm run dev`), which passes its requests
/// on with the token.
const DEVELOPMENT: &str = "http://localhost:5173";
/// Carries the token where no cookie does.
const TOKEN: &str = "x-ferry-token";

/// The host's address and its token.
#[derive(Debug)]
pub(crate) struct Guard {
    authority: String,
    origin: String,
    /// Of this port alone: cookies do not tell ports apart.
    cookie: String,
    token: String,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// It was sent to another name: a page whose name was made to lead here.
    Name,
    /// A page of another origin sent it, or it does not say which one did.
    Origin,
    /// It does not know the token.
    Token,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Opening {
    token: Option<String>,
}

impl Guard {
    /// Guards this address with a new token.
    ///
    /// # Errors
    /// Where the system has no random numbers.
    pub(crate) fn new(address: SocketAddr) -> Result<Self, getrandom::Error> {
        let mut token = [0; 24];
        getrandom::fill(&mut token)?;
        Ok(Self::with_token(address, hex::encode(token)))
    }

    fn with_token(address: SocketAddr, token: String) -> Self {
        Self {
            authority: address.to_string(),
            origin: format!("http://{address}"),
            cookie: format!("ferry-{}", address.port()),
            token,
        }
    }

    /// The origin of the page.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// What every request has to know.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    fn check(
        &self,
        method: &Method,
        headers: &HeaderMap,
        opening: Option<&str>,
    ) -> Result<(), Refusal> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        if text(header::HOST.as_str()) != Some(self.authority.as_str()) {
            return Err(Refusal::Name);
        }
        let changes_nothing = *method == Method::GET || *method == Method::HEAD;
        let origin_is_fine = match text(header::ORIGIN.as_str()) {
            Some(origin) => origin == self.origin || origin == DEVELOPMENT,
            None => changes_nothing && !headers.contains_key(header::ORIGIN),
        };
        let from_here = matches!(text("sec-fetch-site"), None | Some("same-origin" | "none"));
        if !origin_is_fine || !from_here {
            return Err(Refusal::Origin);
        }
        let cookies = text(header::COOKIE.as_str()).unwrap_or_default();
        let cookie = cookies
            .split("; ")
            .find_map(|pair| pair.strip_prefix(self.cookie.as_str())?.strip_prefix('='));
        let known = [text(TOKEN), cookie, opening];
        if known.into_iter().flatten().any(|token| same(token, &self.token)) {
            Ok(())
        } else {
            Err(Refusal::Token)
        }
    }
}

/// Whether two texts are the same, in a time that does not tell where they differ.
fn same(one: &str, other: &str) -> bool {
    let differing = one.bytes().zip(other.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && differing == 0
}

/// Lets a request in or refuses it. The address that opens the page holds the token; it becomes a
/// cookie, and goes from the address bar.
pub(crate) async fn admit(
    State(host): State<WebHost>,
    Query(opening): Query<Opening>,
    request: Request,
    next: Next,
) -> Response {
    let guard = &host.guard;
    // Only there: a link to anything else must not carry it.
    let opens = request.method() == Method::GET && request.uri().path() == "/";
    let opening = opening.token.filter(|_| opens);
    if let Err(refusal) = guard.check(request.method(), request.headers(), opening.as_deref()) {
        let reason = match refusal {
            Refusal::Name => "this name does not lead here",
            Refusal::Origin => "another page may not ask this",
            Refusal::Token => "the token is missing or wrong",
        };
        return (StatusCode::FORBIDDEN, reason).into_response();
    }
    if opening.is_some() {
        let cookie = format!("{}={}; Path=/; HttpOnly; SameSite=Strict", guard.cookie, guard.token);
        let answer = [(header::SET_COOKIE, cookie), (header::LOCATION, "/".to_owned())];
        return (StatusCode::SEE_OTHER, answer).into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: (&str, &str) = ("host", "127.0.0.1:4100");
    const OWN: (&str, &str) = ("origin", "http://127.0.0.1:4100");
    const KNOWN: (&str, &str) = (TOKEN, "secret");

    fn guard() -> Guard {
        Guard::with_token(SocketAddr::from(([127, 0, 0, 1], 4100)), "secret".to_owned())
    }

    fn check(method: Method, headers: &[(&'static str, &str)]) -> Result<(), Refusal> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")));
        guard().check(&method, &headers.collect(), None)
    }

    #[test]
    fn a_request_needs_the_token_the_name_and_an_origin_of_its_own() {
        let cookie = ("cookie", "a=b; ferry-4100=secret");
        type Case<'a> = (Method, &'a [(&'static str, &'a str)], Result<(), Refusal>);
        let cases: [Case<'_>; 14] = [
            (Method::POST, &[HOST, OWN, KNOWN], Ok(())),
            (Method::POST, &[HOST, OWN, cookie], Ok(())),
            (Method::POST, &[HOST, ("origin", DEVELOPMENT), KNOWN], Ok(())),
            (Method::GET, &[HOST, cookie], Ok(())),
            (Method::GET, &[HOST, cookie, ("sec-fetch-site", "same-origin")], Ok(())),
            (Method::GET, &[HOST], Err(Refusal::Token)),
            (Method::GET, &[HOST, (TOKEN, "secreT")], Err(Refusal::Token)),
            (Method::GET, &[HOST, (TOKEN, "secret2")], Err(Refusal::Token)),
            (Method::GET, &[HOST, ("cookie", "ferry-4101=secret")], Err(Refusal::Token)),
            (Method::POST, &[HOST, KNOWN], Err(Refusal::Origin)),
            (Method::POST, &[HOST, KNOWN, ("origin", "null")], Err(Refusal::Origin)),
            (
                Method::GET,
                &[HOST, KNOWN, ("origin", "http://127.0.0.1:4101")],
                Err(Refusal::Origin),
            ),
            (Method::GET, &[HOST, cookie, ("sec-fetch-site", "same-site")], Err(Refusal::Origin)),
            (Method::GET, &[("host", "evil.example:4100"), KNOWN], Err(Refusal::Name)),
        ];
        for (method, headers, expected) in cases {
            assert_eq!(check(method.clone(), headers), expected, "{method} {headers:?}");
        }
    }

    #[test]
    fn tokens_differ() {
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        let (one, other) = (Guard::new(address), Guard::new(address));
        let (one, other) = (one.expect("random numbers"), other.expect("random numbers"));
        assert_ne!(one.token(), other.token());
        assert_eq!(one.token().len(), 48);
    }
}
