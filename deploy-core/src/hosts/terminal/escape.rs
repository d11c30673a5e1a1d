//! The way out of a terminal that does not answer any more: Enter, `~`, `.`, as with ssh, whatever the host is reached by.

/// What was typed lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// Enter, or nothing yet.
    AtStart,
    /// Enter and a tilde, which is held back.
    Tilde,
    Within,
}

impl Escape {
    /// What is to be passed on of `typed`, unless it is the way out.
    pub(super) fn pass(&mut self, typed: &[u8]) -> Option<Vec<u8>> {
        let mut keys = Vec::with_capacity(typed.len() + 1);
        for &key in typed {
            match (*self, key) {
                (Self::AtStart, b'~') => {
                    *self = Self::Tilde;
                    continue;
                }
                (Self::Tilde, b'.') => return None,
                // Twice is once.
                (Self::Tilde, b'~') => {}
                (Self::Tilde, _) => keys.push(b'~'),
                _ => {}
            }
            keys.push(key);
            *self = if matches!(key, b'\r' | b'\n') { Self::AtStart } else { Self::Within };
        }
        Some(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::Escape;

    #[test]
    fn only_a_tilde_after_enter_and_then_a_dot_is_the_way_out() {
        for (typed, passed) in [
            ("ls ~.\r", Some("ls ~.\r")),
            ("~.", None),
            ("a\r~.", None),
            ("a\r~/x\r", Some("a\r~/x\r")),
            ("~~.", Some("~.")),
            ("\r~\r~.", None),
        ] {
            let mut escape = Escape::AtStart;
            assert_eq!(
                escape.pass(typed.as_bytes()).as_deref(),
                passed.map(str::as_bytes),
                "{typed:?}"
            );
            // However it is cut.
            let mut escape = Escape::AtStart;
            let keys: Option<Vec<Vec<u8>>> =
                typed.as_bytes().chunks(1).map(|key| escape.pass(key)).collect();
            let keys = keys.map(|keys| keys.concat());
            assert_eq!(keys.as_deref(), passed.map(str::as_bytes), "{typed:?}");
        }
    }
}
