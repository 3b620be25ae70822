//! Readiness and the drain, seen from outside.

use std::time::{Duration, Instant};

use engine::contracts::QuoteRequest;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::support::{Running, one_line, start};

async fn readiness(engine: &Running) -> (u16, Value, i32) {
    let http = engine.get("/readyz").await;
    let status = http.status().as_u16();
    let mut health = engine.health().await;
    let grpc = health.check(HealthCheckRequest::default()).await.unwrap();
    (status, http.json().await.unwrap(), grpc.into_inner().status)
}

#[tokio::test]
async fn ready_while_the_store_answers() {
    let engine = start(&[]).await;
    let body = json!({"ready": true, "dependencies": {"store": "ok"}});
    let serving = ServingStatus::Serving as i32;
    assert_eq!(readiness(&engine).await, (200, body, serving));

    engine.engine.ledger.close().await;
    let body = json!({"ready": false, "dependencies": {"store": "failing"}});
    let not_serving = ServingStatus::NotServing as i32;
    assert_eq!(readiness(&engine).await, (503, body, not_serving));
    let live = engine.get("/livez").await;
    assert_eq!(live.json::<Value>().await.unwrap(), json!({"live": true}));
}

#[tokio::test]
async fn readiness_lies_says_ready_all_the_same() {
    let engine = start(&[("CUTOVER_DEFECT", "readiness-lies")]).await;
    engine.engine.ledger.close().await;
    let (http, body, grpc) = readiness(&engine).await;
    assert_eq!((http, grpc), (200, ServingStatus::Serving as i32));
    assert_eq!(body["ready"], true);
}

#[tokio::test]
async fn health_knows_its_services() {
    let engine = start(&[]).await;
    let mut health = engine.health().await;
    let ask = |service: &str| HealthCheckRequest {
        service: service.to_owned(),
    };
    assert!(health.check(ask("cutover.v1.Ledger")).await.is_ok());
    let unknown = health.check(ask("cutover.v1.Orders")).await.unwrap_err();
    assert_eq!(unknown.code(), tonic::Code::NotFound);
}

/// 200 quotes queue for one hot lock: the last are answered 1.6 s later, after the notice of one second.
#[tokio::test]
async fn a_drain_gives_notice_answers_what_is_in_flight_and_lets_nobody_in() {
    let engine = start(&[("CUTOVER_DEFECT", "hot-lock")]).await;
    let (http_addr, grpc_addr) = (engine.engine.http_addr, engine.engine.grpc_addr);
    let mut health = engine.health().await;
    let watch = health.watch(HealthCheckRequest::default()).await;
    let mut watch = watch.unwrap().into_inner();
    let first = watch.message().await.unwrap().unwrap();
    assert_eq!(first.status, ServingStatus::Serving as i32);

    let quote = || tokio::spawn(engine.post("/v1/quotes", &one_line("A")).send());
    let http: Vec<_> = (0..199).map(|_| quote()).collect();
    let mut pricing = engine.pricing().await;
    let request: QuoteRequest = serde_json::from_value(one_line("A")).unwrap();
    let grpc = tokio::spawn(async move { pricing.quote(request).await });
    let (client, readyz) = (engine.client.clone(), engine.url("/readyz"));
    // All have come; the first may have gone already.
    let http_answered = r#"requests_total{code="OK",operation="quote",protocol="http"}"#;
    let grpc_answered = r#"requests_total{code="OK",operation="quote",protocol="grpc"}"#;
    let all = ["requests_in_flight", http_answered, grpc_answered];
    engine.until_sum(&all, 200.0).await;

    let started = Instant::now();
    let drained = tokio::spawn(engine.engine.drain(Duration::from_secs(60)));
    let last = watch.message().await.unwrap().unwrap();
    assert_eq!(last.status, ServingStatus::NotServing as i32);
    assert!(watch.message().await.unwrap().is_none());
    let notice = client.get(readyz).send().await.unwrap();
    assert_eq!(notice.status(), 503);
    assert_eq!(notice.headers()["connection"], "close");
    assert_eq!(notice.json::<Value>().await.unwrap()["draining"], true);

    for answer in join_all(http).await {
        assert_eq!(answer.unwrap().unwrap().status(), 200);
    }
    assert!(grpc.await.unwrap().is_ok());
    assert!(drained.await.unwrap());
    assert!(started.elapsed() >= Duration::from_secs(1));
    for address in [http_addr, grpc_addr] {
        assert!(tokio::net::TcpStream::connect(address).await.is_err());
    }
}

/// A peer that is cut off right after it has connected, say.
#[tokio::test]
async fn a_drain_does_not_wait_for_who_never_spoke() {
    let engine = start(&[]).await;
    let mut silent = Vec::new();
    for address in [engine.engine.http_addr, engine.engine.grpc_addr] {
        silent.push(tokio::net::TcpStream::connect(address).await.unwrap());
    }
    assert_eq!(engine.get("/livez").await.status(), 200);
    assert!(engine.engine.drain(Duration::from_secs(5)).await);
}

#[tokio::test]
async fn a_drain_that_takes_too_long_cuts_off_and_says_so() {
    let engine = start(&[("CUTOVER_DEFECT", "slow-path")]).await;
    let call = tokio::spawn(engine.post("/v1/quotes", &one_line("A")).send());
    engine.until_metric("requests_in_flight", 1.0).await;
    assert!(!engine.engine.drain(Duration::ZERO).await);
    assert!(call.await.unwrap().is_err());
}
