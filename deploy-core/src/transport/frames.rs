//! Marks in the output of a host's shell: where a script's own output begins and ends.
//!
//! On standard output `MARK group` begins and `MARK status` ends, on standard error `MARK` alone does both. What comes before
//! the first (a noisy rc file) and after the last (a child that was left behind) is not the script's. A shell that has served
//! a script before has made its noise, and prints no first mark.
//! A mark is a control character and 128 random bits, so no script prints it by chance.

use std::hash::{BuildHasher, Hasher, RandomState};

/// The longest line that may follow a mark.
const LONGEST: usize = 32;

/// What frames one script's output.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    word: String,
}

impl Mark {
    /// A mark that nobody can guess: the standard library's keyed hash, seeded by the system.
    pub(super) fn new() -> Self {
        let word = || RandomState::new().build_hasher().finish();
        Self { word: format!("{:016x}{:016x}", word(), word()) }
    }

    /// As it is printed, and as a word of a shell: it begins with a control character that means nothing to any.
    pub(super) fn raw(&self) -> String {
        format!("\x1e{}", self.word)
    }

    /// The word alone.
    pub(super) fn word(&self) -> &str {
        &self.word
    }
}

/// One stream, cut at its marks.
pub(super) struct Framed {
    mark: Vec<u8>,
    state: State,
    /// What came and is not decided yet: the beginning of what may be a mark.
    held: Vec<u8>,
    /// The beginning of what came before the first mark, to say why it never came.
    before: Vec<u8>,
    /// The number after the first mark.
    first: Option<i32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    Inside,
    /// With the number after the last mark, if there is one.
    After(Option<i32>),
}

impl Framed {
    /// A stream, with or without a mark that is to come first.
    pub(super) fn new(mark: &Mark, begins: bool) -> Self {
        let mut bytes = vec![0o36];
        bytes.extend_from_slice(mark.word.as_bytes());
        Self {
            mark: bytes,
            state: if begins { State::Before } else { State::Inside },
            held: Vec::new(),
            before: Vec::new(),
            first: None,
        }
    }

    /// Takes what came and hands over what is the script's.
    pub(super) fn push(&mut self, bytes: &[u8], mut out: impl FnMut(&[u8])) {
        if self.held.is_empty() {
            self.cut(bytes, &mut out);
        } else {
            let mut joined = std::mem::take(&mut self.held);
            joined.extend_from_slice(bytes);
            self.cut(&joined, &mut out);
        }
    }

    fn cut(&mut self, mut bytes: &[u8], out: &mut impl FnMut(&[u8])) {
        loop {
            if let State::After(_) = self.state {
                return;
            }
            let Some(at) = bytes.iter().position(|byte| *byte == self.mark[0]) else {
                self.pass(bytes, out);
                return;
            };
            self.pass(&bytes[..at], out);
            bytes = &bytes[at..];
            let compared = bytes.len().min(self.mark.len());
            if bytes[..compared] != self.mark[..compared] {
                self.pass(&bytes[..1], out);
                bytes = &bytes[1..];
                continue;
            }
            let tail = &bytes[compared..];
            match tail.iter().take(LONGEST).position(|byte| *byte == b'\n') {
                Some(end) if compared == self.mark.len() => {
                    let number = std::str::from_utf8(&tail[..end]).ok();
                    let number = number.and_then(|text| text.trim().parse().ok());
                    self.state = match self.state {
                        State::Before => {
                            self.first = number;
                            State::Inside
                        }
                        _ => State::After(number),
                    };
                    bytes = &tail[end + 1..];
                }
                _ if tail.len() < LONGEST => {
                    self.held = bytes.to_vec();
                    return;
                }
                _ => {
                    self.pass(&bytes[..1], out);
                    bytes = &bytes[1..];
                }
            }
        }
    }

    fn pass(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) {
        match self.state {
            State::Before => {
                let room = 4096_usize.saturating_sub(self.before.len()).min(bytes.len());
                self.before.extend_from_slice(&bytes[..room]);
            }
            State::Inside if !bytes.is_empty() => out(bytes),
            _ => {}
        }
    }

    /// The stream ended: what was held back was no mark.
    pub(super) fn end(&mut self, mut out: impl FnMut(&[u8])) {
        let held = std::mem::take(&mut self.held);
        self.pass(&held, &mut out);
    }

    pub(super) fn begun(&self) -> bool {
        self.state != State::Before
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, State::After(_))
    }

    /// The number after the first mark.
    pub(super) fn first(&self) -> Option<i32> {
        self.first
    }

    /// The number after the last mark.
    pub(super) fn number(&self) -> Option<i32> {
        match self.state {
            State::After(number) => number,
            _ => None,
        }
    }

    /// What came before the first mark, as text.
    pub(super) fn before(&self) -> String {
        String::from_utf8_lossy(&self.before).trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However the bytes are cut into chunks, the same comes out.
    #[test]
    fn marks_are_found_across_chunks() {
        let mark = Mark::new();
        let raw = format!("\x1e{}", mark.word);
        let inside = format!("one\x1etwo\n{}x\x1e", &raw[..10]);
        let stream = format!("noise\n{raw} 77\n{inside}{raw} 3\nleft behind");
        for size in 1..stream.len() {
            let mut framed = Framed::new(&mark, true);
            let mut out = Vec::new();
            for chunk in stream.as_bytes().chunks(size) {
                framed.push(chunk, |bytes| out.extend_from_slice(bytes));
            }
            assert_eq!(String::from_utf8(out).unwrap(), inside, "chunks of {size}");
            assert_eq!(framed.first(), Some(77));
            assert_eq!((framed.number(), framed.before().as_str()), (Some(3), "noise"));
        }
    }

    #[test]
    fn a_shell_that_has_served_before_begins_at_once() {
        let mark = Mark::new();
        let mut framed = Framed::new(&mark, false);
        let mut out = Vec::new();
        framed.push(format!("abc{} 5\nd", mark.raw()).as_bytes(), |b| out.extend_from_slice(b));
        assert_eq!((&*out, framed.number()), (&b"abc"[..], Some(5)));
    }

    #[test]
    fn a_stream_that_breaks_off_keeps_what_came() {
        let mark = Mark::new();
        let mut framed = Framed::new(&mark, true);
        let mut out = Vec::new();
        framed
            .push(format!("\x1e{} 1\nabc\x1e", mark.word).as_bytes(), |b| out.extend_from_slice(b));
        framed.end(|b| out.extend_from_slice(b));
        assert_eq!(out, b"abc\x1e");
        assert!(framed.begun() && !framed.is_over());
    }
}
