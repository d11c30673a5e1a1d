//! Checkouts of a repository in a directory.

use std::process::Command;

use deploy_contrib::git::GitRoles;
use deploy_contrib::{Git, git_checkout};

use crate::support::Bench;

/// Runs git in the repository `origin`.
fn git(bench: &Bench, args: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(bench.local("origin"))
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn commit(bench: &Bench, text: &str) -> String {
    bench.write("origin/file", text);
    git(bench, &["add", "file"]);
    git(bench, &["commit", "-q", "-m", text]);
    git(bench, &["rev-parse", "HEAD"])
}

#[tokio::test]
async fn checkout_follows_commits_branches_and_tags() {
    let bench = Bench::new();
    std::fs::create_dir(bench.local("origin")).unwrap();
    git(&bench, &["init", "-q", "-b", "main"]);
    let first = commit(&bench, "one");
    git(&bench, &["tag", "-a", "v1", "-m", "v1"]);
    let url = bench.local("origin").to_str().unwrap().to_owned();
    let at = |revision: &str| git_checkout(&url, bench.path("work")).revision(revision);

    bench.converges(at(&first)).await;
    assert_eq!(bench.read("work/file"), "one");
    let second = commit(&bench, "two");
    bench.converges(at(&second)).await;
    assert_eq!(bench.read("work/file"), "two");
    let diff = bench.converges(at("v1")).await;
    assert!(diff.contains(&format!("{} becomes {}", &second[..12], &first[..12])), "{diff}");
    bench.converges(at("main")).await;
    assert_eq!(bench.read("work/file"), "two");

    bench.write("work/file", "mine");
    let error = bench.host().ensure(at(&first)).await.unwrap_err().to_string();
    assert!(error.contains("changes of its own"), "{error}");
    assert_eq!(bench.read("work/file"), "mine");
    let error = bench.host().ensure(git_checkout(&url, bench.path("other")).revision("nope"));
    let error = error.await.unwrap_err().to_string();
    assert!(error.contains("has no revision nope"), "{error}");
}

#[tokio::test]
async fn as_a_component() {
    let bench = Bench::new();
    std::fs::create_dir(bench.local("origin")).unwrap();
    git(&bench, &["init", "-q", "-b", "main"]);
    commit(&bench, "one");
    let git = Git::builder()
        .repository(bench.local("origin").to_str().unwrap())
        .directory(bench.path("work"))
        .build()
        .bind_to(GitRoles { host: bench.host() }, &bench.env)
        .unwrap();
    git.checkout("main".to_owned()).await.unwrap();
    assert!(git.show().await.unwrap().contains("one (t, "));
    assert_eq!(git.status().await.unwrap(), "");
    bench.write("work/file", "mine");
    assert_eq!(git.status().await.unwrap(), " M file");
}
