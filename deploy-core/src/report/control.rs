//! Takes from a host's output what would drive the operator's terminal.
//!
//! Of all control sequences only colours and weights (SGR) are left, and those only where colours are wanted.

use std::borrow::Cow;

/// One line of a host as it may be shown on a terminal.
///
/// A line that overwrites itself with carriage returns, as progress bars do, is what was last to be seen.
pub(super) fn harmless(line: &str, colored: bool) -> Cow<'_, str> {
    if !line.chars().any(char::is_control) {
        return Cow::Borrowed(line);
    }
    let line = line.rsplit('\r').find(|part| !part.is_empty()).unwrap_or_default();
    let mut out = String::with_capacity(line.len());
    let mut styled = false;
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        match c {
            '\u{1b}' => {
                let (sequence, following) = escape(after);
                if colored && is_sgr(sequence) {
                    out.push('\u{1b}');
                    out.push_str(sequence);
                    styled = true;
                }
                rest = following;
                continue;
            }
            '\t' => out.push(c),
            // A C1 control: one character that is the same as an escape sequence.
            '\u{80}'..='\u{9f}' => out.push('\u{fffd}'),
            c if c.is_control() => {
                out.push('^');
                out.push(char::from((c as u8) ^ 0x40));
            }
            c => out.push(c),
        }
        rest = after;
    }
    if styled {
        out.push_str("\u{1b}[0m");
    }
    Cow::Owned(out)
}

/// An escape sequence without its escape, and what comes after it.
fn escape(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let end = match bytes.first() {
        Some(b'[') => bytes
            .iter()
            .skip(1)
            .position(|byte| !(0x20..=0x3f).contains(byte))
            .map_or(bytes.len(), |at| at + 1 + usize::from(bytes[at + 1].is_ascii())),
        // A string that ends with BEL or with ESC and a backslash: window title, clipboard, hyperlink, device control.
        Some(b']' | b'P' | b'X' | b'^' | b'_') => {
            let bell = text.find('\u{7}').map(|at| at + 1);
            let terminator = text.find("\u{1b}\\").map(|at| at + 2);
            [bell, terminator].into_iter().flatten().min().unwrap_or(bytes.len())
        }
        Some(_) => {
            let intermediates =
                bytes.iter().take_while(|byte| (0x20..=0x2f).contains(*byte)).count();
            let last = bytes.get(intermediates).is_some_and(|byte| (0x30..0x7f).contains(byte));
            intermediates + usize::from(last)
        }
        None => 0,
    };
    text.split_at(end)
}

fn is_sgr(sequence: &str) -> bool {
    sequence
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix('m'))
        .is_some_and(|numbers| numbers.bytes().all(|b| b.is_ascii_digit() || b";:".contains(&b)))
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn colours_stay_and_everything_else_goes() {
        let cases = [
            ("plain ünïcode", "plain ünïcode"),
            ("\u{1b}[31mred\u{1b}[0m", "\u{1b}[31mred\u{1b}[0m\u{1b}[0m"),
            ("a\u{1b}[2Jb\u{1b}[10;10Hc\u{1b}[?1049h", "abc"),
            ("a\u{1b}]0;title\u{7}b", "ab"),
            ("a\u{1b}]52;c;aGk=\u{1b}\\b", "ab"),
            ("a\u{1b}]0;never ends", "a"),
            ("a\u{1b}P+q544e\u{1b}\\b", "ab"),
            ("a\u{1b}cb\u{1b}(0c", "abc"),
            ("a\u{9b}2Jb", "a\u{fffd}2Jb"),
            ("bell\u{7}back\u{8}del\u{7f}", "bell^Gback^Hdel^?"),
            ("10%\r50%\r100%", "100%"),
            ("done\r", "done"),
            ("a\tb", "a\tb"),
            ("end\u{1b}", "end"),
            ("end\u{1b}[", "end"),
            ("x\u{1b}[>4;1my", "xy"),
            ("x\u{1b}[ü", "xü"),
            ("x\u{1b}ü", "xü"),
        ];
        for (line, shown) in cases {
            assert_eq!(harmless(line, true), shown, "{line:?}");
        }
        assert_eq!(harmless("\u{1b}[31mred\u{1b}[0m", false), "red");
    }
}
