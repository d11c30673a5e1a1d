//! The ssh daemons: few processes that listen on many addresses.

use std::fmt::Write;
use std::fs;
use std::net::TcpStream;
use std::ops::RangeInclusive;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::{PORT, address};
use crate::bench::interrupt::Interrupt;
use crate::error::{Context, Result, failed};

/// How many addresses one sshd listens on; OpenSSH refuses a configuration with more.
pub(super) const ADDRESSES: usize = 16;

/// Where distributions put it. sshd insists on being started by its full path.
const PROGRAMS: [&str; 3] = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];

/// And the server of its file transfers.
const SFTP: [&str; 4] = [
    "/usr/lib/openssh/sftp-server",
    "/usr/libexec/openssh/sftp-server",
    "/usr/lib/ssh/sftp-server",
    "/usr/libexec/sftp-server",
];

/// The daemons that run.
#[derive(Debug, Default)]
pub(super) struct Servers(Vec<(Child, usize)>);

impl Servers {
    /// Starts a daemon for some hosts.
    pub(super) fn start(
        &mut self,
        etc: &Path,
        run: &Path,
        hosts: RangeInclusive<usize>,
    ) -> Result<()> {
        let missing = || failed("sshd is missing; on Debian: apt-get install openssh-server");
        let program = first_file(&PROGRAMS).ok_or_else(missing)?;
        // The directory in which sshd separates privileges; service managers make it.
        fs::create_dir_all("/run/sshd").context("create /run/sshd")?;
        let name = format!("sshd-{}", hosts.start());
        let config = etc.join(format!("{name}.conf"));
        fs::write(&config, text(etc, run, hosts.clone()))
            .context(format_args!("write {config:?}"))?;
        let child = Command::new(program)
            .arg("-D")
            .arg("-f")
            .arg(&config)
            .arg("-E")
            .arg(etc.join(format!("{name}.log")))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context(format_args!("start {program}"))?;
        self.0.push((child, *hosts.end()));
        Ok(())
    }

    /// Returns when every daemon listens on its last address.
    pub(super) fn wait_until_up(&mut self, hosts: usize, interrupt: &Interrupt) -> Result<()> {
        let limit = Instant::now() + Duration::from_secs(20);
        for (child, last) in &mut self.0 {
            let address = address((*last).min(hosts));
            while TcpStream::connect((address.as_str(), PORT)).is_err() {
                interrupt.check()?;
                if let Some(status) = child.try_wait().context("wait for sshd")? {
                    return Err(failed(format!(
                        "sshd ended with {status}; target/bench/etc has its log"
                    )));
                }
                if Instant::now() > limit {
                    return Err(failed(format!("sshd does not listen on {address}")));
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        Ok(())
    }

    pub(super) fn pids(&self) -> Vec<u32> {
        self.0.iter().map(|(child, _)| child.id()).collect()
    }

    pub(super) fn stop(&mut self) {
        for (mut child, _) in self.0.drain(..) {
            // Killed rather than asked: it holds nothing, and its sessions are ended as their users' processes.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Ends the daemons of an earlier run, those that still are what they were.
pub(super) fn end_daemons(pids: &[u32], dir: &Path) {
    for &pid in pids {
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        if !String::from_utf8_lossy(&words).contains(&*dir.to_string_lossy()) {
            continue;
        }
        if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

fn first_file(paths: &[&'static str]) -> Option<&'static str> {
    paths.iter().copied().find(|path| Path::new(path).is_file())
}

fn text(etc: &Path, run: &Path, hosts: RangeInclusive<usize>) -> String {
    let mut text = format!(
        "Port {PORT}\n\
         HostKey {}/host_key\n\
         AuthorizedKeysFile {}/authorized_keys\n\
         PidFile none\n\
         # Homes lie below a directory that others may write to.\n\
         StrictModes no\n\
         UsePAM no\n\
         UseDNS no\n\
         PasswordAuthentication no\n\
         # The client is measured, not the server's defence.\n\
         MaxStartups 1000\n\
         MaxSessions 100\n\
         PrintMotd no\n\
         PrintLastLog no\n\
         LogLevel ERROR\n",
        etc.display(),
        run.display(),
    );
    if let Some(sftp) = first_file(&SFTP) {
        let _ = writeln!(text, "Subsystem sftp {sftp}");
    }
    for host in hosts {
        let _ = writeln!(text, "ListenAddress {}", address(host));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_listens_on_the_addresses_of_its_hosts() {
        let text = text(Path::new("/e"), Path::new("/r"), 17..=18);
        let addresses: Vec<&str> =
            text.lines().filter(|line| line.starts_with("ListenAddress")).collect();
        assert_eq!(addresses, ["ListenAddress 127.0.1.17", "ListenAddress 127.0.1.18"]);
        assert!(text.contains("AuthorizedKeysFile /r/authorized_keys\n"));
    }
}
