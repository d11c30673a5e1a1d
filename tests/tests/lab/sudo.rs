//! Becoming another user by sudo, doas and su. Where that takes a password, it comes once, reaches nothing but the program that asks for it,
//! and a wrong one is said at once.

use std::os::unix::fs::PermissionsExt;
use std::panic::AssertUnwindSafe;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use deploy_core::prelude::*;
use deploy_core::{Elevation, ErrorKind, PasswordSource, WriteOptions};

use crate::lab::{Lab, block_on, skipped};

const WAYS: [Elevation; 3] = [Elevation::Sudo, Elevation::Doas, Elevation::Su];

fn password(lab: &Lab) -> String {
    let text = std::fs::read_to_string(lab.ssh_config.with_file_name("sudo_password")).unwrap();
    text.trim().to_owned()
}

fn env(lab: &Lab, password: &str) -> Env {
    lab.env().sudo_password(PasswordSource::Known(Secret::new(password.to_owned())))
}

/// As root, as another user, with input, in a login shell, one after the other and at once: all from one password.
#[test]
fn one_password_serves_all_commands() {
    let Some(lab) = Lab::get() else { return };
    WAYS.into_iter().for_each(|by| serves(&lab, by));
}

fn serves(lab: &Lab, by: Elevation) {
    let env = env(lab, &password(lab)).elevation(by);
    // With su it is the password of the other one.
    let (login, other) = match by {
        Elevation::Su => ("bashsh", "sudoer"),
        _ => ("sudoer", "bashsh"),
    };
    block_on(async {
        let hosts = Hosts::parse(&format!("web1.{login},web2.{login}")).unwrap().in_env(&env);
        for (_, out) in &hosts.sudo().run("id -un").await.unwrap() {
            assert_eq!((out.stdout_str().unwrap(), &*out.stderr), ("root", &b""[..]), "{by}");
        }
        let host = Host::ssh(format!("web1.{login}")).in_env(&env);
        assert_eq!(host.run("id -un").await.unwrap().stdout_str().unwrap(), login);
        let out = host.as_user(other).run("id -un; pwd; echo oops >&2").await.unwrap();
        assert_eq!(out.stdout_str().unwrap(), format!("{other}\n/home/{other}"), "{by}");
        assert_eq!(out.stderr, b"oops\n", "{by}");
        let input = host.sudo().run(cmd!("cat; id -un").stdin("line\n")).await.unwrap();
        assert_eq!(input.stdout_str().unwrap(), "line\nroot", "{by}");
        let login = host.sudo().login_shell().env("A", "b c").run("echo \"$A\"").await.unwrap();
        assert_eq!(login.stdout_str().unwrap(), "b c", "{by}");
        let many = (0..12)
            .map(|n: usize| tokio::spawn(host.sudo().run(cmd!("echo {n}; read x; echo $?"))));
        for (n, run) in many.collect::<Vec<_>>().into_iter().enumerate() {
            let out = run.await.unwrap().unwrap();
            // Standard input is empty: the password was not left in it.
            assert_eq!(out.stdout_str().unwrap(), format!("{n}\n1"), "{by}");
        }
        // What only root has in its path, and nothing of what led here in the environment.
        let out = host.sudo().run("command -v sysctl; env").await.unwrap();
        let out = out.stdout_str().unwrap();
        assert!(out.starts_with("/usr/sbin/") || out.starts_with("/sbin/"), "{by}: {out}");
        let ours = |line: &str| line.starts_with("LANGUAGE=") || line.starts_with("_deploy");
        assert!(!out.lines().any(ours), "{by}: {out}");
        host.sudo().write_file("/var/sudo-test", "text").await.unwrap();
        assert_eq!(host.sudo().read_file("/var/sudo-test").await.unwrap(), b"text");
        let stat = host.sudo().stat("/var/sudo-test").await.unwrap().unwrap();
        assert_eq!(stat.owner, "root", "{by}");
        host.sudo().remove("/var/sudo-test").await.unwrap();
        env.finish().await;
    });
}

