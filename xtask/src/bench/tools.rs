//! How each tool is told to do something on the first so many hosts.
//!
//! Every tool gets 32 hosts at once, strict host keys where it has them, and the same ssh configuration.

use std::path::{Path, PathBuf};

use super::fleet::{Fleet, Kex};
use super::peers::Peers;
use super::process::Invocation;

/// How many hosts work at once, for all tools.
const PARALLEL: &str = "32";

/// An invocation, or why there is none.
pub(super) type Tool = Result<Invocation, String>;

/// All tools and the hosts that they work on.
pub(super) struct Tools<'a> {
    pub(super) fleet: &'a Fleet,
    pub(super) peers: &'a Peers,
    /// The framework as a library.
    pub(super) driver: PathBuf,
    /// Channels on the masters with nothing around them.
    pub(super) floor: PathBuf,
    /// A program with a command line made by the framework.
    pub(super) example: PathBuf,
}

impl Tools<'_> {
    /// `ssh` as raw as can be, on many hosts at once.
    pub(super) fn xargs(&self, config: &Path, count: usize, words: &[&str]) -> Invocation {
        Invocation::new(["xargs", "-P", PARALLEL, "-I{}", "ssh", "-F"])
            .arg(config)
            .arg("{}")
            .args(words)
            .stdin(self.peers.hosts_file(count))
    }

    /// Ours, with no connection to begin with and none left behind.
    pub(super) fn ours_cold(&self, kex: Kex, count: usize) -> Invocation {
        self.ours(&self.fleet.ssh_config(kex), count, 0).args(["--connections", "new"])
    }

    /// Ours as it comes: with no connection to begin with, provided that [`renew`](Self::renew) has run before; they are
    /// kept for a minute.
    pub(super) fn ours_keeping(&self, kex: Kex, count: usize) -> Invocation {
        self.ours(&self.fleet.fresh_config(kex), count, 60).args(["--connections", "new"])
    }

    /// Makes sure that [`ours_keeping`](Self::ours_keeping) finds none of the connections that it has kept.
    pub(super) fn renew(&self, kex: Kex) -> Invocation {
        Invocation::new(["touch"]).arg(self.fleet.fresh_config(kex))
    }

    /// Ours, on the connections that [`warm_up`](Self::warm_up) has left.
    pub(super) fn ours_warm(&self, count: usize) -> Invocation {
        self.ours(&self.fleet.ssh_config(Kex::Fast), count, 3600).args(["--connections", "kept"])
    }

    /// Sees to it that there are connections.
    pub(super) fn warm_up(&self, count: usize) -> Invocation {
        self.ours(&self.fleet.ssh_config(Kex::Fast), count, 3600).args(["run", "true"])
    }

    fn ours(&self, config: &Path, count: usize, keep: u32) -> Invocation {
        Invocation::new([self.driver.clone()])
            .args(["--ssh-config".as_ref(), config])
            .args(["--hosts".to_owned(), self.fleet.pattern(count)])
            .args(["--parallel", PARALLEL, "--persist", &keep.to_string()])
    }

    /// Ours, so many commands on so many hosts that cost nothing.
    pub(super) fn ours_nowhere(&self, count: usize, commands: usize) -> Invocation {
        Invocation::new([self.driver.clone()])
            .args(["--nowhere".to_owned(), "yes".to_owned()])
            .args(["--hosts".to_owned(), format!("h[1-{count}]")])
            .args(["--parallel", PARALLEL, "run"])
            .args(vec!["true"; commands])
    }

    /// The floor program on the running masters.
    pub(super) fn floor(&self, task: &str, count: usize) -> Invocation {
        Invocation::new([self.floor.clone()])
            .arg(task)
            .arg(self.fleet.sockets())
            .arg(count.to_string())
    }

    pub(super) fn pssh(&self, config: &Path, count: usize, options: &[&str], cmd: &str) -> Tool {
        Ok(Invocation::new([self.peers.system("parallel-ssh")?])
            .args(["-p", PARALLEL, "-h"])
            .arg(self.peers.hosts_file(count))
            .args(["-x", &format!("-F {}", config.display())])
            .args(options)
            .arg(cmd))
    }

    pub(super) fn pdsh(&self, config: &Path, count: usize, cmd: &str) -> Tool {
        Ok(Invocation::new([self.peers.system("pdsh")?])
            .args(["-R", "ssh", "-f", PARALLEL, "-w", &self.fleet.pattern(count), cmd])
            // Without this it would log in as the local user.
            .env("PDSH_SSH_ARGS", format!("-F {} %h", config.display())))
    }

    pub(super) fn clush(&self, config: &Path, count: usize) -> Tool {
        let options = format!("-F {}", config.display());
        Ok(Invocation::new([self.peers.system("clush")?])
            .args(["-o", &options, "-f", PARALLEL, "-w", &self.fleet.pattern(count)])
            .env("HOME", self.peers.dir.join("home")))
    }

    /// A script of ours around a Python library: `parallax_task.py`, `fabric_task.py`.
    pub(super) fn script(&self, script: &str, config: &Path, count: usize, rest: &[&str]) -> Tool {
        Ok(Invocation::new([self.peers.python("python")?])
            .arg(self.peers.dir.join(script))
            .arg(config)
            .arg(self.peers.hosts_file(count))
            .args(rest)
            .env("HOME", self.peers.dir.join("home")))
    }

    pub(super) fn pyinfra(&self, count: usize, words: &[&str]) -> Tool {
        Ok(Invocation::new([self.peers.python("pyinfra")?])
            .args(["-y", "--parallel", PARALLEL])
            .arg(self.peers.pyinfra_inventory(count))
            .args(words)
            .env("HOME", self.peers.dir.join("home")))
    }

    /// pyinfra with the deployment of 20 commands.
    pub(super) fn pyinfra_twenty(&self, count: usize) -> Tool {
        Ok(self.pyinfra(count, &[])?.arg(self.peers.dir.join("pyinfra_deploy.py")))
    }

    /// `ansible` with a module.
    pub(super) fn ansible(&self, kex: Kex, count: usize, module: &str, args: &str) -> Tool {
        let tool = self.ansible_program("ansible", kex, count)?;
        Ok(tool.args(["all", "-m", module, "-a", args]))
    }

    /// `ansible-playbook` with 20 tasks of a module.
    pub(super) fn ansible_twenty(&self, count: usize, module: &str) -> Tool {
        let tool = self.ansible_program("ansible-playbook", Kex::Fast, count)?;
        Ok(tool.arg(self.peers.ansible_playbook(module)))
    }

    fn ansible_program(&self, program: &str, kex: Kex, count: usize) -> Tool {
        Ok(Invocation::new([self.peers.python(program)?])
            .arg("-i")
            .arg(self.peers.ansible_inventory(count))
            .env("ANSIBLE_CONFIG", self.peers.ansible_config(kex))
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", self.peers.dir.join("home")))
    }

    /// Ends the connections that an earlier run of Ansible has kept.
    pub(super) fn forget_ansible(&self) -> Invocation {
        let script = "[ ! -d \"$1\" ] || find \"$1\" -type s -exec ssh -O exit -S {} any \\;";
        Invocation::new(["sh", "-c", script, "sh"]).arg(self.fleet.sockets().join("ansible"))
    }
}
