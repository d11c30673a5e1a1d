//! What a source lists: groups of hosts, and what is said of single hosts, in the order in which it is written. How these become
//! hosts, each with the data of all its groups and of its own.

use std::fmt;
use std::marker::PhantomData;

use deploy_core::Elevation;
use deploy_core::prelude::*;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::Mistake;

/// A file of hosts, as it is written.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    #[serde(default)]
    pub(super) groups: Ordered<Group>,
    #[serde(default)]
    pub(super) hosts: Ordered<Details>,
}

/// Some hosts under one name.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    /// Patterns such as `deploy@web[1-3]:2222`.
    #[serde(default)]
    pub(super) hosts: Vec<String>,
    /// Other groups, whose hosts are in this one too.
    #[serde(default)]
    pub(super) groups: Vec<String>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    #[serde(default)]
    pub(super) data: Map<String, Value>,
}

/// What is said of one host.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Details {
    /// What is connected to, where that is not the name: a name for ssh, or a connector's such as `docker:app`.
    pub(super) address: Option<String>,
    pub(super) user: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) key: Option<String>,
    pub(super) jump: Option<String>,
    #[serde(default, deserialize_with = "elevation")]
    pub(super) elevation: Option<Elevation>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    #[serde(default)]
    pub(super) data: Map<String, Value>,
}

fn elevation<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Elevation>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

/// A table in the order in which it is written.
#[derive(Debug)]
pub(super) struct Ordered<T>(pub(super) Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Table<T> {
            type Value = Ordered<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(Table(PhantomData))
    }
}

/// The hosts of a source.
#[derive(Debug)]
pub(super) struct Listing {
    /// Each with its tags and its data.
    hosts: Hosts,
    /// The names of their hosts.
    groups: Vec<(String, Vec<String>)>,
}

impl Listing {
    /// Hosts without groups.
    pub(super) fn of(hosts: Hosts) -> Self {
        Self { hosts, groups: Vec::new() }
    }

    /// Checks what is written. `line` finds the line on which a word stands after another one.
    pub(super) fn new(
        written: &Written,
        line: impl Fn(&str, &str) -> Option<usize>,
    ) -> Result<Self, Mistake> {
        let mut hosts: Vec<Host> = Vec::new();
        let mut groups = Vec::new();
        for (name, group) in &written.groups.0 {
            let mut members: Vec<String> = Vec::new();
            for pattern in &group.hosts {
                let of = |error: Error| Mistake::new(error.to_string(), "").at(line(name, pattern));
                for host in Hosts::parse(pattern).map_err(of)? {
                    members.push(host.name().to_owned());
                    if hosts.iter().all(|known| known.name() != host.name()) {
                        hosts.push(host);
                    }
                }
            }
            groups.push((name.clone(), members));
        }
        let own: Vec<Vec<String>> = groups.iter().map(|(_, members)| members.clone()).collect();
        for (index, (name, _)) in written.groups.0.iter().enumerate() {
            let mut members = Vec::new();
            collect(written, &own, index, &mut Vec::new(), &mut members)
                .map_err(|(mistake, word)| mistake.at(line(name, &word)))?;
            groups[index].1 = members;
        }
        for (name, details) in &written.hosts.0 {
            let given = details
                .host(name)
                .map_err(|message| Mistake::new(message, "").at(line("hosts", name)))?;
            match hosts.iter_mut().find(|host| host.name() == name) {
                Some(host) => *host = details.told(host.clone(), given),
                None => hosts.push(given),
            }
        }
        let told = hosts.into_iter().map(|host| tell(host, written, &groups));
        Ok(Self { hosts: told.collect(), groups })
    }

