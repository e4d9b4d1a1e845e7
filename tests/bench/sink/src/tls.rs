//! A certificate of the store's own, made anew at each start.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::PrivateKeyDer;

/// The names that the certificate is good for, beside the bucket's.
const NAMES: [&str; 2] = ["127.0.0.1", "localhost"];

/// Makes a certificate, writes it to `file` for clients to trust, and returns what serves it.
pub(crate) fn config(
    bucket: &str,
    file: &Path,
) -> Result<Arc<rustls::ServerConfig>, Box<dyn std::error::Error>> {
    let mut names: Vec<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    names.push(format!("{bucket}.localhost"));
    let mut params = rcgen::CertificateParams::new(names)?;
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate()?;
    params.distinguished_name.push(rcgen::DnType::CommonName, "bench-sink");
    let certificate = params.self_signed(&authority_key)?;
    std::fs::write(file, certificate.pem())?;
    let key = PrivateKeyDer::try_from(authority_key.serialize_der())?;
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok(Arc::new(config))
}
