//! `cargo xtask ci`: everything that a change must pass.

use std::process::ExitCode;

use crate::check::Checks;
use crate::conflicts;
use crate::error::Result;
use crate::test::{self, cargo};
use crate::workspace;

/// Runs all checks, also after one failed.
pub(crate) fn run() -> Result<ExitCode> {
    let mut checks = Checks::default();
    conflicts::check(&mut checks, &workspace::root()?)?;
    checks.step("formatting", cargo()?.args(["fmt", "--all", "--check"]))?;
    checks.step(
        "lints",
        cargo()?.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    )?;
    checks.step(
        "documentation",
        cargo()?.args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    test::steps(&mut checks)?;
    Ok(checks.finish())
}
