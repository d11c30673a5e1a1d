//! Terminals on real hosts: over ssh, behind sudo, in containers, with a person at them and with nobody.

use std::path::Path;
use std::time::Duration;

use deploy_core::prelude::*;
use deploy_core::{Elevation, PasswordSource, Prompt};
use rustix::process::{Pid, Signal, kill_process};
use tests::terminal::Terminal;

use crate::lab::{Lab, block_on};

const PROGRAM: &str = env!("CARGO_BIN_EXE_terminal_tree");

/// The program on a terminal, with this host as its `site`.
pub(crate) fn start(ssh_config: &Path, site: &str, args: &[&str]) -> Terminal {
    Terminal::start(PROGRAM, |command| {
        command
            .args(args)
            .args(["--on-error", "abort"])
            .arg("--ssh-config")
            .arg(ssh_config)
            .env("DEPLOY_TEST_SITE", site)
            .env("NO_COLOR", "1");
    })
}

/// What every terminal owes, whatever leads to it. Needs `sh`, `stty` and `vi` there.
pub(crate) fn conformance(lab: &Path, site: &str) {
    let wait = "trap 'stty size; exit 0' WINCH; stty size; while :; do sleep 0.1; done";
    let mut terminal = start(lab, site, &["site", "give", wait]);
    let before = terminal.settings();
    terminal.shows("24 80");
    terminal.resize(43, 132);
    terminal.shows("43 132");
    let ended = terminal.end();
    assert_eq!((ended.code, &ended.settings), (Some(0), &before), "{site}: {}", ended.shown);
    // What it showed is what the action gets.
    assert!(ended.shown.contains(r#"kept ["24 80\r\n43 132\r\n"]"#), "{site}: {}", ended.shown);

    // A program that takes all of the screen.
    let script = "echo from here >/tmp/source; rm -f /tmp/edited; vi /tmp/edited; cat /tmp/edited; rm -f /tmp/source /tmp/edited; echo TERM=$TERM; false";
    let mut terminal = start(lab, site, &["site", "give", script]);
    terminal.shows("~");
    terminal.types(":r /tmp/source\r");
    terminal.shows("from here");
    terminal.types(":wq\r");
    terminal.shows("from here\r\nTERM=xterm\r\n");
    let ended = terminal.end();
    assert_eq!((ended.code, &ended.settings), (Some(1), &before), "{site}: {}", ended.shown);

    // What says so is what the key ends: between the two the shell would put its trap off.
    let script = "trap 'echo; echo interrupted' INT; sh -c 'echo begun; exec cat'; cat; stty -echo; read word; echo ${#word} letters";
    let mut terminal = start(lab, site, &["site", "give", script]);
    terminal.shows("begun\r\n");
    terminal.types("\u{3}");
    terminal.shows("interrupted\r\n");
    terminal.types("line\r\u{4}");
    terminal.shows("line\r\nline\r\n");
    terminal.types("hunter2\r");
    terminal.shows("7 letters");
    let ended = terminal.end();
    assert_eq!((ended.code, &ended.settings), (Some(0), &before), "{site}: {}", ended.shown);

    // A shell, in which Ctrl-C ends what runs in it and nothing else.
    let mut terminal = start(lab, site, &["site", "--connect"]);
    terminal.types("stty -echo; echo be''gun; sleep 1000; echo over\r");
    terminal.shows("begun\r\n");
    terminal.types("\u{3}");
    terminal.types("echo $((6 * 7)); exit 9\r");
    terminal.shows("42\r\n");
    let ended = terminal.end();
    assert_eq!((ended.code, &ended.settings), (Some(0), &before), "{site}: {}", ended.shown);
    assert!(!ended.shown.contains("\nover"), "{site}: {}", ended.shown);
}

/// A full-screen program that does not listen to its terminal's end, when our program is told to end. What sleeps for so many seconds
/// must be gone soon.
pub(crate) fn told_to_end(lab: &Path, site: &str, seconds: u32) {
    let mut terminal = start(lab, site, &["site", "give", &deaf(seconds)]);
    let before = terminal.settings();
    terminal.shows("full screen");
    kill_process(Pid::from_child(&terminal.child), Signal::TERM).unwrap();
    let ended = terminal.end();
    assert_eq!((ended.code, &ended.settings), (Some(130), &before), "{site}: {}", ended.shown);
    assert!(ended.shown.contains("\u{1b}[?1049l"), "{site}: {}", ended.shown);
}

fn deaf(seconds: u32) -> String {
    format!("trap '' HUP; printf '\\033[?1049hfull screen'; sleep {seconds} & sleep {seconds}")
}

#[test]
fn over_ssh() {
    let Some(lab) = Lab::get() else { return };
    for site in ["web1", "web1.fishsh", "web1.cshsh", "web1.zshsh"] {
        let mut terminal =
            start(&lab.ssh_config, site, &["site", "give", "stty size; read x; echo \"got $x\""]);
        terminal.shows("24 80");
        terminal.types("it's \"$HOME\"\r");
        terminal.shows("got it's \"$HOME\"\r\n");
        assert_eq!(terminal.end().code, Some(0), "{site}");
    }
    conformance(&lab.ssh_config, "web1");
}

/// Whatever ends it, the terminal is as before, and nothing is left on the host.
#[test]
fn what_ends_in_disorder_leaves_nothing() {
    let Some(lab) = Lab::get() else { return };
    let gone = |seconds: u32| {
        block_on(async {
            let left = format!("[s]leep {seconds}");
            let host = lab.host("web1").sudo();
            let wait = cmd!(
                "for i in $(seq 100); do pgrep -f {left} >/dev/null || exit 0; sleep 0.1; done; exit 1"
            );
            host.probe(wait).await.unwrap();
        });
    };

    told_to_end(&lab.ssh_config, "web1", 71_001);
    gone(71_001);

    // The ssh that carries it is killed.
    let mut terminal = start(&lab.ssh_config, "web1", &["site", "give", &deaf(71_002)]);
    let before = terminal.settings();
    terminal.shows("full screen");
    let children = format!("/proc/{0}/task/{0}/children", terminal.child.id());
    let tasks = Path::new(&children).ancestors().nth(2).unwrap().to_owned();
    let mut killed = 0;
    for task in std::fs::read_dir(tasks).unwrap().flatten() {
        for child in
            std::fs::read_to_string(task.path().join("children")).unwrap().split_whitespace()
        {
            let words = std::fs::read(format!("/proc/{child}/cmdline")).unwrap();
            if words.starts_with(b"ssh\0-tt") {
                kill_process(Pid::from_raw(child.parse().unwrap()).unwrap(), Signal::KILL).unwrap();
                killed += 1;
            }
        }
    }
    assert_eq!(killed, 1);
    let ended = terminal.end();
    assert_eq!((ended.code, &ended.settings), (Some(3), &before), "{}", ended.shown);
    assert!(ended.shown.contains("was ended by signal 9"), "{}", ended.shown);
    assert!(ended.shown.contains("\u{1b}[?1049l"), "{}", ended.shown);
    gone(71_002);

    // The shell on the host is.
    let ended = start(&lab.ssh_config, "web1", &["site", "give", "kill -KILL $$"]).end();
    assert_eq!((ended.code, &ended.settings), (Some(1), &before), "{}", ended.shown);
    assert!(ended.shown.contains("signal 9"), "{}", ended.shown);

    // A status that is ssh's own for its failures is the command's.
    let ended = start(&lab.ssh_config, "web1", &["site", "give", "exit 255"]).end();
    assert!(ended.shown.contains("status 255"), "{}", ended.shown);
}

/// The line to the host is cut while somebody works there.
#[test]
fn a_lost_connection_gives_the_terminal_back() {
    let Some(lab) = Lab::get() else { return };
    let mut terminal = Terminal::start(PROGRAM, |command| {
        command.args(["site", "give", "echo begun; cat", "--connection-persist", "0"]);
        command.args(["--on-error", "abort"]);
        command.args([
            "--ssh-option",
            "ServerAliveInterval=1",
            "--ssh-option",
            "ServerAliveCountMax=2",
        ]);
        command.arg("--ssh-config").arg(&lab.ssh_config).env("DEPLOY_TEST_SITE", "web2");
    });
    let before = terminal.settings();
    terminal.shows("begun");
    let cut = lab.cut("web2");
    let ended = terminal.end();
    drop(cut);
    assert_eq!((ended.code, &ended.settings), (Some(3), &before), "{}", ended.shown);
}

/// sudo without a password, with a shell in a context.
#[test]
fn a_shell_as_root() {
    let Some(lab) = Lab::get() else { return };
    let mut terminal = start(&lab.ssh_config, "web1", &["site", "root_shell"]);
    let before = terminal.settings();
    terminal.types("echo \"$(id -un) $PWD $A\"; sleep 1000\r");
    terminal.shows("root /usr b c\r\n");
    terminal.types("\u{3}");
    terminal.resize(43, 132);
    terminal.types("until stty size | grep 43; do sleep 0.1; done; exit\r");
    terminal.shows("43 132\r\n");
    let ended = terminal.end();
    assert_eq!((ended.code, &ended.settings), (Some(0), &before), "{}", ended.shown);
}

/// A password for sudo is typed once, however many commands want it, and is nowhere.
#[test]
fn a_password_for_sudo_is_typed_once() {
    let Some(lab) = Lab::get() else { return };
    let path = lab.ssh_config.with_file_name("sudo_password");
    let password = std::fs::read_to_string(path).unwrap().trim().to_owned();
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let log = log.to_str().unwrap();

    let args = [
        "site",
        "give_as_root",
        "id -un; read x; cat /proc/[0-9]*/cmdline | tr '\\0' ' '",
        "--log",
        log,
    ];
    let mut terminal = start(&lab.ssh_config, "web1.sudoer,web2.sudoer", &args);
    let before = terminal.settings();
    terminal.shows("Password for sudo");
    terminal.types(&format!("{password}\r"));
    for _ in 0..2 {
        terminal.shows("root\r\n");
        terminal.types("\r");
        terminal.shows("sudo ");
    }
    let ended = terminal.end();
    assert_eq!((ended.code, &ended.settings), (Some(0), &before), "{}", ended.shown);
    assert_eq!(ended.shown.matches("Password for sudo").count(), 1, "{}", ended.shown);
    assert!(!ended.shown.contains(&password), "{}", ended.shown);
    assert!(!std::fs::read_to_string(log).unwrap().contains(&password));

    // Mistyped, it is asked for again; echo is off and comes back.
    let mut terminal =
        start(&lab.ssh_config, "web1.sudoer", &["site", "--run-with-sudo", "id -un"]);
    terminal.shows("Password for sudo");
    terminal.types("not the password\r");
    terminal.shows("refused it. Password for sudo once more");
    terminal.types(&format!("{password}\r"));
    terminal.shows("root");
    let ended = terminal.end();
    assert_eq!((ended.code, &ended.settings), (Some(0), &before), "{}", ended.shown);
    assert!(!ended.shown.contains("not the password"), "{}", ended.shown);

    // Ctrl-C at the question ends the run, and the terminal is as before.
    let mut terminal =
        start(&lab.ssh_config, "web1.sudoer", &["site", "--run-with-sudo", "id -un"]);
    terminal.shows("Password for sudo");
    terminal.types("\u{3}");
    let ended = terminal.end();
    assert_eq!((ended.code, &ended.settings), (Some(130), &before), "{}", ended.shown);
}

/// What insists on a terminal gets one and is answered, on several hosts at once, with nobody there.
#[test]
fn prompts_are_answered_on_many_hosts() {
    let Some(lab) = Lab::get() else { return };
    // A user's password is set and taken away again: the same words in new files, and their backups.
    lab.keeps(&["/etc/passwd", "/etc/shadow"]);
    block_on(async {
        let hosts =
            Hosts::parse("web1,web2").unwrap().in_env(&lab.env()).timeout(Duration::from_secs(60));
        let new = Secret::new("a new passw0rd, it's \"long\"".to_owned());
        let retype = Prompt::regex("(?i)retype .*password: ").unwrap();
        let passwd =
            cmd!("passwd bashsh").respond("New password: ", &new).respond(retype.clone(), &new);
        for (_, output) in &hosts.sudo().run(passwd).await.unwrap() {
            let text = output.stdout_str().unwrap();
            assert!(
                text.contains("updated successfully") && !text.contains(new.expose()),
                "{text}"
            );
        }
        let known = hosts.sudo().probe("getent shadow bashsh | cut -d: -f2").await.unwrap();
        assert!(known.values().all(|output| output.stdout.starts_with(b"$")), "{known:?}");

        // The new password proves itself: su asks for it on the terminal.
        let su = cmd!("su bashsh -c 'id -un'").respond("assword: ", &new);
        for (_, output) in &hosts.run(su).await.unwrap() {
            assert!(output.stdout_str().unwrap().contains("bashsh"));
        }
        let wrong = cmd!("su bashsh -c 'id -un'").respond("assword: ", "not it");
        let error = hosts.run(wrong).await.unwrap_err().to_string();
        assert!(error.contains("Authentication failure"), "{error}");

        let other = Secret::new("something else".to_owned());
        let differs = cmd!("passwd bashsh").respond("New password: ", &new).respond(retype, &other);
        let error = hosts
            .get("web1")
            .unwrap()
            .sudo()
            .run(differs.fail_on("do not match"))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("it showed `do not match`"), "{error}");

        let keygen = cmd!(
            "rm -f /tmp/k; ssh-keygen -t ed25519 -f /tmp/k; ssh-keygen -y -f /tmp/k; rm -f /tmp/k*"
        )
        .respond("Enter passphrase (empty", &new)
        .respond("Enter same passphrase", &new)
        .respond("Enter passphrase: ", &new);
        for (_, output) in &hosts.run(keygen).await.unwrap() {
            let text = output.stdout_str().unwrap();
            assert!(text.contains("ssh-ed25519 AAAA") && !text.contains(new.expose()), "{text}");
        }
        hosts.sudo().run("usermod --password '*' bashsh").await.unwrap();
    });
}

/// Behind sudo and what may be in its place, with a password, which is no responder's business. The terminal is whoever's it becomes.
#[test]
fn prompts_behind_a_password() {
    let Some(lab) = Lab::get() else { return };
    let path = lab.ssh_config.with_file_name("sudo_password");
    let password = Secret::new(std::fs::read_to_string(path).unwrap().trim().to_owned());
    for by in [Elevation::Sudo, Elevation::Doas, Elevation::Su] {
        let env = lab.env().sudo_password(PasswordSource::Known(password.clone())).elevation(by);
        block_on(async {
            let host =
                Host::ssh("web1.sudoer").in_env(&env).sudo().timeout(Duration::from_secs(60));
            let ask = Cmd::raw(
                "id -un; printf 'Sure? ' >/dev/tty; read answer </dev/tty; echo \"$answer\"",
            );
            for _ in 0..2 {
                let output = host.run(ask.clone().respond("Sure? ", "yes, I am")).await.unwrap();
                let text = output.stdout_str().unwrap();
                assert_eq!(text, "root\r\nSure? yes, I am\r", "{by}");
            }
        });
    }
}
