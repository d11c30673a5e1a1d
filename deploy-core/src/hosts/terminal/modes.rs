//! What a full-screen program has switched on at a terminal and did not come to switch off again.

/// Private modes of xterm and its like, and whether a terminal has them on otherwise: the other screen, the cursor, its keys,
/// the mouse, focus, and marks around what is pasted.
const MODES: [(&str, bool); 11] = [
    ("1000", false),
    ("1002", false),
    ("1003", false),
    ("1004", false),
    ("1006", false),
    ("2004", false),
    ("1", false),
    ("25", true),
    ("47", false),
    ("1047", false),
    ("1049", false),
];

/// What puts a terminal right that has shown this and was then left alone.
pub(super) fn undo(shown: &[u8]) -> Vec<u8> {
    let last = |mode: &str, end: char| {
        let sequence = format!("\x1b[?{mode}{end}").into_bytes();
        shown.windows(sequence.len()).rposition(|window| window == sequence)
    };
    let mut bytes = Vec::new();
    for (mode, usually) in MODES {
        // It is on if it was switched on last, wherever the two differ.
        let (on, off) = (last(mode, 'h'), last(mode, 'l'));
        if on != off && (on > off) != usually {
            bytes.extend_from_slice(
                format!("\x1b[?{mode}{}", if usually { 'h' } else { 'l' }).as_bytes(),
            );
        }
    }
    if shown.contains(&0x1b) {
        bytes.extend_from_slice(b"\x1b[0m");
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::undo;

    #[test]
    fn what_is_still_on_is_switched_off() {
        for (shown, expected) in [
            ("plain", ""),
            ("\x1b[1mbold", "\x1b[0m"),
            ("\x1b[?1049h\x1b[?25lvim", "\x1b[?25h\x1b[?1049l\x1b[0m"),
            ("\x1b[?1049h\x1b[?25l\x1b[?25h\x1b[?1049l", "\x1b[0m"),
        ] {
            assert_eq!(String::from_utf8(undo(shown.as_bytes())).unwrap(), expected, "{shown:?}");
        }
    }
}
