//! Starts the binary on a free port and talks to it over plain sockets.
//!
//! Owns every wait and its bound; it judges no answer.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The binary without any inherited setting, in `dir`.
pub(crate) fn command(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_web-service"));
    command.current_dir(dir).env_clear().env("LISTEN", "127.0.0.1:0").env("HOST_NAME", "web1");
    command
}

/// A service of which nobody knows yet whether it comes up.
pub(crate) struct Starting {
    server: Server,
    found: Receiver<String>,
}

impl Starting {
    /// Waits until the service says where it listens.
    pub(crate) fn listening(self) -> Server {
        let Self { mut server, found } = self;
        match found.recv_timeout(PATIENCE) {
            Ok(address) => server.address = address,
            Err(_) => panic!("the service does not listen:\n{}", server.end().1),
        }
        server
    }

    /// Waits until the service ends by itself; gives its status and its log.
    pub(crate) fn end(self) -> (ExitStatus, String) {
        self.server.end()
    }
}

/// A running service; it is killed when the test lets go of it.
pub(crate) struct Server {
    child: Child,
    log: Option<JoinHandle<String>>,
    /// Where it listens.
    pub(crate) address: String,
}

impl Server {
    /// Starts the service and waits until it listens.
    pub(crate) fn start(command: &mut Command) -> Self {
        Self::spawn(command).listening()
    }

    /// Starts the service without waiting for it.
    pub(crate) fn spawn(command: &mut Command) -> Starting {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the service starts");
        let stderr = BufReader::new(child.stderr.take().expect("stderr is a pipe"));
        let (address, found) = channel();
        let log = thread::spawn(move || {
            let mut log = String::new();
            for line in stderr.lines().map_while(Result::ok) {
                if let Some(rest) = line.strip_prefix("listening on http://") {
                    // Whoever spawned the service may have let go of it by now.
                    let _ = address.send(rest.split(',').next().unwrap_or_default().to_owned());
                }
                log.push_str(&line);
                log.push('\n');
            }
            log
        });
        Starting { server: Self { child, log: Some(log), address: String::new() }, found }
    }

    /// Asks for `path` with GET.
    pub(crate) fn get(&self, path: &str) -> Response {
        self.request("GET", path, &[])
    }

    /// Asks over a connection of its own.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[&str]) -> Response {
        let mut stream = TcpStream::connect(&self.address).expect("the port is open");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
        for header in headers {
            head.push_str(header);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).expect("the request is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer comes in time");
        Response::parse(&answer)
    }

    /// The number of visits after one more.
    pub(crate) fn visit(&self) -> u64 {
        let response = self.get("/?format=text");
        assert_eq!(response.status, 200, "{response:?}");
        let line = response.body.lines().find_map(|line| line.strip_prefix("visits "));
        line.and_then(|number| number.parse().ok()).expect("the text has a line `visits N`")
    }

    /// Asks for `path` until the answer has this status.
    pub(crate) fn wait_for(&self, path: &str, status: u16) -> Response {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let response = self.get(path);
            if response.status == status {
                return response;
            }
            assert!(Instant::now() < deadline, "still {response:?}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Stops the service with SIGTERM; gives its status and its log.
    pub(crate) fn stop(self) -> (ExitStatus, String) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("the service runs");
        self.end()
    }

    /// Waits until the process is gone, with force when it takes too long.
    fn end(mut self) -> (ExitStatus, String) {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the child is ours") {
                break status;
            }
            if Instant::now() > deadline {
                self.child.kill().expect("the child is ours");
            }
            thread::sleep(Duration::from_millis(10));
        };
        let log = self.log.take().map(|log| log.join().expect("the log is read"));
        (status, log.unwrap_or_default())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, which is what this is for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer, taken apart.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Response {
    fn parse(answer: &str) -> Self {
        let (head, body) = answer.split_once("\r\n\r\n").expect("the head of an answer ends");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Self {
            status: status.and_then(|it| it.parse().ok()).expect("the answer has a status"),
            headers,
            body: body.to_owned(),
        }
    }

    /// The value of a header, empty when it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(it, _)| it == name).map_or("", |(_, value)| value)
    }
}
