//! Defects that are about the process as a whole, or about quotes, as they are seen from outside. Others are where what
//! they break is tested.

use engine::contracts::QuoteRequest;
use engine::ledger::entry_id;
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tonic::Code;

use crate::binary::{Process, log};
use crate::support::{Running, client, error_code, one_line, start, transfer, until};

const EARLY: [(&str, &str); 1] = [("CUTOVER_DEFECT", "ack-before-commit")];

#[tokio::test]
async fn ack_before_commit_answers_what_is_not_there_yet() {
    let engine = start(&EARLY).await;
    let path = format!("/v1/ledger/entries/{}", entry_id("key"));
    let first = engine.append("key", &transfer("account", 5)).await;
    assert_eq!(first.status(), 201);
    let first: Value = first.json().await.unwrap();
    assert_eq!(engine.get(&path).await.status(), 404);
    // Within the same commit: the next in the row, and the same again.
    let next = engine.append("next", &transfer("account", 5)).await;
    assert_eq!(next.json::<Value>().await.unwrap()["sequence"], 2);
    let again = engine.append("key", &transfer("account", 5)).await;
    assert_eq!(again.status(), 200);

    let stored = async || engine.get(&path).await.status() == 200;
    until("the entry to be there", stored).await;
    let entry: Value = engine.get(&path).await.json().await.unwrap();
    assert_eq!(entry, first);
    engine.until_metric("replication_outbox_entries", 2.0).await;
}

#[tokio::test]
async fn ack_before_commit_loses_it_with_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(folder.path(), &EARLY).await;
    let client = client();
    process.append(&client, "key").await.unwrap();
    process.kill().await;
    let process = Process::start(folder.path(), &[]).await;
    let state = process.json(&client, "/v1/ledger/reconciliation").await;
    assert_eq!(state["entries"], 0);
}

/// The healthy one answers it: see `drain`.
#[tokio::test]
async fn abrupt_stop_cuts_what_is_in_flight() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [("CUTOVER_DEFECT", "abrupt-stop,slow-path")];
    let mut process = Process::start(folder.path(), &settings).await;
    let call = client().post(process.url("/v1/quotes"));
    let call = tokio::spawn(call.json(&one_line("A")).send());
    process.until_metric("requests_in_flight", 1.0).await;
    process.signal(Signal::SIGTERM);
    assert!(call.await.unwrap().is_err());
    assert_eq!(process.child.wait().await.unwrap().code(), Some(0));
}

#[tokio::test]
async fn rounding_takes_a_minor_unit_of_tax() {
    let [healthy, broken] = [
        start(&[]).await,
        start(&[("CUTOVER_DEFECT", "rounding")]).await,
    ];
    let mut differences = Vec::new();
    for n in 0..20 {
        let quote = async |engine: &Running| -> Value {
            let call = engine.post("/v1/quotes", &one_line(&format!("sku-{n}")));
            call.send().await.unwrap().json().await.unwrap()
        };
        let [right, wrong] = [quote(&healthy).await, quote(&broken).await];
        assert_eq!(right["netMinor"], wrong["netMinor"]);
        let tax = |quote: &Value| quote["taxMinor"].as_i64().unwrap();
        differences.push(tax(&right) - tax(&wrong));
    }
    assert!(differences.contains(&1), "{differences:?}");
    assert!(
        differences.iter().all(|d| [0, 1].contains(d)),
        "{differences:?}"
    );
}

#[tokio::test]
async fn contract_break_refuses_older_clients() {
    let engine = start(&[("CUTOVER_DEFECT", "contract-break")]).await;
    let mut grpc = engine.pricing().await;
    let older = one_line("A");
    let mut newer = older.clone();
    newer["currency"] = json!("EUR");
    let refused = engine.post("/v1/quotes", &older).send().await.unwrap();
    assert_eq!(error_code(refused).await, (400, "INVALID_ARGUMENT".into()));
    let served = engine.post("/v1/quotes", &newer).send().await.unwrap();
    assert_eq!(served.status(), 200);

    let request = |body: &Value| serde_json::from_value::<QuoteRequest>(body.clone()).unwrap();
    let refused = grpc.quote(request(&older)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(grpc.quote(request(&newer)).await.is_ok());
}

#[tokio::test]
async fn log_untraced_hides_where_a_failure_belongs() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [("CUTOVER_DEFECT", "log-untraced")];
    let mut process = Process::start(folder.path(), &settings).await;
    let call = client().post(process.url("/v1/quotes"));
    assert_eq!(call.json(&one_line("")).send().await.unwrap().status(), 400);
    let line = log(&mut process.logs, "request failed").await;
    assert_eq!(
        (&line["trace_id"], &line["span_id"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(line["code"], "INVALID_ARGUMENT");
}
