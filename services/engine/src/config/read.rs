//! Reading one setting: its default, what is allowed, and what is wrong with it.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use tracing::Level;

use super::TlsFiles;
use crate::defects::Defect;
use crate::duration;

pub const ADDRESS: &str = "host:port (port 0: any free one)";

pub struct Reader<'a> {
    pub lookup: &'a dyn Fn(&str) -> Option<String>,
    pub problems: &'a mut Vec<String>,
}

impl Reader<'_> {
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    /// A refused value is noted and stands as the type's default (never used: the whole configuration is refused).
    pub fn value<T: Placeholder>(
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

    /// A certificate is of no use without its key, and the other way round.
    pub fn tls_files(&mut self) -> Option<TlsFiles> {
        match (self.optional("TLS_CERT"), self.optional("TLS_KEY")) {
            (Some(certificate), Some(key)) => Some(TlsFiles {
                certificate: certificate.into(),
                key: key.into(),
            }),
            (None, None) => None,
            (certificate, key) => {
                let (certificate, key) = (certificate.unwrap_or_default(), key.unwrap_or_default());
                self.problems.push(format!(
                    "TLS_CERT={certificate:?}, TLS_KEY={key:?}: allowed: both, or neither"
                ));
                None
            }
        }
    }
}

/// What stands in for a refused value while the remaining variables are read.
pub trait Placeholder {
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
pub fn address(text: &str) -> Option<SocketAddr> {
    text.to_socket_addrs().ok()?.next()
}

/// A URL here is almost surely meant for another database.
pub fn store(text: &str) -> Option<PathBuf> {
    let other = text.contains("://") || text.starts_with(':') || text.starts_with("file:");
    (!other).then(|| PathBuf::from(text))
}

pub fn http_url(text: &str) -> Option<Option<String>> {
    url(text, &["http"])
}

pub fn base_url(text: &str) -> Option<Option<String>> {
    url(text, &["http", "https"])
}

/// Without the slash at its end, so that a path can follow. Empty: none.
fn url(text: &str, schemes: &[&str]) -> Option<Option<String>> {
    if text.is_empty() {
        return Some(None);
    }
    let uri: http::Uri = text.parse().ok()?;
    let scheme = uri
        .scheme_str()
        .is_some_and(|scheme| schemes.contains(&scheme));
    let host = uri.host().is_some_and(|host| !host.is_empty());
    (scheme && host).then(|| Some(text.trim_end_matches('/').to_owned()))
}

/// Nothing is looked at without a pause.
pub fn interval(text: &str) -> Option<Duration> {
    duration::parse(text).filter(|interval| *interval >= Duration::from_millis(1))
}

pub fn level(text: &str) -> Option<Level> {
    match text {
        "debug" => Some(Level::DEBUG),
        "info" => Some(Level::INFO),
        "warn" => Some(Level::WARN),
        "error" => Some(Level::ERROR),
        _ => None,
    }
}
