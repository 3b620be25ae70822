//! HTTP and gRPC over the same ledger: statuses, codes, shapes.

use engine::contracts::{Entry, GetEntryRequest, ListEntriesRequest};
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use tonic::Code;

use crate::support::{append_request, error_code, one_line, start, transfer};

#[tokio::test]
async fn an_entry_is_created_once_and_answered_the_same_ever_after() {
    let engine = start(&[]).await;
    let first = engine.append("key-1", &transfer("account-1", -250)).await;
    assert_eq!(first.status(), 201);
    let body = first.text().await.unwrap();
    let entry: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(entry["id"], "4245a32430fb6511a8a872c4a876f44f");
    assert_eq!(entry["amountMinor"], -250);
    assert_eq!(entry["sequence"], 1);
    assert_eq!(entry["balanceMinor"], -250);
    assert_eq!(entry["storedBy"], "engine");
    assert!(entry["committedAtMs"].is_i64());

    let again = engine.append("key-1", &transfer("account-1", -250)).await;
    assert_eq!(again.status(), 200);
    assert_eq!(again.text().await.unwrap(), body);

    for other in [
        transfer("account-2", -250),
        transfer("account-1", 250),
        json!({"account": "account-1", "amountMinor": -250}),
    ] {
        let refused = engine.append("key-1", &other).await;
        assert_eq!(error_code(refused).await, (409, "ALREADY_EXISTS".into()));
    }

    // The other protocol sees the same entry.
    let mut grpc = engine.ledger().await;
    let id = entry["id"].as_str().unwrap().to_owned();
    let same = grpc
        .append(append_request("key-1", "account-1", -250))
        .await;
    let same = same.unwrap();
    assert_eq!(same.metadata().get("idempotent-replay").unwrap(), "true");
    let same = same.into_inner();
    assert_eq!(serde_json::to_value(&same).unwrap(), entry);
    let got = grpc.get(GetEntryRequest { id: id.clone() }).await.unwrap();
    assert_eq!(got.into_inner(), same);
    let path = format!("/v1/ledger/entries/{id}");
    assert_eq!(engine.get(&path).await.text().await.unwrap(), body);
    let refused = grpc.append(append_request("key-1", "account-1", 1)).await;
    assert_eq!(refused.unwrap_err().code(), Code::AlreadyExists);
}

#[tokio::test]
async fn lists_go_on_over_pages_and_keep_the_limit() {
    let engine = start(&[]).await;
    let appends = (1..=600).map(|n| {
        let request = append_request(&format!("key-{n}"), "account/1", n);
        engine.engine.ledger.append(request)
    });
    futures_util::future::try_join_all(appends).await.unwrap();

    let http = async |query: &str| -> Vec<i64> {
        let path = format!("/v1/ledger/accounts/account%2F1/entries{query}");
        let text = engine.get(&path).await.text().await.unwrap();
        let entries = text.lines().map(|line| serde_json::from_str(line).unwrap());
        entries.map(|entry: Entry| entry.sequence).collect()
    };
    assert_eq!(http("").await, (1..=600).collect::<Vec<_>>());
    assert_eq!(http("?after=590").await, (591..=600).collect::<Vec<_>>());
    assert_eq!(
        http("?limit=300&after=100").await,
        (101..=400).collect::<Vec<_>>()
    );
    assert_eq!(http("?limit=256").await, (1..=256).collect::<Vec<_>>());
    assert_eq!(http("?after=600").await, [0_i64; 0]);

    let request = ListEntriesRequest {
        account: "account/1".to_owned(),
        after_sequence: 10,
        limit: 512,
    };
    let stream = engine.ledger().await.list(request).await.unwrap();
    let entries: Vec<Entry> = stream.into_inner().try_collect().await.unwrap();
    let sequences: Vec<i64> = entries.iter().map(|entry| entry.sequence).collect();
    assert_eq!(sequences, (11..=522).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_newer_client_is_understood() {
    let engine = start(&[]).await;
    let mut newer = one_line("A");
    newer["colour"] = "red".into();
    let answer = engine.post("/v1/quotes", &newer).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn bad_requests_are_told_apart() {
    let engine = start(&[]).await;
    let invalid = (400, "INVALID_ARGUMENT".to_owned());

    for body in [json!({}), json!([]), one_line("")] {
        let answer = engine.post("/v1/quotes", &body).send().await.unwrap();
        assert_eq!(error_code(answer).await, invalid, "{body}");
    }
    let broken = engine.client.post(engine.url("/v1/quotes")).body("{");
    assert_eq!(error_code(broken.send().await.unwrap()).await, invalid);

    // The key is a header, and only that.
    let mut keyed = transfer("account-1", 1);
    keyed["idempotencyKey"] = "key".into();
    let no_key = engine.post("/v1/ledger/entries", &keyed).send().await;
    assert_eq!(error_code(no_key.unwrap()).await, invalid);
    let zero = engine.append("key", &transfer("account-1", 0)).await;
    assert_eq!(error_code(zero).await, invalid);

    for path in [
        "/v1/ledger/accounts/a/entries?after=-1",
        "/v1/ledger/accounts/a/entries?limit=many",
        "/v1/ledger/accounts/a/entries?page=2",
    ] {
        assert_eq!(error_code(engine.get(path).await).await, invalid, "{path}");
    }
    for path in ["/v1/ledger/entries/unknown", "/v2"] {
        let expected = (404, "NOT_FOUND".to_owned());
        assert_eq!(error_code(engine.get(path).await).await, expected);
    }
    let method = engine.get("/v1/quotes").await;
    assert_eq!(error_code(method).await, (405, "UNIMPLEMENTED".into()));

    let mut grpc = engine.ledger().await;
    let get = |id: &str| GetEntryRequest { id: id.to_owned() };
    let code = |status: tonic::Status| status.code();
    assert_eq!(
        grpc.get(get("unknown")).await.map_err(code).unwrap_err(),
        Code::NotFound
    );
    assert_eq!(
        grpc.get(get("")).await.map_err(code).unwrap_err(),
        Code::InvalidArgument
    );
    let zero = grpc.append(append_request("key", "a", 0)).await;
    assert_eq!(zero.map_err(code).unwrap_err(), Code::InvalidArgument);
}
