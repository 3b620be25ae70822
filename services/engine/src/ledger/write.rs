//! What the writer is asked to write. Whatever waits at the same time shares a transaction, in order of arrival.

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::Appended;
use super::append::append;
use super::apply::{Applied, apply};
use super::outbox::{Acknowledged, acknowledge, replay};
use crate::contracts::AppendRequest;
use crate::defects::Defects;
use crate::error::Error;
use crate::replication::Batch;

pub enum Write {
    Append(Job<AppendRequest, Appended>),
    Apply(Job<Batch, Applied>),
    Acknowledge(Job<Acknowledged, bool>),
    Replay(Job<(), i64>),
}

/// A question, who waits for its answer and, until the commit, the answer.
pub struct Job<Q, A> {
    question: Q,
    answer: Option<Result<A, Error>>,
    reply: Option<oneshot::Sender<Result<A, Error>>>,
}

impl<Q, A> Job<Q, A> {
    pub fn new(question: Q, reply: oneshot::Sender<Result<A, Error>>) -> Self {
        Self {
            question,
            answer: None,
            reply: Some(reply),
        }
    }

    fn is_wanted(&self) -> bool {
        self.reply.as_ref().is_some_and(|reply| !reply.is_closed())
    }

    /// Does nothing the second time.
    fn answer(&mut self) {
        if let (Some(reply), Some(answer)) = (self.reply.take(), self.answer.take()) {
            // An error means that the caller has gone.
            let _ = reply.send(answer);
        }
    }

    fn fail(&mut self, error: Error) {
        self.answer = Some(Err(error));
        self.answer();
    }
}

impl Write {
    /// A caller whose deadline has passed, or who has gone, must not find an entry that nobody acknowledged.
    pub fn is_wanted(&self) -> bool {
        match self {
            Self::Append(job) => job.is_wanted(),
            Self::Apply(job) => job.is_wanted(),
            Self::Acknowledge(job) => job.is_wanted(),
            Self::Replay(job) => job.is_wanted(),
        }
    }

    /// Keeps `outbox`, the number of own entries that are not acknowledged, true.
    pub fn run(
        &mut self,
        connection: &Connection,
        defects: &Defects,
        outbox: &mut i64,
    ) -> rusqlite::Result<()> {
        match self {
            Self::Append(job) => {
                let answer = append(connection, &job.question)?;
                *outbox += i64::from(answer.as_ref().is_ok_and(|appended| appended.created));
                job.answer = Some(answer);
            }
            Self::Apply(job) => {
                job.answer = Some(Ok(apply(connection, &job.question, defects)?));
            }
            Self::Acknowledge(job) => {
                let moved = acknowledge(connection, &job.question)?;
                if moved {
                    *outbox -= job.question.events;
                }
                job.answer = Some(Ok(moved));
            }
            Self::Replay(job) => {
                *outbox = replay(connection)?;
                job.answer = Some(Ok(*outbox));
            }
        }
        Ok(())
    }

    pub fn answer(&mut self) {
        match self {
            Self::Append(job) => job.answer(),
            Self::Apply(job) => job.answer(),
            Self::Acknowledge(job) => job.answer(),
            Self::Replay(job) => job.answer(),
        }
    }

    pub fn fail(&mut self, error: Error) {
        match self {
            Self::Append(job) => job.fail(error),
            Self::Apply(job) => job.fail(error),
            Self::Acknowledge(job) => job.fail(error),
            Self::Replay(job) => job.fail(error),
        }
    }
}
