//! What every connector owes: the same statuses, bytes, environment and ends of processes, whatever carries them.

use std::time::{Duration, Instant};

use deploy_core::prelude::*;
use deploy_core::{ErrorKind, Status};

use crate::lab::{Lab, block_on};

#[test]
fn this_machine() {
    block_on(all(&Host::local().in_env(&Env::quiet())));
}

#[test]
fn over_ssh() {
    let Some(lab) = Lab::get() else { return };
    block_on(all(&lab.host("web1")));
}

/// The promises about scripts and processes hold for each login shell.
#[test]
fn over_ssh_with_other_login_shells() {
    let Some(lab) = Lab::get() else { return };
    block_on(async {
        for user in ["shsh", "zshsh", "fishsh", "cshsh"] {
            scripts(&lab.host(&format!("web1.{user}")), user).await;
        }
    });
}

/// The promises about scripts and processes, for a host with another login shell.
pub(crate) async fn scripts(host: &Host, user: &str) {
    statuses(host).await;
    input(host).await;
    context(host, user).await;
    a_dropped_command_is_gone(host).await;
}

/// Checks one host. Each promise is a function; its name is in the backtrace when it is broken.
pub(crate) async fn all(host: &Host) {
    statuses(host).await;
    streams(host).await;
    input(host).await;
    children_left_behind(host).await;
    what_was_there_before_lives_on(host).await;
    a_command_leaves_nothing_to_the_next(host).await;
    commands_side_by_side(host).await;
    secrets_are_in_no_argument_list(host).await;
    a_cancelled_command_is_gone(host).await;
    a_dropped_command_is_gone(host).await;
    let user = host.probe("id -un").await.unwrap();
    context(host, user.stdout_str().unwrap()).await;
    other_users(host).await;
}

async fn status(host: &Host, cmd: Cmd) -> Status {
    match host.run(cmd).await {
        Ok(output) => output.status,
        Err(error) => match error.kind() {
            ErrorKind::Command { status, .. } => *status,
            _ => panic!("{error}"),
        },
    }
}

async fn statuses(host: &Host) {
    for (source, expected) in [
        ("true", Status::Code(0)),
        ("exit 1", Status::Code(1)),
        ("(exit 127)", Status::Code(127)),
        ("no-such-program", Status::Code(127)),
        ("exit 255", Status::Code(255)),
        ("echo several\nexit 9\n", Status::Code(9)),
        ("cat <<EOF\n\\x 'y'\n\tz\nEOF\nexit 4", Status::Code(4)),
        ("exec sh -c 'exit 7'", Status::Code(7)),
        ("sh -c 'kill -KILL $$'", Status::Code(137)),
        ("if", Status::Code(2)),
        ("kill -KILL $$", Status::Signal(9)),
        ("sleep 0.1 & wait", Status::Code(0)),
    ] {
        let found = status(host, Cmd::raw(source)).await;
        // A syntax error is 1, 2 or 3, as the shell likes.
        let syntax = [1, 2, 3].map(Status::Code).contains(&found);
        let expected = if source == "if" && syntax { found } else { expected };
        assert_eq!(found, expected, "{source} on {host}");
    }
    let output = host.run(cmd!("echo out; echo err >&2; exit 127").ok_codes([127])).await.unwrap();
    assert_eq!((&*output.stdout, &*output.stderr), (&b"out\n"[..], &b"err\n"[..]));
}

/// Every byte, final newlines or none, and more than any buffer on both streams at once.
async fn streams(host: &Host) {
    let output = host.run("printf 'a\\000b\\377\\036'; printf 'no newline' >&2").await.unwrap();
    assert_eq!((&*output.stdout, &*output.stderr), (&b"a\0b\xff\x1e"[..], &b"no newline"[..]));
    let output = host.run("printf 'x\\n\\n'").await.unwrap();
    assert_eq!(output.stdout, b"x\n\n");
    let bytes = 3_000_000;
    let output = host
        .run(cmd!("head -c {bytes} /dev/zero & head -c {bytes} /dev/zero >&2; wait"))
        .await
        .unwrap();
    assert_eq!((output.stdout.len(), output.stderr.len()), (bytes, bytes));
}

