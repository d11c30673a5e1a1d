//! A program of its own, for what cannot be seen or done from within the tests' process: it is these tests again, asked for one of them.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use deploy_core::prelude::*;
use deploy_core::report::{Coloring, Human, Json};
use deploy_core::{Compare, ErrorKind, SyncOptions};

use super::site::{HOST, env};
use crate::lab::{Lab, block_on};

const TASK: &str = "DEPLOY_FAULT_TASK";
const OPTION: &str = "DEPLOY_FAULT_OPTION";
const FILE: &str = "DEPLOY_FAULT_FILE";

/// Starts it with something to do, an ssh option of the test, and a file: to read, or for what it has to say.
pub(super) fn start(task: &str, option: &str, file: &Path) -> Child {
    start_with(task, option, file, &[])
}

/// The same with further variables in its environment.
pub(super) fn start_with(
    task: &str,
    option: &str,
    file: &Path,
    variables: &[(&str, &Path)],
) -> Child {
    let stderr = match task {
        "silence" => File::create(file).unwrap().into(),
        _ => Stdio::inherit(),
    };
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "faults::child::does_as_it_is_told", "--nocapture"])
        .stdin(Stdio::null())
        .stderr(stderr)
        .env(TASK, task)
        .env(OPTION, option)
        .env(FILE, file)
        .envs(variables.iter().copied())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// The program. Told nothing, as when all tests run, it does nothing.
#[test]
fn does_as_it_is_told() {
    let Ok(task) = std::env::var(TASK) else { return };
    let (Some(lab), option) = (Lab::of_child(), std::env::var(OPTION).unwrap()) else { return };
    let file = std::env::var_os(FILE).unwrap();
    let host = Host::ssh(HOST).in_env(&env(&lab, &option));
    block_on(async {
        match &*task {
            "upload" => host.put(file, "target").await.unwrap(),
            // Two gigabytes need not be summed first.
            "sync" => {
                let options = SyncOptions::new().compare(Compare::SizeAndTime);
                let _ = host.sync_dir_with(file, "target", options).await.unwrap();
            }
            "silence" => silence(&lab, &option).await,
            "jumps" => {
                let env = env(&lab, &option).reporter(Json::new(File::create(&file).unwrap()));
                let clock = std::env::var_os("FAKETIME_TIMESTAMP_FILE").unwrap();
                jumps(&Host::ssh(HOST).in_env(&env), &env, Path::new(&clock)).await;
            }
            "flood" => std::fs::write(file, flood(&host).await).unwrap(),
            _ => panic!("{task}"),
        }
    });
}

/// Waits for a silent host as the command line would, with a connection that may be silent for 14 seconds: less than the command is, and
/// long enough for a machine that has no time for ssh.
async fn silence(lab: &Lab, option: &str) {
    let env = env(lab, option).reporter(Human::stdio(Coloring::Never));
    let env = env.connect_settings(|settings| {
        settings.connect_timeout = Duration::from_secs(20);
        settings.ssh_options =
            [option, "ServerAliveInterval=2", "ServerAliveCountMax=7"].map(str::to_owned).into();
    });
    let wait = "while [ ! -e speak ]; do sleep 0.2; done; echo at last";
    let output = Host::ssh(HOST).in_env(&env).run(wait).await.unwrap();
    assert_eq!(output.stdout, b"at last\n");
    assert!(output.elapsed.as_secs() >= 20);
    env.finish().await;
}

/// Runs commands while the time of day jumps: its file, which libfaketime reads, is written by them.
async fn jumps(host: &Host, env: &Env, clock: &Path) {
    let second = Duration::from_secs(1);
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    host.run("true").await.unwrap();
    for jump in ["+400d", "-400d", "+0"] {
        let before = now();
        std::fs::write(clock, jump).unwrap();
        assert!(jump == "+0" || now().abs_diff(before) > 300 * 86_400, "the clock stands still");
        // Neither ends early nor late, nor is the connection taken for dead or kept for ever.
        let began = Instant::now();
        let output = host.run("sleep 2; echo still here").await.unwrap();
        assert_eq!(output.stdout, b"still here\n");
        assert!((2..6).contains(&output.elapsed.as_secs()), "{:?}", output.elapsed);
        let error = host.timeout(2 * second).run("sleep 60").await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::TimedOut { .. }), "{error}");
        assert!((4..12).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
        host.sudo().write_file("/home/deploy/clock", jump).await.unwrap();
        assert_eq!(host.read_file("clock").await.unwrap(), jump.as_bytes());
    }
    host.sudo().remove("/home/deploy/clock").await.unwrap();
    env.finish().await;
}

/// Lets the host print a gigabyte. Says by how many kilobytes that raised our peak of memory, and what came of it.
async fn flood(host: &Host) -> String {
    host.run("true").await.unwrap();
    let before = peak();
    let output = host.run("yes 123456789012345 | head -c 1073741824; echo end").await.unwrap();
    let (length, end) = (output.stdout.len(), output.stdout.ends_with(b"\n123456789012345\nend\n"));
    format!("{} {} {length} {end}", peak() - before, output.truncated)
}

/// The most memory that this process ever had, in kilobytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}
