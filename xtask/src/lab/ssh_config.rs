//! The `ssh_config` and `known_hosts` with which OpenSSH reaches the lab's hosts, with strict checking on.

use std::fmt::Write;
use std::path::Path;

use super::keys;
use super::state::{Host, Lab, Paths, replace};
use super::users::USERS;
use crate::error::Result;

/// Writes both files.
pub(crate) fn write(paths: &Paths, lab: &Lab) -> Result<()> {
    replace(&paths.dir.join("ssh_config"), &render(paths, lab))?;
    let mut known = String::new();
    for host in &lab.hosts {
        let key = keys::public(&keys::host_key(paths, &host.name))?;
        known.push_str(&known_host(host, &key));
    }
    replace(&paths.dir.join("known_hosts"), &known)
}

fn render(paths: &Paths, lab: &Lab) -> String {
    let mut text = String::from(
        "# Made by `cargo xtask lab up`; gone after `cargo xtask lab down`.\n\
         # HOST logs in as deploy; HOST.USER as another user: root or one of those below.\n",
    );
    let users = USERS.iter().map(|user| user.name).chain(["root"]);
    for user in users {
        let _ = write!(text, "\nHost *.{user}\n    User {user}\n");
    }
    for host in &lab.hosts {
        let (name, address) = (&host.name, host.address);
        let _ = write!(
            text,
            "\nHost {name} {name}.*\n    HostName {address}\n    HostKeyAlias {name}\n"
        );
    }
    let quote = |path: &Path| format!("\"{}\"", path.display().to_string().replace('%', "%%"));
    let _ = write!(
        text,
        "\nHost *\n    \
             User deploy\n    \
             IdentityFile {key}\n    \
             IdentitiesOnly yes\n    \
             IdentityAgent none\n    \
             UserKnownHostsFile {known}\n    \
             GlobalKnownHostsFile none\n    \
             StrictHostKeyChecking yes\n    \
             UpdateHostKeys no\n    \
             ProxyCommand nsenter --net={netns} -- {program} lab pipe {dir} %h %p\n",
        key = quote(&keys::user_key(paths)),
        known = quote(&paths.dir.join("known_hosts")),
        netns = lab.netns.display(),
        program = quote(&paths.program()),
        dir = quote(&paths.dir),
    );
    text
}

fn known_host(host: &Host, key: &str) -> String {
    format!("{},{} {key}\n", host.name, host.address)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::super::Init;
    use super::super::state::Process;
    use super::*;

    fn host() -> Host {
        Host {
            name: "web1".into(),
            address: Ipv4Addr::new(10, 77, 0, 11),
            init: Init::Systemd,
            process: Process { pid: 1, started: 1 },
        }
    }

    #[test]
    fn users_come_before_hosts_and_defaults_last() {
        let paths = Paths { dir: "/a b/target/lab".into(), id: "x".into() };
        let lab = Lab {
            keeper: Process { pid: 9, started: 1 },
            netns: "/proc/9/ns/net".into(),
            sudo_password_hash: String::new(),
            hosts: vec![host()],
        };
        let text = render(&paths, &lab);
        let position = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} in {text}"));
        assert!(position("Host *.zshsh\n    User zshsh\n") < position("Host web1 web1.*\n"));
        assert!(position("HostName 10.77.0.11\n    HostKeyAlias web1\n") < position("Host *\n"));
        position("IdentityFile \"/a b/target/lab/keys/user\"\n");
        position(
            "--net=/proc/9/ns/net -- \"/a b/target/lab/bin/xtask\" lab pipe \"/a b/target/lab\" %h %p",
        );
    }

    #[test]
    fn a_known_host_has_name_and_address() {
        assert_eq!(known_host(&host(), "ssh-ed25519 AAAA"), "web1,10.77.0.11 ssh-ed25519 AAAA\n");
    }
}
