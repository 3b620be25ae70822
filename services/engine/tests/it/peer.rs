//! The other end of the replication: takes batches as the monolith does, and fails when it is told to.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use engine::call::Protocol;
use engine::replication::{Batch, Event, PATH, Watermark};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

/// What happens to one push, counted from 0.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// 503, nothing stored.
    Refused,
    /// No answer, nothing stored.
    Lost,
    /// Stored, but no answer.
    Unanswered,
    /// Stored, and answered once [`Peer::release`] was called.
    Held,
}

#[derive(Default)]
struct Book {
    pushes: usize,
    fates: HashMap<usize, Fate>,
    ids: HashSet<String>,
    stored: Vec<Event>,
    watermark: i64,
    authorization: Vec<Option<String>>,
}

#[derive(Clone)]
pub struct Peer {
    state: Arc<Mutex<Book>>,
    arrived: Arc<Notify>,
    released: Arc<Notify>,
    /// How long each answer takes.
    delay: Duration,
    pub url: String,
}

impl Peer {
    pub async fn start(fates: &[(usize, Fate)], delay: Duration) -> Self {
        Self::start_with(fates, delay, None).await
    }

    pub async fn start_with(
        fates: &[(usize, Fate)],
        delay: Duration,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let peer = Self {
            state: Arc::new(Mutex::new(Book {
                fates: fates.iter().copied().collect(),
                ..Book::default()
            })),
            arrived: Arc::default(),
            released: Arc::default(),
            delay,
            url: format!("{scheme}://{}", listener.local_addr().unwrap()),
        };
        let routes = Router::new()
            .route(PATH, post(take))
            .with_state(peer.clone());
        let serve = engine::serve::serve(listener, routes, Protocol::Http, tls, Default::default());
        tokio::spawn(serve);
        peer
    }

    pub fn release(&self) {
        self.released.notify_one();
    }

    /// What is stored, in the order in which it first came.
    pub fn stored(&self) -> Vec<Event> {
        self.state.lock().unwrap().stored.clone()
    }

    pub fn positions(&self) -> Vec<i64> {
        self.stored().iter().map(|event| event.position).collect()
    }

    /// The `Authorization` of each push.
    pub fn authorization(&self) -> Vec<Option<String>> {
        self.state.lock().unwrap().authorization.clone()
    }

    /// Waits until so many pushes have come; the limit only bounds a failing test.
    pub async fn until_pushes(&self, pushes: usize) {
        self.until(|state| state.pushes >= pushes).await;
    }

    pub async fn until_stored(&self, events: usize) {
        self.until(|state| state.stored.len() >= events).await;
    }

    async fn until(&self, reached: impl Fn(&Book) -> bool) {
        let wait = async {
            loop {
                let arrived = self.arrived.notified();
                if reached(&self.state.lock().unwrap()) {
                    return;
                }
                arrived.await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(60), wait).await;
        assert!(waited.is_ok(), "{:?} is all that came", self.positions());
    }
}

async fn take(
    State(peer): State<Peer>,
    headers: HeaderMap,
    Json(batch): Json<Batch>,
) -> Result<Json<Watermark>, StatusCode> {
    let (fate, answer) = {
        let mut state = peer.state.lock().unwrap();
        let fate = state.fates.get(&state.pushes).copied();
        state.pushes += 1;
        let token = headers.get("authorization");
        state
            .authorization
            .push(token.map(|token| token.to_str().unwrap().to_owned()));
        if ![Some(Fate::Refused), Some(Fate::Lost)].contains(&fate) {
            for event in batch.events {
                state.watermark = state.watermark.max(event.position);
                if state.ids.insert(event.entry.id.clone()) {
                    state.stored.push(event);
                }
            }
        }
        let answer = Watermark {
            source: batch.source,
            watermark: state.watermark,
        };
        (fate, answer)
    };
    peer.arrived.notify_waiters();
    match fate {
        Some(Fate::Refused) => return Err(StatusCode::SERVICE_UNAVAILABLE),
        Some(Fate::Lost | Fate::Unanswered) => std::future::pending().await,
        Some(Fate::Held) => peer.released.notified().await,
        None => tokio::time::sleep(peer.delay).await,
    }
    Ok(Json(answer))
}
