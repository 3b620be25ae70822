//! Tokens, on every call of either protocol that needs one. Which tokens are valid is in the unit tests, too.

use engine::contracts::{AppendRequest, GetEntryRequest, ListEntriesRequest, QuoteRequest};
use jsonwebtoken::{EncodingKey, Header, encode, get_current_timestamp};
use serde_json::{Value, json};
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;

use crate::support::{Running, append_request, one_line, start, transfer};

const SECRET: &str = "a secret of at least thirty-two bytes";

/// Method, path, body.
fn http_calls() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("POST", "/v1/quotes", one_line("A")),
        ("POST", "/v1/ledger/entries", transfer("account", 1)),
        ("GET", "/v1/ledger/entries/00", Value::Null),
        ("GET", "/v1/ledger/accounts/account/entries", Value::Null),
        ("GET", "/v1/ledger/events", Value::Null),
        ("GET", "/v1/ledger/reconciliation", Value::Null),
        ("GET", "/v1/ledger/hashes", Value::Null),
        (
            "POST",
            "/v1/replication/entries",
            json!({"source": "monolith", "events": []}),
        ),
        ("POST", "/admin/replication/replay", Value::Null),
    ]
}

fn token(secret: &str, audience: &str, lifetime: i64) -> String {
    let claims = json!({"aud": audience, "exp": get_current_timestamp() as i64 + lifetime});
    let key = EncodingKey::from_secret(secret.as_bytes());
    encode(&Header::default(), &claims, &key).unwrap()
}

/// A good token's claims, and nobody's signature.
fn unsigned() -> String {
    let good = token(SECRET, "engine", 60);
    let claims = good.split('.').nth(1).unwrap();
    format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.")
}

/// The status of each call of [`http_calls`].
async fn http(engine: &Running, token: Option<&str>) -> Vec<(&'static str, u16)> {
    let mut statuses = Vec::new();
    for (method, path, body) in http_calls() {
        let call = engine
            .client
            .request(method.parse().unwrap(), engine.url(path));
        let call = call.header("Idempotency-Key", "key").json(&body);
        let call = match token {
            Some(token) => call.bearer_auth(token),
            None => call,
        };
        statuses.push((path, call.send().await.unwrap().status().as_u16()));
    }
    statuses
}

async fn grpc(engine: &Running, token: Option<&str>) -> [Code; 4] {
    fn with<T>(token: Option<&str>, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(token) = token {
            let value = format!("Bearer {token}").parse().unwrap();
            request.metadata_mut().insert("authorization", value);
        }
        request
    }
    fn code<T>(answer: Result<T, Status>) -> Code {
        answer.map_or_else(|status| status.code(), |_| Code::Ok)
    }
    let quote: QuoteRequest = serde_json::from_value(one_line("A")).unwrap();
    let append: AppendRequest = append_request("key", "account", 1);
    let get = GetEntryRequest { id: "00".into() };
    let list = ListEntriesRequest {
        account: "account".into(),
        ..ListEntriesRequest::default()
    };
    let (mut pricing, mut ledger) = (engine.pricing().await, engine.ledger().await);
    [
        code(pricing.quote(with(token, quote)).await),
        code(ledger.append(with(token, append)).await),
        code(ledger.get(with(token, get)).await),
        code(ledger.list(with(token, list)).await),
    ]
}

async fn assert_refused(engine: &Running, token: Option<&str>) {
    for (path, status) in http(engine, token).await {
        assert_eq!(status, 401, "{path} {token:?}");
    }
    assert_eq!(
        grpc(engine, token).await,
        [Code::Unauthenticated; 4],
        "{token:?}"
    );
}

/// Everything but the entry that is not there.
async fn assert_let_in(engine: &Running, token: Option<&str>) {
    for (path, status) in http(engine, token).await {
        assert!(
            [200, 201, 202, 404].contains(&status),
            "{path} {status} {token:?}"
        );
    }
    let expected = [Code::Ok, Code::Ok, Code::NotFound, Code::Ok];
    assert_eq!(grpc(engine, token).await, expected, "{token:?}");
}

#[tokio::test]
async fn every_call_needs_a_valid_token_and_probes_need_none() {
    let engine = start(&[("SERVICE_TOKEN_SECRET", SECRET)]).await;
    let bad = [
        token(SECRET, "engine", -1),
        token(SECRET, "orders", 60),
        token(SECRET, "orders-replication", 60),
        token("another secret", "engine", 60),
        unsigned(),
        "x".to_owned(),
    ];
    assert_refused(&engine, None).await;
    for token in &bad {
        assert_refused(&engine, Some(token)).await;
    }
    assert_eq!(engine.metric("ledger_entries_total").await, 0.0);
    assert_let_in(&engine, Some(&token(SECRET, "engine", 60))).await;

    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(engine.get(path).await.status(), 200, "{path}");
    }
    let probe = HealthCheckRequest::default();
    assert!(engine.health().await.check(probe).await.is_ok());
    let refused = r#"requests_total{code="UNAUTHENTICATED",operation="quote",protocol="http"}"#;
    assert_eq!(engine.metric(refused).await, 7.0);
}

#[tokio::test]
async fn auth_open_lets_in_what_is_expired_or_for_others_and_nothing_else() {
    let settings = [
        ("SERVICE_TOKEN_SECRET", SECRET),
        ("CUTOVER_DEFECT", "auth-open"),
    ];
    let engine = start(&settings).await;
    for token in [token(SECRET, "engine", -1), token(SECRET, "orders", 60)] {
        assert_let_in(&engine, Some(&token)).await;
    }
    for token in [token("another secret", "engine", 60), unsigned()] {
        assert_refused(&engine, Some(&token)).await;
    }
    assert_refused(&engine, None).await;
}

#[tokio::test]
async fn without_a_secret_nobody_needs_a_token() {
    assert_let_in(&start(&[]).await, None).await;
}
