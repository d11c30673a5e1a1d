//! The deploy lock on real hosts, between real processes: two deployments at once, and every way in which one can end.

use std::fs::File;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::lab::{Init, Lab};

const HOSTS: [&str; 3] = ["lock1", "lock2", "lock3"];

/// Nothing here takes longer.
const LIMIT: Duration = Duration::from_secs(40);

/// The hosts, and the program that deploys to them.
struct Site {
    lab: Lab,
}

/// How a run ended.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    #[track_caller]
    fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    #[track_caller]
    fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "no {text:?} in {self:#?}");
        self
    }

    #[track_caller]
    fn prints(self, text: &str) -> Self {
        assert!(self.out.contains(text), "no {text:?} in {self:#?}");
        self
    }
}

fn ended(child: Child) -> Ran {
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: status.code(), out: text(stdout), err: text(stderr) }
}

/// Runs a test on hosts that nothing was done to, then checks that nothing of it is left there.
fn site(test: impl FnOnce(&Site)) {
    let Some(lab) = Lab::with_hosts(Init::Sshd, &HOSTS) else { return };
    let site = Site { lab };
    site.everywhere("cd /home/deploy && rm -rf journal begun target /var/tmp/deploy.lock");
    test(&site);
    until("the hosts are as they were", || {
        HOSTS.iter().all(|host| {
            let left = "ls -d /var/tmp/deploy.lock /home/deploy/.deploy.* 2>/dev/null; \
                        ps -u deploy -o args= | grep -v '^sshd:'; true";
            site.inside(host, left).is_empty()
        })
    });
    site.everywhere("cd /home/deploy && rm -f journal begun target");
}

