//! `process_*`. Not the `prometheus` crate's own: that one counts CPU time in whole seconds, too coarse to see the cost
//! of a short run.

use std::time::{SystemTime, UNIX_EPOCH};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use nix::unistd::{SysconfVar, sysconf};
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Counter, Gauge};

pub struct ProcessMetrics {
    cpu_seconds: Counter,
    resident_bytes: Gauge,
    start_seconds: Gauge,
}

impl ProcessMetrics {
    /// The start time is that of this call, which is among the first things that the process does.
    pub fn new() -> Result<Self, prometheus::Error> {
        let metrics = Self {
            cpu_seconds: Counter::new(
                "process_cpu_seconds_total",
                "User and system CPU time of the process, in seconds.",
            )?,
            resident_bytes: Gauge::new(
                "process_resident_memory_bytes",
                "Resident memory of the process, in bytes.",
            )?,
            start_seconds: Gauge::new(
                "process_start_time_seconds",
                "Start of the process, in seconds of Unix time.",
            )?,
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        metrics
            .start_seconds
            .set(now.map_or(0.0, |since| since.as_secs_f64()));
        Ok(metrics)
    }
}

impl Collector for ProcessMetrics {
    fn desc(&self) -> Vec<&Desc> {
        let mut all = self.cpu_seconds.desc();
        all.extend(self.resident_bytes.desc());
        all.extend(self.start_seconds.desc());
        all
    }

    /// A value that cannot be read stays at what it was.
    fn collect(&self) -> Vec<MetricFamily> {
        if let Some(total) = cpu_seconds() {
            self.cpu_seconds
                .inc_by((total - self.cpu_seconds.get()).max(0.0));
        }
        if let Some(bytes) = resident_bytes() {
            self.resident_bytes.set(bytes);
        }
        let mut all = self.cpu_seconds.collect();
        all.extend(self.resident_bytes.collect());
        all.extend(self.start_seconds.collect());
        all
    }
}

fn cpu_seconds() -> Option<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    let microseconds =
        usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Some(microseconds as f64 / 1e6)
}

/// Linux: the second field of `statm`, in pages.
fn resident_bytes() -> Option<f64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    let page_bytes = sysconf(SysconfVar::PAGE_SIZE).ok()??;
    Some(pages * page_bytes as f64)
}
