//! Containers and the like: a shell inside something that a program on this machine, or on a host reached by ssh, leads into.
//!
//! Each engine is one file that knows two things: how to look for a container, and after which words (`docker exec -i app`)
//! a shell starts in it. Everything else is the connection's to the machine where the engine is ([`Request::within`]): the
//! same streams, marks and watcher carry the command, so a cancelled command ends inside the container, as on any host.
//!
//! Every scheme exists twice: `docker:app` runs docker here, `docker+ssh://deploy@web1/app` runs it on `web1`.
//! Knows no policy and no command.

mod chroot;
mod docker;
mod kubectl;
mod machine;
mod nspawn;
mod place;
mod podman;
mod spaces;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;

use self::place::Place;
use super::{
    ConnectSettings, Connection, Connector, Lead, Near, Request, Sink, TransportError, pool,
    terminal,
};
use crate::command::Status;
use crate::error::Unreachable;
use crate::host::{AsUser, HostSpec, Pattern};

/// Makes the shell the leader of a process group that exists inside the container, which is what cancelling signals. It is that
/// already under docker; under podman and `nsenter` its group is one of the machine outside. Where `/proc` or `setsid` is
/// missing it stays as it is. No byte in it means anything to a login shell inside single quotes.
const LEAD: &str = concat!(
    r#"read -r a b c d group e 2>/dev/null </proc/$$/stat; "#,
    r#"case $group in ""|$$) exec "$@";; esac; "#,
    r#"command -v setsid >/dev/null 2>&1 && exec setsid "$@"; exec "$@""#,
);

/// The same with a terminal: a process group that does not exist inside is of a session outside, from which a session inside takes the
/// terminal over. So Ctrl-C and job control are its own.
const LEAD_ON_TERMINAL: &str = concat!(
    r#"read -r a b c d group e 2>/dev/null </proc/$$/stat; "#,
    r#"[ "$group" = 0 ] && command -v setsid >/dev/null 2>&1 && exec setsid -c "$@"; exec "$@""#,
);

/// What leads into containers of one kind.
#[async_trait]
trait Engine: Send + Sync + 'static {
    /// Looks for the container, and returns the words after which a program starts in it.
    async fn find(&self, place: &Place) -> Result<Vec<String>, TransportError>;

    /// The same words for a program with a terminal.
    fn on_terminal(&self, found: &[String]) -> Vec<String>;

    /// Whether those words say as whom, so that no `sudo` or `su` in the container is needed.
    fn takes_user(&self) -> bool {
        false
    }

    /// Ends what looking for it has started.
    async fn close(&self) {}
}

/// Makes the engine for an address, or says what is wrong with it.
type Make = fn(address: &str, user: Option<&str>) -> Result<Box<dyn Engine>, String>;

/// Registers both schemes of an engine.
macro_rules! register_engine {
    ($scheme:literal, $over_ssh:literal, $make:expr) => {
        $crate::register_connector!($scheme, || {
            ::std::sync::Arc::new($crate::transport::container::Here($make))
        });
        $crate::register_connector!($over_ssh, || {
            ::std::sync::Arc::new($crate::transport::container::OverSsh($make))
        });
    };
}
use register_engine;

/// Containers of this machine.
struct Here(Make);

#[async_trait]
impl Connector for Here {
    async fn connect(
        &self,
        host: &HostSpec,
        settings: &ConnectSettings,
    ) -> Result<Arc<dyn Connection>, TransportError> {
        let engine =
            (self.0)(&host.address, host.user.as_deref()).map_err(|why| bad_address(host, &why))?;
        enter(&HostSpec::local(), engine, host, settings).await
    }
}

/// Containers of a host that ssh reaches: `[user@]host[:port]/` and what stands for the container.
struct OverSsh(Make);

#[async_trait]
impl Connector for OverSsh {
    async fn connect(
        &self,
        host: &HostSpec,
        settings: &ConnectSettings,
    ) -> Result<Arc<dyn Connection>, TransportError> {
        let bad = |why: String| bad_address(host, &why);
        let (outer, address) = host
            .address
            .split_once('/')
            .ok_or_else(|| bad("write HOST/NAME: the ssh host, then what runs there".to_owned()))?;
        let specs = Pattern::parse(outer).and_then(|pattern| pattern.specs());
        let mut specs = specs.map_err(|error| bad(error.to_string()))?;
        let outer = match (specs.pop(), specs.is_empty()) {
            (Some(spec), true) if spec.connector == "ssh" => HostSpec {
                key: host.key.clone(),
                jump: host.jump.clone(),
                connect_timeout: host.connect_timeout,
                ..spec
            },
            _ => return Err(bad(format!("`{outer}` is no host that ssh reaches"))),
        };
        let (user, address) = match address.split_once('@') {
            Some((user, rest)) if !user.contains('/') => (Some(user), rest),
            _ => (None, address),
        };
        let host = HostSpec { user: host.user.clone().or(user.map(str::to_owned)), ..host.clone() };
        // A path that ssh's part is cut off from is absolute all the same, as in any URI.
        let make = |address: &str| (self.0)(address, host.user.as_deref());
        let engine = make(address).or_else(|why| make(&format!("/{address}")).map_err(|_| why));
        enter(&outer, engine.map_err(bad)?, &host, settings).await
    }
}

