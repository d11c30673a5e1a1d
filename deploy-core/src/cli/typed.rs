//! A command as somebody has typed it, for a log: without what looks like a password.
//!
//! What is a secret cannot be known of such a text, other than of `cmd!`; these are the ways in which people write them most. So
//! this hides too much rather than too little, and the documentation promises nothing.

use regex_lite::{Captures, Regex};

/// What stands before a secret, and the secret. The first of several that are about the same place decides.
const HIDDEN: &[&str] = &[
    // Authorization: Bearer …
    r#"(?i)(authorization:\s*\w+\s+)([^\s"']+)"#,
    // https://user:…@host
    r#"(://[^/\s:@]*:)([^@\s/]+)@"#,
    // DB_PASSWORD=… token: …
    r#"(?i)([\w-]*(?:pass|pwd|secret|token|key|credential)[\w-]*["']?\s*[=:]\s*)("[^"]*"|'[^']*'|\S+)"#,
    // --password …
    r#"(?i)((?:^|\s)--?[\w-]*(?:pass|pwd|secret|token|key|credential)[\w-]*\s+)("[^"]*"|'[^']*'|\S+)"#,
    // curl -u user:…
    r#"(\s(?:-u|--user)[\s=]*["']?[^\s:"']+:)([^\s"']+)"#,
    // mysql -p…
    r#"((?:mysql|mariadb)\S*\s(?:.*\s)?-p)("[^"]*"|'[^']*'|\S+)"#,
];

/// The command without them.
pub(super) fn harmless(command: &str) -> String {
    let mut text = command.to_owned();
    for pattern in HIDDEN {
        let Ok(pattern) = Regex::new(pattern) else { continue };
        let hide = |found: &Captures<'_>| {
            let end = if found[0].ends_with('@') { "@" } else { "" };
            format!("{}<secret>{end}", &found[1])
        };
        text = pattern.replace_all(&text, hide).into_owned();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_that_people_type_are_hidden() {
        assert!(HIDDEN.iter().all(|pattern| Regex::new(pattern).is_ok()));
        for (typed, logged) in [
            ("uptime", "uptime"),
            ("systemctl restart nginx; ls -p /tmp", "systemctl restart nginx; ls -p /tmp"),
            ("PGPASSWORD=hunter2 psql -c 'select 1'", "PGPASSWORD=<secret> psql -c 'select 1'"),
            ("app --db-password 'a b' -v", "app --db-password <secret> -v"),
            ("app --token=hunter2", "app --token=<secret>"),
            ("mysql -u root -phunter2 db", "mysql -u root -p<secret> db"),
            ("curl -u me:hunter2 host", "curl -u me:<secret> host"),
            ("git clone https://me:hunter2@host/x", "git clone https://me:<secret>@host/x"),
            (
                "curl -H 'Authorization: Bearer hunter2' host",
                "curl -H 'Authorization: Bearer <secret>' host",
            ),
            (r#"echo '{"api_key": "hunter2"}'"#, r#"echo '{"api_key": <secret>}'"#),
        ] {
            assert_eq!(harmless(typed), logged);
        }
    }
}
