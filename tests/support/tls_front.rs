//! TLS before a server that speaks none, with a certificate of an authority of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// The name of the authority.
pub const AUTHORITY: &str = "Ferry Test Proxy CA";

/// Until when a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// Far in the future.
    Never,
    /// Long ago.
    LongAgo,
}

/// A front that runs until it is dropped.
#[derive(Debug)]
pub struct TlsFront {
    /// Where it listens.
    pub address: SocketAddr,
    authority_pem: String,
    serving: JoinHandle<()>,
}

impl TlsFront {
    /// Stands before `server`, under these names and addresses.
    ///
    /// # Panics
    /// Where certificates cannot be made.
    pub async fn start(server: SocketAddr, names: &[&str], ends: Ends) -> Self {
        let (config, authority_pem) = server_config(names, ends);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a port");
        let address = listener.local_addr().expect("it is bound");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let serving = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut client = acceptor.accept(client).await?;
                    let mut server = TcpStream::connect(server).await?;
                    tokio::io::copy_bidirectional(&mut client, &mut server).await
                });
            }
        });
        Self { address, authority_pem, serving }
    }

    /// Writes the authority's certificate.
    ///
    /// # Panics
    /// Where the file cannot be written.
    pub fn write_authority(&self, path: &Path) {
        std::fs::write(path, &self.authority_pem).expect("writes");
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn server_config(names: &[&str], ends: Ends) -> (ServerConfig, String) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(Vec::new()).expect("no names are fine");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, AUTHORITY);
    let key = KeyPair::generate().expect("a key");
    let authority = params.self_signed(&key).expect("signs itself");
    let issuer = Issuer::new(params, key);
    let own_key = KeyPair::generate().expect("a key");
    let mut own = CertificateParams::new(names).expect("names");
    if ends == Ends::LongAgo {
        own.not_before = date_time_ymd(2020, 1, 1);
        own.not_after = date_time_ymd(2021, 1, 1);
    }
    let own = own.signed_by(&own_key, &issuer).expect("is signed");
    let private = PrivateKeyDer::try_from(own_key.serialize_der()).expect("a private key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring supports the default versions")
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone(), authority.der().clone()], private)
        .expect("the key is the certificate's");
    (config, authority.pem())
}
