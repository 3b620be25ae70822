//! Both protocols answer the shared vectors, and each pricing defect can be seen from outside.

use std::time::{Duration, Instant};

use engine::contracts::QuoteRequest;
use futures_util::future::join_all;
use serde_json::Value;

use crate::support::{one_line, start};

#[tokio::test]
async fn both_protocols_answer_the_vectors() {
    let engine = start(&[]).await;
    let mut grpc = engine.pricing().await;
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../contracts/vectors/quotes.json"
    );
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    for vector in vectors.as_array().unwrap() {
        let mut expected = vector["response"].clone();
        expected["servedBy"] = "engine".into();

        let response = engine.post("/v1/quotes", &vector["request"]).send().await;
        let response = response.unwrap();
        assert_eq!(response.status(), 200, "{vector}");
        assert_eq!(response.json::<Value>().await.unwrap(), expected);

        let request: QuoteRequest = serde_json::from_value(vector["request"].clone()).unwrap();
        let quote = grpc.quote(request).await.unwrap().into_inner();
        assert_eq!(serde_json::to_value(quote).unwrap(), expected);
    }
}

async fn quote_all(defect: &str, skus: &[String]) -> Duration {
    let engine = start(&[("CUTOVER_DEFECT", defect)]).await;
    let started = Instant::now();
    let calls = skus.iter().map(async |sku| {
        let answer = engine.post("/v1/quotes", &one_line(sku)).send().await;
        assert_eq!(answer.unwrap().status(), 200);
    });
    join_all(calls).await;
    started.elapsed()
}

/// Sleeps are lower bounds however busy the machine is; the exact figures are in the unit tests.
#[tokio::test]
async fn slow_path_and_hot_lock_take_their_time() {
    let one = ["A".to_owned()];
    assert!(quote_all("slow-path", &one).await >= Duration::from_millis(80));
    let same: Vec<String> = vec!["A".to_owned(); 25];
    assert!(quote_all("no-breaker,hot-lock", &same).await >= Duration::from_millis(200));
}

#[tokio::test]
async fn memory_leak_grows_the_process() {
    let engine = start(&[("CUTOVER_DEFECT", "memory-leak")]).await;
    let resident = "process_resident_memory_bytes";
    let before = engine.metric(resident).await;
    for _ in 0..400 {
        let answer = engine.post("/v1/quotes", &one_line("A")).send().await;
        assert_eq!(answer.unwrap().status(), 200);
    }
    let grown = engine.metric(resident).await - before;
    // 50 MiB are kept; other tests in this process may give some memory back meanwhile.
    assert!(grown > 30e6, "{grown}");
}
