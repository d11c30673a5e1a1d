//! `chroot:/path`: a directory tree, through `chroot`. Needs root, or sudo without a password. Commands start with root's `HOME`, the usual
//! `PATH` and nothing else of the environment outside. Nothing is mounted there: `/proc`, `/dev` and the like are the
//! user's business (without `/proc`, a command that was cancelled while it did not read its input may be left over).

use async_trait::async_trait;

use super::place::{Manual, Place};
use super::{Engine, register_engine, spaces, tree};
use crate::command::quote::quoted;
use crate::error::Unreachable;
use crate::transport::TransportError;

register_engine!("chroot", "chroot+ssh", |address, _| Ok(Box::new(Tree::new(address)?)));

struct Tree {
    path: String,
    manual: Manual,
}

const PHRASES: &[(&str, Unreachable)] = &[
    ("no such tree", Unreachable::NoContainer),
    ("operation not permitted", Unreachable::EngineDenied),
    ("failed to run command", Unreachable::NoContainer),
];

impl Tree {
    fn new(address: &str) -> Result<Self, String> {
        let path = tree(address)?.to_owned();
        let manual = Manual {
            program: "chroot",
            list: format!("ls -l {path}/bin/sh"),
            start: String::new(),
            phrases: PHRASES,
        };
        Ok(Self { path, manual })
    }
}

#[async_trait]
impl Engine for Tree {
    async fn find(&self, place: &Place) -> Result<Vec<String>, TransportError> {
        let mut found = place.root().await?;
        found.extend(spaces::clean());
        found.extend(super::words(["chroot", &self.path]));
        let path = String::from_utf8_lossy(&quoted(self.path.as_bytes())).into_owned();
        let said = place
            .ask_as_root(format!(
                "[ -d {path} ] || {{ echo no such tree: {path} >&2; exit 1; }}; \
                 PATH={} chroot {path} sh -c :",
                spaces::PATH
            ))
            .await?;
        if said.success() { Ok(found) } else { Err(self.manual.refused(&said)) }
    }

    fn on_terminal(&self, found: &[String]) -> Vec<String> {
        spaces::on_terminal(found)
    }
}
