//! Who holds the lock of a host, as text on the host and as words for people.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// A run that holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Holder {
    /// The user and the machine, such as `alice@laptop`.
    pub who: String,
    /// What they do: the action with its path, such as `production web deploy`.
    pub what: String,
    /// Since when, in seconds since 1970 by the clock of that machine.
    pub since: u64,
    /// The process there.
    pub pid: u32,
    /// The run, of which there is no second.
    pub run: String,
}

/// What is found where the lock of a host is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Whom it belongs to on the host.
    owner: String,
    /// What it says of itself, if it is of our form.
    pub(crate) holder: Option<Holder>,
}

impl Holder {
    pub(super) fn now(who: String, what: &str, run: &str) -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self {
            who,
            what: what.to_owned(),
            since: since.as_secs(),
            pid: std::process::id(),
            run: run.to_owned(),
        }
    }
}

impl Found {
    /// Reads what the scripts show: the owner, the file's name, the file. Nothing of it is trusted.
    pub(super) fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        let owner = plain(lines.next().unwrap_or_default());
        let run = lines.next().unwrap_or_default();
        let text: String = lines.collect();
        let holder = serde_json::from_str::<Holder>(&text).ok().filter(|holder| {
            holder.run == run && !run.is_empty() && run.bytes().all(|b| b.is_ascii_hexdigit())
        });
        let holder = holder.map(|it| Holder { who: plain(&it.who), what: plain(&it.what), ..it });
        Self { owner, holder }
    }

    /// As data, for programs.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.holder {
            Some(it) => serde_json::json!(it),
            None => serde_json::json!({ "owner": self.owner }),
        }
    }

    /// The run that holds it; empty if it does not say.
    pub(super) fn run(&self) -> &str {
        self.holder.as_ref().map_or("", |holder| &holder.run)
    }
}

/// Text of a host that may be shown anywhere.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// `alice@laptop since 2026-01-31T12:00:00Z, 5m ago: production web deploy`.
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = SystemTime::UNIX_EPOCH + Duration::from_secs(self.since.min(1 << 36));
        write!(f, "{} since {}", self.who, humantime::format_rfc3339_seconds(since))?;
        // Clocks differ; a lock of the future is of now.
        let ago = SystemTime::now().duration_since(since).unwrap_or_default().as_secs();
        let ago = humantime::format_duration(Duration::from_secs(ago));
        write!(f, ", {ago} ago: {}", self.what)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.holder {
            Some(holder) => holder.fmt(f),
            None => write!(f, "somebody who does not say so; it belongs to `{}` there", self.owner),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, Holder};

    const TEXT: &str = r#"{"who":"alice@laptop","what":"web deploy","since":0,"pid":7,"run":"0f"}"#;

    #[test]
    fn what_is_on_a_host_is_read() {
        let found = Found::parse(&format!("deploy\n0f\n{TEXT}\n"));
        assert_eq!(found.run(), "0f");
        let text = found.to_string();
        assert!(text.starts_with("alice@laptop since 1970-01-01T00:00:00Z, "), "{text}");
        assert!(text.ends_with(" ago: web deploy"), "{text}");
        let holder = Holder::now("a@b".to_owned(), "web\u{1b}[2J", "0f");
        let written = serde_json::to_string(&holder).unwrap();
        let read = Found::parse(&format!("deploy\n0f\n{written}\n"));
        assert_eq!(read.holder, Some(Holder { what: "web[2J".to_owned(), ..holder }));
    }

    #[test]
    fn what_is_not_of_our_form_is_not_shown() {
        for text in [
            "mallory\n".to_owned(),
            "mallory\nid_rsa\n-----BEGIN KEY-----\nsecret\n".to_owned(),
            format!("mallory\n../0f\n{TEXT}\n"),
            format!("mallory\n\n{}\n", TEXT.replace("0f", "")),
        ] {
            let found = Found::parse(&text);
            assert_eq!((found.run(), &found.holder), ("", &None), "{text}");
            assert!(found.to_string().ends_with("it belongs to `mallory` there"), "{found}");
        }
    }

    #[test]
    fn a_time_without_end_is_shown() {
        let text = TEXT.replace(r#""since":0"#, r#""since":18446744073709551615"#);
        assert!(!Found::parse(&format!("x\n0f\n{text}\n")).to_string().is_empty());
    }
}