fn bad_address(host: &HostSpec, why: &str) -> TransportError {
    let message = format!("bad address `{}:{}`: {why}", host.connector, host.address);
    TransportError::Failed { message }
}

/// Reaches the machine with the engine, and finds the container there.
async fn enter(
    outer: &HostSpec,
    engine: Box<dyn Engine>,
    host: &HostSpec,
    settings: &ConnectSettings,
) -> Result<Arc<dyn Connection>, TransportError> {
    let connection = pool::find(&outer.connector)?.connect(outer, settings).await?;
    let limit = host.connect_timeout.unwrap_or(settings.connect_timeout);
    let place = Place::new(connection, limit);
    let found = engine.find(&place).await?;
    let lead = ["sh", "-c", LEAD, "sh"].map(str::to_owned);
    let within = found.iter().cloned().chain(lead).collect();
    let user = host.user.clone().filter(|_| !engine.takes_user());
    Ok(Arc::new(Contained { place, engine, found, within, user }))
}

/// The inside of a container.
struct Contained {
    place: Place,
    engine: Box<dyn Engine>,
    /// The words of the engine, by which a container that was started anew may be told.
    found: Vec<String>,
    /// All words before the shell.
    within: Vec<String>,
    /// Whom commands run as that do not say so.
    user: Option<String>,
}

#[async_trait]
impl Connection for Contained {
    async fn exec(&self, request: &Request, sink: &mut dyn Sink) -> Result<Status, TransportError> {
        let inner = self.inner(request);
        self.unless_gone(self.place.outer().exec(&inner, sink).await).await
    }

    async fn interact(
        &self,
        request: &Request,
        near: &mut dyn Near,
    ) -> Result<Status, TransportError> {
        let inner = self.inner(request);
        self.unless_gone(terminal::interact(self, &inner, near).await).await
    }

    async fn terminal(&self, words: Vec<String>) -> Result<Lead, TransportError> {
        let lead = ["sh", "-c", LEAD_ON_TERMINAL, "sh"].map(str::to_owned);
        let found = self.engine.on_terminal(&self.found);
        self.place.outer().terminal(found.into_iter().chain(lead).chain(words).collect()).await
    }

    fn reused(&self) -> bool {
        self.place.outer().reused()
    }

    async fn close(&self) {
        self.engine.close().await;
        self.place.outer().close().await;
    }
}

impl Contained {
    /// The request as the machine outside gets it.
    fn inner(&self, request: &Request) -> Request {
        let mut inner = Request { within: self.within.clone(), ..request.clone() };
        if let (AsUser::Login, Some(user)) = (&inner.user, &self.user) {
            inner.user = AsUser::Other(user.clone());
        }
        inner
    }

    /// What a command came to, which may mean that the container is gone; only its engine knows.
    async fn unless_gone(
        &self,
        result: Result<Status, TransportError>,
    ) -> Result<Status, TransportError> {
        match result {
            Ok(Status::Signal(_)) => self.gone().await.map_or(result, |why| Err(lost(why))),
            Err(TransportError::Failed { .. }) => self.gone().await.map_or(result, Err),
            _ => result,
        }
    }

    /// Why the container is not there any more, unless it is.
    async fn gone(&self) -> Option<TransportError> {
        match self.engine.find(&self.place).await {
            Ok(found) if found == self.found => None,
            Ok(_) => Some(TransportError::unreachable(Unreachable::Lost, "it was started anew")),
            Err(why) => Some(why),
        }
    }
}

/// What became of a command whose container went away while it ran.
fn lost(why: TransportError) -> TransportError {
    match why {
        TransportError::Unreachable { reason, detail } => {
            let detail = match reason {
                Unreachable::Lost => detail,
                _ => format!("{}: {detail}", reason.what()),
            };
            TransportError::unreachable(Unreachable::Lost, detail)
        }
        why => why,
    }
}

/// Checks the name of a container, a machine or a pod.
fn name<'a>(what: &str, text: &'a str) -> Result<&'a str, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    match text {
        "" => Err(format!("the name of the {what} is missing")),
        _ if text.starts_with('-') || !text.bytes().all(plain) => {
            Err(format!("`{text}` is no name of a {what}"))
        }
        _ => Ok(text),
    }
}

/// Checks the path of a directory tree.
fn tree(text: &str) -> Result<&str, String> {
    let special = |c: char| c.is_control() || "'\\!".contains(c);
    match text {
        _ if !text.starts_with('/') => Err(format!("`{text}` is no absolute path")),
        _ if text.contains(special) => {
            Err("quotes, backslashes and `!` cannot be in the path".into())
        }
        _ => Ok(text),
    }
}

/// Words as they are passed on.
fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).into()
}
