//! The hosts that an ssh_config names. Only their names: what is said of them is ssh's own business, when it connects.

use std::path::{Path, PathBuf};

use deploy_core::prelude::*;

use super::listing::Listing;
use super::{Mistake, expand};

/// How deep files may include others, as in ssh.
const DEPTH: usize = 16;

/// Reads the file and those that it includes.
pub(super) fn read(path: Option<&str>) -> Result<Listing, Mistake> {
    let mut names = Vec::new();
    names_of(&expand(path.unwrap_or("~/.ssh/config")), 0, &mut names)?;
    Ok(Listing::of(names.iter().map(Host::ssh).collect()))
}

fn names_of(path: &Path, depth: usize, names: &mut Vec<String>) -> Result<(), Mistake> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Mistake::new(format!("cannot read {}: {error}", path.display()), ""))?;
    for (keyword, words) in text.lines().filter_map(entry) {
        match keyword.to_ascii_lowercase().as_str() {
            "host" => {
                let is_name = |word: &&String| !word.contains(['*', '?']) && !word.starts_with('!');
                names.extend(words.iter().filter(is_name).cloned());
            }
            "include" if depth < DEPTH => {
                for file in words.iter().flat_map(|word| included(word)) {
                    names_of(&file, depth + 1, names)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// What a line sets, and to which words.
pub(super) fn entry(line: &str) -> Option<(&str, Vec<String>)> {
    let line = line.trim();
    let end = line.find(|c: char| c.is_whitespace() || c == '=')?;
    let (keyword, rest) = line.split_at(end);
    if keyword.starts_with('#') {
        return None;
    }
    let rest = rest.trim_start();
    Some((keyword, words(rest.strip_prefix('=').unwrap_or(rest))))
}

/// The words of a line, which may stand in quotes.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut any) = (Vec::new(), String::new(), false, false);
    for c in text.chars() {
        match c {
            '"' => (quoted, any) = (!quoted, true),
            '#' if !quoted && !any => break,
            c if c.is_whitespace() && !quoted => {
                if std::mem::take(&mut any) {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => {
                word.push(c);
                any = true;
            }
        }
    }
    words.extend(any.then_some(word));
    words
}

/// The files that an `Include` means: relative ones are in `~/.ssh`, and the last part may have `*` and `?`.
fn included(word: &str) -> Vec<PathBuf> {
    let path = match word.starts_with(['/', '~']) {
        true => expand(word),
        false => expand("~/.ssh/").join(word),
    };
    let (Some(directory), Some(name)) =
        (path.parent(), path.file_name().and_then(|it| it.to_str()))
    else {
        return Vec::new();
    };
    let Ok(pattern) = deploy_core::host::Pattern::parse(name) else { return Vec::new() };
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_str().is_some_and(|it| pattern.matches(it)))
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_as_ssh_does() {
        let entries =
            |text: &str| entry(text).map(|(keyword, words)| format!("{keyword} {words:?}"));
        for (line, expected) in [
            ("Host web1 web2", r#"Host ["web1", "web2"]"#),
            ("  host=web1", r#"host ["web1"]"#),
            ("Host = \"web 1\" web2 # the first", r#"Host ["web 1", "web2"]"#),
        ] {
            assert_eq!(entries(line).unwrap(), expected);
        }
        assert_eq!(entries("# Host web1"), None);
        assert_eq!(entries(""), None);
    }
}
