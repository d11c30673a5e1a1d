//! A small web service: it shows its revision and its host, and counts visits.
//!
//! Owns the order of start and stop: configuration, port, database, requests, signal. It knows
//! neither SQL nor HTTP; those are `store` and `http`.

mod config;
mod http;
mod log;
mod page;
mod store;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use config::{Config, Start};
use http::Site;
use store::Store;

/// The exit status for a command line or an environment that makes no sense.
const BAD_CONFIGURATION: u8 = 2;

fn main() -> ExitCode {
    let config = match config::read(std::env::args_os().skip(1), |name| std::env::var_os(name)) {
        Ok(Start::Serve(config)) => config,
        Ok(Start::Say(text)) => {
            // Nobody is left to tell when stdout is closed.
            let _ = std::io::stdout().write_all(text.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            log::line(format_args!("web-service: {message}"));
            return ExitCode::from(BAD_CONFIGURATION);
        }
    };
    match start(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            log::line(format_args!("web-service: {message}"));
            ExitCode::FAILURE
        }
    }
}

fn start(config: Config) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start the runtime: {error}"))?;
    let result = runtime.block_on(run(config));
    // A statement that waits for a locked file must not keep a stopped service alive.
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

async fn run(config: Config) -> Result<(), String> {
    let watch = |kind| signal(kind).map_err(|error| format!("cannot watch signals: {error}"));
    let (terminate, interrupt) = (watch(SignalKind::terminate())?, watch(SignalKind::interrupt())?);

    // The port comes first: a second copy started by mistake must not touch the database.
    let listener = TcpListener::bind(&config.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
    let address = listener
        .local_addr()
        .map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
    let store = Store::open(&config.database)
        .await
        .map_err(|error| format!("cannot use the database {}: {error}", config.database))?;
    let site = Site::new(store, config.host, config.revision)?;

    log::line(format_args!(
        "listening on http://{address}, host {}, revision {}, database {}",
        site.host(),
        site.revision(),
        config.database
    ));
    http::serve(listener, site, stop_requested(terminate, interrupt)).await;
    log::line(format_args!("stopped"));
    Ok(())
}

async fn stop_requested(mut terminate: Signal, mut interrupt: Signal) {
    tokio::select! {
        _ = terminate.recv() => log::line(format_args!("stopping on SIGTERM")),
        _ = interrupt.recv() => log::line(format_args!("stopping on SIGINT")),
    }
}
