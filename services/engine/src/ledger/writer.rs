//! The writer thread: group commit. While one transaction is flushed to disk the next appends queue up, and all that
//! wait then share the next flush. Nobody waits for a batch to fill.

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::append::append;
use super::{Appended, store_error};
use crate::contracts::AppendRequest;
use crate::error::Error;

/// Bounds how long one transaction, and so one caller's wait, can get.
const MAX_BATCH: usize = 512;

type Reply = oneshot::Sender<Result<Appended, Error>>;

pub enum Command {
    Append {
        request: AppendRequest,
        reply: Reply,
    },
    Ping(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
}

/// Runs until it is told to close or nobody can send any more.
pub fn run(mut connection: Connection, mut queue: mpsc::Receiver<Command>) {
    while let Some(first) = queue.blocking_recv() {
        let mut appends = Vec::new();
        let mut pings = Vec::new();
        let mut close = None;
        let mut next = Some(first);
        while let Some(command) = next.take() {
            match command {
                Command::Append { request, reply } => appends.push((request, reply)),
                Command::Ping(reply) => pings.push(reply),
                Command::Close(reply) => close = Some(reply),
            }
            if appends.len() < MAX_BATCH && close.is_none() {
                next = queue.try_recv().ok();
            }
        }
        commit(&mut connection, appends);
        // Answered after the commit: a writer that is stuck on the disk does not answer.
        for ping in pings {
            let _ = ping.send(());
        }
        if let Some(reply) = close {
            drop(queue);
            drop(connection);
            let _ = reply.send(());
            return;
        }
    }
}

fn commit(connection: &mut Connection, mut appends: Vec<(AppendRequest, Reply)>) {
    // A caller whose deadline has passed, or who has gone, must not find an entry that nobody acknowledged.
    appends.retain(|(_, reply)| !reply.is_closed());
    if appends.is_empty() {
        return;
    }
    match try_commit(connection, &appends) {
        Ok(outcomes) => {
            for ((_, reply), outcome) in appends.into_iter().zip(outcomes) {
                let _ = reply.send(outcome);
            }
        }
        Err(error) => {
            let error = store_error(&error);
            for (_, reply) in appends {
                let _ = reply.send(Err(error.clone()));
            }
        }
    }
}

fn try_commit(
    connection: &mut Connection,
    appends: &[(AppendRequest, Reply)],
) -> rusqlite::Result<Vec<Result<Appended, Error>>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let outcomes = appends
        .iter()
        .map(|(request, _)| append(&transaction, request))
        .collect::<rusqlite::Result<_>>()?;
    transaction.commit()?;
    Ok(outcomes)
}
