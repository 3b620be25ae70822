//! Receiving: a batch is stored as a whole, in order, and as often as it comes only once.

use engine::ledger::entry_id;
use engine::replication::{Batch, Event, ReplicatedEntry};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::binary::Process;
use crate::support::{Running, client, error_code, start, transfer};

/// Entries of the monolith's: position, key, account, amount.
pub fn batch(entries: &[(i64, &str, &str, i64)]) -> Batch {
    let event = |&(position, key, account, amount_minor): &(i64, &str, &str, i64)| Event {
        position,
        entry: ReplicatedEntry {
            id: entry_id(key),
            account: account.to_owned(),
            amount_minor,
            reference: "test".to_owned(),
            committed_at_ms: 1_000 + position,
            stored_by: "monolith".to_owned(),
            idempotency_key: None,
        },
    };
    Batch {
        source: "monolith".to_owned(),
        events: entries.iter().map(event).collect(),
    }
}

/// Answers the watermark.
pub async fn push(engine: &Running, batch: &Batch) -> i64 {
    let answer = engine.client.post(engine.url("/v1/replication/entries"));
    let answer = answer.json(batch).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["source"], "monolith");
    answer["watermark"].as_i64().unwrap()
}

async fn entry(engine: &Running, key: &str) -> Value {
    let path = format!("/v1/ledger/entries/{}", entry_id(key));
    engine.get(&path).await.json().await.unwrap()
}

#[tokio::test]
async fn an_entry_keeps_what_it_is_and_gets_a_place_of_its_own() {
    let engine = start(&[]).await;
    engine.append("own", &transfer("account", 100)).await;
    let first = batch(&[(3, "a", "account", -30), (9, "b", "other", 5)]);
    assert_eq!(push(&engine, &first).await, 9);
    let expected = json!({
        "id": entry_id("a"), "account": "account", "amountMinor": -30, "reference": "test",
        "sequence": 2, "balanceMinor": 70, "committedAtMs": 1_003, "storedBy": "monolith",
    });
    assert_eq!(entry(&engine, "a").await, expected);
    assert_eq!(engine.metric("replication_applied_total").await, 2.0);
    assert_eq!(engine.metric("ledger_entries_total").await, 1.0);

    // In part and as a whole, again and late: nothing changes but the watermark, which never goes back.
    assert_eq!(push(&engine, &batch(&[(3, "a", "account", -30)])).await, 9);
    let more = batch(&[(3, "a", "account", -30), (10, "c", "account", 1)]);
    assert_eq!(push(&engine, &more).await, 10);
    assert_eq!(push(&engine, &batch(&[])).await, 10);
    assert_eq!(entry(&engine, "a").await, expected);
    assert_eq!(entry(&engine, "c").await["sequence"], 3);
    assert_eq!(engine.metric("replication_applied_total").await, 3.0);
    assert_eq!(engine.metric("replication_conflicts_total").await, 0.0);
}

#[tokio::test]
async fn keys_hold_on_both_sides() {
    let engine = start(&[]).await;
    engine.append("own", &transfer("account", 100)).await;
    let taken = batch(&[(1, "own", "account", 100), (2, "theirs", "account", 7)]);
    assert_eq!(push(&engine, &taken).await, 2);
    assert_eq!(entry(&engine, "own").await["storedBy"], "engine");

    let again = engine.append("theirs", &transfer("account", 7)).await;
    assert_eq!(again.status(), 200);
    assert_eq!(
        again.json::<Value>().await.unwrap(),
        entry(&engine, "theirs").await
    );
    let other = engine.append("theirs", &transfer("account", 8)).await;
    assert_eq!(error_code(other).await, (409, "ALREADY_EXISTS".into()));
    assert_eq!(engine.metric("replication_conflicts_total").await, 0.0);
}

#[tokio::test]
async fn another_content_is_a_conflict_and_the_own_one_stays() {
    let engine = start(&[]).await;
    engine.append("key", &transfer("account", 100)).await;
    let own = entry(&engine, "key").await;
    for (position, account, amount) in [(1, "account", 99), (2, "other", 100)] {
        push(&engine, &batch(&[(position, "key", account, amount)])).await;
    }
    // Nobody can be told that a balance is too high: replication goes on without the entry.
    let too_high = batch(&[(3, "max", "account", i64::MAX), (4, "next", "account", 1)]);
    assert_eq!(push(&engine, &too_high).await, 4);
    assert_eq!(entry(&engine, "key").await, own);
    assert_eq!(entry(&engine, "next").await["balanceMinor"], 101);
    assert_eq!(engine.metric("replication_conflicts_total").await, 3.0);
}

