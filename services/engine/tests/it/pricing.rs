//! Both protocols answer the shared vectors, and each pricing defect can be seen from outside.

use std::time::{Duration, Instant};

use engine::contracts::QuoteRequest;
use futures_util::future::join_all;
use serde_json::Value;
use tonic::Code;

use crate::support::{Running, error_code, one_line, start, transfer};

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

#[tokio::test]
async fn a_currency_may_be_left_out_and_is_checked() {
    let engine = start(&[]).await;
    let mut grpc = engine.pricing().await;
    for (currency, allowed) in [("", true), ("EUR", true), ("USD", false)] {
        let mut body = one_line("A");
        body["currency"] = currency.into();
        let answer = engine.post("/v1/quotes", &body).send().await.unwrap();
        if allowed {
            assert_eq!(answer.status(), 200, "{currency}");
        } else {
            let refused = (400, "INVALID_ARGUMENT".to_owned());
            assert_eq!(error_code(answer).await, refused, "{currency}");
        }
        let request: QuoteRequest = serde_json::from_value(body).unwrap();
        let code = grpc
            .quote(request)
            .await
            .map_or_else(|s| s.code(), |_| Code::Ok);
        assert_eq!(code == Code::Ok, allowed, "{currency}: {code}");
    }
}

/// 30 million rounds need each other's result: no processor does them in 50 ms, however well they are compiled.
#[tokio::test]
async fn work_changes_the_cost_and_not_the_result() {
    let (usual, costly) = (start(&[]).await, start(&[("PRICING_WORK", "15000")]).await);
    let quote = async |engine: &Running| {
        let answer = engine.post("/v1/quotes", &one_line("A")).send().await;
        answer.unwrap().text().await.unwrap()
    };
    let expected = quote(&usual).await;
    let started = Instant::now();
    assert_eq!(quote(&costly).await, expected);
    assert!(started.elapsed() >= Duration::from_millis(50));
}

/// All on one thread here: without a turn in between, neither the clock nor the probe would get theirs before the end.
#[tokio::test]
async fn a_costly_quote_keeps_its_deadline_and_lets_others_in_between() {
    let engine = start(&[("PRICING_WORK", "100000")]).await;
    let quote = || engine.post("/v1/quotes", &one_line("A"));
    let late = quote().header("X-Request-Timeout-Ms", "20").send().await;
    assert_eq!(late.unwrap().status(), 504);

    let probe = async {
        engine.until_metric("requests_in_flight", 1.0).await;
        assert_eq!(engine.get("/livez").await.status(), 200);
    };
    tokio::select! {
        biased;
        _ = quote().send() => panic!("the quote came first"),
        () = probe => {}
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
async fn hot_lock_is_for_ledger_writes_too() {
    let engine = start(&[("CUTOVER_DEFECT", "hot-lock")]).await;
    let started = Instant::now();
    let writes = (0..25).map(async |n| {
        let answer = engine.append(&n.to_string(), &transfer("a", 1)).await;
        assert_eq!(answer.status(), 201);
    });
    join_all(writes).await;
    assert!(started.elapsed() >= Duration::from_millis(200));
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
