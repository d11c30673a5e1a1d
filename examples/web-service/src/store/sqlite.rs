//! Visits in a SQLite file that several processes of one host may share.
//!
//! Owns the one connection and keeps its blocking calls off the runtime's thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Mutex;

use super::{CREATE, Error, LOCK_TIMEOUT};

/// The file, and its connection once there is one.
#[derive(Debug)]
pub(crate) struct Sqlite {
    path: PathBuf,
    connection: Arc<Mutex<Option<Connection>>>,
}

impl Sqlite {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, connection: Arc::default() }
    }

    /// Runs a statement that gives one number.
    ///
    /// Waiting for the connection is asynchronous, so at most one thread is ever blocked, however
    /// many requests wait. After a failure the file is opened anew: it may have been replaced.
    pub(super) async fn number(&self, statement: &'static str) -> Result<i64, Error> {
        let mut slot = Arc::clone(&self.connection).lock_owned().await;
        let path = self.path.clone();
        let work = tokio::task::spawn_blocking(move || {
            let connection = match slot.take() {
                Some(connection) => connection,
                None => open(&path)?,
            };
            let number =
                connection.prepare(statement)?.query_row([], |row| row.get::<_, i64>(0))?;
            *slot = Some(connection);
            Ok(number)
        });
        work.await.map_err(Error::Thread)?.map_err(Error::Sqlite)
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    // Without SQLITE_OPEN_URI: a path is a path, whatever it looks like.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(LOCK_TIMEOUT)?;
    connection.execute_batch(CREATE)?;
    Ok(connection)
}
