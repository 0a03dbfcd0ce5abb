//! Encryption of connections: on when the URL says `sslmode=require`, and then always with a look at the server's
//! certificate; one that is not checked protects from nothing.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use store::{Error, Result};
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// `None` when the connection is not to be encrypted.
pub(crate) fn connector(config: &Config, roots: Option<&Path>) -> Result<Option<MakeRustlsConnect>> {
    if config.get_ssl_mode() != SslMode::Require {
        return Ok(None);
    }
    let roots = match roots {
        Some(path) => from_file(path)?,
        None => trusted_here()?,
    };
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Failed(format!("cannot set up encryption: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(MakeRustlsConnect::new(client)))
}

fn from_file(path: &Path) -> Result<RootCertStore> {
    let shown = path.display();
    let cannot = |why: &dyn std::fmt::Display| {
        Error::Failed(format!("cannot read the certificates in `{shown}`: {why}"))
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| cannot(&error))? {
        let certificate = certificate.map_err(|error| cannot(&error))?;
        roots.add(certificate).map_err(|error| cannot(&error))?;
    }
    if roots.is_empty() { Err(cannot(&"there are none")) } else { Ok(roots) }
}

fn trusted_here() -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    // One that cannot be used is no reason to do without the others.
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added > 0 {
        return Ok(roots);
    }
    let why = found.errors.first().map_or("there are none".to_owned(), ToString::to_string);
    Err(Error::Failed(format!(
        "cannot find the certificates that this machine trusts ({why}); install `ca-certificates`, or name a file with \
         the server's root certificate"
    )))
}
