//! `podman:NAME`: a running container, by name or id, of the user who runs this (rootless or root's, as podman keeps
//! them apart); `podman:USER@NAME` for another user inside. The image needs a POSIX `sh`.

use super::docker::Container;
use super::register_engine;

register_engine!("podman", "podman+ssh", |address, user| Ok(Box::new(Container::new(
    "podman", address, user
)?)));
