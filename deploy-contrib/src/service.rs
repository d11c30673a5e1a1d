//! Services of systemd.

use deploy_core::command::ToWords;
use deploy_core::{Cmd, Error, Operation, Output, Plan, Result};

const INSPECT: &str =
    "systemctl show -p LoadState -p ActiveState -p UnitFileState -p NeedDaemonReload -- \"$1\"";

/// A service, as it should be. What is not said stays as it is.
///
/// A unit file that systemd has not read yet, or that changed since, is read first.
#[derive(Clone, Debug)]
pub struct Service {
    name: String,
    active: Option<Active>,
    enabled: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Active {
    Running,
    Stopped,
    Restarted,
    Reloaded,
}

/// What systemd says about a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceState {
    /// Whether there is such a unit: `loaded`, `not-found`, …
    pub load: String,
    /// `active`, `inactive`, `failed`, …
    pub active: String,
    /// `enabled`, `disabled`, `static`, …
    pub unit_file: String,
    /// Whether the unit file changed since systemd read it.
    pub needs_reload: bool,
}

/// The service `name`.
///
/// ```
/// use deploy_contrib::service;
/// let postgresql = service("postgresql").running().enabled();
/// let after_a_change = service("nginx").reloaded();
/// ```
pub fn service(name: impl Into<String>) -> Service {
    Service { name: name.into(), active: None, enabled: None }
}

impl Service {
    fn with(mut self, active: Active) -> Self {
        self.active = Some(active);
        self
    }

    /// It runs.
    #[must_use]
    pub fn running(self) -> Self {
        self.with(Active::Running)
    }

    /// It does not run.
    #[must_use]
    pub fn stopped(self) -> Self {
        self.with(Active::Stopped)
    }

    /// It is started anew, every time: for when something it reads has changed.
    #[must_use]
    pub fn restarted(self) -> Self {
        self.with(Active::Restarted)
    }

    /// It reads its configuration again, every time; it is started if it does not run.
    #[must_use]
    pub fn reloaded(self) -> Self {
        self.with(Active::Reloaded)
    }

    /// Restarts it when `changed`, otherwise lets it run.
    #[must_use]
    pub fn restarted_if(self, changed: bool) -> Self {
        if changed { self.restarted() } else { self.running() }
    }

    /// Reloads it when `changed`, otherwise lets it run.
    #[must_use]
    pub fn reloaded_if(self, changed: bool) -> Self {
        if changed { self.reloaded() } else { self.running() }
    }

    /// It starts with the system.
    #[must_use]
    pub fn enabled(mut self) -> Self {
        self.enabled = Some(true);
        self
    }

    /// It does not start with the system.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.enabled = Some(false);
        self
    }

    fn systemctl(&self, plan: Plan, verb: &str) -> Plan {
        let words: [&dyn ToWords; 4] = [&"systemctl", &verb, &"--", &self.name];
        plan.step(format!("{verb} {}", self.name), Cmd::argv(words))
    }
}

impl Operation for Service {
    type State = ServiceState;

    fn describe(&self) -> String {
        let mut wanted = Vec::new();
        wanted.extend(self.active.map(|active| match active {
            Active::Running => "running",
            Active::Stopped => "stopped",
            Active::Restarted => "restarted",
            Active::Reloaded => "reloaded",
        }));
        wanted.extend(self.enabled.map(|enabled| if enabled { "enabled" } else { "disabled" }));
        format!("service {} {}", self.name, wanted.join(" and ")).trim_end().to_owned()
    }

    fn inspect(&self) -> Cmd {
        Cmd::script(INSPECT, [&self.name])
    }

    fn parse(&self, output: &Output) -> Result<ServiceState> {
        let field = |name: &str| {
            output
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
                .unwrap_or_default()
        };
        if !output.success() {
            return Err(Error::msg(format!("systemd does not answer: {}", output.stderr_str()?)));
        }
        Ok(ServiceState {
            load: field("LoadState"),
            active: field("ActiveState"),
            unit_file: field("UnitFileState"),
            needs_reload: field("NeedDaemonReload") == "yes",
        })
    }

