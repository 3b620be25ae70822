//! Sending: the outbox reaches the peer without a gap, without a repeat that has an effect, and in order, whatever breaks.

use std::collections::HashMap;
use std::time::Duration;

use engine::replication::{Event, MAX_EVENTS};
use futures_util::future::{join_all, try_join_all};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::binary::Process;
use crate::peer::{Fate, Peer};
use crate::receive::{batch, push};
use crate::support::{Running, append_request, client, start, start_in, transfer, until};

const ENTRIES: usize = 5 * MAX_EVENTS / 2;

/// A store that has entries and has replicated none, of three accounts in turn.
async fn store_of(entries: usize) -> TempDir {
    let engine = start(&[]).await;
    let appends = (0..entries).map(|n| {
        let (key, account) = (format!("key-{n}"), format!("account-{}", n % 3));
        engine
            .engine
            .ledger
            .append(append_request(&key, &account, 1))
    });
    try_join_all(appends).await.unwrap();
    assert!(engine.engine.drain(Duration::from_secs(10)).await);
    engine.folder
}

fn to_peer<'a>(peer: &'a Peer, others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut settings = vec![
        ("PEER_URL", peer.url.as_str()),
        ("REPLICATION_INTERVAL", "5ms"),
    ];
    settings.extend(others);
    settings
}

/// Each entry once, in the order of the log.
fn assert_complete(stored: &[Event], entries: usize) {
    let positions: Vec<i64> = stored.iter().map(|event| event.position).collect();
    assert_eq!(positions, (1..=entries as i64).collect::<Vec<_>>());
}

/// Killed while the second push is with the peer, and started again.
async fn interrupted(fate: Fate, defect: &str) -> Peer {
    let folder = store_of(ENTRIES).await;
    let peer = Peer::start(&[(1, fate)], Duration::from_millis(20)).await;
    let settings = to_peer(&peer, &[("CUTOVER_DEFECT", defect)]);
    let mut process = Process::start(folder.path(), &settings).await;
    peer.until_pushes(2).await;
    process.kill().await;

    let process = Process::start(folder.path(), &settings).await;
    process
        .until_metric("replication_outbox_entries", 0.0)
        .await;
    peer.until_pushes(3).await;
    drop(process);
    peer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_leaves_no_gap_and_no_repeat() {
    for fate in [Fate::Lost, Fate::Unanswered] {
        let peer = interrupted(fate, "").await;
        assert_complete(&peer.stored(), ENTRIES);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cdc_gap_loses_what_was_under_way() {
    let peer = interrupted(Fate::Lost, "cdc-gap").await;
    peer.until_stored(ENTRIES - MAX_EVENTS).await;
    let positions = peer.positions();
    assert_eq!(positions.len(), ENTRIES - MAX_EVENTS);
    assert!(!positions.contains(&(MAX_EVENTS as i64 + 1)));
}

/// The peer is slow, writers write, and the process dies three times at some moment.
#[tokio::test(flavor = "multi_thread")]
async fn kills_under_load_lose_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let peer = Peer::start(&[], Duration::from_millis(30)).await;
    let client = client();
    let mut acknowledged = HashMap::new();
    for life in 1..=3 {
        let mut process = Process::start(folder.path(), &to_peer(&peer, &[])).await;
        let writers = (0..8).map(async |writer| {
            let mut done = Vec::new();
            for n in 0.. {
                let key = format!("{life}-{writer}-{n}");
                let Ok(entry) = process.append(&client, &key).await else {
                    break;
                };
                done.push((entry["id"].as_str().unwrap().to_owned(), entry));
            }
            done
        });
        let kill = async {
            peer.until_stored(300 * life).await;
            process.signal(nix::sys::signal::Signal::SIGKILL);
        };
        let (done, ()) = tokio::join!(join_all(writers), kill);
        acknowledged.extend(done.into_iter().flatten());
        process.child.wait().await.unwrap();
    }

    let process = Process::start(folder.path(), &to_peer(&peer, &[])).await;
    process
        .until_metric("replication_outbox_entries", 0.0)
        .await;
    let stored = peer.stored();
    assert_complete(&stored, stored.len());
    // One account: in the peer's order, too, each entry is the next one.
    let sequences = stored
        .iter()
        .filter_map(|event| acknowledged.get(&event.entry.id));
    let sequences: Vec<i64> = sequences.map(|e| e["sequence"].as_i64().unwrap()).collect();
    assert_eq!(sequences.len(), acknowledged.len());
    assert!(sequences.is_sorted());
}

#[tokio::test]
async fn a_push_that_fails_is_repeated() {
    for (defect, missing) in [("", 0), ("cdc-gap", 2)] {
        let peer = Peer::start(&[(0, Fate::Refused), (1, Fate::Refused)], Duration::ZERO).await;
        let engine = start(&to_peer(&peer, &[("CUTOVER_DEFECT", defect)])).await;
        for n in 1..=3_usize {
            let answer = engine.append(&n.to_string(), &transfer("account", 1)).await;
            assert_eq!(answer.status(), 201);
            // One push each, however often it is repeated.
            peer.until_pushes(n).await;
        }
        peer.until_stored(3 - missing).await;
        engine.until_metric("replication_outbox_entries", 0.0).await;
        engine
            .until_metric("replication_pushed_total", (3 - missing) as f64)
            .await;
        assert_eq!(engine.metric("replication_failures_total").await, 2.0);
        assert_eq!(peer.stored().len(), 3 - missing, "{defect}");
    }
}

#[tokio::test]
async fn a_dead_peer_disturbs_nobody_and_gets_all_in_the_end() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let engine = start(&[("PEER_URL", &url), ("REPLICATION_INTERVAL", "5ms")]).await;
    let answer = engine.append("key", &transfer("account", 1)).await;
    assert_eq!(answer.status(), 201);
    let failures = async || engine.metric("replication_failures_total").await;
    until("a second failure", async || failures().await >= 2.0).await;
    assert_eq!(engine.metric("replication_outbox_entries").await, 1.0);
    assert!(engine.engine.drain(Duration::from_secs(10)).await);

    let peer = Peer::start(&[], Duration::ZERO).await;
    let engine = start_in(engine.folder, &to_peer(&peer, &[])).await;
    engine.until_metric("replication_outbox_entries", 0.0).await;
    assert_complete(&peer.stored(), 1);
}

#[tokio::test]
async fn a_drain_waits_for_the_push_that_is_under_way() {
    let peer = Peer::start(&[(0, Fate::Held)], Duration::ZERO).await;
    let engine = start(&to_peer(&peer, &[])).await;
    engine.append("key", &transfer("account", 1)).await;
    peer.until_pushes(1).await;
    let drained = tokio::spawn(engine.engine.drain(Duration::from_secs(20)));
    peer.release();
    assert!(drained.await.unwrap());

    let engine = start_in(engine.folder, &to_peer(&peer, &[])).await;
    assert_eq!(engine.metric("replication_outbox_entries").await, 0.0);
}

#[tokio::test]
async fn only_own_entries_are_pushed_and_with_what_the_peer_needs() {
    let peer = Peer::start(&[], Duration::ZERO).await;
    let engine = start(&to_peer(&peer, &[])).await;
    engine.append("key-1", &transfer("account", 1)).await;
    push(&engine, &batch(&[(7, "their-key", "account", 5)])).await;
    engine.append("key-2", &transfer("account", -2)).await;
    peer.until_stored(2).await;
    engine.until_metric("replication_outbox_entries", 0.0).await;

    let stored = serde_json::to_value(peer.stored()).unwrap();
    let ours = |key: &str| engine::ledger::entry_id(key);
    assert_eq!(stored[0]["position"], 1);
    assert_eq!(stored[1]["position"], 3);
    let at = &stored[1]["entry"]["committedAtMs"];
    assert!(at.as_i64().unwrap() > 0);
    assert_eq!(
        stored[1]["entry"],
        json!({
            "id": ours("key-2"), "account": "account", "amountMinor": -2, "reference": "test",
            "committedAtMs": at, "storedBy": "engine", "idempotencyKey": "key-2",
        })
    );
}

async fn replay(engine: &Running) -> i64 {
    let answer = engine
        .post("/admin/replication/replay", &json!({}))
        .send()
        .await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 202);
    answer.json::<Value>().await.unwrap()["outbox"]
        .as_i64()
        .unwrap()
}

