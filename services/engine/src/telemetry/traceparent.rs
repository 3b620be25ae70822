//! W3C Trace Context: who called, if the header says so correctly.
//! <https://www.w3.org/TR/trace-context/#traceparent-header>

use http::HeaderMap;
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// `None` when there is no `traceparent`, more than one, or a malformed one: then a new trace starts.
pub fn extract(headers: &HeaderMap) -> Option<SpanContext> {
    let mut all = headers.get_all("traceparent").iter();
    let value = all.next()?.to_str().ok()?;
    if all.next().is_some() {
        return None;
    }
    let (trace_id, span_id, flags) = parse(value)?;
    let states: Vec<&str> = headers
        .get_all("tracestate")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    // A bad tracestate is dropped; the trace goes on.
    let state = states.join(",").parse::<TraceState>().unwrap_or_default();
    Some(SpanContext::new(trace_id, span_id, flags, true, state))
}

/// `version-traceid-parentid-flags` in lowercase hex. Later versions may have more parts, version 0 may not.
fn parse(value: &str) -> Option<(TraceId, SpanId, TraceFlags)> {
    let parts: Vec<&str> = value.split('-').collect();
    let [version, trace_id, span_id, flags, ..] = parts[..] else {
        return None;
    };
    let lengths_are_right =
        (version.len(), trace_id.len(), span_id.len(), flags.len()) == (2, 32, 16, 2);
    let is_hex = [version, trace_id, span_id, flags]
        .iter()
        .all(|part| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
    if !lengths_are_right || !is_hex || version == "ff" || (version == "00" && parts.len() > 4) {
        return None;
    }
    let trace_id = TraceId::from_hex(trace_id).ok()?;
    let span_id = SpanId::from_hex(span_id).ok()?;
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?);
    let valid = trace_id != TraceId::INVALID && span_id != SpanId::INVALID;
    valid.then_some((trace_id, span_id, flags & TraceFlags::SAMPLED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_the_standard_allows() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let (trace_id, span_id, flags) = parse(good).unwrap();
        assert_eq!(trace_id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(span_id.to_string(), "00f067aa0ba902b7");
        assert!(flags.is_sampled());
        assert!(parse(&good.replace("00-4b", "01-4b").replace("-01", "-00-more")).is_some());
    }

    #[test]
    fn a_malformed_one_counts_as_none() {
        for value in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "0+-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(parse(value), None, "{value}");
        }
        let mut twice = HeaderMap::new();
        for _ in 0..2 {
            let value = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
            twice.append("traceparent", value.parse().unwrap());
        }
        assert!(extract(&twice).is_none());
    }
}
