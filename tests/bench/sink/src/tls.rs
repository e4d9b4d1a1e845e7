//! An authority and a certificate of its own, made anew at each start.

use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
};
use rustls::pki_types::PrivateKeyDer;

/// The names that the certificate is good for, beside the bucket's.
const NAMES: [&str; 2] = ["127.0.0.1", "localhost"];

/// Makes an authority and a certificate, writes the authority's to `file` for clients to trust, and
/// returns what serves the other. One for both would not do: some clients take no authority for a
/// server.
pub(crate) fn config(
    bucket: &str,
    file: &Path,
) -> Result<Arc<rustls::ServerConfig>, Box<dyn std::error::Error>> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "bench-sink authority");
    let authority_key = KeyPair::generate()?;
    std::fs::write(file, params.self_signed(&authority_key)?.pem())?;
    let authority = Issuer::new(params, authority_key);

    let mut names: Vec<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    names.push(format!("{bucket}.localhost"));
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "bench-sink");
    params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &authority)?;
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok(Arc::new(config))
}
