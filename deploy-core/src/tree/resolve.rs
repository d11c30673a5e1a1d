//! From words to nodes and cells.

use super::node::{NodeRef, Select};
use super::{Call, Tree};
use crate::host::Pattern;
use crate::name::did_you_mean;
use crate::{Error, Result, words};

/// A path: a string as on the command line, quoted as for a shell where it has to be, or its words.
pub trait PathTokens {
    /// The words.
    ///
    /// # Errors
    /// When a quote in a string is not closed.
    fn tokens(&self) -> Result<Vec<String>>;
}

impl PathTokens for &str {
    fn tokens(&self) -> Result<Vec<String>> {
        split(self)
    }
}

impl PathTokens for String {
    fn tokens(&self) -> Result<Vec<String>> {
        split(self)
    }
}

impl PathTokens for &String {
    fn tokens(&self) -> Result<Vec<String>> {
        split(self)
    }
}

impl<S: AsRef<str>> PathTokens for &[S] {
    fn tokens(&self) -> Result<Vec<String>> {
        Ok(self.iter().map(|word| word.as_ref().to_owned()).collect())
    }
}

impl<S: AsRef<str>, const N: usize> PathTokens for [S; N] {
    fn tokens(&self) -> Result<Vec<String>> {
        self.as_slice().tokens()
    }
}

impl<S: AsRef<str>> PathTokens for &Vec<S> {
    fn tokens(&self) -> Result<Vec<String>> {
        self.as_slice().tokens()
    }
}

fn split(text: &str) -> Result<Vec<String>> {
    words::split(text)
        .map_err(|words::Unclosed| Error::usage(format!("`{text}` holds an unclosed quote")))
}

/// What a command line names.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Command {
    /// A node, and nothing to be done with it.
    Node(NodeRef),
    /// An action with its arguments; the default action if a node alone was named.
    Call(Call),
}

impl Tree {
    /// Reads `node… [action [args]]`. Nodes are taken as long as words name children.
    ///
    /// # Errors
    /// A usage error with what there is instead; no host is touched.
    pub fn command<W: AsRef<str>>(&self, words: &[W]) -> Result<Command> {
        let (node, rest) = self.descend(words)?;
        match rest.split_first() {
            Some((action, words)) => node.prepare(action.as_ref(), words).map(Command::Call),
            None => match node.default_action() {
                Some(action) => node.prepare::<&str>(action.name, &[]).map(Command::Call),
                None => Ok(Command::Node(node)),
            },
        }
    }

    /// The node that the first words name, and the words that are left.
    ///
    /// # Errors
    /// When a node has no such cell.
    pub fn descend<'w, W: AsRef<str>>(&self, words: &'w [W]) -> Result<(NodeRef, &'w [W])> {
        let mut node = self.root();
        for (index, word) in words.iter().enumerate() {
            match node.try_child(word.as_ref())? {
                Some(child) => node = child,
                None => return Ok((node, &words[index..])),
            }
        }
        Ok((node, &[]))
    }
}

impl NodeRef {
    /// The child of this name; `name:cell` or `name:pattern` picks cells of an array.
    ///
    /// # Errors
    /// A usage error with what there is instead.
    pub fn child(&self, word: &str) -> Result<Self> {
        self.try_child(word)?.ok_or_else(|| self.unknown(word))
    }

    fn try_child(&self, word: &str) -> Result<Option<Self>> {
        let children = self.children();
        if let Some(child) = children.iter().find(|child| child.bare_name() == word) {
            return Ok(Some(child.clone()));
        }
        let Some((name, cells)) = word.split_once(':') else { return Ok(None) };
        match children.into_iter().find(|child| child.bare_name() == name) {
            Some(child) => child.select(cells).map(Some),
            None => Ok(None),
        }
    }

    /// This array with the cells that a pattern such as `web[1-3]` names; `*` stands for anything.
    ///
    /// # Errors
    /// A usage error when there is no such cell, or this is no array.
    pub fn select(&self, pattern: &str) -> Result<Self> {
        if !self.is_array() {
            return Err(Error::usage(format!("`{}` has no cells to choose from", self.path())));
        }
        let all = self.all_cells();
        if all.iter().any(|name| name == pattern) {
            return Ok(self.with_cells(pattern, Select::One(pattern.to_owned())));
        }
        let parsed = Pattern::parse(pattern)?;
        for wanted in parsed.names() {
            let known = wanted.contains(['*', '?']) || all.iter().any(|name| name == wanted);
            if !known {
                return Err(self.unknown_cell(wanted, &all));
            }
        }
        let names: Vec<String> = all.iter().filter(|name| parsed.matches(name)).cloned().collect();
        if names.is_empty() {
            return Err(self.unknown_cell(pattern, &all));
        }
        Ok(self.with_cells(pattern, Select::Some(names)))
    }

    fn unknown_cell(&self, wanted: &str, all: &[String]) -> Error {
        let name = self.bare_name();
        let guess = did_you_mean(wanted, all.iter().map(String::as_str))
            .map_or_else(String::new, |guess| format!(", did you mean `{name}:{guess}`?"));
        let there = if all.is_empty() { "none".to_owned() } else { all.join(", ") };
        Error::usage_with_hint(
            format!("`{name}` has no cell `{wanted}`{guess}"),
            format!("cells of `{name}`: {there}"),
        )
    }

    /// An error for a word that names neither a child nor an action.
    pub(super) fn unknown(&self, word: &str) -> Error {
        let children: Vec<&str> = self
            .children()
            .iter()
            .filter(|child| !child.is_private())
            .map(NodeRef::bare_name)
            .collect();
        let actions: Vec<&str> = self.actions().iter().map(|action| action.name).collect();
        let guess = did_you_mean(word, children.iter().chain(&actions).copied())
            .map_or_else(String::new, |guess| format!(", did you mean `{guess}`?"));
        let lists = [("nodes", children), ("actions", actions)]
            .iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(what, names)| format!("{what}: {}", names.join(", ")))
            .collect::<Vec<_>>();
        if let Some(property) = self.properties().iter().find(|property| property.name == word) {
            return Error::usage_with_hint(
                format!("`{word}` is a property of `{}` and cannot be run", self.type_name()),
                format!("its value is `{}`; `--inspect` shows them all", property.value),
            );
        }
        let hint = if lists.is_empty() { "it has none".to_owned() } else { lists.join("\n") };
        let place = match self.path() {
            path if path.is_empty() => "there is".to_owned(),
            path => format!("`{path}` has"),
        };
        Error::usage_with_hint(format!("{place} no node or action `{word}`{guess}"), hint)
    }
}
