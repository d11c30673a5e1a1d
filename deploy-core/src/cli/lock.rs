//! `<node> lock status` and `<node> lock release`, unless the node has an action or a child of that name.

use crate::env::Mode;
use crate::event::EventKind;
use crate::lock::{Found, free, look};
use crate::name::did_you_mean;
use crate::node::Value;
use crate::tree::NodeRef;
use crate::{Error, Host, Hosts, Result};

/// What it is called.
pub(super) const NAME: &str = "lock";

/// What can be done with it, and what that is.
pub(super) const WORKS: [(&str, &str); 2] = [
    ("status", "Show who has locked the hosts of the node and of those below it"),
    ("release", "Free them, after asking; for a lock that was left behind"),
];

/// What is to be done with the deploy lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LockWork {
    Status,
    Release,
}

/// What there is to show, as data and as lines for people.
pub(super) struct Told {
    pub(super) value: Value,
    pub(super) text: Vec<(Option<String>, String)>,
}

impl LockWork {
    /// What the words behind a node ask for, if it is about the lock.
    pub(super) fn of(node: &NodeRef, words: &[String]) -> Result<Option<Self>> {
        let [first, rest @ ..] = words else { return Ok(None) };
        if first != NAME || node.action(NAME).is_some() {
            return Ok(None);
        }
        match rest.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["status"] => Ok(Some(Self::Status)),
            ["release"] => Ok(Some(Self::Release)),
            [] => Err(Error::usage("say `lock status` or `lock release`")),
            [word] => {
                let guess = did_you_mean(word, WORKS.map(|(name, _)| name))
                    .map_or_else(String::new, |guess| format!(", did you mean `lock {guess}`?"));
                Err(Error::usage(format!("there is no `lock {word}`{guess}")))
            }
            [work, extra, ..] => Err(Error::usage(format!("`lock {work}` takes no `{extra}`"))),
        }
    }

    pub(super) async fn run(self, node: &NodeRef) -> Result<Told> {
        let env = node.tree().env().in_node(&node.path());
        // Looking is not what a dry run or a sandbox keeps from hosts.
        let hosts = node.with_all_below().in_env(&env.around().mode(Mode::Apply));
        let found: Vec<(Host, Option<Found>)> = look(&hosts).await?.into_iter().collect();
        if self == Self::Status {
            return Ok(status(&found));
        }
        let locked: Vec<(Host, Found)> =
            found.into_iter().filter_map(|(host, found)| Some((host, found?))).collect();
        if locked.is_empty() {
            let text = "no host is locked: nothing to free".to_owned();
            env.emit(EventKind::Note { host: None, text });
        } else if env.current_mode() != Mode::Apply {
            for (host, found) in &locked {
                let (host, command) =
                    (host.name().to_owned(), format!("free the deploy lock of {found}"));
                env.emit(EventKind::WouldRun { host, command });
            }
            return Ok(Told { value: Value::None, text: Vec::new() });
        } else {
            let one = |(host, found): &(Host, Found)| format!("{host}: locked by {found}");
            let all: Vec<String> = locked.iter().map(one).collect();
            if !env
                .console()
                .confirm(format!("{}\nFree what may still be in use?", all.join("\n")))?
            {
                return Err(Error::msg("the lock was not freed"));
            }
        }
        release(locked).await
    }
}

fn status(found: &[(Host, Option<Found>)]) -> Told {
    let one = |(host, found): &(Host, Option<Found>)| {
        let text =
            found.as_ref().map_or_else(|| "free".to_owned(), |found| format!("locked by {found}"));
        (Some(host.name().to_owned()), text)
    };
    let values = found.iter().map(|(host, found)| {
        let value = found.as_ref().map_or(Value::None, |found| Value::Json(found.to_json()));
        (host.name().to_owned(), value)
    });
    Told { value: Value::PerHost(values.collect()), text: found.iter().map(one).collect() }
}

async fn release(locked: Vec<(Host, Found)>) -> Result<Told> {
    let hosts: Hosts = locked.iter().map(|(host, _)| host.clone()).collect();
    let freed =
        hosts.each(async |host: Host| match locked.iter().find(|(known, _)| *known == host) {
            Some((_, found)) => free(&host, found).await,
            None => Ok(()),
        });
    freed.await.all_ok()?;
    let values =
        locked.iter().map(|(host, it)| (host.name().to_owned(), Value::Json(it.to_json())));
    let text = |(host, found): &(Host, Found)| {
        (Some(host.name().to_owned()), format!("freed; it was locked by {found}"))
    };
    Ok(Told { value: Value::PerHost(values.collect()), text: locked.iter().map(text).collect() })
}
