//! The caller's deadline: `X-Request-Timeout-Ms` over HTTP, `grpc-timeout` over gRPC.

use std::time::Duration;

use http::HeaderMap;
use tokio::time::{Instant, timeout_at};

use super::Protocol;
use crate::error::Error;

/// No answer is worth waiting longer for; also keeps the sum below within range.
const LONGEST: Duration = Duration::from_secs(86_400);

/// `None`: the caller set none, and the engine has none of its own.
pub fn from_headers(protocol: Protocol, headers: &HeaderMap) -> Result<Option<Instant>, Error> {
    let (name, parse): (_, fn(&str) -> Option<Duration>) = match protocol {
        Protocol::Http => ("x-request-timeout-ms", milliseconds),
        Protocol::Grpc => ("grpc-timeout", grpc_timeout),
    };
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let timeout =
        value.to_str().ok().and_then(parse).ok_or_else(|| {
            Error::InvalidArgument(format!("{name}: {value:?} is not a duration"))
        })?;
    Ok(Some(Instant::now() + timeout.min(LONGEST)))
}

/// When the deadline passes `work` is dropped, which stops it at its next await. An answer that is ready too late is one
/// that nobody waits for any more: it counts as late, not as given.
pub async fn within<T>(
    deadline: Option<Instant>,
    work: impl Future<Output = T>,
) -> Result<T, Error> {
    let Some(deadline) = deadline else {
        return Ok(work.await);
    };
    match timeout_at(deadline, work).await {
        Ok(answer) if Instant::now() < deadline => Ok(answer),
        _ => Err(Error::DeadlineExceeded),
    }
}

fn milliseconds(text: &str) -> Option<Duration> {
    let number = digits(text, 18).filter(|&number| number > 0)?;
    Some(Duration::from_millis(number))
}

/// At most eight digits and a unit.
/// <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>
fn grpc_timeout(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number = digits(number, 8)?;
    match unit {
        "H" => Some(Duration::from_secs(number * 3_600)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

/// Only digits: the standard parser would also take a sign.
fn digits(text: &str, most: usize) -> Option<u64> {
    let fits = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_headers() {
        assert_eq!(milliseconds("250"), Some(Duration::from_millis(250)));
        assert_eq!(grpc_timeout("250m"), Some(Duration::from_millis(250)));
        assert_eq!(
            grpc_timeout("99999999H"),
            Some(Duration::from_secs(359_999_996_400))
        );
        assert_eq!(grpc_timeout("5u"), Some(Duration::from_micros(5)));
        for text in ["", "m", "1", "+1m", "-1m", "1.5S", "123456789m", "1x", "1é"] {
            assert_eq!(grpc_timeout(text), None, "{text}");
        }
        for text in ["", "0", "-1", "1.5", "1s", "9999999999999999999"] {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn work_stops_at_the_deadline() {
        let deadline = Some(Instant::now() + Duration::from_millis(50));
        let long = tokio::time::sleep(Duration::from_millis(51));
        assert_eq!(within(deadline, long).await, Err(Error::DeadlineExceeded));
        let late = within(deadline, async { 1 }).await;
        assert_eq!(late, Err(Error::DeadlineExceeded));
        let deadline = Some(Instant::now() + Duration::from_millis(50));
        assert_eq!(within(deadline, async { 1 }).await, Ok(1));
        assert_eq!(within(None, async { 1 }).await, Ok(1));
    }
}
