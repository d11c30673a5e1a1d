//! The web-system example as its user meets it: a program, run with arguments in a home of its own.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The built example and a home directory for it.
#[derive(Debug)]
pub struct WebSystem {
    program: PathBuf,
    home: TempDir,
}

/// What one run came to.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub code: Option<i32>,
    /// What it returned.
    pub stdout: String,
    /// What it said meanwhile.
    pub stderr: String,
}

impl WebSystem {
    /// Builds the example as these tests were built.
    ///
    /// # Panics
    /// When it does not build.
    #[must_use]
    pub fn new() -> Self {
        let test = std::env::current_exe().expect("the path of this test");
        let profile = test.ancestors().nth(2).expect("the directory of the profile");
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "web-system"]);
        if profile.file_name() == Some(OsStr::new("release")) {
            build.arg("--release");
        }
        let target = profile.parent().expect("the target directory");
        build.env("CARGO_TARGET_DIR", target).current_dir(env!("CARGO_MANIFEST_DIR"));
        assert!(build.status().expect("cargo runs").success(), "web-system does not build");
        let home = TempDir::with_prefix("web-system").expect("a temporary directory");
        Self { program: profile.join("web-system"), home }
    }

    /// Its home directory.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Runs it with `args`; `env` is set in addition.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn run(&self, args: &[&str], env: &[(&str, &str)]) -> Run {
        let mut command = Command::new(&self.program);
        // The toolchain and its downloads stay where they are; only our own data moves.
        let real_home = std::env::home_dir().expect("a home directory");
        for (variable, directory) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            if std::env::var_os(variable).is_none() {
                command.env(variable, real_home.join(directory));
            }
        }
        command.args(args).env("HOME", self.home.path()).env_remove("XDG_DATA_HOME");
        command.env("NO_COLOR", "1").envs(env.iter().copied());
        let output = command.output().expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Run {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

impl Default for WebSystem {
    fn default() -> Self {
        Self::new()
    }
}

impl Run {
    /// Its standard output, if it ended with 0.
    ///
    /// # Panics
    /// With all that it said, if it did not.
    #[must_use]
    #[track_caller]
    pub fn ok(&self) -> &str {
        assert_eq!(self.code, Some(0), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self.stdout.trim_end()
    }
}
