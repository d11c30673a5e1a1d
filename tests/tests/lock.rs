//! The deploy lock as a program sees it: who takes it, and what a run does when others hold it. What the shell makes of it on real hosts is the lab's
//! to show (`lab/lock.rs`).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use deploy_core::event::{Event, EventKind, Reporter};
use deploy_core::prelude::*;
use deploy_core::testing::{Recorder, Reply};

const TAKE: &str = "take the deploy lock";
const FREE: &str = "free the deploy lock";

/// Of another run, as a host tells it.
const HELD: &str = r#"bob
0f1e2d3c4b5a69780f1e2d3c4b5a6978
{"who":"bob@desk","what":"web deploy","since":1700000000,"pid":7,"run":"0f1e2d3c4b5a69780f1e2d3c4b5a6978"}
"#;

#[node(parallel)]
struct Web;

#[node]
impl Web {
    /// Deploys.
    #[action(lock)]
    pub async fn deploy(&self) -> Result {
        self.host().run("deploy").await.map(drop)
    }

    /// Looks.
    pub async fn look(&self) -> Result {
        self.host().run("look").await.map(drop)
    }
}

#[node]
struct Root {
    #[node]
    #[hosts(host = ["web[1-3]"])]
    web: Array<Web>,
}

fn held() -> Reply {
    Reply::status(75).stdout(HELD)
}

fn bound(env: &Env) -> Bound<Root> {
    Root::builder().build().bind(env).unwrap()
}

/// Runs the action as the command line does.
async fn call(env: &Env, action: &str) -> Result {
    let root = bound(env);
    Tree::of(&root).resolve("web")?.call(action, &[]).await.map(drop)
}

#[tokio::test]
async fn an_action_that_says_so_locks_its_hosts_while_it_runs() {
    let recorder = Recorder::new();
    call(&recorder.env(), "deploy").await.unwrap();
    for host in ["web1", "web2", "web3"] {
        assert_eq!(recorder.commands(host), [TAKE, "deploy", FREE]);
    }
    recorder.clear();
    call(&recorder.env(), "look").await.unwrap();
    bound(&recorder.env()).web.deploy().await.unwrap();
    assert_eq!(recorder.commands("web1"), ["look", "deploy"], "what did not say so, and a method");
    recorder.clear();
    call(&recorder.env().dry_run(), "deploy").await.unwrap();
    assert!(recorder.all_commands().is_empty());
}

/// A `?` before `release` is what a program does sooner or later.
#[tokio::test]
async fn a_lock_that_is_dropped_frees_its_hosts() {
    let recorder = Recorder::new().on_host("web2", "migrate", Reply::status(3));
    let env = recorder.env();
    let hosts = Hosts::parse("web[1-3]").unwrap().in_env(&env);
    let migrate = async {
        let lock = hosts.lock("migrate").await?;
        hosts.run("migrate").await?;
        lock.release().await
    };
    migrate.await.unwrap_err();
    let freed = async {
        while recorder.all_commands().iter().filter(|it| it.ends_with(FREE)).count() < 3 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), freed).await.expect("nobody freed them");
    env.finish().await;
    assert_eq!(recorder.commands("web2"), [TAKE, "migrate", FREE], "and once");
}

#[tokio::test]
async fn hosts_are_freed_when_the_action_fails() {
    let recorder = Recorder::new().on_host("web2", "deploy", Reply::status(3));
    call(&recorder.env(), "deploy").await.unwrap_err();
    for host in ["web1", "web2", "web3"] {
        assert_eq!(recorder.commands(host), [TAKE, "deploy", FREE]);
    }
}

#[tokio::test]
async fn nothing_begins_while_another_run_holds_a_host() {
    let recorder = Recorder::new().on_host("web1", TAKE, held());
    let error = call(&recorder.env(), "deploy").await.unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("web1: locked by bob@desk since 2023-11-14T22:13:20Z, "), "{text}");
    assert!(text.contains(" ago: web deploy\n"), "{text}");
    assert!(text.contains("`web lock release`") && text.contains("--lock-wait"), "{text}");
    assert_eq!(error.action(), Some("web deploy"));
    assert_eq!(recorder.commands("web1"), [TAKE], "what others hold is not freed");
    for host in ["web2", "web3"] {
        assert_eq!(recorder.commands(host), [TAKE, FREE]);
    }
}

/// Of two that want the same hosts, the one with the first of them goes on: it keeps that and waits for the other to give back the rest.
#[tokio::test]
async fn only_hosts_before_the_first_that_others_hold_are_kept() {
    let recorder = Recorder::new().on_host("web2", TAKE, held());
    let error = call(&recorder.env(), "deploy").await.unwrap_err();
    assert_eq!(error.host_name(), Some("web2"));
    assert_eq!(recorder.commands("web1"), [TAKE, FREE]);
    let last = recorder.commands("web3");
    assert!(last.len() > 2 && last.chunks(2).all(|pair| pair == [TAKE, FREE]), "{last:?}");
}

