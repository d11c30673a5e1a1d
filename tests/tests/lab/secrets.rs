//! A whole deployment with secrets, over ssh and through sudo: they are in no output, log, report, argument list, environment or
//! file, here or on the hosts, as they are or encoded. Searched for byte by byte.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::lab::Lab;
use crate::watch::Moment;

/// Everything that a secret may have become on its way, and the places where any of it was found.
struct Search {
    forms: Vec<Vec<u8>>,
}

impl Search {
    fn new(word: &str) -> Self {
        let bytes = word.as_bytes();
        let each = |form: &dyn Fn(&u8) -> String| bytes.iter().map(form).collect::<String>();
        let mut forms = vec![
            word.to_owned(),
            each(&|byte| format!("{byte:02x}")),
            each(&|byte| format!("{byte:02X}")),
            each(&|byte| format!("{byte:02x} ")),
            each(&|byte| format!("%{byte:02X}")),
            each(&|byte| format!("%{byte:02x}")),
            each(&|byte| format!("\\{byte:03o}")),
            each(&|byte| format!("\\0{byte:03o}")),
            each(&|byte| format!("\\x{byte:02x}")),
            each(&|byte| format!("\\u{byte:04x}")),
            each(&|byte| format!("{byte}, ")),
            each(&|byte| format!("{}\0", char::from(*byte))),
            bytes.iter().rev().map(|byte| char::from(*byte)).collect(),
        ];
        // It may begin at each of three places in a group, and what surrounds it shows in the outermost letters.
        forms.extend(
            (0..3).map(|skip| base64(&bytes[skip..bytes.len() - (bytes.len() - skip) % 3])),
        );
        Self { forms: forms.into_iter().map(String::into_bytes).collect() }
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms.iter().any(|form| find(bytes, form).is_some())
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |group: &[u8]| {
        let number = group.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(LETTERS[number >> shift & 63]))
    };
    bytes.chunks_exact(3).flat_map(group).collect()
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    // Most bytes are told apart by the first one, which keeps this fast enough without optimisation.
    let mut from = 0;
    while let Some(at) = bytes.get(from..)?.iter().position(|byte| *byte == word[0]) {
        from += at;
        if bytes[from..].starts_with(word) {
            return Some(from);
        }
        from += 1;
    }
    None
}

/// Looks at the arguments and the environment of every process, of this machine and of the hosts, which are below it, again and again
/// while `work` is done. Gives the places where a word is, such as `environ of sleep`.
fn sampled<T>(words: [&Search; 2], work: impl FnOnce() -> T) -> (T, [BTreeSet<String>; 2]) {
    let over = AtomicBool::new(false);
    let look = || {
        let mut found = [BTreeSet::new(), BTreeSet::new()];
        while !over.load(Ordering::Relaxed) {
            for process in std::fs::read_dir("/proc").unwrap().flatten() {
                for name in ["cmdline", "environ"] {
                    // Both are of processes alone; one that is gone meanwhile holds nothing.
                    let bytes = std::fs::read(process.path().join(name)).unwrap_or_default();
                    for (word, found) in words.iter().zip(&mut found) {
                        if word.is_in(&bytes) {
                            let program = std::fs::read_to_string(process.path().join("comm"));
                            found.insert(format!(
                                "{name} of {}",
                                program.unwrap_or_default().trim()
                            ));
                        }
                    }
                }
            }
        }
        found
    };
    std::thread::scope(|scope| {
        let sampler = scope.spawn(look);
        let result = work();
        over.store(true, Ordering::Relaxed);
        (result, sampler.join().unwrap())
    })
}

/// Where the program keeps what it is told to write.
struct Place {
    directory: tempfile::TempDir,
    secrets: tempfile::TempDir,
}

