//! TLS for both ports and towards the peer, where files are named for it. Versions and ciphers are `rustls`'s safe ones.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use crate::call::Protocol;
use crate::config::TlsFiles;

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{variable}={path:?}: {source}")]
    File {
        variable: &'static str,
        path: PathBuf,
        source: pem::Error,
    },
    #[error("{variable}={path:?}: there is no certificate in it")]
    Empty {
        variable: &'static str,
        path: PathBuf,
    },
    #[error("TLS_CERT and TLS_KEY: {0}")]
    Server(rustls::Error),
    #[error("TLS_CA: {0}")]
    Client(rustls::Error),
}

/// What a port of this protocol answers connections with.
pub fn acceptor(files: &TlsFiles, protocol: Protocol) -> Result<TlsAcceptor, TlsError> {
    let certificates = certificates("TLS_CERT", &files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|source| TlsError::File {
        variable: "TLS_KEY",
        path: files.key.clone(),
        source,
    })?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            let builder = builder.with_no_client_auth();
            builder.with_single_cert(certificates, key)
        })
        .map_err(TlsError::Server)?;
    config.alpn_protocols = match protocol {
        Protocol::Http => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        Protocol::Grpc => vec![b"h2".to_vec()],
    };
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Trusts whom `ca` names, and nobody else; without it, whom the system trusts.
pub fn client(ca: Option<&Path>) -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(path) => {
            for certificate in certificates("TLS_CA", path)? {
                roots.add(certificate).map_err(TlsError::Client)?;
            }
        }
        None => {
            // What can't be read or understood there is nothing that this service could do about.
            let system = rustls_native_certs::load_native_certs().certs;
            roots.add_parsable_certificates(system);
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Client)?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn certificates(
    variable: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |source| TlsError::File {
        variable,
        path: path.to_owned(),
        source,
    };
    let all = CertificateDer::pem_file_iter(path).map_err(failed)?;
    let all: Vec<_> = all.collect::<Result<_, _>>().map_err(failed)?;
    if all.is_empty() {
        return Err(TlsError::Empty {
            variable,
            path: path.to_owned(),
        });
    }
    Ok(all)
}
