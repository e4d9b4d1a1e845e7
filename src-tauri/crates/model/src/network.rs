//! How a profile's store is reached: directly or through a proxy, and whose certificates count.

use serde::{Deserialize, Serialize};

use crate::fault::{Fault, FaultKind};
use crate::secret::Secret;
use crate::words::words;

words! {
    /// Where the proxy comes from.
    #[derive(Default)]
    ProxyMode {
        /// As the settings say; in the settings themselves: as [`ProxyMode::System`].
        #[default]
        Settings = "settings",
        /// From the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`) and the
        /// system's settings.
        System = "system",
        /// There is none.
        Direct = "none",
        /// The one that is named beside it.
        Manual = "manual",
    }
}

words! {
    /// How a proxy is spoken to.
    ProxyScheme {
        /// HTTP, with CONNECT for https.
        Http = "http",
        /// The same over TLS.
        Https = "https",
        /// SOCKS 5; names are resolved here.
        Socks5 = "socks5",
        /// SOCKS 5; names are resolved by the proxy.
        Socks5h = "socks5h",
    }
}

impl ProxyScheme {
    /// The port of a proxy that names none, as curl and the vendors' tools have it.
    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::Socks5 | Self::Socks5h => 1080,
        }
    }
}

/// A proxy server, without the user's password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyServer {
    /// How it is spoken to.
    pub scheme: ProxyScheme,
    /// Its name or address; IPv6 in brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The user who signs in; empty for none.
    pub user: String,
}

impl ProxyServer {
    /// Reads `[scheme://][user[:password]@]host[:port]`, the way the environment's variables are
    /// written: without a scheme it is http; user and password are percent-encoded.
    ///
    /// # Errors
    /// [`FaultKind::ProxyInvalid`] with the reason, and without the password.
    pub fn parse(text: &str) -> Result<(Self, Option<Secret>), Fault> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let (user_info, address) = match rest.rsplit_once('@') {
            Some((user_info, address)) => (user_info, address),
            None => ("", rest),
        };
        let wrong = |why: &str| {
            Fault::new(FaultKind::ProxyInvalid)
                .with_subject(format!("{scheme}://{address}"))
                .with_detail(why)
        };
        let scheme: ProxyScheme = scheme
            .to_ascii_lowercase()
            .parse()
            .map_err(|_| wrong("a proxy is http, https, socks5 or socks5h"))?;
        let address = address.strip_suffix('/').unwrap_or(address);
        let after_brackets = address.rfind(']').map_or(0, |at| at + 1);
        let (host, port) = match address[after_brackets..].rsplit_once(':') {
            Some((_, port)) => {
                let number = port.parse().ok().filter(|number| *number > 0);
                let host = &address[..address.len() - port.len() - 1];
                (host, number.ok_or_else(|| wrong("its port is not between 1 and 65535"))?)
            }
            None => (address, scheme.default_port()),
        };
        let is_fine = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        let bracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let is_host = match bracketed {
            Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.chars().all(is_fine),
        };
        if !is_host {
            return Err(wrong("its host cannot be read"));
        }
        let decode = |part| decoded(part).ok_or_else(|| wrong("its user cannot be read"));
        let (user, password) = match user_info.split_once(':') {
            Some((user, password)) => (decode(user)?, Some(Secret::new(&decode(password)?))),
            None => (decode(user_info)?, None),
        };
        Ok((Self { scheme, host: host.to_owned(), port, user }, password))
    }

    /// Scheme, host and port, for people and for comparing.
    pub fn address(&self) -> String {
        format!("{}://{}:{}", self.scheme.word(), self.host, self.port)
    }
}

/// Decodes `%XX`; `None` where that gives no text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        (bytes, rest) = match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                (bytes, tail)
            }
            (b'%', _) => return None,
            (byte, tail) => {
                bytes.push(*byte);
                (bytes, tail)
            }
        };
    }
    String::from_utf8(bytes).ok()
}

