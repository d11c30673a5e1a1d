//! One user for each host: hosts share a file system here, so that each needs a home of its own.

use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::{Fleet, write_public};
use crate::bench::interrupt::Interrupt;
use crate::command;
use crate::error::{Context, Result, failed};

/// The user of a host.
pub(super) fn name(host: usize) -> String {
    format!("deploybench{host}")
}

/// A line of the account file that is about one of our users.
struct Account {
    id: u32,
    home: String,
}

/// Creates the users and their homes. The homes hold no login scripts: those of the machine's administrator can cost
/// more than a connection.
pub(super) fn add(fleet: &Fleet, interrupt: &Interrupt) -> Result<()> {
    let homes = fleet.run.join("home");
    fs::create_dir(&homes).context(format_args!("create {homes:?}"))?;
    for host in 1..=fleet.hosts() {
        interrupt.check()?;
        let (name, home) = (name(host), fleet.home(host));
        // A password that matches nothing; a locked account would be refused without PAM.
        let mut useradd = Command::new("useradd");
        useradd.args(["-M", "-N", "-p", "*", "-s", "/bin/bash", "-d"]).arg(&home).arg(&name);
        command::output(&mut useradd)?;
        let account = account(&name)?.ok_or_else(|| failed(format!("user {name} is missing")))?;
        fs::create_dir(&home).context(format_args!("create {home:?}"))?;
        chown(&home, Some(account.id), None).context(format_args!("give {home:?} away"))?;
        write_public(&home.join(".hushlogin"), "")?;
    }
    Ok(())
}

/// Removes those of the users that have a home below `run`, and ends what still runs as one of them.
pub(super) fn remove(users: &[String], run: &Path) -> Result<()> {
    let mut ours = Vec::new();
    for user in users {
        if let Some(account) = account(user)?
            && Path::new(&account.home).starts_with(run)
        {
            ours.push((user, account.id));
        }
    }
    let ids: Vec<u32> = ours.iter().map(|(_, id)| *id).collect();
    end_processes(&ids);
    for (user, _) in ours {
        command::output(Command::new("userdel").arg(user))?;
    }
    Ok(())
}

fn account(user: &str) -> Result<Option<Account>> {
    let text = fs::read_to_string("/etc/passwd").context("read /etc/passwd")?;
    Ok(text.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        match fields[..] {
            [name, _, id, _, _, home, _] if name == user => {
                Some(Account { id: id.parse().ok()?, home: home.to_owned() })
            }
            _ => None,
        }
    }))
}

/// Ends the processes of these users, and waits until they are gone: a user who still runs something cannot be removed.
fn end_processes(ids: &[u32]) {
    let limit = Instant::now() + Duration::from_secs(10);
    loop {
        let running = processes(ids);
        if running.is_empty() || Instant::now() > limit {
            return;
        }
        for pid in running {
            // It may have ended by itself meanwhile.
            let _ = kill_process(pid, Signal::KILL);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn processes(ids: &[u32]) -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &i32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let uid = status.lines().find_map(|line| line.strip_prefix("Uid:"));
        let uid = uid.and_then(|uid| uid.split_whitespace().next()?.parse().ok());
        uid.is_some_and(|uid: u32| ids.contains(&uid))
    })
    .filter_map(Pid::from_raw)
    .collect()
}
