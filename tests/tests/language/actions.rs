//! Arguments, names and options of actions, as the tree and the command line see them.

use deploy_core::prelude::*;
use deploy_core::testing::Recorder;
use deploy_core::tree::Command;
use deploy_core::{ExitCode, Value};

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Strategy {
    /// One after the other.
    Rolling,
    #[value(alias = "bg")]
    BlueGreen,
}

#[derive(Debug, serde::Serialize)]
pub struct Report {
    hosts: usize,
    text: String,
}

#[node(parallel)]
struct App {
    /// Never shown.
    #[default("hunter2")]
    token: Secret,
    retries: Option<u32>,
}

#[node]
impl App {
    /// All kinds of arguments.
    ///
    /// And a second paragraph.
    #[allow(clippy::too_many_arguments, reason = "one of each kind")]
    pub async fn deploy(
        &self,
        /// What is deployed.
        commit: String,
        strategy: Strategy,
        #[default(3)] retries: u32,
        #[default("main")] branch: String,
        note: Option<String>,
        force: bool,
        hosts: Vec<u16>,
    ) -> Result<String> {
        let retries = retries + self.retries.unwrap_or_default();
        Ok(format!("{commit} {strategy:?} {retries} {branch} {note:?} {force} {hosts:?}"))
    }

    /// Runs when the node alone is named.
    #[action(default)]
    pub async fn status(&self) -> Result<Report> {
        Ok(Report { hosts: 1, text: "up".to_owned() })
    }

    #[action(name = "2to3", alias = "manage.py", alias = "manage")]
    pub async fn migrate(&self) -> Result {
        Ok(())
    }

    #[action(one_host)]
    pub async fn shell(&self) -> Result<String> {
        Ok(self.host().name().to_owned())
    }

    #[action(confirm = "Really?", no_result)]
    pub async fn destroy(&self) -> Result<App2> {
        Ok(App2)
    }
}

pub struct App2;

#[node]
struct Root {
    #[node(retries = 3)]
    #[hosts(host = ["a[1-2]"])]
    app: Array<App>,
}

fn tree(env: &Env) -> Result<Tree> {
    Ok(Tree::of(&Root::builder().build().bind(env)?))
}

async fn run(env: &Env, words: &[&str]) -> Result<Value> {
    match tree(env)?.command(words)? {
        Command::Call(call) => call.run().await,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn words_become_typed_arguments() -> Result {
    let env = Recorder::new().env();
    let deploy = ["app:a1", "deploy", "4f2c9e1", "bg"];
    let with = |more: &[&'static str]| [&deploy[..], more].concat();
    assert_eq!(run(&env, &with(&[])).await?.to_string(), "4f2c9e1 BlueGreen 6 main None false []");
    assert_eq!(
        run(&env, &with(&["5", "dev", "why", "--force", "1", "2"])).await?.to_string(),
        "4f2c9e1 BlueGreen 8 dev Some(\"why\") true [1, 2]"
    );
    for (words, expected) in [
        (with(&["many"]), "`many` is no value for `retries`"),
        (with(&["1", "b", "n", "70000"]), "`70000` is no value for `hosts`"),
        (with(&["--forse"]), "did you mean `--force`?"),
        (vec!["app:a1", "deploy", "x", "roling"], "did you mean `rolling`?"),
        (vec!["app:a1", "deploy", "x", "fast"], "`strategy` is one of rolling, blue-green"),
        (
            vec!["app:a1", "deploy"],
            "usage: deploy <commit> <strategy> [retries] [branch] [note] [--force] [hosts...]",
        ),
    ] {
        let error = run(&env, &words).await.unwrap_err();
        assert_eq!(error.exit_code(), ExitCode::Usage, "{words:?}");
        assert!(error.to_string().contains(expected), "{words:?}: {error}");
    }
    Ok(())
}

/// Can be read when it is checked, for one call, and then not any more, as a name that nobody has by then.
#[derive(Debug)]
struct Ticket(String);

impl std::str::FromStr for Ticket {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        static READ: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());
        let mut read = READ.lock().unwrap();
        read.push(word.to_owned());
        match read.iter().filter(|other| *other == word).count() {
            1 | 2 => Ok(Self(word.to_owned())),
            _ => Err("it is used".to_owned()),
        }
    }
}

#[node]
struct Gate;

#[node]
impl Gate {
    /// An argument of a normal node need not be `Clone`.
    pub async fn enter(&self, ticket: Ticket) -> Result<String> {
        Ok(ticket.0)
    }
}

#[tokio::test]
async fn a_call_has_values_of_its_own() -> Result {
    let tree = Tree::of(&Gate::builder().build().bind(&Recorder::new().env())?);
    let Command::Call(call) = tree.command(&["enter", "first"])? else { panic!("no call") };
    assert_eq!(call.run().await?.to_string(), "first");
    // The same call once more: what its word meant is asked again.
    let error = call.run().await.unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Usage);
    assert!(error.to_string().contains("`first` is no value for `ticket`: it is used"), "{error}");
    Ok(())
}

#[test]
fn actions_describe_themselves() -> Result {
    let tree = tree(&Env::quiet())?;
    let app = tree.resolve("app")?;
    let deploy = app.action("deploy").unwrap();
    assert_eq!(deploy.summary(), "All kinds of arguments.");
    assert_eq!(deploy.params[0].doc, "What is deployed.");
    assert_eq!(deploy.params[1].values(), ["rolling", "blue-green"]);
    assert_eq!(deploy.params[2].default, Some("3"));
    for name in ["2to3", "manage.py", "manage"] {
        assert_eq!(app.action(name).map(|action| action.name), Some("2to3"));
    }
    assert!(app.action("migrate").is_none());
    let cell = tree.resolve("app:a1")?;
    let shown: Vec<String> =
        cell.properties().iter().map(|p| format!("{}={}", p.name, p.value)).collect();
    assert_eq!(shown, ["token=<secret>", "retries=Some(3)"]);
    Ok(())
}

#[tokio::test]
async fn results_are_values() -> Result {
    let env = Recorder::new().env();
    let one = run(&env, &["app:a1"]).await?;
    assert_eq!(one.to_json(), serde_json::json!({"hosts": 1, "text": "up"}));
    assert_eq!(one.to_string(), "hosts: 1\ntext: up");
    let all = run(&env, &["app"]).await?;
    assert_eq!(all.to_json()["a2"]["text"], "up");
    Ok(())
}

#[tokio::test]
async fn an_action_of_one_host_says_which() -> Result {
    let env = Recorder::new().env();
    let error = run(&env, &["app", "shell"]).await.unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Usage);
    assert!(error.to_string().contains("say on which of a1, a2"), "{error}");
    assert_eq!(run(&env, &["app:a2", "shell"]).await?.to_string(), "a2");
    Ok(())
}

#[tokio::test]
async fn an_action_that_wants_a_confirmation_does_not_run_without_one() -> Result {
    let env = Recorder::new().env();
    let error = run(&env, &["app", "destroy"]).await.unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Usage);
    assert!(error.to_string().contains("Really?"), "{error}");
    let yes = env.with_console(deploy_core::Console::always_yes());
    assert!(run(&yes, &["app", "destroy"]).await?.is_none());
    Ok(())
}
