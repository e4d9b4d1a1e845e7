//! What the desktop's settings say of proxies, where only the desktop's own library can tell: GNOME,
//! KDE and scripts (PAC) on Linux. The shell asks that library; nothing here links to it.

use std::sync::Arc;

use ferry_model::network::ProxyServer;
use ferry_model::{Fault, FaultKind, Secret};

type Ask = dyn Fn(&str) -> Result<Vec<String>, String> + Send + Sync;

/// Asks the desktop. Cheap to clone.
#[derive(Clone)]
pub struct DesktopProxies(Arc<Ask>);

impl std::fmt::Debug for DesktopProxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DesktopProxies")
    }
}

impl DesktopProxies {
    /// `ask` gets an origin such as `https://store.example.com` and answers with the ways to it, the
    /// preferred one first: `http://proxy:3128`, `socks://proxy:1080`, `direct://`; or why it cannot
    /// tell. It may block: it is called on a thread for that.
    pub fn new(ask: impl Fn(&str) -> Result<Vec<String>, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }

    /// The preferred way to an origin; `None` for the direct one. The others are no second choice:
    /// a proxy that is down must not lead past it.
    ///
    /// # Errors
    /// [`FaultKind::ProxyInvalid`].
    pub(super) async fn first_for(
        &self,
        origin: &str,
    ) -> Result<Option<(ProxyServer, Option<Secret>)>, Fault> {
        let (ask, asked) = (Arc::clone(&self.0), origin.to_owned());
        let cannot_tell = |why: String| {
            Fault::new(FaultKind::ProxyInvalid)
                .with_subject("the desktop's proxy settings")
                .with_detail(why)
        };
        let ways = tokio::task::spawn_blocking(move || ask(&asked)).await;
        let ways = ways.unwrap_or_else(|error| Err(error.to_string())).map_err(cannot_tell)?;
        match ways.first().map(String::as_str) {
            None | Some("direct://") => Ok(None),
            // A desktop's SOCKS is version 5 and resolves names itself.
            Some(way) => ProxyServer::parse(&way.replace("socks://", "socks5h://")).map(Some),
        }
    }
}
