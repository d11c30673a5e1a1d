//! Braces of a command literal: `{value}`, `{value:raw}`, and `{{ }}` for the shell's own.

/// A stretch of the literal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Shell source, braces already single.
    Source(String),
    /// A value to be quoted.
    Value(Value),
    /// A value that is put in as it is.
    Raw(Value),
}

/// What stands between braces: a variable or a field, such as `self.repository`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// The parts between the dots; the first is a name.
    pub(super) path: Vec<String>,
}

impl Value {
    /// As written.
    pub(super) fn text(&self) -> String {
        self.path.join(".")
    }
}

/// Splits a literal at its braces.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut source = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("{{") {
            source.push('{');
            rest = after;
        } else if let Some(after) = rest.strip_prefix("}}") {
            source.push('}');
            rest = after;
        } else if let Some(after) = rest.strip_prefix('{') {
            let (inside, after) = after.split_once('}').ok_or(
                "this `{` has no `}`\nnote: a value is written `{name}`; a brace that the shell needs is written `{{`",
            )?;
            if !source.is_empty() {
                pieces.push(Piece::Source(std::mem::take(&mut source)));
            }
            pieces.push(value(inside)?);
            rest = after;
        } else if c == '}' {
            return Err("this `}` has no `{`\nnote: a brace that the shell needs is written `}}`"
                .to_owned());
        } else {
            source.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    if !source.is_empty() {
        pieces.push(Piece::Source(source));
    }
    Ok(pieces)
}

fn value(inside: &str) -> Result<Piece, String> {
    let (path, form) =
        inside.split_once(':').map_or((inside, None), |(path, form)| (path, Some(form)));
    // `{a::b}` is a path of Rust, and no form.
    let (path, form) = if inside.contains("::") { (inside, None) } else { (path, form) };
    // `{type}` stands for `r#type`, as in `format!`.
    let plain = |part: &str| part.strip_prefix("r#").unwrap_or(part).to_owned();
    let parts: Vec<String> = path.trim().split('.').map(plain).collect();
    let valid = parts
        .iter()
        .enumerate()
        .all(|(index, part)| is_name(part) || (index > 0 && is_index(part)));
    if !valid {
        return Err(format!(
            "`{{{inside}}}` holds something else than a variable or a field such as `{{url}}` or `{{self.url}}`\n\
             note: bind it first, `let value = …;`, and write `{{value}}`; braces that the shell needs are written `{{{{ }}}}`"
        ));
    }
    let value = Value { path: parts };
    match form {
        None => Ok(Piece::Value(value)),
        Some("raw") => Ok(Piece::Raw(value)),
        Some(form) => Err(format!(
            "unknown form `:{form}`\nnote: a value is written `{{{0}}}`, or `{{{0}:raw}}` to put it in unquoted",
            value.text()
        )),
    }
}

fn is_name(part: &str) -> bool {
    let mut chars = part.chars();
    part != "_"
        && chars.next().is_some_and(|c| c == '_' || c.is_alphabetic())
        && chars.all(|c| c == '_' || c.is_alphanumeric())
}

fn is_index(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}
