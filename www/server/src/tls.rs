//! A self-signed certificate, made at start and forgotten at the end.

use std::error::Error;
use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;

/// TLS for `localhost`. The certificate is not trusted: test browsers are told to look away, people
/// have to click.
pub(crate) fn self_signed(http1: bool) -> Result<RustlsConfig, Box<dyn Error + Send + Sync>> {
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut params = CertificateParams::new(names)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "hallpass demo");
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;

    let private = PrivateKeyDer::try_from(key.serialize_der())?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)?;
    if !http1 {
        config.alpn_protocols.push(b"h2".to_vec());
    }
    config.alpn_protocols.push(b"http/1.1".to_vec());
    Ok(RustlsConfig::from_config(Arc::new(config)))
}
