//! What can go wrong with a host, on demand.

use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::pipe;
use super::state::{Host, Paths};
use super::{cgroup, network};
use crate::error::{Context, Result, failed};

/// How long a killed process may take to end.
const CRASH_LIMIT: Duration = Duration::from_secs(10);

/// Takes a host's link down: nothing answers, and connections hang.
pub(crate) fn cut(paths: &Paths, name: &str) -> Result<ExitCode> {
    let (lab, host) = paths.load_host(name)?;
    network::set_link(&lab.netns, &host, false)?;
    println!("{name} is cut off");
    Ok(ExitCode::SUCCESS)
}

/// Takes a host's link up; connections go on where they were.
pub(crate) fn heal(paths: &Paths, name: &str) -> Result<ExitCode> {
    let (lab, host) = paths.load_host(name)?;
    network::set_link(&lab.netns, &host, true)?;
    println!("{name} is connected");
    Ok(ExitCode::SUCCESS)
}

/// Powers a host off; `lab up` boots it again with its disk as it was.
pub(crate) fn crash(paths: &Paths, name: &str) -> Result<ExitCode> {
    let (_, host) = paths.load_host(name)?;
    if !host.process.is_alive() {
        println!("{name} has crashed already");
        return Ok(ExitCode::SUCCESS);
    }
    kill(&host)?;
    // Commands that were started from outside share its end; waiting for the cgroup covers all others.
    cgroup::Cgroup::of_lab(&paths.id)?.child(&format!("host-{name}")).kill()?;
    println!("{name} has crashed");
    Ok(ExitCode::SUCCESS)
}

/// Makes round trips longer.
pub(crate) fn delay(paths: &Paths, name: &str, ms: u64) -> Result<ExitCode> {
    let (lab, host) = paths.load_host(name)?;
    let file = pipe::delay_file(&paths.dir, host.address);
    let by_kernel = network::set_netem(&lab.netns, &host, ms);
    let in_pipe = if by_kernel.is_ok() { 0 } else { ms };
    fs::write(&file, in_pipe.to_string()).context(format_args!("write {file:?}"))?;
    println!("round trips to {name} take {ms} ms longer");
    if in_pipe > 0 {
        println!("(on connections by target/lab/ssh_config only: this kernel has no netem)");
    }
    Ok(ExitCode::SUCCESS)
}

fn kill(host: &Host) -> Result<()> {
    let pid = i32::try_from(host.process.pid).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| failed(format!("{} is no pid", host.process.pid)))?;
    kill_process(pid, Signal::KILL).context(format_args!("kill {}", host.name))?;
    let limit = Instant::now() + CRASH_LIMIT;
    while host.process.is_alive() {
        if Instant::now() > limit {
            return Err(failed(format!("{} does not end", host.name)));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}
