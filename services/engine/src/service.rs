//! What the engine does, whatever the protocol: validate, suffer the defects, calculate or store.

use std::hint::black_box;
use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};

use crate::contracts::{
    AppendRequest, Entry, GetEntryRequest, ListEntriesRequest, QuoteRequest, QuoteResponse,
};
use crate::defects::Defects;
use crate::error::Error;
use crate::ledger::{Appended, Ledger};
use crate::telemetry::Metrics;
use crate::{pricing, validate};

/// Entries read at once by a list: small enough to stop soon, large enough to pay for the round trip.
const PAGE: u32 = 256;
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
        // Validated: there is a first line.
        if let Some(line) = request.lines.first() {
            self.defects.on_quote(&line.sku).await;
        }
        // Nine microseconds a line, a millisecond at most: no need to leave the async thread. Where it is done many times
        // over, others get their turn in between.
        for calculation in 1..self.pricing_work.max(1) + self.defects.extra_work() {
            black_box(pricing::quote(black_box(&request)));
            if calculation % CALCULATIONS_A_TURN == 0 {
                tokio::task::yield_now().await;
            }
        }
        Ok(pricing::quote(&request))
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

    /// The first page is read before answering, so that a store that fails is an error and not a broken stream; the
    /// others when the caller has taken the ones before.
    pub async fn list(
        &self,
        request: ListEntriesRequest,
    ) -> Result<BoxStream<'static, Result<Entry, Error>>, Error> {
        let limit = validate::list(&request)?;
        let ledger = Arc::clone(&self.ledger);
        let account = request.account;
        let read = move |after: i64, left: u32| {
            let (ledger, account) = (Arc::clone(&ledger), account.clone());
            async move {
                let asked = left.min(PAGE);
                let entries = ledger.page(account, after, asked).await?;
                let last = entries.last().map(|entry| entry.sequence);
                // A short page is the end; the same if the limit is used up.
                let rest = left - asked;
                let more = entries.len() == asked as usize && rest > 0;
                Ok::<_, Error>((entries, last.filter(|_| more).map(|after| (after, rest))))
            }
        };
        let (first, next) = read(request.after_sequence, limit).await?;
        let others = stream::try_unfold(next, move |next| {
            let page = next.map(|(after, left)| read(after, left));
            async move {
                match page {
                    Some(page) => page.await.map(Some),
                    None => Ok(None),
                }
            }
        });
        let pages = stream::iter([Ok(first)]).chain(others);
        Ok(pages
            .map_ok(|entries| stream::iter(entries.into_iter().map(Ok)))
            .try_flatten()
            .boxed())
    }
}
