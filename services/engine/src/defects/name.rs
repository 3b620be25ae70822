//! The names of the defects, of both services: they get the same setting.

/// Every name that `CUTOVER_DEFECT` knows. Some belong to the monolith: accepted here, without effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    SlowPath,
    NoBreaker,
    NoTimeout,
    MemoryLeak,
    HotLock,
    ReadinessLies,
    CpuCreep,
    Chatty,
    NoShedding,
    NoQuota,
    EagerProbe,
    ProbeStampede,
    BreakerStuck,
    TripsOn4xx,
    SharedPool,
    IgnoresCancel,
    RetryStorm,
    RetryDuplicates,
    VolatileKeys,
    LivenessCoupled,
    AckBeforeCommit,
    RollbackDropsOutbox,
    CdcGap,
    CdcReorder,
    CorruptRow,
    SlowRollback,
    AbruptStop,
    PartialKillSwitch,
    Rounding,
    ShadowWrites,
    ShadowBlocks,
    ContractBreak,
    DropsTraceparent,
    BlockingExporter,
    LogUntraced,
    AlertSilent,
    AlertNoisy,
    AuthOpen,
}

impl Defect {
    const ALL: [(&'static str, Self); 38] = [
        ("slow-path", Self::SlowPath),
        ("no-breaker", Self::NoBreaker),
        ("no-timeout", Self::NoTimeout),
        ("memory-leak", Self::MemoryLeak),
        ("hot-lock", Self::HotLock),
        ("readiness-lies", Self::ReadinessLies),
        ("cpu-creep", Self::CpuCreep),
        ("chatty", Self::Chatty),
        ("no-shedding", Self::NoShedding),
        ("no-quota", Self::NoQuota),
        ("eager-probe", Self::EagerProbe),
        ("probe-stampede", Self::ProbeStampede),
        ("breaker-stuck", Self::BreakerStuck),
        ("trips-on-4xx", Self::TripsOn4xx),
        ("shared-pool", Self::SharedPool),
        ("ignores-cancel", Self::IgnoresCancel),
        ("retry-storm", Self::RetryStorm),
        ("retry-duplicates", Self::RetryDuplicates),
        ("volatile-keys", Self::VolatileKeys),
        ("liveness-coupled", Self::LivenessCoupled),
        ("ack-before-commit", Self::AckBeforeCommit),
        ("rollback-drops-outbox", Self::RollbackDropsOutbox),
        ("cdc-gap", Self::CdcGap),
        ("cdc-reorder", Self::CdcReorder),
        ("corrupt-row", Self::CorruptRow),
        ("slow-rollback", Self::SlowRollback),
        ("abrupt-stop", Self::AbruptStop),
        ("partial-kill-switch", Self::PartialKillSwitch),
        ("rounding", Self::Rounding),
        ("shadow-writes", Self::ShadowWrites),
        ("shadow-blocks", Self::ShadowBlocks),
        ("contract-break", Self::ContractBreak),
        ("drops-traceparent", Self::DropsTraceparent),
        ("blocking-exporter", Self::BlockingExporter),
        ("log-untraced", Self::LogUntraced),
        ("alert-silent", Self::AlertSilent),
        ("alert-noisy", Self::AlertNoisy),
        ("auth-open", Self::AuthOpen),
    ];

    pub fn names() -> [&'static str; 38] {
        Self::ALL.map(|(name, _)| name)
    }

    pub fn name(self) -> &'static str {
        let known = Self::ALL.iter().find(|(_, defect)| *defect == self);
        known.map_or("", |(name, _)| name)
    }

    /// Names with commas between them; `None` if one is unknown.
    pub fn parse_list(text: &str) -> Option<Vec<Self>> {
        text.split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(|name| {
                let known = Self::ALL.iter().find(|(known, _)| *known == name);
                known.map(|&(_, defect)| defect)
            })
            .collect()
    }
}
