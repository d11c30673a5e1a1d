//! `cargo xtask bench`: what the design promises, measured side by side with the tools that others use.
//!
//! The only place that times anything. `plan` says what is measured, `groups` fills it in, `runner` runs it, `verdict` judges
//! and `report` writes; `fleet` and `peers` provide hosts and tools and know nothing of the rest.

mod compile;
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
use plan::Group;
use share::Share;
use tools::Tools;

#[derive(Args)]
pub(crate) struct Options {
    /// Measure these groups only, and write no BENCHMARKS.md
    #[arg(value_name = "GROUP", value_parser = groups::KEYS)]
    groups: Vec<String>,
    /// The same
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

impl Options {
    fn wants(&self, key: &str) -> bool {
        let mut named = self.groups.iter().chain(&self.only).peekable();
        named.peek().is_none() || named.any(|name| name == key)
    }

    fn rounds(&self) -> usize {
        if self.quick { self.rounds.min(2) } else { self.rounds }.max(1)
    }
}

/// Measures what is asked for, prints it, and writes it down if that is everything.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let root = workspace::root()?;
    let bench = root.join("target/bench");
    fs::create_dir_all(&bench).context(format_args!("create {bench:?}"))?;
    let run = Run { options, bench, interrupt: Interrupt::install()? };
    let mut results = Results::default();
    let mut tools = Vec::new();
    if groups::KEYS.iter().any(|key| *key != groups::COMPILE && options.wants(key)) {
        tools = run.on_hosts(&mut results)?;
    }
    if options.wants(groups::COMPILE) && !options.hold {
        let group = compile::group(&run.bench, &root)?;
        let _share = Share::take();
        run.measure(&group, &mut results)?;
    }
    let everything = groups::KEYS.iter().all(|key| options.wants(key));
    if everything && !options.quick && !options.hold {
        let (hosts, rounds) = (options.hosts, options.rounds());
        let head = report::Head { hosts, rounds, machine: machine(), tools };
        let text = report::file(&head, &results.goals, &results.tables, groups::NOT_BUILT);
        fs::write(root.join("BENCHMARKS.md"), text).context("write BENCHMARKS.md")?;
        println!("Wrote BENCHMARKS.md");
    }
    Ok(ExitCode::SUCCESS)
}

/// What has been measured so far, as text.
#[derive(Default)]
struct Results {
    goals: String,
    tables: Vec<String>,
}

struct Run<'a> {
    options: &'a Options,
    /// Everything that the bench has made and keeps: `target/bench`.
    bench: PathBuf,
    interrupt: Interrupt,
}

impl Run<'_> {
    /// Builds, installs, starts the hosts, measures, and takes the hosts down again. Returns the tools' versions.
    fn on_hosts(&self, results: &mut Results) -> Result<Vec<String>> {
        let bin = self.bench.join("bin");
        fs::create_dir_all(&bin).context(format_args!("create {bin:?}"))?;
        let driver = program(&bin, "tests", "bench_driver")?;
        let floor = program(&bin, "tests", "bench_floor")?;
        let example = program(&bin, "hello", "hello")?;
        let peers = Peers::install(&self.bench)?;
        self.interrupt.check()?;

        println!("Starting {} hosts", self.options.hosts);
        // Hosts and tools alike are in it; dropped after everything that is.
        let _share = Share::take();
        // Dropped after the fleet.
        let _kept = Kept::note();
        let fleet = Fleet::up(&self.bench, self.options.hosts, &self.interrupt)?;
        let extent = Extent { hosts: self.options.hosts, quick: self.options.quick };
        for count in [extent.hosts, extent.few()] {
            peers.write_inventories(&fleet, count)?;
        }
        if self.options.hold {
            let config = fleet.ssh_config(Kex::Fast);
            println!("Hosts {}: ssh -F {}", fleet.pattern(extent.hosts), config.display());
            println!("On running masters: ssh -F {}", fleet.mux_config().display());
            self.interrupt.wait();
            return Ok(Vec::new());
        }
        let tools = Tools { fleet: &fleet, peers: &peers, driver, floor, example };
        for key in groups::KEYS.into_iter().filter(|key| self.options.wants(key)) {
            if let Some(group) = groups::group(key, &tools, extent) {
                self.measure(&group, results)?;
            }
        }
        Ok(peers.versions())
    }

    fn measure(&self, group: &Group, results: &mut Results) -> Result<()> {
        let log = self.bench.join("log");
        let measured = runner::measure(group, self.options.rounds(), &log, &self.interrupt)?;
        let table = report::group(group, &measured);
        println!("\n{table}");
        results.goals.push_str(&report::goals(group, &measured));
        results.tables.push(table);
        Ok(())
    }
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
