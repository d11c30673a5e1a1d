//! `nspawn:/path`: a directory tree with an operating system's programs in it (a `/usr` at least), in a container that
//! `systemd-nspawn` makes for it. Needs root, or sudo without a password; nothing is registered and no unit is made. The container begins
//! with the connection and ends with it: until then commands see each other's processes and `/tmp`, which is one of its own,
//! and the network is the machine's. A tree is in one container at a time: one that runs already is a `machine:NAME`.
//! Commands start with root's `HOME`, the usual `PATH` and nothing else of the environment outside.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::place::{Manual, Place, Said, denied, request};
use super::{Engine, register_engine, spaces, tree};
use crate::command::Status;
use crate::command::quote::quoted;
use crate::error::Unreachable;
use crate::host::AsUser;
use crate::transport::{Sink, TransportError};

register_engine!("nspawn", "nspawn+ssh", |address, _| Ok(Box::new(Nspawn::new(address)?)));

/// How long an earlier container of the tree may take to be gone.
const BUSY_LIMIT: Duration = Duration::from_secs(5);

/// How long ours may take to end.
const END_LIMIT: Duration = Duration::from_secs(5);

struct Nspawn {
    path: String,
    manual: Manual,
    kept: Mutex<Option<Kept>>,
}

const PHRASES: &[(&str, Unreachable)] = &[
    ("failed to resolve path", Unreachable::NoContainer),
    ("doesn't look like", Unreachable::NoContainer),
    ("need to be root", Unreachable::EngineDenied),
    ("operation not permitted", Unreachable::EngineDenied),
];

/// The container, which is one command for the machine outside.
struct Kept {
    /// The first process in it, as the machine outside counts.
    leader: u32,
    cancel: CancellationToken,
    running: JoinHandle<Result<Said, TransportError>>,
    _ends_with_this: DropGuard,
}

impl Nspawn {
    fn new(address: &str) -> Result<Self, String> {
        let path = tree(address)?.to_owned();
        let manual = Manual {
            program: "systemd-nspawn",
            list: format!("ls {path}/usr"),
            start: String::new(),
            phrases: PHRASES,
        };
        Ok(Self { path, manual, kept: Mutex::default() })
    }

    /// Starts the container, after an earlier one has gone.
    async fn start(&self, place: &Place) -> Result<Kept, TransportError> {
        let deadline = Instant::now() + BUSY_LIMIT;
        loop {
            match self.try_start(place).await {
                Err(TransportError::Unreachable { detail, .. })
                    if detail.contains("currently busy") && Instant::now() < deadline =>
                {
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
                Err(TransportError::Unreachable { detail, .. })
                    if detail.contains("currently busy") =>
                {
                    let detail = format!("{detail} `machinectl list` may show its container");
                    return Err(TransportError::unreachable(Unreachable::Other, detail));
                }
                result => return result,
            }
        }
    }

    async fn try_start(&self, place: &Place) -> Result<Kept, TransportError> {
        let path = String::from_utf8_lossy(&quoted(self.path.as_bytes())).into_owned();
        let request = request(
            AsUser::Other("root".to_owned()),
            format!(
                "systemd-nspawn --quiet --register=no --keep-unit --as-pid2 --console=pipe -D {path} \
                 sh -c 'echo ready; while :; do sleep 86400; done' & echo $!; wait $!"
            ),
        );
        let cancel = request.cancel.clone();
        let guard = cancel.clone().drop_guard();
        let (sender, mut output) = mpsc::unbounded_channel();
        let outer = place.outer().clone();
        let running = tokio::spawn(async move {
            let mut tell = Tell { sender, said: Said::default() };
            let status = outer.exec(&request, &mut tell).await?;
            if let Status::Code(code) = status {
                tell.said.code = Some(code);
            }
            Ok(tell.said)
        });
        let mut text = String::new();
        let begun = async {
            while let Some(bytes) = output.recv().await {
                text.push_str(&String::from_utf8_lossy(&bytes));
                if text.ends_with("ready\n") {
                    return true;
                }
            }
            false
        };
        match tokio::time::timeout(place.limit(), begun).await {
            Ok(true) => {}
            Ok(false) => {
                let said = running.await.unwrap_or_else(|_| Ok(Said::default()));
                return Err(self.manual.refused(&said.map_err(denied)?));
            }
            Err(_) => return Err(place.timed_out()),
        }
        let pid: u32 = text.split_whitespace().next().unwrap_or_default().parse().unwrap_or(0);
        let said = place.ask_as_root(format!("cat /proc/{pid}/task/{pid}/children")).await?;
        match said.stdout.split_whitespace().next().map(str::parse) {
            Some(Ok(leader)) => Ok(Kept { leader, cancel, running, _ends_with_this: guard }),
            _ => Err(TransportError::Failed {
                message: format!("the container of {} has no process", self.path),
            }),
        }
    }
}

#[async_trait]
impl Engine for Nspawn {
    async fn find(&self, place: &Place) -> Result<Vec<String>, TransportError> {
        let mut kept = self.kept.lock().await;
        let leader = match &*kept {
            Some(kept) if kept.running.is_finished() => {
                return Err(TransportError::unreachable(Unreachable::Lost, "its container ended"));
            }
            Some(kept) => kept.leader,
            None => kept.insert(self.start(place).await?).leader,
        };
        let mut found = place.root().await?;
        found.extend(spaces::enter(leader));
        Ok(found)
    }

    fn on_terminal(&self, found: &[String]) -> Vec<String> {
        spaces::on_terminal(found)
    }

    async fn close(&self) {
        if let Some(kept) = self.kept.lock().await.take() {
            kept.cancel.cancel();
            let _ = tokio::time::timeout(END_LIMIT, kept.running).await;
        }
    }
}

/// Passes standard output on and keeps the rest.
struct Tell {
    sender: mpsc::UnboundedSender<Vec<u8>>,
    said: Said,
}

impl Sink for Tell {
    fn stdout(&mut self, bytes: &[u8]) {
        // Nobody listens any more once the container has begun.
        let _ = self.sender.send(bytes.to_vec());
    }

    fn stderr(&mut self, bytes: &[u8]) {
        self.said.stderr(bytes);
    }
}
