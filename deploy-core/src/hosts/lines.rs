//! Output on its way from a transport: kept in bounded form for the result, and cut into lines without secrets for the reporter.

use super::limit::Heard;
use super::meter::Meter;
use crate::command::{OnStdout, Output, Redactor};
use crate::env::Env;
use crate::event::{EventKind, Stream};
use crate::transport::Sink;

/// A line longer than this is shown in pieces, so that memory stays bounded.
const LONGEST_LINE: usize = 1 << 20;

/// Collects the output of one command.
pub(super) struct Lines<'a> {
    env: &'a Env,
    id: u64,
    host: &'a str,
    shown: bool,
    pub(super) stdout: Kept,
    pub(super) stderr: Kept,
    partial: [Vec<u8>; 2],
    on_stdout: Option<OnStdout>,
    /// What `on_stdout` has been given so far.
    taken: (u64, Meter),
    redactor: &'a Redactor,
    heard: Heard,
}

/// The tail of a stream.
#[derive(Default)]
pub(super) struct Kept {
    bytes: Vec<u8>,
    pub(super) truncated: bool,
}

impl Kept {
    /// Appends, and drops from the front in large steps so that a byte is moved at most twice.
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > 2 * Output::LIMIT {
            let excess = self.bytes.len() - Output::LIMIT;
            self.bytes.drain(..excess);
            self.truncated = true;
        }
    }

    pub(super) fn finish(&mut self) -> Vec<u8> {
        if self.bytes.len() > Output::LIMIT {
            self.bytes.drain(..self.bytes.len() - Output::LIMIT);
            self.truncated = true;
        }
        std::mem::take(&mut self.bytes)
    }
}

impl<'a> Lines<'a> {
    pub(super) fn new(
        env: &'a Env,
        id: u64,
        host: &'a str,
        shown: bool,
        on_stdout: Option<OnStdout>,
        redactor: &'a Redactor,
    ) -> Self {
        Self {
            env,
            id,
            host,
            shown,
            stdout: Kept::default(),
            stderr: Kept::default(),
            partial: Default::default(),
            on_stdout,
            taken: (0, Meter::new(env, id, host, None)),
            redactor,
            heard: Heard::now(),
        }
    }

    /// When there was output last; from now on, if it is asked for anew.
    pub(super) fn heard(&mut self) -> Heard {
        self.heard = Heard::now();
        self.heard.clone()
    }

    pub(super) fn redactor(&self) -> &Redactor {
        self.redactor
    }

    fn cut(&mut self, stream: Stream, mut bytes: &[u8]) {
        if !self.shown {
            return;
        }
        let overlap = self.redactor.overlap();
        let Self { env, id, host, redactor, partial, .. } = self;
        let partial = &mut partial[stream as usize];
        let emit = |line: &[u8]| emit(env, *id, host, stream, line);
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            partial.extend_from_slice(&bytes[..end]);
            emit(&redactor.bytes(partial));
            partial.clear();
            bytes = &bytes[end + 1..];
        }
        partial.extend_from_slice(bytes);
        if partial.len() > LONGEST_LINE + overlap {
            let mut piece = redactor.bytes(partial).into_owned();
            // What may be the beginning of a secret waits for the rest of it.
            let end = piece.len().saturating_sub(overlap);
            *partial = piece.split_off(whole_characters(&piece[..end]));
            emit(&piece);
        }
    }

    /// Shows what had no newline at its end.
    pub(super) fn flush(&mut self) {
        for stream in [Stream::Stdout, Stream::Stderr] {
            let partial = std::mem::take(&mut self.partial[stream as usize]);
            if !partial.is_empty() {
                emit(self.env, self.id, self.host, stream, &self.redactor.bytes(&partial));
            }
        }
    }
}

/// How many bytes there are before a character at the end of which more is to come.
fn whole_characters(bytes: &[u8]) -> usize {
    let end = bytes.len();
    let length = |lead: u8| match lead {
        0xf0.. => 4,
        0xe0.. => 3,
        _ => 2,
    };
    let last = (end.saturating_sub(3)..end).rev().find(|at| bytes[*at] >= 0xc0);
    last.filter(|at| at + length(bytes[*at]) > end).unwrap_or(end)
}

fn emit(env: &Env, id: u64, host: &str, stream: Stream, line: &[u8]) {
    let text = String::from_utf8_lossy(line).trim_end_matches('\r').to_owned();
    env.emit(EventKind::Line { id, host: host.to_owned(), stream, text });
}

impl Sink for Lines<'_> {
    fn stdout(&mut self, bytes: &[u8]) {
        self.heard.again();
        if let Some(take) = &self.on_stdout {
            take(bytes);
            let (count, meter) = &mut self.taken;
            *count += bytes.len() as u64;
            meter.at(*count);
            return;
        }
        self.stdout.push(bytes);
        self.cut(Stream::Stdout, bytes);
    }

    fn stderr(&mut self, bytes: &[u8]) {
        self.heard.again();
        self.stderr.push(bytes);
        self.cut(Stream::Stderr, bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::whole_characters;

    #[test]
    fn a_character_is_not_cut() {
        for (bytes, expected) in [
            (&b""[..], 0),
            (b"ab", 2),
            ("aä".as_bytes(), 3),
            (b"a\xc3", 1),
            (b"a\xf0\x9f\x98", 1),
            ("a😀".as_bytes(), 5),
            (b"\xe2\x82", 0),
            (b"a\x80\x80\x80\x80", 5),
        ] {
            assert_eq!(whole_characters(bytes), expected, "{bytes:?}");
        }
    }
}