/// How a profile's store is reached. Holds no password: that is in the keyring.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Network {
    /// Where the proxy comes from.
    pub proxy: ProxyMode,
    /// The proxy, as `http://proxy.example.com:3128`; of [`ProxyMode::Manual`] only.
    pub proxy_server: String,
    /// The user who signs in at it; empty for none.
    pub proxy_user: String,
    /// Hosts that are reached without the proxy, as `NO_PROXY` has them: names with all below them,
    /// addresses and networks, separated by commas.
    pub direct_hosts: String,
    /// A PEM file with authorities that are trusted beside the system's; empty for none.
    pub ca_file: String,
}

impl Network {
    /// What holds for a profile where these are the settings. A profile's own CA file replaces the
    /// settings'.
    #[must_use]
    pub fn within(&self, settings: &Self) -> Self {
        let proxy = if self.proxy == ProxyMode::Settings { settings } else { self };
        let ca_file = if self.ca_file.is_empty() { &settings.ca_file } else { &self.ca_file };
        Self { ca_file: ca_file.clone(), ..proxy.clone() }
    }

    /// Whether a user signs in at a proxy that is named here.
    pub fn signs_in(&self) -> bool {
        self.proxy == ProxyMode::Manual && !self.proxy_user.is_empty()
    }

    /// The proxy of [`ProxyMode::Manual`].
    ///
    /// # Errors
    /// [`FaultKind::ProxyInvalid`].
    pub fn server(&self) -> Result<ProxyServer, Fault> {
        let (server, _) = ProxyServer::parse(&self.proxy_server)?;
        Ok(ProxyServer { user: self.proxy_user.clone(), ..server })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_as_the_environment_writes_them() {
        for (text, address, user, password) in [
            ("proxy", "http://proxy:80", "", None),
            ("proxy:3128", "http://proxy:3128", "", None),
            ("HTTP://10.0.0.1:8080/", "http://10.0.0.1:8080", "", None),
            ("https://proxy", "https://proxy:443", "", None),
            ("socks5h://[::1]", "socks5h://[::1]:1080", "", None),
            ("socks5://[::1]:9050", "socks5://[::1]:9050", "", None),
            ("http://me@proxy:1", "http://proxy:1", "me", None),
            ("http://a%40b:p%3A%25:x@proxy:1", "http://proxy:1", "a@b", Some("p:%:x")),
        ] {
            let (server, secret) = ProxyServer::parse(text).expect(text);
            assert_eq!((server.address().as_str(), server.user.as_str()), (address, user));
            assert_eq!(secret.as_ref().map(Secret::expose), password, "{text}");
        }
    }

    #[test]
    fn a_profile_says_only_what_differs_from_the_settings() {
        let manual = |server: &str, ca_file: &str| Network {
            proxy: ProxyMode::Manual,
            proxy_server: server.into(),
            ca_file: ca_file.into(),
            ..Network::default()
        };
        let settings = manual("one", "one.pem");
        assert_eq!(Network::default().within(&settings), settings);
        assert_eq!(manual("two", "").within(&settings), manual("two", "one.pem"));
        assert_eq!(manual("two", "two.pem").within(&settings), manual("two", "two.pem"));
        let own = Network { ca_file: "two.pem".into(), ..Network::default() };
        assert_eq!(own.within(&settings), manual("one", "two.pem"));
        let direct = Network { proxy: ProxyMode::Direct, ..Network::default() };
        assert_eq!(direct.within(&settings).proxy, ProxyMode::Direct);
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_its_password() {
        for text in [
            "",
            "ftp://me:canary@proxy",
            "http://me:canary@",
            "http://me:canary@proxy:0",
            "http://me:canary@proxy:70000",
            "http://me:canary@pro xy",
            "http://me:canary@[::g]",
            "http://me:canary%4@proxy",
            "http://me:canary@proxy/path",
        ] {
            let fault = ProxyServer::parse(text).expect_err(text);
            assert_eq!(fault.kind, FaultKind::ProxyInvalid);
            assert!(!format!("{fault:?}").contains("canary"), "{fault:?}");
        }
    }
}
