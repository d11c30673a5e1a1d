//! `lab list`.

use std::process::ExitCode;

use super::network;
use super::state::{Host, Paths};
use crate::error::Result;

/// Prints name, address, init and state of every host.
pub(crate) fn run(paths: &Paths) -> Result<ExitCode> {
    let Some(lab) = paths.load()? else {
        println!("There is no lab; `cargo xtask lab up NAME…` starts one.");
        return Ok(ExitCode::SUCCESS);
    };
    let links = if lab.keeper.is_alive() { network::links_up(&lab.netns)? } else { Vec::new() };
    let width = lab.hosts.iter().map(|host| host.name.len()).max().unwrap_or(0).max(4);
    println!("{:width$}  {:13}  {:8}  STATE", "NAME", "ADDRESS", "INIT");
    for host in &lab.hosts {
        let (address, init) = (host.address.to_string(), host.init.as_str());
        println!("{:width$}  {address:13}  {init:8}  {}", host.name, state(host, &links));
    }
    Ok(ExitCode::SUCCESS)
}

fn state(host: &Host, links_up: &[String]) -> &'static str {
    if !host.process.is_alive() {
        "crashed"
    } else if links_up.contains(&host.link()) {
        "up"
    } else {
        "cut"
    }
}