#[tokio::test]
async fn a_host_that_is_not_reached_is_left_to_the_action() {
    let gone = Reply::unreachable(deploy_core::Unreachable::Refused);
    let recorder = Recorder::new().on_host("web2", "*", gone);
    let error = call(&recorder.env(), "deploy").await.unwrap_err();
    assert_eq!(error.failures().count(), 1);
    assert_eq!(recorder.commands("web1"), [TAKE, "deploy", FREE]);
    assert_eq!(recorder.commands("web2"), [TAKE, "deploy"]);
}

#[tokio::test]
async fn a_host_without_room_for_the_lock_is_not_deployed_to() {
    let full = Reply::status(1).stderr("No space left on device");
    let recorder = Recorder::new().on_host("web3", TAKE, full);
    let error = call(&recorder.env(), "deploy").await.unwrap_err();
    assert!(error.to_string().contains("No space left"), "{error}");
    assert_eq!(recorder.commands("web1"), [TAKE, FREE]);
    assert_eq!(recorder.commands("web3"), [TAKE]);
}

#[tokio::test]
async fn locks_of_one_run_are_within_each_other() {
    let recorder = Recorder::new();
    let env = recorder.env();
    let root = bound(&env);
    let outer = root.web.hosts().lock("both").await.unwrap();
    Tree::of(&root).resolve("web:web1").unwrap().call("deploy", &[]).await.unwrap();
    let again = root.web.get("web2").unwrap().host().sudo().cd("/srv").lock("more").await.unwrap();
    assert_eq!(again.hosts().len(), 1);
    outer.release().await.unwrap();
    assert_eq!(recorder.commands("web1"), [TAKE, "deploy", FREE]);
    assert_eq!(recorder.commands("web2"), [TAKE], "held by the other lock still");
    assert_eq!(recorder.commands("web3"), [TAKE, FREE]);
    drop(again);
    env.finish().await;
    assert_eq!(recorder.commands("web2"), [TAKE, FREE], "the end of the run frees the rest");
    env.finish().await;
    assert_eq!(recorder.all_commands().len(), 7);
}

/// Cancels the run as soon as it waits.
#[derive(Clone, Default)]
struct OnWaiting {
    cancel: Arc<Mutex<Option<Env>>>,
    seen: Arc<Mutex<Vec<EventKind>>>,
}

impl Reporter for OnWaiting {
    fn event(&self, event: &Event) {
        self.seen.lock().unwrap().push(event.kind.clone());
        if let (EventKind::LockWaiting { .. }, Some(env)) =
            (&event.kind, &*self.cancel.lock().unwrap())
        {
            env.cancellation().cancel();
        }
    }
}

#[tokio::test]
async fn waiting_says_whom_for_and_can_be_cancelled() {
    let recorder = Recorder::new().on_host("web2", TAKE, held());
    let reporter = OnWaiting::default();
    let env = recorder.env().reporter(reporter.clone()).lock_wait(Duration::from_secs(3600));
    *reporter.cancel.lock().unwrap() = Some(env.clone());
    let error = call(&env, "deploy").await.unwrap_err();
    assert_eq!(error.exit_code(), deploy_core::ExitCode::Interrupted, "{error}");
    assert_eq!(recorder.commands("web1"), [TAKE, FREE]);
    assert_eq!(recorder.commands("web3"), [TAKE, FREE]);
    let seen = reporter.seen.lock().unwrap();
    let waited: Vec<_> = seen
        .iter()
        .filter_map(|kind| match kind {
            EventKind::LockWaiting { host, holder, .. } => Some((host, holder.as_ref()?)),
            _ => None,
        })
        .collect();
    let [(host, holder)] = waited[..] else { panic!("{waited:?}") };
    assert_eq!((host.as_str(), holder.who.as_str()), ("web2", "bob@desk"));
}

#[tokio::test]
async fn who_locked_and_freed_is_told_as_events() {
    let (recorder, reporter) = (Recorder::new(), OnWaiting::default());
    call(&recorder.env().reporter(reporter.clone()), "deploy").await.unwrap();
    let names: Vec<_> = ["web1", "web2", "web3"].map(str::to_owned).into();
    let seen = reporter.seen.lock().unwrap();
    let told = seen.iter().filter_map(|kind| match kind {
        EventKind::Locked { hosts } => Some(("locked", hosts)),
        EventKind::Unlocked { hosts } => Some(("unlocked", hosts)),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), [("locked", &names), ("unlocked", &names)]);
}
