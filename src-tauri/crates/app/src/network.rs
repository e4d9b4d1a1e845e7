//! How stores are reached: as a command says for its run, as the settings and the profiles say.

use std::path::{Path, absolute};

use ferry_engine::proxy_entry;
use ferry_model::{Credentials, Fault, FaultKind, Network, ProxyMode, ProxyServer, Secret};
use ferry_vault::variables::PROXY_PASSWORD;

use crate::app::App;

/// What a command's options say of the network: `system`, `none` or a proxy's address, and a file
/// with certificate authorities.
///
/// # Errors
/// [`FaultKind::ProxyInvalid`] for an address that cannot be read, or that holds a password: other
/// programs can read the arguments of a command.
pub fn network(proxy: Option<&str>, ca_file: Option<&Path>) -> Result<Network, Fault> {
    let ca_file = match ca_file {
        None => String::new(),
        Some(path) => {
            let path = absolute(path).map_err(|error| {
                Fault::new(FaultKind::CaFileUnusable)
                    .with_subject(path.display().to_string())
                    .with_detail(error.to_string())
            })?;
            let name = || path.display().to_string();
            path.to_str().map(str::to_owned).ok_or_else(|| {
                Fault::new(FaultKind::CaFileUnusable)
                    .with_subject(name())
                    .with_detail("its name is no Unicode text")
            })?
        }
    };
    let chosen = match proxy {
        None => Network::default(),
        Some("system") => Network { proxy: ProxyMode::System, ..Network::default() },
        Some("none") => Network { proxy: ProxyMode::Direct, ..Network::default() },
        Some(address) => {
            let (server, password) = ProxyServer::parse(address)?;
            if password.is_some() {
                let why =
                    format!("a password does not belong in a command: set {}", PROXY_PASSWORD);
                return Err(Fault::new(FaultKind::ProxyInvalid)
                    .with_subject(server.address())
                    .with_detail(why));
            }
            Network {
                proxy: ProxyMode::Manual,
                proxy_server: server.address(),
                proxy_user: server.user,
                ..Network::default()
            }
        }
    };
    Ok(Network { ca_file, ..chosen })
}

impl App {
    /// Stores are reached this way in this run, whatever their profiles say.
    pub fn use_network(&self, network: Network) {
        self.inner.engine.set_network_of_this_run(network);
    }

    /// Keeps the password of a network's proxy in the keyring. One that was left empty stays as it
    /// is.
    ///
    /// # Errors
    /// The keyring's, and an address that cannot be read.
    pub(crate) async fn keep_proxy_password(
        &self,
        network: &Network,
        password: &str,
    ) -> Result<(), Fault> {
        if !network.signs_in() || password.is_empty() {
            return Ok(());
        }
        let entry = proxy_entry(&self.inner.instance, &network.server()?);
        let credentials = Credentials {
            access_key_id: network.proxy_user.clone(),
            access_key_secret: Secret::new(password),
            security_token: None,
            expires_ms: None,
        };
        self.inner.vault.store(&entry, &credentials).await.map_err(|error| error.fault())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_says_system_none_or_an_address() {
        let of = |proxy| network(Some(proxy), None);
        assert_eq!(network(None, None), Ok(Network::default()));
        assert_eq!(of("system").map(|network| network.proxy), Ok(ProxyMode::System));
        assert_eq!(of("none").map(|network| network.proxy), Ok(ProxyMode::Direct));
        let manual = of("socks5h://me@proxy").expect("an address");
        assert_eq!(
            (manual.proxy, manual.proxy_server.as_str(), manual.proxy_user.as_str()),
            (ProxyMode::Manual, "socks5h://proxy:1080", "me")
        );
        let fault = of("http://me:canary@proxy").expect_err("a password");
        assert!(fault.message.as_deref().is_some_and(|why| why.contains("FERRY_PROXY_PASSWORD")));
        assert!(!format!("{fault:?}").contains("canary"));
        let with_file = network(None, Some(Path::new("ca.pem"))).expect("a path");
        assert!(Path::new(&with_file.ca_file).is_absolute(), "{with_file:?}");
    }
}
