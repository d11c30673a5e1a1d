//! No tracked file holds what a merge that somebody has not finished leaves in it.

use std::path::Path;
use std::process::Command;

use crate::check::Checks;
use crate::command;
use crate::error::Result;

const NAME: &str = "conflict markers";

/// Looks through all tracked files.
pub(crate) fn check(checks: &mut Checks, root: &Path) -> Result<()> {
    let mut git = Command::new("git");
    let list = match command::output(git.arg("-C").arg(root).args(["ls-files", "-z"])) {
        Ok(list) => list,
        Err(error) => {
            checks.skipped(NAME, format!("this is no checkout: {error}"));
            return Ok(());
        }
    };
    let mut found = Vec::new();
    for name in list.split_terminator('\0') {
        // What is tracked and not there, or no file, holds no text.
        let Ok(bytes) = std::fs::read(root.join(name)) else { continue };
        found
            .extend(markers(&String::from_utf8_lossy(&bytes)).map(|line| format!("{name}:{line}")));
    }
    match found.is_empty() {
        true => checks.passed(NAME),
        false => checks.failed(NAME, found.join(", ")),
    }
    Ok(())
}

/// The lines that hold one, counted from 1. What stands between the two sides is a heading in many texts, so that it alone is none.
fn markers(text: &str) -> impl Iterator<Item = usize> {
    let is_marker = |line: &str| {
        ["<", ">", "|"].iter().any(|sign| {
            line.strip_prefix(&sign.repeat(7)).is_some_and(|rest| rest.starts_with(' '))
        })
    };
    text.lines().enumerate().filter(move |(_, line)| is_marker(line)).map(|(index, _)| index + 1)
}

#[cfg(test)]
mod tests {
    use super::markers;

    #[test]
    fn what_a_merge_leaves_is_found() {
        // Put together here, so that this file holds none itself.
        let sign = |sign: &str| sign.repeat(7);
        let text = format!(
            "a\n{} ours\nb\n{} base\n{}\nc\n{} theirs\n",
            sign("<"),
            sign("|"),
            sign("="),
            sign(">")
        );
        assert_eq!(markers(&text).collect::<Vec<_>>(), [2, 4, 7]);
        assert_eq!(markers("Title\n=======\n> quoted\n<<<<<<<<< x\n").count(), 0);
    }
}
