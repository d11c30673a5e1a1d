//! The tools that others use: installed into a directory of the bench's own, found, and told about the hosts.
//!
//! A tool that cannot be installed is a reason, never a number.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fleet::{Fleet, Kex};
use crate::command;
use crate::error::{Context, Result};

/// What comes from PyPI; Debian's are far behind.
const PYPI: [&str; 4] = ["pyinfra", "ansible-core", "fabric", "parallax"];

/// What comes from Debian: package and program.
const DEBIAN: [(&str, &str); 6] = [
    ("pssh", "parallel-ssh"),
    ("pdsh", "pdsh"),
    ("clustershell", "clush"),
    ("rsync", "rsync"),
    ("time", "time"),
    ("openssh-sftp-server", "sftp"),
];

/// The installed tools and the files that they need.
#[derive(Debug)]
pub(super) struct Peers {
    /// Scripts, inventories, and a home directory for tools that write to theirs.
    pub(super) dir: PathBuf,
    /// Where the tools of PyPI are, or why they are not.
    venv: std::result::Result<PathBuf, String>,
}

impl Peers {
    /// Installs what is missing.
    pub(super) fn install(bench: &Path) -> Result<Self> {
        let dir = bench.join("peers");
        let home = dir.join("home");
        fs::create_dir_all(&home).context(format_args!("create {home:?}"))?;
        for (name, text) in [
            ("parallax_task.py", include_str!("parallax_task.py")),
            ("fabric_task.py", include_str!("fabric_task.py")),
            ("pyinfra_deploy.py", include_str!("pyinfra_deploy.py")),
        ] {
            write(&dir.join(name), text)?;
        }
        let venv = venv(&bench.join("venv")).map_err(|error| {
            println!("Tools of PyPI are left out: {error}");
            error.to_string()
        });
        debian();
        Ok(Self { dir, venv })
    }

    /// Writes what tells the tools about the first `count` hosts.
    pub(super) fn write_inventories(&self, fleet: &Fleet, count: usize) -> Result<()> {
        let names: String = fleet.names(count).map(|name| name + "\n").collect();
        write(&self.hosts_file(count), &names)?;
        write(&self.pyinfra_inventory(count), &pyinfra_inventory(fleet, count))?;
        let mut ansible = String::from("[all]\n");
        for name in fleet.names(count) {
            let _ = writeln!(ansible, "{name} ansible_python_interpreter=/usr/bin/python3");
        }
        write(&self.ansible_inventory(count), &ansible)?;
        for (kex, path) in [Kex::Fast, Kex::Default].map(|kex| (kex, self.ansible_config(kex))) {
            write(&path, &ansible_config(fleet, kex))?;
        }
        for (module, path) in ["raw", "command"].map(|m| (m, self.ansible_playbook(m))) {
            write(&path, &ansible_playbook(module))?;
        }
        Ok(())
    }

    /// A program of PyPI's tools.
    pub(super) fn python(&self, program: &str) -> std::result::Result<PathBuf, String> {
        let path = self.venv.clone()?.join("bin").join(program);
        if path.exists() { Ok(path) } else { Err(format!("{program} is not installed")) }
    }

    /// A program of the system.
    pub(super) fn system(&self, program: &str) -> std::result::Result<PathBuf, String> {
        if command::exists(program) {
            return Ok(program.into());
        }
        let package = DEBIAN.iter().find(|(_, name)| *name == program).map(|(package, _)| *package);
        Err(format!("{program} is not installed (Debian: {})", package.unwrap_or(program)))
    }

    /// A name per line.
    pub(super) fn hosts_file(&self, count: usize) -> PathBuf {
        self.dir.join(format!("hosts-{count}"))
    }

    pub(super) fn pyinfra_inventory(&self, count: usize) -> PathBuf {
        self.dir.join(format!("inventory_{count}.py"))
    }

    pub(super) fn ansible_inventory(&self, count: usize) -> PathBuf {
        self.dir.join(format!("inventory-{count}.ini"))
    }

