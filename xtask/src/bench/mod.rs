//! `cargo xtask bench`: what the design promises, measured side by side with the tools that others use.
//!
//! The only place that times anything. `plan` says what is measured, `groups` fills it in, `runner` runs it, `verdict` judges
//! and `report` writes; `fleet` and `peers` provide hosts and tools and know nothing of the rest.

mod fleet;
mod groups;
mod interrupt;
mod kept;
mod peers;
mod plan;
mod process;
mod report;
mod runner;
mod share;
mod stats;
mod tools;
mod verdict;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Args;

use crate::command;
use crate::error::{Context, Result, failed};
use crate::{test, workspace};
use fleet::{Fleet, Kex};
use groups::Extent;
use interrupt::Interrupt;
use kept::Kept;
use peers::Peers;
use share::Share;
use tools::Tools;

#[derive(Args)]
pub(crate) struct Options {
    /// Measure these groups only, and write no BENCHMARKS.md
    #[arg(long, value_name = "GROUP", value_delimiter = ',', value_parser = groups::KEYS)]
    only: Vec<String>,
    /// How many hosts there are
    #[arg(long, default_value_t = 50)]
    hosts: usize,
    /// How often each program runs
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Two rounds, nothing that takes minutes, and write no BENCHMARKS.md
    #[arg(long)]
    quick: bool,
    /// Measure nothing: start the hosts, say how they are reached, and wait for Ctrl-C
    #[arg(long)]
    hold: bool,
}

/// Builds, installs, starts the hosts, measures, and takes the hosts down again.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let root = workspace::root()?;
    let bench = root.join("target/bench");
    let interrupt = Interrupt::install()?;
    let bin = bench.join("bin");
    fs::create_dir_all(&bin).context(format_args!("create {bin:?}"))?;
    let driver = program(&bin, "tests", "bench_driver")?;
    let floor = program(&bin, "tests", "bench_floor")?;
    let example = program(&bin, "hello", "hello")?;
    let peers = Peers::install(&bench)?;
    interrupt.check()?;

    println!("Starting {} hosts", options.hosts);
    // Hosts and tools alike are in it; dropped after everything that is.
    let _share = Share::take();
    // Dropped after the fleet.
    let _kept = Kept::note();
    let fleet = Fleet::up(&bench, options.hosts, &interrupt)?;
    let extent = Extent { hosts: options.hosts, quick: options.quick };
    for count in [extent.hosts, extent.few()] {
        peers.write_inventories(&fleet, count)?;
    }
    if options.hold {
        println!(
            "Hosts {}: ssh -F {}",
            fleet.pattern(options.hosts),
            fleet.ssh_config(Kex::Fast).display()
        );
        println!("On running masters: ssh -F {}", fleet.mux_config().display());
        interrupt.wait();
        return Ok(ExitCode::SUCCESS);
    }
    let tools = Tools { fleet: &fleet, peers: &peers, driver, floor, example };
    let rounds = if options.quick { options.rounds.min(2) } else { options.rounds.max(1) };

    let (mut goals, mut tables) = (String::new(), Vec::new());
    let wanted = |key: &&&str| options.only.is_empty() || options.only.iter().any(|o| o == **key);
    for key in groups::KEYS.iter().filter(wanted) {
        let Some(group) = groups::group(key, &tools, extent) else { continue };
        let measured = runner::measure(&group, rounds, &bench.join("log"), &interrupt)?;
        let table = report::group(&group, &measured);
        println!("\n{table}");
        goals.push_str(&report::goals(&group, &measured));
        tables.push(table);
    }
    if options.only.is_empty() && !options.quick {
        let head = report::Head {
            hosts: extent.hosts,
            rounds,
            machine: machine(),
            tools: peers.versions(),
        };
        let text = report::file(&head, &goals, &tables, groups::NOT_BUILT);
        fs::write(root.join("BENCHMARKS.md"), text).context("write BENCHMARKS.md")?;
        println!("Wrote BENCHMARKS.md");
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds a program for release and takes a copy of it, so that no other build can change what is measured.
fn program(bin: &Path, package: &str, name: &str) -> Result<PathBuf> {
    println!("Building {name}");
    let mut build = test::cargo()?;
    build.args(["build", "--quiet", "--release", "--package", package, "--bin", name]);
    let messages = command::output(build.args(["--message-format", "json"]))?;
    let built = messages.lines().rev().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let ours = message["target"]["name"] == name;
        ours.then(|| message["executable"].as_str().map(PathBuf::from)).flatten()
    });
    let built =
        built.ok_or_else(|| failed(format!("cargo did not say where it has built {name}")))?;
    let copy = bin.join(name);
    fs::copy(&built, &copy).context(format_args!("copy {built:?}"))?;
    Ok(copy)
}

/// The machine in general terms.
fn machine() -> Vec<String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut machine = vec![format!("{cores} cores, {}", std::env::consts::ARCH)];
    if let Ok(release) = fs::read_to_string("/proc/sys/kernel/osrelease") {
        let version: Vec<&str> = release.trim().split('.').take(2).collect();
        machine.push(format!("Linux {}", version.join(".")));
    }
    // ssh says its version on standard error, as `OpenSSH_9.2p1 …, OpenSSL …`.
    if let Ok(said) = Command::new("ssh").arg("-V").output() {
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        let version = said.split([' ', ',']).next().unwrap_or_default();
        machine.push(version.replace('_', " "));
    }
    if let Some(exchange) = default_exchange(Path::new("none")) {
        machine.push(format!("default key exchange {exchange}"));
    }
    machine
}

/// The key exchange that ssh offers first under a configuration.
fn default_exchange(config: &Path) -> Option<String> {
    let mut ssh = Command::new("ssh");
    let said = command::output(ssh.arg("-G").arg("-F").arg(config).arg("host")).ok()?;
    let line = said.lines().find_map(|line| line.strip_prefix("kexalgorithms "))?;
    line.split(',').next().map(str::to_owned)
}
