//! What a peer may push, and what a comparison may ask for.

use super::{DEFAULT_LIMIT, length, refuse};
use crate::error::Error;
use crate::ledger::OWN;
use crate::replication::{Batch, MAX_EVENTS, ReplicatedEntry};

const MAX_LIMIT: u32 = 10_000;
/// Longer than the services send, for whoever sends more at once.
const MAX_RECEIVED: usize = 5 * MAX_EVENTS;
const ID_DIGITS: usize = 32;
const PREFIX_DIGITS: usize = 4;

/// Answers the limit that is in force.
pub fn events(after: i64, limit: u32) -> Result<u32, Error> {
    if after < 0 {
        return refuse("after", after, "0 or more");
    }
    match limit {
        0 => Ok(DEFAULT_LIMIT),
        1..=MAX_LIMIT => Ok(limit),
        _ => refuse("limit", limit, "0..10000"),
    }
}

pub fn prefix(prefix: &str) -> Result<(), Error> {
    match prefix.len() <= PREFIX_DIGITS && is_hex(prefix) {
        true => Ok(()),
        false => refuse("prefix", prefix, "0..4 lowercase hexadecimal digits"),
    }
}

/// What a peer never sends is refused as a whole. There are no limits for an entry's texts: the peer has acknowledged the
/// entry, so that there is nobody any more to refuse it to.
pub fn batch(batch: &Batch) -> Result<(), Error> {
    length("source", &batch.source, 1, 64)?;
    if batch.source == OWN {
        return refuse("source", OWN, "another service's name");
    }
    if batch.events.len() > MAX_RECEIVED {
        let events = format_args!("{} events", batch.events.len());
        return refuse("events", events, "0..1000 events");
    }
    let mut before = 0;
    for (index, event) in batch.events.iter().enumerate() {
        if event.position <= before {
            let field = format_args!("events[{index}].position");
            return refuse(&field, event.position, "rising, from 1");
        }
        before = event.position;
        let ReplicatedEntry { id, stored_by, .. } = &event.entry;
        if *stored_by != batch.source {
            let field = format_args!("events[{index}].entry.storedBy");
            return refuse(&field, stored_by, "the source's own entries");
        }
        if id.len() != ID_DIGITS || !is_hex(id) {
            let field = format_args!("events[{index}].entry.id");
            return refuse(&field, id, "32 lowercase hexadecimal digits");
        }
    }
    Ok(())
}

fn is_hex(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replication::Event;

    #[test]
    fn batches_keep_the_limits() {
        let event = |position| Event {
            position,
            entry: ReplicatedEntry {
                id: "0123456789abcdef".repeat(2),
                account: "a".to_owned(),
                stored_by: "monolith".to_owned(),
                ..ReplicatedEntry::default()
            },
        };
        let good = Batch {
            source: "monolith".to_owned(),
            events: vec![event(3), event(7)],
        };
        assert_eq!(batch(&good), Ok(()));
        let change = |change: fn(&mut Batch)| {
            let mut changed = good.clone();
            change(&mut changed);
            batch(&changed)
        };
        assert_eq!(change(|b| b.events.clear()), Ok(()));
        assert!(change(|b| b.source.clear()).is_err());
        assert!(change(|b| b.source = "engine".into()).is_err());
        assert!(change(|b| b.events.reverse()).is_err());
        assert!(change(|b| b.events[0].position = 0).is_err());
        assert!(change(|b| b.events[1].entry.id.make_ascii_uppercase()).is_err());
        assert!(change(|b| b.events[1].entry.id.push('0')).is_err());
        let error = change(|b| b.events[1].entry.stored_by.push('s')).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("events[1].entry.storedBy: monoliths ")
        );
    }

    #[test]
    fn comparisons_keep_the_limits() {
        assert_eq!(events(0, 0), Ok(1_000));
        assert_eq!(events(7, 10_000), Ok(10_000));
        assert!(events(-1, 0).is_err());
        assert!(events(0, 10_001).is_err());
        for (text, allowed) in [("", true), ("0a9f", true), ("0a9f0", false), ("A", false)] {
            assert_eq!(prefix(text).is_ok(), allowed, "{text}");
        }
    }
}
