//! The ledger's promises under concurrency and over restarts. A kill is in `process`.

use std::collections::HashSet;
use std::time::Duration;

use engine::Error;
use futures_util::FutureExt;
use futures_util::future::join_all;

use crate::support::{append_request, error_code, start, start_in, transfer};

#[tokio::test]
async fn twenty_duplicates_at_once_make_one_entry() {
    let engine = start(&[]).await;
    let calls = (0..20).map(async |_| {
        let answer = engine.append("key", &transfer("account", 100)).await;
        (answer.status().as_u16(), answer.text().await.unwrap())
    });
    let answers = join_all(calls).await;
    let created = answers.iter().filter(|(status, _)| *status == 201);
    assert_eq!(created.count(), 1);
    assert!(
        answers
            .iter()
            .all(|(status, _)| [200, 201].contains(status))
    );
    let bodies: HashSet<&String> = answers.iter().map(|(_, body)| body).collect();
    assert_eq!(bodies.len(), 1);
    assert_eq!(engine.metric("ledger_entries_total").await, 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn sequences_have_no_gaps_and_balances_add_up() {
    let engine = start(&[]).await;
    let calls = (0..300).map(async |n: i64| {
        let (key, account) = (format!("key-{n}"), format!("account-{}", n % 3));
        let answer = engine.append(&key, &transfer(&account, n + 1)).await;
        assert_eq!(answer.status(), 201);
        // Refused ones in between must leave no gap.
        let refused = engine.append(&key, &transfer(&account, -1)).await;
        assert_eq!(refused.status(), 409);
    });
    join_all(calls).await;
    for account in ["account-0", "account-1", "account-2"] {
        let entries = engine.engine.ledger.page(account.into(), 0, 1_000).await;
        let entries = entries.unwrap();
        assert_eq!(entries.len(), 100);
        let mut balance = 0;
        for (entry, sequence) in entries.iter().zip(1..) {
            balance += entry.amount_minor;
            assert_eq!((entry.sequence, entry.balance_minor), (sequence, balance));
        }
    }
}

#[tokio::test]
async fn a_reopened_store_keeps_everything() {
    let engine = start(&[]).await;
    let first = engine.append("key-1", &transfer("account", 5)).await;
    let first = first.text().await.unwrap();
    assert!(engine.engine.drain(Duration::from_secs(10)).await);

    let engine = start_in(engine.folder, &[]).await;
    let again = engine.append("key-1", &transfer("account", 5)).await;
    assert_eq!(again.status(), 200);
    assert_eq!(again.text().await.unwrap(), first);
    let next: serde_json::Value = {
        let answer = engine.append("key-2", &transfer("account", 7)).await;
        answer.json().await.unwrap()
    };
    assert_eq!(
        (&next["sequence"], &next["balanceMinor"]),
        (&2.into(), &12.into())
    );
}

/// Within one life of the process a key works as usual.
#[tokio::test]
async fn volatile_keys_are_forgotten_with_the_process() {
    let settings = [("CUTOVER_DEFECT", "volatile-keys")];
    let engine = start(&settings).await;
    for status in [201, 200] {
        let answer = engine.append("key", &transfer("account", 5)).await;
        assert_eq!(answer.status(), status);
    }
    assert!(engine.engine.drain(Duration::from_secs(10)).await);

    let engine = start_in(engine.folder, &settings).await;
    for status in [201, 200] {
        let answer = engine.append("key", &transfer("account", 5)).await;
        assert_eq!(answer.status(), status);
        let entry: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(entry["sequence"], 2);
    }
}

#[tokio::test]
async fn a_balance_out_of_range_is_refused_and_leaves_no_trace() {
    let engine = start(&[]).await;
    let full = engine.append("key-1", &transfer("account", i64::MAX)).await;
    assert_eq!(full.status(), 201);
    let over = engine.append("key-2", &transfer("account", 1)).await;
    assert_eq!(error_code(over).await, (400, "INVALID_ARGUMENT".into()));
    let less = engine.append("key-2", &transfer("account", -1)).await;
    assert_eq!(less.status(), 201);
}

/// Polled once, so that it is queued, then dropped. The writer may be faster; then the entry is there as a whole.
#[tokio::test]
async fn an_append_that_is_given_up_is_there_or_not_but_never_in_part() {
    let engine = start(&[]).await;
    let ledger = &engine.engine.ledger;
    for n in 0..50 {
        let given_up = ledger.append(append_request(&format!("key-{n}"), "account", 1));
        assert!(given_up.now_or_never().is_none());
    }
    let last = ledger.append(append_request("last", "account", 1)).await;
    let last = last.unwrap().entry;
    let entries = ledger.page("account".into(), 0, 100).await.unwrap();
    assert_eq!(entries.len() as i64, last.sequence);
    assert_eq!(last.balance_minor, last.sequence);
}

#[tokio::test]
async fn a_closed_store_answers_unavailable() {
    let engine = start(&[]).await;
    let ledger = &engine.engine.ledger;
    ledger.close().await;
    let closed = ledger.append(append_request("key", "account", 1)).await;
    assert!(matches!(closed, Err(Error::Unavailable(_))));
    let answer = engine.append("key", &transfer("account", 1)).await;
    assert_eq!(error_code(answer).await, (503, "UNAVAILABLE".into()));
}
