//! TLS on both ports and towards the peer.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use engine::call::Protocol;
use engine::config::TlsFiles;
use engine::contracts::QuoteRequest;
use engine::contracts::pricing_client::PricingClient;
use engine::tls;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};

use crate::binary::command;
use crate::peer::Peer;
use crate::support::{Running, one_line, start, transfer};

/// A certificate for 127.0.0.1 that vouches for itself, in files of this name.
fn certificate(folder: &Path, name: &str) -> TlsFiles {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let files = TlsFiles {
        certificate: folder.join(format!("{name}.pem")),
        key: folder.join(format!("{name}.key")),
    };
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    files
}

async fn start_with(files: &TlsFiles) -> Running {
    let [certificate, key] = [&files.certificate, &files.key].map(|path| path.to_str().unwrap());
    start(&[("TLS_CERT", certificate), ("TLS_KEY", key)]).await
}

async fn connect(
    engine: &Running,
    trusted: &Path,
    protocols: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut config = tls::client(Some(trusted)).unwrap();
    config.alpn_protocols = protocols
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    let stream = TcpStream::connect(engine.engine.http_addr).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

#[tokio::test]
async fn both_ports_speak_tls_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let files = certificate(folder.path(), "engine");
    let engine = start_with(&files).await;

    let mut stream = connect(&engine, &files.certificate, &["http/1.1"])
        .await
        .unwrap();
    let request = b"GET /livez HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with(r#"{"live":true}"#), "{answer}");
    let both = connect(&engine, &files.certificate, &["h2", "http/1.1"])
        .await
        .unwrap();
    assert_eq!(both.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));

    let ca = std::fs::read_to_string(&files.certificate).unwrap();
    let trust = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(ca));
    let endpoint = Endpoint::from_shared(format!("https://{}", engine.engine.grpc_addr));
    let channel = endpoint.unwrap().tls_config(trust).unwrap().connect().await;
    let request: QuoteRequest = serde_json::from_value(one_line("A")).unwrap();
    let quote = PricingClient::new(channel.unwrap()).quote(request).await;
    assert_eq!(quote.unwrap().into_inner().served_by, "engine");

    let other = certificate(folder.path(), "other");
    assert!(connect(&engine, &other.certificate, &[]).await.is_err());
    assert!(
        engine
            .client
            .get(engine.url("/livez"))
            .send()
            .await
            .is_err()
    );
    let endpoint = Endpoint::from_shared(format!("http://{}", engine.engine.grpc_addr));
    let channel = endpoint.unwrap().connect_lazy();
    let request: QuoteRequest = serde_json::from_value(one_line("A")).unwrap();
    assert!(PricingClient::new(channel).quote(request).await.is_err());
}

/// One has not said anything, one has only shaken hands.
#[tokio::test]
async fn a_drain_does_not_wait_for_who_never_asked() {
    let folder = tempfile::tempdir().unwrap();
    let files = certificate(folder.path(), "engine");
    let engine = start_with(&files).await;
    let _silent = TcpStream::connect(engine.engine.http_addr).await.unwrap();
    let mut begun = TcpStream::connect(engine.engine.http_addr).await.unwrap();
    begun.write_all(&[22, 3, 1]).await.unwrap();
    let _shaken = connect(&engine, &files.certificate, &["http/1.1"])
        .await
        .unwrap();
    assert!(engine.engine.drain(Duration::from_secs(8)).await);
}

#[tokio::test]
async fn entries_are_pushed_to_a_peer_that_is_vouched_for_only() {
    let folder = tempfile::tempdir().unwrap();
    let [known, unknown] = ["known", "unknown"].map(|name| certificate(folder.path(), name));
    let acceptor = tls::acceptor(&known, Protocol::Http).unwrap();
    let peer = Peer::start_with(&[], Duration::ZERO, Some(acceptor)).await;
    for files in [&unknown, &known] {
        let settings = [
            ("PEER_URL", peer.url.as_str()),
            ("REPLICATION_INTERVAL", "5ms"),
            ("TLS_CA", files.certificate.to_str().unwrap()),
        ];
        let engine = start(&settings).await;
        engine.append("key", &transfer("account", 1)).await;
        if files == &known {
            engine.until_metric("replication_outbox_entries", 0.0).await;
            assert_eq!(peer.positions(), [1]);
        } else {
            engine.until_metric("replication_failures_total", 1.0).await;
            assert!(peer.positions().is_empty());
        }
    }
}

#[tokio::test]
async fn files_that_are_none_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let files = certificate(folder.path(), "engine");
    let [certificate, key] = [&files.certificate, &files.key].map(|path| path.to_str().unwrap());
    let store = folder.path().join("engine.db").display().to_string();
    let cases = [
        (
            [("TLS_CERT", "/nowhere.pem"), ("TLS_KEY", key)],
            "TLS_CERT=\"/nowhere.pem\"",
        ),
        ([("TLS_CERT", key), ("TLS_KEY", key)], "TLS_CERT="),
        (
            [("TLS_CERT", certificate), ("TLS_KEY", certificate)],
            "TLS_KEY=",
        ),
        (
            [("PEER_URL", "https://127.0.0.1:1"), ("TLS_CA", key)],
            "TLS_CA=",
        ),
    ];
    for (settings, named) in cases {
        let mut all = vec![
            ("HTTP_ADDR", "127.0.0.1:0"),
            ("GRPC_ADDR", "127.0.0.1:0"),
            ("STORE_DSN", &store),
        ];
        all.extend(settings);
        let output = command(&all).output().await.unwrap();
        assert_eq!(output.status.code(), Some(2), "{settings:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(
            text.contains(&named.replace('"', "\\\"")),
            "{named}: {text}"
        );
    }
}
