//! [`Redactor`]: takes the secrets that a run has used out of what its commands print.
//!
//! Knows values and bytes, nothing of where they come from or go to.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::quote;

/// What stands in place of a secret.
const HIDDEN: &[u8] = b"<secret>";

/// A shorter secret is in too many words that are none.
const SHORTEST: usize = 4;

/// The same in the output of commands that were not given it, where less speaks for its being the secret.
const SHORTEST_ELSEWHERE: usize = 6;

/// The same for a line of a secret that has several: a key or a whole file has lines such as `else` too.
const SHORTEST_LINE: usize = 8;

/// Every secret that a run has used so far. What one command was given, another may print.
#[derive(Default)]
pub(crate) struct Secrets(Mutex<Known>);

#[derive(Default)]
struct Known {
    values: HashSet<Arc<[u8]>>,
    /// Hides them all, except those that are too short for that.
    redactor: Arc<Redactor>,
}

impl Secrets {
    /// Remembers a secret that no command is given.
    pub(crate) fn learn(&self, secret: Arc<[u8]>) {
        self.lock().learn([secret]);
    }

    /// What hides the secrets of one command, and all that the run has used. It is made anew only for a new secret.
    pub(crate) fn redactor(&self, own: impl IntoIterator<Item = Arc<[u8]>>) -> Arc<Redactor> {
        let own: Vec<Arc<[u8]>> = own.into_iter().collect();
        let mut known = self.lock();
        known.learn(own.iter().cloned());
        let is_short = |secret: &Arc<[u8]>| secret.trim_ascii().len() < SHORTEST_ELSEWHERE;
        if own.iter().any(is_short) {
            let all = known.values.iter().map(|secret| (&**secret, SHORTEST_ELSEWHERE));
            return Arc::new(Redactor::new(all.chain(own.iter().map(|it| (&**it, SHORTEST)))));
        }
        known.redactor.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn learn(&mut self, secrets: impl IntoIterator<Item = Arc<[u8]>>) {
        let before = self.values.len();
        self.values.extend(secrets);
        if self.values.len() > before {
            let all = self.values.iter().map(|secret| (&**secret, SHORTEST_ELSEWHERE));
            self.redactor = Arc::new(Redactor::new(all));
        }
    }
}

/// Without the values.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.lock().values.len())
    }
}

/// Finds known secrets in output. Each line of one that has several is looked for by itself, because output is shown by lines.
#[derive(Default)]
pub(crate) struct Redactor {
    /// By their first byte; of those that begin with the same the longest first, so that of two that begin alike the
    /// whole one is found.
    patterns: Vec<Vec<u8>>,
    /// Which of them begin with this byte.
    begins: Vec<Range<usize>>,
    longest: usize,
}

impl Redactor {
    /// Of secrets, each with the length from which on it is hidden.
    fn new<'a>(secrets: impl IntoIterator<Item = (&'a [u8], usize)>) -> Self {
        let mut patterns = Vec::new();
        for (secret, shortest) in secrets {
            let secret = secret.trim_ascii();
            let shortest = if secret.contains(&b'\n') { SHORTEST_LINE } else { shortest };
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
        let order = |it: &Vec<u8>| (it[0], std::cmp::Reverse(it.len()));
        patterns.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.cmp(b)));
        patterns.dedup();
        let begins = (0..=u8::MAX).map(|byte| {
            patterns.partition_point(|it| it[0] < byte)
                ..patterns.partition_point(|it| it[0] <= byte)
        });
        let begins = begins.collect();
        let longest = patterns.iter().map(Vec::len).max().unwrap_or(0);
        Self { patterns, begins, longest }
    }

    /// Of what is handed on in pieces, how many bytes at the end of one may be the beginning of a secret.
    pub(crate) fn overlap(&self) -> usize {
        self.longest.saturating_sub(1)
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
            let candidates = &self.patterns[self.begins[usize::from(rest[0])].clone()];
            let found = candidates.iter().find(|pattern| rest.starts_with(pattern));
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
    use super::{Arc, Redactor, SHORTEST, Secrets};

    fn redactor(secrets: &[&str]) -> Redactor {
        Redactor::new(secrets.iter().map(|secret| (secret.as_bytes(), SHORTEST)))
    }

    /// A secret of one command is hidden in what later ones print, unless it is as short as a common word.
    #[test]
    fn a_run_remembers_its_secrets() {
        let secrets = Secrets::default();
        let text = "hunter2 and root";
        let of = |own: &[&str]| {
            let own = own.iter().map(|it| Arc::from(it.as_bytes()));
            secrets.redactor(own).text(text.to_owned())
        };
        assert_eq!(of(&[]), text);
        assert_eq!(of(&["root"]), "hunter2 and <secret>");
        assert_eq!(of(&["hunter2"]), "<secret> and root");
        assert_eq!(of(&["root"]), "<secret> and <secret>");
        assert_eq!(of(&[]), "<secret> and root");
        let one = secrets.redactor([]);
        assert!(Arc::ptr_eq(&one, &secrets.redactor([Arc::from(&b"hunter2"[..])])));
        assert_eq!(format!("{secrets:?}"), "Secrets(2)");
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
