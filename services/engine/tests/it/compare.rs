//! What two stores are compared by: the event log, hashes of all rows, hashes of each.

use engine::ledger::entry_id;
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use crate::receive::{batch, push};
use crate::support::{Running, append_request, error_code, start, transfer};

async fn lines(engine: &Running, path: &str) -> Vec<Value> {
    let answer = engine.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let text = answer.text().await.unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

async fn reconciliation(engine: &Running) -> Value {
    engine
        .get("/v1/ledger/reconciliation")
        .await
        .json()
        .await
        .unwrap()
}

#[tokio::test]
async fn the_event_log_has_all_entries_in_the_order_of_their_commits() {
    let engine = start(&[]).await;
    let path = "/v1/ledger/events";
    assert_eq!(engine.get(path).await.headers()["x-watermark"], "0");

    engine.append("own-1", &transfer("account", 1)).await;
    push(&engine, &batch(&[(70, "theirs", "account", 2)])).await;
    engine.append("own-1", &transfer("account", 1)).await;
    engine.append("own-1", &transfer("account", 2)).await;
    engine.append("own-2", &transfer("account", 3)).await;
    assert_eq!(engine.get(path).await.headers()["x-watermark"], "3");
    let events = lines(&engine, path).await;
    let keys = ["own-1", "theirs", "own-2"];
    for ((event, key), position) in events.iter().zip(keys).zip(1..) {
        assert_eq!(event["position"], position);
        let path = format!("/v1/ledger/entries/{}", entry_id(key));
        let entry: Value = engine.get(&path).await.json().await.unwrap();
        assert_eq!(event["entry"], entry);
    }
    assert_eq!(
        lines(&engine, "/v1/ledger/events?after=1&limit=1").await,
        events[1..2]
    );
    assert_eq!(
        lines(&engine, "/v1/ledger/events?after=3").await,
        [json!(null); 0]
    );
}

#[tokio::test]
async fn the_event_log_goes_on_over_pages_and_keeps_the_limit() {
    let engine = start(&[]).await;
    let appends = (0..1_100).map(|n| {
        let request = append_request(&format!("key-{n}"), "account", 1);
        engine.engine.ledger.append(request)
    });
    try_join_all(appends).await.unwrap();
    let positions = async |query: &str| -> Vec<i64> {
        let events = lines(&engine, &format!("/v1/ledger/events{query}")).await;
        events
            .iter()
            .map(|event| event["position"].as_i64().unwrap())
            .collect()
    };
    assert_eq!(positions("").await, (1..=1_000).collect::<Vec<_>>());
    assert_eq!(
        positions("?limit=10000").await,
        (1..=1_100).collect::<Vec<_>>()
    );
    let some = (601..=900).collect::<Vec<_>>();
    assert_eq!(positions("?limit=300&after=600").await, some);
    assert_eq!(
        positions("?limit=0&after=1000").await,
        (1_001..=1_100).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn stores_with_the_same_entries_have_the_same_hashes() {
    let [left, right] = [start(&[]).await, start(&[]).await];
    let appends = |engine: &Running, keys: std::ops::Range<i64>| {
        let ledger = engine.engine.ledger.clone();
        let appends = keys.map(move |n| {
            let (ledger, key) = (ledger.clone(), format!("key-{n}"));
            async move { ledger.append(append_request(&key, "account", n)).await }
        });
        try_join_all(appends)
    };
    appends(&left, 1..500).await.unwrap();
    appends(&right, 250..500).await.unwrap();
    assert_ne!(
        reconciliation(&left).await["hash"],
        reconciliation(&right).await["hash"]
    );
    // In another order, and some of it as the peer's.
    appends(&right, 2..250).await.unwrap();
    push(&right, &batch(&[(1, "key-1", "account", 1)])).await;

    let [left_state, right_state] = [reconciliation(&left).await, reconciliation(&right).await];
    for part in ["entries", "hash", "buckets"] {
        assert_eq!(left_state[part], right_state[part], "{part}");
    }
    let own = |state: &Value| [state["watermark"].clone(), state["outbox"].clone()];
    assert_eq!(own(&left_state), [json!(499), json!(499)]);
    assert_eq!(own(&right_state), [json!(498), json!(498)]);
    assert_eq!(left_state["received"], json!({"monolith": 0}));
    assert_eq!(right_state["received"], json!({"monolith": 1}));
    assert_eq!(left_state["entries"], 499);
}

fn bits(hash: &Value) -> u64 {
    let text = hash.as_str().unwrap();
    assert_eq!(text.len(), 16);
    u64::from_str_radix(text, 16).unwrap()
}

#[tokio::test]
async fn rows_add_up_to_buckets_and_buckets_to_the_whole() {
    let engine = start(&[]).await;
    let appends = (0..700).map(|n| {
        let request = append_request(&format!("key-{n}"), "account", 1);
        engine.engine.ledger.append(request)
    });
    try_join_all(appends).await.unwrap();
    let state = reconciliation(&engine).await;
    let rows = lines(&engine, "/v1/ledger/hashes").await;
    assert_eq!(rows.len(), 700);
    assert!(rows.is_sorted_by_key(|row| row["id"].as_str().unwrap()));
    let sum = |rows: &[Value]| rows.iter().fold(0, |sum, row| sum ^ bits(&row["hash"]));
    assert_eq!(bits(&state["hash"]), sum(&rows));
    let buckets = state["buckets"].as_array().unwrap();
    assert_eq!(buckets.len(), 256);
    assert_eq!(bits(&state["hash"]), sum(buckets));
    for prefix in ["00", "a7", "ff"] {
        let some = lines(&engine, &format!("/v1/ledger/hashes?prefix={prefix}")).await;
        let bucket = buckets
            .iter()
            .find(|bucket| bucket["prefix"] == prefix)
            .unwrap();
        assert_eq!(bucket["entries"], some.len());
        assert_eq!(bits(&bucket["hash"]), sum(&some));
        let ids = rows
            .iter()
            .filter(|row| row["id"].as_str().unwrap().starts_with(prefix));
        assert_eq!(some, ids.cloned().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn bad_questions_are_refused() {
    let engine = start(&[]).await;
    for path in [
        "/v1/ledger/events?after=-1",
        "/v1/ledger/events?limit=10001",
        "/v1/ledger/events?since=1",
        "/v1/ledger/hashes?prefix=xy",
        "/v1/ledger/hashes?prefix=00000",
    ] {
        let refused = error_code(engine.get(path).await).await;
        assert_eq!(refused, (400, "INVALID_ARGUMENT".into()), "{path}");
    }
}
