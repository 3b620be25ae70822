//! The caller's deadline and the caller's disappearance both stop the work.

use engine::contracts::QuoteRequest;
use prost::Message;

use crate::support::{append_request, error_code, one_line, start, transfer};

#[tokio::test]
async fn http_answers_504_when_the_time_is_up() {
    let engine = start(&[("CUTOVER_DEFECT", "slow-path")]).await;
    let quote = |timeout: &str| {
        let call = engine.post("/v1/quotes", &one_line("A"));
        call.header("X-Request-Timeout-Ms", timeout).send()
    };
    let answer = quote("10").await.unwrap();
    assert_eq!(error_code(answer).await, (504, "DEADLINE_EXCEEDED".into()));
    assert_eq!(quote("20000").await.unwrap().status(), 200);
    for timeout in ["soon", "0"] {
        let answer = quote(timeout).await.unwrap();
        assert_eq!(error_code(answer).await, (400, "INVALID_ARGUMENT".into()));
    }
}

/// By hand: tonic's client would stop by itself at the same moment and hide what the server answers.
#[tokio::test]
async fn grpc_answers_deadline_exceeded_when_the_time_is_up() {
    let engine = start(&[("CUTOVER_DEFECT", "slow-path")]).await;
    let client = reqwest::Client::builder()
        .no_proxy()
        .http2_prior_knowledge()
        .build()
        .unwrap();
    let request: QuoteRequest = serde_json::from_value(one_line("A")).unwrap();
    let message = request.encode_to_vec();
    let mut body = vec![0];
    body.extend((message.len() as u32).to_be_bytes());
    body.extend(message);
    let url = format!(
        "http://{}/cutover.v1.Pricing/Quote",
        engine.engine.grpc_addr
    );
    for (timeout, expected) in [("10m", Some("4")), ("20S", None), ("soon", Some("3"))] {
        let call = client.post(&url).header("te", "trailers");
        let call = call.header("content-type", "application/grpc");
        let call = call.header("grpc-timeout", timeout).body(body.clone());
        let answer = call.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let status = answer.headers().get("grpc-status");
        assert_eq!(status.map(|value| value.to_str().unwrap()), expected);
    }
}

/// Another process holds the store: appends wait, up to the two seconds of the busy time-out.
#[tokio::test]
async fn a_caller_who_leaves_cancels_the_work() {
    let engine = start(&[]).await;
    let store = rusqlite::Connection::open(engine.folder.path().join("engine.db")).unwrap();
    store.execute_batch("BEGIN IMMEDIATE").unwrap();

    let call = engine.post("/v1/ledger/entries", &transfer("account", 1));
    let http = tokio::spawn(call.header("Idempotency-Key", "key-1").send());
    let mut ledger = engine.ledger().await;
    let grpc =
        tokio::spawn(async move { ledger.append(append_request("key-2", "account", 1)).await });
    engine.until_metric("requests_in_flight", 2.0).await;
    http.abort();
    grpc.abort();
    for protocol in ["http", "grpc"] {
        let cancelled = format!(
            r#"requests_total{{code="CANCELLED",operation="ledger-append",protocol="{protocol}"}}"#
        );
        engine.until_metric(&cancelled, 1.0).await;
    }
    engine.until_metric("requests_in_flight", 0.0).await;
}
