//! Read-only connections, opened when first needed, each used by one call at a time.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{schema, store_error};
use crate::error::Error;

const CONNECTIONS: usize = 4;

pub struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    slots: Arc<Semaphore>,
}

impl Readers {
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            idle: Arc::default(),
            slots: Arc::new(Semaphore::new(CONNECTIONS)),
        }
    }

    /// Runs `read` off the async threads. A caller that stops waiting leaves it to finish; its slot is kept until then.
    pub async fn with<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let slot = Arc::clone(&self.slots).acquire_owned().await;
        let slot = slot.map_err(|_| Error::Internal)?;
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        let work = tokio::task::spawn_blocking(move || {
            let _slot = slot;
            let connection = match lock(&idle).pop() {
                Some(connection) => connection,
                None => schema::open_reader(&path)?,
            };
            let result = read(&connection);
            // Only a connection that worked goes back: a broken one is replaced by the next call.
            if result.is_ok() {
                lock(&idle).push(connection);
            }
            result
        });
        work.await
            .map_err(|_| Error::Internal)?
            .map_err(|error| store_error(&error))
    }
}

fn lock(idle: &Mutex<Vec<Connection>>) -> std::sync::MutexGuard<'_, Vec<Connection>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
