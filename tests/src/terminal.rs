//! A terminal with somebody at it: a program runs on a pseudo-terminal of its own, and the test presses keys and looks.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcgetattr, tcsetwinsize};

/// Nothing that is waited for takes longer.
const LIMIT: Duration = Duration::from_secs(40);

/// A program whose three streams are one terminal, which is its session's own.
#[derive(Debug)]
pub struct Terminal {
    /// The program.
    pub child: Child,
    keyboard: File,
    /// Keeps the terminal there after the program, so that its settings can be looked at.
    line: OwnedFd,
    shown: Arc<Mutex<Vec<u8>>>,
    /// How much of it was waited for.
    seen: usize,
    reader: JoinHandle<()>,
}

/// What became of the program.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code.
    pub code: Option<i32>,
    /// All that was shown.
    pub shown: String,
    /// How the terminal is set.
    pub settings: String,
}

impl Terminal {
    /// Starts a program with these arguments on a terminal of 24 lines of 80 characters.
    #[must_use]
    pub fn start(program: &str, change: impl FnOnce(&mut Command)) -> Self {
        let master =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let line = File::options().read(true).write(true).open(name).unwrap();
        let keyboard = File::from(master);
        resize(&keyboard, 24, 80);
        // It starts the program in its own place, as a leader of a session with this terminal.
        let mut command = Command::new("setsid");
        command.args(["--ctty", program]).env("TERM", "xterm");
        change(&mut command);
        command.stdin(line.try_clone().unwrap()).stdout(line.try_clone().unwrap());
        let child = command.stderr(line.try_clone().unwrap()).spawn().unwrap();
        let shown = Arc::<Mutex<Vec<u8>>>::default();
        let (mut screen, all) = (keyboard.try_clone().unwrap(), shown.clone());
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // It fails when nobody has the terminal open any more.
            while let Ok(count @ 1..) = screen.read(&mut buffer) {
                all.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
        });
        Self { child, keyboard, line: line.into(), shown, seen: 0, reader }
    }

    /// Presses keys.
    pub fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until this is shown after what was waited for before.
    #[track_caller]
    pub fn shows(&mut self, text: &str) {
        let start = Instant::now();
        loop {
            let shown = self.shown.lock().unwrap().clone();
            let new = &shown[self.seen..];
            if let Some(at) = new.windows(text.len()).position(|it| it == text.as_bytes()) {
                self.seen += at + text.len();
                return;
            }
            let new = String::from_utf8_lossy(new);
            assert!(start.elapsed() < LIMIT, "waited too long for {text:?} in {new:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// All that was shown so far.
    #[must_use]
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap()).into_owned()
    }

    /// Makes the window another size.
    pub fn resize(&self, rows: u16, columns: u16) {
        resize(&self.keyboard, rows, columns);
    }

    /// How the terminal is set: modes and special keys.
    #[must_use]
    pub fn settings(&self) -> String {
        format!("{:?}", tcgetattr(&self.line).unwrap())
    }

    /// Waits until the program has ended.
    #[track_caller]
    #[must_use]
    pub fn end(mut self) -> Ended {
        let start = Instant::now();
        let code = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status.code(),
                None if start.elapsed() < LIMIT => std::thread::sleep(Duration::from_millis(10)),
                None => {
                    let _ = self.child.kill();
                    panic!("it does not end: {:?}", self.shown());
                }
            }
        };
        let settings = self.settings();
        drop(self.line);
        self.reader.join().unwrap();
        let shown = self.shown.lock().unwrap().clone();
        Ended { code, shown: String::from_utf8_lossy(&shown).into_owned(), settings }
    }
}

fn resize(terminal: &File, rows: u16, columns: u16) {
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(terminal, size).unwrap();
}
