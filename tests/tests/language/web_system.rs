//! The system of the introduction: what its parts do on which hosts.

use deploy_core::prelude::*;
use deploy_core::testing::{Recorder, Reply};
use deploy_core::tree::Command;
use deploy_core::{ExitCode, Value};

use super::{Git, Root, Service, WebSystem};

fn bound(recorder: &Recorder) -> Bound<Root> {
    Root::builder().build().bind(&recorder.env()).unwrap()
}

fn all(recorder: &Recorder) -> Vec<(&'static str, Vec<String>)> {
    ["localhost", "lb0", "web1", "web2", "web3", "db1", "db2", "cache"]
        .into_iter()
        .map(|host| (host, recorder.commands(host)))
        .filter(|(_, commands)| !commands.is_empty())
        .collect()
}

#[tokio::test]
async fn roles_are_mapped_and_values_set() -> Result {
    let recorder = Recorder::new().on("psql *", "1");
    let root = bound(&recorder);
    root.production.database.start().await?;
    assert_eq!(root.production.database.query("select 'x'".to_owned()).await?, "1");
    root.production.cache.stop().await?;
    root.staging.cache.stop().await?;
    assert_eq!(
        all(&recorder),
        [
            ("localhost", vec!["sudo: systemctl stop redis-server".to_owned()]),
            (
                "db1",
                vec![
                    "sudo: systemctl start postgresql".to_owned(),
                    "user=postgres: psql -Atc 'select '\\''x'\\'''".to_owned()
                ]
            ),
            ("db2", vec!["sudo: systemctl start postgresql".to_owned()]),
            ("cache", vec!["sudo: systemctl stop redis".to_owned()]),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn an_array_runs_an_action_on_every_cell() -> Result {
    let recorder = Recorder::new();
    let root = bound(&recorder);
    let done = root.production.web.deploy("4f2c9e1".to_owned()).await?;
    assert_eq!(done.len(), 3);
    let commands = [
        "git -C ~/app fetch git@github.com:example/example.git 4f2c9e1",
        "sudo: systemctl restart web",
    ];
    for host in ["web1", "web2", "web3"] {
        assert_eq!(recorder.commands(host), commands);
    }
    let web = &root.production.web;
    assert_eq!(web.len(), 3);
    assert_eq!(web.get("web2").map(Node::path), Some("production web:web2"));
    assert_eq!(web.get("web2").map(|web| web.git.path()), Some("production web:web2 git"));
    assert_eq!(web.cells().len(), 3);
    assert_eq!(web.iter().count(), 3);
    for cell in web {
        assert_eq!(cell.host().name(), cell.git.host().name());
    }
    let names = web.each(async |web| Ok(web.host().name().to_owned())).await;
    assert_eq!(names.get("web3").unwrap().as_ref().unwrap(), "web3");
    Ok(())
}

#[tokio::test]
async fn a_rollout_stops_where_a_host_fails() {
    let recorder = Recorder::new().on_host("web1", "sudo: systemctl *", Reply::status(1));
    let root = bound(&recorder);
    let web = root.production.web.serial().max_fail(1);
    let error = web.restart().await.unwrap_err();
    assert_eq!(error.failures().count(), 3);
    assert_eq!(recorder.commands("web2"), [""; 0]);
    assert!(error.to_string().contains("web3: not attempted"), "{error}");
}

#[tokio::test]
async fn the_tree_calls_by_name() -> Result {
    let recorder = Recorder::new().on("git *", "4f2c9e1");
    let root = bound(&recorder);
    let tree = Tree::of(&root);
    tree.check()?;

    let database = tree.resolve("production database")?;
    assert_eq!(database.path(), "production database");
    assert!(database.action("start").is_some(), "inherited");
    database.call("start", &[]).await?;
    assert_eq!(recorder.commands("db2"), ["sudo: systemctl start postgresql"]);

    let some = tree.resolve("production web:web[1-2]")?;
    assert_eq!(some.cells(), ["web1", "web2"]);
    let value = some.call("restart", &[]).await?;
    assert!(value.is_none());
    assert_eq!(recorder.commands("web3"), [""; 0]);

    let value = tree.resolve("production web git")?.call("show", &[]).await?;
    let shown = |host: &str| (host.to_owned(), Value::Text("4f2c9e1".to_owned()));
    assert_eq!(value, Value::PerHost(vec![shown("web1"), shown("web2"), shown("web3")]));
    let value = tree.resolve("production web:web2 git")?.call("show", &[]).await?;
    assert_eq!(value, Value::Text("4f2c9e1".to_owned()));
    Ok(())
}

#[tokio::test]
async fn an_error_says_in_which_action_and_on_which_host() -> Result {
    let recorder = Recorder::new().on("*", Reply::status(1).stderr("no such unit"));
    let tree = Tree::of(&bound(&recorder));
    let error = tree.resolve("production web:web1")?.call("restart", &[]).await.unwrap_err();
    assert_eq!(error.action(), Some("production web:web1 restart"));
    assert_eq!(error.host_name(), Some("web1"));
    assert_eq!(error.exit_code(), ExitCode::Failed);
    Ok(())
}

#[test]
fn the_tree_is_walked_and_filtered() -> Result {
    let recorder = Recorder::new();
    let root = bound(&recorder);
    let tree = Tree::of(&root);
    let paths = |walk: deploy_core::tree::Walk| walk.map(|node| node.path()).collect::<Vec<_>>();
    assert_eq!(
        paths(tree.walk()),
        [
            "",
            "staging",
            "staging cache",
            "staging database",
            "staging web",
            "staging web git",
            "production",
            "production cache",
            "production database",
            "production web",
            "production web git",
        ]
    );
    let gits = tree.walk().filter(is::<Git>() & !private() & in_group("production"));
    assert_eq!(paths(gits), ["production web git"]);
    let services = tree.walk().filter(is::<Service>() & in_group("staging"));
    assert_eq!(paths(services), ["staging cache", "staging database"]);
    assert_eq!(paths(tree.find("web*")), ["staging web", "production web"]);
    assert_eq!(tree.walk().filter(has_action("ask")).count(), 2);

    let system = tree.resolve("production")?;
    assert_eq!(system.type_name(), "WebSystem");
    let roles: Vec<String> =
        system.roles().iter().map(|(name, hosts)| format!("{name}: {hosts}")).collect();
    assert_eq!(
        roles,
        [
            "load_balancer: lb0, lb1",
            "web: web1, web2, web3",
            "master_db: db1",
            "slave_db: db2",
            "queue: queue",
            "cache: cache"
        ]
    );
    let cache = tree.resolve("production cache")?;
    let shown: Vec<String> =
        cache.properties().iter().map(|p| format!("{}={}", p.name, p.value)).collect();
    assert_eq!(shown, ["name=redis", "unit=redis.service"]);
    Ok(())
}

#[test]
fn hosts_of_a_result_stay_in_their_order() -> Result {
    let runs: PerHost<u8> =
        ["web2", "web10", "web1"].map(|name| (Host::ssh(name), 0)).into_iter().collect();
    let value = Value::of(&runs)?;
    assert_eq!(value.to_string(), "web2: 0\nweb10: 0\nweb1: 0");
    Ok(())
}

#[test]
fn mistakes_are_usage_errors_with_a_suggestion() {
    let recorder = Recorder::new();
    let root = bound(&recorder);
    let tree = Tree::of(&root);
    for (words, expected) in [
        (&["prodution"][..], "did you mean `production`?"),
        (&["production", "databse", "start"], "did you mean `database`?"),
        (&["production", "database", "strat"], "did you mean `start`?"),
        (&["production", "web:web4", "restart"], "did you mean `web:web"),
        (&["production", "web:web[1-4]", "restart"], "no cell `web4`"),
        (&["production", "web", "deploy"], "needs its argument `commit`"),
        (&["production", "web", "deploy", "a", "b"], "takes no argument `b`"),
        (&["production", "web", "deploy", "--force"], "no option `--force`"),
        (&["production", "cache:cache", "start"], "no cells"),
    ] {
        let error = match tree.command(words) {
            Err(error) => error,
            Ok(command) => panic!("{words:?}: {command:?}"),
        };
        assert_eq!(error.exit_code(), ExitCode::Usage, "{words:?}");
        assert!(error.to_string().contains(expected), "{words:?}: {error}");
    }
    assert!(matches!(tree.command(&["production"]), Ok(Command::Node(_))));
    assert!(all(&recorder).is_empty());
}

#[test]
fn a_role_of_one_that_is_left_empty_is_reported_at_start() {
    let error = WebSystem::builder().repository("x").build().bind(&Env::quiet()).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("role `master_db` of `the root` takes exactly one host and has none"),
        "{text}"
    );
    assert!(text.contains("`bind_to`"), "{text}");
}
