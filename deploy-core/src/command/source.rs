//! [`Source`]: a command's shell source, piece by piece, without blanks that separate nothing.

use std::fmt;
use std::sync::Arc;

use super::word::Word;

/// The shell source of a command.
#[derive(Clone, Default)]
pub(super) struct Source {
    pieces: Vec<Piece>,
    /// Behind a value that gave no words where one could stand by itself: the blanks in front of it, which are not in the pieces. They are put
    /// back before what they still separate, so `a {x} b` is `a b`, and nothing ends in a blank.
    gap: Option<Vec<u8>>,
}

/// A stretch of it.
#[derive(Clone)]
struct Piece {
    source: Vec<u8>,
    /// The values in it that are never shown; it is shown if there are none.
    secrets: Vec<Arc<[u8]>>,
    origin: Origin,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// A literal of the program, outside of quotes where a value follows.
    Literal,
    /// A value.
    Value,
}

impl Source {
    /// Appends shell source of a literal.
    pub(super) fn literal(&mut self, source: &str) {
        let Some(gap) = self.gap.take() else {
            return self.push(source.as_bytes().to_vec(), Vec::new(), Origin::Literal);
        };
        let rest = source.trim_start_matches(BLANKS);
        if rest.is_empty() {
            self.gap = Some(gap);
            return;
        }
        // `a {x};` is `a;`. What else may follow can mean something else without a blank: of `echo 2 >f` a `2>`.
        let ends = rest.starts_with('\n')
            || (rest.len() == source.len() && rest.starts_with([';', ')', '|']));
        let mut source = if ends { Vec::new() } else { gap };
        source.extend_from_slice(rest.as_bytes());
        self.push(source, Vec::new(), Origin::Literal);
    }

    /// Appends the words of a value, separated by blanks.
    pub(super) fn words(&mut self, words: Vec<Word>) {
        if words.is_empty() {
            self.nothing();
        }
        for (index, word) in words.into_iter().enumerate() {
            if index > 0 {
                self.push(b" ".to_vec(), Vec::new(), Origin::Literal);
            }
            self.value(word.source, word.secrets);
        }
    }

    /// Appends source as it is.
    pub(super) fn raw(&mut self, source: String) {
        self.value(source.into_bytes(), Vec::new());
    }

    fn value(&mut self, source: Vec<u8>, secrets: Vec<Arc<[u8]>>) {
        if let Some(gap) = self.gap.take() {
            self.push(gap, Vec::new(), Origin::Literal);
        }
        self.push(source, secrets, Origin::Value);
    }

    fn push(&mut self, source: Vec<u8>, secrets: Vec<Arc<[u8]>>, origin: Origin) {
        if !source.is_empty() {
            self.pieces.push(Piece { source, secrets, origin });
        }
    }

    /// A value that gives no words. Behind a part of a word, as in `--name={x}`, nothing but the value is missing.
    fn nothing(&mut self) {
        if self.gap.is_some() {
            return;
        }
        let before = self.bytes();
        let blanks = unescaped_blanks(&before);
        let starts_line = match before.split_last() {
            None => true,
            Some((last, before)) => *last == b'\n' && !ends_escaping(before),
        };
        if blanks == 0 && !starts_line {
            return;
        }
        let taken = match self.pieces.last_mut() {
            Some(last) if last.origin == Origin::Literal && last.source.len() >= blanks => {
                last.source.split_off(last.source.len() - blanks)
            }
            // What somebody has put in unquoted stays as it is.
            _ => Vec::new(),
        };
        self.gap = Some(taken);
    }

    /// As a host's shell gets it, secrets included.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.pieces.iter().flat_map(|piece| piece.source.iter().copied()).collect()
    }

    /// The values in it that are never shown.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &Arc<[u8]>> {
        self.pieces.iter().flat_map(|piece| &piece.secrets)
    }
}

/// As it is shown.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            if !piece.secrets.is_empty() {
                f.write_str("<secret>")?;
            } else {
                f.write_str(&String::from_utf8_lossy(&piece.source))?;
            }
        }
        Ok(())
    }
}

const BLANKS: [char; 2] = [' ', '\t'];

/// How many blanks a text ends in that separate; one behind a backslash is a part of a word.
fn unescaped_blanks(text: &[u8]) -> usize {
    let blanks = text.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let escaped = blanks > 0 && ends_escaping(&text[..text.len() - blanks]);
    blanks - usize::from(escaped)
}

/// Whether what follows a text is escaped by a backslash at its end.
fn ends_escaping(text: &[u8]) -> bool {
    text.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}
