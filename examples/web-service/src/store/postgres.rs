//! Visits in a PostgreSQL database that several hosts share.
//!
//! Owns the one connection and its replacement when it is lost. A session is lent to one
//! statement and comes back only after success, so nothing half-dead is ever used again.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, NoTls};

use super::{CREATE, DEADLINE, Error, LOCK_TIMEOUT};
use crate::log;

/// Any number will do, as long as all copies of the service use the same.
const CREATE_LOCK: i64 = 0x5649_5349_5453;

/// The server, and the session with it once there is one.
#[derive(Debug)]
pub(crate) struct Postgres {
    config: Box<Config>,
    session: Mutex<Option<Session>>,
}

impl Postgres {
    pub(super) fn new(mut config: Box<Config>) -> Self {
        if config.get_application_name().is_none() {
            config.application_name("web-service");
        }
        // One host of several that does not answer leaves time to ask the next.
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(DEADLINE / 3);
        }
        config.keepalives_idle(Duration::from_secs(30));
        Self { config, session: Mutex::new(None) }
    }

    /// Runs a statement that gives one number, over a new session if the last one ended.
    ///
    /// It is never sent twice: after a lost connection nobody knows whether it took effect.
    pub(super) async fn number(&self, statement: &'static str) -> Result<i64, Error> {
        let mut slot = self.session.lock().await;
        let session = match slot.take().filter(|session| !session.client.is_closed()) {
            Some(session) => session,
            None => Session::open(&self.config).await.map_err(Error::Postgres)?,
        };
        let row = session.client.query_one(statement, &[]).await.map_err(Error::Postgres)?;
        let number = row.try_get(0).map_err(Error::Postgres)?;
        *slot = Some(session);
        Ok(number)
    }
}

/// A client and the task that moves its bytes.
#[derive(Debug)]
struct Session {
    client: Client,
    driver: JoinHandle<()>,
}

impl Session {
    async fn open(config: &Config) -> Result<Self, tokio_postgres::Error> {
        let (client, connection) = config.connect(NoTls).await?;
        let driver = tokio::spawn(async move {
            if let Err(error) = connection.await {
                log::line(format_args!("database connection lost: {}", super::chain(&error)));
            }
        });
        let session = Self { client, driver };
        let timeout = format!("set statement_timeout = {}", LOCK_TIMEOUT.as_millis());
        session.client.batch_execute(&timeout).await?;
        session.client.batch_execute(&create()).await?;
        Ok(session)
    }
}

/// The task of a server that stopped answering would otherwise wait for it for ever.
impl Drop for Session {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Makes the table unless it is there.
///
/// Two sessions that run `create table if not exists` at once can collide in the catalogue, hence
/// the lock. The look before it spares a user without the right to create from asking for it.
fn create() -> String {
    format!(
        "do $$ begin
            if to_regclass('visits') is null then
                perform pg_advisory_xact_lock({CREATE_LOCK});
                if to_regclass('visits') is null then
                    {CREATE};
                end if;
            end if;
        end $$"
    )
}
