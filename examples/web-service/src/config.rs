//! What the service is told: flags and environment variables to a checked `Config`.
//!
//! Owns names, defaults and the messages about wrong values. It opens nothing: neither the port
//! nor the database.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

const HELP: &str = "\
A small web service that shows its revision and its host and counts visits.

Usage: web-service [--listen ADDRESS:PORT] [--database URL] [--revision TEXT] [--host-name NAME]

Each flag has an environment variable; the flag wins, an empty variable counts as unset.

  --listen     LISTEN     where to listen; port 0 takes a free one   [127.0.0.1:8080]
  --database   DATABASE   sqlite:PATH or postgres://USER@HOST/NAME   [sqlite:visits.db]
  --revision   REVISION   the revision to show                       [unknown]
  --host-name  HOST_NAME  the host name to show                      [the system's]
  --help, --version

GET / shows the page (`?format=text` or `Accept: text/plain`: plain lines), GET /health answers
200 while the database does and 503 otherwise.
";

/// Every setting: its flag and its variable.
const SETTINGS: [(&str, &str); 4] = [
    ("--listen", "LISTEN"),
    ("--database", "DATABASE"),
    ("--revision", "REVISION"),
    ("--host-name", "HOST_NAME"),
];

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Start {
    /// Run the service.
    Serve(Config),
    /// Print this text and end.
    Say(String),
}

/// The settings of one run, checked.
#[derive(Debug)]
pub(crate) struct Config {
    /// `address:port`; the address may be a name.
    pub(crate) listen: String,
    /// Where visits are counted.
    pub(crate) database: Database,
    /// The revision to show, one line.
    pub(crate) revision: String,
    /// The host name to show, one line.
    pub(crate) host: String,
}

/// Where visits are counted.
#[derive(Debug)]
pub(crate) enum Database {
    /// A file, made when it is missing.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Box<tokio_postgres::Config>),
}

/// Says where the database is; a password in the URL stays out of it.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Database::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Database::Postgres(config) => {
                use tokio_postgres::config::Host;
                f.write_str("postgres:")?;
                for (index, host) in config.get_hosts().iter().enumerate() {
                    f.write_str(if index == 0 { "//" } else { "," })?;
                    match host {
                        Host::Tcp(name) => f.write_str(name)?,
                        Host::Unix(path) => write!(f, "{}", path.display())?,
                    }
                }
                write!(f, "/{}", config.get_dbname().unwrap_or_default())
            }
        }
    }
}

/// Reads the flags in `args` and the variables that `env` gives.
pub(crate) fn read(
    args: impl IntoIterator<Item = OsString>,
    env: impl Fn(&str) -> Option<OsString>,
) -> Result<Start, String> {
    let mut given: [Option<String>; SETTINGS.len()] = Default::default();
    for (slot, (_, variable)) in given.iter_mut().zip(SETTINGS) {
        if let Some(value) = env(variable) {
            let value = value.into_string().map_err(|_| format!("{variable} is not UTF-8"))?;
            *slot = Some(value).filter(|value| !value.is_empty());
        }
    }

    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        let arg = utf8(arg)?;
        match arg.as_str() {
            "--help" | "-h" => return Ok(Start::Say(HELP.into())),
            "--version" | "-V" => {
                return Ok(Start::Say(format!("web-service {}\n", env!("CARGO_PKG_VERSION"))));
            }
            _ => {}
        }
        let (flag, inline) = match arg.split_once('=') {
            Some((flag, value)) => (flag, Some(value.to_owned())),
            None => (arg.as_str(), None),
        };
        let Some(index) = SETTINGS.iter().position(|(name, _)| *name == flag) else {
            return Err(format!("unknown argument {arg:?}, see --help"));
        };
        let value = match inline {
            Some(value) => value,
            None => utf8(args.next().ok_or_else(|| format!("{flag} needs a value"))?)?,
        };
        given[index] = Some(value);
    }

    let [listen, database, revision, host] = given;
    Ok(Start::Serve(Config {
        listen: check_listen(listen.unwrap_or_else(|| "127.0.0.1:8080".into()))?,
        database: parse_database(database.as_deref().unwrap_or("sqlite:visits.db"))?,
        revision: check_shown("REVISION", revision.unwrap_or_else(|| "unknown".into()))?,
        host: check_shown("HOST_NAME", host.unwrap_or_else(system_host_name))?,
    }))
}

