//! A secret is in nothing that we show, keep or leave behind: searched for byte by byte.
//!
//! A program that is itself given a secret, as an argument or a variable, shows it in its own entry of `/proc` while it runs; that
//! is its caller's choice, so exactly that program is left out of the search, and nothing else.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use deploy_contrib::{context, file};
use deploy_core::event::{EventKind, Failure};
use deploy_core::prelude::*;
use deploy_core::report::{Files, Human, Json, Quiet, Tee};
use deploy_core::{Mode, Stdin};

/// Nothing that is waited for takes longer.
const LIMIT: Duration = Duration::from_secs(20);

/// Takes whatever a reporter writes.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Values that all hold the same word, and everything that was shown while they were used.
struct Search {
    core: String,
    plain: Secret,
    odd: Secret,
    key: Secret,
    shown: Buffer,
    /// What `--output-dir` writes.
    files: tempfile::TempDir,
}

impl Search {
    fn new(name: &str) -> Self {
        let core = format!("hunter2{name}{}", std::process::id());
        Self {
            plain: Secret::new(core.clone()),
            odd: Secret::new(format!("it's $({core}) \"ü\\q\" ")),
            key: Secret::new(format!("-----BEGIN {core}-----\nAAAA{core}\n----END {core}----\n")),
            shown: Buffer::default(),
            files: tempfile::tempdir().unwrap(),
            core,
        }
    }

    fn secrets(&self) -> [&Secret; 3] {
        [&self.plain, &self.odd, &self.key]
    }

    /// Every reporter listens to everything.
    fn env(&self, mode: Mode) -> Env {
        let sink = || self.shown.clone();
        let reporters: Tee = Tee::new()
            .and(Human::new(sink(), sink()).verbose(2).diff(true))
            .and(Human::new(sink(), sink()).verbose(2).gather(true).diff(true))
            .and(Json::new(sink()))
            .and(Quiet::new(sink(), sink()))
            .and(Files::new(&tempfile::tempdir_in(&self.files).unwrap().keep(), sink()).unwrap());
        Env::quiet().reporter(reporters).mode(mode)
    }

    /// What a program shows when it ends with this error, in every form.
    fn failed(&self, env: &Env, error: &Error) {
        writeln!(self.shown.clone(), "{error}\n{error:?}\n{:?}", error.kind()).unwrap();
        let failures = Failure::of(error);
        writeln!(self.shown.clone(), "{failures:?}").unwrap();
        env.emit(EventKind::Finished { exit_code: 1, failures });
    }

    /// Panics if the word is in anything that was shown.
    #[track_caller]
    fn nothing_was_shown(&self) -> String {
        for directory in std::fs::read_dir(self.files.path()).unwrap().flatten() {
            assert_eq!(files_with(&self.core, &directory.path()), [""; 0]);
        }
        let shown = self.shown.0.lock().unwrap().clone();
        if let Some(at) = find(&shown, self.core.as_bytes()) {
            let around = &shown[at.saturating_sub(200)..(at + 100).min(shown.len())];
            panic!("shown: {}", String::from_utf8_lossy(around));
        }
        String::from_utf8(shown).unwrap()
    }
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    text.windows(word.len()).position(|window| window == word)
}

/// The processes, with what of them holds the word. The one with exactly these arguments was given it.
fn processes_with(word: &str, given: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for process in std::fs::read_dir("/proc").unwrap().flatten() {
        let read = |name| std::fs::read(process.path().join(name)).unwrap_or_default();
        let arguments = read("cmdline");
        if arguments == given {
            continue;
        }
        for (name, content) in [("environ", read("environ")), ("cmdline", arguments)] {
            if find(&content, word.as_bytes()).is_some() {
                found.push(format!("{:?}: {name}", process.path()));
            }
        }
    }
    found
}

/// The files in a directory that hold the word.
fn files_with(word: &str, directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_file())
            && entry.metadata().is_ok_and(|it| it.len() < 1 << 20)
            && std::fs::read(entry.path()).is_ok_and(|it| find(&it, word.as_bytes()).is_some())
        {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}

