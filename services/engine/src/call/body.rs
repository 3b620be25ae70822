//! An answer's body that tells its [`Observation`] how it ended, and that keeps the deadline while it streams.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::{Code, Status};

use super::Protocol;
use super::observation::Observation;
use crate::error::Error;

pub struct ObservedBody {
    inner: Body,
    observation: Observation,
    protocol: Protocol,
    /// What the end of the body means, unless trailers or an error say otherwise.
    code: Code,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl ObservedBody {
    pub fn new(
        inner: Body,
        observation: Observation,
        protocol: Protocol,
        code: Code,
        deadline: Option<Instant>,
    ) -> Self {
        // A body of known length is complete already: nothing is left to stop.
        let streams = inner.size_hint().exact().is_none();
        let deadline = deadline.filter(|_| streams);
        Self {
            inner,
            observation,
            protocol,
            code,
            deadline: deadline.map(|deadline| Box::pin(sleep_until(deadline))),
        }
    }

    /// gRPC can still say what happened. HTTP cannot, after its head: the connection is cut, so that the caller does not
    /// take a part for the whole.
    fn cut(&mut self) -> Option<Result<Frame<Bytes>, axum::Error>> {
        self.deadline = None;
        self.inner = Body::empty();
        self.observation.end(Code::DeadlineExceeded);
        Some(match self.protocol {
            Protocol::Grpc => {
                let status = Status::from(Error::DeadlineExceeded);
                let mut trailers = HeaderMap::new();
                trailers.insert(Status::GRPC_STATUS, HeaderValue::from(status.code() as i32));
                Ok(Frame::trailers(trailers))
            }
            Protocol::Http => Err(axum::Error::new(Error::DeadlineExceeded)),
        })
    }
}

impl HttpBody for ObservedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        if let Some(deadline) = &mut this.deadline
            && deadline.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(this.cut());
        }
        let frame = ready!(Pin::new(&mut this.inner).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    this.observation
                        .end(grpc_status(trailers).unwrap_or(this.code));
                } else if this.inner.is_end_stream() {
                    // A server that knows the length may not ask again.
                    this.observation.end(this.code);
                }
            }
            Some(Err(error)) => this.observation.end(error_code(error)),
            None => this.observation.end(this.code),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for ObservedBody {
    fn drop(&mut self) {
        // An empty body is never polled. Anything else that is left over was not wanted any more.
        if self.inner.is_end_stream() {
            self.observation.end(self.code);
        }
    }
}

pub fn grpc_status(headers: &HeaderMap) -> Option<Code> {
    let status = headers.get(Status::GRPC_STATUS)?;
    Some(Code::from_bytes(status.as_bytes()))
}

fn error_code(error: &axum::Error) -> Code {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(ours) = error.downcast_ref::<Error>() {
            return ours.code();
        }
        cause = error.source();
    }
    Code::Internal
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::stream;
    use http_body::Body as _;

    use super::super::Operation;
    use super::*;
    use crate::telemetry::{Metrics, Tracing};

    /// A list of which one part has come and the next never does.
    fn stalled(protocol: Protocol, metrics: &std::sync::Arc<Metrics>) -> ObservedBody {
        let span =
            Tracing::new(None)
                .unwrap()
                .start("ledger-list", protocol.name(), &HeaderMap::new());
        let operation = Operation::LedgerList;
        let observation = Observation::begin(metrics.clone(), operation, protocol, span);
        let parts = stream::unfold(true, async |first| match first {
            true => Some((Ok::<_, Error>("part"), false)),
            false => std::future::pending().await,
        });
        let deadline = Some(Instant::now() + Duration::from_millis(100));
        ObservedBody::new(
            Body::from_stream(parts),
            observation,
            protocol,
            Code::Ok,
            deadline,
        )
    }

    async fn next(body: &mut ObservedBody) -> Option<Result<Frame<Bytes>, axum::Error>> {
        std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await
    }

    fn requests(metrics: &Metrics, protocol: &str, code: &str) -> u64 {
        let labels = ["ledger-list", protocol, code];
        metrics.requests.with_label_values(&labels).get()
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_at_the_deadline() {
        let metrics = Metrics::new().unwrap();

        let mut body = stalled(Protocol::Grpc, &metrics);
        assert!(next(&mut body).await.unwrap().unwrap().is_data());
        assert_eq!(metrics.requests_in_flight.get(), 1);
        let trailers = next(&mut body).await.unwrap().unwrap();
        let status = grpc_status(trailers.trailers_ref().unwrap());
        assert_eq!(status, Some(Code::DeadlineExceeded));
        assert!(body.is_end_stream());
        assert_eq!(requests(&metrics, "grpc", "DEADLINE_EXCEEDED"), 1);

        let mut body = stalled(Protocol::Http, &metrics);
        assert!(next(&mut body).await.unwrap().is_ok());
        assert!(next(&mut body).await.unwrap().is_err());
        assert_eq!(requests(&metrics, "http", "DEADLINE_EXCEEDED"), 1);
        assert_eq!(metrics.requests_in_flight.get(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_nobody_reads_on_is_cancelled() {
        let metrics = Metrics::new().unwrap();
        let mut body = stalled(Protocol::Grpc, &metrics);
        assert!(next(&mut body).await.unwrap().is_ok());
        drop(body);
        assert_eq!(requests(&metrics, "grpc", "CANCELLED"), 1);
        assert_eq!(metrics.requests_in_flight.get(), 0);
    }
}
