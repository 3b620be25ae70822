//! Hashes by which two stores are compared: of a row, of a bucket of rows, of all. Rows and buckets are XORed, so that
//! neither the order of the rows nor what each store numbers by itself (sequence, balance, position) plays a part.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row};
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::{Ledger, outbox};
use crate::error::Error;
use crate::replication::PEER;

/// Of the SHA-256 of `id`, `account`, `amountMinor` and `reference`, a line each, the first eight bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hash(u64);

impl Hash {
    fn of_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let text = |column: &str| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str()?);
        let amount: i64 = row.get("amount_minor")?;
        Ok(Self::of(
            text("id")?,
            text("account")?,
            amount,
            text("reference")?,
        ))
    }

    fn of(id: &str, account: &str, amount_minor: i64, reference: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(id)
            .chain_update("\n")
            .chain_update(account)
            .chain_update("\n")
            .chain_update(amount_minor.to_string())
            .chain_update("\n")
            .chain_update(reference)
            .finalize();
        let first = digest.iter().take(8);
        Self(first.fold(0, |hash, &byte| hash << 8 | u64::from(byte)))
    }
}

impl std::ops::BitXorAssign for Hash {
    fn bitxor_assign(&mut self, other: Self) {
        self.0 ^= other.0;
    }
}

/// Sixteen hexadecimal digits.
impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:016x}", self.0))
    }
}

/// The store's state at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reconciliation {
    /// The last position of an own entry.
    pub watermark: i64,
    pub entries: u64,
    /// Own entries that the peer has not acknowledged.
    pub outbox: i64,
    /// By source: the highest position that is stored.
    pub received: BTreeMap<String, i64>,
    pub hash: Hash,
    /// By the first two digits of the id, all 256.
    pub buckets: Vec<Bucket>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bucket {
    pub prefix: String,
    pub entries: u64,
    pub hash: Hash,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowHash {
    pub id: String,
    pub hash: Hash,
}

impl Ledger {
    /// Reads every row: what is compared is what is on the disk.
    pub async fn reconciliation(&self) -> Result<Reconciliation, Error> {
        let read = self.readers.with(|connection| {
            let transaction = connection.unchecked_transaction()?;
            reconcile(&transaction)
        });
        read.await
    }

    /// At most `limit` rows whose id begins with `prefix` (hexadecimal digits), after an id, by id.
    pub async fn row_hashes(
        &self,
        prefix: String,
        after: String,
        limit: u32,
    ) -> Result<Vec<RowHash>, Error> {
        let read = self.readers.with(move |connection| {
            let mut rows = connection.prepare_cached(
                "SELECT id, account, amount_minor, reference FROM entries
                 WHERE id >= ?1 AND id < ?2 AND id > ?3 ORDER BY id LIMIT ?4",
            )?;
            // `g` comes after every digit.
            let end = format!("{prefix}g");
            let rows = rows.query_map((prefix, end, after, limit), |row| {
                Ok(RowHash {
                    id: row.get("id")?,
                    hash: Hash::of_row(row)?,
                })
            })?;
            rows.collect()
        });
        read.await
    }
}

fn reconcile(connection: &Connection) -> rusqlite::Result<Reconciliation> {
    let mut buckets: Vec<Bucket> = (0..=u8::MAX)
        .map(|prefix| Bucket {
            prefix: format!("{prefix:02x}"),
            entries: 0,
            hash: Hash::default(),
        })
        .collect();
    let (mut entries, mut total) = (0, Hash::default());
    let mut statement =
        connection.prepare_cached("SELECT id, account, amount_minor, reference FROM entries")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let hash = Hash::of_row(row)?;
        entries += 1;
        total ^= hash;
        // Ids begin with two digits: those of entries that are received are checked.
        let prefix = row.get_ref("id")?.as_str()?.get(..2);
        let prefix = prefix.and_then(|prefix| usize::from_str_radix(prefix, 16).ok());
        if let Some(bucket) = prefix.and_then(|prefix| buckets.get_mut(prefix)) {
            bucket.entries += 1;
            bucket.hash ^= hash;
        }
    }
    Ok(Reconciliation {
        watermark: outbox::watermark(connection)?,
        entries,
        outbox: outbox::count(connection)?,
        received: received(connection)?,
        hash: total,
        buckets,
    })
}

/// The peer is listed even if nothing has come from it yet.
fn received(connection: &Connection) -> rusqlite::Result<BTreeMap<String, i64>> {
    let mut statement = connection.prepare_cached("SELECT source, watermark FROM received")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut received = BTreeMap::from([(PEER.to_owned(), 0)]);
    for row in rows {
        let (source, watermark) = row?;
        received.insert(source, watermark);
    }
    Ok(received)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with sha256sum; the monolith's tests have the same.
    #[test]
    fn a_rows_hash_is_the_beginning_of_a_sha_256() {
        let id = "4245a32430fb6511a8a872c4a876f44f";
        let text = |hash| serde_json::to_string(&hash).unwrap();
        let hash = Hash::of(id, "account-1", -250, "Grüße");
        assert_eq!(text(hash), "\"0ecd7f09be54c5ef\"");
        let hash = Hash::of(id, "account-1", 250, "");
        assert_eq!(text(hash), "\"8724d5ee66b2a100\"");
    }

    #[test]
    fn a_short_hash_keeps_its_zeros() {
        assert_eq!(
            serde_json::to_string(&Hash(0xab)).unwrap(),
            "\"00000000000000ab\""
        );
    }
}
