//! Pushes the outbox to the peer, in order, one batch at a time, for as long as the engine runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{Batch, MAX_EVENTS, Peer, PushError};
use crate::error::Error;
use crate::ledger::{Acknowledged, Ledger, OWN};
use crate::telemetry::Metrics;

const LONGEST_PAUSE: Duration = Duration::from_secs(2);

pub struct Replicator {
    pub ledger: Arc<Ledger>,
    pub peer: Peer,
    pub metrics: Arc<Metrics>,
    /// How often the outbox is looked at when it was empty, and the first pause after a failure.
    pub interval: Duration,
    /// The defect `cdc-gap`: the cursor is stored before the push, and what fails is not pushed again.
    pub leaves_gaps: bool,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Store(#[from] Error),
    #[error("{0}")]
    Push(#[from] PushError),
}

impl Replicator {
    /// Ends when `stopping` is cancelled, with the batch that is on its way.
    pub async fn run(self, stopping: CancellationToken) {
        let mut failures = Backoff::new(self.interval);
        while !stopping.is_cancelled() {
            let pause = match self.push_next().await {
                Ok(pushed) => {
                    if failures.end() {
                        tracing::info!("replication goes on");
                    }
                    // A full batch: there may be more.
                    if pushed == MAX_EVENTS {
                        continue;
                    }
                    self.interval
                }
                Err(error) => {
                    self.metrics.replication_failures.inc();
                    // One line an outage: it is tried again for ever.
                    if failures.begins() {
                        tracing::warn!(error = %error, "replication fails");
                    }
                    failures.next()
                }
            };
            tokio::select! {
                () = sleep(pause) => {}
                () = stopping.cancelled() => {}
            }
        }
    }

    /// Answers how many entries it pushed.
    async fn push_next(&self) -> Result<usize, Failure> {
        if self.ledger.outbox() == 0 {
            return Ok(0);
        }
        let outgoing = self.ledger.outgoing(MAX_EVENTS).await?;
        let Some(last) = outgoing.events.last() else {
            return Ok(0);
        };
        let acknowledged = Acknowledged {
            from: outgoing.cursor,
            to: last.position,
            events: outgoing.events.len() as i64,
        };
        let batch = Batch {
            source: OWN.to_owned(),
            events: outgoing.events,
        };
        if self.leaves_gaps {
            self.ledger.acknowledge(acknowledged).await?;
            self.peer.push(&batch).await?;
        } else {
            self.peer.push(&batch).await?;
            self.ledger.acknowledge(acknowledged).await?;
        }
        let pushed = batch.events.len();
        self.metrics.replication_pushed.inc_by(pushed as u64);
        Ok(pushed)
    }
}

/// Pauses after failures in a row: the interval, doubling up to two seconds.
struct Backoff {
    interval: Duration,
    pause: Option<Duration>,
}

impl Backoff {
    fn new(interval: Duration) -> Self {
        Self {
            interval,
            pause: None,
        }
    }

    fn begins(&self) -> bool {
        self.pause.is_none()
    }

    fn next(&mut self) -> Duration {
        let longest = LONGEST_PAUSE.max(self.interval);
        let doubled = self.pause.map(|pause| (pause * 2).min(longest));
        *self.pause.insert(doubled.unwrap_or(self.interval))
    }

    /// `true` if there were failures.
    fn end(&mut self) -> bool {
        self.pause.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_two_seconds_and_start_anew_after_a_success() {
        let mut failures = Backoff::new(Duration::from_millis(100));
        assert!(failures.begins());
        let pauses: Vec<u128> = (0..7).map(|_| failures.next().as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1600, 2000, 2000]);
        assert!(!failures.begins());
        assert!(failures.end());
        assert!(!failures.end());
        assert_eq!(failures.next().as_millis(), 100);
    }
}
