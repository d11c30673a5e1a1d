//! Help at every level of the tree, made of doc comments.

use anstyle::Style;
use clap::builder::{PossibleValuesParser, StyledStr};
use clap::{Arg, ArgAction, Command};

use super::{lock, options};
use crate::report::palette::Palette;
use crate::spec::{ActionSpec, ParamKind, ParamSpec};
use crate::tree::NodeRef;
use crate::words::quoted;

const HEADING: Style = Style::new().bold().underline();
const NAME: Style = Style::new().bold();

/// Nothing is aligned further to the right than this.
const WIDEST: usize = 36;

/// The help of a node.
pub(super) fn node(program: &str, node: &NodeRef, palette: Palette) -> String {
    let mut text = doc(node.doc());
    text.push_str(&usage(program, node, what_follows(node), palette));
    text.push_str(&contents(node, palette));
    if node.action(lock::NAME).is_none() && node.child(lock::NAME).is_err() {
        let works = lock::WORKS.map(|(work, about)| (format!("lock {work}"), about.to_owned()));
        text.push_str(&table("The deploy lock", &works, palette));
    }
    text.push('\n');
    text.push_str(&rendered(&options::command().render_help(), palette));
    text
}

/// What a node holds: children, actions, cells.
pub(super) fn contents(node: &NodeRef, palette: Palette) -> String {
    let children: Vec<(String, String)> = node
        .children()
        .iter()
        .filter(|child| !child.is_private())
        .map(|child| (child.bare_name().to_owned(), summary(child.doc())))
        .collect();
    let actions: Vec<(String, String)> =
        node.actions().iter().map(|action| (action.usage(), described(action))).collect();
    let mut text = table("Nodes", &children, palette);
    text.push_str(&table("Actions", &actions, palette));
    let cells = node.cells();
    if node.is_array() && !cells.is_empty() {
        let heading = palette.paint(HEADING, "Cells:");
        let first = format!("{}:{}", node.bare_name(), cells[0]);
        text.push_str(&format!("\n{heading}\n  {}\n", cells.join(", ")));
        text.push_str(&format!("  `{}` is one of them\n", quoted(&first)));
    }
    text
}

/// The help of an action.
pub(super) fn action(
    program: &str,
    node: &NodeRef,
    action: &'static ActionSpec,
    palette: Palette,
) -> String {
    let mut text = doc(action.doc);
    text.push_str(&usage(program, node, &action.usage(), palette));
    if !action.aliases.is_empty() {
        text.push_str(&format!("\nAlso called: {}\n", action.aliases.join(", ")));
    }
    if !action.params.is_empty() {
        let command = Command::new("action")
            .disable_help_flag(true)
            .help_template("{all-args}")
            .args(arguments(action));
        text.push('\n');
        text.push_str(&rendered(&command.clone().render_help(), palette));
    }
    text.push('\n');
    let options = options::command().mut_args(|arg| {
        let replaces = arg.get_help_heading() == Some("Instead of an action");
        let hidden = replaces || arg.is_hide_set();
        arg.hide(hidden)
    });
    text.push_str(&rendered(&options.clone().render_help(), palette));
    text
}

fn what_follows(node: &NodeRef) -> &'static str {
    let children = node.children().iter().any(|child| !child.is_private());
    match (children, node.actions().is_empty()) {
        (true, true) => "<node>… <action> [arguments]",
        (true, false) => "[<node>…] <action> [arguments]",
        (false, false) => "<action> [arguments]",
        (false, true) => "",
    }
}

fn usage(program: &str, node: &NodeRef, rest: &str, palette: Palette) -> String {
    let path = node.path();
    let words: Vec<&str> = ["[options]"]
        .into_iter()
        .chain([path.as_str()])
        .chain([rest])
        .filter(|word| !word.is_empty())
        .collect();
    let heading = palette.paint(HEADING, "Usage:");
    let program = palette.paint(NAME, program);
    format!("{heading} {program} {}\n", words.join(" "))
}

fn doc(doc: &str) -> String {
    if doc.is_empty() { String::new() } else { format!("{}\n\n", doc.trim_end()) }
}

/// The first sentence of a doc comment, on one line.
pub(super) fn summary(doc: &str) -> String {
    let paragraph: Vec<&str> =
        doc.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let mut text = paragraph.join(" ");
    if let Some(end) = text.find(". ") {
        text.truncate(end + 1);
    }
    text
}

fn described(action: &ActionSpec) -> String {
    match (summary(action.doc), action.default) {
        (summary, false) => summary,
        (summary, true) => format!("{summary} (default)").trim_start().to_owned(),
    }
}

fn table(heading: &str, rows: &[(String, String)], palette: Palette) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let width = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .filter(|n| *n <= WIDEST)
        .max()
        .unwrap_or(0);
    let mut text = format!("\n{}\n", palette.paint(HEADING, format!("{heading}:")));
    for (name, about) in rows {
        let padding = " ".repeat(width.saturating_sub(name.chars().count()));
        let line = format!("  {}{padding}  {about}", palette.paint(NAME, name));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The parameters as clap shows them; it counts those that are words from one.
fn arguments(action: &'static ActionSpec) -> impl Iterator<Item = Arg> {
    let mut words = 0;
    action.params.iter().map(move |param| {
        words += usize::from(param.kind != ParamKind::Flag);
        argument(words, param)
    })
}

fn argument(index: usize, param: &'static ParamSpec) -> Arg {
    let mut help = param.doc.to_owned();
    if let Some(default) = param.default_word() {
        let separator = if help.is_empty() { "" } else { " " };
        help.push_str(&format!("{separator}[default: {default}]"));
    }
    let arg = Arg::new(param.name).help(help);
    if param.kind == ParamKind::Flag {
        let name = param.name.replace('_', "-");
        return arg.long(name).action(ArgAction::SetTrue).help_heading("Flags");
    }
    let arg = arg.index(index).required(param.kind == ParamKind::Required);
    let arg = match param.kind {
        ParamKind::Rest => arg.num_args(0..).action(ArgAction::Append),
        _ => arg,
    };
    match param.values() {
        values if values.is_empty() => arg,
        values => arg.value_parser(PossibleValuesParser::new(values)),
    }
}

fn rendered(text: &StyledStr, palette: Palette) -> String {
    let text = if palette.colored { text.ansi().to_string() } else { text.to_string() };
    format!("{}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::summary;

    #[test]
    fn a_summary_is_one_sentence_on_one_line() {
        assert_eq!(summary("Starts it\n on a host. Then more.\n\nNext."), "Starts it on a host.");
        assert_eq!(summary("Version 1.2 of it."), "Version 1.2 of it.");
        assert_eq!(summary(""), "");
    }
}
