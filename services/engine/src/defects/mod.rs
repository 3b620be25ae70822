//! Defects on demand: each is a fault that the harness must find. The healthy engine has none of them.

mod name;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::sleep;

pub use name::Defect;

const SLOW_PATH_SLOTS: usize = 64;
const SLOW_PATH_DELAY: Duration = Duration::from_millis(80);
const HOT_LOCK_HOLD: Duration = Duration::from_millis(8);
const LEAK_BYTES: usize = 128 * 1024;
/// After this many quotes each one costs one calculation more.
const CREEP_QUOTES: u32 = 50;
/// The first of this many applied entries is corrupted.
const CORRUPT_EVERY: u64 = 500;

/// The engine's defects that are switched on, with the state they need.
#[derive(Default)]
pub struct Defects {
    slow_path: Option<Semaphore>,
    leaked: Option<Mutex<Vec<Box<[u8]>>>>,
    hot_lock: Option<HotLock>,
    /// Quotes so far: each makes the next ones dearer.
    creep: Option<AtomicU32>,
    /// Drawn at each start, so that no key from before it is known.
    key_salt: Option<String>,
    /// Received entries stored so far: now and then one is stored wrong.
    corrupt: Option<AtomicU64>,
    pub readiness_lies: bool,
    /// Appends are answered before their commit.
    pub acknowledges_early: bool,
    /// The outbox's cursor is stored before the push.
    pub leaves_gaps: bool,
    /// A received batch is stored from its end.
    pub reorders: bool,
    /// Tax is rounded down.
    pub rounds_down: bool,
    /// Quotes of clients that don't know the field `currency` are refused.
    pub needs_currency: bool,
    /// A request's spans are exported before it is answered.
    pub blocking_exporter: bool,
    /// Failed requests are logged without their trace.
    pub logs_untraced: bool,
    /// Expired tokens, and those for others, are let in.
    pub auth_open: bool,
}

impl Defects {
    pub fn new(switched_on: &[Defect]) -> Self {
        let on = |defect| switched_on.contains(&defect);
        Self {
            slow_path: on(Defect::SlowPath).then(|| Semaphore::new(SLOW_PATH_SLOTS)),
            leaked: on(Defect::MemoryLeak).then(Mutex::default),
            hot_lock: on(Defect::HotLock).then(HotLock::default),
            creep: on(Defect::CpuCreep).then(AtomicU32::default),
            // A new `RandomState` is seeded by the system.
            key_salt: on(Defect::VolatileKeys)
                .then(|| format!("{:016x}", RandomState::new().hash_one(()))),
            corrupt: on(Defect::CorruptRow).then(AtomicU64::default),
            readiness_lies: on(Defect::ReadinessLies),
            acknowledges_early: on(Defect::AckBeforeCommit),
            leaves_gaps: on(Defect::CdcGap),
            reorders: on(Defect::CdcReorder),
            rounds_down: on(Defect::Rounding),
            needs_currency: on(Defect::ContractBreak),
            blocking_exporter: on(Defect::BlockingExporter),
            logs_untraced: on(Defect::LogUntraced),
            auth_open: on(Defect::AuthOpen),
        }
    }

    pub async fn on_quote(&self, sku: &str) {
        if let Some(leaked) = &self.leaked {
            // Written, not only reserved: untouched pages would not count as resident memory.
            let block = vec![0xA5; LEAK_BYTES].into_boxed_slice();
            leaked
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(block);
        }
        if let Some(slots) = &self.slow_path {
            let slot = slots.acquire().await;
            sleep(SLOW_PATH_DELAY).await;
            drop(slot);
        }
        self.hold_hot_lock("sku", sku).await;
    }

    /// How many times more than usual the next quote is calculated.
    pub fn extra_work(&self) -> u32 {
        let quotes = self.creep.as_ref();
        quotes.map_or(0, |quotes| {
            quotes.fetch_add(1, Ordering::Relaxed) / CREEP_QUOTES
        })
    }

    pub async fn on_append(&self, account: &str) {
        self.hold_hot_lock("account", account).await;
    }

    /// The key that an entry is stored under, and that its id is derived from.
    pub fn stored_key(&self, mut idempotency_key: String) -> String {
        if let Some(salt) = &self.key_salt {
            idempotency_key.push_str(salt);
        }
        idempotency_key
    }

