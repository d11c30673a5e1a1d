//! One ssh master for each host, so that clients which cannot keep connections of their own have warm ones.

use std::process::Command;

use super::Fleet;
use crate::command;
use crate::error::Result;

/// Connects to every host; the masters stay until the fleet goes.
pub(super) fn start(fleet: &Fleet) -> Result<()> {
    let hosts: String = fleet.names(fleet.hosts()).map(|name| name + "\n").collect();
    let mut xargs = Command::new("xargs");
    xargs.args(["-P32", "-I{}", "ssh", "-F"]).arg(fleet.mux_config());
    xargs.args(["-o", "ControlMaster=yes", "-o", "ControlPersist=yes", "-Nf", "{}"]);
    command::output_with_input(&mut xargs, &hosts).map(drop)
}

/// Ends them. One that is gone already is no matter.
pub(super) fn stop(fleet: &Fleet) {
    let hosts: String = fleet.names(fleet.hosts()).map(|name| name + "\n").collect();
    let mut xargs = Command::new("xargs");
    xargs.args(["-P8", "-I{}", "ssh", "-F"]).arg(fleet.mux_config()).args(["-O", "exit", "{}"]);
    let _ = command::output_with_input(&mut xargs, &hosts);
}
