//! The built binary: its settings, its logs, its signals, and what a kill leaves.

use futures_util::future::join_all;
use nix::sys::signal::Signal;

use crate::binary::{Process, command, log};
use crate::support::{client, one_line};

#[tokio::test]
async fn refuses_bad_settings_all_at_once() {
    let settings = [("HTTP_ADDR", "nowhere"), ("CUTOVER_DEFECT", "bad-luck")];
    let output = command(&settings).output().await.unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains(r#"HTTP_ADDR="nowhere": allowed: "#), "{text}");
    let names = "slow-path, no-breaker, no-timeout, memory-leak, hot-lock, readiness-lies, cpu-creep, chatty, \
                 no-shedding, no-quota, eager-probe, probe-stampede, breaker-stuck, trips-on-4xx, shared-pool, \
                 ignores-cancel, retry-storm, retry-duplicates, volatile-keys, liveness-coupled, ack-before-commit, \
                 rollback-drops-outbox, cdc-gap, cdc-reorder, corrupt-row, slow-rollback, abrupt-stop, \
                 partial-kill-switch, rounding, shadow-writes, shadow-blocks, contract-break, drops-traceparent, \
                 blocking-exporter, log-untraced, alert-silent, alert-noisy, auth-open";
    let line = format!(r#"CUTOVER_DEFECT="bad-luck": allowed: {names}"#);
    assert!(text.contains(&line), "{text}");

    let settings = [("STORE_DSN", "/nowhere/engine.db")];
    let output = command(&settings).output().await.unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("STORE_DSN=")
    );
}

#[tokio::test]
async fn sigterm_drains_and_exits_0() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(folder.path(), &[]).await;
    process.signal(Signal::SIGTERM);
    log(&mut process.logs, "stopped").await;
    assert_eq!(process.child.wait().await.unwrap().code(), Some(0));
}

#[tokio::test]
async fn a_second_signal_ends_the_drain_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(folder.path(), &[("DRAIN_TIMEOUT", "1h")]).await;
    process.signal(Signal::SIGTERM);
    log(&mut process.logs, "draining").await;
    process.signal(Signal::SIGINT);
    assert_eq!(process.child.wait().await.unwrap().code(), Some(1));
}

/// Connections of the one before, which are open or were closed by its side, don't keep the ports.
#[tokio::test]
async fn starts_again_at_the_same_addresses_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(folder.path(), &[]).await;
    let addresses = [process.http.to_string(), process.grpc.to_string()];
    let settings = [
        ("HTTP_ADDR", addresses[0].as_str()),
        ("GRPC_ADDR", addresses[1].as_str()),
        ("DRAIN_TIMEOUT", "1s"),
    ];
    let client = client();
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        process.append(&client, "key").await.unwrap();
        let _open = tokio::net::TcpStream::connect(process.grpc).await.unwrap();
        process.signal(signal);
        process.child.wait().await.unwrap();
        process = Process::start(folder.path(), &settings).await;
    }
    process.append(&client, "key").await.unwrap();
}

#[tokio::test]
async fn logs_carry_the_callers_trace_or_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(folder.path(), &[("LOG_LEVEL", "debug")]).await;
    let url = format!("http://{}/v1/quotes", process.http);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let quote = async |traceparent: &str, sku: &str| {
        let call = client().post(&url).header("traceparent", traceparent);
        call.json(&one_line(sku)).send().await.unwrap();
    };
    quote(&format!("00-{trace}-00f067aa0ba902b7-01"), "A").await;
    let line = log(&mut process.logs, "request").await;
    assert_eq!(line["trace_id"], trace);
    assert_eq!(line["level"], "DEBUG");
    assert_eq!(line["service"], "engine");
    assert_eq!(
        (&line["operation"], &line["protocol"]),
        (&"quote".into(), &"http".into())
    );
    assert_eq!(line["code"], "OK");
    assert!(line["duration_ms"].is_f64() && line["time"].is_string());

    quote(&format!("00-{trace}-00f067aa0ba902b7"), "").await;
    let line = log(&mut process.logs, "request failed").await;
    assert_eq!(
        (&line["level"], &line["code"]),
        (&"WARN".into(), &"INVALID_ARGUMENT".into())
    );
    let id = line["trace_id"].as_str().unwrap();
    assert!(
        id.len() == 32 && id != trace && id != "0".repeat(32),
        "{id}"
    );
}

/// Eight writers at once; the process is killed when 200 writes are acknowledged and others are under way.
#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_write_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(folder.path(), &[]).await;
    let client = client();
    let acknowledged = std::sync::Mutex::new(Vec::new());
    let writers = (0..8).map(async |writer| {
        for n in 0.. {
            let key = format!("writer-{writer}-{n}");
            let Ok(entry) = process.append(&client, &key).await else {
                break;
            };
            let mut all = acknowledged.lock().unwrap();
            all.push((key, entry));
            if all.len() == 200 {
                process.signal(Signal::SIGKILL);
            }
        }
    });
    join_all(writers).await;
    process.child.wait().await.unwrap();

    let again = Process::start(folder.path(), &[]).await;
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() >= 200);
    for (key, entry) in &acknowledged {
        // The repeated key answers the first reply: same sequence, balance and time.
        assert_eq!(&again.append(&client, key).await.unwrap(), entry);
    }
}
