//! Settings from environment variables. A bad one refuses the start, and all of them are named at once.

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use tracing::Level;

use crate::defects::Defect;
use crate::duration;

#[derive(Debug, Clone)]
pub struct Config {
    pub http_addr: SocketAddr,
    pub grpc_addr: SocketAddr,
    pub store_path: PathBuf,
    /// `None`: calls need no token.
    pub service_token_secret: Option<Secret>,
    /// `None`: spans are not exported.
    pub otlp_endpoint: Option<String>,
    pub drain_timeout: Duration,
    pub pricing_work: u32,
    pub defects: Vec<Defect>,
    pub log_level: Level,
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
            store_path: read.value("STORE_DSN", "engine.db", "the path of a SQLite file", path),
            service_token_secret: read.optional("SERVICE_TOKEN_SECRET").map(Secret),
            otlp_endpoint: read.value("OTLP_ENDPOINT", "", "http://host:port", endpoint),
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

const ADDRESS: &str = "host:port (port 0: any free one)";

struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    /// A refused value is noted and stands as the type's default (never used: the whole configuration is refused).
    fn value<T: Placeholder>(
        &mut self,
        name: &str,
        default: &str,
        allowed: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> T {
        let text = self.optional(name).unwrap_or_else(|| default.to_owned());
        parse(&text).unwrap_or_else(|| {
            self.problems
                .push(format!("{name}={text:?}: allowed: {allowed}"));
            T::placeholder()
        })
    }
}

/// What stands in for a refused value while the remaining variables are read.
trait Placeholder {
    fn placeholder() -> Self;
}
macro_rules! placeholder {
    ($($type:ty => $value:expr),* $(,)?) => {
        $(impl Placeholder for $type { fn placeholder() -> Self { $value } })*
    };
}
placeholder! {
    SocketAddr => SocketAddr::from(([127, 0, 0, 1], 0)),
    PathBuf => PathBuf::new(),
    Option<String> => None,
    Duration => Duration::ZERO,
    u32 => 1,
    Vec<Defect> => Vec::new(),
    Level => Level::INFO,
}

/// Host names are resolved here, once: a wrong one is a configuration error, not a later surprise.
fn address(text: &str) -> Option<SocketAddr> {
    text.to_socket_addrs().ok()?.next()
}

/// A URL here is almost surely meant for another database.
fn path(text: &str) -> Option<PathBuf> {
    let other = text.contains("://") || text.starts_with(':') || text.starts_with("file:");
    (!other).then(|| PathBuf::from(text))
}

fn endpoint(text: &str) -> Option<Option<String>> {
    if text.is_empty() {
        return Some(None);
    }
    let uri: http::Uri = text.parse().ok()?;
    (uri.scheme_str() == Some("http") && uri.host().is_some_and(|host| !host.is_empty()))
        .then(|| Some(text.trim_end_matches('/').to_owned()))
}

fn level(text: &str) -> Option<Level> {
    match text {
        "debug" => Some(Level::DEBUG),
        "info" => Some(Level::INFO),
        "warn" => Some(Level::WARN),
        "error" => Some(Level::ERROR),
        _ => None,
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
        assert_eq!(config.drain_timeout, Duration::from_secs(10));
        assert_eq!(config.pricing_work, 1);
        assert_eq!(config.defects, []);
        assert_eq!(config.log_level, Level::INFO);
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
            ("SERVICE_TOKEN_SECRET", "hush"),
        ])
        .unwrap_err();
        assert_eq!(error.0.len(), 8, "{error}");
        let text = error.to_string();
        for part in [
            r#"HTTP_ADDR="8090": allowed: host:port"#,
            r#"GRPC_ADDR="127.0.0.1:99999""#,
            r#"STORE_DSN="postgres://db": allowed: the path of a SQLite file"#,
            r#"OTLP_ENDPOINT="https://collector": allowed: http://host:port"#,
            r#"DRAIN_TIMEOUT="soon""#,
            r#"CUTOVER_DEFECT="slow-path,slow-lock": allowed: slow-path, no-breaker, no-timeout, memory-leak, hot-lock, readiness-lies, cpu-creep, chatty, no-shedding, no-quota, eager-probe, probe-stampede, breaker-stuck, trips-on-4xx, shared-pool, ignores-cancel, retry-storm, retry-duplicates, volatile-keys, liveness-coupled"#,
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
