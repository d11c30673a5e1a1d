//! What `cargo xtask bench` measures: the framework as a library, in lock step over many hosts.
//!
//! `bench_driver [options] run CMD…` runs each command on all hosts, then the next;
//! `… lines CMD` shows their output as a user sees it; `… cat FILE REMOTE` streams one file to all hosts, `… put FILE REMOTE`
//! does so all or nothing, `… upload FILE REMOTE` only where there is another; `… get REMOTE FILE` brings one from each host, and `… sync DIR
//! REMOTE` a directory to all, which `… sync-by-time DIR REMOTE` compares as rsync does. Not for anything else.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use deploy_core::event::{Event, EventKind, Reporter};
use deploy_core::prelude::*;
use deploy_core::report::{Coloring, Human};
use deploy_core::{Compare, ExitCode, Stdin, SyncOptions};
use tests::nowhere::Nowhere;

struct Options {
    env: Env,
    hosts: String,
    memory: Option<PathBuf>,
    connections: Connections,
    task: Vec<String>,
}

/// What the bench takes for granted of the connections; a measurement under another name would be worse than none.
#[derive(Clone, Default)]
struct Connections {
    /// Whether they are to be left by an earlier run; not looked at if unset.
    expected: Option<bool>,
    wrong: Arc<AtomicBool>,
    commands: Arc<AtomicUsize>,
}

impl Reporter for Connections {
    fn event(&self, event: &Event) {
        if let EventKind::CommandStarted { .. } = &event.kind {
            self.commands.fetch_add(1, Ordering::Relaxed);
        }
        if let EventKind::Connected { reused, .. } = &event.kind
            && self.expected.is_some_and(|expected| expected != *reused)
        {
            self.wrong.store(true, Ordering::Relaxed);
        }
    }
}

fn main() -> std::process::ExitCode {
    let outcome = Options::parse(std::env::args().skip(1)).and_then(|options| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime
            .map_err(|error| Error::msg(format!("no runtime: {error}")))?
            .block_on(work(&options))?;
        options.memory.as_deref().map_or(Ok(()), write_memory)
    });
    match outcome {
        Ok(()) => ExitCode::Done.into(),
        Err(error) => {
            // What reads this is the bench, which shows it beside the row.
            #[expect(clippy::print_stderr, reason = "a command line tool")]
            {
                eprintln!("{error}");
            }
            error.exit_code().into()
        }
    }
}

async fn work(options: &Options) -> Result {
    let hosts = Hosts::parse(&options.hosts)?.in_env(&options.env);
    let task: Vec<&str> = options.task.iter().map(String::as_str).collect();
    let outcome = match task[..] {
        ["run", ref commands @ ..] => run(&hosts, commands).await,
        ["cat", file, remote] => cat(&hosts, file, remote).await,
        ["put", file, remote] => put(&hosts, file, remote).await,
        ["upload", file, remote] => upload(&hosts, file, remote).await,
        ["get", remote, file] => hosts.get_each(remote, file).await.map(drop),
        ["sync", directory, remote] => hosts.sync_dir(directory, remote).await.map(drop),
        ["sync-by-time", directory, remote] => {
            let options = SyncOptions::new().compare(Compare::SizeAndTime);
            hosts.sync_dir_with(directory, remote, options).await.map(drop)
        }
        ["prepare", directory] => hosts.ensure_all(operations(directory)).await.map(drop),
        ["converge", directory] => converge(&hosts, &options.connections, directory).await,
        ["lines", command] => lines(&hosts, &options.env, command).await,
        _ => Err(Error::usage(
            "bench_driver [options] run CMD… | lines CMD | cat|put|upload FILE REMOTE | get REMOTE FILE | sync DIR REMOTE | prepare|converge REMOTE",
        )),
    };
    options.env.finish().await;
    if options.connections.wrong.load(Ordering::Relaxed) {
        return Err(Error::msg("connections are not as new or as old as they have to be"));
    }
    outcome
}

/// A directory and 19 files.
fn operations(directory: &str) -> Vec<deploy_core::operation::Op> {
    let file = |n: usize| {
        let file = deploy_contrib::file(format!("{directory}/{n}"));
        file.content(format!("This is file {n}.\n")).mode(0o640).into()
    };
    let first = deploy_contrib::directory(directory.to_owned()).mode(0o750).into();
    std::iter::once(first).chain((1..20).map(file)).collect()
}

/// Finds that nothing is to be done, by asking each host once.
async fn converge(hosts: &Hosts, seen: &Connections, directory: &str) -> Result {
    for (host, change) in &hosts.ensure_all(operations(directory)).await? {
        if change.changed() {
            return Err(Error::msg(format!("{host} had something to change")));
        }
    }
    let commands = seen.commands.load(Ordering::Relaxed);
    if commands != hosts.len() {
        return Err(Error::msg(format!("{commands} round trips for {} hosts", hosts.len())));
    }
    Ok(())
}

async fn run(hosts: &Hosts, commands: &[&str]) -> Result {
    for command in commands {
        hosts.run(Cmd::raw(*command)).await?;
    }
    Ok(())
}

async fn put(hosts: &Hosts, file: &str, remote: &str) -> Result {
    for (_, outcome) in hosts.each(async |host: Host| host.put(file, remote).await).await {
        outcome?;
    }
    Ok(())
}

async fn cat(hosts: &Hosts, file: &str, remote: &str) -> Result {
    hosts.run(cmd!("cat > {remote}").stdin(Stdin::File(file.into()))).await?;
    Ok(())
}

async fn upload(hosts: &Hosts, file: &str, remote: &str) -> Result {
    hosts.ensure(deploy_contrib::upload(file, remote)).await?;
    Ok(())
}

async fn lines(hosts: &Hosts, env: &Env, command: &str) -> Result {
    let env = env.clone().reporter(Human::stdio(Coloring::Auto));
    hosts.in_env(&env).run(Cmd::raw(command)).await?;
    env.finish().await;
    Ok(())
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self {
            env: Env::quiet(),
            hosts: String::new(),
            memory: None,
            connections: Connections::default(),
            task: Vec::new(),
        };
        while let Some(arg) = args.next() {
            if !arg.starts_with("--") {
                options.task = std::iter::once(arg).chain(args).collect();
                break;
            }
            let value = args.next().ok_or_else(|| Error::usage(format!("{arg} needs a value")))?;
            let number = || value.parse::<u64>().map_err(|error| Error::usage(error.to_string()));
            let env = options.env.clone();
            match arg.as_str() {
                "--hosts" => options.hosts = value,
                "--memory" => options.memory = Some(value.into()),
                "--connections" => options.connections.expected = Some(value == "kept"),
                "--nowhere" => options.env = env.connector(Arc::new(Nowhere::default())),
                "--ssh-config" => options.env = env.ssh_config(value),
                "--parallel" => {
                    options.env = env.parallel(usize::try_from(number()?).unwrap_or(usize::MAX));
                }
                "--persist" => {
                    let keep = Duration::from_secs(number()?);
                    options.env = env.connect_settings(|settings| settings.persist = keep);
                }
                _ => return Err(Error::usage(format!("unknown option `{arg}`"))),
            }
        }
        options.env = options.env.clone().reporter(options.connections.clone());
        Ok(options)
    }
}

/// Writes the largest resident size that this process has had, in KiB.
fn write_memory(path: &std::path::Path) -> Result {
    let read = |error| Error::msg(format!("cannot tell the memory: {error}"));
    let status = std::fs::read_to_string("/proc/self/status").map_err(read)?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    let peak = peak.trim().trim_end_matches("kB").trim();
    std::fs::write(path, peak).map_err(read)
}