#[tokio::test]
async fn a_replay_pushes_everything_again() {
    let peer = Peer::start(&[(1, Fate::Held)], Duration::ZERO).await;
    let engine = start(&to_peer(&peer, &[])).await;
    engine.append("key-1", &transfer("account", 1)).await;
    engine.until_metric("replication_pushed_total", 1.0).await;
    push(&engine, &batch(&[(1, "their-key", "account", 5)])).await;

    // While a push is under way: its answer must not move the cursor that the replay has put back.
    engine.append("key-2", &transfer("account", 1)).await;
    peer.until_pushes(2).await;
    assert_eq!(replay(&engine).await, 2);
    peer.release();
    peer.until_pushes(3).await;
    engine.until_metric("replication_outbox_entries", 0.0).await;
    engine.until_metric("replication_pushed_total", 4.0).await;
    assert_eq!(peer.positions(), [1, 3]);
}

#[tokio::test]
async fn each_push_has_a_token_for_the_peer() {
    const SECRET: &str = "a secret of at least thirty-two bytes";
    let peer = Peer::start(&[], Duration::ZERO).await;
    for secret in ["", SECRET] {
        let engine = start(&to_peer(&peer, &[("SERVICE_TOKEN_SECRET", secret)])).await;
        let ledger = &engine.engine.ledger;
        let entry = append_request(&format!("key-{secret}"), "account", 1);
        ledger.append(entry).await.unwrap();
        engine.until_metric("replication_outbox_entries", 0.0).await;
    }
    let tokens = peer.authorization();
    assert_eq!((tokens.len(), &tokens[0]), (2, &None));
    let token = tokens[1]
        .as_deref()
        .unwrap()
        .strip_prefix("Bearer ")
        .unwrap();
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&["orders-replication"]);
    validation.set_required_spec_claims(&["exp", "aud"]);
    let key = DecodingKey::from_secret(SECRET.as_bytes());
    assert!(decode::<Value>(token, &key, &validation).is_ok());
}
