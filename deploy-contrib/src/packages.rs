//! Packages of the system: apt, and thinly dnf, apk and pacman.

use deploy_core::command::ToWords;
use deploy_core::{Cmd, Error, Operation, Output, Plan, Result};

/// Says which package manager there is, and which of the packages are installed.
const INSPECT: &str = r#"if command -v dpkg-query >/dev/null; then
  echo apt
  dpkg-query -W -f '${Package} ${db:Status-Status}\n' -- "$@" 2>/dev/null | sed -n 's/ installed$//p'
elif command -v rpm >/dev/null; then
  echo dnf; for p; do rpm -q --quiet -- "$p" && echo "$p"; done
elif command -v apk >/dev/null; then
  echo apk; for p; do apk info -e -- "$p"; done
elif command -v pacman >/dev/null; then
  echo pacman; for p; do pacman -Qq -- "$p" 2>/dev/null; done
fi
true"#;

/// Refreshes apt's lists when they are missing or older than a day, then installs.
const APT_INSTALL: &str = r#"export DEBIAN_FRONTEND=noninteractive
[ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mtime -1 2>/dev/null | head -n 1)" ] || apt-get -q update || exit
apt-get -q -y -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confold install -- "$@""#;

const APT_REMOVE: &str =
    "DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 remove -- \"$@\"";

/// Packages that should be installed, or should not.
#[derive(Clone, Debug)]
pub struct Packages {
    names: Vec<String>,
    wanted: bool,
}

/// Which package manager a host has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// Debian and its like.
    Apt,
    /// Fedora and its like.
    Dnf,
    /// Alpine.
    Apk,
    /// Arch.
    Pacman,
}

/// Which of the packages are installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackagesState {
    /// What installs them; `None` where it is none that is known here.
    pub manager: Option<Manager>,
    /// Those that are installed.
    pub installed: Vec<String>,
}

/// One package, to be installed.
///
/// ```
/// let nginx = deploy_contrib::package("nginx");
/// ```
pub fn package(name: impl Into<String>) -> Packages {
    packages([name.into()])
}

/// Packages, to be installed.
///
/// ```
/// let both = deploy_contrib::packages(["nginx", "git"]);
/// ```
pub fn packages<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Packages {
    Packages { names: names.into_iter().map(Into::into).collect(), wanted: true }
}

impl Packages {
    /// They should be installed; which version does not matter.
    #[must_use]
    pub fn present(mut self) -> Self {
        self.wanted = true;
        self
    }

    /// They should not be installed.
    #[must_use]
    pub fn absent(mut self) -> Self {
        self.wanted = false;
        self
    }

    fn change(&self, manager: Manager, names: &[&str]) -> Cmd {
        let source = match (manager, self.wanted) {
            (Manager::Apt, true) => APT_INSTALL,
            (Manager::Apt, false) => APT_REMOVE,
            (Manager::Dnf, true) => "dnf -q -y install -- \"$@\"",
            (Manager::Dnf, false) => "dnf -q -y remove -- \"$@\"",
            (Manager::Apk, true) => "apk add -q -- \"$@\"",
            (Manager::Apk, false) => "apk del -q -- \"$@\"",
            (Manager::Pacman, true) => "pacman -Sy --noconfirm --needed -- \"$@\"",
            (Manager::Pacman, false) => "pacman -R --noconfirm -- \"$@\"",
        };
        Cmd::script(source, names.iter().map(|name| name as &dyn ToWords))
    }
}

impl Operation for Packages {
    type State = PackagesState;

    fn describe(&self) -> String {
        let word = if self.names.len() == 1 { "package" } else { "packages" };
        let removal = if self.wanted { "" } else { "removal of " };
        format!("{removal}{word} {}", self.names.join(", "))
    }

    fn inspect(&self) -> Cmd {
        Cmd::script(INSPECT, &self.names)
    }

    fn parse(&self, output: &Output) -> Result<PackagesState> {
        let mut lines = output.stdout_str()?.lines();
        let manager = match lines.next() {
            Some("apt") => Some(Manager::Apt),
            Some("dnf") => Some(Manager::Dnf),
            Some("apk") => Some(Manager::Apk),
            Some("pacman") => Some(Manager::Pacman),
            _ => None,
        };
        Ok(PackagesState { manager, installed: lines.map(str::to_owned).collect() })
    }

    fn plan(&self, state: &PackagesState) -> Result<Plan> {
        let Some(manager) = state.manager else {
            return Err(Error::msg("there is no package manager that is known here"));
        };
        let wrong: Vec<&str> = self
            .names
            .iter()
            .filter(|name| state.installed.contains(name) != self.wanted)
            .map(String::as_str)
            .collect();
        if wrong.is_empty() {
            return Ok(Plan::nothing());
        }
        let verb = if self.wanted { "install" } else { "remove" };
        let step = format!("{verb} {}", wrong.join(", "));
        Ok(Plan::nothing().step(step, self.change(manager, &wrong)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(installed: &[&str]) -> PackagesState {
        PackagesState {
            manager: Some(Manager::Apt),
            installed: installed.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    #[test]
    fn only_what_is_missing_is_installed() {
        let both = packages(["nginx", "git"]);
        assert!(both.plan(&state(&["git", "nginx"])).unwrap().is_empty());
        let plan = both.plan(&state(&["git"])).unwrap();
        assert_eq!(plan.diff(), "install nginx\n");
        let command = &plan.commands()[0];
        assert!(
            command.starts_with("set -- nginx\n") && command.contains("install --"),
            "{command}"
        );
    }

    #[test]
    fn absent_removes_what_is_there() {
        let none = package("telnet").absent();
        assert!(none.plan(&state(&[])).unwrap().is_empty());
        assert_eq!(none.plan(&state(&["telnet"])).unwrap().diff(), "remove telnet\n");
    }

    #[test]
    fn answer_is_read() {
        let answer = Output::from_stdout("apt\ngit\n");
        assert_eq!(packages(["git", "x"]).parse(&answer).unwrap(), state(&["git"]));
        let unknown = package("x").parse(&Output::from_stdout("")).unwrap();
        assert!(package("x").plan(&unknown).is_err());
    }
}
