//! Which certificates are trusted.

use std::path::Path;
use std::sync::Arc;

use ferry_model::{Fault, FaultKind};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, SignatureScheme,
};
use rustls_platform_verifier::Verifier;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use crate::error::transport::Untrusted;

/// Authorities that are trusted beside the system's.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Authorities(Arc<[Vec<u8>]>);

impl Authorities {
    /// Those of a PEM file; none without a path.
    ///
    /// # Errors
    /// [`FaultKind::CaFileUnusable`] for a file that cannot be read or holds no certificate.
    pub(super) fn of_file(path: &str) -> Result<Self, Fault> {
        if path.is_empty() {
            return Ok(Self::default());
        }
        let unusable = |why: String| {
            let name = Path::new(path).file_name().map_or(path.into(), |it| it.to_string_lossy());
            Fault::new(FaultKind::CaFileUnusable).with_subject(name).with_detail(why)
        };
        let bytes = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
        let found: Result<Vec<CertificateDer<'static>>, _> =
            CertificateDer::pem_slice_iter(&bytes).collect();
        let found = found.map_err(|error| unusable(error.to_string()))?;
        if found.is_empty() {
            return Err(unusable("it holds no certificate".into()));
        }
        let this = Self(found.into_iter().map(|it| it.to_vec()).collect());
        this.verifier().map_err(|error| unusable(error.to_string()))?;
        Ok(this)
    }

    fn verifier(&self) -> Result<Verifier, Error> {
        let provider = Arc::new(ring::default_provider());
        if self.0.is_empty() {
            return Verifier::new(provider);
        }
        let own = self.0.iter().map(|it| CertificateDer::from(it.clone()));
        Verifier::new_with_extra_roots(own, provider)
    }

    /// TLS 1.2 or newer, certificates checked by the system's own verifier and these authorities.
    /// Where the verifier cannot be had, as on a system without a list of authorities, every
    /// certificate is refused for that: connections without TLS need none.
    ///
    /// # Errors
    /// The TLS library's.
    pub(super) fn tls(&self) -> Result<ClientConfig, Error> {
        let provider = Arc::new(ring::default_provider());
        let schemes = provider.signature_verification_algorithms.supported_schemes();
        let builder =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let verifier = Arc::new(Explaining { verifier: self.verifier(), schemes });
        let mut config =
            builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// Refuses as the verifier in it does, and names the issuer of what it does not trust.
#[derive(Debug)]
struct Explaining {
    verifier: Result<Verifier, Error>,
    schemes: Vec<SignatureScheme>,
}

impl Explaining {
    fn verifier(&self) -> Result<&Verifier, Error> {
        self.verifier.as_ref().map_err(Clone::clone)
    }
}

impl ServerCertVerifier for Explaining {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.verifier()?.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        verified.map_err(|error| match error {
            Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
                // The last one sent is the nearest to who signed it all.
                let last = intermediates.last().unwrap_or(end_entity);
                Error::Other(OtherError(Arc::new(Untrusted { issuer: issuer(last) })))
            }
            error => error,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier()?.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier()?.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}

/// The issuer's name, as `CN=Example Proxy CA,O=Example`.
fn issuer(certificate: &CertificateDer<'_>) -> String {
    Certificate::from_der(certificate)
        .map_or_else(|_| "somebody".to_owned(), |it| it.tbs_certificate().issuer().to_string())
}
