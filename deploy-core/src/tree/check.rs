//! Mistakes of the whole tree, which no single `#[node]` can see.

use super::{NodeRef, Tree};
use crate::{Error, Result};

/// Finds names that stand for two things.
pub(super) fn check(tree: &Tree) -> Result {
    let mistakes: Vec<String> =
        tree.walk().flat_map(|node| names(&node).into_iter().chain(hooks(&node))).collect();
    if mistakes.is_empty() { Ok(()) } else { Err(Error::usage(mistakes.join("\n"))) }
}

/// A hook that would never be called.
fn hooks(node: &NodeRef) -> Option<String> {
    let (mut spec, mut inherited) = (node.spec(), false);
    loop {
        if !spec.hooks().is_empty() && (inherited || node.parent().is_some()) {
            return Some(format!(
                "`{}` has hooks and is not the root of the tree: they would never be called",
                spec.type_name
            ));
        }
        (spec, inherited) = (spec.base()?, true);
    }
}

fn names(node: &NodeRef) -> Vec<String> {
    let place = match node.path() {
        path if path.is_empty() => "the root".to_owned(),
        path => format!("`{path}`"),
    };
    let mut mistakes = Vec::new();
    for child in node.children() {
        let name = child.bare_name();
        if let Some(action) = node.action(name) {
            mistakes.push(format!(
                "{place} has a node `{name}` that hides its action `{}`",
                action.name
            ));
        }
    }
    let actions = node.actions();
    for (index, action) in actions.iter().enumerate() {
        for alias in action.aliases {
            if actions[..index].iter().any(|other| other.is_called(alias)) {
                mistakes.push(format!("{place} has two actions that are called `{alias}`"));
            }
        }
    }
    mistakes
}
