//! Files of hosts: TOML, YAML and JSON of one shape.

use super::listing::{Listing, Written};
use super::{Mistake, expand};

/// Reads a file; its name says what it is.
pub(super) fn read(path: &str) -> Result<Listing, Mistake> {
    let format = path.rsplit_once('.').map_or("", |(_, format)| format);
    let parse = match format {
        "toml" => toml,
        "yaml" | "yml" => yaml,
        "json" => json,
        _ => {
            let hint = "its name ends in .toml, .yaml, .yml or .json";
            return Err(Mistake::new("what kind of file this is cannot be told", hint));
        }
    };
    let text = std::fs::read_to_string(expand(path)).map_err(|error| {
        let here =
            std::env::current_dir().map_or_else(|_| ".".to_owned(), |it| it.display().to_string());
        let hint = format!("a relative path is below the working directory, {here}");
        Mistake::new(format!("cannot be read: {error}"), hint)
    })?;
    listing(&text, parse(&text)?)
}

/// The hosts that are written, with the lines of mistakes.
pub(super) fn listing(text: &str, written: Written) -> Result<Listing, Mistake> {
    Listing::new(&written, |after, word| line_of(text, after, word))
}

/// The line with `word`, the first from where `after` is mentioned on.
fn line_of(text: &str, after: &str, word: &str) -> Option<usize> {
    let from = text.lines().position(|line| line.contains(after)).unwrap_or(0);
    text.lines().skip(from).position(|line| line.contains(word)).map(|at| from + at + 1)
}

pub(super) fn json(text: &str) -> Result<Written, Mistake> {
    serde_json::from_str(text).map_err(|error| {
        let words = error.to_string();
        // The line is said by us.
        let words = words.split(" at line ").next().unwrap_or_default();
        Mistake::new(words, "").at(Some(error.line()).filter(|line| *line > 0))
    })
}

#[cfg(feature = "toml")]
fn toml(text: &str) -> Result<Written, Mistake> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| text[..span.start].matches('\n').count() + 1);
        Mistake::new(error.message(), "").at(line)
    })
}

#[cfg(feature = "yaml")]
fn yaml(text: &str) -> Result<Written, Mistake> {
    // The short form, without a copy of the lines around it.
    serde_saphyr::from_str(text).map_err(|error| {
        let line = error.location().map(|location| location.line() as usize);
        let error = error.without_snippet().to_string();
        Mistake::new(error.lines().next().unwrap_or_default(), "").at(line)
    })
}

#[cfg(not(feature = "toml"))]
fn toml(_: &str) -> Result<Written, Mistake> {
    Err(left_out("toml"))
}

#[cfg(not(feature = "yaml"))]
fn yaml(_: &str) -> Result<Written, Mistake> {
    Err(left_out("yaml"))
}

#[cfg(not(all(feature = "toml", feature = "yaml")))]
fn left_out(feature: &str) -> Mistake {
    let hint = format!("turn the feature `{feature}` of deploy-contrib on in Cargo.toml");
    Mistake::new(format!("this program was built without {feature}"), hint)
}
