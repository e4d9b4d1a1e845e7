//! Which proxy a request goes through.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ferry_model::network::{Network, ProxyMode, ProxyServer};
use ferry_model::{Fault, Secret};
use http::Uri;
use http::header::HeaderValue;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::desktop::DesktopProxies;
use crate::endpoint::is_loopback;

/// How long what the system says is believed: laptops move between networks.
const BELIEVED: Duration = Duration::from_secs(30);

/// How long a proxy is asked why it refused.
const LONGEST_QUESTION: Duration = Duration::from_secs(5);

/// Where the proxies of requests come from.
pub(super) enum Proxies {
    /// The environment and the system.
    System(System),
    /// There is none.
    Direct,
    /// The profile.
    Manual(Matcher),
}

/// What the environment and the system say, for as long as it is believed.
#[derive(Default)]
pub(super) struct System {
    kept: Mutex<Option<(Instant, Matcher)>>,
    /// Asked in the environment's place: there only where that names no proxy.
    desktop: Option<DesktopProxies>,
    /// By origin.
    answers: Mutex<BTreeMap<String, (Instant, Option<Proxy>)>>,
}

/// A proxy with the user's way in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Proxy {
    /// Scheme, host and port.
    pub(super) server: String,
    auth: Auth,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(test, derive(Debug))]
enum Auth {
    None,
    /// The value of `Proxy-Authorization`.
    Basic(HeaderValue),
    /// For SOCKS: user and password.
    Raw(String, String),
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxy").field("server", &self.server).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::System(_) => "System",
            Self::Direct => "Direct",
            Self::Manual(_) => "Manual",
        })
    }
}

impl Proxies {
    /// Those of the environment and the system.
    pub(super) fn of_system(desktop: Option<&DesktopProxies>) -> Self {
        let desktop = desktop.filter(|_| variables().is_empty()).cloned();
        Self::System(System { desktop, ..System::default() })
    }

    /// The proxies of a profile.
    ///
    /// # Errors
    /// [`FaultKind::ProxyInvalid`] for a proxy whose address cannot be read.
    pub(super) fn of(
        network: &Network,
        password: Option<&Secret>,
        desktop: Option<&DesktopProxies>,
    ) -> Result<Self, Fault> {
        Ok(match network.proxy {
            ProxyMode::Settings | ProxyMode::System => Self::of_system(desktop),
            ProxyMode::Direct => Self::Direct,
            ProxyMode::Manual => {
                let server = network.server()?;
                let matcher = Matcher::builder()
                    .all(url(&server, password))
                    .no(network.direct_hosts.clone())
                    .build();
                Self::Manual(matcher)
            }
        })
    }

    /// The proxy for requests to a URL. There is none to this computer itself.
    ///
    /// # Errors
    /// [`FaultKind::ProxyInvalid`] for a variable of the environment that names no proxy, and for
    /// settings of the desktop that cannot be asked: to go past a proxy that was asked for would be
    /// worse than not to go.
    pub(super) async fn proxy_for(&self, target: &reqwest::Url) -> Result<Option<Proxy>, Fault> {
        if is_loopback(target.host_str().unwrap_or_default()) {
            return Ok(None);
        }
        let origin = target.origin().ascii_serialization();
        let Ok(uri) = origin.parse::<Uri>() else { return Ok(None) };
        match self {
            Self::Direct => Ok(None),
            Self::Manual(matcher) => Ok(matcher.intercept(&uri).as_ref().map(Proxy::new)),
            Self::System(system) => system.proxy_for(&origin, &uri).await,
        }
    }
}

impl System {
    async fn proxy_for(&self, origin: &str, uri: &Uri) -> Result<Option<Proxy>, Fault> {
        match &self.desktop {
            Some(desktop) => self.of_desktop(desktop, origin, uri).await,
            None => {
                let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
                if kept.as_ref().is_none_or(|(at, _)| at.elapsed() >= BELIEVED) {
                    check_environment()?;
                    *kept = Some((Instant::now(), Matcher::from_system()));
                }
                let found = kept.as_ref().and_then(|(_, matcher)| matcher.intercept(uri));
                Ok(found.as_ref().map(Proxy::new))
            }
        }
    }

    async fn of_desktop(
        &self,
        desktop: &DesktopProxies,
        origin: &str,
        uri: &Uri,
    ) -> Result<Option<Proxy>, Fault> {
        let lock = || self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().get(origin).filter(|(at, _)| at.elapsed() < BELIEVED).cloned();
        if let Some((_, proxy)) = known {
            return Ok(proxy);
        }
        let found = desktop.first_for(origin).await?;
        let proxy = found.and_then(|(server, password)| {
            let matcher = Matcher::builder().all(url(&server, password.as_ref())).build();
            matcher.intercept(uri).as_ref().map(Proxy::new)
        });
        lock().insert(origin.to_owned(), (Instant::now(), proxy.clone()));
        Ok(proxy)
    }
}

