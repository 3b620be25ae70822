//! Receiving from the peer, and what both stores are compared by.

use std::sync::Arc;

use futures_util::stream::BoxStream;

use super::Service;
use super::pages::pages;
use crate::error::Error;
use crate::ledger::{Logged, Reconciliation, RowHash};
use crate::replication::{Batch, Watermark};
use crate::validate;

impl Service {
    /// Answers when the batch is on disk.
    pub async fn receive(&self, batch: Batch) -> Result<Watermark, Error> {
        validate::batch(&batch)?;
        let source = batch.source.clone();
        let applied = self.ledger.apply(batch).await?;
        self.metrics.replication_applied.inc_by(applied.applied);
        self.metrics.replication_conflicts.inc_by(applied.conflicts);
        Ok(Watermark {
            source,
            watermark: applied.watermark,
        })
    }

    /// Pushes everything to the peer again; answers how many entries that are.
    pub async fn replay(&self) -> Result<i64, Error> {
        self.ledger.replay().await
    }

    /// The event log after a position, and the store's last position as the answer begins.
    pub async fn events(
        &self,
        after: i64,
        limit: u32,
    ) -> Result<(BoxStream<'static, Result<Logged, Error>>, i64), Error> {
        let limit = validate::events(after, limit)?;
        let watermark = self.ledger.last_position().await?;
        let ledger = Arc::clone(&self.ledger);
        let read = move |after, limit| {
            let ledger = Arc::clone(&ledger);
            async move { ledger.events(after, limit).await }
        };
        let events = pages(after, limit, read, |logged: &Logged| logged.position).await?;
        Ok((events, watermark))
    }

    pub async fn reconciliation(&self) -> Result<Reconciliation, Error> {
        self.ledger.reconciliation().await
    }

    /// Every row whose id begins with `prefix`, by id.
    pub async fn hashes(
        &self,
        prefix: String,
    ) -> Result<BoxStream<'static, Result<RowHash, Error>>, Error> {
        validate::prefix(&prefix)?;
        let ledger = Arc::clone(&self.ledger);
        let read = move |after, limit| {
            let (ledger, prefix) = (Arc::clone(&ledger), prefix.clone());
            async move { ledger.row_hashes(prefix, after, limit).await }
        };
        let all = u32::MAX;
        pages(String::new(), all, read, |row: &RowHash| row.id.clone()).await
    }
}