    pub(super) fn ansible_config(&self, kex: Kex) -> PathBuf {
        self.dir.join(match kex {
            Kex::Fast => "ansible-fast.cfg",
            Kex::Default => "ansible-default.cfg",
        })
    }

    /// 20 tasks of a module.
    pub(super) fn ansible_playbook(&self, module: &str) -> PathBuf {
        self.dir.join(format!("twenty-{module}.yml"))
    }

    /// The version of each tool that is there, for the report.
    pub(super) fn versions(&self) -> Vec<String> {
        let mut versions = Vec::new();
        if let Ok(python) = self.python("python") {
            let mut list = Command::new(python);
            list.args(["-m", "pip", "list", "--format", "freeze", "--disable-pip-version-check"]);
            let installed = command::output(&mut list).unwrap_or_default();
            let ours = installed
                .lines()
                .filter(|line| line.split_once("==").is_some_and(|(name, _)| PYPI.contains(&name)));
            versions.extend(ours.map(|line| line.replace("==", " ")));
        }
        for (package, program) in &DEBIAN[..4] {
            let mut query = Command::new("dpkg-query");
            query.args(["-W", "-f", "${Version}", package]);
            if command::exists(program) {
                let version = command::output(&mut query).unwrap_or_default();
                versions.push(format!("{package} {version}").trim().to_owned());
            }
        }
        versions
    }
}

fn venv(dir: &Path) -> Result<PathBuf> {
    // Written last, so that an installation that was interrupted is made again.
    let stamp = dir.join("complete");
    if fs::read_to_string(&stamp).is_ok_and(|text| text == PYPI.join(" ")) {
        return Ok(dir.to_owned());
    }
    println!("Installing {} from PyPI", PYPI.join(", "));
    command::output(Command::new("python3").args(["-m", "venv"]).arg(dir))?;
    let mut pip = Command::new(dir.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(PYPI);
    command::output(&mut pip)?;
    write(&stamp, &PYPI.join(" "))?;
    Ok(dir.to_owned())
}

/// Installs what apt has; what it has not is left out row by row.
fn debian() {
    let missing: Vec<&str> = DEBIAN
        .iter()
        .filter(|(_, program)| !command::exists(program))
        .map(|(package, _)| *package)
        .collect();
    if missing.is_empty() || !command::exists("apt-get") {
        return;
    }
    println!("Installing {} with apt-get", missing.join(", "));
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    apt.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(missing);
    if let Err(error) = command::output(&mut apt) {
        println!("Some tools are left out: {error}");
    }
}

fn pyinfra_inventory(fleet: &Fleet, count: usize) -> String {
    let (key, known_hosts) = fleet.key_and_known_hosts();
    let mut text = String::from("hosts = [\n");
    for (host, name) in (1..).zip(fleet.names(count)) {
        let (address, port, user) = Fleet::destination(host);
        let _ = writeln!(
            text,
            "    (\"{name}\", {{\"ssh_hostname\": \"{address}\", \"ssh_port\": {port}, \"ssh_user\": \"{user}\", \
             \"ssh_key\": {key:?}, \"ssh_known_hosts_file\": {known_hosts:?}, \
             \"ssh_strict_host_key_checking\": \"yes\"}}),",
        );
    }
    text + "]\n"
}

fn ansible_config(fleet: &Fleet, kex: Kex) -> String {
    // As many forks as ours has hosts at work. Its other settings are its defaults.
    format!(
        "[defaults]\nforks = 32\n[ssh_connection]\nssh_args = -F {} -o ControlMaster=auto -o \
         ControlPersist=60s\ncontrol_path_dir = {}\n",
        fleet.ssh_config(kex).display(),
        fleet.sockets().join("ansible").display(),
    )
}

fn ansible_playbook(module: &str) -> String {
    let mut text = String::from("- hosts: all\n  gather_facts: false\n  tasks:\n");
    for step in 1..=20 {
        let _ = writeln!(text, "    - name: step {step}\n      ansible.builtin.{module}: \"true\"");
    }
    text
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).context(format_args!("write {path:?}"))
}
