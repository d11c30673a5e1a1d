//! Output that is too much, too little, no text, or not asked for.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use deploy_core::event::{Event, EventKind, Reporter, Stream};
use deploy_core::prelude::*;

use super::child;
use super::site::{HOST, row};

/// Collects the lines that a reporter is told.
#[derive(Clone, Default)]
pub(super) struct Lines(Arc<Mutex<Vec<String>>>);

impl Reporter for Lines {
    fn event(&self, event: &Event) {
        if let EventKind::Line { stream: Stream::Stdout, text, .. } = &event.kind {
            self.0.lock().unwrap().push(text.clone());
        }
    }
}

impl Lines {
    pub(super) fn taken(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    pub(super) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

#[test]
fn a_gigabyte() {
    row(150, async |site| {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut program = child::start("flood", &site.option, file.path());
        let status = tokio::task::spawn_blocking(move || program.wait()).await.unwrap().unwrap();
        assert!(status.success());
        let said = std::fs::read_to_string(file.path()).unwrap();
        let (growth, rest) = said.split_once(' ').unwrap();
        assert_eq!(rest, format!("true {} true", Output::LIMIT));
        // Twice what is kept, in a buffer that grows by doubling, and some for reads.
        assert!(growth.parse::<u64>().unwrap() < 64 << 10, "{growth} kB");
    });
}

/// Longer than the connection may be silent, and than the reporter is. The command ends when the reporter has spoken, so that no
/// machine is too slow for it.
#[test]
fn nothing_for_a_while() {
    row(120, async |site| {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut program = child::start("silence", &site.option, file.path());
        let shown = || std::fs::read_to_string(file.path()).unwrap();
        let deadline = Instant::now() + Duration::from_secs(80);
        while !shown().contains("still waiting for fault1 (") {
            assert!(program.try_wait().unwrap().is_none(), "it is over: {}", shown());
            assert!(Instant::now() < deadline, "{}", shown());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        site.inside("touch /home/deploy/speak");
        let status = tokio::task::spawn_blocking(move || program.wait()).await.unwrap().unwrap();
        assert!(status.success(), "{}", shown());
        site.inside("rm /home/deploy/speak");
    });
}

#[test]
fn bytes_that_are_no_text_and_come_in_pieces() {
    row(40, async |site| {
        let lines = Lines::default();
        let host = Host::ssh(HOST).in_env(&site.env().reporter(lines.clone()));
        let output = host
            .run(Cmd::raw(
                r"printf 'a\303'; sleep 0.2; printf '\244\360\237'; sleep 0.2; printf '\230\200\n\377\303'; sleep 0.2; printf '\ne'",
            ))
            .await
            .unwrap();
        assert_eq!(output.stdout, b"a\xc3\xa4\xf0\x9f\x98\x80\n\xff\xc3\ne");
        assert!(output.stdout_str().is_err());
        assert_eq!(lines.taken(), ["aä😀", "\u{fffd}\u{fffd}", "e"]);
        // Reads end anywhere in here.
        let output = host
            .run(Cmd::raw(
                r"n=0; while [ $n -lt 12 ]; do l=$l$l'ä€😀'; n=$((n+1)); done; printf '%s\377\n' $l $l $l $l",
            ))
            .await
            .unwrap();
        let mut expected = "ä€😀".repeat((1 << 12) - 1).into_bytes();
        expected.push(0xff);
        let expected = String::from_utf8_lossy(&expected).into_owned();
        assert_eq!(output.stdout.len(), 4 * (9 * ((1 << 12) - 1) + 2));
        let shown = lines.taken();
        assert!(shown.len() == 4 && shown.iter().all(|line| *line == expected));
    });
}

#[test]
fn a_line_of_ten_megabytes() {
    row(60, async |site| {
        let lines = Lines::default();
        let host = Host::ssh(HOST).in_env(&site.env().reporter(lines.clone()));
        let output = host
            .run(Cmd::raw(r"yes '€' | head -n 3500000 | tr -d '\n'; printf '\nend\n'"))
            .await
            .unwrap();
        assert!(output.truncated);
        assert_eq!(output.stdout.len(), Output::LIMIT);
        assert!(output.stdout.ends_with("€€\nend\n".as_bytes()));
        let mut shown = lines.taken();
        assert_eq!(shown.pop().unwrap(), "end");
        assert!(shown.concat() == "€".repeat(3_500_000), "in {} pieces", shown.len());
    });
}

#[test]
fn login_shells_that_print_banners() {
    const FILES: [(&str, &str); 5] = [
        ("shsh", ".profile"),
        ("bashsh", ".bashrc"),
        ("zshsh", ".zshenv"),
        ("fishsh", ".config/fish/config.fish"),
        ("cshsh", ".cshrc"),
    ];
    row(60, async |site| {
        for (user, file) in FILES {
            site.inside(&format!(
                "cd /home/{user} && mkdir -p .config/fish && \
                 printf 'echo WELCOME\\nsh -c \"echo WARNING >&2; printf torn\"\\n' >{file} && chown -R {user} ."
            ));
        }
        site.inside("echo BANNER >/etc/banner; /usr/sbin/sshd -p 2224 -o Banner=/etc/banner -o PidFile=none");
        for (user, _) in FILES {
            let host = Host::ssh(format!("{user}@{HOST}:2224")).in_env(&site.env());
            for _ in 0..2 {
                let output = host.run("id -un; echo err >&2").await.unwrap();
                assert_eq!(output.stdout_str().unwrap(), user);
                assert_eq!(output.stderr_str().unwrap(), "err", "{user}");
            }
            let echoed = host.run(cmd!("cat").stdin("in")).await.unwrap();
            assert_eq!((&*echoed.stdout, &*echoed.stderr), (&b"in"[..], &b""[..]), "{user}");
            host.write_file("file", "whole").await.unwrap();
            assert_eq!(host.read_file("file").await.unwrap(), b"whole", "{user}");
        }
        for (user, file) in FILES {
            site.inside(&format!("cd /home/{user} && rm -rf {file} .config file"));
        }
        site.inside("rm /etc/banner; kill $(ps -eo pid=,args= | grep '[-]p 2224.*listener' | awk '{print $1}')");
    });
}
