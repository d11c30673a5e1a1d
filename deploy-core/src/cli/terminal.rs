//! The terminal that the program was started from: whether somebody can answer there, and how it was set.

use std::fs::File;
use std::io::{IsTerminal, Stdin};
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// Whether answers can come from there: a terminal, or a pipe or file that holds them. `/dev/null` has none.
pub(super) fn may_answer(stdin: &Stdin) -> bool {
    if stdin.is_terminal() {
        return true;
    }
    let file = stdin.as_fd().try_clone_to_owned().map(File::from);
    file.and_then(|file| file.metadata())
        .is_ok_and(|metadata| !metadata.file_type().is_char_device())
}

/// Whether somebody sits there, who sees questions and answers them.
pub(super) fn is_attended() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// How the terminal was set when the program began, so that the end of it leaves no terminal without echo.
#[derive(Clone, Debug)]
pub(super) struct Saved(Option<Termios>);

impl Saved {
    pub(super) fn now() -> Self {
        Self(tcgetattr(std::io::stdin()).ok())
    }

    pub(super) fn restore(&self) {
        if let Some(termios) = &self.0 {
            // A terminal that is gone needs no restoring.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, termios);
        }
    }
}