async fn input(host: &Host) {
    let none = host.timeout(Duration::from_secs(20)).run("cat").await.unwrap();
    assert!(none.stdout.is_empty());
    let every_byte: Vec<u8> = (0..=255).cycle().take(3 << 20).collect();
    let echoed = host.run(cmd!("cat").stdin(every_byte.clone())).await.unwrap();
    assert!(echoed.stdout == every_byte, "{} bytes came back", echoed.stdout.len());
    let count = host.run(cmd!("wc -c").stdin("")).await.unwrap();
    assert_eq!(count.stdout_str().unwrap().trim(), "0");
    // Input that nobody reads hangs nothing.
    host.timeout(Duration::from_secs(20)).run(cmd!("true").stdin(every_byte)).await.unwrap();
}

/// A child that keeps the streams open does not keep the command, and lives on.
async fn children_left_behind(host: &Host) {
    let started = Instant::now();
    let output = host.run("sleep 60 & echo $!").await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    let pid = output.stdout_str().unwrap().to_owned();
    assert_eq!(status(host, cmd!("kill -0 {pid}")).await, Status::Code(0), "it lives");
    host.run(cmd!("kill {pid}")).await.unwrap();
}

/// Ending a command ends all that it started, in the background too, and nothing that earlier commands of the same shell have
/// left there, nor what these start meanwhile; nor what has left the process group.
async fn what_was_there_before_lives_on(host: &Host) {
    let daemon = "sh -c 'while :; do sleep 1; done' >/dev/null 2>&1 & echo $!";
    let pid = |output: Output| output.stdout_str().unwrap().to_owned();
    // One by a new shell, one by a shell that has served, and one that holds the streams open.
    let mut before = Vec::new();
    for source in [daemon, daemon, "sleep 61 & echo $!", "setsid sleep 61 & echo $!"] {
        before.push(pid(host.run(Cmd::raw(source)).await.unwrap()));
    }
    let leaves = "sh -c 'sleep 1000 & echo $! >>$1' sh {file}";
    for (source, dropped) in [
        ("{leaves}; sleep 1000", false),
        ("trap '' TERM; {leaves}; sleep 1000; sleep 1000", false),
        ("{leaves}; sleep 1000", true),
    ] {
        let file = temporary_file(host).await;
        let cmd = Cmd::raw(source.replace("{leaves}", leaves).replace("{file}", &file));
        if dropped {
            let running = host.run(cmd);
            let _ = tokio::time::timeout(Duration::from_millis(700), running).await.unwrap_err();
        } else {
            let error = host.timeout(Duration::from_millis(700)).run(cmd).await.unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::TimedOut { .. }), "{error}");
            assert!(!error.to_string().contains("may still run"), "{error}");
        }
        let left = pid(host.probe(cmd!("cat {file}")).await.unwrap());
        wait_until_gone(host, &left).await;
        for pid in &before {
            // A zombie is gone.
            let alive = cmd!("grep '^State' /proc/{pid}/status | grep -v Z");
            let alive = status(host, alive).await;
            assert_eq!(alive, Status::Code(0), "{pid} of {before:?}: {source} ended it on {host}");
        }
        // Another one, in the shell that serves now.
        before.push(pid(host.run(Cmd::raw(daemon)).await.unwrap()));
        host.run(cmd!("rm {file}")).await.unwrap();
    }
    for pid in before {
        host.run(cmd!("kill {pid}")).await.unwrap();
    }
}

/// Even where one shell serves them all.
async fn a_command_leaves_nothing_to_the_next(host: &Host) {
    let show =
        "pwd; umask; echo ${VARIABLE-unset}; type name 2>/dev/null || echo none; trap; echo $#";
    let before = host.run(show).await.unwrap();
    let change = "cd /; umask 0; VARIABLE=x; export VARIABLE; name() { :; }; trap : USR1; set a b; exec 2>&1 >/dev/null; exec 3>&-";
    host.run(change).await.unwrap();
    host.run("exec true").await.unwrap();
    assert_eq!(host.run(show).await.unwrap().stdout, before.stdout);
}

async fn commands_side_by_side(host: &Host) {
    let runs: Vec<_> =
        (0..8).map(|n| tokio::spawn(host.run(cmd!("echo {n}; sleep 0.2; echo {n}")))).collect();
    for (n, run) in runs.into_iter().enumerate() {
        assert_eq!(run.await.unwrap().unwrap().stdout_str().unwrap(), format!("{n}\n{n}"));
    }
}

async fn secrets_are_in_no_argument_list(host: &Host) {
    let secret = Secret::new("hunter2-in-the-lab".to_owned());
    let host = host.env("PASSWORD", &secret);
    let list = Cmd::raw("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '");
    let output = host.run(cmd!("{list:raw}; printf %s {secret} | wc -c")).await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("sh -c") && text.ends_with("18\n"), "{text}");
    assert!(!text.contains(secret.expose()), "{text}");
}

