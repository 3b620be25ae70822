//! Reading the event log: every entry, own or received, in the order in which this store committed them.

use serde::Serialize;

use super::{Ledger, entry_from};
use crate::contracts::Entry;
use crate::error::Error;

/// One row of the log, as it is answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Logged {
    pub position: i64,
    pub entry: Entry,
}

impl Ledger {
    /// At most `limit` events after a position.
    pub async fn events(&self, after: i64, limit: u32) -> Result<Vec<Logged>, Error> {
        const PAGE: &str = "SELECT events.position, entries.* FROM events
                            JOIN entries ON id = entry_id
                            WHERE position > ?1 ORDER BY position LIMIT ?2";
        let page = self.readers.with(move |connection| {
            let mut statement = connection.prepare_cached(PAGE)?;
            let page = statement.query_map((after, limit), |row| {
                Ok(Logged {
                    position: row.get("position")?,
                    entry: entry_from(row)?,
                })
            })?;
            page.collect()
        });
        page.await
    }

    /// 0: nothing is stored.
    pub async fn last_position(&self) -> Result<i64, Error> {
        let read = self.readers.with(|connection| {
            connection
                .prepare_cached("SELECT coalesce(max(position), 0) FROM events")?
                .query_row([], |row| row.get(0))
        });
        read.await
    }
}
