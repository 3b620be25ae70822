//! The quote calculation, bit-identical with the monolith's: integers only, CPU-hot on purpose.

use crate::contracts::{PricedLine, QuoteLine, QuoteRequest, QuoteResponse};

const ROUNDS: u32 = 2_000;
const TAX_BASIS_POINTS: i64 = 1_900;

/// How a tax of a part of a minor unit is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxRounding {
    HalfUp,
    /// A defect.
    Down,
}

/// The request is valid (see [`crate::validate`]): with at most 100 lines of 10 000 nothing here can overflow.
pub fn quote(request: &QuoteRequest, rounding: TaxRounding) -> QuoteResponse {
    let lines: Vec<PricedLine> = request.lines.iter().map(price_line).collect();
    let net_minor = lines.iter().map(|line| line.net_minor).sum();
    let tax_minor = match rounding {
        TaxRounding::HalfUp => share(net_minor, TAX_BASIS_POINTS),
        TaxRounding::Down => net_minor * TAX_BASIS_POINTS / 10_000,
    };
    QuoteResponse {
        lines,
        net_minor,
        tax_minor,
        total_minor: net_minor + tax_minor,
        currency: "EUR".to_owned(),
        served_by: "engine".to_owned(),
    }
}

fn price_line(line: &QuoteLine) -> PricedLine {
    let unit_minor = unit_price(&line.sku);
    let gross = unit_minor * i64::from(line.quantity);
    let discount_minor = share(gross, discount_basis_points(line.quantity));
    PricedLine {
        sku: line.sku.clone(),
        quantity: line.quantity,
        unit_minor,
        discount_minor,
        net_minor: gross - discount_minor,
    }
}

fn unit_price(sku: &str) -> i64 {
    let hash = fnv1a(sku.as_bytes());
    let list_price = 100 + (hash % 99_900) as i64;
    let movement = (splitmix(hash) % 201) as i64 - 100;
    (list_price + movement).max(1)
}

fn discount_basis_points(quantity: u32) -> i64 {
    match quantity {
        1_000.. => 1_500,
        100.. => 1_000,
        10.. => 500,
        _ => 0,
    }
}

/// `amount` × `basis_points` / 10 000, rounded half up. `amount` is never negative.
fn share(amount: i64, basis_points: i64) -> i64 {
    (amount * basis_points + 5_000) / 10_000
}

/// FNV-1a, 64 bit.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// The hot part. Each round needs the one before it, so that no compiler can shorten the chain.
fn splitmix(mut x: u64) -> u64 {
    for _ in 0..ROUNDS {
        x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = x;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x = z ^ (z >> 31);
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Vector {
        name: String,
        request: QuoteRequest,
        response: serde_json::Map<String, serde_json::Value>,
    }

    #[test]
    fn agrees_with_the_shared_vectors() {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../contracts/vectors/quotes.json"
        );
        let text = std::fs::read_to_string(file).unwrap();
        let vectors: Vec<Vector> = serde_json::from_str(&text).unwrap();
        assert!(!vectors.is_empty());
        for vector in vectors {
            let mut ours =
                serde_json::to_value(quote(&vector.request, TaxRounding::HalfUp)).unwrap();
            // The one field that is meant to differ.
            assert_eq!(ours["servedBy"], "engine");
            let mut expected = serde_json::Value::Object(vector.response);
            for quote in [&mut ours, &mut expected] {
                quote.as_object_mut().unwrap().remove("servedBy");
            }
            assert_eq!(ours, expected, "{}", vector.name);
        }
    }

    #[test]
    fn rounding_down_costs_a_minor_unit_at_most() {
        let request = |n: u32| QuoteRequest {
            customer_id: "c".to_owned(),
            lines: vec![QuoteLine {
                sku: format!("sku-{n}"),
                quantity: 1,
            }],
            currency: String::new(),
        };
        let lost: Vec<i64> = (0..100)
            .map(|n| {
                let total = |rounding| quote(&request(n), rounding).total_minor;
                total(TaxRounding::HalfUp) - total(TaxRounding::Down)
            })
            .collect();
        assert!(lost.iter().all(|lost| (0..=1).contains(lost)), "{lost:?}");
        assert!(lost.contains(&0) && lost.contains(&1), "{lost:?}");
    }

    #[test]
    fn discounts_start_at_their_thresholds() {
        let cases = [(1, 0), (9, 0), (10, 500), (99, 500), (100, 1_000)];
        for (quantity, expected) in cases {
            assert_eq!(discount_basis_points(quantity), expected, "{quantity}");
        }
        assert_eq!(discount_basis_points(999), 1_000);
        assert_eq!(discount_basis_points(1_000), 1_500);
    }

    #[test]
    fn shares_round_half_up() {
        let cases = [(1, 5_000, 1), (1, 4_999, 0), (3, 5_000, 2), (0, 1_900, 0)];
        for (amount, basis_points, expected) in cases {
            assert_eq!(share(amount, basis_points), expected, "{amount}");
        }
    }
}