    fn plan(&self, state: &ServiceState) -> Result<Plan> {
        if state.load == "masked" && self.active.is_some_and(|active| active != Active::Stopped) {
            return Err(Error::msg(format!("{} is masked", self.name)));
        }
        let runs = matches!(state.active.as_str(), "active" | "reloading" | "activating");
        let starts_at_boot = matches!(
            state.unit_file.as_str(),
            "enabled" | "enabled-runtime" | "static" | "alias" | "indirect" | "generated"
        );
        let verb = match self.active {
            Some(Active::Running) if !runs => Some("start"),
            Some(Active::Stopped) if runs => Some("stop"),
            Some(Active::Restarted) => Some("restart"),
            Some(Active::Reloaded) => Some("reload-or-restart"),
            _ => None,
        };
        let enable = match self.enabled {
            Some(true) if !starts_at_boot => Some("enable"),
            Some(false) if matches!(state.unit_file.as_str(), "enabled" | "enabled-runtime") => {
                Some("disable")
            }
            _ => None,
        };
        let mut plan = Plan::nothing();
        let unread = state.load == "not-found" && (verb.is_some() || enable.is_some());
        if state.needs_reload || unread {
            let words = ["systemctl", "daemon-reload"];
            plan = plan.step("let systemd read its unit files", Cmd::argv(words));
        }
        if let Some(verb) = enable {
            plan = self.systemctl(plan, verb);
        }
        if let Some(verb) = verb {
            plan = self.systemctl(plan, verb);
        }
        Ok(plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(active: &str, unit_file: &str) -> ServiceState {
        ServiceState {
            load: "loaded".to_owned(),
            active: active.to_owned(),
            unit_file: unit_file.to_owned(),
            needs_reload: false,
        }
    }

    #[test]
    fn table() {
        let up = || service("web").running().enabled();
        for (operation, active, unit_file, expected) in [
            (up(), "active", "enabled", &[][..]),
            (up(), "active", "static", &[]),
            (up(), "inactive", "enabled", &["systemctl start -- web"]),
            (up(), "failed", "disabled", &["systemctl enable -- web", "systemctl start -- web"]),
            (service("web").stopped(), "inactive", "enabled", &[]),
            (service("web").stopped(), "active", "enabled", &["systemctl stop -- web"]),
            (service("web").disabled(), "active", "disabled", &[]),
            (service("web").disabled(), "active", "enabled", &["systemctl disable -- web"]),
            (service("web").restarted(), "active", "enabled", &["systemctl restart -- web"]),
            (service("web").restarted_if(false), "active", "enabled", &[]),
            (
                service("web").reloaded(),
                "active",
                "enabled",
                &["systemctl reload-or-restart -- web"],
            ),
        ] {
            let plan = operation.plan(&state(active, unit_file)).unwrap();
            assert_eq!(plan.commands(), expected, "{} from {active}", operation.describe());
        }
    }

    #[test]
    fn a_unit_file_that_systemd_has_not_read_is_read_first() {
        let mut changed = state("active", "enabled");
        changed.needs_reload = true;
        let plan = service("web").running().plan(&changed).unwrap();
        assert_eq!(plan.commands(), ["systemctl daemon-reload"]);
        let mut unknown = state("inactive", "");
        unknown.load = "not-found".to_owned();
        let plan = service("web").running().plan(&unknown).unwrap();
        assert_eq!(plan.commands(), ["systemctl daemon-reload", "systemctl start -- web"]);
    }

    #[test]
    fn answer_is_read() {
        let text =
            "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNeedDaemonReload=no\n";
        let read = service("web").parse(&Output::from_stdout(text)).unwrap();
        assert_eq!(read, state("active", "enabled"));
    }
}
