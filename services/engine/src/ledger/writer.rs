//! The writer thread: group commit. While one transaction is flushed to disk the next writes queue up, and all that
//! wait then share the next flush. Nobody waits for a batch to fill.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::store_error;
use super::write::Write;
use crate::defects::Defects;

/// Bounds how long one transaction, and so one caller's wait, can get.
const MAX_BATCH: usize = 512;
/// Of the defect `ack-before-commit`: how long acknowledged entries stay uncommitted, and how often it looks for more.
const LATE_COMMIT: Duration = Duration::from_millis(400);
const LATE_LOOK: Duration = Duration::from_millis(1);

pub enum Command {
    Write(Box<Write>),
    Ping(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
}

pub struct Writer {
    pub connection: Connection,
    pub queue: mpsc::Receiver<Command>,
    pub defects: Arc<Defects>,
    /// Own entries that the peer has not acknowledged, as of the last commit.
    pub outbox: Arc<AtomicI64>,
}

/// What one transaction is for.
#[derive(Default)]
struct Turn {
    writes: Vec<Write>,
    pings: Vec<oneshot::Sender<()>>,
    close: Option<oneshot::Sender<()>>,
}

impl Turn {
    fn add(&mut self, command: Command) {
        match command {
            Command::Write(write) => self.writes.push(*write),
            Command::Ping(reply) => self.pings.push(reply),
            Command::Close(reply) => self.close = Some(reply),
        }
    }

    fn answer_pings(&mut self) {
        for ping in self.pings.drain(..) {
            let _ = ping.send(());
        }
    }
}

impl Writer {
    /// Runs until it is told to close or nobody can send any more.
    pub fn run(mut self) {
        while let Some(first) = self.queue.blocking_recv() {
            let mut turn = Turn::default();
            turn.add(first);
            while turn.writes.len() < MAX_BATCH && turn.close.is_none() {
                let Ok(next) = self.queue.try_recv() else {
                    break;
                };
                turn.add(next);
            }
            self.commit(&mut turn);
            // Answered after the commit: a writer that is stuck on the disk does not answer.
            turn.answer_pings();
            if let Some(reply) = turn.close {
                drop(self);
                let _ = reply.send(());
                return;
            }
        }
    }

    fn commit(&mut self, turn: &mut Turn) {
        turn.writes.retain(Write::is_wanted);
        if turn.writes.is_empty() {
            return;
        }
        let result = self.try_commit(turn);
        let error = result.err().map(|error| store_error(&error));
        for write in &mut turn.writes {
            match &error {
                None => write.answer(),
                Some(error) => write.fail(error.clone()),
            }
        }
    }

    fn try_commit(&mut self, turn: &mut Turn) -> rusqlite::Result<()> {
        let behavior = TransactionBehavior::Immediate;
        let transaction = self.connection.transaction_with_behavior(behavior)?;
        let mut outbox = self.outbox.load(Ordering::Relaxed);
        for write in &mut turn.writes {
            write.run(&transaction, &self.defects, &mut outbox)?;
        }
        if self.defects.acknowledges_early {
            stay_open(
                &transaction,
                &mut self.queue,
                &self.defects,
                &mut outbox,
                turn,
            )?;
        }
        transaction.commit()?;
        self.outbox.store(outbox, Ordering::Relaxed);
        Ok(())
    }
}

/// The defect `ack-before-commit`: appends are answered now and committed later. Those that come meanwhile join in.
fn stay_open(
    transaction: &Connection,
    queue: &mut mpsc::Receiver<Command>,
    defects: &Defects,
    outbox: &mut i64,
    turn: &mut Turn,
) -> rusqlite::Result<()> {
    let until = Instant::now() + LATE_COMMIT;
    let mut answered = 0;
    while Instant::now() < until && turn.close.is_none() {
        for write in turn.writes.iter_mut().skip(answered) {
            if matches!(write, Write::Append(_)) {
                write.answer();
            }
        }
        answered = turn.writes.len();
        turn.answer_pings();
        match queue.try_recv() {
            Ok(command) => {
                turn.add(command);
                for write in turn.writes.iter_mut().skip(answered) {
                    write.run(transaction, defects, outbox)?;
                }
            }
            Err(mpsc::error::TryRecvError::Empty) => std::thread::sleep(LATE_LOOK),
            Err(mpsc::error::TryRecvError::Disconnected) => break,
        }
    }
    Ok(())
}
