//! Readiness: may a load balancer send requests here? Not while draining, and not when the store does not answer.

mod grpc;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::defects::Defects;
use crate::ledger::Ledger;
pub use grpc::GrpcHealth;

/// A store that takes longer is as good as none.
const STORE_TIMEOUT: Duration = Duration::from_secs(1);

pub struct Health {
    pub ledger: Arc<Ledger>,
    pub defects: Arc<Defects>,
    /// Cancelled when the drain begins.
    pub draining: CancellationToken,
}

/// The body of `/readyz`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Readiness {
    pub ready: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub draining: bool,
    pub dependencies: BTreeMap<&'static str, &'static str>,
}

impl Health {
    pub async fn check(&self) -> Readiness {
        if self.defects.readiness_lies {
            return readiness(false, "ok");
        }
        let store_answers = matches!(timeout(STORE_TIMEOUT, self.ledger.ping()).await, Ok(Ok(())));
        let store = if store_answers { "ok" } else { "failing" };
        readiness(self.draining.is_cancelled(), store)
    }
}

fn readiness(draining: bool, store: &'static str) -> Readiness {
    Readiness {
        ready: store == "ok" && !draining,
        draining,
        dependencies: BTreeMap::from([("store", store)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::defects::Defect;

    #[tokio::test]
    async fn draining_and_a_closed_store_are_not_ready() {
        let folder = tempfile::tempdir().unwrap();
        let ledger =
            Arc::new(Ledger::open(&folder.path().join("engine.db"), Arc::default()).unwrap());
        let health = |defects: &[Defect]| Health {
            ledger: Arc::clone(&ledger),
            defects: Arc::new(Defects::new(defects)),
            draining: CancellationToken::new(),
        };
        let honest = health(&[]);
        assert_eq!(honest.check().await, readiness(false, "ok"));
        assert!(honest.check().await.ready);
        honest.draining.cancel();
        assert_eq!(honest.check().await, readiness(true, "ok"));
        assert!(!honest.check().await.ready);

        ledger.close().await;
        let broken = health(&[]).check().await;
        assert_eq!(broken, readiness(false, "failing"));
        assert!(!broken.ready);

        let liar = health(&[Defect::ReadinessLies]);
        liar.draining.cancel();
        assert!(liar.check().await.ready);
    }
}
