//! The process manager, with real processes.

use deploy_contrib::process::{Process, ProcessState};
use deploy_contrib::{file, process};
use deploy_core::Cmd;

use crate::support::Bench;

fn sleeper(bench: &Bench) -> Process {
    process("sleeper", bench.path("run"), Cmd::argv(["sleep", "300"]))
}

async fn pid(bench: &Bench) -> Option<u32> {
    match sleeper(bench).state(&bench.host()).await.unwrap() {
        ProcessState::Running { pid, .. } => Some(pid),
        ProcessState::Stopped => None,
    }
}

fn lives(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

#[tokio::test]
async fn start_restart_stop() {
    let bench = Bench::new();
    bench.converges(sleeper(&bench)).await;
    let first = pid(&bench).await.unwrap();
    assert_eq!(std::fs::read(format!("/proc/{first}/cmdline")).unwrap(), b"sleep\x00300\x00");
    bench.host().ensure(sleeper(&bench).restarted()).await.unwrap();
    let second = pid(&bench).await.unwrap();
    assert!(first != second && !lives(first) && lives(second));
    bench.converges(sleeper(&bench).stopped()).await;
    assert!(pid(&bench).await.is_none() && !lives(second));
}

#[tokio::test]
async fn another_description_starts_it_anew() {
    let bench = Bench::new();
    bench.converges(file(bench.path("env")).content("NAP=200\n")).await;
    bench.converges(sleeper(&bench)).await;
    let first = pid(&bench).await.unwrap();
    let other = process("sleeper", bench.path("run"), Cmd::raw("sleep \"$NAP\""))
        .environment(bench.path("env"));
    bench.converges(other.clone()).await;
    let second = pid(&bench).await.unwrap();
    assert!(!lives(first));
    assert_eq!(std::fs::read(format!("/proc/{second}/cmdline")).unwrap(), b"sleep\x00200\x00");
    bench.converges(other.stopped()).await;
}

#[tokio::test]
async fn a_number_that_was_given_out_again_is_left_alone() {
    let bench = Bench::new();
    let mut bystander = std::process::Command::new("sleep").arg("300").spawn().unwrap();
    std::fs::create_dir(bench.local("run")).unwrap();
    bench.write("run/sleeper.pid", &format!("{} 1-another-time\n", bystander.id()));
    assert_eq!(pid(&bench).await, None);
    bench.host().ensure(sleeper(&bench).stopped()).await.unwrap();
    bench.host().ensure(sleeper(&bench)).await.unwrap();
    bench.host().ensure(sleeper(&bench).stopped()).await.unwrap();
    assert!(lives(bystander.id()));
    bystander.kill().unwrap();
    bystander.wait().unwrap();
}

#[tokio::test]
async fn what_does_not_stay_up_is_an_error_with_its_log() {
    let bench = Bench::new();
    let broken =
        process("broken", bench.path("run"), Cmd::argv(["sh", "-c", "echo no port >&2; exit 1"]));
    let error = bench.host().ensure(broken).await.unwrap_err().to_string();
    assert!(error.contains("did not stay up") && error.contains("no port"), "{error}");
}

#[tokio::test]
async fn one_that_does_not_listen_is_killed() {
    let bench = Bench::new();
    let stubborn = process(
        "stubborn",
        bench.path("run"),
        Cmd::argv(["sh", "-c", "trap '' TERM; sleep 300; sleep 300"]),
    )
    .patience(std::time::Duration::from_secs(1));
    bench.converges(stubborn.clone()).await;
    let ProcessState::Running { pid, .. } = stubborn.state(&bench.host()).await.unwrap() else {
        panic!("it does not run");
    };
    bench.converges(stubborn.stopped()).await;
    assert!(!lives(pid));
}
