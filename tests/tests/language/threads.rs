//! What goes from thread to thread: calls by name do, whatever the action holds; an action that cannot says so.

use std::pin::pin;
use std::rc::Rc;

use deploy_core::prelude::*;
use deploy_core::testing::Recorder;
use deploy_core::{ExitCode, NodeRef};
use tokio::sync::Semaphore;

static GO: Semaphore = Semaphore::const_new(0);

#[node(parallel)]
struct Web;

#[node]
impl Web {
    /// Holds nothing.
    pub async fn free(&self) -> Result<String> {
        self.host().run("true").await?;
        Ok("done".to_owned())
    }

    /// Holds what may not leave its thread.
    pub async fn bound(&self) -> Result<String> {
        let text = Rc::new("done".to_owned());
        self.host().run("true").await?;
        Ok(text.as_str().to_owned())
    }

    /// The same, and waits.
    pub async fn waiting(&self) -> Result {
        let held = Rc::new(());
        let _permit = GO.acquire().await;
        drop(held);
        Ok(())
    }
}

#[node]
struct Root {
    #[node]
    #[hosts(host = ["web[1-2]"])]
    web: Array<Web>,
}

fn web() -> Result<NodeRef> {
    Tree::of(&Root::builder().build().bind(&Recorder::new().env())?).resolve("web")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_by_name_can_be_spawned() -> Result {
    let web = web()?;
    let call = web.prepare::<&str>("free", &[])?;
    let first = tokio::spawn(async move { call.run().await });
    let second = tokio::spawn(async move { web.call("free", &[]).await });
    assert_eq!(first.await??, second.await??);
    Ok(())
}

#[tokio::test]
async fn an_action_that_is_not_send_runs_where_it_began() -> Result {
    let web = web()?;
    let local = tokio::task::LocalSet::new();
    let done = local.run_until(async { web.call("bound", &[]).await }).await?;
    assert_eq!(done.to_json(), serde_json::json!({"web1": "done", "web2": "done"}));
    Ok(())
}

#[test]
fn an_action_that_is_not_send_does_not_go_on_in_another_thread() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut call = Box::pin(async { web()?.call("waiting", &[]).await });
    runtime().block_on(async {
        assert!(futures_util::poll!(pin!(&mut call)).is_pending());
    });
    GO.add_permits(2);
    let error = std::thread::spawn(move || runtime().block_on(call)).join().unwrap().unwrap_err();
    assert!(error.to_string().contains("is not `Send`"), "{error}");
    assert_eq!(error.exit_code(), ExitCode::Usage);
}
