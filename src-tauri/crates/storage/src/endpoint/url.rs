//! A URL taken apart by hand: nothing in it is normalised away unseen, and whatever is odd is
//! refused.

use std::net::{Ipv4Addr, Ipv6Addr};

use ferry_model::{Fault, FaultKind};

/// http or https.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Unencrypted.
    Http,
    /// TLS.
    Https,
}

impl Scheme {
    /// The scheme as written in a URL.
    pub fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that is meant when none is written.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// An address as typed, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The scheme typed, or the one that is meant: https, except for loopback.
    pub scheme: Scheme,
    /// The host in lower case; an IPv6 address without its brackets.
    pub host: String,
    /// The port, if it is not the scheme's own.
    pub port: Option<u16>,
    /// What follows the first `/`, as typed.
    pub path: String,
}

impl Parts {
    /// The host with its port if that is not the scheme's own, as a `Host` header has it.
    pub fn authority(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match self.port {
            Some(port) => format!("{host}:{port}"),
            None => host,
        }
    }

    /// Whether the host is this computer itself.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Whether the host is an IP address.
    pub fn is_address(&self) -> bool {
        self.host.parse::<Ipv4Addr>().is_ok() || self.host.contains(':')
    }
}

/// Takes an address apart. A domain in another script becomes its ASCII form (IDNA, "xn--"), which
/// is what DNS, TLS and signatures use.
///
/// # Errors
/// [`FaultKind::InvalidEndpoint`]: blanks or other odd characters, credentials, a query, another
/// scheme, no host, a bad port. The fault repeats nothing of the text, as what was pasted may hold
/// a signature or a password.
pub fn parse(text: &str) -> Result<Parts, Fault> {
    let text = text.trim().trim_start_matches('\u{feff}');
    if text.is_empty() {
        return Err(invalid("it is empty"));
    }
    let (scheme, rest) = match text.split_once("://") {
        Some((word, rest)) if word.eq_ignore_ascii_case("https") => (Some(Scheme::Https), rest),
        Some((word, rest)) if word.eq_ignore_ascii_case("http") => (Some(Scheme::Http), rest),
        Some(_) => return Err(invalid("only http:// and https:// are endpoints")),
        None => (None, text),
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if authority.contains('@') {
        return Err(invalid("it must not contain @: neither credentials nor bucket@host"));
    }
    if authority.contains(['?', '#']) || path.contains(['?', '#']) {
        return Err(invalid("it must not contain a query; only scheme, host and port are wanted"));
    }
    if authority.contains(char::is_whitespace) {
        return Err(invalid("it contains a space"));
    }
    let (host, port) = split_port(authority)?;
    let host = check_host(host)?;
    let scheme = scheme.unwrap_or(if is_loopback(&host) { Scheme::Http } else { Scheme::Https });
    let port = port.filter(|port| *port != scheme.default_port());
    Ok(Parts { scheme, host, port, path: path.to_owned() })
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), Fault> {
    if authority.parse::<Ipv6Addr>().is_ok() {
        return Ok((authority, None));
    }
    let bracketed = authority.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (host, port) = match bracketed {
        Some((host, "")) => (host, None),
        Some((host, rest)) => {
            (host, Some(rest.strip_prefix(':').ok_or_else(|| invalid("its port cannot be read"))?))
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    if bracketed.is_some() && host.parse::<Ipv6Addr>().is_err() {
        return Err(invalid("the text in brackets is no IPv6 address"));
    }
    let port = match port {
        None => None,
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(
                digits
                    .parse::<u16>()
                    .ok()
                    .filter(|port| *port > 0)
                    .ok_or_else(|| invalid("its port is not between 1 and 65535"))?,
            )
        }
        Some(_) => return Err(invalid("its port is no number")),
    };
    Ok((host, port))
}

fn check_host(host: &str) -> Result<String, Fault> {
    if host.parse::<Ipv6Addr>().is_ok() {
        return Ok(host.to_ascii_lowercase());
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    let host = if host.is_ascii() { host.to_ascii_lowercase() } else { in_ascii(host)? };
    let label_is_fine = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if host.is_empty() {
        return Err(invalid("it has no host"));
    }
    if host.len() > 253 || !host.split('.').all(label_is_fine) {
        return Err(invalid("its host name has characters or a form that host names cannot have"));
    }
    // `127.1` or `010.0.0.1` mean different hosts to different readers.
    let numeric = host
        .rsplit('.')
        .next()
        .is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    if numeric && host.parse::<Ipv4Addr>().is_err() {
        return Err(invalid("its host is neither a name nor an IP address"));
    }
    Ok(host)
}

fn in_ascii(host: &str) -> Result<String, Fault> {
    idna::domain_to_ascii_strict(host)
        .map_err(|_| invalid("its host name cannot be written as a domain name"))
}

/// Whether a host is this computer itself.
pub(crate) fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || host
            .trim_matches(['[', ']'])
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| address.is_loopback())
}

pub(super) fn invalid(why: &str) -> Fault {
    Fault::new(FaultKind::InvalidEndpoint).with_detail(why)
}
