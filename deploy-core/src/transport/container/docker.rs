//! `docker:NAME`: a running container, by name or id, through the docker command line and so wherever that is set up to look
//! (`DOCKER_HOST`, contexts). `docker:USER@NAME` for another user than the image's. An id of nothing but digits is written
//! `docker://123`, because `docker:123` is port 123 of a host called docker. The image needs a POSIX `sh`.
//!
//! Docker is not in the lab: this file is tested against a stand-in for its command line, and against podman, whose command line is
//! the same where it matters here.

use async_trait::async_trait;

use super::place::{Manual, Place};
use super::{Engine, name, register_engine, words};
use crate::error::Unreachable;
use crate::host::AsUser;
use crate::transport::TransportError;

register_engine!("docker", "docker+ssh", |address, user| Ok(Box::new(Container::new(
    "docker", address, user
)?)));

/// A container of docker, or of what has taken its command line over.
pub(super) struct Container {
    name: String,
    user: Option<String>,
    manual: Manual,
}

impl Container {
    pub(super) fn new(
        program: &'static str,
        address: &str,
        user: Option<&str>,
    ) -> Result<Self, String> {
        let name = name("container", address)?.to_owned();
        let user = user.map(|user| super::name("user", user)).transpose()?.map(str::to_owned);
        let manual = Manual {
            program,
            list: format!("{program} ps --all"),
            start: format!("{program} start {name}"),
            phrases: PHRASES,
        };
        Ok(Self { name, user, manual })
    }
}

#[cfg(test)]
impl Container {
    pub(super) fn manual(&self) -> &Manual {
        &self.manual
    }
}

/// As docker 20 to 28 and podman 4 say it.
const PHRASES: &[(&str, Unreachable)] = &[
    ("permission denied", Unreachable::EngineDenied),
    ("cannot connect to the docker daemon", Unreachable::EngineDown),
    ("failed to connect to the docker api", Unreachable::EngineDown),
    ("error during connect", Unreachable::EngineDown),
    ("cannot connect to podman", Unreachable::EngineDown),
    ("no such container", Unreachable::NoContainer),
    ("no such object", Unreachable::NoContainer),
    ("no container with name or id", Unreachable::NoContainer),
    ("is not running", Unreachable::NotRunning),
    ("is paused", Unreachable::NotRunning),
    ("container state improper", Unreachable::NotRunning),
];

#[async_trait]
impl Engine for Container {
    async fn find(&self, place: &Place) -> Result<Vec<String>, TransportError> {
        let (program, name) = (self.manual.program, &self.name);
        let script = format!("{program} container inspect --format '{{{{.State.Status}}}}' {name}");
        let said = place.ask(AsUser::Login, script).await?;
        match said.stdout.trim() {
            _ if !said.success() => Err(self.manual.refused(&said)),
            "running" => {
                let mut found = words([program, "exec", "-i"]);
                if let Some(user) = &self.user {
                    found.extend(words(["-u", user]));
                }
                found.push(name.clone());
                Ok(found)
            }
            state => {
                Err(self.manual.unreachable(Unreachable::NotRunning, &format!("it is {state}")))
            }
        }
    }

    fn on_terminal(&self, found: &[String]) -> Vec<String> {
        found.iter().map(|word| if word == "-i" { "-it" } else { word }.to_owned()).collect()
    }

    fn takes_user(&self) -> bool {
        true
    }
}
