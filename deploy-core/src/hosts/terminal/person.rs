//! The person at our own terminal.
//!
//! While it lives nobody else has the terminal, the reporter shows nothing, and every key goes to the host, Ctrl-C included. When it is
//! dropped, whatever the reason, the terminal is as it was.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::thread::JoinHandle;

use async_trait::async_trait;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use tokio::io::AsyncWriteExt;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{MutexGuard, mpsc};

use super::escape::Escape;
use super::modes::undo;
use crate::Error;
use crate::console::Pause;
use crate::env::Env;
use crate::transport::{Happening, Near, Setup, Sink, Size, TransportError};

/// How much of what was shown is looked through for what a program has left switched on.
const LOOKED_AT: usize = 256 << 10;

/// What to say where there is nobody, if there is not.
pub(in super::super) fn nobody(env: &Env) -> Option<Error> {
    let why = match () {
        () if !env.console().is_interactive() => "this run asks nobody anything",
        () if !io::stdin().is_terminal() => "standard input is none",
        () if output().is_none() => "neither standard output nor standard error is one",
        () => return None,
    };
    let hint = "run it on a terminal and without --non-interactive; in code, with `Env::stdio()`";
    Some(Error::usage_with_hint(format!("an interactive command needs a terminal: {why}"), hint))
}

/// Where a person sees something: the standard stream that is a terminal.
fn output() -> Option<OwnedFd> {
    let (out, err) = (io::stdout(), io::stderr());
    let stream = match (out.is_terminal(), err.is_terminal()) {
        (true, _) => out.as_fd().try_clone_to_owned(),
        (false, true) => err.as_fd().try_clone_to_owned(),
        _ => return None,
    };
    stream.ok()
}

/// A person, who gets the terminal when a command is about to start.
pub(in super::super) struct Person<'a, S> {
    env: &'a Env,
    /// Keeps what is shown.
    sink: &'a mut S,
    seat: Option<Seat<'a>>,
}

/// The terminal while it is a command's. Its parts end in this order.
struct Seat<'a> {
    typed: Typed,
    screen: tokio::fs::File,
    resized: Signal,
    escape: Escape,
    /// The end of what was shown.
    shown: Vec<u8>,
    raw: Raw,
    _pause: Pause<'a>,
    _turn: MutexGuard<'a, ()>,
}

impl<'a, S: Sink> Person<'a, S> {
    pub(in super::super) fn new(env: &'a Env, sink: &'a mut S) -> Self {
        Self { env, sink, seat: None }
    }

    async fn sit_down(&mut self) -> io::Result<Setup> {
        let env = self.env;
        let turn = env.terminal().lock().await;
        let pause = env.pause();
        let output = output().ok_or(io::ErrorKind::NotFound)?;
        let raw = Raw::begin(output.try_clone()?)?;
        let mut setup = Setup::new(raw.size());
        setup.termios = Some(raw.before.clone());
        self.seat = Some(Seat {
            typed: Typed::begin()?,
            screen: tokio::fs::File::from_std(File::from(output)),
            resized: signal(SignalKind::window_change())?,
            escape: Escape::AtStart,
            shown: Vec::new(),
            raw,
            _pause: pause,
            _turn: turn,
        });
        Ok(setup)
    }

    /// The program on the host has not left in order: switches off what it had switched on.
    pub(in super::super) async fn tidy(&mut self) {
        let Some(seat) = &mut self.seat else { return };
        let bytes = undo(&seat.shown);
        if !bytes.is_empty() {
            seat.show(&bytes).await;
        }
    }
}

impl Seat<'_> {
    async fn show(&mut self, bytes: &[u8]) {
        // A terminal that is gone hangs up on us as well.
        let _ = self.screen.write_all(bytes).await;
        let _ = self.screen.flush().await;
    }
}

#[async_trait]
impl<S: Sink> Near for Person<'_, S> {
    async fn setup(&mut self) -> Result<Setup, TransportError> {
        self.sit_down().await.map_err(|error| TransportError::Failed {
            message: format!("the terminal cannot be used: {error}"),
        })
    }

    async fn shows(&mut self, bytes: &[u8]) {
        self.sink.stdout(bytes);
        let Some(seat) = &mut self.seat else { return };
        seat.shown.extend_from_slice(bytes);
        if seat.shown.len() > 2 * LOOKED_AT {
            seat.shown.drain(..seat.shown.len() - LOOKED_AT);
        }
        seat.show(bytes).await;
    }

    async fn next(&mut self) -> Happening {
        let Some(seat) = &mut self.seat else { return std::future::pending().await };
        tokio::select! {
            typed = seat.typed.keys.recv() => match typed {
                Some(typed) => match seat.escape.pass(&typed) {
                    Some(keys) => Happening::Keys(keys),
                    None => Happening::GivesUp("it was given up by `~.`".to_owned()),
                },
                None => Happening::GivesUp("our own terminal is gone".to_owned()),
            },
            _ = seat.resized.recv() => Happening::Resized(seat.raw.size()),
        }
    }
}

/// A terminal that passes every key on as it is.
struct Raw {
    terminal: OwnedFd,
    before: Termios,
}

impl Raw {
    fn begin(terminal: OwnedFd) -> io::Result<Self> {
        let before = tcgetattr(&terminal)?;
        let mut raw = before.clone();
        raw.make_raw();
        let this = Self { terminal, before };
        tcsetattr(&this.terminal, OptionalActions::Now, &raw)?;
        Ok(this)
    }

    fn size(&self) -> Size {
        match tcgetwinsize(&self.terminal) {
            Ok(size) if size.ws_row > 0 && size.ws_col > 0 => {
                Size { rows: size.ws_row, columns: size.ws_col }
            }
            // One that does not say.
            _ => Size { rows: 24, columns: 80 },
        }
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // A terminal that is gone needs no restoring.
        let _ = tcsetattr(&self.terminal, OptionalActions::Drain, &self.before);
    }
}

/// What is typed. A thread reads it, which can be told to stop: no key that is pressed later is lost to it.
struct Typed {
    keys: mpsc::Receiver<Vec<u8>>,
    /// Closed, it ends the thread.
    stop: Option<io::PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl Typed {
    fn begin() -> io::Result<Self> {
        let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        let (stopped, stop) = io::pipe()?;
        // Few: who types faster than the host reads has to wait.
        let (sender, keys) = mpsc::channel(4);
        let read = move || {
            let mut buffer = [0; 4096];
            loop {
                let mut ready =
                    [PollFd::new(&input, PollFlags::IN), PollFd::new(&stopped, PollFlags::IN)];
                match poll(&mut ready, None) {
                    Ok(_) => {}
                    Err(rustix::io::Errno::INTR) => continue,
                    Err(_) => return,
                }
                if !ready[1].revents().is_empty() {
                    return;
                }
                match input.read(&mut buffer) {
                    Ok(count @ 1..) => {
                        if sender.blocking_send(buffer[..count].to_vec()).is_err() {
                            return;
                        }
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    _ => return,
                }
            }
        };
        let thread = std::thread::Builder::new().name("terminal".to_owned()).spawn(read)?;
        Ok(Self { keys, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Typed {
    fn drop(&mut self) {
        self.keys.close();
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It has ended, or does so at once.
            let _ = thread.join();
        }
    }
}
