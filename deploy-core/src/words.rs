//! Words of a path or a command line as text, and back: [`join`] and [`split`] are each other's inverse.
//!
//! Knows no nodes. What a host's shell reads is `command::quote`'s business.

use std::borrow::Cow;

/// A quote that is not closed.
#[derive(Debug)]
pub(crate) struct Unclosed;

/// Words separated by blanks, with single and double quotes and backslashes as in a POSIX shell, and nothing else of it: no
/// variables, no globs, no comments.
pub(crate) fn split(text: &str) -> Result<Vec<String>, Unclosed> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or(Unclosed)? {
                        '\'' => break,
                        inside => word.push(inside),
                    }
                }
            }
            '"' => in_double_quotes(&mut chars, word.get_or_insert_default())?,
            '\\' => match chars.next() {
                // The line goes on.
                Some('\n') => {}
                Some(escaped) => word.get_or_insert_default().push(escaped),
                None => word.get_or_insert_default().push('\\'),
            },
            c if is_blank(c) => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// There a backslash is one unless something follows that would mean something (POSIX, Shell Command Language, 2.2.3).
fn in_double_quotes(
    chars: &mut impl Iterator<Item = char>,
    word: &mut String,
) -> Result<(), Unclosed> {
    loop {
        match chars.next().ok_or(Unclosed)? {
            '"' => return Ok(()),
            '\\' => match chars.next().ok_or(Unclosed)? {
                '\n' => {}
                special @ ('$' | '`' | '"' | '\\') => word.push(special),
                other => word.extend(['\\', other]),
            },
            inside => word.push(inside),
        }
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// The words as one text that [`split`] and a shell read back.
pub(crate) fn join<S: AsRef<str>>(words: &[S]) -> String {
    words.iter().map(|word| quoted(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// One word as text: as it is, if it can be.
pub(crate) fn quoted(word: &str) -> Cow<'_, str> {
    // Brackets and stars are what patterns of cells are written with.
    let plain = |c: char| c.is_alphanumeric() || "_-./:,@%+=[]*?".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::{join, quoted, split};

    #[test]
    fn words_are_split_as_a_shell_would() {
        for (text, words) in [
            ("a  'b c' d\\ e \"\"", &["a", "b c", "d e", ""][..]),
            (r#""a\"b" "c\d" "e\\f""#, &["a\"b", r"c\d", r"e\f"]),
            (r"'a\b' c'd e'f", &[r"a\b", "cd ef"]),
            ("\"a\\\nb\" c\\\nd", &["ab", "cd"]),
            ("a\u{a0}b", &["a\u{a0}b"]),
        ] {
            assert_eq!(split(text).unwrap(), words, "{text}");
        }
        for text in ["a 'b", "a \"b", "\"b\\"] {
            assert!(split(text).is_err(), "{text}");
        }
    }

    #[test]
    fn words_are_quoted_only_if_they_have_to_be() {
        assert_eq!(quoted("web:web[1-3]"), "web:web[1-3]");
        assert_eq!(quoted("time"), "time");
        assert_eq!(join(&["web:my host", "", "it's"]), r"'web:my host' '' 'it'\''s'");
    }
}
