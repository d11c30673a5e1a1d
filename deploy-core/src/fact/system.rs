//! What system a host runs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Fact;
use crate::Result;
use crate::command::{Cmd, Output};

/// The host's own name for itself, as `uname -n` says it.
#[derive(Clone, Copy, Debug)]
pub struct Hostname;

impl Fact for Hostname {
    type Value = String;

    fn script() -> Cmd {
        Cmd::raw("uname -n")
    }

    fn parse(output: &Output) -> Result<String> {
        Ok(output.stdout_str()?.to_owned())
    }
}

/// The running kernel: its name, release and machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kernel {
    /// Such as `Linux`.
    pub name: String,
    /// Such as `6.1.0-18-amd64`.
    pub release: String,
    /// Such as `x86_64`.
    pub machine: String,
}

impl Fact for Kernel {
    type Value = Self;
    const LASTS: bool = true;

    fn script() -> Cmd {
        Cmd::raw("uname -s && uname -r && uname -m")
    }

    fn parse(output: &Output) -> Result<Self> {
        let mut lines = output.stdout_str()?.lines().map(str::to_owned);
        let mut next = || lines.next().unwrap_or_default();
        Ok(Self { name: next(), release: next(), machine: next() })
    }
}

/// Which distribution it is, as `/etc/os-release` says it; everything is empty where there is no such file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OsRelease {
    /// Such as `debian`.
    pub id: String,
    /// Such as `12`.
    pub version_id: String,
    /// Such as `Debian GNU/Linux 12 (bookworm)`.
    pub pretty_name: String,
}

impl Fact for OsRelease {
    type Value = Self;

    fn script() -> Cmd {
        Cmd::raw("cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release 2>/dev/null || true")
    }

    fn parse(output: &Output) -> Result<Self> {
        let fields: BTreeMap<String, String> = output
            .lines()
            .filter_map(|line| {
                let (name, value) = line.split_once('=')?;
                Some((name.to_owned(), value.trim_matches(['"', '\'']).to_owned()))
            })
            .collect();
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        Ok(Self {
            id: field("ID"),
            version_id: field("VERSION_ID"),
            pretty_name: field("PRETTY_NAME"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn os_release_is_read() {
        let text = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n";
        let release = OsRelease::parse(&Output::from_stdout(text)).unwrap();
        assert_eq!((release.id.as_str(), release.version_id.as_str()), ("debian", "12"));
        assert_eq!(OsRelease::parse(&Output::from_stdout("")).unwrap(), OsRelease::default());
    }

    #[test]
    fn kernel_is_read() {
        let kernel = Kernel::parse(&Output::from_stdout("Linux\n6.1.0\nx86_64\n")).unwrap();
        assert_eq!(kernel.release, "6.1.0");
    }
}
