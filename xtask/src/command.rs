//! Running other programs: with their output kept, or shown as it comes.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::error::{Context, Result, failed};

/// Runs a program and returns what it wrote; a failure carries its last words.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    output_with_input(command, "")
}

/// Like [`output`], with a text on standard input.
pub(crate) fn output_with_input(command: &mut Command, input: &str) -> Result<String> {
    let shown = show(command);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context(format_args!("run {shown}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input is not an error; its exit code tells.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().context(format_args!("wait for {shown}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(failed(format!("{shown}: {}: {}", output.status, words.trim())))
}

/// Runs a program with its output on our terminal; true when it succeeded.
pub(crate) fn shown(command: &mut Command) -> Result<bool> {
    let shown = show(command);
    println!("+ {shown}");
    Ok(command.status().context(format_args!("run {shown}"))?.success())
}

/// True when a program of that name can be started from `PATH`.
pub(crate) fn exists(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

fn show(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy()));
    words.join(" ")
}
