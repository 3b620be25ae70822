//! A collector of spans over OTLP/HTTP that shows what it got, or never answers.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use engine::call::Protocol;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::sync::mpsc;

pub struct Collector {
    pub url: String,
    received: mpsc::UnboundedReceiver<Bytes>,
}

impl Collector {
    pub async fn start(answers: bool) -> Self {
        let (sender, received) = mpsc::unbounded_channel();
        let take = async move |body: Bytes| {
            sender.send(body).unwrap();
            if !answers {
                std::future::pending::<()>().await;
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().route("/v1/traces", post(take));
        let serve =
            engine::serve::serve(listener, routes, Protocol::Http, None, Default::default());
        tokio::spawn(serve);
        Self { url, received }
    }

    /// What is here by now, each with its resource's service name.
    pub fn spans(&mut self) -> Vec<(String, Span)> {
        let mut spans = Vec::new();
        while let Ok(body) = self.received.try_recv() {
            spans.extend(decode(body));
        }
        spans
    }

    /// The next that come; the limit only bounds a failing test.
    pub async fn next(&mut self) -> Vec<(String, Span)> {
        let next = tokio::time::timeout(Duration::from_secs(20), self.received.recv()).await;
        decode(next.unwrap().unwrap())
    }
}

fn decode(body: Bytes) -> Vec<(String, Span)> {
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    let of_a_service = request.resource_spans.into_iter().flat_map(|service| {
        let resource = service.resource.unwrap();
        let name = attribute(&resource.attributes, "service.name").unwrap();
        let spans = service
            .scope_spans
            .into_iter()
            .flat_map(|scope| scope.spans);
        spans.map(move |span| (name.clone(), span))
    });
    of_a_service.collect()
}

pub fn attribute(all: &[KeyValue], key: &str) -> Option<String> {
    let found = all.iter().find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        other => Some(format!("{other:?}")),
    }
}
