//! The time of day jumps: here, for our program and its ssh, and on the host, for sshd and for the commands that ask for it.
//!
//! The machine's clock is everybody's, and hosts of the lab have no other, so libfaketime stands between the programs and
//! it. As when a real clock is set, what counts seconds since the boot goes on as before. What this cannot show is what the kernel itself
//! does by the clock, such as the times of files, which nothing of ours depends on.

use std::path::{Path, PathBuf};

use deploy_core::prelude::*;

use super::child;
use super::site::{HOST, row, wait_for};

/// Where Debian's package has it, on whatever architecture.
fn libfaketime() -> PathBuf {
    let directories = std::fs::read_dir("/usr/lib").unwrap().flatten();
    let mut found = directories.map(|it| it.path().join("faketime/libfaketimeMT.so.1"));
    found.find(|path| path.exists()).expect("libfaketime, which `cargo xtask lab setup` installs")
}

/// What makes a program's clock follow a file from one look to the next.
fn variables<'a>(library: &'a Path, clock: &'a Path) -> [(&'static str, &'a Path); 5] {
    let on = Path::new("1");
    [
        ("LD_PRELOAD", library),
        ("FAKETIME_TIMESTAMP_FILE", clock),
        ("FAKETIME_NO_CACHE", on),
        ("FAKETIME_DONT_FAKE_MONOTONIC", on),
        ("DONT_FAKE_MONOTONIC", on),
    ]
}

#[test]
fn here() {
    row(90, async |site| {
        let directory = tempfile::tempdir().unwrap();
        let (clock, log) = (directory.path().join("clock"), directory.path().join("log"));
        std::fs::write(&clock, "+0").unwrap();
        let library = libfaketime();
        let variables = variables(&library, &clock);
        let mut program = child::start_with("jumps", &site.option, &log, &variables);
        let status = tokio::task::spawn_blocking(move || program.wait()).await.unwrap().unwrap();
        assert!(status.success());
        // Durations are none of the clock's business.
        let log = std::fs::read_to_string(log).unwrap();
        let mut longest = 0.0_f64;
        for line in log.lines() {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            longest = longest.max(event["elapsed"].as_f64().unwrap_or(0.0));
        }
        assert!((1.9..12.0).contains(&longest), "{longest} s: {log}");
    });
}

#[test]
fn on_the_host() {
    row(90, async |site| {
        let (library, clock) = (libfaketime(), Path::new("/var/tmp/clock"));
        let words =
            variables(&library, clock).map(|(name, value)| format!("{name}={}", value.display()));
        site.inside(&format!(
            "echo +0 >/var/tmp/clock; chmod 666 /var/tmp/clock; {} /usr/sbin/sshd -p 2225 -o PidFile=none",
            words.join(" ")
        ));
        wait_for("sshd", async || site.inside("ss -ltn").contains(":2225")).await;
        let mut host = Host::ssh(format!("{HOST}:2225")).in_env(&site.env());
        for (name, value) in variables(&library, clock) {
            host = host.env(name, value.to_str().unwrap());
        }
        let year = async || {
            let date = host.run("date +%Y").await.unwrap();
            date.stdout_str().unwrap().parse::<u32>().unwrap()
        };
        let now = year().await;
        for (jump, years) in [("+800d", 2..=3), ("-800d", 0..=0), ("+0", 0..=0)] {
            let running = tokio::spawn(host.run("sleep 2; echo still here"));
            site.inside(&format!("echo {jump} >/var/tmp/clock"));
            assert_eq!(running.await.unwrap().unwrap().stdout, b"still here\n");
            assert!(years.contains(&year().await.saturating_sub(now)), "{jump}");
            host.sudo().write_file("/home/deploy/clock", jump).await.unwrap();
            assert_eq!(host.read_file("clock").await.unwrap(), jump.as_bytes());
        }
        host.sudo().remove("/home/deploy/clock").await.unwrap();
        // A connection that begins while the clock is wrong.
        site.inside("echo -9000d >/var/tmp/clock");
        Host::ssh(format!("{HOST}:2225")).in_env(&site.env()).run("true").await.unwrap();
        drop(host);
        site.inside(
            "rm -f /var/tmp/clock /dev/shm/*faketime*; kill $(ps -eo pid=,args= | grep '[-]p 2225.*listener' | awk '{print $1}')",
        );
    });
}
