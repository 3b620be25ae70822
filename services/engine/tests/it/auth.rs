//! Tokens over both protocols. Which tokens are valid is in the unit tests.

use engine::contracts::{GetEntryRequest, QuoteRequest};
use jsonwebtoken::{EncodingKey, Header, encode, get_current_timestamp};
use serde_json::json;
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;

use crate::support::{Running, error_code, one_line, start};

const SECRET: &str = "a secret of at least thirty-two bytes";

fn token(audience: &str, lifetime: i64) -> String {
    let claims = json!({"aud": audience, "exp": get_current_timestamp() as i64 + lifetime});
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    encode(&Header::default(), &claims, &key).unwrap()
}

async fn http(engine: &Running, token: Option<&str>) -> reqwest::Response {
    let call = engine.post("/v1/quotes", &one_line("A"));
    let call = match token {
        Some(token) => call.bearer_auth(token),
        None => call,
    };
    call.send().await.unwrap()
}

async fn grpc(engine: &Running, token: Option<&str>) -> Code {
    let request: QuoteRequest = serde_json::from_value(one_line("A")).unwrap();
    let mut request = Request::new(request);
    if let Some(token) = token {
        let value = format!("Bearer {token}").parse().unwrap();
        request.metadata_mut().insert("authorization", value);
    }
    let answer = engine.pricing().await.quote(request).await;
    answer.map_or_else(|status| status.code(), |_| Code::Ok)
}

#[tokio::test]
async fn calls_need_a_valid_token_and_probes_need_none() {
    let engine = start(&[("SERVICE_TOKEN_SECRET", SECRET)]).await;
    let good = token("engine", 60);
    assert_eq!(http(&engine, Some(&good)).await.status(), 200);
    assert_eq!(grpc(&engine, Some(&good)).await, Code::Ok);

    let claims = good.split('.').nth(1).unwrap();
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    let (expired, other) = (token("engine", -1), token("orders", 60));
    for bad in [
        None,
        Some(&*expired),
        Some(&*other),
        Some(&*none),
        Some("x"),
    ] {
        let refused = http(&engine, bad).await;
        assert_eq!(error_code(refused).await, (401, "UNAUTHENTICATED".into()));
        assert_eq!(grpc(&engine, bad).await, Code::Unauthenticated, "{bad:?}");
    }
    let mut ledger = engine.ledger().await;
    let refused = ledger.get(GetEntryRequest { id: "x".into() }).await;
    assert_eq!(refused.unwrap_err().code(), Code::Unauthenticated);

    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(engine.get(path).await.status(), 200, "{path}");
    }
    let probe = HealthCheckRequest::default();
    assert!(engine.health().await.check(probe).await.is_ok());
    let refused = r#"requests_total{code="UNAUTHENTICATED",operation="quote",protocol="http"}"#;
    assert_eq!(engine.metric(refused).await, 5.0);
}
