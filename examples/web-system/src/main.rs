//! A whole system: a web service on this machine (staging), or on nine hosts (production).
//!
//! Owns the tree's root: which hosts there are and what differs between the two. What a component does is in its own
//! file.

mod application;
mod balancer;
mod control;
mod database;
mod health;
mod postgres;
mod service;
mod summary;
mod system;
mod web;

use deploy_core::prelude::*;

use crate::system::{Stage, WebSystem};

#[node(main)]
struct Root {
    /// Everything on this machine, without root.
    #[group(staging)]
    #[node(
        repository = control::repository(),
        stage = Stage::Staging,
        directory = control::staging_directory(),
        listen = control::staging_address()
    )]
    #[hosts(web = [Host::local()], master_db = [Host::local()], ..)]
    staging: WebSystem,

    /// Nine hosts.
    #[group(production)]
    #[node(
        repository = control::repository(),
        stage = Stage::Production,
        directory = "/srv/web-service",
        listen = "0.0.0.0:8080"
    )]
    #[hosts(
        load_balancer = ["lb[0-1]"],
        web = ["web[1-3]"],
        master_db = ["db1"],
        slave_db = ["db2"],
        queue = ["queue"],
        cache = ["cache"]
    )]
    production: WebSystem,
}
