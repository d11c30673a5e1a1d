//! The one place that quotes for a POSIX shell.
//!
//! Single quotes protect every byte but the single quote itself (POSIX, Shell Command Language,
//! 2.2.2). Values without special characters stay bare, which keeps commands readable in output.

/// Appends `value` to `script` as exactly one word of a POSIX shell.
pub(crate) fn push_quoted(script: &mut Vec<u8>, value: &[u8]) {
    if is_plain(value) {
        script.extend_from_slice(value);
        return;
    }
    script.push(b'\'');
    for &byte in value {
        match byte {
            b'\'' => script.extend_from_slice(br"'\''"),
            _ => script.push(byte),
        }
    }
    script.push(b'\'');
}

/// The quoted form of `value`.
pub(crate) fn quoted(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + 2);
    push_quoted(&mut out, value);
    out
}

/// Whether a POSIX shell reads `value` as itself wherever a word may stand.
///
/// `=` is left out: `a=b` at the start of a command would be an assignment. A leading `~` or `-` needs no
/// thought here: `~` is not in the list and a dash means nothing to the shell.
fn is_plain(value: &[u8]) -> bool {
    !value.is_empty()
        && value.iter().all(|b| {
            b.is_ascii_alphanumeric()
                || matches!(b, b'_' | b'-' | b'.' | b'/' | b':' | b',' | b'@' | b'%' | b'+')
        })
        && !is_reserved(value)
}

/// Words that a shell would read as grammar where a command may start.
fn is_reserved(value: &[u8]) -> bool {
    const RESERVED: [&[u8]; 17] = [
        b"if",
        b"then",
        b"else",
        b"elif",
        b"fi",
        b"do",
        b"done",
        b"case",
        b"esac",
        b"while",
        b"until",
        b"for",
        b"in",
        b"function",
        b"select",
        b"time",
        b"coproc",
    ];
    RESERVED.contains(&value)
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn table() {
        for (value, expected) in [
            ("", "''"),
            ("plain", "plain"),
            ("/srv/app-1.2", "/srv/app-1.2"),
            ("two words", "'two words'"),
            ("it's", r"'it'\''s'"),
            ("$(id)", "'$(id)'"),
            ("a=b", "'a=b'"),
            ("~root", "'~root'"),
            ("if", "'if'"),
            ("line\nbreak", "'line\nbreak'"),
        ] {
            assert_eq!(String::from_utf8(quoted(value.as_bytes())).unwrap(), expected, "{value:?}");
        }
    }
}
