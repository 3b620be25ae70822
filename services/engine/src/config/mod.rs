//! Settings from environment variables. A bad one refuses the start, and all of them are named at once.

mod read;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tracing::Level;

use crate::defects::Defect;
use crate::duration;
use read::{ADDRESS, Reader, address, base_url, http_url, interval, level, store};

#[derive(Debug, Clone)]
pub struct Config {
    pub http_addr: SocketAddr,
    pub grpc_addr: SocketAddr,
    pub store_path: PathBuf,
    /// `None`: calls need no token.
    pub service_token_secret: Option<Secret>,
    /// `None`: spans are not exported.
    pub otlp_endpoint: Option<String>,
    /// The base URL of whom entries are replicated to. `None`: they are not.
    pub peer_url: Option<String>,
    pub replication_interval: Duration,
    /// `None`: both ports speak plain text.
    pub tls: Option<TlsFiles>,
    /// Who may vouch for the peer. `None`: whom the system trusts.
    pub tls_ca: Option<PathBuf>,
    pub drain_timeout: Duration,
    pub pricing_work: u32,
    pub defects: Vec<Defect>,
    pub log_level: Level,
}

/// PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Never printed: neither by `Debug` nor by a configuration error.
#[derive(Clone)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Everything that is wrong with the environment, one line each: variable, value, what is allowed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);

