//! What a command line means in this tree.

use super::connect;
use super::lock::LockWork;
use super::options::{self, OnNode, Options};
use super::words::Words;
use crate::name::did_you_mean;
use crate::spec::{ActionSpec, ParamKind};
use crate::tree::{Call, NodeRef, Tree};
use crate::{Error, Result};

/// What is to be done.
#[derive(Debug)]
pub(super) enum Command {
    /// Run an action.
    Call(Call),
    /// Run a shell command on the hosts of a node.
    Run { node: NodeRef, command: String, sudo: bool, lock: bool },
    /// Show or free the deploy lock of the hosts of a node.
    Lock(NodeRef, LockWork),
    /// Say why there is nothing to do.
    Nothing(String),
    /// Open a shell on the host of a node.
    Connect(NodeRef),
    /// Show the tree below a node.
    List(NodeRef),
    /// Show what a node holds.
    Inspect(NodeRef),
    /// Show where a node is written.
    SourceCode(NodeRef),
    /// Show the help of a node or of one of its actions.
    Help(NodeRef, Option<&'static ActionSpec>),
    /// A node without anything to do.
    Alone(NodeRef),
}

impl Command {
    /// What it is in the run log: the node, and the action or option that works on its hosts.
    pub(super) fn subject(&self) -> Option<(&NodeRef, &'static str)> {
        match self {
            Self::Call(call) => Some((call.node(), call.action().name)),
            Self::Run { node, sudo: false, .. } => Some((node, "--run")),
            Self::Run { node, sudo: true, .. } => Some((node, "--run-with-sudo")),
            _ => None,
        }
    }

    /// Finds what the words name. Touches no host.
    pub(super) fn of(tree: &Tree, words: &Words, options: &Options) -> Result<Self> {
        let (node, rest) = tree.descend(&words.words)?;
        if options.on_node.is_none()
            && let Some(work) = LockWork::of(&node, rest)?
        {
            no_flags(&words.flags)?;
            return Ok(if options.help { Self::Help(node, None) } else { Self::Lock(node, work) });
        }
        let named = rest.first().map(|name| known_action(&node, name)).transpose();
        // The word that names nothing may be the value of an option that there is not.
        let action = named.map_err(|error| {
            words.flags.first().map_or(error, |flag| unknown_option(flag, None))
        })?;
        if options.help {
            return Ok(Self::Help(node, action));
        }
        if let Some(on_node) = &options.on_node {
            return on_this_node(node, action, words, options, on_node);
        }
        let args = rest.get(1..).unwrap_or_default();
        let Some(action) = action.or_else(|| node.default_action()) else {
            no_flags(&words.flags)?;
            return Ok(Self::Alone(node));
        };
        for flag in &words.flags {
            check_flag(action, flag)?;
        }
        let flags = words.flags.iter().map(String::as_str);
        // Options have been told apart from arguments already, so that no argument is taken for one now.
        let end = (!args.is_empty()).then_some("--");
        let args: Vec<&str> = flags.chain(end).chain(args.iter().map(String::as_str)).collect();
        if options.control.wants_cells() && !node.has_cells() {
            return Err(Error::usage_with_hint(
                format!("{} has no cells, so there is nothing to roll out", connect::place(&node)),
                "--batch, --batch-pause, --canary, --gate and --max-fail are about the cells of an array",
            ));
        }
        let call = node.prepare(action.name, &args)?;
        let call = match &options.control.gate {
            Some(gate) => call.gate(gate)?,
            None => call,
        };
        Ok(Self::Call(if options.around.lock { call.lock() } else { call }))
    }
}

fn on_this_node(
    node: NodeRef,
    action: Option<&ActionSpec>,
    words: &Words,
    options: &Options,
    on_node: &OnNode,
) -> Result<Command> {
    no_flags(&words.flags)?;
    if let Some(action) = action {
        return Err(Error::usage(format!(
            "`{}` is an action, and so is what the option asks for: say one of them",
            action.name
        )));
    }
    if options.control.gate.is_some() {
        return Err(Error::usage("`--gate` stands between batches of an action's cells"));
    }
    Ok(match on_node {
        OnNode::Run { command, sudo } => {
            Command::Run { node, command: command.clone(), sudo: *sudo, lock: options.around.lock }
        }
        OnNode::Connect => Command::Connect(node),
        OnNode::List => Command::List(node),
        OnNode::Inspect => Command::Inspect(node),
        OnNode::SourceCode => Command::SourceCode(node),
    })
}

fn known_action(node: &NodeRef, name: &str) -> Result<&'static ActionSpec> {
    match node.action(name) {
        Some(action) => Ok(action),
        // It is no child either, or it would have been taken for one; the error lists what there is.
        None => Err(node
            .child(name)
            .err()
            .unwrap_or_else(|| Error::usage(format!("`{name}` is a node")))),
    }
}

fn no_flags(flags: &[String]) -> Result {
    flags.first().map_or(Ok(()), |flag| Err(unknown_option(flag, None)))
}

fn check_flag(action: &ActionSpec, flag: &str) -> Result {
    let known = flags_of(action).any(|name| format!("--{name}") == flag.replace('_', "-"));
    if known { Ok(()) } else { Err(unknown_option(flag, Some(action))) }
}

fn flags_of(action: &ActionSpec) -> impl Iterator<Item = String> {
    let flags = action.params.iter().filter(|param| param.kind == ParamKind::Flag);
    flags.map(|param| param.name.replace('_', "-"))
}

fn unknown_option(flag: &str, action: Option<&ActionSpec>) -> Error {
    let name = flag.split_once('=').map_or(flag, |(name, _)| name);
    let command = options::command();
    let mut known: Vec<String> = action.into_iter().flat_map(flags_of).collect();
    known.extend(command.get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)));
    let bare = name.trim_start_matches('-');
    let guess = did_you_mean(bare, known.iter().map(String::as_str))
        .map_or_else(String::new, |guess| format!(", did you mean `--{guess}`?"));
    let hint = match action {
        Some(action) => format!(
            "usage: {}; an argument that begins with dashes stands after `--`",
            action.usage()
        ),
        None => "`--help` lists the options".to_owned(),
    };
    Error::usage_with_hint(format!("there is no option `{name}`{guess}"), hint)
}
