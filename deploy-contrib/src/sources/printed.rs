//! What programs print: terraform's outputs, vagrant's machines, a script's hosts. They run here, once, when hosts are first asked for.

use std::process::{Command, Stdio};

use serde_json::{Map, Value};

use super::listing::{Details, Group, Listing, Ordered, Written};
use super::ssh_config::entry;
use super::{Mistake, file};

/// `terraform output -json`: each output that holds hosts is a group.
pub(super) fn terraform(directory: &str) -> Result<Listing, Mistake> {
    let mut command = Command::new("terraform");
    command.arg(format!("-chdir={directory}")).args(["output", "-json", "-no-color"]);
    let text = output(&mut command, "terraform")?;
    let outputs: Ordered<Value> = serde_json::from_str(&text)
        .map_err(|error| Mistake::new(format!("this is not what terraform prints: {error}"), ""))?;
    let mut written = Written::default();
    for (name, output) in outputs.0 {
        // An output that is a number, or a text of several lines, is about something else.
        if let Some(hosts) = output.get("value").and_then(hosts_of) {
            let members = hosts.iter().map(|(name, _)| name.clone()).collect();
            written.groups.0.push((name, Group { hosts: members, ..Group::default() }));
            for (name, details) in hosts {
                if written.hosts.0.iter().all(|(known, _)| *known != name) {
                    written.hosts.0.push((name, details));
                }
            }
        }
    }
    Listing::new(&written, |_, _| None)
}

/// The hosts in a value: an address, a list of them, names with addresses, or objects as in a file of hosts, which may have a name.
fn hosts_of(value: &Value) -> Option<Vec<(String, Details)>> {
    let plain =
        |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == '/');
    match value {
        Value::String(text) if plain(text) => Some(vec![(text.clone(), Details::default())]),
        Value::Array(values) => {
            let each = values.iter().map(|value| match value {
                Value::Object(object) => {
                    let name = object.get("name").or_else(|| object.get("address"))?.as_str()?;
                    Some(vec![(name.to_owned(), details(object)?)])
                }
                other => hosts_of(other),
            });
            Some(each.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
        }
        Value::Object(hosts) => hosts
            .iter()
            .map(|(name, value)| match value {
                Value::String(address) if plain(address) => {
                    let address = Some(address.clone());
                    Some((name.clone(), Details { address, ..Details::default() }))
                }
                Value::Object(object) => Some((name.clone(), details(object)?)),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

/// What an object says of a host; what is not about its connection is its data.
fn details(object: &Map<String, Value>) -> Option<Details> {
    const OURS: [&str; 8] = ["address", "user", "port", "key", "jump", "elevation", "tags", "data"];
    let (ours, mut rest): (Map<_, _>, Map<_, _>) =
        object.clone().into_iter().partition(|(key, _)| OURS.contains(&key.as_str()));
    rest.remove("name");
    let mut details: Details = serde_json::from_value(ours.into()).ok()?;
    rest.extend(std::mem::take(&mut details.data));
    details.data = rest;
    Some(details)
}

/// `vagrant ssh-config`: each machine is a host, and a group of its own.
pub(super) fn vagrant(directory: &str) -> Result<Listing, Mistake> {
    let mut command = Command::new("vagrant");
    command.arg("ssh-config").current_dir(super::expand(directory));
    let text = output(&mut command, "vagrant")?;
    let mut written = Written::default();
    for (keyword, words) in text.lines().filter_map(entry) {
        let (Some(word), keyword) = (words.first(), keyword.to_ascii_lowercase()) else { continue };
        if keyword == "host" {
            written.hosts.0.push((word.clone(), Details::default()));
            let group = Group { hosts: vec![word.clone()], ..Group::default() };
            written.groups.0.push((word.clone(), group));
        }
        let Some((_, details)) = written.hosts.0.last_mut() else { continue };
        match keyword.as_str() {
            "hostname" => details.address = Some(word.clone()),
            "user" => details.user = Some(word.clone()),
            "port" => details.port = word.parse().ok(),
            "identityfile" => details.key = Some(word.clone()),
            _ => {}
        }
    }
    Listing::new(&written, |_, _| None)
}

/// A shell command that prints what could be in a file.
pub(super) fn script(line: &str) -> Result<Listing, Mistake> {
    let text = output(Command::new("sh").args(["-c", line]), "sh")?;
    file::listing(&text, file::json(&text)?)
}

/// What a program prints. Its questions and complaints go where ours go.
fn output(command: &mut Command, name: &str) -> Result<String, Mistake> {
    let output =
        command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().map_err(|error| {
            let hint = match error.kind() {
                std::io::ErrorKind::NotFound => {
                    format!("{name} is not on the PATH, or the directory is not there")
                }
                _ => String::new(),
            };
            Mistake::new(format!("it does not start: {error}"), hint)
        })?;
    if !output.status.success() {
        return Err(Mistake::new(
            format!("it failed ({})", output.status),
            "what it said is above",
        ));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| Mistake::new("it prints something that is no text", ""))
}