/// The environment's proxies: the variables' names and values.
fn variables() -> Vec<(&'static str, String)> {
    let value = |name: &str| {
        let names = [name.to_owned(), name.to_lowercase()];
        names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    };
    let names = ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"];
    names.into_iter().filter_map(|name| Some((name, value(name)?))).collect()
}

/// The matcher takes what it cannot read for no proxy.
fn check_environment() -> Result<(), Fault> {
    for (name, value) in variables() {
        // Named by an older rule, and spoken to all the same.
        let value = value.replace("socks4a://", "socks5://").replace("socks4://", "socks5://");
        ProxyServer::parse(&value).map_err(|fault| Fault {
            message: Some(format!("{name}: {}", fault.message.unwrap_or_default())),
            ..fault
        })?;
    }
    Ok(())
}

impl Proxy {
    fn new(found: &Intercept) -> Self {
        let uri = found.uri();
        let scheme = uri.scheme_str().unwrap_or("http");
        let server = format!("{scheme}://{}", uri.authority().map_or("", |it| it.as_str()));
        let auth = match (found.basic_auth(), found.raw_auth()) {
            (Some(value), _) => Auth::Basic(value.clone()),
            (None, Some((user, password))) => Auth::Raw(user.to_owned(), password.to_owned()),
            (None, None) => Auth::None,
        };
        Self { server, auth }
    }

    /// Whether it reads the requests to a URL and can answer them itself: plain http through
    /// anything but SOCKS.
    pub(super) fn answers_for(&self, target: &reqwest::Url) -> bool {
        target.scheme() == "http" && self.server.starts_with("http")
    }

    /// For the HTTP client, for every request.
    pub(super) fn for_client(&self) -> Result<reqwest::Proxy, reqwest::Error> {
        Ok(match &self.auth {
            Auth::None => reqwest::Proxy::all(&self.server)?,
            Auth::Basic(value) => {
                reqwest::Proxy::all(&self.server)?.custom_http_auth(value.clone())
            }
            Auth::Raw(user, password) => {
                reqwest::Proxy::all(&self.server)?.basic_auth(user, password)
            }
        })
    }

    /// What a proxy that refused to connect to `host` at `port` says when it is asked once more:
    /// the HTTP client keeps its status to itself. `None` if it says nothing readable, or speaks
    /// TLS.
    pub(super) async fn status_of_connect(&self, host: &str, port: u16) -> Option<u16> {
        let address = self.server.strip_prefix("http://")?;
        let asking = async {
            let mut stream = TcpStream::connect(with_port(address)).await.ok()?;
            let auth = match &self.auth {
                Auth::Basic(value) => {
                    format!("Proxy-Authorization: {}\r\n", value.to_str().ok()?)
                }
                Auth::None | Auth::Raw(..) => String::new(),
            };
            let target = format!("{host}:{port}");
            let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{auth}\r\n");
            stream.write_all(request.as_bytes()).await.ok()?;
            let mut line = String::new();
            BufReader::new(stream).take(1_024).read_line(&mut line).await.ok()?;
            line.split(' ').nth(1)?.trim().parse().ok()
        };
        tokio::time::timeout(LONGEST_QUESTION, asking).await.ok().flatten()
    }
}

/// An authority whose port may be left out.
fn with_port(authority: &str) -> String {
    let after_brackets = authority.rfind(']').map_or(0, |at| at + 1);
    if authority[after_brackets..].contains(':') {
        authority.to_owned()
    } else {
        format!("{authority}:80")
    }
}

