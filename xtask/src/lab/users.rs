//! The users of a host, as lines of its account files.

use crate::error::{Context, Result};
use std::fs;
use std::os::unix::fs::{DirBuilderExt, chown};

/// A user that a host has besides those of the machine.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) name: &'static str,
    shell: &'static str,
}

/// One user per login shell, one who may be root and one who may be root with a password.
pub(crate) const USERS: [User; 7] = [
    User { name: "deploy", shell: "/bin/bash" },
    User { name: "sudoer", shell: "/bin/bash" },
    User { name: "shsh", shell: "/bin/sh" },
    User { name: "bashsh", shell: "/bin/bash" },
    User { name: "zshsh", shell: "/usr/bin/zsh" },
    User { name: "fishsh", shell: "/usr/bin/fish" },
    User { name: "cshsh", shell: "/bin/tcsh" },
];

/// The id of the first user and its group; the machine is not expected to have it.
const FIRST_ID: u32 = 20_001;

/// `/etc/sudoers.d/lab`.
pub(crate) const SUDOERS: &str = "deploy ALL=(ALL:ALL) NOPASSWD: ALL\nsudoer ALL=(ALL:ALL) ALL\n";

/// `/etc/doas.conf`.
pub(crate) const DOAS: &str = "permit nopass deploy\npermit sudoer\n";

/// Adds the users to the account files and makes their homes; the current directory is the host's root.
pub(crate) fn create(sudo_password_hash: &str) -> Result<()> {
    let read = |path: &str| fs::read_to_string(path).context(format_args!("read {path}"));
    for (path, text) in [
        ("etc/passwd", passwd(&read("etc/passwd")?)),
        ("etc/group", group(&read("etc/group")?)),
        ("etc/shadow", shadow(&read("etc/shadow")?, sudo_password_hash)),
    ] {
        // Written in place, so that mode and owner stay.
        fs::write(path, text).context(format_args!("write {path}"))?;
    }
    for (id, user) in (FIRST_ID..).zip(&USERS) {
        let home = format!("home/{}", user.name);
        fs::DirBuilder::new().mode(0o755).create(&home).context(format_args!("create {home}"))?;
        chown(&home, Some(id), Some(id)).context(format_args!("give {home} away"))?;
    }
    Ok(())
}

fn passwd(machine: &str) -> String {
    let line = |(id, user): (u32, &User)| {
        format!("{0}:x:{id}:{id}::/home/{0}:{1}\n", user.name, user.shell)
    };
    others(machine) + &(FIRST_ID..).zip(&USERS).map(line).collect::<String>()
}

fn group(machine: &str) -> String {
    let line = |(id, user): (u32, &User)| format!("{}:x:{id}:\n", user.name);
    others(machine) + &(FIRST_ID..).zip(&USERS).map(line).collect::<String>()
}

fn shadow(machine: &str, sudo_password_hash: &str) -> String {
    let mut text = String::new();
    for line in others(machine).lines() {
        match line.strip_prefix("root:").and_then(|rest| rest.split_once(':')) {
            // A locked root could not log in with a key either. The password is for su.
            Some((_, rest)) => text.push_str(&format!("root:{sudo_password_hash}:{rest}\n")),
            None => text.push_str(&format!("{line}\n")),
        }
    }
    for user in &USERS {
        let password = if user.name == "sudoer" { sudo_password_hash } else { "*" };
        text.push_str(&format!("{}:{password}:19700:0:99999:7:::\n", user.name));
    }
    text
}

/// The lines of an account file that are about others than our users.
fn others(machine: &str) -> String {
    let ours = |line: &&str| USERS.iter().any(|user| line.split(':').next() == Some(user.name));
    machine.lines().filter(|line| !ours(line)).map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_of_the_same_name_are_replaced() {
        let text = passwd("root:x:0:0::/root:/bin/bash\ndeploy:x:1000:1000::/x:/bin/false\n");
        assert!(text.starts_with("root:x:0:0::/root:/bin/bash\n"));
        assert!(text.contains("deploy:x:20001:20001::/home/deploy:/bin/bash\n"));
        assert!(!text.contains("/bin/false"));
    }

    #[test]
    fn only_the_sudoer_and_root_have_a_password() {
        let text = shadow("root:!:1:0:::::\nwww-data:!:1::::::\n", "$6$hash");
        assert!(text.contains("root:$6$hash:1:0:::::\n"));
        assert!(text.contains("www-data:!:"));
        assert!(text.contains("sudoer:$6$hash:"));
        assert!(text.contains("deploy:*:"));
    }
}
