//! The application as a program: checked out and built once, on this machine, and kept by revision.

use std::path::{Path, PathBuf};

use deploy_contrib::{directory, git_checkout, upload};
use deploy_core::Mode;
use deploy_core::prelude::*;

use crate::control;

/// The package of the web service in its repository, and its program.
pub(crate) const PROGRAM: &str = "web-service";

/// A revision, built.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    /// The full name of its commit.
    pub(crate) revision: String,
    /// The program. In a dry run of something never built it is not there.
    pub(crate) binary: Option<PathBuf>,
}

/// Builds `commit` of `repository`, or its `HEAD`, unless that was done before.
///
/// # Errors
/// When there is no such commit or it does not build.
pub(crate) async fn build(env: &Env, repository: &str, commit: Option<&str>) -> Result<Release> {
    let here = Host::local().in_env(env);
    let revision = resolve(&here, repository, commit.unwrap_or("HEAD")).await?;
    let base = control::build_directory();
    let binary = base.join("releases").join(&revision).join(PROGRAM);
    if binary.exists() {
        return Ok(Release { revision, binary: Some(binary) });
    }
    let source = base.join("source");
    here.ensure(git_checkout(repository, path(&source)?).revision(&revision)).await?;
    let manifest = source.join("Cargo.toml");
    let target = base.join("build");
    here.env("CARGO_TARGET_DIR", &target)
        .run(cmd!("cargo build --release --locked --manifest-path {manifest} -p {PROGRAM}"))
        .await?;
    if env.current_mode() != Mode::Apply {
        return Ok(Release { revision, binary: None });
    }
    let built = target.join("release").join(PROGRAM);
    here.ensure_all((
        directory(path(&base.join("releases").join(&revision))?),
        upload(built, path(&binary)?).executable(),
    ))
    .await?;
    Ok(Release { revision, binary: Some(binary) })
}

/// The full name of a commit.
async fn resolve(here: &Host, repository: &str, commit: &str) -> Result<String> {
    let is_full = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_full {
        return Ok(commit.to_owned());
    }
    let peeled = format!("{commit}^{{}}");
    let asked = if Path::new(repository).is_dir() {
        cmd!("git -C {repository} rev-parse --verify --end-of-options {peeled}")
    } else {
        cmd!("git ls-remote --exit-code -- {repository} {commit} {peeled}")
    };
    match here.probe(asked).await {
        // An annotated tag is listed before the commit that it means.
        Ok(out) => {
            let last = out.lines().last();
            let name = last.as_deref().and_then(|line| line.split_whitespace().next());
            // A sandbox asks nobody, and so gets no answer.
            Ok(name.unwrap_or(commit).to_owned())
        }
        Err(error) => Err(Error::usage_with_hint(
            format!("{repository} has no commit `{commit}`"),
            format!("give a commit, a branch or a tag; {error}"),
        )),
    }
}

fn path(path: &Path) -> Result<RemotePath> {
    match path.to_str() {
        Some(path) => Ok(RemotePath::new(path)),
        None => bail!("{} is not UTF-8", path.display()),
    }
}