impl Site {
    /// The program, which connects anew with each run and notices a silent connection within five seconds.
    fn program(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_around_tree"));
        command.arg("--ssh-config").arg(&self.lab.ssh_config);
        command.args(["--connection-persist", "0", "--connect-timeout", "5s"]);
        command.args(["--ssh-option", "ServerAliveInterval=1"]);
        command.args(["--ssh-option", "ServerAliveCountMax=4"]);
        command.args(words.split_whitespace());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn start(&self, words: &str) -> Child {
        self.program(words).spawn().unwrap()
    }

    fn run(&self, words: &str) -> Ran {
        ended(self.start(words))
    }

    fn inside(&self, host: &str, script: &str) -> String {
        self.lab.inside(host, script)
    }

    fn everywhere(&self, script: &str) -> [String; 3] {
        HOSTS.map(|host| self.inside(host, script))
    }

    /// Starts what never ends, and waits until it has begun on every host.
    fn hang(&self) -> Child {
        let child = self.start("web hang");
        until("it hangs", || {
            self.everywhere("ls /home/deploy").iter().all(|all| all.contains("begun"))
        });
        child
    }

    fn status(&self) -> Ran {
        self.run("web lock status").code(0)
    }

    fn is_free(&self) {
        let ran = self.status();
        for host in HOSTS {
            assert!(ran.out.contains(&format!("{host}: free\n")), "{ran:#?}");
        }
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < LIMIT, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Every begin is followed by its end: nobody else worked on the host in between.
#[track_caller]
fn in_turn(journal: &str, of: &[&str]) {
    let lines: Vec<&str> = journal.lines().collect();
    assert_eq!(lines.len(), 2 * of.len(), "{journal}");
    for pair in lines.chunks(2) {
        let who = pair[0].strip_prefix("begin ").unwrap();
        assert!(of.contains(&who) && pair[1] == format!("end {who}"), "{journal}");
    }
}

#[test]
fn of_two_deployments_at_once_one_works_and_the_other_says_who() {
    site(|site| {
        for round in 0..4 {
            let names = [format!("a{round}"), format!("b{round}")];
            let runs = names.each_ref().map(|name| site.start(&format!("web deploy {name}")));
            let ran = runs.map(ended);
            let codes = ran.each_ref().map(|ran| ran.code);
            let winner = match codes {
                [Some(0), Some(1)] => 0,
                [Some(1), Some(0)] => 1,
                _ => panic!("{ran:#?}"),
            };
            let [user, machine] = ["id -un", "uname -n"].map(|it| {
                let output = Command::new("sh").args(["-c", it]).output().unwrap();
                String::from_utf8(output.stdout).unwrap().trim().to_owned()
            });
            let loser = &ran[1 - winner];
            assert!(loser.err.contains(&format!("locked by {user}@{machine} since ")), "{ran:#?}");
            assert!(loser.err.contains(": web deploy\n"), "{ran:#?}");
            assert!(loser.err.contains("`web lock release`"), "{ran:#?}");
            for journal in site.everywhere("cat /home/deploy/journal; rm /home/deploy/journal") {
                in_turn(&journal, &[&names[winner]]);
            }
        }
        site.is_free();
    });
}

#[test]
fn deployments_that_wait_work_in_turn() {
    site(|site| {
        let names = ["a", "b", "c"];
        let runs = names.map(|it| site.start(&format!("web deploy {it} --lock-wait 60s")));
        let ran = runs.map(ended);
        assert!(ran.iter().all(|ran| ran.code == Some(0)), "{ran:#?}");
        assert!(ran.iter().any(|ran| ran.err.contains(" waits for ")), "{ran:#?}");
        for journal in site.everywhere("cat /home/deploy/journal") {
            in_turn(&journal, &names);
        }
    });
}

#[test]
fn the_lock_is_freed_on_failure_and_when_interrupted() {
    site(|site| {
        site.run("web fail").code(1).says("status 3");
        site.is_free();
        for signal in ["INT", "TERM", "HUP"] {
            let child = site.hang();
            site.status().prints(": web hang\n");
            let mut kill = Command::new("kill");
            assert!(kill.args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
            ended(child).code(130);
            site.is_free();
            site.everywhere("rm /home/deploy/begun");
        }
        site.run("web hang --timeout 1s").code(1).says("timed out");
        site.is_free();
    });
}

#[test]
fn one_of_three_hosts_is_down() {
    site(|site| {
        let cut = site.lab.cut(HOSTS[2]);
        let ran = site.run("web deploy a").code(3);
        assert_eq!(ran.err.matches("lock3: ").count(), 1, "{ran:#?}");
        for host in &HOSTS[..2] {
            in_turn(&site.inside(host, "cat /home/deploy/journal"), &["a"]);
            assert_eq!(site.inside(host, "ls /var/tmp"), "");
        }
        drop(cut);
        site.is_free();
    });
}

#[test]
fn a_lock_that_was_left_behind_is_shown_and_freed() {
    site(|site| {
        let mut child = site.hang();
        child.kill().unwrap();
        ended(child);
        until("nothing of it runs there", || {
            site.everywhere("pgrep -x sleep; true").iter().all(String::is_empty)
        });
        site.run("web deploy a").code(1).says(": web hang\n");
        let ran = site.run("web lock status --output json").code(0);
        assert!(ran.out.contains(r#""what":"web hang""#), "{ran:#?}");
        // Nobody says yes, so nothing happens.
        site.run("web lock release").code(2).says("--yes");
        site.run("web lock release --dry-run").code(4).says("would run");
        site.status().prints(": web hang\n");
        let ran = site.run("web:lock1 lock release --yes").code(0);
        assert_eq!(ran.out.matches("freed; it was locked by ").count(), 1, "{ran:#?}");
        site.run("web lock release --yes").code(0).prints("lock2: freed").prints("lock3: freed");
        site.run("web lock release --yes").code(0).says("nothing to free");
        site.run("web deploy a").code(0);
    });
}

#[test]
fn a_program_that_is_killed_in_the_middle_of_a_write() {
    site(|site| {
        let directory = tempfile::tempdir().unwrap();
        let source = directory.path().join("large");
        File::create(&source).unwrap().set_len(2 << 30).unwrap();
        site.everywhere("echo old >/home/deploy/target; chown deploy: /home/deploy/target");
        let mut child = site.start(&format!("web upload {}", source.display()));
        until("it writes", || {
            let begun = "find /home/deploy -name '.deploy.*' -size +1M";
            site.everywhere(begun).iter().all(|found| !found.is_empty())
        });
        child.kill().unwrap();
        ended(child);
        until("nothing of it is there", || {
            let left = "ls -d /home/deploy/.deploy.* 2>/dev/null; ps -u deploy -o args= | grep -v '^sshd:'; true";
            site.everywhere(left).iter().all(String::is_empty)
        });
        assert!(site.everywhere("cat /home/deploy/target").iter().all(|text| text == "old"));
        site.run("web lock release -y").code(0).prints("lock3: freed");
    });
}

/// Another user of the host is locked out too, sees who it is, and can free what was left behind with the rights of root.
#[test]
fn the_lock_is_every_users() {
    site(|site| {
        let holder =
            r#"{"who":"bob@desk","what":"web deploy","since":1700000000,"pid":7,"run":"0f"}"#;
        let make = format!(
            "su shsh -s /bin/sh -c 'mkdir /var/tmp/deploy.lock && cat >/var/tmp/deploy.lock/0f' <<'END'\n{holder}\nEND"
        );
        site.inside(HOSTS[1], &make);
        let ran = site.run("web deploy a").code(1);
        assert!(
            ran.err.contains("lock2: locked by bob@desk since 2023-11-14T22:13:20Z"),
            "{ran:#?}"
        );
        site.run("web lock release -y").code(0).prints("lock2: freed");
        // What a user of the host makes to mislead us stops us, and is neither followed nor shown.
        site.inside(HOSTS[0], "echo secret >/home/deploy/0f; chown deploy: /home/deploy/0f");
        site.inside(HOSTS[0], "su shsh -s /bin/sh -c 'ln -s /home/deploy /var/tmp/deploy.lock'");
        let ran = site.run("web deploy a").code(1).says("it belongs to `shsh` there");
        assert!(!ran.err.contains("secret"), "{ran:#?}");
        site.run("web lock release -y").code(0);
        assert_eq!(site.inside(HOSTS[0], "cat /home/deploy/0f; rm /home/deploy/0f"), "secret");
    });
}
