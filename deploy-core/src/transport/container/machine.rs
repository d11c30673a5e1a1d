//! `machine:NAME`: a running container that systemd-machined knows (`machinectl list`), entered through the namespaces of its first
//! process, because `machinectl shell` has no plain pipes. Needs root, or sudo without a password. Commands start with root's
//! `HOME`, the usual `PATH` and nothing else of the environment outside, and do not count to the machine's control group.

use async_trait::async_trait;

use super::place::{Manual, Place};
use super::{Engine, name, register_engine, spaces};
use crate::error::Unreachable;
use crate::transport::TransportError;

register_engine!("machine", "machine+ssh", |address, _| Ok(Box::new(Machine::new(address)?)));

struct Machine {
    name: String,
    manual: Manual,
}

const PHRASES: &[(&str, Unreachable)] = &[
    ("no machine", Unreachable::NoContainer),
    ("access denied", Unreachable::EngineDenied),
    ("permission denied", Unreachable::EngineDenied),
    ("failed to connect to bus", Unreachable::EngineDown),
    ("system has not been booted", Unreachable::EngineDown),
];

impl Machine {
    fn new(address: &str) -> Result<Self, String> {
        let name = name("machine", address)?.to_owned();
        let manual = Manual {
            program: "machinectl",
            list: "machinectl list".to_owned(),
            start: format!("machinectl start {name}"),
            phrases: PHRASES,
        };
        Ok(Self { name, manual })
    }
}

#[async_trait]
impl Engine for Machine {
    async fn find(&self, place: &Place) -> Result<Vec<String>, TransportError> {
        let mut found = place.root().await?;
        let script = format!("machinectl show {} --property=Leader --value", self.name);
        let said = place.ask_as_root(script).await?;
        if !said.success() {
            return Err(self.manual.refused(&said));
        }
        match said.stdout.trim().parse() {
            Ok(leader) if leader > 0 => {
                found.extend(spaces::enter(leader));
                Ok(found)
            }
            _ => Err(self.manual.unreachable(Unreachable::NotRunning, "it has no process")),
        }
    }

    fn on_terminal(&self, found: &[String]) -> Vec<String> {
        spaces::on_terminal(found)
    }
}
