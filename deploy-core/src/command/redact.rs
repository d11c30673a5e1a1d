//! [`Redactor`]: takes the secrets of a command out of what the command itself prints.
//!
//! Knows values and bytes, nothing of where they come from or go to.

use std::borrow::Cow;
use std::sync::Arc;

use super::quote;

/// What stands in place of a secret.
const HIDDEN: &[u8] = b"<secret>";

/// A shorter secret is in too many words that are none.
const SHORTEST: usize = 4;

/// The same for a line of a secret that has several: a key or a whole file has lines such as `else` too.
const SHORTEST_LINE: usize = 8;

/// Finds known secrets in output. Each line of one that has several is looked for by itself, because output is shown by lines.
#[derive(Default)]
pub(crate) struct Redactor {
    /// The longest first, so that of two that begin alike the whole one is found.
    patterns: Vec<Vec<u8>>,
    /// Whether any begins with this byte.
    begins: Vec<bool>,
}

impl Redactor {
    pub(crate) fn new(secrets: impl IntoIterator<Item = Arc<[u8]>>) -> Self {
        let mut patterns = Vec::new();
        for secret in secrets {
            let secret = secret.trim_ascii();
            let shortest = if secret.contains(&b'\n') { SHORTEST_LINE } else { SHORTEST };
            let lines = secret.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
            for line in lines.filter(|line| line.len() >= shortest) {
                // As a shell that traces its commands shows it.
                if line.contains(&b'\'') {
                    patterns.push(quote::quoted(line));
                }
                patterns.push(line.to_vec());
            }
        }
        if patterns.is_empty() {
            return Self::default();
        }
        // What is hidden already stays as it is, even where the secret is the word `secret`.
        patterns.push(HIDDEN.to_vec());
        patterns.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        patterns.dedup();
        let mut begins = vec![false; 256];
        for pattern in &patterns {
            begins[usize::from(pattern[0])] = true;
        }
        Self { patterns, begins }
    }

    /// Of what is handed on in pieces, how many bytes at the end of one may be the beginning of a secret.
    pub(crate) fn overlap(&self) -> usize {
        self.patterns.first().map_or(0, |longest| longest.len() - 1)
    }

    /// `bytes` without secrets.
    pub(crate) fn bytes<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        if self.patterns.is_empty() {
            return Cow::Borrowed(bytes);
        }
        let mut clean: Option<Vec<u8>> = None;
        let (mut at, mut kept) = (0, 0);
        while at < bytes.len() {
            let rest = &bytes[at..];
            let found = match self.begins[usize::from(rest[0])] {
                true => self.patterns.iter().find(|pattern| rest.starts_with(pattern)),
                false => None,
            };
            match found {
                Some(pattern) => {
                    let clean = clean.get_or_insert_with(Vec::new);
                    clean.extend_from_slice(&bytes[kept..at]);
                    clean.extend_from_slice(HIDDEN);
                    at += pattern.len();
                    kept = at;
                }
                None => at += 1,
            }
        }
        match clean {
            Some(mut clean) => {
                clean.extend_from_slice(&bytes[kept..]);
                Cow::Owned(clean)
            }
            None => Cow::Borrowed(bytes),
        }
    }

    /// The same for text.
    pub(crate) fn text(&self, text: String) -> String {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => text,
            Cow::Owned(clean) => String::from_utf8_lossy(&clean).into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Redactor;

    fn redactor(secrets: &[&str]) -> Redactor {
        Redactor::new(secrets.iter().map(|secret| secret.as_bytes().into()))
    }

    #[test]
    fn known_values_are_hidden_and_nothing_else() {
        for (secrets, text, expected) in [
            (&["hunter2"][..], "a=hunter2,hunter2hunter", "a=<secret>,<secret>hunter"),
            (&["hunt", "hunter2"], "hunter2 hunter", "<secret> <secret>er"),
            (&["abc"], "abc", "abc"),
            (&[""], "x", "x"),
            (&[" padded\n"], "(padded)", "(<secret>)"),
            (&["it's a secret"], r"+ 'it'\''s a secret' it's a secret", "+ <secret> <secret>"),
            (&["secret"], "<secret> secret", "<secret> <secret>"),
            (&["BEGIN KEY\nelse\nMIIBVgIBADAN\n"], "MIIBVgIBADAN else", "<secret> else"),
            (&["schlüssel"], "ein schlüssel ü", "ein <secret> ü"),
        ] {
            assert_eq!(redactor(secrets).text(text.to_owned()), expected, "{secrets:?}");
        }
    }
}