/// Everything that may be done with secrets, once.
async fn use_them_all(search: &Search, env: &Env, directory: &Path) {
    let host = &Host::local().in_env(env);
    let path = |name: &str| RemotePath::new(directory.join(name).to_str().unwrap());
    for (index, secret) in search.secrets().into_iter().enumerate() {
        // Each command prints what it was given, on both streams, and fails with it.
        let echo = cmd!("printf '%s\\n' {secret}; printf 'no <%s>, 100%%' {secret} >&2; exit 3");
        let nested = cmd!("sh -c {echo}");
        let variable = host.env("TOKEN", secret);
        let traced = cmd!("set -x; : {secret}; exit 4");
        let slowly = cmd!(
            "for part in hunter 2; do printf $part; sleep 0.1; done; cat; cat nowhere; exit 5"
        )
        .stdin(secret);
        for (host, cmd) in [
            (host, echo),
            (host, nested),
            (&variable, cmd!("printenv TOKEN; printf '%s' \"$TOKEN\" >&2; exit 1")),
            (
                &host.prefix(cmd!("TOKEN={secret}")),
                cmd!("printf '%s\\n' \"$TOKEN\" | tee /dev/stderr; exit 1"),
            ),
            (host, cmd!("tee /dev/stderr; exit 1").stdin(secret)),
            (host, cmd!("( echo {secret}").described_as("a mistake")),
            (host, traced),
            (host, slowly),
            (host, cmd!("echo {secret} >&2; sleep 30").timeout(Duration::from_millis(300))),
        ] {
            writeln!(search.shown.clone(), "{cmd} {cmd:?} {secret:?}").unwrap();
            if let Err(error) = host.run(cmd).await {
                search.failed(env, &error);
            }
        }
        let name = format!("written{index}");
        host.write_file(path(&name), secret).await.unwrap();
        let content = Stdin::from(secret);
        writeln!(search.shown.clone(), "{content:?}").unwrap();
        if let Err(error) = host.write_file(path("no/such/directory"), content).await {
            search.failed(env, &error);
        }
        let password = file(path(&format!("ensured{index}")));
        for content in [secret, &Secret::new(format!("{}, too", secret.expose()))] {
            let password = password.clone().content(content);
            writeln!(search.shown.clone(), "{password:?}").unwrap();
            if env.current_mode() == Mode::Sandbox {
                // What was written for a real run is not there.
                drop(host.ensure(password).await);
                continue;
            }
            let change = host.ensure(password.clone()).await.unwrap();
            writeln!(search.shown.clone(), "{change:?} {}", change.diff()).unwrap();
            // The check prints the file itself.
            let itself = path(&format!("ensured{index}"));
            let check = cmd!("cat {itself} >&2; exit 9");
            let other = Secret::new(format!("{}\nother", secret.expose()));
            if let Err(error) = host.ensure(password.content(other).validate(check)).await {
                search.failed(env, &error);
            }
        }
        let template = file(path(&format!("template{index}")))
            .template("password = {{ it }}\n", context! { it => secret.expose() })
            .secret();
        drop(host.ensure(template).await);
    }
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_in_nothing_that_is_shown() {
    let search = Search::new("shown");
    for mode in [Mode::Apply, Mode::DryRun, Mode::Sandbox] {
        let directory = tempfile::tempdir().unwrap();
        use_them_all(&search, &search.env(mode), directory.path()).await;
        let shown = search.nothing_was_shown();
        assert!(shown.contains("<secret>"), "{shown}");
        let written = std::fs::read_dir(search.files.path()).unwrap().flatten();
        assert!(written.into_iter().any(|it| !files_with("<secret>", &it.path()).is_empty()));
        // What was asked for is there, whole, and nothing else is.
        let files = files_with(&search.core, directory.path());
        let asked = [
            "ensured0",
            "ensured1",
            "ensured2",
            "template0",
            "template1",
            "template2",
            "written0",
            "written1",
            "written2",
        ];
        assert_eq!(files, if mode == Mode::Apply { asked.to_vec() } else { vec![] });
        assert_eq!(files_with(&search.core, &std::env::temp_dir()), [""; 0]);
    }
}

#[tokio::test]
async fn the_program_gets_what_was_printed_as_it_was() {
    let search = Search::new("output");
    let host = Host::local().in_env(&search.env(Mode::Apply));
    for secret in search.secrets() {
        let output = host.run(cmd!("printf %s {secret}; printf %s {secret} >&2")).await.unwrap();
        assert_eq!(output.stdout, secret.expose().as_bytes());
        assert_eq!(output.stderr, secret.expose().as_bytes());
    }
    let shown = search.nothing_was_shown();
    assert!(shown.contains("| <secret>"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_a_line_without_end_is_hidden_wherever_it_is_cut() {
    let search = Search::new("long");
    let host = Host::local().in_env(&search.env(Mode::Apply));
    let secret = &search.plain;
    // Twice the length at which a line is shown in pieces, with the secret everywhere.
    let cmd =
        cmd!("i=0; while [ $i -lt 3000 ]; do printf '%01000d%s' 0 {secret}; i=$((i + 1)); done");
    let output = host.run(cmd).await.unwrap();
    assert_eq!(output.stdout.len(), 3000 * (1000 + search.core.len()));
    search.nothing_was_shown();
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_in_no_argument_list_and_no_environment() {
    let search = Search::new("proc");
    let directory = tempfile::tempdir().unwrap();
    for secret in search.secrets() {
        for with_input in [false, true] {
            let gate = directory.path().join("gate");
            assert!(make_pipe(&gate));
            let host = Host::local().in_env(&search.env(Mode::Apply)).env("SECRET", secret);
            // It waits in `cat`, which was given the variable.
            let gate_path = gate.to_str().unwrap();
            let mut wait = cmd!("printf %s {secret} | wc -c; cat {gate_path}");
            if with_input {
                wait = wait.stdin(secret);
            }
            let given = format!("cat\0{gate_path}\0");
            let running = tokio::spawn(host.run(wait));
            let is_there = |process: std::fs::DirEntry| {
                std::fs::read(process.path().join("cmdline")).is_ok_and(|it| it == given.as_bytes())
            };
            let start = Instant::now();
            while !std::fs::read_dir("/proc").unwrap().flatten().any(is_there) {
                assert!(start.elapsed() < LIMIT, "it does not run");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            assert_eq!(processes_with(&search.core, given.as_bytes()), [""; 0]);
            std::fs::write(&gate, "").unwrap();
            running.await.unwrap().unwrap();
            std::fs::remove_file(&gate).unwrap();
        }
    }
    search.nothing_was_shown();
}

/// Makes a pipe with a name, which holds back whoever reads it.
fn make_pipe(path: &Path) -> bool {
    std::process::Command::new("mkfifo").arg(path).status().is_ok_and(|status| status.success())
}
