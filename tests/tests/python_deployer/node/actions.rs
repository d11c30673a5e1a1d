//! Actions: arguments, results, failures, names, and what `self` is in them.

use deploy_core::prelude::*;
use deploy_core::testing::{Recorder, Reply};
use deploy_core::tree::Command;
use deploy_core::{Console, ExitCode, Value};

use crate::hosts;

/// A node with two roles that overlap.
#[node(roles(role1, role2))]
struct Two {}

#[node]
impl Two {
    /// Run on all, on one role, and on one host.
    pub async fn numbers(&self) -> Result<Vec<usize>> {
        let all = self.hosts().run("true").await?;
        let role = self.roles().role2.run("true").await?;
        let first = self.roles().role1.iter().next().ok_or_else(|| Error::msg("nobody"))?;
        let one: Output = first.run("true").await?;
        Ok(vec![all.len(), role.len(), usize::from(one.success())])
    }

    /// Fail.
    pub async fn fail(&self) -> Result {
        self.hosts().run("/bin/false").await?;
        Ok(())
    }

    /// Give back what it was given.
    pub async fn echo(
        &self,
        first: String,
        #[default(7)] number: u32,
        rest: Vec<String>,
        loud: bool,
    ) -> Result<String> {
        let end = if loud { "!" } else { "" };
        Ok(format!("{first} {number} {}{end}", rest.join("+")))
    }
}

/// Two levels down.
#[node(roles(role1, role2))]
struct Outer {
    #[node]
    a: Inner,
}

#[node(roles(role1, role2))]
struct Inner {
    #[node]
    b: Two,
}

fn two(recorder: &Recorder) -> Bound<Outer> {
    let roles = OuterRoles { role1: hosts("a,b"), role2: hosts("b") };
    Outer::builder().build().bind_to(roles, &recorder.env()).unwrap()
}

#[tokio::test]
async fn self_has_hosts_roles_and_single_hosts() -> Result {
    let recorder = Recorder::new();
    let root = two(&recorder);
    assert_eq!(root.a.b.numbers().await?, [2, 1, 1], "a host in two roles runs once");
    assert_eq!(recorder.commands("b").len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_failing_command_fails_its_action() {
    let recorder = Recorder::new().on("/bin/false", Reply::status(1));
    let root = two(&recorder);
    let error = root.a.b.fail().await.unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Failed);
    assert_eq!(error.failures().filter_map(Error::host_name).collect::<Vec<_>>(), ["a", "b"]);
    assert!(error.to_string().contains("/bin/false"), "{error}");
    let error = Tree::of(&root).resolve("a b").unwrap().call("fail", &[]).await.unwrap_err();
    assert_eq!(error.action(), Some("a b fail"), "{error}");
}

#[tokio::test]
async fn arguments_reach_an_action() -> Result {
    let root = two(&Recorder::new());
    let rest = vec!["x".to_owned(), "y".to_owned()];
    assert_eq!(root.a.b.echo("hi".to_owned(), 3, rest, true).await?, "hi 3 x+y!");
    let node = Tree::of(&root).resolve("a b")?;
    let value = node.call("echo", &["hi", "3", "x", "y", "--loud"]).await?;
    assert_eq!(value, Value::Text("hi 3 x+y!".to_owned()));
    assert_eq!(node.call("echo", &["hi"]).await?.to_string(), "hi 7 ");
    let error = node.call("echo", &["hi", "many"]).await.unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Usage);
    Ok(())
}

#[tokio::test]
async fn an_action_two_levels_down_is_called() -> Result {
    let root = two(&Recorder::new());
    let value = Tree::of(&root).resolve("a b")?.call("numbers", &[]).await?;
    assert_eq!(value.to_string(), "2\n1\n1");
    Ok(())
}

#[test]
fn an_action_has_a_name_and_a_path() -> Result {
    let root = two(&Recorder::new());
    let call = Tree::of(&root).resolve("a b")?.prepare("echo", &["x"])?;
    assert_eq!(call.action().name, "echo");
    assert_eq!(call.action().usage(), "echo <first> [number] [rest...] [--loud]");
    assert_eq!(call.path(), "a b echo");
    assert_eq!(format!("{call:?}"), "Call(\"a b echo\", [\"x\"])");
    Ok(())
}

/// A node whose actions are called by many names.
#[node]
struct Named {}