    pub(super) fn all(&self) -> Hosts {
        self.hosts.clone()
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn group(&self, name: &str) -> Result<Hosts, Mistake> {
        match self.groups.iter().find(|(known, _)| known == name) {
            Some((_, members)) => {
                Ok(members.iter().filter_map(|name| self.hosts.get(name)).cloned().collect())
            }
            None => Err(Mistake::new(format!("there is no group `{name}`"), self.known_groups())),
        }
    }

    pub(super) fn matching(&self, pattern: &str) -> Result<Hosts, Mistake> {
        let parsed = deploy_core::host::Pattern::parse(pattern)
            .map_err(|error| Mistake::new(error.to_string(), ""))?;
        let found = self.hosts.filter(|host| parsed.matches(host.name()));
        if found.is_empty() {
            let names = self.hosts.names();
            let some: Vec<&str> = names.iter().copied().take(10).collect();
            let more = if names.len() > some.len() { ", …" } else { "" };
            let hint = format!("there are {}{more}", some.join(", "));
            return Err(Mistake::new(format!("no host matches `{pattern}`"), hint));
        }
        Ok(found)
    }

    fn known_groups(&self) -> String {
        let names: Vec<&str> = self.groups().collect();
        match names.is_empty() {
            true => "this source has hosts, and no groups: use `.all()` or `.hosts(\"web*\")`"
                .to_owned(),
            false => format!("there are {}", names.join(", ")),
        }
    }
}

/// The names of a group's hosts and of those of its groups, each once. `path` is where we come from.
fn collect(
    written: &Written,
    own: &[Vec<String>],
    index: usize,
    path: &mut Vec<usize>,
    members: &mut Vec<String>,
) -> Result<(), (Mistake, String)> {
    let (name, group) = &written.groups.0[index];
    if path.contains(&index) {
        return Err((Mistake::new(format!("group `{name}` is in itself"), ""), name.clone()));
    }
    path.push(index);
    for member in &own[index] {
        if !members.contains(member) {
            members.push(member.clone());
        }
    }
    for inner in &group.groups {
        let Some(next) = written.groups.0.iter().position(|(known, _)| known == inner) else {
            let known: Vec<&str> = written.groups.0.iter().map(|(name, _)| name.as_str()).collect();
            let hint = format!("there are {}", known.join(", "));
            let message = format!("group `{name}` names `{inner}`, which is no group");
            return Err((Mistake::new(message, hint), inner.clone()));
        };
        collect(written, own, next, path, members)?;
    }
    path.pop();
    Ok(())
}

/// A host with the tags and the data of every group that it is in, as they are written, and then of its own.
fn tell(mut host: Host, written: &Written, groups: &[(String, Vec<String>)]) -> Host {
    let name = host.name().to_owned();
    let of_groups =
        written.groups.0.iter().zip(groups).filter(|(_, (_, members))| members.contains(&name));
    let mut said: Vec<(&Vec<String>, &Map<String, Value>)> =
        of_groups.map(|((_, group), _)| (&group.tags, &group.data)).collect();
    let own = written.hosts.0.iter().find(|(known, _)| *known == name);
    said.extend(own.map(|(_, details)| (&details.tags, &details.data)));
    for (tags, data) in said {
        for tag in tags {
            if !host.tags().contains(tag) {
                host = host.tag(tag);
            }
        }
        for (key, value) in data {
            host = host.with_data(key, value.clone());
        }
    }
    host
}

impl Details {
    /// The host, if it is in no group.
    fn host(&self, name: &str) -> Result<Host, String> {
        let address = self.address.as_deref().unwrap_or(name);
        let mut hosts = Hosts::parse(address).map_err(|error| error.to_string())?.into_iter();
        match (hosts.next(), hosts.len()) {
            (Some(host), 0) => Ok(self.told(host.clone(), host).named(name)),
            (_, more) => {
                Err(format!("`{address}` stands for {} hosts, and describes one", more + 1))
            }
        }
    }

    /// `host`, or with another address `given`, with all else that is said.
    fn told(&self, host: Host, given: Host) -> Host {
        let name = host.name().to_owned();
        let mut host = if self.address.is_some() { given.named(name) } else { host };
        if let Some(user) = &self.user {
            host = host.user(user);
        }
        if let Some(port) = self.port {
            host = host.port(port);
        }
        if let Some(key) = &self.key {
            host = host.key(super::expand(key));
        }
        if let Some(by) = self.elevation {
            host = host.elevation(by);
        }
        match &self.jump {
            Some(jump) => host.jump(jump),
            None => host,
        }
    }
}
