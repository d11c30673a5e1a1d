//! A pseudo-terminal of this machine, with a program on it that is the leader of its session.
//!
//! `portable-pty` does the same with blocking streams and an abstraction over Windows; here the streams belong to the runtime, and
//! what is left over is these few calls. Dropped, it hangs up: what is still on it gets SIGHUP, and the program is killed.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{Mode, OFlags, fcntl_setfl, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, Winsize, tcsetattr, tcsetwinsize};
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};

use super::{Lead, Setup, Size};

pub(super) struct Pty {
    /// What is shown on it. Reading fails once nobody has it open any more.
    pub(super) shown: pipe::Receiver,
    /// Takes what is typed on it.
    pub(super) keys: pipe::Sender,
    pub(super) child: Child,
    size: OwnedFd,
}

impl Pty {
    /// Starts the program.
    pub(super) fn start(lead: &Lead, setup: &Setup) -> io::Result<Self> {
        let master = openpt(flags())?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?;
        let slave = open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
        if let Some(termios) = &setup.termios {
            tcsetattr(&slave, OptionalActions::Now, termios)?;
        }
        resize(&slave, setup.size)?;
        fcntl_setfl(&master, OFlags::RDWR | OFlags::NONBLOCK)?;

        let program = lead.words.first().map_or(Path::new("sh"), Path::new);
        let mut command = Command::new(program);
        command.args(lead.words.iter().skip(1));
        if let Some(kind) = setup.kind {
            command.env("TERM", kind);
        }
        command.stdin(File::from(slave.try_clone()?)).stdout(File::from(slave.try_clone()?));
        command.stderr(File::from(slave)).kill_on_drop(true);
        lead_session(&mut command);
        let child = command.spawn()?;
        Ok(Self {
            shown: pipe::Receiver::from_owned_fd_unchecked(master.try_clone()?)?,
            keys: pipe::Sender::from_owned_fd_unchecked(master.try_clone()?)?,
            child,
            size: master,
        })
    }

    /// Makes it this large, and tells what is on it so.
    pub(super) fn resize(&self, size: Size) {
        // A terminal that is gone has no size.
        let _ = resize(&self.size, size);
    }
}

/// No other program that is started meanwhile may hold it open.
fn flags() -> OpenptFlags {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    #[cfg(target_os = "linux")]
    let flags = flags | OpenptFlags::CLOEXEC;
    flags
}

fn resize(terminal: impl AsFd, size: Size) -> rustix::io::Result<()> {
    let Size { rows, columns } = size;
    tcsetwinsize(terminal, Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 })
}

/// The program is the leader of a session whose terminal is its standard input, so that Ctrl-C, resizing and hanging up reach it
/// and not us.
fn lead_session(command: &mut Command) {
    // SAFETY: both calls are async-signal-safe and allocate nothing; nothing else runs between fork and exec.
    #[expect(unsafe_code, reason = "the standard library has no safe way to start a session")]
    unsafe {
        command.pre_exec(|| {
            rustix::process::setsid()?;
            Ok(rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?)
        });
    }
}
