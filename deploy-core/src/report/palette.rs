//! Colours: which, and whether at all.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// The colours that hosts are told apart by; neither red, which means failure, nor black and white, which a terminal's
/// background may swallow.
const HOSTS: [AnsiColor; 10] = [
    AnsiColor::Cyan,
    AnsiColor::Green,
    AnsiColor::Yellow,
    AnsiColor::Blue,
    AnsiColor::Magenta,
    AnsiColor::BrightCyan,
    AnsiColor::BrightGreen,
    AnsiColor::BrightYellow,
    AnsiColor::BrightBlue,
    AnsiColor::BrightMagenta,
];

/// Something that failed.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Something that changed or would change.
pub(crate) const CHANGED: Style = AnsiColor::Yellow.on_default();
/// Something that is as it should be.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Something that matters less than the rest.
pub(crate) const DIM: Style = Style::new().dimmed();

const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const HUNK: Style = AnsiColor::Cyan.on_default();

/// Whether a stream is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Palette {
    pub(crate) colored: bool,
}

impl Palette {
    /// `text` in a style, or as it is.
    pub(crate) fn paint(self, style: Style, text: impl Display) -> String {
        if self.colored { format!("{style}{text}{style:#}") } else { text.to_string() }
    }

    /// `text`, which is or begins with the name of `host`, in that host's colour.
    pub(crate) fn host(self, host: &str, text: impl Display) -> String {
        self.paint(host_style(host), text)
    }

    /// A line of a unified diff.
    pub(crate) fn diff_line(self, line: &str) -> String {
        let style = match line.as_bytes().first() {
            Some(b'+') => ADDED,
            Some(b'-') => REMOVED,
            Some(b'@') => HUNK,
            _ => return line.to_owned(),
        };
        self.paint(style, line)
    }
}

/// The same colour for the same name in every run: FNV-1a of the name.
fn host_style(host: &str) -> Style {
    let hash = host.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    HOSTS[(hash % HOSTS.len() as u64) as usize].on_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_keeps_its_colour_and_a_pipe_gets_none() {
        let colored = Palette { colored: true };
        assert_eq!(colored.host("web1", "web1"), colored.host("web1", "web1"));
        assert_ne!(colored.host("web1", "x"), colored.host("web2", "x"));
        assert_eq!(Palette::default().host("web1", "web1"), "web1");
    }
}
