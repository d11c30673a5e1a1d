//! Where visits are counted: one row that SQLite or PostgreSQL keeps.
//!
//! Owns the statements, which both understand, and the bound on how long any of them may take.
//! It knows nothing of requests.

mod postgres;
mod sqlite;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::config::Database;
use crate::log;
use postgres::Postgres;
use sqlite::Sqlite;

/// How long a request waits for the database, a new connection included.
const DEADLINE: Duration = Duration::from_secs(3);
/// How long the database itself waits for a lock; shorter, so that its reason is heard.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

const CREATE: &str = "create table if not exists visits \
    (id integer primary key check (id = 1), count bigint not null)";
/// One statement, so that no visit is lost between two processes.
const COUNT: &str = "insert into visits (id, count) values (1, 1) \
    on conflict (id) do update set count = visits.count + 1 returning count";
const READ: &str = "select coalesce(max(count), 0) from visits";

/// The counter of visits.
#[derive(Debug)]
pub(crate) enum Store {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Store {
    /// Connects, and makes the table when it is missing.
    ///
    /// A file that cannot be used is an error. A server that does not answer is not: hosts of one
    /// system start in any order, so the service answers 503 until its database is there.
    pub(crate) async fn open(database: &Database) -> Result<Self, Error> {
        let store = match database {
            Database::Sqlite(path) => Self::Sqlite(Sqlite::new(path.clone())),
            Database::Postgres(config) => Self::Postgres(Postgres::new(config.clone())),
        };
        match (store.visits().await, &store) {
            (Err(error), Self::Sqlite(_)) => return Err(error),
            (Err(error), Self::Postgres(_)) => {
                log::line(format_args!("{database} does not answer yet: {error}"));
            }
            (Ok(_), _) => {}
        }
        Ok(store)
    }

    /// Counts one visit and gives the number of all.
    pub(crate) async fn count_visit(&self) -> Result<i64, Error> {
        bounded(async {
            match self {
                Self::Sqlite(store) => store.number(COUNT).await,
                Self::Postgres(store) => store.number(COUNT).await,
            }
        })
        .await
    }

    /// Gives the number of visits without counting one.
    pub(crate) async fn visits(&self) -> Result<i64, Error> {
        bounded(async {
            match self {
                Self::Sqlite(store) => store.number(READ).await,
                Self::Postgres(store) => store.number(READ).await,
            }
        })
        .await
    }
}

async fn bounded(work: impl Future<Output = Result<i64, Error>>) -> Result<i64, Error> {
    tokio::time::timeout(DEADLINE, work).await.unwrap_or(Err(Error::Deadline))
}

/// Why a visit was not counted.
#[derive(Debug)]
pub(crate) enum Error {
    Sqlite(rusqlite::Error),
    Postgres(tokio_postgres::Error),
    /// The thread of a statement ended without an answer.
    Thread(tokio::task::JoinError),
    /// Nothing came back in time.
    Deadline,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(error) => f.write_str(&chain(error)),
            Self::Postgres(error) => f.write_str(&chain(error)),
            Self::Thread(error) => f.write_str(&chain(error)),
            Self::Deadline => write!(f, "no answer within {} s", DEADLINE.as_secs()),
        }
    }
}

/// An error with its causes on one line: the outermost alone often says only `db error`.
pub(crate) fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // Some errors repeat their cause already.
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text.replace('\n', " ")
}
