//! What a dry run shows of texts that would change.

use super::local::{Kind, Tree};
use super::plan::Plan;
use super::remote::{Found, below_top};
use crate::Result;
use crate::command::{Cmd, RemotePath};
use crate::hosts::Host;
use crate::hosts::files::script;
use crate::operation::Plan as Difference;

/// A file longer than this, here or there, is not shown.
const FILE: u64 = 64 << 10;

/// No more than this is fetched.
const ALL: u64 = 512 << 10;

/// Prints the files that are named, one behind the other.
const CONTENTS: &str = r#"CDPATH= cd -- "$1" && shift && cat -- "$@""#;

/// Unified diffs of the texts that would be replaced, as far as they are short. Files that not everybody may read here are never shown.
pub(super) async fn of(
    host: &Host,
    path: &RemotePath,
    tree: &Tree,
    plan: &Plan,
    found: &Found,
) -> Result<String> {
    let mut left = ALL;
    let mut wanted = Vec::new();
    for &index in &plan.changed {
        let entry = &tree.entries[index];
        let Some(there) = found.entries.get(&entry.path) else { continue };
        let Kind::File { content: Some(content), .. } = &entry.kind else { continue };
        let is_short = entry.size().max(there.size) <= FILE && there.size <= left;
        let Ok(name) = String::from_utf8(below_top(&entry.path)) else { continue };
        if is_short && entry.mode & 0o004 != 0 && there.mode & 0o004 != 0 {
            left -= there.size;
            wanted.push((name, there, content));
        }
    }
    if wanted.is_empty() {
        return Ok(String::new());
    }
    let names: Vec<&String> = wanted.iter().map(|(name, ..)| name).collect();
    let contents = script::command(CONTENTS, path).lit(" ").words(&names);
    let contents = contents.described_as(format!("read {} files in {path}", wanted.len()));
    let output = host.probe(contents).await?;
    let total: u64 = wanted.iter().map(|(_, there, _)| there.size).sum();
    if output.stdout.len() as u64 != total {
        // They are being written to, so what belongs to which is not known.
        return Ok(String::new());
    }
    let mut old = &output.stdout[..];
    let mut difference = Difference::nothing().step("replace", Cmd::new());
    for (name, there, content) in wanted {
        let (its, rest) = old.split_at(usize::try_from(there.size).unwrap_or(old.len()));
        old = rest;
        let top = path.as_str().trim_end_matches('/');
        let name = format!("{top}/{}", name.trim_start_matches("./"));
        difference = difference.content(&name, its, content);
    }
    Ok(difference.diff())
}