/// What takes no password asks for none.
#[test]
fn without_a_password() {
    let Some(lab) = Lab::get() else { return };
    let id = |host: Host| block_on(host.run("id -un")).unwrap();
    for (by, login) in
        [(Elevation::Sudo, "web1"), (Elevation::Doas, "web1"), (Elevation::Su, "web1.root")]
    {
        let host = lab.host(login).elevation(by);
        for user in ["root", "bashsh"] {
            assert_eq!(id(host.as_user(user)).stdout_str().unwrap(), user, "{by}");
            assert_eq!(id(host.as_user(user).login_shell()).stdout_str().unwrap(), user, "{by}");
        }
    }
    // And where one is wanted that nobody has, it is said what to do.
    for by in WAYS {
        let host = lab.host("web1.sudoer").elevation(by).sudo();
        let error = block_on(host.run("true")).unwrap_err().to_string();
        let said = format!("{by} asks for a password to become `root`, and there is nobody to ask");
        assert!(error.contains(&said), "{error}");
    }
    for (by, said) in [(Elevation::Sudo, "sudo"), (Elevation::Doas, "Operation not permitted")] {
        let host = lab.host("web1.bashsh").elevation(by).sudo();
        let error = block_on(host.run("true")).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

/// A wrong password is tried once, on one host.
#[test]
fn a_wrong_password_is_an_error_at_once() {
    let Some(lab) = Lab::get() else { return };
    WAYS.into_iter().for_each(|by| refuses(&lab, by));
}

fn refuses(lab: &Lab, by: Elevation) {
    let env = env(lab, "not the password").elevation(by);
    block_on(async {
        let hosts = Hosts::parse("web1.sudoer,web2.sudoer").unwrap().in_env(&env).sudo();
        let started = Instant::now();
        let results = hosts.each(async |host: Host| host.run("true").await).await;
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
        let errors: Vec<Error> =
            results.into_iter().map(|(_, result)| result.unwrap_err()).collect();
        let said = format!("{by} refused the password to become `root`");
        let refused = errors.iter().filter(|error| error.to_string().contains(&said));
        assert_eq!(refused.count(), 1, "{errors:?}");
        let spared =
            errors.iter().filter(|error| matches!(error.kind(), ErrorKind::NotAttempted { .. }));
        assert_eq!(spared.count(), 1, "{errors:?}");
        let again = Instant::now();
        hosts.run("true").await.unwrap_err();
        assert!(
            again.elapsed() < Duration::from_secs(2),
            "it was tried again: {:?}",
            again.elapsed()
        );
    });
    // The same through the words of whoever is not allowed to do it at all.
    let error = block_on(Host::ssh("web1.bashsh").in_env(&env).sudo().run("true")).unwrap_err();
    assert!(!error.to_string().contains("not the password"), "{error}");
}

/// A command that is running as root ends when it is told to, with its children.
#[test]
fn what_runs_behind_a_password_can_be_ended() {
    let Some(lab) = Lab::get() else { return };
    WAYS.into_iter().for_each(|by| ends(&lab, by));
}

fn ends(lab: &Lab, by: Elevation) {
    let env = env(lab, &password(lab)).elevation(by);
    block_on(async {
        let host = Host::ssh("web1.sudoer").in_env(&env).sudo();
        for command in [
            cmd!("sleep 317 & wait"),
            cmd!("sleep 317 & wait").stdin("x"),
            cmd!("trap '' TERM; sleep 317 & wait; wait; sleep 317"),
        ] {
            let error = host.run(command.timeout(Duration::from_secs(1))).await.unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::TimedOut { .. }), "{by}: {error}");
            let left =
                lab.host("web1").sudo().probe("pgrep -f '[s]leep 317' || true").await.unwrap();
            assert_eq!(left.stdout, b"", "{by}: {}", String::from_utf8_lossy(&left.stdout));
        }
    });
}

/// What a command leaves in the background lives on when its shell ends in order, although doas was asked on a terminal.
#[test]
fn what_is_left_behind_a_password_lives_on() {
    let Some(lab) = Lab::get() else { return };
    for by in WAYS {
        let env = env(&lab, &password(&lab)).elevation(by);
        block_on(async {
            let host = Host::ssh("web1.sudoer").in_env(&env).sudo();
            host.run("sleep 318 >/dev/null 2>&1 &").await.unwrap();
            host.run("true").await.unwrap();
            env.finish().await;
            let root = lab.host("web1").sudo();
            let ended = cmd!(
                "for i in $(seq 100); do pgrep -x script >/dev/null || exit 0; sleep 0.1; done; exit 1"
            );
            root.probe(ended).await.unwrap();
            root.run("pkill -f '[s]leep 318'").await.unwrap();
        });
    }
}

/// sudo-rs in place of sudo, on hosts where it is found first. `cargo xtask test` builds it.
#[test]
fn sudo_rs() {
    let Some(lab) = Lab::get() else { return };
    let program = lab.ssh_config.with_file_name("../sudo-rs/bin/sudo");
    if !program.exists() {
        return skipped("sudo-rs is not built, target/sudo-rs/bin/sudo is missing");
    }
    // When it last took a password, as sudo in `/run/sudo`.
    lab.keeps(&["/run/sudo-rs"]);
    let root = Hosts::parse("web1.root,web2.root").unwrap().in_env(&lab.env());
    block_on(async {
        let to = "/usr/local/bin/sudo";
        for host in &root {
            host.put_with(&program, to, WriteOptions::new().mode(0o4755)).await.unwrap();
        }
    });
    let all = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let version = block_on(lab.host("web1").sudo().run("sudo --version")).unwrap();
        assert!(version.stdout.starts_with(b"sudo-rs "), "{version:?}");
        serves(&lab, Elevation::Sudo);
        refuses(&lab, Elevation::Sudo);
        ends(&lab, Elevation::Sudo);
        for user in ["root", "bashsh"] {
            let out = block_on(lab.host("web1").as_user(user).run("id -un")).unwrap();
            assert_eq!(out.stdout_str().unwrap(), user);
        }
        let host = lab.host("web1.sudoer").sudo();
        let error = block_on(host.run("true")).unwrap_err().to_string();
        assert!(error.contains("sudo asks for a password to become `root`"), "{error}");
        let error = block_on(lab.host("web1.bashsh").sudo().run("true")).unwrap_err().to_string();
        assert!(error.contains("I'm afraid I can't do that"), "{error}");
    }));
    block_on(root.run("rm /usr/local/bin/sudo")).unwrap();
    if let Err(panic) = all {
        std::panic::resume_unwind(panic);
    }
}

