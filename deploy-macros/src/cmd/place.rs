//! Where in the shell's grammar each value of a literal stands.
//!
//! Quoting makes a value one word, and that protects it only where a word may stand. Inside quotes, backticks, arithmetic, a
//! here-document or a comment, and after `$` or a backslash, a quoted value can be executed (each was
//! tried), so a value there is an error. This is a scanner, not a parser: where it cannot be sure it refuses.

use super::parse::{Piece, Value};

/// What the scanner is inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    SingleQuotes,
    DoubleQuotes,
    Backticks,
    Arithmetic,
    /// `${…}`.
    Parameter,
    /// `$(…)`, with the number of plain parentheses that are open in it.
    Substitution(u32),
    /// `$(…)` in which a `case` makes parentheses ambiguous: its end is not looked for.
    CaseInSubstitution,
    Comment,
}

impl Inside {
    const fn name(self) -> &'static str {
        match self {
            Self::SingleQuotes => "inside single quotes",
            Self::DoubleQuotes => "inside double quotes",
            Self::Backticks => "inside backticks",
            Self::Arithmetic => "inside arithmetic",
            Self::Parameter => "inside `${…}`",
            Self::Comment => "in a comment",
            Self::Substitution(_) => "inside `$(…)`",
            Self::CaseInSubstitution => "in a `case` inside `$(…)`",
        }
    }

    const fn unclosed(self) -> Option<&'static str> {
        match self {
            Self::SingleQuotes => Some("`'`"),
            Self::DoubleQuotes => Some("`\"`"),
            Self::Backticks => Some("backtick"),
            Self::Arithmetic => Some("`((`"),
            Self::Parameter => Some("`${`"),
            Self::Substitution(_) => Some("`$(`"),
            Self::Comment | Self::CaseInSubstitution => None,
        }
    }
}

/// A here-document that has been announced by `<<`.
#[derive(Debug)]
struct HereDocument {
    delimiter: String,
    strip_tabs: bool,
}

#[derive(Debug, Default)]
struct Scanner {
    stack: Vec<Inside>,
    /// Announced, not yet begun.
    announced: Vec<HereDocument>,
    /// The one whose text is being read, with the line so far.
    reading: Option<(HereDocument, String)>,
    /// The characters since the last blank, for comments and keywords.
    word: String,
    /// What the last character of source was, where it matters for a value behind it.
    last: Option<Last>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Dollar,
    Backslash,
    HereDocument,
}

/// Checks that every value stands where quoting protects it, and that all quotes are closed.
pub(super) fn check(pieces: &[Piece]) -> Result<(), String> {
    let mut scanner = Scanner::default();
    for piece in pieces {
        match piece {
            Piece::Source(source) => scanner.source(source)?,
            Piece::Value(value) => scanner.value(value)?,
            Piece::Raw(_) => scanner.word.push('x'),
        }
    }
    scanner.end()
}

impl Scanner {
    fn inside(&self) -> Option<Inside> {
        self.stack.last().copied()
    }

    fn value(&mut self, value: &Value) -> Result<(), String> {
        let place = match (self.last, self.inside()) {
            _ if self.reading.is_some() => "in a here-document",
            (Some(Last::HereDocument), _) => "as the end mark of a here-document",
            (Some(Last::Dollar), _) => "after `$`",
            (Some(Last::Backslash), _) => "after a backslash",
            (_, None | Some(Inside::Substitution(_))) => {
                self.word.push('x');
                return Ok(());
            }
            (_, Some(inside)) => inside.name(),
        };
        let name = value.text();
        let fix = if place == "after `$`" {
            format!(
                "the shell's own variable is written `${{{{{name}}}}}`, a value of this program `{{{name}}}`"
            )
        } else {
            "pass it as an argument of its own, as in `cmd!(\"sh -c {script} _ {x}\")`, where the script reads it as \"$1\"".to_owned()
        };
        Err(format!("`{{{name}}}` stands {place}, where quoting cannot protect it\nnote: {fix}"))
    }

    fn end(mut self) -> Result<(), String> {
        if self.inside() == Some(Inside::Comment) {
            self.stack.pop();
        }
        if let Some(open) = self.inside().and_then(Inside::unclosed) {
            return Err(format!(
                "this command has an {open} that is not closed\nnote: a {open} that is meant as text is quoted or escaped for the shell"
            ));
        }
        let unfinished = match self.reading {
            Some((document, line)) => (!document.ends_at(&line)).then_some(document),
            None => self.announced.into_iter().next(),
        };
        unfinished.map_or(Ok(()), |document| {
            Err(format!("the here-document has no line `{}` that ends it", document.delimiter))
        })
    }

