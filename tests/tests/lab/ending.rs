//! The end of a run, seen from the hosts: whatever ends it, each process tree that it has started is gone within five seconds, on hosts, behind
//! sudo and in containers of every kind, the summary says what became of each host, and the exit code why it ended.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tests::terminal::Terminal;

use crate::containers::{CHROOT, Containers, MACHINE, NSPAWN, PODMAN};
use crate::lab::{Lab, block_on};
use crate::terminals::start;

/// How long a tree may take to be gone.
const LIMIT: Duration = Duration::from_secs(5);

/// How long its commands may take where that is what ends a run.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The host that fails where that is what ends a run.
const FAILS: &str = "web3";

/// What ends a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    CtrlC,
    CtrlCTwice,
    Terminated,
    Killed,
    TimeIsOver,
    TooManyFailed,
}

#[test]
fn every_tree_is_gone() {
    let Some(lab) = Lab::get() else { return };
    block_on(async {
        let Some(containers) = Containers::start(&lab).await else { return };
        let everywhere = [PODMAN, CHROOT, MACHINE, "web2"].join(",");
        for (number, why) in [
            (81, Why::CtrlC),
            (82, Why::CtrlCTwice),
            (83, Why::Terminated),
            (84, Why::Killed),
            (85, Why::TimeIsOver),
            (86, Why::TooManyFailed),
        ] {
            // A tree is in one container of nspawn at a time.
            let with_nspawn = format!("{everywhere},{NSPAWN}");
            let sites = match number % 2 {
                0 => [&with_nspawn, &everywhere],
                _ => [&everywhere, &with_nspawn],
            };
            let plain = Run::start(&lab, "--run", sites[0], number * 10, why);
            let sudo = Run::start(&lab, "--run-with-sudo", sites[1], number * 10 + 1, why);
            ends(&lab, why, [plain, sudo]);
        }
        containers.end().await;
    });
}

/// The program at a terminal, whose every host runs a tree that does not listen to TERM.
struct Run {
    terminal: Terminal,
    settings: String,
    /// The beginning of how long each process of the tree sleeps.
    number: u32,
    hosts: usize,
}

impl Run {
    fn start(lab: &Lab, how: &str, sites: &str, number: u32, why: Why) -> Self {
        let failing = format!(
            "if test \"$(hostname)\" = {FAILS}; then echo be''gun; while [ ! -e /tmp/fail ]; do sleep 0.1; done; exit 7; fi; "
        );
        let tree = format!(
            "trap '' TERM; sleep {number}1 & sh -c 'sleep {number}2 & sleep {number}3' & \
             (sleep {number}4; sleep 1) & echo be''gun; wait"
        );
        let (sites, command) = match why {
            Why::TooManyFailed => (format!("{sites},{FAILS}"), failing + &tree),
            _ => (sites.to_owned(), tree),
        };
        let seconds = format!("{}s", TIMEOUT.as_secs());
        let options: &[&str] = match why {
            Why::TimeIsOver => &["--timeout", &seconds],
            Why::TooManyFailed => &["--max-fail", "1"],
            _ => &[],
        };
        let args = [&["site", how, &command], options].concat();
        let terminal = start(&lab.ssh_config, &sites, &args);
        let settings = terminal.settings();
        Self { terminal, settings, number, hosts: sites.split(',').count() }
    }

    fn has_begun(&mut self) {
        for _ in 0..self.hosts {
            self.terminal.shows("begun\r\n");
        }
    }

    /// Ends it, the first time.
    fn act(&mut self, why: Why) {
        let signal = |signal| kill_process(Pid::from_child(&self.terminal.child), signal).unwrap();
        match why {
            Why::CtrlC | Why::CtrlCTwice => self.terminal.types("\u{3}"),
            Why::Terminated => signal(Signal::TERM),
            Why::Killed => signal(Signal::KILL),
            Why::TimeIsOver | Why::TooManyFailed => {}
        }
    }

    /// What the program says of it.
    fn report(self, why: Why) {
        let (hosts, number) = (self.hosts, self.number);
        let ended = self.terminal.end();
        let shown = format!("{why:?} {number}: {}", ended.shown);
        assert_eq!(ended.settings, self.settings, "{shown}");
        let (code, words) = match why {
            Why::Killed => return assert_eq!(ended.code, None, "{shown}"),
            Why::CtrlC | Why::Terminated => (130, format!("0 ok, {hosts} cancelled")),
            // There is no time for a summary.
            Why::CtrlCTwice => (130, "stopped; commands may still run on the hosts".to_owned()),
            Why::TimeIsOver => (1, format!("0 ok, {hosts} timed out")),
            Why::TooManyFailed => (1, format!("0 ok, 1 failed, {} cancelled", hosts - 1)),
        };
        assert_eq!(ended.code, Some(code), "{shown}");
        assert!(ended.shown.contains(&words), "no {words:?}: {shown}");
        let unsure = ended.shown.contains("may still run");
        assert_eq!(unsure, why == Why::CtrlCTwice, "{shown}");
    }
}

fn ends(lab: &Lab, why: Why, mut runs: [Run; 2]) {
    runs.iter_mut().for_each(Run::has_begun);
    let trees = format!("pgrep -afx 'sleep {}[0-9][1-4]'; true", runs[0].number / 10);
    let left = || ["web1", "web2", "web3"].map(|host| lab.inside(host, &trees)).concat();
    assert!(left().contains("sleep"), "{why:?}: they have not begun");
    let started = Instant::now();
    if why == Why::TooManyFailed {
        lab.inside(FAILS, "touch /tmp/fail");
    }
    runs.iter_mut().for_each(|run| run.act(why));
    if why == Why::CtrlCTwice {
        for run in &mut runs {
            run.terminal.shows("once more: stop at once");
            run.terminal.types("\u{3}");
        }
    }
    let limit = if why == Why::TimeIsOver { TIMEOUT + LIMIT } else { LIMIT };
    loop {
        let left = left();
        if left.is_empty() {
            break;
        }
        assert!(started.elapsed() < limit, "{why:?}: {left}");
        std::thread::sleep(Duration::from_millis(50));
    }
    runs.into_iter().for_each(|run| run.report(why));
    if why == Why::TooManyFailed {
        lab.inside(FAILS, "rm /tmp/fail");
    }
}