#[tokio::test]
async fn a_bad_batch_is_refused_as_a_whole() {
    let engine = start(&[]).await;
    let mut unordered = batch(&[(2, "a", "account", 1), (1, "b", "account", 1)]);
    let mut from_here = batch(&[(1, "a", "account", 1)]);
    from_here.source = "engine".to_owned();
    for bad in [&unordered, &from_here] {
        let call = engine.client.post(engine.url("/v1/replication/entries"));
        let refused = call.json(bad).send().await.unwrap();
        assert_eq!(error_code(refused).await, (400, "INVALID_ARGUMENT".into()));
    }
    assert_eq!(engine.metric("replication_applied_total").await, 0.0);
    unordered.events.reverse();
    assert_eq!(push(&engine, &unordered).await, 2);
}

#[tokio::test]
async fn the_longest_batch_is_taken() {
    let engine = start(&[]).await;
    let mut longest = batch(&[]);
    longest.events = (1..=200)
        .map(|position| {
            let mut event = batch(&[(position, &position.to_string(), "", 1)])
                .events
                .remove(0);
            event.entry.account = "\u{1}".repeat(64);
            event.entry.reference = "\u{1}".repeat(256);
            event.entry.idempotency_key = Some("\u{1}".repeat(128));
            event
        })
        .collect();
    assert_eq!(push(&engine, &longest).await, 200);
}

#[tokio::test]
async fn cdc_reorder_stores_a_batch_from_its_end() {
    for (defect, sequences) in [("", [1, 2, 3]), ("cdc-reorder", [3, 2, 1])] {
        let engine = start(&[("CUTOVER_DEFECT", defect)]).await;
        let keys = ["a", "b", "c"];
        let three = batch(&[(1, "a", "x", 1), (2, "b", "x", 1), (3, "c", "x", 1)]);
        assert_eq!(push(&engine, &three).await, 3);
        for (key, sequence) in keys.iter().zip(sequences) {
            assert_eq!(entry(&engine, key).await["sequence"], sequence, "{defect}");
        }
    }
}

#[tokio::test]
async fn corrupt_row_stores_the_first_entry_wrong() {
    let engine = start(&[("CUTOVER_DEFECT", "corrupt-row")]).await;
    let two = batch(&[(1, "a", "account", 10), (2, "b", "account", 10)]);
    push(&engine, &two).await;
    assert_eq!(entry(&engine, "a").await["amountMinor"], 11);
    assert_eq!(entry(&engine, "b").await["amountMinor"], 10);
}

/// Four senders at once, as a time-out and its repeat would be; the process is killed in the middle of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_leaves_whole_batches_and_the_rest_may_come_again() {
    const BATCHES: i64 = 60;
    const EVENTS: i64 = 20;
    let batches: Vec<Batch> = (0..BATCHES)
        .map(|n| {
            let events = (1..=EVENTS).flat_map(|event| {
                let position = n * EVENTS + event;
                let account = format!("account-{}", position % 7);
                batch(&[(position, &position.to_string(), &account, 1)]).events
            });
            Batch {
                source: "monolith".to_owned(),
                events: events.collect(),
            }
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let client = client();
    let send = async |process: &Process, batch: &Batch| -> reqwest::Result<i64> {
        let call = client.post(process.url("/v1/replication/entries"));
        let answer = call.json(batch).send().await?.error_for_status()?;
        let answer: Value = answer.json().await?;
        Ok(answer["watermark"].as_i64().unwrap())
    };

    let mut process = Process::start(folder.path(), &[]).await;
    let senders = (0..4).map(async |sender| {
        let mut acknowledged = 0;
        for batch in &batches {
            match send(&process, batch).await {
                Ok(watermark) => acknowledged = watermark,
                Err(_) => break,
            }
            if sender == 0 && acknowledged >= BATCHES * EVENTS / 3 {
                process.signal(nix::sys::signal::Signal::SIGKILL);
            }
        }
        acknowledged
    });
    let acknowledged = join_all(senders).await.into_iter().max().unwrap();
    process.child.wait().await.unwrap();

    let process = Process::start(folder.path(), &[]).await;
    let before = process.json(&client, "/v1/ledger/reconciliation").await;
    let stored = before["entries"].as_i64().unwrap();
    assert!(stored >= acknowledged, "{stored} of {acknowledged}");
    assert_eq!(stored % EVENTS, 0);
    assert_eq!(before["received"]["monolith"], stored);

    // Once more from the beginning, and then again.
    let mut hashes = Vec::new();
    for _ in 0..2 {
        for batch in &batches {
            send(&process, batch).await.unwrap();
        }
        let after = process.json(&client, "/v1/ledger/reconciliation").await;
        assert_eq!(after["entries"], BATCHES * EVENTS);
        assert_eq!(after["received"]["monolith"], BATCHES * EVENTS);
        hashes.push(after["hash"].clone());
    }
    assert_eq!(hashes[0], hashes[1]);
    let log = client.get(process.url("/v1/ledger/events?limit=10000"));
    let log = log.send().await.unwrap().text().await.unwrap();
    let log: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for (event, n) in log.iter().zip(1..) {
        assert_eq!(event["position"], n);
        assert_eq!(event["entry"]["id"], entry_id(&n.to_string()));
        assert_eq!(event["entry"]["sequence"], (n - 1) / 7 + 1);
    }
}
