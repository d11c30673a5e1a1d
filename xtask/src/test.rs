//! `cargo xtask test`: all tests, those on lab hosts included.

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::check::Checks;
use crate::command;
use crate::error::{Context, Error, Result};
use crate::lab;
use crate::workspace;

/// The hosts that lab tests may use.
const HOSTS: [&str; 9] = ["lb0", "lb1", "web1", "web2", "web3", "db1", "db2", "queue", "cache"];

/// Set to `require`, this makes it a failure when lab tests, or the browser's, cannot run.
const LAB_VARIABLE: &str = "DEPLOY_LAB";

/// Tells lab tests how to reach the hosts.
const SSH_CONFIG_VARIABLE: &str = "DEPLOY_LAB_SSH_CONFIG";

/// Runs all tests.
pub(crate) fn run() -> Result<ExitCode> {
    let mut checks = Checks::default();
    steps(&mut checks)?;
    Ok(checks.finish())
}

/// The steps, for `ci` too.
pub(crate) fn steps(checks: &mut Checks) -> Result<()> {
    let root = workspace::root()?;
    browser(checks);
    if command::exists("cargo-nextest") {
        let mut nextest = cargo()?;
        nextest.args(["nextest", "run", "--workspace"]);
        nextest.args(["-E", "not (package(tests) and binary(lab))"]);
        checks.step("tests", &mut nextest)?;
        checks.step("doc tests", cargo()?.args(["test", "--workspace", "--doc"]))?;
    } else {
        // Without the variable, lab tests skip themselves.
        let mut test = cargo()?;
        checks.step("tests", test.args(["test", "--workspace"]).env_remove(SSH_CONFIG_VARIABLE))?;
    }
    lab(checks, &root)
}

/// Installs the browser that looks at reports. Where tests may be skipped, its test skips itself instead: it is too large
/// to be put on somebody's machine unasked.
fn browser(checks: &mut Checks) {
    if !command::exists("chromium")
        && is_required()
        && let Err(error) = lab::install(&["chromium"])
    {
        checks.failed("install chromium", error.to_string());
    }
}

/// Builds sudo-rs, which Debian has no package of yet, for the test that puts it in place of sudo. It has three dependencies.
fn sudo_rs(checks: &mut Checks, root: &Path) -> Result<()> {
    let mut install = cargo()?;
    install.args(["install", "--quiet", "--locked", "--debug", "--bin", "sudo", "--root"]);
    install.arg(root.join("target/sudo-rs")).args(["sudo-rs", "--version", "=0.2.15"]);
    if !install.status().context("build sudo-rs")?.success() {
        match is_required() {
            true => checks.failed("build sudo-rs", "see above"),
            false => checks.skipped("sudo-rs in the lab", "it cannot be built here, see above"),
        }
    }
    Ok(())
}

/// Whether it is a failure when tests cannot run.
fn is_required() -> bool {
    std::env::var(LAB_VARIABLE).is_ok_and(|value| value == "require")
}

fn lab(checks: &mut Checks, root: &Path) -> Result<()> {
    const NAME: &str = "lab tests";
    let mut test = cargo()?;
    test.args(["test", "--package", "tests", "--test", "lab"]);
    let build = test.args(["--no-run"]).status().context("build the lab tests")?;
    if !build.success() {
        checks.failed(NAME, "they do not build");
        return Ok(());
    }
    if !lab_command(root, &["down"])?.success() {
        checks.failed(NAME, "an earlier lab does not go down");
        return Ok(());
    }
    let mut up = vec!["up"];
    up.extend(HOSTS);
    let status = lab_command(root, &up)?;
    if status.success() {
        sudo_rs(checks, root)?;
        let mut test = cargo()?;
        test.args(["test", "--package", "tests", "--test", "lab", "--", "--test-threads=1"])
            .env(SSH_CONFIG_VARIABLE, root.join("target/lab/ssh_config"));
        checks.step(NAME, &mut test)?;
    } else {
        let impossible = status.code() == Some(i32::from(Error::LAB_NOT_POSSIBLE));
        match (impossible, is_required()) {
            (true, false) => checks.skipped(NAME, "a lab is not possible here, see above"),
            (true, true) => {
                checks.failed(NAME, format!("a lab is not possible here; {LAB_VARIABLE}=require"));
            }
            (false, _) => checks.failed(NAME, "the lab did not come up"),
        }
    }
    if !lab_command(root, &["down"])?.success() && status.success() {
        checks.failed("lab down", "see above");
    }
    Ok(())
}

/// Runs one of our own `lab` commands as a process, for the sake of its exit code and of cleaning up after it.
fn lab_command(root: &Path, arguments: &[&str]) -> Result<std::process::ExitStatus> {
    println!("+ cargo xtask lab {}", arguments.join(" "));
    Command::new(std::env::current_exe().context("find this program")?)
        .arg("lab")
        .args(arguments)
        .env("CARGO_MANIFEST_DIR", root.join("xtask"))
        .status()
        .context("run the lab")
}

/// cargo in the workspace's root, without what cargo has told us about ourselves.
pub(crate) fn cargo() -> Result<Command> {
    let mut command = Command::new("cargo");
    command.current_dir(workspace::root()?);
    let ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(ours) {
            command.env_remove(name);
        }
    }
    Ok(command)
}