impl Config {
    /// `lookup` is `std::env::var` in `main` and a table in tests. An empty variable counts as unset.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        let mut read = Reader {
            lookup: &lookup,
            problems: &mut problems,
        };
        let config = Self {
            http_addr: read.value("HTTP_ADDR", "127.0.0.1:8090", ADDRESS, address),
            grpc_addr: read.value("GRPC_ADDR", "127.0.0.1:8091", ADDRESS, address),
            store_path: read.value("STORE_DSN", "engine.db", "the path of a SQLite file", store),
            service_token_secret: read.optional("SERVICE_TOKEN_SECRET").map(Secret),
            otlp_endpoint: read.value("OTLP_ENDPOINT", "", "http://host:port", http_url),
            peer_url: read.value(
                "PEER_URL",
                "",
                "http://host:port or https://host:port",
                base_url,
            ),
            replication_interval: read.value(
                "REPLICATION_INTERVAL",
                "100ms",
                "a duration of at least 1ms, such as 100ms",
                interval,
            ),
            tls: read.tls_files(),
            tls_ca: read.optional("TLS_CA").map(PathBuf::from),
            drain_timeout: read.value(
                "DRAIN_TIMEOUT",
                "10s",
                "a duration such as 250ms or 10s",
                duration::parse,
            ),
            pricing_work: read.value("PRICING_WORK", "1", "1 to 100000", |text| {
                text.parse()
                    .ok()
                    .filter(|work| (1..=100_000).contains(work))
            }),
            defects: read.value(
                "CUTOVER_DEFECT",
                "",
                &Defect::names().join(", "),
                Defect::parse_list,
            ),
            log_level: read.value("LOG_LEVEL", "info", "debug, info, warn, error", level),
        };
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError(problems))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_lookup(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn has_the_documented_defaults() {
        let config = read(&[("DRAIN_TIMEOUT", "")]).unwrap();
        assert_eq!(config.http_addr.to_string(), "127.0.0.1:8090");
        assert_eq!(config.grpc_addr.to_string(), "127.0.0.1:8091");
        assert_eq!(config.store_path, PathBuf::from("engine.db"));
        assert!(config.service_token_secret.is_none());
        assert_eq!(config.otlp_endpoint, None);
        assert_eq!(config.peer_url, None);
        assert_eq!(config.replication_interval, Duration::from_millis(100));
        assert_eq!(config.tls, None);
        assert_eq!(config.tls_ca, None);
        assert_eq!(config.drain_timeout, Duration::from_secs(10));
        assert_eq!(config.pricing_work, 1);
        assert_eq!(config.defects, []);
        assert_eq!(config.log_level, Level::INFO);
    }

    #[test]
    fn takes_a_peer_and_certificates() {
        let config = read(&[
            ("PEER_URL", "https://peer:8443/"),
            ("REPLICATION_INTERVAL", "1ms"),
            ("TLS_CERT", "engine.pem"),
            ("TLS_KEY", "engine.key"),
            ("TLS_CA", "ca.pem"),
        ]);
        let config = config.unwrap();
        assert_eq!(config.peer_url.as_deref(), Some("https://peer:8443"));
        assert_eq!(config.replication_interval, Duration::from_millis(1));
        let files = TlsFiles {
            certificate: "engine.pem".into(),
            key: "engine.key".into(),
        };
        assert_eq!(config.tls, Some(files));
        assert_eq!(config.tls_ca, Some("ca.pem".into()));
    }

    #[test]
    fn takes_several_defects_and_the_monoliths_too() {
        let config = read(&[("CUTOVER_DEFECT", "slow-path, no-breaker,hot-lock")]).unwrap();
        let expected = [Defect::SlowPath, Defect::NoBreaker, Defect::HotLock];
        assert_eq!(config.defects, expected);
    }

    #[test]
    fn names_every_problem_with_its_value_and_what_is_allowed() {
        let error = read(&[
            ("HTTP_ADDR", "8090"),
            ("GRPC_ADDR", "127.0.0.1:99999"),
            ("STORE_DSN", "postgres://db"),
            ("OTLP_ENDPOINT", "https://collector"),
            ("DRAIN_TIMEOUT", "soon"),
            ("PRICING_WORK", "0"),
            ("CUTOVER_DEFECT", "slow-path,slow-lock"),
            ("LOG_LEVEL", "loud"),
            ("PEER_URL", "grpc://peer"),
            ("REPLICATION_INTERVAL", "0s"),
            ("TLS_KEY", "engine.key"),
            ("SERVICE_TOKEN_SECRET", "hush"),
        ])
        .unwrap_err();
        assert_eq!(error.0.len(), 11, "{error}");
        let text = error.to_string();
        for part in [
            r#"HTTP_ADDR="8090": allowed: host:port"#,
            r#"GRPC_ADDR="127.0.0.1:99999""#,
            r#"STORE_DSN="postgres://db": allowed: the path of a SQLite file"#,
            r#"OTLP_ENDPOINT="https://collector": allowed: http://host:port"#,
            r#"DRAIN_TIMEOUT="soon""#,
            r#"CUTOVER_DEFECT="slow-path,slow-lock": allowed: slow-path, no-breaker, no-timeout, memory-leak, hot-lock, readiness-lies, cpu-creep, chatty, no-shedding, no-quota, eager-probe, probe-stampede, breaker-stuck, trips-on-4xx, shared-pool, ignores-cancel, retry-storm, retry-duplicates, volatile-keys, liveness-coupled, ack-before-commit, rollback-drops-outbox, cdc-gap, cdc-reorder, corrupt-row, slow-rollback, abrupt-stop, partial-kill-switch, rounding, shadow-writes, shadow-blocks, contract-break, drops-traceparent, blocking-exporter, log-untraced, alert-silent, alert-noisy, auth-open"#,
            r#"PEER_URL="grpc://peer": allowed: http://host:port or https://host:port"#,
            r#"REPLICATION_INTERVAL="0s": allowed: a duration of at least 1ms"#,
            r#"TLS_CERT="", TLS_KEY="engine.key": allowed: both, or neither"#,
            r#"PRICING_WORK="0": allowed: 1 to 100000"#,
            r#"LOG_LEVEL="loud": allowed: debug, info, warn, error"#,
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!text.contains("hush"));
    }

    #[test]
    fn secrets_are_not_printed() {
        let config = read(&[("SERVICE_TOKEN_SECRET", "hush")]).unwrap();
        assert!(!format!("{config:?}").contains("hush"));
    }
}