    /// The amount that a received entry is stored with.
    pub fn applied_amount(&self, amount_minor: i64) -> i64 {
        let corrupts = self.corrupt.as_ref().is_some_and(|applied| {
            applied
                .fetch_add(1, Ordering::Relaxed)
                .is_multiple_of(CORRUPT_EVERY)
        });
        amount_minor.saturating_add(i64::from(corrupts))
    }

    async fn hold_hot_lock(&self, kind: &str, key: &str) {
        if let Some(hot_lock) = &self.hot_lock {
            hot_lock.hold(format!("{kind}/{key}")).await;
        }
    }
}

/// One asynchronous lock a key: calls for different keys don't meet, calls for a popular one queue up.
#[derive(Default)]
struct HotLock(Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>);

impl HotLock {
    async fn hold(&self, key: String) {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(locks.entry(key).or_default())
        };
        let _held = lock.lock().await;
        sleep(HOT_LOCK_HOLD).await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use tokio::time::Instant;

    use super::*;

    /// How long `calls` quotes take together, one SKU each from `sku`. Time is paused: it is exact and instant.
    async fn quotes(defects: &[Defect], calls: usize, sku: impl Fn(usize) -> String) -> Duration {
        let defects = Defects::new(defects);
        let started = Instant::now();
        let skus: Vec<String> = (0..calls).map(sku).collect();
        join_all(skus.iter().map(|sku| defects.on_quote(sku))).await;
        started.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn healthy_costs_nothing() {
        assert_eq!(quotes(&[], 1000, |_| "A".into()).await, Duration::ZERO);
        let others = [Defect::NoBreaker, Defect::NoTimeout];
        assert_eq!(quotes(&others, 1000, |_| "A".into()).await, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn slow_path_has_64_slots_of_80_ms() {
        let slow = [Defect::SlowPath];
        let at_once = |calls| quotes(&slow, calls, |n| n.to_string());
        assert_eq!(at_once(64).await.as_millis(), 80);
        assert_eq!(at_once(65).await.as_millis(), 160);
    }

    #[tokio::test(start_paused = true)]
    async fn hot_lock_queues_one_key_only() {
        let hot = [Defect::HotLock];
        let skewed = quotes(&hot, 50, |_| "A".into()).await.as_millis();
        let even = quotes(&hot, 50, |n| n.to_string()).await.as_millis();
        assert!((400..=450).contains(&skewed), "{skewed}");
        assert!((8..=9).contains(&even), "{even}");
    }

    #[test]
    fn cpu_creep_makes_each_quote_dearer() {
        let defects = Defects::new(&[Defect::CpuCreep]);
        let work: Vec<u32> = (0..=100).map(|_| defects.extra_work()).collect();
        assert_eq!((work[0], work[49], work[50], work[100]), (0, 0, 1, 2));
        assert_eq!(Defects::new(&[]).extra_work(), 0);
    }

    #[test]
    fn volatile_keys_change_with_the_process() {
        let stored = |defects: &Defects| defects.stored_key("key".to_owned());
        let healthy = Defects::new(&[Defect::RetryDuplicates]);
        assert_eq!(stored(&healthy), "key");
        let [first, second] = [(); 2].map(|()| Defects::new(&[Defect::VolatileKeys]));
        assert_eq!(stored(&first), stored(&first));
        assert_ne!(stored(&first), stored(&second));
    }

    #[test]
    fn corrupt_row_is_the_first_of_each_500() {
        let defects = Defects::new(&[Defect::CorruptRow]);
        let wrong = (0..1_001).filter(|_| defects.applied_amount(7) == 8);
        assert_eq!(wrong.collect::<Vec<_>>(), [0, 500, 1_000]);
        assert_eq!(Defects::new(&[]).applied_amount(7), 7);
    }

    #[tokio::test]
    async fn memory_leak_keeps_128_kib_a_quote() {
        let defects = Defects::new(&[Defect::MemoryLeak]);
        for _ in 0..3 {
            defects.on_quote("A").await;
        }
        let leaked = defects.leaked.as_ref().unwrap().lock().unwrap();
        assert_eq!(leaked.iter().map(|b| b.len()).sum::<usize>(), 3 * 131_072);
    }
}
