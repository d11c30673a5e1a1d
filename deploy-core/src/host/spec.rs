//! [`HostSpec`]: everything that decides how a machine is reached.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::Elevation;

/// Which machine, and how it is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HostSpec {
    /// What the host is called; two hosts of the same name are the same host.
    pub name: String,
    /// The scheme of its connector: `local`, `ssh`, `docker`, …
    pub connector: String,
    /// What the connector is given: for ssh a name that `ssh` understands.
    pub address: String,
    /// Login user, if not the user's ssh_config's business.
    pub user: Option<String>,
    /// Port, if not the user's ssh_config's business.
    pub port: Option<u16>,
    /// Identity file.
    pub key: Option<PathBuf>,
    /// Jump host, as for `ssh -J`.
    pub jump: Option<String>,
    /// How long connecting may take.
    pub connect_timeout: Option<Duration>,
    /// By what commands become another user's there, if not by what the environment says.
    pub elevation: Option<Elevation>,
    /// Free labels.
    pub tags: Vec<String>,
    /// What else is known of it, as JSON by name.
    pub data: BTreeMap<String, String>,
}

impl HostSpec {
    /// A host behind a connector's scheme.
    pub fn new(connector: &str, address: &str) -> Self {
        Self {
            name: if address.is_empty() { connector.to_owned() } else { address.to_owned() },
            connector: connector.to_owned(),
            address: address.to_owned(),
            ..Self::default()
        }
    }

    /// This machine.
    #[must_use]
    pub fn local() -> Self {
        Self { name: "localhost".to_owned(), ..Self::new("local", "") }
    }

    /// Whether this and `other` are reached in the same way, whatever they are called.
    pub(crate) fn same_machine(&self, other: &Self) -> bool {
        let bare = |spec: &Self| Self {
            name: String::new(),
            elevation: None,
            tags: Vec::new(),
            data: BTreeMap::new(),
            ..spec.clone()
        };
        bare(self) == bare(other)
    }
}
