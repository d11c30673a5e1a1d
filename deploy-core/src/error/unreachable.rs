//! Why a host was not reached, and what the operator can do about it.

use serde::Serialize;

/// Why a host was not reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unreachable {
    /// Its name is not known.
    UnknownName,
    /// Nothing listens there.
    Refused,
    /// No answer within the connect timeout.
    TimedOut,
    /// There is no route to it.
    NoRoute,
    /// It accepts none of our keys.
    PermissionDenied,
    /// Its host key is not known.
    HostKeyUnknown,
    /// Its host key is not the one that is known.
    HostKeyChanged,
    /// Both sides have no algorithm in common, or the server closed the connection while connecting.
    Handshake,
    /// The connection broke while in use.
    Lost,
    /// What runs the container is not installed where it is looked for.
    NoEngine,
    /// What runs the container does not answer.
    EngineDown,
    /// What runs the container refuses us.
    EngineDenied,
    /// There is no such container, machine, pod or tree.
    NoContainer,
    /// It is there, and does not run.
    NotRunning,
    /// Anything else.
    Other,
}

impl Unreachable {
    /// What happened, in a few words.
    #[must_use]
    pub const fn what(self) -> &'static str {
        match self {
            Self::UnknownName => "host name not known",
            Self::Refused => "connection refused",
            Self::TimedOut => "no answer within the connect timeout",
            Self::NoRoute => "no route to the host",
            Self::PermissionDenied => "permission denied",
            Self::HostKeyUnknown => "host key not known",
            Self::HostKeyChanged => "HOST KEY CHANGED",
            Self::Handshake => "ssh handshake failed",
            Self::Lost => "connection lost",
            Self::NoEngine => "container engine not installed",
            Self::EngineDown => "container engine does not answer",
            Self::EngineDenied => "container engine refuses us",
            Self::NoContainer => "no such container",
            Self::NotRunning => "container not running",
            Self::Other => "not reachable",
        }
    }

    /// What the operator can do about it.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::UnknownName => "check the spelling, or add a Host entry to your ssh_config",
            Self::Refused => "check that sshd runs there and listens on this port",
            Self::TimedOut => "check that the host is up and that no firewall drops the connection",
            Self::NoRoute => "check the network between here and the host",
            Self::PermissionDenied => {
                "check user and key: `ssh -v` to the host shows which keys were offered"
            }
            Self::HostKeyUnknown => {
                "connect once by `ssh` and compare the fingerprint, or add the key to known_hosts"
            }
            Self::HostKeyChanged => {
                "if the host was really reinstalled, remove its old key with `ssh-keygen -R`; otherwise somebody is in between"
            }
            Self::Handshake => {
                "sshd may be refusing new connections (MaxStartups) or offer no common algorithm; `ssh -v` shows more"
            }
            Self::Lost => "check the host; the command may or may not have been carried out",
            Self::NoEngine => {
                "install it where the container runs, or name that host: `docker+ssh://HOST/NAME`"
            }
            Self::EngineDown => {
                "start the engine, or say where it is as its own program wants it (DOCKER_HOST, KUBECONFIG)"
            }
            Self::EngineDenied => {
                "be root, join the engine's group, or log in to the cluster, as the engine demands"
            }
            Self::NoContainer => "check the spelling",
            Self::NotRunning => "start it",
            Self::Other => "`ssh -v` to the host shows more",
        }
    }
}