#[node]
impl Named {
    /// By two more.
    #[action(alias = "my_alias", alias = "b.c.d")]
    pub async fn work(&self) -> Result<&'static str> {
        Ok("worked")
    }

    /// By one that is none of Rust's.
    #[action(name = "2to3")]
    pub async fn two_to_three(&self) -> Result<u8> {
        Ok(23)
    }
}

#[tokio::test]
async fn an_action_is_called_by_its_aliases() -> Result {
    let root = Named::builder().build().bind(&Recorder::new().env())?;
    assert_eq!(root.work().await?, "worked");
    let node = Tree::of(&root).root();
    for name in ["work", "my_alias"] {
        assert_eq!(node.call(name, &[]).await?.to_string(), "worked");
    }
    assert_eq!(node.actions().len(), 2, "an alias is no action of its own");
    Ok(())
}

#[tokio::test]
async fn an_alias_may_hold_dots() -> Result {
    let root = Named::builder().build().bind(&Recorder::new().env())?;
    let node = Tree::of(&root).root();
    assert_eq!(node.call("b.c.d", &[]).await?.to_string(), "worked");
    assert_eq!(node.call("2to3", &[]).await?.to_string(), "23");
    assert!(node.call("two_to_three", &[]).await.is_err(), "the given name is the name");
    Ok(())
}

/// A node that does something when it alone is named.
#[node]
struct Entry {
    #[node]
    child: Plain,

    #[node]
    cells: Array<Cell>,

    #[node]
    none: Named,
}

#[node]
impl Entry {
    /// What the root does.
    #[action(default)]
    pub async fn run(&self) -> Result<&'static str> {
        Ok("root")
    }
}

#[node]
struct Plain {}

#[node]
impl Plain {
    /// What the child does.
    #[action(default)]
    pub async fn run(&self) -> Result<&'static str> {
        Ok("child")
    }
}

#[node(parallel)]
struct Cell {}

#[node]
impl Cell {
    /// What a cell does.
    #[action(default)]
    pub async fn run(&self) -> Result<String> {
        Ok(self.host().name().to_owned())
    }
}

#[tokio::test]
async fn a_node_alone_runs_its_default_action() -> Result {
    let roles = EntryRoles { host: hosts("a,b") };
    let root = Entry::builder().build().bind_to(roles, &Recorder::new().env())?;
    let tree = Tree::of(&root);
    let run = async |words: &[&str]| match tree.command(words)? {
        Command::Call(call) => call.run().await.map(|value| value.to_string()),
        other => Err(Error::msg(format!("{other:?}"))),
    };
    assert_eq!(run(&[]).await?, "root");
    assert_eq!(run(&["child"]).await?, "child");
    assert_eq!(run(&["cells"]).await?, "a: a\nb: b");
    assert_eq!(run(&["cells:b"]).await?, "b");
    assert!(matches!(tree.command(&["none"])?, Command::Node(_)));
    Ok(())
}

#[tokio::test]
async fn contexts_nest_and_belong_to_a_value() -> Result {
    let roles = EntryRoles { host: Hosts::from(Host::local()) };
    let root = Entry::builder().build().bind_to(roles, &Env::quiet())?;
    let root_dir = root.hosts().cd("/");
    let pwd = async |hosts: &Hosts| -> Result<String> {
        let outputs = hosts.run("pwd").await?;
        let one = outputs.values().next().ok_or_else(|| Error::msg("nobody"))?;
        Ok(one.stdout_str()?.to_owned())
    };
    assert_eq!(pwd(&root_dir).await?, "/");
    assert_eq!(pwd(&root_dir.cd("usr")).await?, "/usr");
    assert_eq!(pwd(&root_dir).await?, "/", "what was made of it does not change it");
    assert_ne!(pwd(root.hosts()).await?, "/");
    let one = root.cells.cells()[0].host().cd("/usr").cd("bin");
    assert_eq!(one.run("pwd").await?.stdout_str()?, "/usr/bin");
    Ok(())
}

#[test]
fn a_node_has_the_console_of_its_environment() -> Result {
    for (console, interactive) in
        [(Console::interactive(), true), (Console::non_interactive(), false)]
    {
        let env = Recorder::new().env().with_console(console);
        let root = Named::builder().build().bind(&env)?;
        assert_eq!(root.console().is_interactive(), interactive);
    }
    Ok(())
}
