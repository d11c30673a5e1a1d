//! Who runs this program: told to others who find a host locked, and to the logs.

/// The user and the machine, such as `alice@laptop`. A user whom this machine's own list does not hold is called by number.
pub(crate) fn name() -> String {
    let uid = rustix::process::getuid().as_raw();
    let list = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let machine = rustix::system::uname();
    let machine = machine.nodename().to_string_lossy();
    match user(&list, uid) {
        Some(user) => format!("{user}@{machine}"),
        None => format!("uid {uid}@{machine}"),
    }
}

fn user(list: &str, uid: u32) -> Option<&str> {
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::user;

    #[test]
    fn users_are_found_by_number() {
        let list = "root:x:0:0::/root:/bin/sh\n# odd\nalice:x:1000:1000:A:/home/alice:/bin/sh\n";
        assert_eq!(user(list, 1000), Some("alice"));
        assert_eq!(user(list, 1), None);
    }
}
