//! A program of its own, for what cannot be seen or done from within the tests' process: it is these tests again, asked for one of them.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use deploy_core::prelude::*;
use deploy_core::report::{Coloring, Human};
use deploy_core::{Compare, SyncOptions};

use super::site::{HOST, env};
use crate::lab::{Lab, block_on};

const TASK: &str = "DEPLOY_FAULT_TASK";
const OPTION: &str = "DEPLOY_FAULT_OPTION";
const FILE: &str = "DEPLOY_FAULT_FILE";

/// Starts it with something to do, an ssh option of the test, and a file: to read, or for what it has to say.
pub(super) fn start(task: &str, option: &str, file: &Path) -> Child {
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
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// The program. Told nothing, as when all tests run, it does nothing.
#[test]
fn does_as_it_is_told() {
    let Ok(task) = std::env::var(TASK) else { return };
    let (Some(lab), option) = (Lab::get(), std::env::var(OPTION).unwrap()) else { return };
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
            "flood" => std::fs::write(file, flood(&host).await).unwrap(),
            _ => panic!("{task}"),
        }
    });
}

/// Waits for a silent host as the command line would.
async fn silence(lab: &Lab, option: &str) {
    let env = env(lab, option).reporter(Human::stdio(Coloring::Never));
    let output = Host::ssh(HOST).in_env(&env).run("sleep 22; echo at last").await.unwrap();
    assert_eq!(output.stdout, b"at last\n");
    assert!(output.elapsed.as_secs() >= 22);
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
