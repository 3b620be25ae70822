//! What the engine does, whatever the protocol: validate, suffer the defects, calculate or store.

mod pages;
mod replication;

use std::hint::black_box;
use std::sync::Arc;

use futures_util::stream::BoxStream;

use crate::contracts::{
    AppendRequest, Entry, GetEntryRequest, ListEntriesRequest, QuoteRequest, QuoteResponse,
};
use crate::defects::Defects;
use crate::error::Error;
use crate::ledger::{Appended, Ledger};
use crate::pricing::TaxRounding;
use crate::telemetry::Metrics;
use crate::{pricing, validate};
use pages::pages;

/// Calculations of a quote before others get their turn: a fifth of a millisecond for three lines. After each one, giving
/// way would be a fifth of a quote's cost.
const CALCULATIONS_A_TURN: u32 = 8;

pub struct Service {
    pub ledger: Arc<Ledger>,
    pub defects: Arc<Defects>,
    pub metrics: Arc<Metrics>,
    /// How many times each quote is calculated, at least once: a load test makes quotes as costly as it needs them.
    pub pricing_work: u32,
}

impl Service {
    pub async fn quote(&self, request: QuoteRequest) -> Result<QuoteResponse, Error> {
        validate::quote(&request)?;
        if self.defects.needs_currency {
            validate::currency(&request)?;
        }
        // Validated: there is a first line.
        if let Some(line) = request.lines.first() {
            self.defects.on_quote(&line.sku).await;
        }
        let rounding = match self.defects.rounds_down {
            true => TaxRounding::Down,
            false => TaxRounding::HalfUp,
        };
        // Nine microseconds a line, a millisecond at most: no need to leave the async thread. Where it is done many times
        // over, others get their turn in between.
        for calculation in 1..self.pricing_work.max(1) + self.defects.extra_work() {
            black_box(pricing::quote(black_box(&request), rounding));
            if calculation % CALCULATIONS_A_TURN == 0 {
                tokio::task::yield_now().await;
            }
        }
        Ok(pricing::quote(&request, rounding))
    }

    pub async fn append(&self, mut request: AppendRequest) -> Result<Appended, Error> {
        validate::append(&request)?;
        self.defects.on_append(&request.account).await;
        request.idempotency_key = self.defects.stored_key(request.idempotency_key);
        let appended = self.ledger.append(request).await?;
        if appended.created {
            self.metrics.ledger_entries.inc();
        }
        Ok(appended)
    }

    pub async fn get(&self, request: GetEntryRequest) -> Result<Entry, Error> {
        validate::get(&request)?;
        self.ledger.get(request.id).await
    }

    pub async fn list(
        &self,
        request: ListEntriesRequest,
    ) -> Result<BoxStream<'static, Result<Entry, Error>>, Error> {
        let limit = validate::list(&request)?;
        let ledger = Arc::clone(&self.ledger);
        let account = request.account;
        let read = move |after, limit| {
            let (ledger, account) = (Arc::clone(&ledger), account.clone());
            async move { ledger.page(account, after, limit).await }
        };
        pages(request.after_sequence, limit, read, |entry| entry.sequence).await
    }
}
