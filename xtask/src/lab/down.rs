//! `lab down`: the end of a lab, whatever state it is in.

use std::fs;
use std::io::ErrorKind;
use std::process::ExitCode;

use super::cgroup::{self, Cgroup};
use super::state::Paths;
use crate::error::{Result, failed};

/// Stops and removes everything; a second time it finds nothing to do.
pub(crate) fn run(paths: &Paths) -> Result<ExitCode> {
    let something = remove(paths)?;
    cgroup::unmount_unused()?;
    println!("{}", if something { "The lab is down." } else { "There was no lab." });
    Ok(ExitCode::SUCCESS)
}

/// True when there was something to remove.
pub(crate) fn remove(paths: &Paths) -> Result<bool> {
    // Namespaces, mounts and links end with the processes that are in them.
    let cgroup = Cgroup::of_lab(&paths.id)?;
    let something = cgroup.exists() || paths.dir.exists();
    cgroup.kill()?;
    cgroup.remove()?;
    match fs::remove_dir_all(&paths.dir) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(failed(format!("cannot remove {:?}: {error}", paths.dir)))
        }
        _ => Ok(something),
    }
}
