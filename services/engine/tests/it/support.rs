//! An engine on free ports with its own store, and clients for both protocols.

use std::collections::HashMap;
use std::time::Duration;

use engine::contracts::AppendRequest;
use engine::contracts::ledger_client::LedgerClient;
use engine::contracts::pricing_client::PricingClient;
use engine::{Config, Engine};
use serde_json::{Value, json};
use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::health_client::HealthClient;

pub struct Running {
    pub engine: Engine,
    pub client: reqwest::Client,
    pub folder: TempDir,
}

pub async fn start(settings: &[(&str, &str)]) -> Running {
    start_in(tempfile::tempdir().unwrap(), settings).await
}

pub async fn start_in(folder: TempDir, settings: &[(&str, &str)]) -> Running {
    let store = folder.path().join("engine.db").display().to_string();
    let mut variables: HashMap<String, String> = HashMap::from([
        ("HTTP_ADDR".into(), "127.0.0.1:0".into()),
        ("GRPC_ADDR".into(), "127.0.0.1:0".into()),
        ("STORE_DSN".into(), store),
    ]);
    for (name, value) in settings {
        variables.insert((*name).to_owned(), (*value).to_owned());
    }
    let config = Config::from_lookup(|name| variables.get(name).cloned()).unwrap();
    Running {
        engine: Engine::start(&config).await.unwrap(),
        client: client(),
        folder,
    }
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

impl Running {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.engine.http_addr)
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    pub fn post(&self, path: &str, body: &Value) -> reqwest::RequestBuilder {
        self.client.post(self.url(path)).json(body)
    }

    pub async fn append(&self, key: &str, body: &Value) -> reqwest::Response {
        self.post("/v1/ledger/entries", body)
            .header("Idempotency-Key", key)
            .send()
            .await
            .unwrap()
    }

    pub async fn channel(&self) -> Channel {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.engine.grpc_addr));
        endpoint.unwrap().connect().await.unwrap()
    }

    pub async fn pricing(&self) -> PricingClient<Channel> {
        PricingClient::new(self.channel().await)
    }

    pub async fn ledger(&self) -> LedgerClient<Channel> {
        LedgerClient::new(self.channel().await)
    }

    pub async fn health(&self) -> HealthClient<Channel> {
        HealthClient::new(self.channel().await)
    }

    /// The value of one line of `/metrics`; 0 if there is none.
    pub async fn metric(&self, series: &str) -> f64 {
        self.sum(&[series]).await
    }

    /// Of several lines, read at once.
    async fn sum(&self, series: &[&str]) -> f64 {
        let text = self.get("/metrics").await.text().await.unwrap();
        series.iter().map(|series| value_of(series, &text)).sum()
    }

    /// Waits for a metric to get to a value; the limit only bounds a failing test.
    pub async fn until_metric(&self, series: &str, value: f64) {
        self.until_sum(&[series], value).await;
    }

    pub async fn until_sum(&self, series: &[&str], value: f64) {
        let what = format!("{series:?} to get to {value}");
        let reached = async || self.sum(series).await == value;
        until(&what, reached).await;
    }
}

/// Asks until the answer is yes; the limit only bounds a failing test.
pub async fn until(what: &str, reached: impl AsyncFn() -> bool) {
    let asking = async {
        while !reached().await {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), asking).await;
    assert!(waited.is_ok(), "in vain: {what}");
}

/// Of one line of the Prometheus text format; 0 if there is none.
pub fn value_of(series: &str, text: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series));
    line.map_or(0.0, |value| value.trim().parse().unwrap())
}

pub fn one_line(sku: &str) -> Value {
    json!({"customerId": "customer-1", "lines": [{"sku": sku, "quantity": 1}]})
}

pub fn transfer(account: &str, amount: i64) -> Value {
    json!({"account": account, "amountMinor": amount, "reference": "test"})
}

pub fn append_request(key: &str, account: &str, amount_minor: i64) -> AppendRequest {
    AppendRequest {
        idempotency_key: key.to_owned(),
        account: account.to_owned(),
        amount_minor,
        reference: "test".to_owned(),
    }
}

pub async fn error_code(response: reqwest::Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    assert!(body["error"]["message"].is_string(), "{body}");
    (status, body["error"]["code"].as_str().unwrap().to_owned())
}
