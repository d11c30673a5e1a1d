//! `host_container_test.py`: what many hosts can do.

use deploy_core::prelude::*;
use deploy_core::testing::Recorder;

use crate::{hosts, named};

/// This machine by several names.
fn locals(names: &[&str]) -> Hosts {
    names.iter().map(|name| Host::local().named(*name)).collect()
}

/// Three roles that share a host.
#[node(roles(role1, role2, role3))]
struct Roles {}

fn three(env: &Env) -> Bound<Roles> {
    let roles = RolesRoles {
        role1: locals(&["a"]),
        role2: locals(&["b", "c", "d"]),
        role3: locals(&["d", "e"]),
    };
    Roles::builder().build().bind_to(roles, env).unwrap()
}

fn texts(values: &PerHost<Output>) -> Vec<String> {
    values.values().map(|output| output.stdout_str().unwrap().to_owned()).collect()
}

#[test]
fn hosts_are_a_set_in_order() {
    let node = three(&Recorder::new().env());
    let all = node.hosts();
    assert_eq!(all.names(), ["a", "b", "c", "d", "e"], "a host of two roles is one host");
    assert_eq!((all.len(), all.is_empty()), (5, false));
    assert_eq!(all.iter().count(), 5);
    let two = node.roles().role1.union(&node.roles().role3);
    assert_eq!(two.names(), ["a", "d", "e"]);
    assert_eq!(all.filter(|host| host.name() > "c").names(), ["d", "e"]);
    assert_eq!(all.get("b").map(Host::name), Some("b"));
    assert!(all.get("x").is_none());
    assert!(Hosts::default().is_empty());
    assert_eq!(format!("{two:?}"), r#"Hosts(["a", "d", "e"])"#);
    let roles: Vec<String> = Tree::of(&node)
        .root()
        .roles()
        .iter()
        .map(|(name, hosts)| format!("{name}={}", hosts.len()))
        .collect();
    assert_eq!(roles, ["role1=1", "role2=3", "role3=2"]);
}

#[test]
fn patterns_stand_for_hosts() {
    assert_eq!(hosts("web[08-10],db1").names(), ["web08", "web09", "web10", "db1"]);
    assert_eq!(hosts("a,b,a").len(), 2);
    assert_eq!(hosts("deploy@web[1-2].example.com:2222").len(), 2);
    assert!(Hosts::parse("web[1-").is_err());
    assert_eq!(hosts("local").names(), ["localhost"]);
}

#[tokio::test]
async fn a_command_runs_once_on_each_host() -> Result {
    let node = three(&Env::quiet());
    let outputs = node.hosts().run("echo test").await?;
    assert_eq!(texts(&outputs), ["test"; 5]);
    assert_eq!(texts(&node.hosts().env("V", "x").run("echo $V").await?), ["x"; 5]);
    let some = node.roles().role2.env("V", "y");
    assert_eq!(texts(&some.run("echo $V").await?), ["y"; 3]);
    assert_eq!(texts(&node.hosts().run("echo $V").await?), [""; 5], "and nobody else has it");
    Ok(())
}

#[tokio::test]
async fn questions_are_asked_on_each_host() -> Result {
    let node = three(&Env::quiet());
    let exists = node.hosts().each(async |host| host.exists("/").await).await.all_ok()?;
    assert!(exists.values().all(|exists| *exists));
    let has = |name: &'static str| async move {
        let host = Host::local();
        host.has_command(name).await
    };
    assert!(has("sh").await?);
    assert!(!has("no-such-command-at-all").await?);
    let many = node.hosts().each(async |host| host.has_command("sh").await).await.all_ok()?;
    assert_eq!(named(&many).len(), 5);
    Ok(())
}

#[tokio::test]
async fn a_directory_is_of_every_host() -> Result {
    let node = three(&Env::quiet());
    assert_eq!(texts(&node.hosts().cd("/").run("pwd").await?), ["/"; 5]);
    let one = node.roles().role1.iter().next().ok_or_else(|| Error::msg("nobody"))?;
    assert_eq!(one.cd("/").run("pwd").await?.stdout_str()?, "/");
    Ok(())
}

#[tokio::test]
async fn questions_follow_the_directory() -> Result {
    let directory = tempfile::tempdir()?;
    std::fs::create_dir(directory.path().join("inner"))?;
    let host = Host::local().cd(directory.path().display().to_string());
    assert!(host.exists("inner").await?);
    assert!(!host.exists("none").await?);
    assert!(!host.cd("inner").exists("inner").await?);
    Ok(())
}

#[tokio::test]
async fn a_prefix_runs_first() -> Result {
    let node = three(&Env::quiet());
    let outputs = node.roles().role3.prefix("echo before").run("echo test").await?;
    assert_eq!(texts(&outputs), ["before\ntest"; 2]);
    Ok(())
}

#[tokio::test]
async fn a_leading_tilde_is_expanded() -> Result {
    let path = RemotePath::new("~/a b");
    let node = three(&Env::quiet());
    let home = Host::local().home().await?;
    let outputs = node.roles().role3.run(cmd!("echo {path}")).await?;
    let expected = home.join("a b");
    assert_eq!(texts(&outputs), [expected.as_str(); 2]);
    Ok(())
}

#[tokio::test]
async fn files_are_written_host_by_host() -> Result {
    let directory = tempfile::tempdir()?;
    let node = three(&Env::quiet().dry_run());
    let file = directory.path().join("file").display().to_string();
    let written =
        node.hosts().each(async |host| host.write_file(file.clone(), "content").await).await;
    assert_eq!(written.failed().count(), 0);
    assert!(!directory.path().join("file").exists(), "a dry run writes nothing");
    Ok(())
}