/// Waits until none of these processes is left; a zombie counts as gone.
pub(crate) async fn wait_until_gone(host: &Host, pids: &str) {
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        let left = host
            .probe(cmd!(
                "for pid in {pids:raw}; do grep -s '^State' /proc/$pid/status | grep -v Z; done; true"
            ))
            .await
            .unwrap();
        if left.stdout.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "{pids} still run on {host}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn temporary_file(host: &Host) -> String {
    host.run("mktemp").await.unwrap().stdout_str().unwrap().to_owned()
}

async fn a_cancelled_command_is_gone(host: &Host) {
    for (source, stdin) in [
        ("sleep 1000 & echo $! $$ >{file}; sleep 1000", None),
        ("trap '' TERM; sleep 1000 & echo $! $$ >{file}; sleep 1000; sleep 1000", None),
        ("sleep 1000 & echo $! $$ >{file}; wait", Some(vec![b'x'; 1 << 20])),
    ] {
        let file = temporary_file(host).await;
        let mut cmd = Cmd::raw(source.replace("{file}", &file));
        if let Some(bytes) = stdin {
            cmd = cmd.stdin(bytes);
        }
        let started = Instant::now();
        let error = host.timeout(Duration::from_millis(700)).run(cmd).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::TimedOut { .. }), "{error}");
        assert!(!error.to_string().contains("may still run"), "{error}");
        assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
        let pids = host.probe(cmd!("cat {file}")).await.unwrap();
        wait_until_gone(host, pids.stdout_str().unwrap()).await;
        host.run(cmd!("rm {file}")).await.unwrap();
    }
}

/// As when this program is killed: the host notices by itself.
async fn a_dropped_command_is_gone(host: &Host) {
    let file = temporary_file(host).await;
    let running = host.run(cmd!("sleep 1000 & echo $! $$ >{file}; wait"));
    let _ = tokio::time::timeout(Duration::from_millis(700), running).await.unwrap_err();
    let pids = host.probe(cmd!("cat {file}")).await.unwrap();
    wait_until_gone(host, pids.stdout_str().unwrap()).await;
    host.run(cmd!("rm {file}")).await.unwrap();
}

async fn context(host: &Host, user: &str) {
    let text = |output: Output| output.stdout_str().unwrap().to_owned();
    let nasty = "it's \"$HOME\" \\ !x\né\u{1}";
    let value = host.env("NASTY", nasty).run("printf '%s' \"$NASTY\"").await.unwrap();
    assert_eq!(text(value), nasty);
    assert_eq!(text(host.cd("/usr").run("pwd").await.unwrap()), "/usr");
    assert_eq!(
        text(host.cd("~").run("pwd").await.unwrap()),
        text(host.run("echo ~").await.unwrap())
    );
    assert_eq!(text(host.umask(0o027).run("umask").await.unwrap()).trim_start_matches('0'), "27");
    assert_eq!(text(host.run("id -un").await.unwrap()), user);
    assert_eq!(text(host.login_shell().env("A", "b").run("echo $A").await.unwrap()), "b");
}

/// Through sudo: streams, status, environment, and the end of a cancelled command.
async fn other_users(host: &Host) {
    let nobody = host.as_user("nobody").env("A", "b c");
    let output = nobody.run("id -un; echo $A; echo err >&2; exit 3").await;
    let error = output.unwrap_err();
    let ErrorKind::Command { status, stderr, .. } = error.kind() else { panic!("{error}") };
    assert_eq!((*status, stderr.as_str()), (Status::Code(3), "err"));
    let output = nobody.run("id -un; echo $A").await.unwrap();
    assert_eq!(output.stdout_str().unwrap(), "nobody\nb c");
    assert_eq!(host.sudo().run("id -u").await.unwrap().stdout_str().unwrap(), "0");
    let echoed = host.sudo().run(cmd!("cat").stdin("in\n")).await.unwrap();
    assert_eq!(echoed.stdout, b"in\n");
    a_cancelled_command_is_gone(&host.sudo()).await;
    what_was_there_before_lives_on(&host.sudo()).await;
    a_dropped_command_is_gone(&host.sudo()).await;
    secrets_are_in_no_argument_list(&host.sudo()).await;
    let error = host.as_user("no-such-user").run("true").await.unwrap_err();
    assert!(error.to_string().contains("no-such-user"), "{error}");
}
