//! The limits of `contracts/proto`, checked before any work. Lengths are in characters, not bytes.

mod replication;

use crate::contracts::{AppendRequest, GetEntryRequest, ListEntriesRequest, QuoteRequest};
use crate::error::Error;
pub use replication::{batch, events, prefix};

const CURRENCY: &str = "EUR";
const MAX_LINES: usize = 100;
const MAX_QUANTITY: u32 = 10_000;
const DEFAULT_LIMIT: u32 = 1_000;

pub fn quote(request: &QuoteRequest) -> Result<(), Error> {
    length("customer_id", &request.customer_id, 1, 64)?;
    if !["", CURRENCY].contains(&request.currency.as_str()) {
        return refuse("currency", &request.currency, "EUR, or none");
    }
    if request.lines.is_empty() || request.lines.len() > MAX_LINES {
        return refuse("lines", request.lines.len(), "1..100 lines");
    }
    for (index, line) in request.lines.iter().enumerate() {
        length(&format_args!("lines[{index}].sku"), &line.sku, 1, 64)?;
        if !(1..=MAX_QUANTITY).contains(&line.quantity) {
            let field = format_args!("lines[{index}].quantity");
            return refuse(&field, line.quantity, "1..10000");
        }
    }
    Ok(())
}

/// Clients of the release before send none: to need it breaks them, which is a defect.
pub fn currency(request: &QuoteRequest) -> Result<(), Error> {
    match request.currency.is_empty() {
        true => refuse("currency", "none", CURRENCY),
        false => Ok(()),
    }
}

pub fn append(request: &AppendRequest) -> Result<(), Error> {
    length("idempotency_key", &request.idempotency_key, 1, 128)?;
    length("account", &request.account, 1, 64)?;
    length("reference", &request.reference, 0, 256)?;
    if request.amount_minor == 0 {
        return refuse("amount_minor", 0, "any amount but 0");
    }
    Ok(())
}

pub fn get(request: &GetEntryRequest) -> Result<(), Error> {
    length("id", &request.id, 1, 64)
}

/// Answers the limit that is in force.
pub fn list(request: &ListEntriesRequest) -> Result<u32, Error> {
    length("account", &request.account, 1, 64)?;
    if request.after_sequence < 0 {
        return refuse("after_sequence", request.after_sequence, "0 or more");
    }
    Ok(match request.limit {
        0 => DEFAULT_LIMIT,
        limit => limit,
    })
}

fn length(
    field: &(impl std::fmt::Display + ?Sized),
    text: &str,
    min: usize,
    max: usize,
) -> Result<(), Error> {
    let characters = text.chars().count();
    if (min..=max).contains(&characters) {
        return Ok(());
    }
    refuse(
        field,
        format_args!("{characters} characters"),
        &format!("{min}..{max} characters"),
    )
}

fn refuse<T>(
    field: &(impl std::fmt::Display + ?Sized),
    value: impl std::fmt::Display,
    allowed: &str,
) -> Result<T, Error> {
    Err(Error::InvalidArgument(format!(
        "{field}: {value} is not allowed; allowed: {allowed}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::QuoteLine;

    fn quote_of(customer: &str, lines: &[(&str, u32)]) -> QuoteRequest {
        let line = |&(sku, quantity): &(&str, u32)| QuoteLine {
            sku: sku.to_owned(),
            quantity,
        };
        QuoteRequest {
            customer_id: customer.to_owned(),
            lines: lines.iter().map(line).collect(),
            currency: String::new(),
        }
    }

    #[test]
    fn quotes_keep_the_limits() {
        let long = "é".repeat(64);
        let too_long = "é".repeat(65);
        assert_eq!(quote(&quote_of(&long, &[(&long, 10_000)])), Ok(()));
        assert_eq!(quote(&quote_of("c", &[("s", 1); 100])), Ok(()));
        let refused = [
            quote_of("", &[("s", 1)]),
            quote_of(&too_long, &[("s", 1)]),
            quote_of("c", &[]),
            quote_of("c", &[("s", 1); 101]),
            quote_of("c", &[("", 1)]),
            quote_of("c", &[(&too_long, 1)]),
            quote_of("c", &[("s", 0)]),
            quote_of("c", &[("s", 10_001)]),
        ];
        for request in refused {
            assert!(quote(&request).is_err(), "{request:?}");
        }
        let in_currency = |currency: &str| QuoteRequest {
            currency: currency.to_owned(),
            ..quote_of("c", &[("s", 1)])
        };
        assert_eq!(quote(&in_currency("EUR")), Ok(()));
        assert!(quote(&in_currency("USD")).is_err());
        let error = quote(&quote_of("c", &[("s", 1), ("s", 0)])).unwrap_err();
        assert!(error.to_string().starts_with("lines[1].quantity: 0 "));
    }

    #[test]
    fn appends_keep_the_limits() {
        let good = AppendRequest {
            idempotency_key: "k".repeat(128),
            account: "a".repeat(64),
            amount_minor: -1,
            reference: "r".repeat(256),
        };
        assert_eq!(append(&good), Ok(()));
        let change = |change: fn(&mut AppendRequest)| {
            let mut request = good.clone();
            change(&mut request);
            append(&request)
        };
        assert!(change(|r| r.idempotency_key.clear()).is_err());
        assert!(change(|r| r.idempotency_key.push('k')).is_err());
        assert!(change(|r| r.account.clear()).is_err());
        assert!(change(|r| r.account.push('a')).is_err());
        assert!(change(|r| r.amount_minor = 0).is_err());
        assert!(change(|r| r.reference.push('r')).is_err());
    }

    #[test]
    fn lists_have_a_default_limit() {
        let request = |after_sequence, limit| ListEntriesRequest {
            account: "a".to_owned(),
            after_sequence,
            limit,
        };
        assert_eq!(list(&request(0, 0)), Ok(1_000));
        assert_eq!(list(&request(7, 5_000)), Ok(5_000));
        assert!(list(&request(-1, 0)).is_err());
    }
}