/// The server with user and password, as a proxy's variable has it.
fn url(server: &ProxyServer, password: Option<&Secret>) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let user = match (server.user.as_str(), password) {
        ("", _) => String::new(),
        (user, None) => format!("{}@", encode(user)),
        (user, Some(password)) => {
            format!("{}:{}@", encode(user), encode(password.expose()))
        }
    };
    format!("{}://{user}{}:{}", server.scheme.word(), server.host, server.port)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ferry_model::FaultKind;

    use super::*;

    fn network(server: &str, direct_hosts: &str) -> Network {
        Network {
            proxy: ProxyMode::Manual,
            proxy_server: server.into(),
            direct_hosts: direct_hosts.into(),
            ..Network::default()
        }
    }

    async fn found(proxies: &Proxies, url: &str) -> Option<String> {
        proxies.proxy_for(&url.parse().unwrap()).await.unwrap().map(|proxy| proxy.server)
    }

    #[tokio::test]
    async fn a_manual_proxy_is_for_all_but_this_computer_and_the_hosts_that_go_direct() {
        let network = network("socks5h://proxy.lan:1080", "example.com, 10.1.0.0/16,192.0.2.7");
        let proxies = Proxies::of(&network, None, None).unwrap();
        for url in ["http://store.lan/", "https://store.lan:8443/a/b?c", "https://[2001:db8::1]/"] {
            assert_eq!(
                found(&proxies, url).await.as_deref(),
                Some("socks5h://proxy.lan:1080"),
                "{url}"
            );
        }
        for url in [
            "https://example.com/",
            "https://bkt.example.com/",
            "http://10.1.2.3/",
            "http://192.0.2.7:9000/",
            "http://localhost:9000/",
            "http://127.0.0.1/",
            "http://127.8.8.8:1/",
            "https://[::1]:9000/",
            "http://sandbox.localhost/",
        ] {
            assert_eq!(found(&proxies, url).await, None, "{url}");
        }
        let direct = Network { proxy: ProxyMode::Direct, ..network };
        let proxies = Proxies::of(&direct, None, None).unwrap();
        assert_eq!(found(&proxies, "https://store.lan/").await, None);
    }

    #[tokio::test]
    async fn user_and_password_arrive_whole_and_are_not_shown() {
        let user = "a@b:c%/";
        let password = Secret::new("ca:na@ry %/é");
        for (server, scheme) in [("proxy:1", "http"), ("socks5://proxy:1", "socks5")] {
            let network = Network { proxy_user: user.into(), ..network(server, "") };
            let proxies = Proxies::of(&network, Some(&password), None).unwrap();
            let target = "https://store.lan/".parse().unwrap();
            let proxy = proxies.proxy_for(&target).await.unwrap().unwrap();
            assert_eq!(proxy.server, format!("{scheme}://proxy:1"));
            match &proxy.auth {
                Auth::Basic(value) => {
                    // base64 of "a@b:c%/:ca:na@ry %/é".
                    assert_eq!(value, "Basic YUBiOmMlLzpjYTpuYUByeSAlL8Op");
                }
                Auth::Raw(raw_user, raw_password) => {
                    assert_eq!((raw_user.as_str(), raw_password.as_str()), (user, "ca:na@ry %/é"));
                }
                Auth::None => panic!("{server}: nobody signs in"),
            }
            assert!(!format!("{proxy:?} {proxies:?}").contains("na"), "{proxy:?}");
            assert!(proxy.for_client().is_ok());
        }
    }

    #[tokio::test]
    async fn what_the_desktop_says_holds_for_an_origin_and_is_never_passed_over() {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let desktop = DesktopProxies::new(move |origin| {
            count.fetch_add(1, Ordering::Relaxed);
            match origin {
                "https://near.lan" => Ok(vec!["direct://".into()]),
                "https://far.lan" => {
                    Ok(vec!["http://me:a%20b@proxy.lan:3128".into(), "direct://".into()])
                }
                "http://far.lan" => Ok(vec!["socks://proxy.lan:1080/".into()]),
                "https://none.lan" => Ok(Vec::new()),
                "https://odd.lan" => Ok(vec!["gopher://proxy.lan".into()]),
                _ => Err("the script cannot be fetched".into()),
            }
        });
        let proxies = Proxies::of_system(Some(&desktop));
        for _ in 0..2 {
            for (url, expected) in [
                ("https://near.lan/a", None),
                ("https://far.lan/b?c", Some("http://proxy.lan:3128")),
                ("http://far.lan/", Some("socks5h://proxy.lan:1080")),
                ("https://none.lan/", None),
                ("http://localhost/", None),
            ] {
                assert_eq!(found(&proxies, url).await.as_deref(), expected, "{url}");
            }
        }
        assert_eq!(asked.load(Ordering::Relaxed), 4, "an answer is believed for a while");
        let target = "https://far.lan/".parse().unwrap();
        let proxy = proxies.proxy_for(&target).await.unwrap().unwrap();
        assert_eq!(proxy.auth, Auth::Basic(HeaderValue::from_static("Basic bWU6YSBi")));
        for url in ["https://odd.lan/", "https://unknown.lan/"] {
            let fault = proxies.proxy_for(&url.parse().unwrap()).await.unwrap_err();
            assert_eq!(fault.kind, FaultKind::ProxyInvalid, "{url}: {fault:?}");
        }
    }
}
