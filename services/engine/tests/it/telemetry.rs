//! Metrics by name, and spans that arrive at a collector.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use tonic::Request;

use crate::collector::{Collector, attribute};
use crate::support::{Running, append_request, one_line, start, transfer};

#[tokio::test]
async fn metrics_have_the_agreed_names() {
    let engine = start(&[]).await;
    engine
        .post("/v1/quotes", &one_line("A"))
        .send()
        .await
        .unwrap();
    engine.append("key", &transfer("account", 1)).await;
    engine
        .get("/v1/ledger/accounts/account/entries")
        .await
        .text()
        .await
        .unwrap();
    let text = engine.get("/metrics").await.text().await.unwrap();
    for name in [
        r#"requests_total{code="OK",operation="quote",protocol="http"} 1"#,
        r#"requests_total{code="OK",operation="ledger-append",protocol="http"} 1"#,
        r#"requests_total{code="OK",operation="ledger-list",protocol="http"} 1"#,
        r#"request_duration_seconds_bucket{operation="quote",protocol="http",le="+Inf"} 1"#,
        "requests_in_flight 0",
        "ledger_entries_total 1",
        "process_cpu_seconds_total ",
        "process_resident_memory_bytes ",
        "process_start_time_seconds ",
    ] {
        assert!(text.contains(name), "{name}\n{text}");
    }
}

/// Alerts ask for the share of requests under these.
#[tokio::test]
async fn durations_have_edges_at_100_and_250_ms() {
    let engine = start(&[]).await;
    engine.append("key", &transfer("account", 1)).await;
    for edge in ["0.1", "0.25"] {
        let bucket = format!(
            r#"request_duration_seconds_bucket{{operation="ledger-append",protocol="http",le="{edge}"}}"#
        );
        assert_eq!(engine.metric(&bucket).await, 1.0, "{edge}");
    }
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Spans come by themselves, soon after their requests, in whichever batch.
async fn until_spans(collector: &mut Collector, count: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    while spans.len() < count {
        spans.extend(collector.next().await);
    }
    let of_engine = |(service, span): (String, Span)| {
        assert_eq!(service, "engine");
        span
    };
    spans.into_iter().map(of_engine).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_has_a_span_in_the_callers_trace() {
    let mut collector = Collector::start(true).await;
    let secret = "a secret of at least thirty-two bytes";
    let settings = [
        ("OTLP_ENDPOINT", &*collector.url),
        ("SERVICE_TOKEN_SECRET", secret),
    ];
    let engine = start(&settings).await;
    let parent = format!("00-{TRACE}-{CALLER}-01");
    // Refused over both protocols: that is a request, too.
    let call = engine.post("/v1/quotes", &one_line("A"));
    let answer = call.header("traceparent", &parent).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let mut request = Request::new(append_request("key", "account", 1));
    request
        .metadata_mut()
        .insert("traceparent", parent.parse().unwrap());
    assert!(engine.ledger().await.append(request).await.is_err());

    let mut spans = until_spans(&mut collector, 2).await;
    spans.sort_by_key(|span| span.name.clone());
    for (span, (operation, protocol)) in spans
        .iter()
        .zip([("ledger-append", "grpc"), ("quote", "http")])
    {
        assert_eq!(
            (span.name.as_str(), span.kind),
            (operation, SpanKind::Server as i32)
        );
        assert_eq!(hex(&span.trace_id), TRACE);
        assert_eq!(hex(&span.parent_span_id), CALLER);
        let status = span.status.as_ref().unwrap();
        assert_eq!(
            (status.code, &*status.message),
            (StatusCode::Error as i32, "UNAUTHENTICATED")
        );
        for (key, value) in [
            ("operation", operation),
            ("protocol", protocol),
            ("code", "UNAUTHENTICATED"),
        ] {
            assert_eq!(attribute(&span.attributes, key).as_deref(), Some(value));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callers_decision_to_sample_is_followed_and_a_bad_header_is_none() {
    let mut collector = Collector::start(true).await;
    let engine = start(&[("OTLP_ENDPOINT", &collector.url)]).await;
    let quote = async |traceparent: &str| {
        let call = engine.post("/v1/quotes", &one_line("A"));
        let call = match traceparent {
            "" => call,
            _ => call.header("traceparent", traceparent),
        };
        assert_eq!(call.send().await.unwrap().status(), 200);
    };
    quote(&format!("00-{TRACE}-{CALLER}-00")).await;
    quote(&format!("00-{TRACE}-0000000000000000-01")).await;
    quote("").await;
    // The drain sends what is left.
    assert!(engine.engine.drain(Duration::from_secs(20)).await);
    let spans = collector.spans();
    assert_eq!(spans.len(), 2);
    for (_, span) in &spans {
        assert_ne!(hex(&span.trace_id), TRACE);
        assert_eq!(span.parent_span_id, [0_u8; 0]);
        assert_eq!(span.status.as_ref().unwrap().code, StatusCode::Unset as i32);
    }
    assert_ne!(spans[0].1.trace_id, spans[1].1.trace_id);
}

/// More requests than spans can wait; the collector takes the first batch and says nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_hangs_or_is_dead_disturbs_nobody() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let hanging = Collector::start(false).await;
    for endpoint in [&dead, &hanging.url] {
        let engine = start(&[("OTLP_ENDPOINT", endpoint)]).await;
        for _ in 0..100 {
            let calls = (0..100).map(|_| engine.get("/v1/ledger/entries/unknown"));
            for answer in join_all(calls).await {
                assert_eq!(answer.status(), 404);
            }
        }
        assert!(engine.engine.drain(Duration::from_secs(20)).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn blocking_exporter_answers_after_the_collector() {
    let mut collector = Collector::start(true).await;
    let hanging = Collector::start(false).await;
    let start = async |endpoint: &str| {
        start(&[
            ("OTLP_ENDPOINT", endpoint),
            ("CUTOVER_DEFECT", "blocking-exporter"),
        ])
        .await
    };
    let quote = async |engine: &Running| {
        let answer = engine.post("/v1/quotes", &one_line("A")).send().await;
        assert_eq!(answer.unwrap().status(), 200);
    };
    let engine = start(&collector.url).await;
    for _ in 0..3 {
        quote(&engine).await;
        assert_eq!(collector.spans().len(), 1);
    }
    let engine = start(&hanging.url).await;
    let started = Instant::now();
    quote(&engine).await;
    assert!(started.elapsed() >= Duration::from_secs(2));
}
