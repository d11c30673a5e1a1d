//! Hooks: which are called around which action, in which order, and what their failures come to.

use std::sync::Mutex;

use deploy_core::prelude::*;
use deploy_core::testing::{Recorder, Reply};

/// What was called, in order; every test has a process or a root of its own.
#[derive(Debug, Default)]
struct Log(Mutex<Vec<String>>);

impl Log {
    fn add(&self, text: impl Into<String>) {
        self.0.lock().unwrap().push(text.into());
    }

    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

type Shared = std::sync::Arc<Log>;

#[node(parallel)]
struct Web;

#[node]
impl Web {
    pub async fn deploy(&self, commit: String) -> Result<String> {
        self.host().run(cmd!("deploy {commit}")).await?;
        Ok(commit)
    }

    #[action(lock)]
    pub async fn locked(&self) -> Result {
        self.host().run("work").await.map(drop)
    }
}

#[node]
struct Root {
    log: Shared,
    /// What fails: `before`, `after`, `failed`.
    failing: &'static str,
    #[node]
    #[hosts(host = ["web[1-2]"])]
    web: Array<Web>,
}

impl Root {
    fn said(&self, moment: &str, text: String) -> Result {
        self.log.add(format!("{moment} {text}"));
        if self.failing == moment {
            bail!("the hook says no");
        }
        Ok(())
    }
}

#[node]
impl Root {
    /// Calls another action by name.
    pub async fn both(&self) -> Result {
        self.log.add("both");
        self.web.deploy("1".to_owned()).await?;
        let other = Root::builder().log(self.log.clone()).build().bind(self.env())?;
        Tree::of(&other).resolve("web")?.call("deploy", &["2"]).await?;
        Ok(())
    }

    #[hook(before)]
    async fn first(&self, call: &Call) -> Result {
        self.said("before", format!("{} {:?}", call.path(), call.words()))
    }

    #[hook(before)]
    async fn second(&self, call: &Call) -> Result {
        self.log.add(format!("and {}", call.action().name));
        Ok(())
    }

    #[hook(after)]
    async fn tell(&self, call: &Call, value: &Value) -> Result {
        self.said("after", format!("{}: {value}", call.path()))
    }

    #[hook(failed)]
    async fn warn(&self, call: &Call, error: &Error) -> Result {
        self.web
            .get("web1")
            .map(|web| web.host().run("hook"))
            .ok_or_else(|| Error::msg("no web1"))?
            .await?;
        self.said("failed", format!("{}: {error}", call.path()))
    }
}

async fn call(
    recorder: &Recorder,
    failing: &'static str,
    words: &[&str],
) -> (Vec<String>, Result<Value>) {
    let log = Shared::default();
    let root = Root::builder().log(log.clone()).failing(failing).build();
    let root = root.bind(&recorder.env()).unwrap();
    let tree = Tree::of(&root);
    let (node, action) = if words[0] == "web" { ("web", 1) } else { ("", 0) };
    let result = tree.resolve(node).unwrap().call(words[action], &words[action + 1..]).await;
    (log.taken(), result)
}

#[tokio::test]
async fn they_are_called_around_an_action_in_the_order_in_which_they_are_written() {
    let (log, result) = call(&Recorder::new(), "", &["web", "deploy", "4f2"]).await;
    result.unwrap();
    let expected =
        [r#"before web deploy ["4f2"]"#, "and deploy", "after web deploy: web1: 4f2\nweb2: 4f2"];
    assert_eq!(log, expected);
}

#[tokio::test]
async fn an_action_that_hooks_refuse_does_not_run() {
    let recorder = Recorder::new();
    let (log, result) = call(&recorder, "before", &["web", "deploy", "4f2"]).await;
    let error = result.unwrap_err();
    assert_eq!(
        (error.to_string().as_str(), error.action()),
        ("the hook says no", Some("web deploy"))
    );
    assert_eq!(log, [r#"before web deploy ["4f2"]"#]);
    assert!(recorder.all_commands().is_empty());
}

#[tokio::test]
async fn what_the_action_failed_with_is_told_and_stays_what_it_was() {
    let recorder = Recorder::new().on_host("web2", "deploy *", Reply::status(3));
    let (log, result) = call(&recorder, "", &["web", "deploy", "4f2"]).await;
    let error = result.unwrap_err();
    assert_eq!(error.host_name(), Some("web2"));
    assert_eq!(log[2], format!("failed web deploy: {error}"));
    let (_, result) = call(&recorder, "failed", &["web", "deploy", "4f2"]).await;
    let errors: Vec<_> = result.unwrap_err().failures().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 2);
    assert!(errors[0].starts_with("web2: ") && errors[1] == "the hook says no", "{errors:?}");
}

#[tokio::test]
async fn a_hook_that_fails_afterwards_makes_the_call_fail() {
    let (log, result) = call(&Recorder::new(), "after", &["web", "deploy", "4f2"]).await;
    assert_eq!(result.unwrap_err().to_string(), "the hook says no");
    assert_eq!(log.len(), 3, "{log:?}");
}

#[tokio::test]
async fn calls_within_a_call_and_methods_call_none() {
    let recorder = Recorder::new();
    let (log, result) = call(&recorder, "", &["both"]).await;
    result.unwrap();
    assert_eq!(log, ["before both []", "and both", "both", "after both: "]);
    assert_eq!(recorder.commands("web1"), ["deploy 1", "deploy 2"]);
    let log = Shared::default();
    let root = Root::builder().log(log.clone()).build().bind(&recorder.env()).unwrap();
    root.web.deploy("3".to_owned()).await.unwrap();
    assert!(log.taken().is_empty());
}

#[tokio::test]
async fn they_are_within_the_lock() {
    let recorder = Recorder::new().on("work", Reply::status(1));
    let (_, result) = call(&recorder, "", &["web", "locked"]).await;
    result.unwrap_err();
    let commands = recorder.commands("web1");
    assert_eq!(commands, ["take the deploy lock", "work", "hook", "free the deploy lock"]);
}

#[test]
fn hooks_that_would_never_be_called_are_a_mistake() {
    #[node]
    struct Above {
        #[node]
        below: Root,
    }
    let above = Above::builder().build().bind(&Recorder::new().env()).unwrap();
    let error = Tree::of(&above).check().unwrap_err().to_string();
    assert!(error.contains("`Root` has hooks and is not the root"), "{error}");
}
