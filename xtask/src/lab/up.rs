//! `lab up`: from nothing, or from a running lab, to one that has the named hosts.

use std::fs;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

use super::cgroup::Cgroup;
use super::state::{Host, Lab, Paths};
use super::{Init, boot, down, exec, keeper, keys, network, setup, ssh_config};
use crate::command;
use crate::error::{Context, Result, failed};

/// How long a host may take until it answers.
const BOOT_LIMIT: Duration = Duration::from_secs(90);

/// Starts what does not run yet and returns when all of it is ready.
pub(crate) fn run(paths: &Paths, init: Init, fresh: bool, names: &[String]) -> Result<ExitCode> {
    setup::ensure()?;
    let start = Instant::now();
    let cgroup = Cgroup::of_lab(&paths.id)?;
    let mut lab = match paths.load()? {
        Some(lab) if lab.keeper.is_alive() => lab,
        _ => {
            // What an earlier lab left behind would be in the way.
            down::remove(paths)?;
            // Where a lab is not possible, nothing of the attempt stays.
            create(paths, &cgroup).inspect_err(|_| drop(down::remove(paths)))?
        }
    };
    if fresh {
        for name in names {
            wipe(paths, &lab, &cgroup, name)?;
        }
    }
    let plans = plan(paths, &mut lab, init, names)?;
    let started = start_all(paths, &lab, &cgroup, &plans);
    let mut failures = Vec::new();
    for outcome in started {
        match outcome {
            Ok(host) => replace_host(&mut lab, host),
            Err(error) => failures.push(error.to_string()),
        }
    }
    // Names of hosts that did not start stay planned nowhere.
    lab.hosts.retain(|host| host.process.pid != 0);
    paths.save(&lab)?;
    ssh_config::write(paths, &lab)?;
    for host in lab.hosts.iter().filter(|host| host.process.is_alive()) {
        network::announce(&lab, host)?;
    }
    if !failures.is_empty() {
        return Err(failed(failures.join("\n")));
    }
    println!("Started {} in {:.1} s", plans.len(), start.elapsed().as_secs_f64());
    println!("ssh -F target/lab/ssh_config {}", lab.hosts.first().map_or("", |host| &host.name));
    Ok(ExitCode::SUCCESS)
}

/// Makes the lab without hosts.
fn create(paths: &Paths, cgroup: &Cgroup) -> Result<Lab> {
    for part in ["bin", "boot", "delay", "disks", "keys"] {
        let dir = paths.dir.join(part);
        fs::create_dir_all(&dir).context(format_args!("create {dir:?}"))?;
    }
    let program = std::env::current_exe().context("find this program")?;
    fs::copy(program, paths.program()).context("copy this program")?;
    keys::generate(&keys::user_key(paths))?;
    let sudo_password_hash = keys::sudo_password(paths)?;
    let keeper = keeper::start(paths, cgroup)?;
    let netns = format!("/proc/{}/ns/net", keeper.pid).into();
    Ok(Lab { keeper, netns, sudo_password_hash, hosts: Vec::new() })
}

/// Ends a host and takes its disk away.
fn wipe(paths: &Paths, lab: &Lab, cgroup: &Cgroup, name: &str) -> Result<()> {
    if lab.host(name).is_none() {
        return Ok(());
    }
    cgroup.child(&format!("host-{name}")).kill()?;
    let mut command = Command::new("nsenter");
    command.arg(format!("--mount=/proc/{}/ns/mnt", lab.keeper.pid));
    command.args(["--", "rm", "-rf", "--"]).arg(paths.disks().join(name));
    command::output(&mut command).map(drop)
}

/// Decides on addresses; a host that crashed keeps its own.
fn plan(paths: &Paths, lab: &mut Lab, init: Init, names: &[String]) -> Result<Vec<boot::Plan>> {
    let mut fresh = Vec::new();
    for name in names {
        match lab.host(name) {
            Some(host) if host.process.is_alive() => println!("{name} is up already"),
            Some(host) => fresh.push(host.clone()),
            None => {
                let taken: Vec<_> = lab.hosts.iter().map(|host| host.address).collect();
                let address = network::allocate(&taken)?;
                let host = Host { name: name.clone(), address, init, process: NOT_STARTED };
                lab.hosts.push(host.clone());
                fresh.push(host);
            }
        }
    }
    fresh.dedup_by(|a, b| a.name == b.name);
    let hosts_lines = network::hosts_lines(lab);
    let authorized_keys = keys::public(&keys::user_key(paths))? + "\n";
    fresh
        .into_iter()
        .map(|host| {
            let key = keys::host_key(paths, &host.name);
            keys::generate(&key)?;
            Ok(boot::Plan {
                disk: paths.disks().join(&host.name),
                machine_id: keys::random_hex()?,
                hosts_lines: hosts_lines.clone(),
                authorized_keys: authorized_keys.clone(),
                host_key: fs::read_to_string(&key).context(format_args!("read {key:?}"))?,
                sudo_password_hash: lab.sudo_password_hash.clone(),
                name: host.name,
                address: host.address,
                init: host.init,
            })
        })
        .collect()
}

/// The process of a host that has an address and nothing else yet.
const NOT_STARTED: super::state::Process = super::state::Process { pid: 0, started: 0 };

fn start_all(paths: &Paths, lab: &Lab, cgroup: &Cgroup, plans: &[boot::Plan]) -> Vec<Result<Host>> {
    thread::scope(|scope| {
        let start = |plan| {
            let host = boot::outside(paths, lab, cgroup, plan)?;
            wait(&host).map(|()| host)
        };
        let threads: Vec<_> = plans.iter().map(|plan| scope.spawn(move || start(plan))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(failed("a thread panicked"))))
            .collect()
    })
}

/// Waits until a host has booted and sshd listens.
fn wait(host: &Host) -> Result<()> {
    let pid = host.process.pid;
    let limit = Instant::now() + BOOT_LIMIT;
    let bus = format!("/proc/{pid}/root/run/systemd/private");
    let ready = || match host.init {
        // systemd listens here before it has started anything else, and can tell the rest.
        Init::Systemd => fs::exists(&bus).unwrap_or(false),
        Init::Sshd => network::listens_on_ssh(pid),
    };
    while !ready() {
        if !host.process.is_alive() {
            return Err(failed(format!("{}: its init ended", host.name)));
        }
        if Instant::now() > limit {
            return Err(failed(format!("{} did not boot", host.name)));
        }
        thread::sleep(Duration::from_millis(20));
    }
    match host.init {
        Init::Systemd => wait_for_systemd(host, limit),
        Init::Sshd => Ok(()),
    }
}

fn wait_for_systemd(host: &Host, limit: Instant) -> Result<()> {
    let limit = limit.saturating_duration_since(Instant::now()).as_secs().max(1).to_string();
    let mut command = exec::inside(host);
    command.args(["timeout", &limit, "systemctl", "is-system-running", "--wait"]);
    let output = command.output().context(format_args!("ask {}", host.name))?;
    let state = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if state == "running" {
        return Ok(());
    }
    let mut command: Command = exec::inside(host);
    command.args(["systemctl", "--failed", "--no-legend", "--plain"]);
    let units = command.output().context(format_args!("ask {}", host.name))?;
    let units = String::from_utf8_lossy(&units.stdout).into_owned();
    Err(failed(format!("{} is {state:?}, failed units: {}", host.name, units.trim())))
}

fn replace_host(lab: &mut Lab, host: Host) {
    match lab.hosts.iter_mut().find(|known| known.name == host.name) {
        Some(known) => *known = host,
        None => lab.hosts.push(host),
    }
}
