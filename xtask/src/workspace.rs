//! Where the workspace is.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::error::{Context, Result, failed};

/// The workspace's root directory.
///
/// It is found at run time, because several checkouts may share one target directory and so one binary.
pub(crate) fn root() -> Result<PathBuf> {
    let root = match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(package) => Path::new(&package).parent().map(Path::to_path_buf),
        None => {
            let manifest = command::output(Command::new("cargo").args([
                "locate-project",
                "--workspace",
                "--message-format",
                "plain",
            ]))?;
            Path::new(manifest.trim()).parent().map(Path::to_path_buf)
        }
    };
    let root = root.ok_or_else(|| failed("the workspace has no root directory"))?;
    root.canonicalize().context(format_args!("find {}", root.display()))
}
