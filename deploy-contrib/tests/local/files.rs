//! Files, directories, links.

use std::os::unix::fs::PermissionsExt as _;

use deploy_contrib::{absent, context, directory, file, link, upload};
use deploy_core::{Cmd, Secret};

use crate::support::Bench;

fn mode(bench: &Bench, name: &str) -> u32 {
    std::fs::metadata(bench.local(name)).unwrap().permissions().mode() & 0o7777
}

#[tokio::test]
async fn a_file_is_written_and_changed() {
    let bench = Bench::new();
    let motd = bench.path("motd");
    let diff = bench.converges(file(&motd).content("hello\n")).await;
    assert!(diff.contains("+hello"), "{diff}");
    assert_eq!(mode(&bench, "motd"), 0o644);
    let diff = bench.converges(file(&motd).content("hello\nworld\n").mode(0o600)).await;
    assert!(diff.contains(" hello\n+world") && diff.contains("mode 0644 becomes 0600"), "{diff}");
    assert_eq!((bench.read("motd").as_str(), mode(&bench, "motd")), ("hello\nworld\n", 0o600));
    // Without a mode it keeps the one that it has.
    bench.converges(file(&motd).content("bye\n")).await;
    assert_eq!(mode(&bench, "motd"), 0o600);
    bench.converges(file(&motd).mode(0o640)).await;
    assert_eq!((bench.read("motd").as_str(), mode(&bench, "motd")), ("bye\n", 0o640));
    assert_eq!(bench.entries(), ["motd"]);
}

#[tokio::test]
async fn odd_content_and_odd_names_are_kept() {
    let bench = Bench::new();
    let content = b"\x00\xff'$(id)`\n\n\n".to_vec();
    let name = "it's $(a) \"file\"\n-x";
    bench.converges(file(bench.path(name)).content(content.clone())).await;
    assert_eq!(std::fs::read(bench.local(name)).unwrap(), content);
    bench.converges(file(bench.path("empty")).content("")).await;
    bench.converges(file(bench.path("there"))).await;
    assert_eq!(bench.read("there"), "");
}

#[tokio::test]
async fn a_secret_is_in_no_diff() {
    let bench = Bench::new();
    let password = bench.path("password");
    let diff = bench.converges(file(&password).content(Secret::from("hunter2"))).await;
    assert!(diff.contains("<secret content changed>") && !diff.contains("hunter2"), "{diff}");
    assert_eq!((bench.read("password").as_str(), mode(&bench, "password")), ("hunter2", 0o600));
    let diff = bench.converges(file(&password).content(Secret::from("hunter3"))).await;
    assert!(!diff.contains("hunter"), "{diff}");
}

#[tokio::test]
async fn a_template_is_filled_in_and_its_mistakes_are_named() {
    let bench = Bench::new();
    let site = bench.path("site.conf");
    bench
        .converges(
            file(&site).template("server_name {{ domain }};\n", context! { domain => "a.b" }),
        )
        .await;
    assert_eq!(bench.read("site.conf"), "server_name a.b;\n");
    let wrong = file(&site).template("\n{{ domian }}\n", context! { domain => "a.b" });
    let error = bench.host().ensure(wrong).await.unwrap_err().to_string();
    assert!(error.contains("line 2: `domian` is not defined"), "{error}");
    assert!(error.contains(site.as_str()), "{error}");
    bench.write("t.j2", "{{ a }}{{ b }}");
    let wrong = file(&site).template_file(bench.local("t.j2"), context! { a => 1 });
    let error = bench.host().ensure(wrong).await.unwrap_err().to_string();
    assert!(error.contains("t.j2, line 1: `b` is not defined"), "{error}");
}

#[tokio::test]
async fn what_does_not_pass_its_check_is_taken_back() {
    let bench = Bench::new();
    let conf = bench.path("conf");
    let check = || Cmd::script("grep -q good \"$1\" || { echo bad >&2; exit 3; }", [&conf]);
    let bad = || file(&conf).content("bad\n").validate(check());
    let error = bench.host().ensure(bad()).await.unwrap_err().to_string();
    assert!(error.contains("bad") && error.contains("did not pass"), "{error}");
    assert_eq!(bench.entries(), [""; 0]);
    bench.converges(file(&conf).content("good\n").validate(check())).await;
    assert!(bench.host().ensure(bad()).await.is_err());
    assert_eq!((bench.read("conf").as_str(), bench.entries()), ("good\n", vec!["conf".to_owned()]));
}

#[tokio::test]
async fn a_link_is_followed_and_switched() {
    let bench = Bench::new();
    bench.write("a", "a");
    bench.converges(link(bench.path("current"), "a")).await;
    bench.converges(file(bench.path("current")).content("new")).await;
    assert_eq!(bench.read("a"), "new");
    assert!(bench.local("current").is_symlink());
    bench.converges(directory(bench.path("b"))).await;
    let diff = bench.converges(link(bench.path("current"), "b")).await;
    assert!(diff.contains("a becomes b"), "{diff}");
    // A link to a directory is itself replaced, not filled.
    bench.converges(link(bench.path("current"), "a")).await;
    assert_eq!(bench.entries(), ["a", "b", "current"]);
    assert!(bench.host().ensure(link(bench.path("a"), "b")).await.is_err());
}

#[tokio::test]
async fn a_directory_comes_with_those_above_it() {
    let bench = Bench::new();
    bench.converges(directory(bench.path("a/b c/d")).mode(0o700)).await;
    assert_eq!(mode(&bench, "a/b c/d"), 0o700);
    bench.converges(directory(bench.path("a/b c/d")).mode(0o750)).await;
    bench.write("file", "");
    assert!(bench.host().ensure(directory(bench.path("file"))).await.is_err());
    assert!(bench.host().ensure(file(bench.path("a")).content("x")).await.is_err());
}

#[tokio::test]
async fn absent_takes_away_everything_but_never_a_root() {
    let bench = Bench::new();
    bench.converges(directory(bench.path("a/b"))).await;
    bench.converges(absent(bench.path("a"))).await;
    assert_eq!(bench.entries(), [""; 0]);
    for root in ["/", "//", "~", "", ".", "/.."] {
        assert!(bench.host().ensure(absent(root)).await.is_err(), "{root}");
    }
}

#[tokio::test]
async fn an_upload_is_compared_by_content() {
    let bench = Bench::new();
    let big: String = "0123456789abcdef".repeat(40_000);
    bench.write("local", &big);
    let to = || upload(bench.local("local"), bench.path("remote")).executable();
    bench.converges(to()).await;
    assert_eq!((bench.read("remote") == big, mode(&bench, "remote")), (true, 0o755));
    bench.write("remote", &big.replace("9a", "a9"));
    let diff = bench.converges(to()).await;
    assert!(diff.contains("content changed, from"), "{diff}");
    let error = bench.host().ensure(upload("/no/such/file", bench.path("x"))).await.unwrap_err();
    assert!(error.to_string().contains("/no/such/file"), "{error}");
}

#[tokio::test]
async fn a_file_in_a_directory_that_comes_before_it() {
    let bench = Bench::new();
    let ops = || (directory(bench.path("d")), file(bench.path("d/f")).content("x"));
    let change = bench.host().ensure_all(ops()).await.unwrap();
    assert!(change.parts().iter().all(deploy_core::Change::changed));
    assert!(!bench.host().ensure_all(ops()).await.unwrap().changed());
}