    fn source(&mut self, source: &str) -> Result<(), String> {
        let mut chars = source.chars().peekable();
        while let Some(c) = chars.next() {
            self.last = None;
            if let Some((document, line)) = &mut self.reading {
                if c != '\n' {
                    line.push(c);
                } else if document.ends_at(line) {
                    self.reading = None;
                    self.begin_here_document();
                } else {
                    line.clear();
                }
                continue;
            }
            match self.inside() {
                Some(Inside::SingleQuotes) => {
                    if c == '\'' {
                        self.stack.pop();
                    }
                }
                Some(Inside::Comment) => {
                    if c == '\n' {
                        self.stack.pop();
                        self.newline();
                    }
                }
                inside => self.open(c, inside, &mut chars)?,
            }
        }
        Ok(())
    }

    /// A character where the shell still looks for special ones.
    fn open(
        &mut self,
        c: char,
        inside: Option<Inside>,
        chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    ) -> Result<(), String> {
        let commands = matches!(
            inside,
            None | Some(Inside::Substitution(_) | Inside::CaseInSubstitution | Inside::Backticks)
        );
        match c {
            '\\' => {
                if chars.next().is_none() {
                    self.last = Some(Last::Backslash);
                }
                self.word.push('x');
                return Ok(());
            }
            '`' if inside == Some(Inside::Backticks) => drop(self.stack.pop()),
            '`' => self.stack.push(Inside::Backticks),
            '"' if inside == Some(Inside::DoubleQuotes) => drop(self.stack.pop()),
            '"' => self.stack.push(Inside::DoubleQuotes),
            '\'' if inside != Some(Inside::DoubleQuotes) => self.stack.push(Inside::SingleQuotes),
            '$' => match chars.peek() {
                Some('(') => {
                    chars.next();
                    if chars.peek() == Some(&'(') {
                        chars.next();
                        self.stack.push(Inside::Arithmetic);
                    } else {
                        self.stack.push(Inside::Substitution(0));
                        self.word.clear();
                        return Ok(());
                    }
                }
                Some('{') => {
                    chars.next();
                    self.stack.push(Inside::Parameter);
                }
                None => self.last = Some(Last::Dollar),
                Some(_) => {}
            },
            '}' if inside == Some(Inside::Parameter) => drop(self.stack.pop()),
            ')' if inside == Some(Inside::Arithmetic) && chars.peek() == Some(&')') => {
                chars.next();
                self.stack.pop();
            }
            _ if commands => return self.command(c, inside, chars),
            _ => {}
        }
        self.word.push(c);
        Ok(())
    }

    /// A character where commands may stand.
    fn command(
        &mut self,
        c: char,
        inside: Option<Inside>,
        chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    ) -> Result<(), String> {
        match (c, inside) {
            ('#', _) if self.word.is_empty() => self.stack.push(Inside::Comment),
            ('\n', _) => self.newline(),
            ('<', _) if chars.peek() == Some(&'<') => {
                chars.next();
                if chars.peek() == Some(&'<') {
                    chars.next();
                } else {
                    self.announce(chars);
                }
                self.word.clear();
            }
            ('(', _) if chars.peek() == Some(&'(') && self.word.is_empty() => {
                chars.next();
                self.stack.push(Inside::Arithmetic);
            }
            ('(', Some(Inside::Substitution(depth))) => {
                self.stack.pop();
                self.stack.push(Inside::Substitution(depth + 1));
                self.word.clear();
            }
            (')', Some(Inside::Substitution(0))) => {
                self.stack.pop();
                self.word.push('x');
            }
            (')', Some(Inside::Substitution(depth))) => {
                self.stack.pop();
                self.stack.push(Inside::Substitution(depth - 1));
                self.word.clear();
            }
            (c, _) if c.is_whitespace() || ";|&()<>".contains(c) => {
                if self.word == "case" && matches!(inside, Some(Inside::Substitution(_))) {
                    self.stack.pop();
                    self.stack.push(Inside::CaseInSubstitution);
                }
                self.word.clear();
            }
            _ => self.word.push(c),
        }
        Ok(())
    }

    fn newline(&mut self) {
        self.word.clear();
        self.begin_here_document();
    }

    fn begin_here_document(&mut self) {
        if !self.announced.is_empty() {
            self.reading = Some((self.announced.remove(0), String::new()));
        }
    }

    /// Reads the end mark behind `<<`.
    fn announce(&mut self, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
        let strip_tabs = chars.next_if_eq(&'-').is_some();
        while chars.next_if(|c| matches!(c, ' ' | '\t')).is_some() {}
        let mut delimiter = String::new();
        while let Some(c) = chars.next_if(|c| !c.is_whitespace() && !";|&()<>".contains(*c)) {
            if !matches!(c, '\'' | '"' | '\\') {
                delimiter.push(c);
            }
        }
        if delimiter.is_empty() && chars.peek().is_none() {
            self.last = Some(Last::HereDocument);
        }
        self.announced.push(HereDocument { delimiter, strip_tabs });
    }
}

impl HereDocument {
    fn ends_at(&self, line: &str) -> bool {
        let line = if self.strip_tabs { line.trim_start_matches('\t') } else { line };
        line == self.delimiter
    }
}