impl Place {
    fn new(lab: &Lab, word: &str, canary: &str) -> Self {
        let place =
            Self { directory: tempfile::tempdir().unwrap(), secrets: tempfile::tempdir().unwrap() };
        let password = std::fs::read(lab.ssh_config.with_file_name("sudo_password")).unwrap();
        for (name, text) in
            [("words", format!("{word}\n{canary}\n").into_bytes()), ("password", password)]
        {
            let file = place.secrets.path().join(name);
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        place
    }

    fn run(&self, lab: &Lab, number: usize, options: &[&str]) -> Output {
        let file = |kind: &str| self.directory.path().join(format!("{kind}{number}"));
        let mut program = Command::new(env!("CARGO_BIN_EXE_secret_tree"));
        program.args(["vault", "spend", "--non-interactive"]).args(options);
        program.arg("--log").arg(file("log")).arg("--report").arg(file("report"));
        program.arg("--ssh-config").arg(&lab.ssh_config);
        program.env("DEPLOY_TEST_SECRETS", self.secrets.path().join("words"));
        program.env("DEPLOY_SUDO_PASSWORD_FILE", self.secrets.path().join("password"));
        let output = program.output().unwrap();
        std::fs::write(file("stdout"), &output.stdout).unwrap();
        std::fs::write(file("stderr"), &output.stderr).unwrap();
        output
    }
}

#[test]
fn secrets_of_a_deployment_are_nowhere() {
    let Some(lab) = Lab::get() else { return };
    let number = std::process::id();
    let (word, canary) = (format!("hunter2q{number}zx"), format!("canary7k{number}vw"));
    let password = std::fs::read_to_string(lab.ssh_config.with_file_name("sudo_password")).unwrap();
    let (secret, shown) = (Search::new(&word), Search::new(&canary));
    let password = Search::new(password.trim());
    let place = Place::new(&lab, &word, &canary);

    let runs: [(&[&str], i32); 4] = [
        (&["-vv", "--diff", "--trace"], 1),
        (&["-vv", "--diff", "--output", "json"], 1),
        (&["-vv", "--diff", "--dry-run", "--trace"], 4),
        (&["-vv", "--sandbox"], 1),
    ];
    let (codes, found) = sampled([&secret, &shown], || {
        let run = |(number, (options, _)): (usize, &(&[&str], i32))| {
            place.run(&lab, number, options).status.code()
        };
        runs.iter().enumerate().map(run).collect::<Vec<_>>()
    });
    let said = |number: usize| {
        std::fs::read_to_string(place.directory.path().join(format!("stderr{number}"))).unwrap()
    };
    for (number, (code, (_, expected))) in codes.iter().zip(&runs).enumerate() {
        assert_eq!(*code, Some(*expected), "{number}: {}", said(number));
    }

    let [of_secret, of_canary] = found;
    assert_eq!(of_secret, BTreeSet::new());
    // What was given to programs was seen in both places, so the secret would have been.
    for place in ["cmdline of sh", "environ of sleep"] {
        assert!(of_canary.contains(place), "{of_canary:?}");
    }

    // What the runs have shown and written here, with the sockets' directory and whatever else came up beside them.
    let directory = place.directory.path();
    let shown_in = |name: &str| shown.is_in(&std::fs::read(directory.join(name)).unwrap());
    for name in ["stdout0", "stderr0", "log0", "report0", "stdout1", "log1", "stderr2"] {
        assert!(shown_in(name), "the canary is not in {name}");
    }
    let mut files = Vec::new();
    walk(directory, &mut files);
    let temporary = std::env::temp_dir();
    for entry in std::fs::read_dir(&temporary).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path() != place.secrets.path()
            && (name.contains("deploy") || !entry.path().is_dir())
        {
            walk(&entry.path(), &mut files);
        }
    }
    let here = files.len();
    // What the hosts have on their disks and in memory, with journal, auth.log and sshd's log.
    for (root, paths) in Moment::now(&lab.ssh_config).files() {
        files.extend(paths.map(|path| PathBuf::from(format!("{root}{path}"))));
    }
    assert!(here > runs.len() * 4 && files.len() > here + 100, "{here} of {}", files.len());
    for file in files {
        let bytes = match std::fs::metadata(&file) {
            Ok(it) if it.is_file() && it.len() < 64 << 20 => {
                std::fs::read(&file).unwrap_or_default()
            }
            _ => continue,
        };
        for (what, search) in [("a secret", &secret), ("the password", &password)] {
            assert!(!search.is_in(&bytes), "{what} is in {}", file.display());
        }
    }
}

/// All files at and below a path. What is gone meanwhile, or is nobody's to read, was not ours.
fn walk(path: &Path, files: &mut Vec<PathBuf>) {
    let Ok(metadata) = std::fs::symlink_metadata(path) else { return };
    if metadata.is_file() {
        files.push(path.to_owned());
    } else if metadata.is_dir() {
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
            walk(&entry.path(), files);
        }
    }
}

#[test]
fn every_form_is_found() {
    let search = Search::new("hunter2");
    for text in [
        "xhunter2x",
        "68756e74657232",
        "%68%75%6E%74%65%72%32",
        "aHVudGVyMg==",
        "eGh1bnRlcjI=",
        "eHhodW50ZXIy",
        r"\0150\0165\0156\0164\0145\0162\0062",
        r"\u0068\u0075\u006e\u0074\u0065\u0072\u0032",
        "2retnuh",
    ] {
        assert!(search.is_in(text.as_bytes()), "{text}");
    }
    assert!(!search.is_in(b"hunter 2"));
}
