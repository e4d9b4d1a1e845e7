//! How connections are made. An address that failed is avoided for a while.
//!
//! Names are resolved anew for each connection; the system's resolver may cache, this does not.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::client::legacy::connect::Connection;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

/// How long an address that failed is avoided.
const AVOIDED: Duration = Duration::from_secs(60);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

tokio::task_local! {
    /// How long the connection of this request may take.
    pub(super) static CONNECT_TIMEOUT: Duration;
    /// The addresses that the connection under way was given.
    static TRIED: Arc<Mutex<Vec<IpAddr>>>;
}

/// No connection stood in time.
#[derive(Debug, thiserror::Error)]
#[error("no connection within {} s", .0.as_secs_f64())]
pub(super) struct ConnectTimedOut(Duration);

/// When each address failed.
#[derive(Debug, Clone, Default)]
pub(super) struct Addresses {
    failed: Arc<Mutex<BTreeMap<IpAddr, Instant>>>,
}

impl Addresses {
    fn failed(&self) -> MutexGuard<'_, BTreeMap<IpAddr, Instant>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is connected to: of each family the first address that has not failed lately, else the
    /// one whose failure is longest ago. One address at a time makes known which one failed.
    fn choose(&self, found: &[SocketAddr]) -> Vec<SocketAddr> {
        let mut failed = self.failed();
        failed.retain(|_, at| at.elapsed() < AVOIDED);
        let best = |is_ipv4: bool| {
            let family = found.iter().filter(|address| address.is_ipv4() == is_ipv4);
            family.min_by_key(|address| failed.get(&address.ip()).copied())
        };
        // The order of the families is the system's.
        let first = found.first().is_some_and(SocketAddr::is_ipv4);
        [best(first), best(!first)].into_iter().flatten().copied().collect()
    }

    fn note(&self, tried: &[IpAddr], stands: bool) {
        let mut failed = self.failed();
        for address in tried {
            if stands {
                failed.remove(address);
            } else {
                failed.insert(*address, Instant::now());
            }
        }
    }
}

impl Resolve for Addresses {
    fn resolve(&self, name: Name) -> Resolving {
        let this = self.clone();
        Box::pin(async move {
            // The port is the request's.
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let chosen = this.choose(&found);
            if chosen.is_empty() {
                return Err(Box::new(io::Error::other("the name has no address")) as BoxError);
            }
            let _ = TRIED.try_with(|tried| {
                let addresses = chosen.iter().map(SocketAddr::ip);
                tried.lock().unwrap_or_else(PoisonError::into_inner).extend(addresses);
            });
            Ok(Box::new(chosen.into_iter()) as Addrs)
        })
    }
}

/// Adds the request's own timeout to connecting, and keeps which addresses failed.
impl<Inner> Layer<Inner> for Addresses {
    type Service = Connecting<Inner>;

    fn layer(&self, inner: Inner) -> Connecting<Inner> {
        Connecting { inner, addresses: self.clone() }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Connecting<Inner> {
    inner: Inner,
    addresses: Addresses,
}

impl<Inner, To> Service<To> for Connecting<Inner>
where
    Inner: Service<To, Error = BoxError>,
    Inner::Future: Send + 'static,
    Inner::Response: Connection + 'static,
{
    type Response = Inner::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Inner::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, to: To) -> Self::Future {
        let tried = Arc::new(Mutex::new(Vec::new()));
        let connecting = TRIED.sync_scope(Arc::clone(&tried), || self.inner.call(to));
        let connecting = TRIED.scope(Arc::clone(&tried), connecting);
        // The request's own, also when the connection outlives the request that asked for it.
        let timeout = CONNECT_TIMEOUT.try_with(|timeout| *timeout);
        let addresses = self.addresses.clone();
        Box::pin(async move {
            let outcome = match timeout {
                Ok(timeout) => tokio::time::timeout(timeout, connecting)
                    .await
                    .unwrap_or_else(|_| Err(Box::new(ConnectTimedOut(timeout)) as BoxError)),
                Err(_) => connecting.await,
            };
            let tried = tried.lock().unwrap_or_else(PoisonError::into_inner);
            addresses.note(&tried, outcome.is_ok());
            if let Ok(connection) = &outcome {
                keep_little_unsent(connection);
            }
            outcome
        })
    }
}

#[cfg(target_os = "linux")]
fn keep_little_unsent(connection: &impl Connection) {
    use hyper_util::client::legacy::connect::HttpInfo;

    let mut facts = http::Extensions::new();
    connection.connected().get_extras(&mut facts);
    if let Some(info) = facts.get::<HttpInfo>() {
        super::unsent::bound(info.local_addr(), info.remote_addr());
    }
}

/// Elsewhere the system's own, smaller buffers have to do.
#[cfg(not(target_os = "linux"))]
fn keep_little_unsent(_: &impl Connection) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(addresses: &Addresses, found: &[&str]) -> Vec<String> {
        let found: Vec<SocketAddr> =
            found.iter().map(|address| address.parse().expect("an address")).collect();
        addresses.choose(&found).iter().map(ToString::to_string).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_failed_is_avoided_for_a_minute() {
        let addresses = Addresses::default();
        let found = ["10.0.0.1:80", "10.0.0.2:80", "[fd00::1]:80"];
        assert_eq!(chosen(&addresses, &found), ["10.0.0.1:80", "[fd00::1]:80"]);
        addresses.note(&["10.0.0.1".parse().unwrap()], false);
        assert_eq!(chosen(&addresses, &found), ["10.0.0.2:80", "[fd00::1]:80"]);
        tokio::time::advance(Duration::from_secs(30)).await;
        addresses.note(&["10.0.0.2".parse().unwrap()], false);
        assert_eq!(
            chosen(&addresses, &found),
            ["10.0.0.1:80", "[fd00::1]:80"],
            "both failed: the one that failed longer ago"
        );
        addresses.note(&["10.0.0.2".parse().unwrap()], true);
        assert_eq!(chosen(&addresses, &found), ["10.0.0.2:80", "[fd00::1]:80"], "it is back");
        tokio::time::advance(Duration::from_secs(31)).await;
        assert_eq!(chosen(&addresses, &found), ["10.0.0.1:80", "[fd00::1]:80"], "time is over");
        assert_eq!(chosen(&addresses, &["[fd00::1]:80", "10.0.0.1:80"])[0], "[fd00::1]:80");
    }
}
