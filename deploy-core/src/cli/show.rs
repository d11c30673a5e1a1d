//! `--list`, `--inspect` and `--source-code`: what is known of a node without touching a host.

use std::path::Path;

use anstyle::{AnsiColor, Style};
use serde_json::json;

use super::help::summary;
use crate::report::palette::{DIM, Palette};
use crate::spec::{Color, Group};
use crate::tree::NodeRef;

const HEADING: Style = Style::new().bold();

/// The tree below a node, with its actions. Private nodes are left out, unless the node itself is private.
pub(super) fn list(node: &NodeRef, palette: Palette) -> String {
    let mut text = String::new();
    branch(node, 0, palette, &mut text);
    text
}

fn branch(node: &NodeRef, depth: usize, palette: Palette, text: &mut String) {
    let indent = "  ".repeat(depth);
    let name = palette.paint(group_style(node.group()), node.name());
    let mut line = format!("{indent}{name}");
    if node.is_array() {
        line.push_str(&format!(":[{}]", node.cells().join(", ")));
    }
    let about = summary(node.doc());
    if !about.is_empty() {
        line.push_str(&format!("  {}", palette.paint(DIM, about)));
    }
    text.push_str(&line);
    text.push('\n');
    for action in node.actions() {
        let about = match summary(action.doc) {
            none if none.is_empty() => none,
            summary => format!("  {}", palette.paint(DIM, summary)),
        };
        text.push_str(&format!("{indent}  . {}{about}\n", action.usage()));
    }
    for child in node.children() {
        if node.is_private() || !child.is_private() {
            branch(&child, depth + 1, palette, text);
        }
    }
}

fn group_style(group: Option<Group>) -> Style {
    let Some(group) = group else { return HEADING };
    let color = match group.color() {
        Color::Black => AnsiColor::Black,
        Color::Red => AnsiColor::Red,
        Color::Green => AnsiColor::Green,
        Color::Yellow => AnsiColor::Yellow,
        Color::Blue => AnsiColor::Blue,
        Color::Magenta => AnsiColor::Magenta,
        Color::Cyan => AnsiColor::Cyan,
        Color::White => AnsiColor::White,
    };
    color.on_default().bold()
}

/// The same as data.
pub(super) fn list_json(node: &NodeRef) -> serde_json::Value {
    let children = node.children();
    let shown = children.iter().filter(|child| node.is_private() || !child.is_private());
    json!({
        "name": node.name(),
        "path": node.path(),
        "type": node.type_name(),
        "doc": node.doc(),
        "group": node.group().map(|group| group.name()),
        "cells": node.is_array().then(|| node.cells()),
        "actions": node.actions().iter().map(|action| json!({
            "name": action.name,
            "aliases": action.aliases,
            "usage": action.usage(),
            "doc": action.doc,
        })).collect::<Vec<_>>(),
        "nodes": shown.map(list_json).collect::<Vec<_>>(),
    })
}

/// Hosts, properties and actions of a node.
pub(super) fn inspect(node: &NodeRef, palette: Palette) -> String {
    let heading = |text: &str| palette.paint(HEADING, text);
    let (file, line) = node.source();
    let mut text = String::new();
    let path = node.path();
    let mut field = |name: &str, value: &str| {
        text.push_str(&format!("{} {value}\n", heading(&format!("{name}:"))));
    };
    field("path", if path.is_empty() { "(the root)" } else { &path });
    field("type", node.type_name());
    field("source", &format!("{file}:{line}"));
    if let Some(group) = node.group() {
        field("group", group.name());
    }
    if node.is_array() {
        field("cells", &node.cells().join(", "));
    }
    if !node.doc().is_empty() {
        text.push_str(&format!("\n{}\n", node.doc()));
    }
    let roles: Vec<(String, String)> = node
        .roles()
        .into_iter()
        .map(|(name, hosts)| match hosts.is_empty() {
            true => (name.to_owned(), "(none)".to_owned()),
            false => (name.to_owned(), hosts.names().join(", ")),
        })
        .collect();
    text.push_str(&section(&heading("roles:"), &roles));
    let properties: Vec<(String, String)> = node
        .properties()
        .into_iter()
        .map(|property| (format!("{}: {}", property.name, property.type_name), property.value))
        .map(|(name, value)| (name, format!("= {value}")))
        .collect();
    text.push_str(&section(&heading("properties:"), &properties));
    let actions: Vec<(String, String)> =
        node.actions().into_iter().map(|action| (action.usage(), summary(action.doc))).collect();
    text.push_str(&section(&heading("actions:"), &actions));
    text
}

fn section(heading: &str, rows: &[(String, String)]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut text = format!("\n{heading}\n");
    for (name, value) in rows {
        text.push_str(format!("  {name:width$}  {value}").trim_end());
        text.push('\n');
    }
    text
}

/// The same as data.
pub(super) fn inspect_json(node: &NodeRef) -> serde_json::Value {
    let (file, line) = node.source();
    let roles = node.roles();
    let roles: serde_json::Map<String, serde_json::Value> =
        roles.iter().map(|(name, hosts)| ((*name).to_owned(), json!(hosts.names()))).collect();
    let properties: serde_json::Map<String, serde_json::Value> = node
        .properties()
        .into_iter()
        .map(|property| {
            let value = json!({
                "type": property.type_name, "value": property.value, "doc": property.doc,
            });
            (property.name.to_owned(), value)
        })
        .collect();
    json!({
        "path": node.path(),
        "type": node.type_name(),
        "source": { "file": file, "line": line },
        "group": node.group().map(|group| group.name()),
        "cells": node.is_array().then(|| node.cells()),
        "doc": node.doc(),
        "roles": roles,
        "properties": properties,
        "actions": node.actions().iter().map(|action| action.usage()).collect::<Vec<_>>(),
    })
}

/// Where a node is written, and its source if that file is here.
pub(super) fn source(node: &NodeRef) -> String {
    let (file, line) = node.source();
    let mut text = format!("{file}:{line}\n");
    let Some(source) = read(Path::new(file)) else {
        text.push_str("(the file is not here)\n");
        return text;
    };
    // The items before the next one that begins at the margin after a blank line belong to the node.
    let lines: Vec<&str> = source.lines().collect();
    let start = (line as usize).saturating_sub(1).min(lines.len());
    let end = lines[start..]
        .iter()
        .position(|line| line.starts_with('}'))
        .map_or(lines.len(), |at| start + at + 1);
    for line in &lines[start..end] {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// The compiler names files as seen from the workspace, which is here or above.
fn read(file: &Path) -> Option<String> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find_map(|directory| std::fs::read_to_string(directory.join(file)).ok())
}
