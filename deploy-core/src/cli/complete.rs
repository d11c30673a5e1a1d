//! Completion: what a word on the command line could become, and the scripts by which shells ask for it.
//!
//! The scripts know nothing of the tree; they ask the program, so that they stay right when it changes.

use clap::Command;

use super::help::summary;
use super::words::Words;
use super::{all_hosts, lock, options};
use crate::command::quote;
use crate::spec::{ParamKind, ParamSpec};
use crate::tree::{NodeRef, Tree};
use crate::words::quoted;

/// A word, and what it is.
type Candidate = (String, String);

/// What the last of `words` could become, one a line, each with what it is behind a tab.
pub(super) fn candidates(tree: &Tree, words: &[String]) -> String {
    let Some((current, given)) = words.split_last() else { return String::new() };
    let mut text = String::new();
    for (word, about) in all(tree, given, current) {
        if word.starts_with(current.as_str()) {
            text.push_str(&format!("{word}\t{about}\n"));
        }
    }
    text
}

fn all(tree: &Tree, given: &[String], current: &str) -> Vec<Candidate> {
    let command = options::command();
    let words = Words::cut(&command, given.iter().cloned());
    if let Some(values) = values_of_option(&command, tree, given) {
        return values;
    }
    let Ok((node, rest)) = tree.descend(&words.words) else { return Vec::new() };
    let action = rest.first().and_then(|name| node.action(name));
    if current.starts_with('-') {
        let own = command.get_arguments().filter(|arg| !arg.is_hide_set()).filter_map(|arg| {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            Some((format!("--{}", arg.get_long()?), help))
        });
        let params = action.map_or(&[][..], |action| action.params);
        let flags = params
            .iter()
            .filter(|param| param.kind == ParamKind::Flag)
            .map(|param| (format!("--{}", param.name.replace('_', "-")), summary(param.doc)));
        return flags.chain(own).collect();
    }
    if action.is_none() && rest == [lock::NAME] {
        return lock::WORKS.map(|(work, about)| (work.to_owned(), about.to_owned())).into();
    }
    match action {
        Some(action) => values_of_param(action.params, rest.len() - 1),
        None if rest.is_empty() => names(&node, current),
        None => Vec::new(),
    }
}

/// Children and actions of a node; cells behind a colon.
fn names(node: &NodeRef, current: &str) -> Vec<Candidate> {
    if let Some((name, _)) = current.split_once(':') {
        let Ok(child) = node.child(name) else { return Vec::new() };
        return child
            .cells()
            .into_iter()
            .map(|cell| (quoted(&format!("{name}:{cell}")).into_owned(), String::new()))
            .collect();
    }
    let children = node
        .children()
        .into_iter()
        .filter(|child| !child.is_private() || node.is_private() || current.starts_with('_'))
        .map(|child| (quoted(child.bare_name()).into_owned(), summary(child.doc())));
    let actions = node
        .actions()
        .into_iter()
        .map(|action| (quoted(action.name).into_owned(), summary(action.doc)));
    children.chain(actions).collect()
}

fn values_of_param(params: &'static [ParamSpec], index: usize) -> Vec<Candidate> {
    let mut words = params.iter().filter(|param| param.kind != ParamKind::Flag);
    let param = words
        .clone()
        .nth(index)
        .or_else(|| words.next_back().filter(|last| last.kind == ParamKind::Rest));
    let values = param.map(ParamSpec::values).unwrap_or_default();
    values.into_iter().map(|value| (value, String::new())).collect()
}

/// What the option before takes; empty if that is anything, such as a file.
fn values_of_option(command: &Command, tree: &Tree, given: &[String]) -> Option<Vec<Candidate>> {
    let name = given.last()?.strip_prefix("--")?;
    let option = command.get_arguments().find(|arg| arg.get_long() == Some(name))?;
    if !option.get_action().takes_values() {
        return None;
    }
    let values = match name {
        "hosts" | "exclude" => all_hosts(tree),
        _ => option.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect(),
    };
    Some(values.into_iter().map(|value| (value, String::new())).collect())
}

/// The script that makes a shell ask `program`.
pub(super) fn script(shell: &str, program: &str) -> String {
    let script = match shell {
        "zsh" => include_str!("complete/zsh.sh"),
        "fish" => include_str!("complete/fish.sh"),
        _ => include_str!("complete/bash.sh"),
    };
    let function: String =
        program.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let program = quote::quoted(program.as_bytes());
    script.replace("FUNCTION", &function).replace("PROGRAM", &String::from_utf8_lossy(&program))
}