/// Where nothing makes a terminal for doas, it is said what to do, and a command that has a terminal works all the same.
#[test]
fn doas_without_a_terminal() {
    let Some(lab) = Lab::get() else { return };
    // Its mode is as it was afterwards, in a copy of the host's own.
    lab.keeps(&["/usr/bin/script"]);
    let env = env(&lab, &password(&lab)).elevation(Elevation::Doas);
    block_on(async {
        let root = lab.host("web1").sudo();
        root.run("chmod a-x /usr/bin/script").await.unwrap();
        let host = Host::ssh("web1.sudoer").in_env(&env).sudo();
        let shown = host.run(Cmd::raw("id -un; tty").respond("never", "")).await;
        let refused = Host::ssh("web1.sudoer").in_env(&env).as_user("bashsh").run("id").await;
        root.run("chmod a+x /usr/bin/script").await.unwrap();
        let shown = shown.unwrap();
        let shown = shown.stdout_str().unwrap();
        assert!(shown.starts_with("root\r\n/dev/pts/"), "{shown}");
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("doas reads a password from a terminal only"), "{error}");
        assert!(error.contains("permit nopass in doas.conf"), "{error}");
    });
}

/// The whole program, with the password in a file, for each way. Nothing shows it: no argument list and no environment of any
/// process, here or there, no output and no log.
#[test]
fn nothing_shows_the_password() {
    let Some(lab) = Lab::get() else { return };
    WAYS.into_iter().for_each(|by| shows_nothing(&lab, by));
}

fn shows_nothing(lab: &Lab, by: Elevation) {
    let password = password(lab);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("password");
    std::fs::write(&file, format!("{password}\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let log = directory.path().join("log");
    let program = |command: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_sudo_tree"));
        program.args([
            "sudoer",
            "--run-with-sudo",
            command,
            "-vv",
            "--non-interactive",
            "--output",
            "json",
            "--elevation",
            by.program(),
        ]);
        program.arg("--log").arg(&log).arg("--ssh-config").arg(&lab.ssh_config);
        program.env("DEPLOY_SUDO_PASSWORD_FILE", &file);
        program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        program
    };
    let holds = |bytes: &[u8]| bytes.windows(password.len()).any(|it| it == password.as_bytes());

    let fifo = "/tmp/sudo-test-fifo";
    let command =
        format!("rm -f {fifo}; mkfifo -m 666 {fifo}; echo ready; env; cat {fifo}; rm {fifo}");
    let child = program(&command).spawn().unwrap();
    block_on(async {
        let root = lab.host("web1").sudo();
        let deadline = Instant::now() + Duration::from_secs(30);
        while !root.exists(fifo).await.unwrap() {
            assert!(Instant::now() < deadline, "the command does not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // All of it comes here to be searched, so that the search there is not what it finds.
        let all = root.probe("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null || true");
        let all = all.await.unwrap().stdout;
        assert!(all.windows(4).any(|it| it == b"sudo") && !holds(&all), "{by}");
        for process in std::fs::read_dir("/proc").unwrap().flatten() {
            for name in ["cmdline", "environ"] {
                let bytes = std::fs::read(process.path().join(name)).unwrap_or_default();
                assert!(!holds(&bytes), "{}", process.path().join(name).display());
            }
        }
        root.run(cmd!("echo go >{fifo}")).await.unwrap();
    });
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.windows(5).any(|it| it == b"ready"));

    // And where it is wrong.
    std::fs::write(&file, format!("x{password}\n")).unwrap();
    let wrong = program("true").output().unwrap();
    assert_eq!(wrong.status.code(), Some(1), "{}", String::from_utf8_lossy(&wrong.stderr));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains(&format!("{by} refused the password")));
    let log = std::fs::read(&log).unwrap();
    assert!(!log.is_empty());
    for bytes in [&output.stdout, &output.stderr, &wrong.stdout, &wrong.stderr, &log] {
        assert!(!holds(bytes), "{}", String::from_utf8_lossy(bytes));
    }
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let open = program("true").output().unwrap();
    assert_eq!(open.status.code(), Some(2), "{}", String::from_utf8_lossy(&open.stderr));
}