fn utf8(arg: OsString) -> Result<String, String> {
    arg.into_string().map_err(|arg| format!("argument {arg:?} is not UTF-8"))
}

fn system_host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn check_listen(listen: String) -> Result<String, String> {
    let port = listen.rsplit_once(':').filter(|(address, _)| !address.is_empty());
    match port.map(|(_, port)| port.parse::<u16>()) {
        Some(Ok(_)) => Ok(listen),
        _ => Err(format!("LISTEN is {listen:?}, expected ADDRESS:PORT such as 127.0.0.1:8080")),
    }
}

/// What is shown also goes into headers and into lines of text, so it has to be one line.
fn check_shown(name: &str, value: String) -> Result<String, String> {
    if value.is_empty() || value.contains(char::is_control) {
        return Err(format!("{name} is {value:?}, expected one line of text"));
    }
    Ok(value)
}

fn parse_database(url: &str) -> Result<Database, String> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        if path.is_empty() {
            return Err("DATABASE names no file after `sqlite:`".into());
        }
        return Ok(Database::Sqlite(path.into()));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        // The URL is not repeated in the message, it may hold a password.
        let config: tokio_postgres::Config = url.parse().map_err(|error| {
            format!("DATABASE is not a valid postgres:// URL: {}", crate::store::chain(&error))
        })?;
        if config.get_hosts().is_empty() {
            return Err("DATABASE names no host, expected postgres://USER@HOST/NAME".into());
        }
        return Ok(Database::Postgres(Box::new(config)));
    }
    Err("DATABASE is expected to start with `sqlite:` or `postgres://`".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serve(args: &[&str], env: &[(&str, &str)]) -> Result<Config, String> {
        let args = args.iter().map(OsString::from);
        let lookup = |name: &str| {
            env.iter().find(|(variable, _)| *variable == name).map(|(_, value)| value.into())
        };
        read(args, lookup).map(|start| match start {
            Start::Serve(config) => config,
            Start::Say(text) => panic!("said {text}"),
        })
    }

    #[test]
    fn defaults() {
        let config = serve(&[], &[("REVISION", "")]).unwrap();
        assert_eq!(config.listen, "127.0.0.1:8080");
        assert_eq!(config.database.to_string(), "sqlite:visits.db");
        assert_eq!(config.revision, "unknown");
        assert_eq!(config.host, system_host_name());
    }

    #[test]
    fn a_flag_wins_over_its_variable() {
        let env = [("REVISION", "from-env"), ("HOST_NAME", "web1")];
        let config = serve(&["--revision", "abc", "--listen=[::1]:0"], &env).unwrap();
        assert_eq!((config.revision.as_str(), config.host.as_str()), ("abc", "web1"));
        assert_eq!(config.listen, "[::1]:0");
    }

    #[test]
    fn a_password_is_not_shown() {
        let url = "postgres://web:secret@db1,db2:5433/visits";
        let config = serve(&["--database", url], &[]).unwrap();
        assert_eq!(config.database.to_string(), "postgres://db1,db2/visits");
        let error = serve(&["--database", "postgres://web:secret@db1:port/visits"], &[]);
        assert!(!error.unwrap_err().contains("secret"));
    }

    #[test]
    fn wrong_values_are_named() {
        for (args, expected) in [
            (&["--colour"][..], "unknown argument \"--colour\""),
            (&["--listen"], "--listen needs a value"),
            (&["--listen", "8080"], "LISTEN is \"8080\""),
            (&["--listen", "localhost:http"], "LISTEN is"),
            (&["--database", "visits.db"], "`sqlite:` or `postgres://`"),
            (&["--database", "sqlite:"], "names no file"),
            (&["--database", "postgres:///visits"], "names no host"),
            (&["--revision", "a\nb"], "REVISION is \"a\\nb\""),
            (&["--host-name="], "HOST_NAME is \"\""),
        ] {
            let message = serve(args, &[]).unwrap_err();
            assert!(message.contains(expected), "{args:?}: {message}");
        }
    }
}
