//! Metrics by name, and spans that arrive at a collector.

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use std::time::Duration;
use tokio::sync::mpsc;

use crate::support::{one_line, start, transfer};

#[tokio::test]
async fn metrics_have_the_agreed_names() {
    let engine = start(&[]).await;
    engine
        .post("/v1/quotes", &one_line("A"))
        .send()
        .await
        .unwrap();
    engine.append("key", &transfer("account", 1)).await;
    engine
        .get("/v1/ledger/accounts/account/entries")
        .await
        .text()
        .await
        .unwrap();
    let text = engine.get("/metrics").await.text().await.unwrap();
    for name in [
        r#"requests_total{code="OK",operation="quote",protocol="http"} 1"#,
        r#"requests_total{code="OK",operation="ledger-append",protocol="http"} 1"#,
        r#"requests_total{code="OK",operation="ledger-list",protocol="http"} 1"#,
        r#"request_duration_seconds_bucket{operation="quote",protocol="http",le="+Inf"} 1"#,
        "requests_in_flight 0",
        "ledger_entries_total 1",
        "process_cpu_seconds_total ",
        "process_resident_memory_bytes ",
        "process_start_time_seconds ",
    ] {
        assert!(text.contains(name), "{name}\n{text}");
    }
}

/// Whether `bytes` (a protobuf message) hold `hex` (a trace id).
fn holds(bytes: &[u8], hex: &str) -> bool {
    let digits = (0..hex.len()).step_by(2);
    let id: Vec<u8> = digits
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect();
    bytes.windows(id.len()).any(|window| window == id)
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_arrive_in_the_callers_trace() {
    let (sender, mut received) = mpsc::unbounded_channel();
    let take = async move |body: Bytes| {
        sender.send(body).unwrap();
    };
    let collector = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let routes = Router::new().route("/v1/traces", post(take));
    let collector = tokio::spawn(engine::serve::serve(
        collector,
        routes,
        engine::call::Protocol::Http,
        Default::default(),
    ));

    let engine = start(&[("OTLP_ENDPOINT", &endpoint)]).await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let malformed = "5bf92f3577b34da6a3ce929d0e0e4736";
    for traceparent in [
        format!("00-{trace}-00f067aa0ba902b7-01"),
        format!("00-{malformed}-0000000000000000-01"),
    ] {
        let call = engine.post("/v1/quotes", &one_line("A"));
        let call = call.header("traceparent", traceparent);
        assert_eq!(call.send().await.unwrap().status(), 200);
    }
    // The drain sends what is left.
    assert!(engine.engine.drain(Duration::from_secs(20)).await);
    collector.abort();
    let mut all = Vec::new();
    while let Ok(body) = received.try_recv() {
        all.extend(body);
    }
    assert!(holds(&all, trace));
    assert!(!holds(&all, malformed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_collector_disturbs_nobody() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let engine = start(&[("OTLP_ENDPOINT", &endpoint)]).await;
    let answer = engine.post("/v1/quotes", &one_line("A")).send().await;
    assert_eq!(answer.unwrap().status(), 200);
    assert!(engine.engine.drain(Duration::from_secs(20)).await);
}
